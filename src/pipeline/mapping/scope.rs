//! Which schemas a request is about.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::Catalog;
use crate::pipeline::request::Request;
use crate::text;

/// Who decided on the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "default")]
pub enum ScopeOrigin {
    /// The option of the call.
    Options,
    /// Names in the document.
    Document,
    /// Nobody: everything is in scope.
    Default,
}

/// The schemas in scope.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scope {
    /// As it was asked for; `all` where nobody asked.
    pub(super) label: String,
    pub(super) origin: ScopeOrigin,
    /// Names of the schemas.
    pub(super) schemas: BTreeSet<String>,
    pub(super) warnings: Vec<String>,
}

/// Takes the scope from the option, else from what the document names, else takes all.
pub(super) fn choose(catalog: &Catalog, request: &Request, option: Option<&str>) -> Scope {
    if let Some(label) = option.map(str::trim).filter(|label| !label.is_empty()) {
        let schemas = resolve(catalog, label);
        let shown = text::shorten(label, 100);
        let warnings = if schemas.is_empty() {
            vec![format!(
                "No schema is in scope: \"{shown}\" is neither a schema nor part of a schema's name. There are: {}.",
                some_schemas(catalog)
            )]
        } else {
            Vec::new()
        };
        return Scope {
            label: shown,
            origin: ScopeOrigin::Options,
            schemas,
            warnings,
        };
    }
    let ruled_out = schemas_ruled_out(catalog, request);
    let named: BTreeSet<String> = named_in(catalog, request)
        .difference(&ruled_out)
        .cloned()
        .collect();
    if named.is_empty() {
        let all = catalog
            .schemas()
            .iter()
            .map(|schema| schema.name.to_string());
        let schemas: BTreeSet<String> = all.filter(|schema| !ruled_out.contains(schema)).collect();
        return Scope {
            label: "all".to_owned(),
            origin: ScopeOrigin::Default,
            schemas,
            warnings: Vec::new(),
        };
    }
    let label = named.iter().cloned().collect::<Vec<_>>().join(", ");
    Scope {
        label,
        origin: ScopeOrigin::Document,
        schemas: named,
        warnings: Vec::new(),
    }
}

/// The first few schemas, to choose from.
fn some_schemas(catalog: &Catalog) -> String {
    let names: Vec<&str> = catalog
        .schemas()
        .iter()
        .map(|schema| &*schema.name)
        .take(SCHEMAS_SHOWN)
        .collect();
    let more = catalog.schemas().len() - names.len();
    names.join(", ")
        + &if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        }
}

/// How many schemas a warning lists.
const SCHEMAS_SHOWN: usize = 10;

/// The schemas a label means: the schema of that name, else all that have its words in
/// their name (`bs` or `dm_bs` for `dm_bs_purchase`), else the union of its parts.
pub(super) fn resolve(catalog: &Catalog, label: &str) -> BTreeSet<String> {
    let wanted = text::fold(label);
    let names = || {
        catalog
            .schemas()
            .iter()
            .map(|schema| schema.name.to_string())
    };
    let exact: BTreeSet<String> = names().filter(|name| text::fold(name) == wanted).collect();
    if !exact.is_empty() {
        return exact;
    }
    let words = text::identifier_words(label);
    let holds = |name: &String| {
        text::identifier_words(name)
            .windows(words.len().max(1))
            .any(|part| part == words)
    };
    let separated = label.contains(PART_SEPARATORS);
    let by_word: BTreeSet<String> = names().filter(|name| !separated && holds(name)).collect();
    if !by_word.is_empty() {
        return by_word;
    }
    let parts: Vec<&str> = label
        .split(PART_SEPARATORS)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() < 2 {
        BTreeSet::new()
    } else {
        parts
            .into_iter()
            .flat_map(|part| resolve(catalog, part))
            .collect()
    }
}

/// What stands between the parts of a scope.
const PART_SEPARATORS: [char; 5] = [',', ';', '+', '/', '|'];

/// Words of a text that can be names of schemas and tables.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

/// Keys of the head under which a scope is given, folded.
const SCOPE_KEYS: &[&str] = &[
    "scope",
    "rozsah",
    "schema",
    "data mart",
    "datamart",
    "mart",
    "data scope",
    "datovy mart",
    "vrstva",
];

/// The schemas the document asks for: by their names or their tables' full names, by a
/// `Scope:` line of its head, or by their short mark in capitals (`BS`).
fn named_in(catalog: &Catalog, request: &Request) -> BTreeSet<String> {
    let entities = request
        .entities
        .iter()
        .flat_map(|entity| entity.tables.iter().chain(entity.description.as_ref()));
    let wanted: Vec<&String> = std::iter::once(&request.goal)
        .chain(&request.scope_in)
        .chain(&request.sources)
        .chain(&request.deliverables)
        .chain(request.project_metadata.extra.values())
        .chain(entities)
        .collect();
    let words: HashSet<String> = wanted
        .iter()
        .flat_map(|text| identifiers(text))
        .flat_map(|word| {
            std::iter::once(word).chain(word.split_once('.').map(|(schema, _)| schema))
        })
        .map(text::fold)
        .collect();
    let by_name: BTreeSet<String> = catalog
        .schemas()
        .iter()
        .filter(|schema| words.contains(&text::fold(&schema.name)))
        .map(|schema| schema.name.to_string())
        .collect();
    if !by_name.is_empty() {
        return by_name;
    }
    let extra = &request.project_metadata.extra;
    let by_key: BTreeSet<String> = extra
        .iter()
        .filter(|(key, _)| SCOPE_KEYS.contains(&text::fold(key).as_str()))
        .flat_map(|(_, value)| resolve(catalog, value))
        .collect();
    if !by_key.is_empty() {
        return by_key;
    }
    let marks: BTreeSet<&str> = wanted
        .iter()
        .flat_map(|text| identifiers(text))
        .filter(|word| {
            (2..=3).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase())
        })
        .collect();
    // A mark that all schemas bear tells nothing.
    let telling = |schemas: &BTreeSet<String>| schemas.len() < catalog.schemas().len();
    marks
        .into_iter()
        .map(|mark| resolve(catalog, mark))
        .filter(telling)
        .flatten()
        .collect()
}

/// The schemas that the out-of-scope part names.
fn schemas_ruled_out(catalog: &Catalog, request: &Request) -> BTreeSet<String> {
    let words: HashSet<String> = request
        .scope_out
        .iter()
        .flat_map(|text| identifiers(text))
        .map(text::fold)
        .collect();
    let names = catalog.schemas().iter().map(|schema| &schema.name);
    names
        .filter(|name| words.contains(&text::fold(name)))
        .map(ToString::to_string)
        .collect()
}
