//! What the name of a table or column says: its class, its subject, whether it is a key.

use std::collections::{HashMap, HashSet};

use super::vocabulary::Vocabulary;
pub(super) use super::words::{is_part_of_date, sounds_like_measure};
use crate::catalog::{Catalog, SchemaId, Table, TableId};
use crate::text::{english_stem, identifier_words};

/// The class that a naming convention gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedClass {
    /// `fact_…`
    Fact,
    /// `dim_…`
    Dimension,
    /// `rel_…`
    Bridge,
    /// Staging, log, backup and other tables that no report reads.
    Technical,
}

const CLASS_WORDS: &[(NamedClass, &[&str])] = &[
    (
        NamedClass::Fact,
        &["fact", "factv", "facts", "fct", "fctv", "vfact"],
    ),
    (
        NamedClass::Dimension,
        &["dim", "dimv", "dims", "dimension", "vdim"],
    ),
    (
        NamedClass::Bridge,
        &["rel", "relv", "bridge", "brg", "brdg", "xref", "map"],
    ),
    (
        NamedClass::Technical,
        &[
            "stg", "staging", "tmp", "temp", "bak", "backup", "log", "etl", "raw",
        ],
    ),
];

/// The class that a word of a convention stands for.
pub(super) fn class_word(word: &str) -> Option<NamedClass> {
    CLASS_WORDS
        .iter()
        .find(|(_, words)| words.contains(&word))
        .map(|(class, _)| *class)
}

/// A table's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    /// The class and the word that gave it away.
    pub(super) class: Option<(NamedClass, String)>,
    /// Stems of the other words: what the table is about.
    pub(super) subject: Vec<String>,
}

/// Whether the tables of a scope bear their class as a letter: `d_customer` and `f_sales`,
/// or `W_CUSTOMER_D` and `W_SALES_F`. One such name proves nothing.
fn classes_are_letters(names: &[Vec<String>]) -> bool {
    let bearing = |letter: &str| {
        let marked = |words: &&Vec<String>| {
            words.len() > 1
                && [words.first(), words.last()]
                    .into_iter()
                    .flatten()
                    .any(|word| word == letter)
        };
        names.iter().filter(marked).count()
    };
    let (facts, dimensions) = (bearing("f"), bearing("d"));
    facts > 0 && dimensions > 1 && (facts + dimensions) * 3 >= names.len()
}

/// Letters that stand for a class where the convention is to use letters.
const CLASS_LETTERS: &[(&str, NamedClass)] = &[
    ("d", NamedClass::Dimension),
    ("f", NamedClass::Fact),
    ("a", NamedClass::Fact),
    ("br", NamedClass::Bridge),
    ("b", NamedClass::Bridge),
    ("ds", NamedClass::Technical),
    ("fs", NamedClass::Technical),
];

fn class_letter(word: &str) -> Option<NamedClass> {
    CLASS_LETTERS
        .iter()
        .find(|(letter, _)| *letter == word)
        .map(|(_, class)| *class)
}

impl TableName {
    /// Takes apart a name by itself, without what the other names of its catalog tell.
    pub(super) fn parse(name: &str) -> Self {
        Self::of_words(identifier_words(name), false)
    }

    fn of_words(mut words: Vec<String>, lettered: bool) -> Self {
        let class_word =
            |word: &String| class_word(word).or_else(|| class_letter(word).filter(|_| lettered));
        let mut class = None;
        if words.len() > 1 {
            // A prefix is a convention; a last word counts only where it can be nothing else.
            let first = words.first().and_then(class_word);
            let last = words.last().and_then(class_word);
            if let Some(found) = first {
                class = Some((found, words.remove(0)));
            } else if let Some(found) = last {
                class = words.pop().map(|word| (found, word));
            }
        }
        // `customer_table` is about customers.
        if words.len() > 1
            && words.last().is_some_and(|last| {
                ["table", "tbl", "view", "entity", "entities"].contains(&last.as_str())
            })
        {
            words.pop();
        }
        Self {
            class,
            subject: if words.len() > WORDS_MAX {
                Vec::new()
            } else {
                stemmed(&words)
            },
        }
    }

    pub(super) fn named_class(&self) -> Option<NamedClass> {
        self.class.as_ref().map(|(class, _)| *class)
    }
}

