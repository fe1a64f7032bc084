//! The data catalog: an immutable, indexed model of an asset export.
//!
//! Read once at start ([`Catalog::from_export`]); everything else only looks things up.
//! Tables are numbered by schema and name, so the order of the export carries no meaning
//! and two loads of the same assets are equal.

mod assembly;
mod export;
mod lineage;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

pub use export::{Dropped, ExportError};
pub use lineage::{SourceSystemColumn, Upstream, Via};

use crate::text;

/// A table's place in the catalog it came from; made by that catalog only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(u32);

/// A schema's place in the catalog it came from; made by that catalog only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(u32);

impl SchemaId {
    /// The place as an index, for tables of one entry per schema.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl TableId {
    /// The place as an index, for tables of one entry per table.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What the catalog's people wrote about an asset. `None` is "missing", however the
/// export spelt it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documentation {
    /// Business description (English as a rule).
    pub description: Option<Box<str>>,
    /// Technical description, taken over from the source system.
    pub source_description: Option<Box<str>>,
    /// Description in Czech.
    pub czech_description: Option<Box<str>>,
    /// Human-readable name.
    pub business_name: Option<Box<str>>,
    /// Id of the owner.
    pub owner: Option<Box<str>>,
    /// Classification set on the asset itself; see [`Catalog::classification`].
    pub security_classification: Option<Box<str>>,
    /// How completely the asset is documented, 0–100.
    pub articulation_score: Option<f64>,
    /// Whether a steward validated the asset.
    pub validated: Option<bool>,
    /// Life-cycle status, such as `Implemented`.
    pub status: Option<Box<str>>,
}

impl Documentation {
    /// The best description there is: business, then technical, then Czech.
    #[must_use]
    pub fn best_description(&self) -> Option<&str> {
        [
            &self.description,
            &self.source_description,
            &self.czech_description,
        ]
        .into_iter()
        .find_map(Option::as_deref)
    }

    /// Whether the catalog says that the asset is gone from its source.
    #[must_use]
    pub fn missing_from_source(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|status| status.eq_ignore_ascii_case("missing from source"))
    }
}

/// A schema, that is: a data mart.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Short name, such as `dm_bs_purchase`.
    pub name: Box<str>,
    /// Its tables, by name.
    pub tables: Vec<TableId>,
    /// What is written about it; empty where the export holds no asset for the schema.
    pub documentation: Documentation,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The schema it belongs to.
    pub schema: SchemaId,
    /// Short name; the same name can occur in several schemas.
    pub name: Box<str>,
    /// Its columns by position; empty where the export lists none.
    pub columns: Vec<Column>,
    /// The source table as the catalog names it, for example `MARA`.
    pub source_name: Option<Box<str>>,
    /// What is written about it.
    pub documentation: Documentation,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name as in the database.
    pub name: Box<str>,
    /// Technical type as the catalog spells it, such as `STRING`.
    pub data_type: Option<Box<str>>,
    /// What kind of values that type holds.
    pub family: TypeFamily,
    /// Whether it may be null, where that is known.
    pub nullable: Option<bool>,
    /// Whether it is flagged as (part of) the primary key, where that is known.
    pub primary_key: Option<bool>,
    /// Source lineage as typed by hand.
    pub source: Option<Box<SourceMapping>>,
    /// What is written about it.
    pub documentation: Documentation,
}

/// The `mappingTable` and `mappingColumn` of a column, as typed by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMapping {
    /// Source tables, for example `EKKO/LFA1`.
    pub table: Option<Box<str>>,
    /// Source columns.
    pub column: Option<Box<str>>,
}

/// What kind of values a data type holds; only members of one family can join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeFamily {
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Decimal,
    /// Characters.
    Text,
    /// Dates without a time.
    Date,
    /// Points in time.
    Timestamp,
    /// Yes or no.
    Boolean,
    /// A type that is missing or not known.
    Unknown,
}

