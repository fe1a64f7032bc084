//! The same schema with less said: without key flags, without class words in its names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sets::{Asset, EvaluationSet, Truth};

/// Words of table names that give the class away.
const CLASS_WORDS: &[&str] = &[
    "fact",
    "facts",
    "fct",
    "dim",
    "dims",
    "dimension",
    "dimensions",
];

/// How much an export says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Variant {
    /// As exported, primary keys flagged.
    Flags,
    /// No column is flagged.
    NoFlags,
    /// Nor does a table's name say what class it is of.
    Stripped,
}

impl Variant {
    pub(crate) const ALL: [Self; 3] = [Self::Flags, Self::NoFlags, Self::Stripped];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::NoFlags => "no flags",
            Self::Stripped => "stripped",
        }
    }

    /// The export and truth of the variant; `None` where it would be that of another.
    pub(crate) fn of(self, set: &EvaluationSet, truth: &Truth) -> Option<(Vec<Asset>, Truth)> {
        let mut export = set.export.clone();
        if self != Self::Flags {
            for asset in &mut export {
                asset.shift_remove("isPrimaryKey");
            }
        }
        if self != Self::Stripped {
            return Some((export, truth.clone()));
        }
        let renamed = renamed(&export);
        if renamed.is_empty() {
            return None;
        }
        rename_assets(&mut export, &renamed);
        Some((export, rename_truth(truth, &renamed)))
    }
}

fn text<'a>(asset: &'a Asset, field: &str) -> &'a str {
    asset.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn is_table(asset: &Asset) -> bool {
    let kind = text(asset, "typeName").to_ascii_lowercase();
    matches!(
        kind.as_str(),
        "table" | "view" | "database table" | "database view"
    )
}

/// The tables that get a new name: path of the schema, old name, new name. One that
/// another table has or would get is not taken.
fn renamed(export: &[Asset]) -> Vec<(String, String, String)> {
    let tables: Vec<(&str, &str, String)> = export
        .iter()
        .filter(|asset| is_table(asset))
        .map(|asset| {
            let schema = text(asset, "fullName")
                .rsplit_once('>')
                .map_or("", |(schema, _)| schema);
            let name = text(asset, "displayName");
            (schema, name, without_class_words(name))
        })
        .collect();
    // How many tables of a schema would be content with a name.
    let mut wanted: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (schema, name, new) in &tables {
        let mut both = vec![name.to_lowercase(), new.to_lowercase()];
        both.dedup();
        for name in both {
            *wanted.entry((schema, name)).or_default() += 1;
        }
    }
    tables
        .iter()
        .filter(|(schema, name, new)| {
            name != new && wanted.get(&(*schema, new.to_lowercase())) == Some(&1)
        })
        .map(|(schema, name, new)| ((*schema).to_owned(), (*name).to_owned(), new.clone()))
        .collect()
}

/// A table's name without the words that say its class, unless nothing would be left.
fn without_class_words(name: &str) -> String {
    let is_separator = |c: char| !c.is_alphanumeric();
    let words = words(name);
    let left: Vec<&&str> = words
        .iter()
        .filter(|word| !CLASS_WORDS.contains(&word.to_lowercase().as_str()))
        .collect();
    let says_more = left.iter().any(|word| !word.chars().all(is_separator));
    if left.len() == words.len() || !says_more {
        return name.to_owned();
    }
    let mut new = String::with_capacity(name.len());
    for part in left {
        // Where a word went, one of the separators beside it goes, too.
        let doubled = new.is_empty() || new.ends_with(is_separator);
        if !(doubled && part.chars().all(is_separator)) {
            new.push_str(part);
        }
    }
    new.trim_end_matches(is_separator).to_owned()
}

/// The words of a name and the separators between them, as written.
fn words(name: &str) -> Vec<&str> {
    let characters: Vec<(usize, char)> = name.char_indices().collect();
    let mut cuts = vec![0];
    for (place, pair) in characters.windows(2).enumerate() {
        let [(_, before), (at, after)] = pair else {
            continue;
        };
        let next_is_small = characters
            .get(place + 2)
            .is_some_and(|(_, next)| next.is_lowercase());
        let border = before.is_alphanumeric() != after.is_alphanumeric()
            || (before.is_lowercase() && after.is_uppercase())
            || (before.is_uppercase() && after.is_uppercase() && next_is_small);
        if border {
            cuts.push(*at);
        }
    }
    cuts.push(name.len());
    cuts.windows(2)
        .filter_map(|cut| name.get(*cut.first()?..*cut.last()?))
        .filter(|word| !word.is_empty())
        .collect()
}

fn rename_assets(export: &mut [Asset], renamed: &[(String, String, String)]) {
    let new_of: BTreeMap<String, &str> = renamed
        .iter()
        .map(|(schema, old, new)| (format!("{schema}>{old}"), new.as_str()))
        .collect();
    for asset in export {
        let path = text(asset, "fullName").to_owned();
        let is_column = text(asset, "typeName").eq_ignore_ascii_case("column");
        let (table, rest) = match path.rsplit_once('>') {
            Some((table, column)) if is_column => (table, Some(column)),
            _ => (path.as_str(), None),
        };
        let Some((new, schema)) = new_of
            .get(table)
            .zip(table.rsplit_once('>').map(|(schema, _)| schema))
        else {
            continue;
        };
        let renamed = match rest {
            Some(column) => format!("{schema}>{new}>{column}"),
            None => format!("{schema}>{new}"),
        };
        asset.insert("fullName".to_owned(), renamed.into());
        if !is_column {
            asset.insert("displayName".to_owned(), (*new).into());
        }
    }
}