/// Words that identifiers with separators are made of, as stems: what words without
/// separators may be made of.
fn lexicon(catalog: &Catalog, scope: &[TableId], tables: &[Vec<String>]) -> HashSet<String> {
    let columns = scope
        .iter()
        .flat_map(|id| &catalog.table(*id).columns)
        .map(|column| identifier_words(&column.name));
    columns
        .chain(tables.iter().cloned())
        .filter(|words| words.len() > 1)
        .flatten()
        .filter(|word| word.len() >= PART_LETTERS)
        .map(|word| english_stem(&word))
        .chain(["tabl".to_owned()])
        .collect()
}

/// The shortest part of a word written without separators, in letters.
const PART_LETTERS: usize = 4;
/// The longest such word that is looked at.
const WORD_LETTERS_MAX: usize = 64;
/// The most parts of one.
const PARTS_MAX: usize = 3;

/// The parts of a word that is written without separators.
fn parts(word: &str, lexicon: &HashSet<String>, most: usize) -> Option<Vec<String>> {
    let known = |part: &str| lexicon.contains(&english_stem(part));
    if most < 2 || !word.is_ascii() || word.len() > WORD_LETTERS_MAX {
        return None;
    }
    (PART_LETTERS..word.len().saturating_sub(PART_LETTERS - 1)).find_map(|at| {
        let (left, right) = word.split_at_checked(at)?;
        if !known(left) {
            return None;
        }
        let rest = if known(right) {
            vec![right.to_owned()]
        } else {
            parts(right, lexicon, most - 1)?
        };
        Some([vec![left.to_owned()], rest].concat())
    })
}

/// The share of a schema's tables whose names begin with the same word, for it to be a
/// prefix that says nothing: `wp_posts`, `wp_users`.
const SCHEMA_PREFIX_SHARE: f64 = 0.6;
/// The fewest tables that make such a prefix.
const SCHEMA_PREFIX_TABLES: usize = 4;

/// The names of the tables of a scope, taken apart, each without the prefix that most
/// names of its schema bear.
pub(super) fn table_names(catalog: &Catalog, scope: &[TableId]) -> Vec<TableName> {
    let words: Vec<Vec<String>> = scope
        .iter()
        .map(|id| identifier_words(&catalog.table(*id).name))
        .collect();
    let lettered = classes_are_letters(&words);
    let lexicon = lexicon(catalog, scope, &words);
    let mut names: Vec<TableName> = words
        .into_iter()
        .map(|words| {
            let cut = |word: String| match parts(&word, &lexicon, PARTS_MAX) {
                Some(parts) => parts,
                None => vec![word],
            };
            TableName::of_words(words.into_iter().flat_map(cut).collect(), lettered)
        })
        .collect();
    let mut tables: HashMap<SchemaId, usize> = HashMap::new();
    let mut beginnings: HashMap<(SchemaId, String), usize> = HashMap::new();
    for (id, name) in scope.iter().zip(&names) {
        let schema = catalog.table(*id).schema;
        *tables.entry(schema).or_default() += 1;
        if let [first, _, ..] = name.subject.as_slice() {
            *beginnings.entry((schema, first.clone())).or_default() += 1;
        }
    }
    for (id, name) in scope.iter().zip(&mut names) {
        let schema = catalog.table(*id).schema;
        let [first, _, ..] = name.subject.as_slice() else {
            continue;
        };
        let count = |number: Option<&usize>| number.copied().unwrap_or_default();
        let bearing = count(beginnings.get(&(schema, first.clone())));
        #[expect(clippy::cast_precision_loss, reason = "a number of tables")]
        let share = bearing as f64 / count(tables.get(&schema)).max(1) as f64;
        if bearing >= SCHEMA_PREFIX_TABLES && share >= SCHEMA_PREFIX_SHARE {
            name.subject.remove(0);
        }
    }
    names
}

/// The share of a table's columns whose names begin with the same word, for it to be the
/// table's prefix: `ss_item_sk`, `ss_store_sk`.
const COLUMN_PREFIX_SHARE: f64 = 0.8;
/// The longest such prefix, in letters, and the fewest columns that make one.
const COLUMN_PREFIX_LETTERS: usize = 5;
const COLUMN_PREFIX_COLUMNS: usize = 3;

