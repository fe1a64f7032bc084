//! Which schemas a request is about, and which tables it rules out.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::index::{Field, SearchIndex};
use crate::catalog::{Catalog, TableId, Upstream, Via};
use crate::glossary::Glossary;
use crate::pipeline::request::Request;
use crate::text;

/// Who decided on the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
                "No schema is in scope: \"{shown}\" is neither a schema nor a part of a schema's name."
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
    let named = named_in(catalog, request);
    if named.is_empty() {
        let ruled_out = schemas_ruled_out(catalog, request);
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

/// The schemas a label means: the schema of that name, else all that have it as a word
/// of their name (`bs` for `dm_bs_purchase`), else the union of its parts.
fn resolve(catalog: &Catalog, label: &str) -> BTreeSet<String> {
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
    let by_word: BTreeSet<String> = names()
        .filter(|name| text::identifier_words(name).contains(&wanted))
        .collect();
    if !by_word.is_empty() {
        return by_word;
    }
    let parts: Vec<&str> = label
        .split([',', ';', '+', '/', '|'])
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

/// Words of a text that can be names of schemas and tables.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
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
        .chain(&request.constraints)
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
    let by_mark: BTreeSet<String> = marks
        .into_iter()
        .flat_map(|mark| resolve(catalog, mark))
        .collect();
    // A mark that all schemas bear tells nothing.
    if by_mark.len() < catalog.schemas().len() {
        by_mark
    } else {
        BTreeSet::new()
    }
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

/// A table that the request rules out, and the sentence that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuledOut {
    pub(super) table: TableId,
    pub(super) sentence: String,
}

/// The tables of the scope that the out-of-scope sentences mean: those that a sentence
/// names, and those of whose names or descriptions all its words speak.
pub(super) fn ruled_out(
    catalog: &Catalog,
    index: &SearchIndex,
    glossary: &Glossary,
    request: &Request,
    scope: &[TableId],
    warnings: &mut Vec<String>,
) -> Vec<RuledOut> {
    let in_scope: HashSet<TableId> = scope.iter().copied().collect();
    let mut found: Vec<RuledOut> = Vec::new();
    for sentence in &request.scope_out {
        let named: BTreeSet<TableId> = identifiers(sentence)
            .filter(|word| word.contains('_') || word.contains('.'))
            .flat_map(|word| catalog.named(word))
            .filter(|table| in_scope.contains(table))
            .collect();
        let mut meant = named;
        for part in alternatives(sentence) {
            let by_words = tables_about(index, glossary, part, &in_scope);
            // "Purchasing" would rule out a whole purchasing mart: too general to obey.
            if by_words.len() * 2 > scope.len() {
                warnings.push(format!(
                    "Out of scope \"{}\" fits {} of {} tables and was not applied: it is too general.",
                    text::shorten(part, 80),
                    by_words.len(),
                    scope.len()
                ));
            } else {
                meant.extend(by_words);
            }
        }
        for table in meant {
            if !found.iter().any(|known| known.table == table) {
                found.push(RuledOut {
                    table,
                    sentence: sentence.clone(),
                });
            }
        }
    }
    // What is left out is left out under every name: views that say they stand on it go too.
    let mut at = 0;
    while let Some(out) = found.get(at).cloned() {
        for view in catalog.downstream(out.table) {
            let stands_on = |source: &Upstream| {
                source.table == Some(out.table) && source.via.contains(&Via::Description)
            };
            let is_view = catalog.upstream(*view).iter().any(stands_on);
            if is_view && in_scope.contains(view) && !found.iter().any(|known| known.table == *view)
            {
                found.push(RuledOut {
                    table: *view,
                    sentence: out.sentence.clone(),
                });
            }
        }
        at += 1;
    }
    found.sort_by(|a, b| catalog.list_order(a.table, b.table));
    found
}

/// The alternatives a sentence enumerates; remarks in parentheses and after a dash left out.
fn alternatives(sentence: &str) -> Vec<&str> {
    let head = sentence.split(['(', '–', '—']).next().unwrap_or_default();
    let head = head.split(" - ").next().unwrap_or_default();
    let mut parts = vec![head];
    for separator in [
        ", ", "; ", " a ", " and ", " nebo ", " alebo ", " or ", " & ", " / ", " i ",
    ] {
        parts = parts
            .into_iter()
            .flat_map(|part| part.split(separator))
            .collect();
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Tables in whose name, business name, schema or description every key of the phrase
/// stands, at least one of them in a name or as what the description is about.
fn tables_about(
    index: &SearchIndex,
    glossary: &Glossary,
    phrase: &str,
    in_scope: &HashSet<TableId>,
) -> BTreeSet<TableId> {
    let keys: Vec<Vec<String>> = glossary
        .read(phrase)
        .into_iter()
        .flat_map(|term| term.keys)
        .collect();
    let tables_with = |key: &Vec<String>, fields: &[Field]| -> BTreeSet<TableId> {
        key.iter()
            .flat_map(|spelling| index.postings(spelling))
            .filter(|posting| fields.contains(&posting.field) && in_scope.contains(&posting.table))
            .map(|posting| posting.table)
            .collect()
    };
    let naming = [
        Field::Name,
        Field::BusinessName,
        Field::Schema,
        Field::DescriptionHead,
    ];
    let speaking = [
        Field::Name,
        Field::BusinessName,
        Field::Schema,
        Field::Description,
    ];
    let mut named = BTreeSet::new();
    let mut spoken: Option<BTreeSet<TableId>> = None;
    for key in &keys {
        named.extend(tables_with(key, &naming));
        let with = tables_with(key, &speaking);
        spoken = Some(match spoken {
            None => with,
            Some(so_far) => so_far.intersection(&with).copied().collect(),
        });
    }
    spoken
        .unwrap_or_default()
        .intersection(&named)
        .copied()
        .collect()
}