fn rename_truth(truth: &Truth, renamed: &[(String, String, String)]) -> Truth {
    let mut new_of: BTreeMap<String, String> = BTreeMap::new();
    for (path, old, new) in renamed {
        let schema = path.rsplit('>').next().unwrap_or_default();
        new_of.insert(old.clone(), new.clone());
        new_of.insert(format!("{schema}.{old}"), format!("{schema}.{new}"));
    }
    let rename = |name: &String| new_of.get(name).unwrap_or(name).clone();
    let mut truth = truth.clone();
    for key in &mut truth.foreign_keys {
        key.from = rename(&key.from);
        key.to = rename(&key.to);
    }
    truth.primary_keys = truth
        .primary_keys
        .into_iter()
        .map(|(table, columns)| (rename(&table), columns))
        .collect();
    truth.classes = truth
        .classes
        .into_iter()
        .map(|(table, class)| (rename(&table), class))
        .collect();
    truth.technical = truth.technical.iter().map(rename).collect();
    truth
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn class_words_are_taken_out_of_names() {
        for (name, left) in [
            ("FactInternetSales", "InternetSales"),
            ("DimCustomer", "Customer"),
            ("date_dim", "date"),
            ("dim_date", "date"),
            ("fact_sales", "sales"),
            ("sales_fact_1997", "sales_1997"),
            ("NewFactCurrencyRate", "NewCurrencyRate"),
            ("Dimension", "Dimension"),
            ("dim_", "dim_"),
            ("Factory", "Factory"),
            ("dimensional", "dimensional"),
            ("Order Details", "Order Details"),
            ("web_site", "web_site"),
            ("DIMDate", "Date"),
            ("dim customer", "customer"),
            ("_dim_customer", "customer"),
            ("Číselník_dim", "Číselník"),
        ] {
            assert_eq!(without_class_words(name), left, "{name}");
        }
    }

    fn assets(names: &[&str]) -> Vec<Asset> {
        let asset = |value: Value| value.as_object().cloned().unwrap();
        let table = |name: &&str| {
            asset(
                json!({ "typeName": "Table", "displayName": name, "fullName": format!("S>d>s>{name}") }),
            )
        };
        let column = |name: &&str| {
            asset(
                json!({ "typeName": "Column", "displayName": "DimKey", "isPrimaryKey": true,
                "fullName": format!("S>d>s>{name}>DimKey(column)") }),
            )
        };
        names
            .iter()
            .map(table)
            .chain(names.iter().map(column))
            .collect()
    }

    fn set(names: &[&str]) -> EvaluationSet {
        EvaluationSet {
            name: "made_up".to_owned(),
            export: assets(names),
            truth: None,
            phrases: Vec::new(),
            sentences: Vec::new(),
        }
    }

    #[test]
    fn a_taken_name_is_not_taken_again() {
        let set = set(&["FactSales", "DimSales", "DimDate", "Date", "DimShop"]);
        let (export, _) = Variant::Stripped.of(&set, &Truth::default()).unwrap();
        let names: Vec<&str> = export
            .iter()
            .take(5)
            .map(|asset| text(asset, "displayName"))
            .collect();
        assert_eq!(names, ["FactSales", "DimSales", "DimDate", "Date", "Shop"]);
    }

    #[test]
    fn paths_and_truth_follow_the_name_and_columns_stay() {
        let truth: Truth = serde_json::from_value(json!({
            "primary_keys": { "DimShop": ["DimKey"] },
            "foreign_keys": [{ "from": "s.DimShop", "columns": ["DimKey"], "to": "DimShop", "to_columns": ["DimKey"] }],
            "classes": { "DimShop": "dimension" },
        }))
        .unwrap();
        let set = set(&["DimShop"]);
        let (export, truth) = Variant::Stripped.of(&set, &truth).unwrap();
        assert_eq!(text(&export[0], "fullName"), "S>d>s>Shop");
        assert_eq!(text(&export[1], "fullName"), "S>d>s>Shop>DimKey(column)");
        assert_eq!(text(&export[1], "displayName"), "DimKey");
        assert!(!export[1].contains_key("isPrimaryKey"));
        assert!(truth.primary_keys.contains_key("Shop") && truth.classes.contains_key("Shop"));
        assert_eq!(truth.foreign_keys[0].from, "s.Shop");
        assert_eq!(truth.foreign_keys[0].to, "Shop");
    }

    #[test]
    fn nothing_to_strip_is_no_variant() {
        let set = set(&["Shop"]);
        assert!(Variant::Stripped.of(&set, &Truth::default()).is_none());
        assert!(Variant::NoFlags.of(&set, &Truth::default()).is_some());
    }
}
