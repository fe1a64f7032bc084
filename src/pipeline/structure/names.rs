//! What the name of a table or column says: its class, its subject, whether it is a key.

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

fn class_word(word: &str) -> Option<NamedClass> {
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

impl TableName {
    pub(super) fn parse(name: &str) -> Self {
        let mut words = identifier_words(name);
        let mut class = None;
        if words.len() > 1 {
            // A prefix is a convention; a last word counts only where it can be nothing else.
            let first = words.first().and_then(|word| class_word(word));
            let last = words.last().and_then(|word| class_word(word));
            if let Some(found) = first {
                class = Some((found, words.remove(0)));
            } else if let Some(found) = last {
                class = words.pop().map(|word| (found, word));
            }
        }
        Self {
            class,
            subject: words.iter().map(|word| english_stem(word)).collect(),
        }
    }

    pub(super) fn named_class(&self) -> Option<NamedClass> {
        self.class.as_ref().map(|(class, _)| *class)
    }
}

/// What kind of key the last word of a column name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyWord {
    /// Made by the warehouse or the application: `key`, `id`, `sk`.
    Surrogate,
    /// Known to the business: `code`, `number`.
    Natural,
}

const SURROGATE_WORDS: &[&str] = &["key", "id", "sk", "fk", "pk", "hk", "guid", "uuid", "bk"];
const NATURAL_WORDS: &[&str] = &["code", "number", "no", "nr", "num", "cd"];

/// A column's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnName {
    /// The class of table it says it points at: `dim_supplier_key`.
    pub(super) class: Option<NamedClass>,
    /// Stems of the words between class and key word.
    pub(super) subject: Vec<String>,
    pub(super) key_word: Option<KeyWord>,
}

impl ColumnName {
    pub(super) fn parse(name: &str) -> Self {
        let mut words = identifier_words(name);
        let key_word = words.last().and_then(|last| {
            if SURROGATE_WORDS.contains(&last.as_str()) {
                Some(KeyWord::Surrogate)
            } else if NATURAL_WORDS.contains(&last.as_str()) {
                Some(KeyWord::Natural)
            } else {
                None
            }
        });
        if key_word.is_some() {
            words.pop();
        }
        let class = words
            .first()
            .and_then(|word| class_word(word))
            .filter(|_| key_word.is_some());
        if class.is_some() {
            words.remove(0);
        }
        Self {
            class,
            subject: words.iter().map(|word| english_stem(word)).collect(),
            key_word,
        }
    }
}

/// Words (stems) that make a number a measure.
const MEASURE_WORDS: &[&str] = &[
    "amount",
    "amt",
    "quantity",
    "qty",
    "pric",
    "cost",
    "valu",
    "total",
    "sum",
    "count",
    "cnt",
    "rat",
    "ratio",
    "percent",
    "percentag",
    "pct",
    "share",
    "scor",
    "weight",
    "volum",
    "day",
    "hour",
    "minut",
    "duration",
    "delay",
    "balanc",
    "tax",
    "discount",
    "revenu",
    "margin",
    "profit",
    "spend",
    "stock",
    "deviation",
    "varianc",
    "capacity",
    "net",
    "gross",
    "fee",
    "charg",
    "freight",
    "sal",
    "salary",
    "paid",
    "utilization",
    "average",
    "avg",
];

/// Words (stems) of numbers that are no measure: parts of dates, places in an order.
const NO_MEASURE_WORDS: &[&str] = &[
    "year", "quarter", "month", "week", "fiscal", "period", "version", "sequenc", "position",
    "order_by", "level", "latitud", "longitud", "flag", "typ", "status", "lin", "batch", "postal",
    "zip", "phon", "rank", "index",
];

/// Words (stems) of columns that the loading process owns.
const TECHNICAL_WORDS: &[&str] = &[
    "load",
    "loaded",
    "etl",
    "insert",
    "updat",
    "ingestion",
    "batch_id",
    "sourc_system",
    "record_sourc",
    "dwh",
    "audit",
    "checksum",
    "hash",
    "creat_at",
    "modified",
];

/// Whether a numeric column counts something, going by its name alone.
pub(super) fn sounds_like_measure(stems: &[String]) -> bool {
    !sounds_like_no_measure(stems)
        && stems
            .iter()
            .any(|stem| MEASURE_WORDS.contains(&stem.as_str()))
}

/// Whether the name of a number says that adding it up is nonsense.
pub(super) fn sounds_like_no_measure(stems: &[String]) -> bool {
    // The last word names the thing: `price_type` is a type, `month_amount` an amount.
    stems
        .last()
        .is_some_and(|stem| NO_MEASURE_WORDS.contains(&stem.as_str()))
        || stems
            .first()
            .is_some_and(|stem| ["is", "has"].contains(&stem.as_str()))
}

/// Whether the loading process, not the business, fills the column.
pub(super) fn sounds_technical(stems: &[String]) -> bool {
    let joined = stems.join("_");
    TECHNICAL_WORDS.iter().any(|word| {
        if word.contains('_') {
            joined.contains(word)
        } else {
            stems.iter().any(|stem| stem == word)
        }
    })
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

    #[test]
    fn measures_are_told_from_other_numbers_by_their_words() {
        for name in [
            "net_amount",
            "delay_days",
            "unit_price",
            "order_quantity",
            "month_total",
        ] {
            assert!(sounds_like_measure(&stems(name)), "{name}");
        }
        for name in [
            "fiscal_year",
            "is_on_time",
            "price_type",
            "supplier_name",
            "calendar_week",
        ] {
            assert!(!sounds_like_measure(&stems(name)), "{name}");
        }
    }
}