impl TypeFamily {
    /// The family of a type as SQL dialects spell it: `DECIMAL(18,2)`, `bigint`, `NVARCHAR(50)`.
    #[must_use]
    pub fn of(data_type: &str) -> Self {
        let name: String = data_type
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "int" | "integer" | "long" | "bigint" | "smallint" | "tinyint" | "mediumint"
            | "short" | "byte" | "serial" | "bigserial" | "int2" | "int4" | "int8" | "int16"
            | "int32" | "int64" | "identifier" => Self::Integer,
            "decimal" | "numeric" | "number" | "double" | "float" | "real" | "money"
            | "smallmoney" | "float4" | "float8" | "currency" | "dec" => Self::Decimal,
            "string" | "varchar" | "char" | "nchar" | "nvarchar" | "nvarchar2" | "varchar2"
            | "text" | "character" | "clob" | "ntext" | "bpchar" | "uuid" | "uniqueidentifier"
            | "name" | "citext" => Self::Text,
            "date" => Self::Date,
            "timestamp" | "datetime" | "datetime2" | "timestamptz" | "smalldatetime"
            | "timestamp_ntz" | "datetimeoffset" => Self::Timestamp,
            "boolean" | "bool" | "bit" => Self::Boolean,
            _ => Self::Unknown,
        }
    }

    /// Whether values of the two families can be equal, an unknown one fitting all.
    #[must_use]
    pub fn can_join(self, other: Self) -> bool {
        let class = |family| match family {
            Self::Integer | Self::Decimal => Some(0),
            Self::Text => Some(1),
            Self::Date | Self::Timestamp => Some(2),
            Self::Boolean => Some(3),
            Self::Unknown => None,
        };
        match (class(self), class(other)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
    }
}

/// What a load found, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Records read, copies included.
    pub records: usize,
    /// Distinct assets among them.
    pub assets: usize,
    /// What did not become part of the catalog.
    pub dropped: Dropped,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} records, {} distinct assets",
            self.records, self.assets
        )?;
        let dropped = &self.dropped;
        let reasons = [
            ("without an id", dropped.without_id),
            (
                "columns whose table is not in the export",
                dropped.columns_without_table,
            ),
            ("tables without a schema", dropped.tables_without_schema),
            ("columns listed twice", dropped.repeated_columns),
        ];
        let types = dropped
            .other_types
            .iter()
            .map(|(name, count)| (format!("of type {}", text::one_line(name)), *count));
        let all = reasons
            .map(|(reason, count)| (reason.to_owned(), count))
            .into_iter()
            .chain(types);
        let skipped: Vec<String> = all
            .filter(|(_, count)| *count > 0)
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        if !skipped.is_empty() {
            write!(f, "; skipped: {}", skipped.join(", "))?;
        }
        Ok(())
    }
}

/// The answer to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The table of that name; `also_in` are the others, by schema name.
    Table {
        /// The first by schema name.
        table: TableId,
        /// The other tables of the same name.
        also_in: Vec<TableId>,
    },
    /// No such table; close names, best first.
    Nothing {
        /// Full names (`schema.table`) of tables with a similar name.
        suggestions: Vec<String>,
    },
}

/// The longest name that is looked up, in bytes; every dot in it costs a look-up.
const NAME_MAX: usize = 1024;
/// The longest name that close names are sought for.
const SUGGESTION_NAME_MAX: usize = 128;
/// How many close names are offered at most.
const SUGGESTIONS_MAX: usize = 5;
/// The least Jaro-Winkler similarity of a close name, 0–1.
const SUGGESTION_SIMILARITY: f64 = 0.75;

/// The catalog. See the module's documentation.
#[derive(Debug, PartialEq)]
pub struct Catalog {
    /// By name.
    schemas: Vec<Schema>,
    /// By schema, then name.
    tables: Vec<Table>,
    /// Tables by lower-cased short name, each list by schema.
    by_name: HashMap<Box<str>, Vec<TableId>>,
    /// Per table, where its data comes from.
    upstream: Vec<Vec<Upstream>>,
    /// Per table, the tables that name it as a source.
    downstream: Vec<Vec<TableId>>,
}