/// The words of the names of a table's columns, without the table's prefix, and cut where
/// they are written without separators.
pub(super) fn column_words(
    table: &Table,
    name: &TableName,
    vocabulary: &Vocabulary,
) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = table
        .columns
        .iter()
        .map(|column| identifier_words(&column.name))
        .collect();
    let mut beginnings: HashMap<&str, usize> = HashMap::new();
    for words in &all {
        if let [first, _, ..] = words.as_slice() {
            *beginnings.entry(first).or_default() += 1;
        }
    }
    let prefix = beginnings
        .into_iter()
        .max_by_key(|(word, columns)| (*columns, std::cmp::Reverse(*word)))
        .filter(|(word, columns)| {
            #[expect(clippy::cast_precision_loss, reason = "a number of columns")]
            let share = *columns as f64 / all.len() as f64;
            *columns >= COLUMN_PREFIX_COLUMNS
                && share >= COLUMN_PREFIX_SHARE
                && word.chars().count() <= COLUMN_PREFIX_LETTERS
                && !name.subject.contains(&english_stem(word))
                && !vocabulary.holds(&english_stem(word))
                && class_word(word).is_none()
                && !LEADING_KEY_WORDS.contains(word)
        })
        .map(|(word, _)| word.to_owned());
    for words in &mut all {
        if words.len() > 1 && words.first() == prefix.as_ref() {
            words.remove(0);
        }
        if words.iter().any(|word| vocabulary.split(word).is_some()) {
            *words = words
                .iter()
                .flat_map(|word| match vocabulary.split(word) {
                    Some(parts) => parts.to_vec(),
                    None => vec![word.clone()],
                })
                .collect();
        }
    }
    all
}

/// The most words of a name; what has more is a text that names nothing.
pub(super) const WORDS_MAX: usize = 32;

/// The stems of words.
pub(super) fn stemmed(words: &[String]) -> Vec<String> {
    words.iter().map(|word| english_stem(word)).collect()
}

/// What kind of key the key word of a column name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyWord {
    /// Made by the warehouse or the application: `key`, `id`, `sk`.
    Surrogate,
    /// Known to the business: `code`, `number`.
    Natural,
}

/// Words that end the name of a surrogate key, or of a reference to one.
const SURROGATE_WORDS: &[&str] = &[
    "key", "id", "sk", "fk", "pk", "hk", "guid", "uuid", "bk", "wid", "oid", "ref", "ptr",
];
const NATURAL_WORDS: &[&str] = &[
    "code", "number", "no", "nr", "num", "cd", "nbr", "kod", "cislo",
];
/// Key words that stand before the subject too: `id_customer`, `kod_zeme`.
const LEADING_KEY_WORDS: &[&str] = &["id", "fk", "pk", "sk", "hk", "kod", "cislo", "cod"];
/// Words that can follow a key word and say which of several references it is.
const TAIL_WORDS: &[&str] = &[
    "from",
    "to",
    "by",
    "of",
    "old",
    "new",
    "source",
    "target",
    "src",
    "dst",
    "dest",
    "origin",
    "destination",
    "first",
    "second",
    "primary",
    "secondary",
    "a",
    "b",
];

/// What kind of key a word promises.
pub(super) fn key_word(word: &str) -> Option<KeyWord> {
    if SURROGATE_WORDS.contains(&word) {
        Some(KeyWord::Surrogate)
    } else if NATURAL_WORDS.contains(&word) {
        Some(KeyWord::Natural)
    } else {
        None
    }
}

/// A column's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ColumnName {
    /// The class of table it says it points at: `dim_supplier_key`.
    pub(super) class: Option<NamedClass>,
    /// Stems of the words between class and key word.
    pub(super) subject: Vec<String>,
    /// What kind of key it says it is.
    pub(super) key_word: Option<KeyWord>,
    /// The key word itself, `sk` of `customer_sk`.
    pub(super) key: Option<String>,
    /// Words behind the key word that tell references apart: `from` of `station_id_from`.
    pub(super) tail: Vec<String>,
    /// Whether the key word comes first, and so the role last: `id_skladu_prijmu`.
    pub(super) key_first: bool,
}

