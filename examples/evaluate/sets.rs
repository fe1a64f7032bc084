//! Reading of the sets: an export, its truth, phrases and sentences.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use mcop_api::pipeline::structure::TableType;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One asset of an export, with all its fields.
pub(crate) type Asset = Map<String, Value>;

/// A schema and what is known of it.
#[derive(Debug)]
pub(crate) struct EvaluationSet {
    pub(crate) name: String,
    pub(crate) export: Vec<Asset>,
    /// What its structure really is; `None` for a set of phrases only.
    pub(crate) truth: Option<Truth>,
    pub(crate) phrases: Vec<Phrase>,
    pub(crate) sentences: Vec<Sentence>,
}

/// The structure as published. Tables are called `table`, or `schema.table` where the
/// database has several schemas.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Truth {
    /// The columns of each primary key, by table.
    #[serde(default)]
    pub(crate) primary_keys: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) foreign_keys: Vec<ForeignKey>,
    /// Facts, dimensions and bridges; empty where the schema is no warehouse.
    #[serde(default)]
    pub(crate) classes: BTreeMap<String, TableType>,
    /// Tables of a loading process or a tool: not judged, but weights are fitted on them.
    #[serde(default)]
    pub(crate) technical: Vec<String>,
}

/// A declared reference; the columns correspond by place.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ForeignKey {
    pub(crate) from: String,
    pub(crate) columns: Vec<String>,
    pub(crate) to: String,
    pub(crate) to_columns: Vec<String>,
}

/// What people call a thing, and what they mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) text: String,
    pub(crate) language: String,
    /// Right answers; empty where nothing in the schema is right.
    pub(crate) tables: Vec<String>,
    /// Right answers as `table.column`; empty where columns are not judged.
    pub(crate) columns: Vec<String>,
}

/// A sentence that rules tables out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    /// Tables that must be gone.
    pub(crate) excluded: Vec<String>,
    /// Tables that must stay.
    pub(crate) kept: Vec<String>,
}

/// The sets below a directory, by name; a folder without any of their files is none.
pub(crate) fn load(
    directory: &Path,
    only: Option<&str>,
) -> Result<Vec<EvaluationSet>, Box<dyn Error>> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && only.is_none_or(|only| only == name) {
            names.push(name);
        }
    }
    names.sort();
    let mut sets = Vec::new();
    for name in names {
        sets.extend(load_one(&directory.join(&name), name)?);
    }
    Ok(sets)
}

fn load_one(folder: &Path, name: String) -> Result<Option<EvaluationSet>, Box<dyn Error>> {
    let in_file = |file: &str, error: &dyn Error| format!("{name}/{file}: {error}");
    let read = |file: &str| -> Result<Option<String>, String> {
        let path = folder.join(file);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path).map_err(|error| in_file(file, &error))?;
        Ok(Some(text))
    };
    let export = read("export.json")?;
    let phrases = read("phrases.tsv")?;
    let sentences = read("scope_out.tsv")?;
    if export.is_none() && phrases.is_none() && sentences.is_none() {
        return Ok(None);
    }
    let truth = match read("truth.json")?.filter(|_| export.is_some()) {
        Some(text) => serde_json::from_str(&text).map_err(|error| in_file("truth.json", &error))?,
        None => None,
    };
    let export = match export {
        Some(export) => export,
        None => sample_export()?,
    };
    let export = serde_json::from_str(&export).map_err(|error| in_file("export.json", &error))?;
    let mut assets = Vec::new();
    flatten(export, &mut assets);
    Ok(Some(EvaluationSet {
        export: assets,
        truth,
        phrases: phrases.as_deref().map(read_phrases).unwrap_or_default(),
        sentences: sentences.as_deref().map(read_sentences).unwrap_or_default(),
        name,
    }))
}

/// The catalog that the service comes with.
fn sample_export() -> Result<String, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/catalog.json");
    Ok(std::fs::read_to_string(path)?)
}

/// The assets of an export, which can come in arrays of arrays.
fn flatten(value: Value, assets: &mut Vec<Asset>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| flatten(value, assets)),
        Value::Object(asset) => assets.push(asset),
        _ => (),
    }
}

fn read_phrases(text: &str) -> Vec<Phrase> {
    let phrase = |row: &Row<'_>| Phrase {
        text: row.field("phrase").to_owned(),
        language: row.field("language").to_owned(),
        tables: names(row.field("tables")),
        columns: names(row.field("columns")),
    };
    rows(text).iter().map(phrase).collect()
}

fn read_sentences(text: &str) -> Vec<Sentence> {
    let sentence = |row: &Row<'_>| Sentence {
        text: row.field("sentence").to_owned(),
        excluded: names(row.field("excluded")),
        kept: names(row.field("kept")),
    };
    rows(text).iter().map(sentence).collect()
}

/// Names separated by `|`; `-` is none.
fn names(field: &str) -> Vec<String> {
    field
        .split('|')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "-")
        .map(str::to_owned)
        .collect()
}

/// A line of a table, its fields by the names of the header.
struct Row<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Row<'t> {
    fn field(&self, name: &str) -> &'t str {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// The lines below the header, without comments and empty ones.
fn rows(text: &str) -> Vec<Row<'_>> {
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::trim));
    let header: Vec<&str> = lines.next().into_iter().flatten().collect();
    lines
        .map(|fields| Row(header.iter().copied().zip(fields).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_read_by_the_names_of_the_header() {
        let text = "# by hand\nphrase\tlanguage\ttables\tcolumns\nobjednávky\tcs\torders|s.order\t\n\n\
                    počasí\tcs\t-\ncena\tcs\torders\torders.price";
        let read = read_phrases(text);
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].tables, ["orders", "s.order"]);
        assert!(read[1].tables.is_empty());
        assert_eq!(read[2].columns, ["orders.price"]);
    }

    #[test]
    fn arrays_of_arrays_are_one_list() {
        let mut assets = Vec::new();
        flatten(
            serde_json::json!([[{ "id": "a" }], [{ "id": "b" }]]),
            &mut assets,
        );
        assert_eq!(assets.len(), 2);
    }
}
