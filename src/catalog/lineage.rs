//! Lineage that the catalog states: read from source names, column mappings and the
//! words of descriptions. Nothing is inferred from similar names, and no system is
//! added that nobody named.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Catalog, SourceMapping, Table, TableId};
use crate::text;

/// How the catalog states a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourceStatement, example = "column_mapping")]
pub enum Via {
    /// The source name of the table itself (`sapSourceName`).
    SourceName,
    /// The mapping of at least one column (`mappingTable`).
    ColumnMapping,
    /// Words of the description, such as "view over …".
    Description,
}

/// A column together with the source column it is filled from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct SourceSystemColumn {
    /// The column of the table in question.
    #[schema(example = "purchase_order_number")]
    pub column: String,
    /// The source column, upper case; null where the mapping does not say.
    #[schema(required, example = "EBELN")]
    pub source_column: Option<String>,
}

/// One source of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Upper case for source tables, as written for names from descriptions.
    pub name: String,
    /// The table of this catalog that is meant, where there is exactly one.
    pub table: Option<TableId>,
    /// How the catalog states it.
    pub via: Vec<Via>,
    /// Which columns come from it.
    pub columns: Vec<SourceSystemColumn>,
}

/// Sources of every table, and for every table the tables that name it as a source.
pub(super) fn trace(catalog: &Catalog) -> (Vec<Vec<Upstream>>, Vec<Vec<TableId>>) {
    let mut downstream = vec![Vec::new(); catalog.tables().len()];
    let upstream: Vec<Vec<Upstream>> = catalog
        .tables()
        .map(|(id, table)| sources_of(catalog, id, table))
        .collect();
    for ((id, _), sources) in catalog.tables().zip(&upstream) {
        for named in sources.iter().filter_map(|source| source.table) {
            if let Some(users) = downstream.get_mut(named.index())
                && users.last() != Some(&id)
            {
                users.push(id);
            }
        }
    }
    (upstream, downstream)
}

fn sources_of(catalog: &Catalog, id: TableId, table: &Table) -> Vec<Upstream> {
    let mut found: Vec<Upstream> = Vec::new();
    if let Some(source) = table.source_name.as_deref() {
        for name in source_tables(source) {
            note(&mut found, name, Via::SourceName, None);
        }
    }
    for column in &table.columns {
        let Some(mapping) = column.source.as_deref() else {
            continue;
        };
        for (name, source_column) in mapped_columns(mapping) {
            let pair = SourceSystemColumn {
                column: column.name.to_string(),
                source_column,
            };
            note(&mut found, name, Via::ColumnMapping, Some(pair));
        }
    }
    let descriptions = [
        &table.documentation.source_description,
        &table.documentation.description,
    ];
    for description in descriptions.into_iter().flatten() {
        for name in tables_in_words(description) {
            note(&mut found, name, Via::Description, None);
        }
    }
    for source in &mut found {
        source.table = meant_table(catalog, id, &source.name);
    }
    // A description that names its own table ("view factv_x over …") is no lineage.
    let own = [
        table.name.to_lowercase(),
        catalog.full_name(id).to_lowercase(),
    ];
    found.retain(|source| !own.contains(&source.name.to_lowercase()) || source.table.is_some());
    found
}

fn note(found: &mut Vec<Upstream>, name: String, via: Via, column: Option<SourceSystemColumn>) {
    let place = found
        .iter()
        .position(|known| known.name.eq_ignore_ascii_case(&name))
        .unwrap_or_else(|| {
            found.push(Upstream {
                name,
                table: None,
                via: Vec::new(),
                columns: Vec::new(),
            });
            found.len() - 1
        });
    if let Some(source) = found.get_mut(place) {
        if !source.via.contains(&via) {
            source.via.push(via);
        }
        source.columns.extend(column);
    }
}

/// The table that a name means: of the same schema first, else the only one there is.
fn meant_table(catalog: &Catalog, id: TableId, name: &str) -> Option<TableId> {
    let others: Vec<TableId> = catalog
        .named(name)
        .into_iter()
        .filter(|other| *other != id)
        .collect();
    let schema = catalog.table(id).schema;
    match others.as_slice() {
        [only] => Some(*only),
        several => several
            .iter()
            .copied()
            .find(|other| catalog.table(*other).schema == schema),
    }
}