impl ColumnName {
    /// Takes apart a name given in words.
    pub(super) fn of_words(mut words: Vec<String>) -> Self {
        if words.len() > WORDS_MAX {
            return Self::default();
        }
        let mut tail = Vec::new();
        if let Some(end) = words
            .iter()
            .rposition(|word| !is_tail(word))
            .filter(|end| *end + 1 < words.len())
            .filter(|end| {
                words.get(*end).is_some_and(|word| key_word(word).is_some())
                    || words.iter().skip(end + 1).all(|word| is_number(word))
            })
        {
            tail = words.split_off(end + 1);
        }
        let mut key = None;
        let mut key_first = false;
        // Of `customer_id_fk` the inner word says what the key is.
        if let [.., inner, last] = words.as_slice()
            && ["fk", "pk", "ref"].contains(&last.as_str())
            && self::key_word(inner).is_some()
        {
            words.pop();
        }
        if let Some(last) = words.last().filter(|last| self::key_word(last).is_some()) {
            key = Some(last.clone());
            words.pop();
        }
        if key.is_none()
            && words.len() > 1
            && let Some(first) = words
                .first()
                .filter(|first| LEADING_KEY_WORDS.contains(&first.as_str()))
        {
            key = Some(first.clone());
            key_first = true;
            words.remove(0);
        }
        let key_word = key
            .as_deref()
            .map(|word| key_word(word).unwrap_or(KeyWord::Natural));
        let class = words
            .first()
            .and_then(|word| class_word(word))
            .filter(|_| key_word.is_some() && words.len() > 1);
        if class.is_some() {
            words.remove(0);
        }
        Self {
            class,
            subject: stemmed(&words),
            key_word,
            key,
            tail,
            key_first,
        }
    }

    /// Takes apart a name by itself, without what the other names of its catalog tell.
    pub(super) fn parse(name: &str) -> Self {
        Self::of_words(identifier_words(name))
    }

    /// Whether it is nothing but a key word: `id`, `row_key`.
    pub(super) fn is_bare_key(&self) -> bool {
        self.key_word.is_some()
            && self
                .subject
                .iter()
                .all(|word| ["row", "record", "rec"].contains(&word.as_str()))
    }
}

fn is_number(word: &str) -> bool {
    word.chars().all(char::is_numeric)
}

fn is_tail(word: &str) -> bool {
    is_number(word) || TAIL_WORDS.contains(&word)
}

/// Stems that end the name of a calendar.
pub(super) const CALENDAR_WORDS: &[&str] = &["dat", "date", "calendar", "day", "kalendar"];

/// Words that say that a column without a key word counts things: `units_on_order`.
const COUNTING_WORDS: &[&str] = &[
    "number", "count", "num", "total", "units", "qty", "quantity", "max", "min", "avg", "sum",
    "days", "amount", "rate", "percent", "pct", "size", "length", "flag", "is", "has",
];

/// Whether a column without a key word counts or measures things, or holds several: such a
/// column is no reference, whatever table is called like the things.
pub(super) fn counts_things(column: &str) -> bool {
    let words = identifier_words(column);
    let plural = words.last().is_some_and(|last| {
        last.len() > 3 && last.ends_with('s') && !last.ends_with("ss") && !last.ends_with("us")
    });
    plural
        || words
            .iter()
            .any(|word| COUNTING_WORDS.contains(&word.as_str()))
}

/// Stems of all words of a column name, the key word included.
pub(super) fn stems(name: &str) -> Vec<String> {
    identifier_words(name)
        .iter()
        .map(|word| english_stem(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_name_gives_class_and_subject() {
        let parse = |name: &str| {
            let parsed = TableName::parse(name);
            (parsed.named_class(), parsed.subject.join(" "))
        };
        assert_eq!(
            parse("factv_purchase_order"),
            (Some(NamedClass::Fact), "purchas order".into())
        );
        assert_eq!(
            parse("DimCustomers"),
            (Some(NamedClass::Dimension), "customer".into())
        );
        assert_eq!(parse("sales_fact"), (Some(NamedClass::Fact), "sal".into()));
        assert_eq!(
            parse("relv_user_plant"),
            (Some(NamedClass::Bridge), "user plant".into())
        );
        assert_eq!(
            parse("zmm_load_log"),
            (Some(NamedClass::Technical), "zmm load".into())
        );
        assert_eq!(parse("store_sales"), (None, "stor sal".into()));
        assert_eq!(parse("fact"), (None, "fact".into()));
    }

    #[test]
    fn a_column_name_gives_key_word_and_subject() {
        let parse = |name: &str| {
            let parsed = ColumnName::parse(name);
            (parsed.class, parsed.subject.join(" "), parsed.key_word)
        };
        assert_eq!(
            parse("dim_invoicing_supplier_key"),
            (
                Some(NamedClass::Dimension),
                "invoic supplier".into(),
                Some(KeyWord::Surrogate)
            )
        );
        assert_eq!(
            parse("CustomerID"),
            (None, "customer".into(), Some(KeyWord::Surrogate))
        );
        assert_eq!(
            parse("purchase_order_number"),
            (None, "purchas order".into(), Some(KeyWord::Natural))
        );
        assert_eq!(parse("id"), (None, String::new(), Some(KeyWord::Surrogate)));
        assert_eq!(parse("dim_sum"), (None, "dim sum".into(), None));
    }
}
