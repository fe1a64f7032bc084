//! Reading of a Collibra asset export: JSON in, merged assets out.
//!
//! Every quirk that real exports have is accepted (see [`read`]); what is dropped is
//! counted in a [`Dropped`], so that the log can say so.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// Why a file is no catalog export. The message fits one line of the log.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not JSON, or not of the shape of an export.
    #[error("is no asset export: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON of the right shape in which no table could be found.
    #[error(
        "is no asset export: none of its {records} assets is a table or view (typeName) whose schema is known (parent or fullName)"
    )]
    NoTables {
        /// How many records were read.
        records: usize,
    },
}

/// The fields the service reads; all others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
pub(super) enum Field {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "displayName")]
    DisplayName,
    #[serde(rename = "fullName")]
    FullName,
    #[serde(rename = "typeName")]
    TypeName,
    /// Misspelt at the source; the right spellings occur too.
    #[serde(
        rename = "Hierarcy Relation",
        alias = "Hierarchy Relation",
        alias = "hierarchyRelation"
    )]
    Parent,
    #[serde(rename = "status")]
    Status,
    #[serde(rename = "articulationScore")]
    ArticulationScore,
    #[serde(rename = "validationResult")]
    ValidationResult,
    #[serde(rename = "description")]
    Description,
    #[serde(rename = "descriptionFromSourceSystem")]
    SourceDescription,
    #[serde(rename = "czechDescription")]
    CzechDescription,
    #[serde(rename = "businessName")]
    BusinessName,
    #[serde(rename = "ownerInSource")]
    Owner,
    #[serde(rename = "securityClassification")]
    SecurityClassification,
    #[serde(rename = "sapSourceName")]
    SourceName,
    #[serde(rename = "technicalDataType")]
    DataType,
    #[serde(rename = "columnPosition")]
    Position,
    #[serde(rename = "isNullable")]
    Nullable,
    #[serde(rename = "isPrimaryKey")]
    PrimaryKey,
    #[serde(rename = "mappingTable")]
    MappingTable,
    #[serde(rename = "mappingColumn")]
    MappingColumn,
    #[serde(other)]
    Other,
}

/// A scalar of the export. Fields are typed by hand at the source: a number can come as
/// text and a flag as a number, so the reader of a field converts.
#[derive(Debug, Clone, PartialEq)]
enum Scalar<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Flag(bool),
}

/// How many of the fields a column of a real export has: with room for them from the
/// start, reading touches each page of memory once.
const USUAL_FIELDS: usize = 12;

/// One asset: the fields that were there and said something, in the order they came.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Asset<'a> {
    fields: Vec<(Field, Scalar<'a>)>,
}

impl<'a> Asset<'a> {
    fn scalar(&self, field: Field) -> Option<&Scalar<'a>> {
        self.fields
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self, field: Field) -> Option<&str> {
        match self.scalar(field)? {
            Scalar::Text(text) => Some(text),
            Scalar::Number(_) | Scalar::Flag(_) => None,
        }
    }

    pub(super) fn owned_text(&self, field: Field) -> Option<Box<str>> {
        self.text(field).map(Box::from)
    }

    pub(super) fn number(&self, field: Field) -> Option<f64> {
        match self.scalar(field)? {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) => text.parse().ok().filter(|n: &f64| n.is_finite()),
            Scalar::Flag(_) => None,
        }
    }

    pub(super) fn flag(&self, field: Field) -> Option<bool> {
        match self.scalar(field)? {
            Scalar::Flag(flag) => Some(*flag),
            Scalar::Number(number) => Some(*number != 0.0),
            Scalar::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Scalar::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Scalar::Text(_) => None,
        }
    }

    /// The first value of a field wins, whichever copy of the asset brought it.
    fn put(&mut self, field: Field, value: Scalar<'a>) {
        if self.scalar(field).is_none() {
            self.fields.push((field, value));
        }
    }
}