impl Catalog {
    /// Reads an asset export (format: see [`ExportError`] for what is refused; all known
    /// quirks of real exports are accepted).
    ///
    /// # Errors
    /// Not JSON, not of an export's shape, or without a single table.
    pub fn from_export(json: &[u8]) -> Result<(Self, LoadReport), ExportError> {
        assembly::assemble(&export::read(json)?)
    }

    fn index_names(tables: &[Table]) -> HashMap<Box<str>, Vec<TableId>> {
        let mut by_name: HashMap<Box<str>, Vec<TableId>> = HashMap::with_capacity(tables.len());
        for (table, id) in tables.iter().zip(0..) {
            by_name
                .entry(table.name.to_lowercase().into())
                .or_default()
                .push(TableId(id));
        }
        by_name
    }

    /// The table with this id.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by this catalog and it never shrinks"
    )]
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.index()]
    }

    /// The schema with this id.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by this catalog and it never shrinks"
    )]
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.0 as usize]
    }

    /// All schemas, by name.
    #[must_use]
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// All schemas with their ids, by name.
    #[must_use]
    pub fn schemas_with_ids(&self) -> impl ExactSizeIterator<Item = (SchemaId, &Schema)> + Clone {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are no more schemas than tables, and assembly refuses more than u32::MAX"
        )]
        self.schemas
            .iter()
            .enumerate()
            .map(|(place, schema)| (SchemaId(place as u32), schema))
    }

    /// All tables with their ids, by schema and name.
    #[must_use]
    pub fn tables(&self) -> impl ExactSizeIterator<Item = (TableId, &Table)> + Clone {
        self.tables
            .iter()
            .enumerate()
            .map(|(place, table)| (table_id(place), table))
    }

    /// How many columns all tables have together.
    #[must_use]
    pub fn column_count(&self) -> usize {
        self.tables.iter().map(|table| table.columns.len()).sum()
    }

    /// The name of the schema of a table.
    #[must_use]
    pub fn schema_name(&self, id: TableId) -> &str {
        &self.schema(self.table(id).schema).name
    }

    /// `schema.table`, the name that is unambiguous wherever the catalog is.
    #[must_use]
    pub fn full_name(&self, id: TableId) -> String {
        format!("{}.{}", self.schema_name(id), self.table(id).name)
    }

    /// Tables in the order of lists: by name, then schema; of one schema where its name
    /// is given, in any case.
    #[must_use]
    pub fn list(&self, schema: Option<&str>) -> Vec<TableId> {
        let mut ids: Vec<TableId> = self
            .tables()
            .map(|(id, _)| id)
            .filter(|id| schema.is_none_or(|name| equal_ignoring_case(self.schema_name(*id), name)))
            .collect();
        ids.sort_by(|a, b| self.list_order(*a, *b));
        ids
    }

    /// The order of lists: by name, then schema; of twins the one assembled first.
    #[must_use]
    pub fn list_order(&self, a: TableId, b: TableId) -> Ordering {
        let key = |id| (&self.table(id).name, self.schema_name(id), id);
        key(a).cmp(&key(b))
    }

    /// All tables called `name`, which is `table` or `schema.table` in any case; spelling
    /// it with the right case picks among tables that differ by case only.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<TableId> {
        let name = name.trim();
        if name.len() > NAME_MAX {
            return Vec::new();
        }
        // Both parts can hold dots themselves, so every split is tried.
        let qualified = name
            .match_indices('.')
            .filter_map(|(dot, _)| Some((name.get(..dot)?, name.get(dot + 1..)?)));
        std::iter::once((None, name))
            .chain(qualified.map(|(schema, table)| (Some(schema), table)))
            .map(|(schema, table)| self.with_short_name(schema, table))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn with_short_name(&self, schema: Option<&str>, name: &str) -> Vec<TableId> {
        let mut found = self
            .by_name
            .get(name.to_lowercase().as_str())
            .cloned()
            .unwrap_or_default();
        found.retain(|id| {
            schema.is_none_or(|schema| equal_ignoring_case(self.schema_name(*id), schema))
        });
        if found.iter().any(|id| *self.table(*id).name == *name) {
            found.retain(|id| *self.table(*id).name == *name);
        }
        found
    }

    /// Looks a table up by `table` or `schema.table`, in any case.
    #[must_use]
    pub fn find(&self, name: &str) -> Found {
        let mut found = self.named(name).into_iter();
        match found.next() {
            Some(table) => Found::Table {
                table,
                also_in: found.collect(),
            },
            None => Found::Nothing {
                suggestions: self.close_names(name),
            },
        }
    }

    /// Full names of tables whose name is like `name`, best first.
    fn close_names(&self, name: &str) -> Vec<String> {
        let short = name.rsplit('.').next().unwrap_or(name).to_lowercase();
        if short.is_empty() || short.chars().count() > SUGGESTION_NAME_MAX {
            return Vec::new();
        }
        let mut close: Vec<(f64, &[TableId])> = self
            .by_name
            .iter()
            .filter_map(|(known, ids)| {
                let alike =
                    strsim::jaro_winkler(&short, known).max(if known.contains(short.as_str()) {
                        0.9
                    } else {
                        0.0
                    });
                (alike >= SUGGESTION_SIMILARITY).then_some((alike, ids.as_slice()))
            })
            .collect();
        close.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        close
            .into_iter()
            .flat_map(|(_, ids)| ids)
            .take(SUGGESTIONS_MAX)
            .map(|id| self.full_name(*id))
            .collect()
    }

    /// The columns whose name fits `pattern` in any case: `*` stands for any characters, `?`
    /// for one. By schema, table and position.
    pub fn places_matching(&self, pattern: &str) -> impl Iterator<Item = (TableId, usize)> {
        let pattern: Vec<char> = pattern.trim().to_lowercase().chars().collect();
        self.tables()
            .flat_map(|(id, table)| {
                let columns = table.columns.iter().enumerate();
                columns.map(move |(place, column)| (id, place, column))
            })
            .filter(move |(_, _, column)| {
                let name: Vec<char> = column.name.to_lowercase().chars().collect();
                fits(&pattern, &name)
            })
            .map(|(id, place, _)| (id, place))
    }

    /// The security classification in force for a table: its own, else its schema's.
    #[must_use]
    pub fn classification(&self, id: TableId) -> Option<&str> {
        let table = self.table(id);
        let own = table.documentation.security_classification.as_deref();
        own.or_else(|| {
            self.schema(table.schema)
                .documentation
                .security_classification
                .as_deref()
        })
    }

    /// The owner of a table: its own, else its schema's.
    #[must_use]
    pub fn owner(&self, id: TableId) -> Option<&str> {
        let table = self.table(id);
        let own = table.documentation.owner.as_deref();
        own.or_else(|| self.schema(table.schema).documentation.owner.as_deref())
    }

    /// Where a table's data comes from, as far as the catalog says; empty is "unknown".
    #[must_use]
    pub fn upstream(&self, id: TableId) -> &[Upstream] {
        self.upstream.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// The tables that name this one as a source; empty is "none known".
    #[must_use]
    pub fn downstream(&self, id: TableId) -> &[TableId] {
        self.downstream.get(id.index()).map_or(&[], Vec::as_slice)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "assembly refuses more than u32::MAX tables"
)]
fn table_id(place: usize) -> TableId {
    TableId(place as u32)
}

fn equal_ignoring_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || text::fold(a) == text::fold(b)
}

/// Whether `name` fits the wildcard `pattern`; linear but for patterns of many `*`, and
/// then bounded by the product of the two lengths.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == '*')
}