/// Words people type into a source field that are no table.
const NOT_A_TABLE: &[&str] = &[
    "calculated",
    "calculation",
    "constant",
    "custom",
    "derived",
    "default",
    "excel",
    "fixed",
    "generated",
    "hardcoded",
    "key",
    "lookup",
    "manual",
    "na",
    "none",
    "null",
    "not",
    "surrogate",
    "system",
    "tbd",
    "technical",
    "unknown",
    "various",
    "xxx",
];

/// The source tables in a hand-typed field: split, trimmed of quotes, upper case, and
/// everything dropped that is a remark (`surrogate key made by system`).
pub(super) fn source_tables(typed: &str) -> Vec<String> {
    let mut tables = Vec::new();
    for part in typed.split([',', ';', '|', '+', '&', '\n']) {
        for piece in split_slashes(part) {
            let piece = piece.trim_matches(is_quote);
            let words: Vec<&str> = piece
                .split_whitespace()
                .map(|word| word.trim_matches(is_quote))
                .collect();
            // Several words are several tables only where they are typed as such.
            let typed_as_tables = |word: &&str| !word.chars().any(char::is_lowercase);
            if words.len() > 1 && !words.iter().all(typed_as_tables) {
                continue;
            }
            tables.extend(
                words
                    .into_iter()
                    .filter(|word| is_table_name(word))
                    .map(str::to_uppercase),
            );
        }
    }
    let mut seen = std::collections::HashSet::new();
    tables.retain(|table| seen.insert(table.clone()));
    tables
}

fn is_quote(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '„' | '“' | '”' | '‚' | '‘' | '’' | '«' | '»'
        )
}

/// `EKKO/LFA1` is two tables, `/BIC/AZPUR` one of SAP's name spaces.
fn split_slashes(part: &str) -> Vec<&str> {
    let part = part.trim_matches(is_quote);
    let slashes = part.matches('/').count();
    if part.starts_with('/') && slashes == 2 {
        vec![part]
    } else {
        part.split('/').collect()
    }
}

fn is_table_name(word: &str) -> bool {
    word.chars().count() >= 2
        && word.chars().any(char::is_alphabetic)
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '/' | '-'))
        && !NOT_A_TABLE.contains(&text::fold(word).as_str())
}

/// The source tables of a column, each with its source column where as many columns as
/// tables are named, or one column for all.
fn mapped_columns(mapping: &SourceMapping) -> Vec<(String, Option<String>)> {
    let tables = mapping
        .table
        .as_deref()
        .map(source_tables)
        .unwrap_or_default();
    let columns = mapping
        .column
        .as_deref()
        .map(source_tables)
        .unwrap_or_default();
    let paired = columns.len() == tables.len();
    tables
        .into_iter()
        .enumerate()
        .map(|(place, table)| {
            let column = match columns.as_slice() {
                [only] => Some(only.clone()),
                several if paired => several.get(place).cloned(),
                _ => None,
            };
            (table, column)
        })
        .collect()
}

/// Phrases of descriptions after which the source follows, folded.
const LEADS: &[&str] = &[
    "view over",
    "view on",
    "view of",
    "view above",
    "based on",
    "built on",
    "built over",
    "loaded from",
    "sourced from",
    "copy of",
    "pohled nad",
    "pohled na",
    "pohlad nad",
    "pohlad na",
    "nacita se z",
    "nacitane z",
];

/// Words that may stand between such a phrase and the name.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "base",
    "dimenzi",
    "dimension",
    "dimenziou",
    "fact",
    "rp",
    "source",
    "sap",
    "silver",
    "table",
    "tabulka",
    "tabulkou",
    "tables",
    "the",
    "view",
    "views",
    "zdrojovou",
    "tabulky",
];