/// What was in the export and did not become part of the catalog, by reason.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Assets of types the service does not read, by `typeName`.
    pub other_types: BTreeMap<String, usize>,
    /// Records without an `id`, and array elements that are no objects.
    pub without_id: usize,
    /// Columns whose table is not in the export.
    pub columns_without_table: usize,
    /// Tables and views that name no schema.
    pub tables_without_schema: usize,
    /// Columns of a name that their table already has.
    pub repeated_columns: usize,
}

/// The merged assets of an export.
#[derive(Debug, Default)]
pub(super) struct Export<'a> {
    /// One per `id`, in order of first appearance.
    pub(super) assets: Vec<Asset<'a>>,
    by_id: HashMap<Cow<'a, str>, usize>,
    /// Objects read, copies included.
    pub(super) records: usize,
    /// Objects without an `id` and elements that are no objects.
    pub(super) without_id: usize,
}

impl<'a> Export<'a> {
    /// The place in `assets` of the asset with this `id`.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    fn add(&mut self, asset: Asset<'a>) {
        self.records += 1;
        let Some(Scalar::Text(id)) = asset.scalar(Field::Id) else {
            self.without_id += 1;
            return;
        };
        if let Some(known) = self
            .by_id
            .get(id)
            .and_then(|place| self.assets.get_mut(*place))
        {
            for (field, value) in asset.fields {
                known.put(field, value);
            }
        } else {
            self.by_id.insert(id.clone(), self.assets.len());
            self.assets.push(asset);
        }
    }
}

/// Reads an export of any of the three known shapes: an array of assets, an array of
/// arrays of assets (or of both), or an object with an `assets` array.
///
/// Assets are merged by `id`; within them `null`, `""` and `"N/A"` mean missing, and the
/// first value that says something wins. Time and memory are linear in `json`.
pub(super) fn read(json: &[u8]) -> Result<Export<'_>, ExportError> {
    // Editors on Windows put a byte order mark before the text, which is not JSON.
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let mut export = Export::default();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    Top(&mut export).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(export)
}

/// The whole document.
struct Top<'e, 'a>(&'e mut Export<'a>);

impl<'de: 'a, 'a> DeserializeSeed<'de> for Top<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Top<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an array of assets, an array of arrays of assets, or an object with an `assets` array",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        Element(self.0).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "assets" {
                found = true;
                map.next_value_seed(Element(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found {
            Ok(())
        } else {
            Err(A::Error::custom("the object has no `assets` array"))
        }
    }
}

/// An element of an array: an asset, or an array of elements.
struct Element<'e, 'a>(&'e mut Export<'a>);

impl<'de: 'a, 'a> DeserializeSeed<'de> for Element<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Visits of scalars, all of which count as a record that cannot be used.
macro_rules! unusable {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E: serde::de::Error>(self, _: $type) -> Result<(), E> {
            self.0.without_id += 1;
            Ok(())
        })*
    };
}

impl<'de: 'a, 'a> Visitor<'de> for Element<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an asset or an array of assets")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Element(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut asset = Asset {
            fields: Vec::with_capacity(USUAL_FIELDS),
        };
        while let Some(field) = map.next_key::<Field>()? {
            if field == Field::Other {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(value) = map.next_value_seed(Value)? {
                asset.put(field, value);
            }
        }
        self.0.add(asset);
        Ok(())
    }

    unusable!(visit_str: &str, visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64);

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.without_id += 1;
        Ok(())
    }
}

/// The value of a field, `None` where it says nothing.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Option<Scalar<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// All the ways in which the export says "nothing here".
fn says_nothing(text: &str) -> bool {
    text.is_empty() || text.eq_ignore_ascii_case("n/a")
}

impl<'de> Visitor<'de> for Value {
    type Value = Option<Scalar<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        let text = text.trim();
        Ok((!says_nothing(text)).then_some(Scalar::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        Ok((!says_nothing(text)).then(|| Scalar::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Flag(flag)))
    }

    #[expect(clippy::cast_precision_loss, reason = "scores and positions are small")]
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(number as f64)))
    }

    #[expect(clippy::cast_precision_loss, reason = "scores and positions are small")]
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(number as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Scalar::Number(number)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