/// The tables a description names as its source. Only words that look like identifiers
/// count (`silver.dim_material`, `dim_option_to_date`), so prose is never taken for one.
pub(super) fn tables_in_words(description: &str) -> Vec<String> {
    let words: Vec<&str> = description.split_whitespace().collect();
    let folded: Vec<String> = words
        .iter()
        .map(|word| text::fold(trim_word(word)))
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(after) = LEADS.iter().find_map(|lead| follows(&folded, at, lead)) else {
            at += 1;
            continue;
        };
        at = after;
        while let (Some(word), Some(plain)) = (words.get(at), folded.get(at)) {
            if looks_like_identifier(trim_word(word)) {
                found.push(trim_word(word).to_owned());
                let ends = word.ends_with('.') || word.ends_with(';');
                at += 1;
                if ends {
                    break;
                }
            } else if FILLERS.contains(&plain.as_str())
                || (!found.is_empty()
                    && ["and", "a", "i", "with", "s", ","].contains(&plain.as_str()))
            {
                at += 1;
            } else {
                break;
            }
        }
    }
    found
}

fn follows(folded: &[String], at: usize, lead: &str) -> Option<usize> {
    let mut next = at;
    for wanted in lead.split(' ') {
        if folded.get(next)? != wanted {
            return None;
        }
        next += 1;
    }
    Some(next)
}

fn trim_word(word: &str) -> &str {
    word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'))
}

fn looks_like_identifier(word: &str) -> bool {
    word.contains(['_', '.'])
        && word.chars().any(char::is_alphabetic)
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_typed_source_tables_are_split_cleaned_and_remarks_dropped() {
        let cases: &[(&str, &[&str])] = &[
            ("LFA1", &["LFA1"]),
            ("lfa1", &["LFA1"]),
            ("EKKO/LFA1", &["EKKO", "LFA1"]),
            ("ZMM_FC_PUR_D_CC, EKKN", &["ZMM_FC_PUR_D_CC", "EKKN"]),
            ("\"T001W\"", &["T001W"]),
            ("'EKKO' / 'EKPO'", &["EKKO", "EKPO"]),
            ("EKKO EKPO", &["EKKO", "EKPO"]),
            ("/BIC/AZPUR", &["/BIC/AZPUR"]),
            ("surrogate key made by system", &[]),
            ("N/A ", &[]),
            ("calculated", &[]),
            ("ekko; EKKO", &["EKKO"]),
            ("", &[]),
        ];
        for (typed, expected) in cases {
            assert_eq!(source_tables(typed), *expected, "{typed:?}");
        }
    }

    #[test]
    fn descriptions_name_sources_only_by_identifiers() {
        let cases: &[(&str, &[&str])] = &[
            (
                "One to one view over silver.dim_material.",
                &["silver.dim_material"],
            ),
            (
                "view over RP table dim_option_to_date",
                &["dim_option_to_date"],
            ),
            (
                "View over dim_a, dim_b and dim_c. Based on prose.",
                &["dim_a", "dim_b", "dim_c"],
            ),
            (
                "Pohled nad tabulkou dimv_supplier pro fakturaci",
                &["dimv_supplier"],
            ),
            ("Filtered only for records with status_code = 1", &[]),
            ("View over all suppliers", &[]),
            ("An overview of purchase_orders", &[]),
        ];
        for (description, expected) in cases {
            assert_eq!(tables_in_words(description), *expected, "{description:?}");
        }
    }

    #[test]
    fn source_columns_are_paired_with_their_tables() {
        let mapping = |table: &str, column: &str| SourceMapping {
            table: Some(table.into()),
            column: Some(column.into()),
        };
        assert_eq!(
            mapped_columns(&mapping("EKKO/LFA1", "LIFNR/NAME1")),
            [
                ("EKKO".to_owned(), Some("LIFNR".to_owned())),
                ("LFA1".to_owned(), Some("NAME1".to_owned()))
            ]
        );
        assert_eq!(
            mapped_columns(&mapping("EKKO, EKPO", "EBELN")),
            [
                ("EKKO".to_owned(), Some("EBELN".to_owned())),
                ("EKPO".to_owned(), Some("EBELN".to_owned()))
            ]
        );
        assert_eq!(
            mapped_columns(&mapping("EKKO", "EBELN, EBELP")),
            [("EKKO".to_owned(), None)]
        );
    }
}
