//! What the words of a name say of a column: whether it measures, whether the loading
//! process owns it. The words themselves are in [`super::lexicon`].

use std::borrow::Cow;
use std::collections::HashSet;

pub(super) use super::lexicon::*;
use crate::text::{english_stem, slavic_stem};

/// A word in its stems.
pub(super) trait Stemmed {
    /// The stem of the word taken as English.
    fn english(&self) -> &str;
    /// The stem of the word taken as Czech or Slovak.
    fn slavic(&self) -> Cow<'_, str>;
}

impl Stemmed for String {
    fn english(&self) -> &str {
        self
    }

    fn slavic(&self) -> Cow<'_, str> {
        Cow::Owned(slavic_stem(self))
    }
}

/// Both stems of a word that is asked about many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stem {
    english: String,
    slavic: String,
}

impl Stem {
    /// That of a word whose English stem is known.
    pub(super) fn of(english: &str) -> Self {
        Self {
            slavic: slavic_stem(english),
            english: english.to_owned(),
        }
    }
}

impl Stemmed for Stem {
    fn english(&self) -> &str {
        &self.english
    }

    fn slavic(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.slavic)
    }
}

/// A set of words that is asked by stems.
pub(super) struct Words {
    english: HashSet<String>,
    slavic: HashSet<String>,
}

impl Words {
    pub(super) fn new(english: &[&str], slavic: &[&str]) -> Self {
        Self {
            english: english.iter().map(|word| english_stem(word)).collect(),
            slavic: slavic
                .iter()
                .map(|word| slavic_stem(&english_stem(word)))
                .collect(),
        }
    }

    /// Whether it has the word of a stem.
    pub(super) fn hold(&self, stem: &impl Stemmed) -> bool {
        self.english.contains(stem.english()) || self.hold_slavic(stem)
    }

    /// Whether it has it among the Czech and Slovak words, whose phrases begin with the
    /// noun that counts: `druh_dokladu` is a kind, and so is `document_type`.
    pub(super) fn hold_slavic(&self, stem: &impl Stemmed) -> bool {
        !self.slavic.is_empty() && self.slavic.contains(&*stem.slavic())
    }

    /// Whether it has any of the words.
    pub(super) fn hold_any(&self, stems: &[impl Stemmed]) -> bool {
        stems.iter().any(|stem| self.hold(stem))
    }
}

/// Words that only together say that the loading process owns a column, as stems.
const LOADING_PAIRS: &[[&str; 2]] = &[
    ["batch", "id"],
    ["sourc", "system"],
    ["src", "sys"],
    ["record", "sourc"],
    ["creat", "at"],
    ["created", "at"],
    ["creat", "by"],
    ["created", "by"],
    ["created", "on"],
    ["creat", "on"],
    ["changed", "on"],
    ["changed", "by"],
    ["chang", "on"],
    ["chang", "by"],
    ["deleted", "at"],
    ["delet", "at"],
    ["dat", "vytvoreni"],
    ["dat", "zmeny"],
    ["integration", "id"],
];
/// Endings (stems) of words for numbers that are written without separators: `totalprice`.
const FUSED_ENDINGS: &[&str] = &[
    "pric", "cost", "qty", "quantity", "amount", "amt", "total", "valu", "discount", "revenu",
    "profit", "balanc", "bal", "count", "margin", "rat",
];
/// The fewest letters before such an ending.
const FUSED_HEAD_MIN: usize = 3;

/// Whether a column's words (stems) name a part of a date.
pub(super) fn is_part_of_date(stems: &[impl Stemmed]) -> bool {
    DATE_PARTS.hold_any(stems)
}

/// Whether a numeric column counts or measures something, going by its name alone.
pub(super) fn sounds_like_measure(stems: &[impl Stemmed]) -> bool {
    // Of units in the singular only small ones are durations: weeks and years are dates.
    let small = |last: &str| ["day", "hour", "minut"].contains(&last);
    is_measure(
        stems,
        stems.last().is_some_and(|last| small(last.english())),
    )
}

/// The same, knowing whether the name ends in a plural: `delay_days` are a duration,
/// `birth_day` is not.
pub(super) fn is_measure(stems: &[impl Stemmed], plural: bool) -> bool {
    let Some(last) = stems.last() else {
        return false;
    };
    if plural && stems.len() > 1 && TIME_UNITS.hold(last) && !begins_as_flag(stems) {
        return !has(stems, &["of", "fiscal", "birth"]);
    }
    !is_no_measure(stems) && (adds_up(stems) || LEVELS.hold_any(stems) || is_fused(stems))
}

/// Whether the words are of a number that adds up.
pub(super) fn adds_up(stems: &[impl Stemmed]) -> bool {
    let counted = stems.len() > 1
        && stems
            .first()
            .is_some_and(|first| ["number", "num", "no", "pocet"].contains(&first.english()));
    counted
        || AMOUNTS.hold_any(stems)
        || stems.iter().any(|stem| {
            ["qty", "amt", "amount", "quantity"]
                .iter()
                .any(|end| is_fused_with(stem, end))
        })
}

/// Whether the name of a number says that adding it up is nonsense.
pub(super) fn is_no_measure(stems: &[impl Stemmed]) -> bool {
    // The last word names the thing: `price_type` is a type, `month_amount` an amount.
    let last = stems
        .iter()
        .rev()
        .find(|stem| !stem.english().chars().all(char::is_numeric));
    last.is_some_and(|last| NO_MEASURES.hold(last) || TIME_UNITS.hold(last))
        || begins_as_flag(stems)
        || has(stems, &["birth", "fiscal"])
}

fn has(stems: &[impl Stemmed], words: &[&str]) -> bool {
    stems.iter().any(|stem| words.contains(&stem.english()))
}

fn begins_as_flag(stems: &[impl Stemmed]) -> bool {
    stems.len() > 1
        && stems
            .first()
            .is_some_and(|first| ["is", "has", "can", "je", "ma"].contains(&first.english()))
}

fn is_fused(stems: &[impl Stemmed]) -> bool {
    stems.iter().any(|stem| {
        FUSED_ENDINGS
            .iter()
            .any(|ending| is_fused_with(stem, ending))
    })
}

fn is_fused_with(stem: &impl Stemmed, ending: &str) -> bool {
    stem.english()
        .strip_suffix(ending)
        .is_some_and(|head| head.chars().count() >= FUSED_HEAD_MIN)
}

/// Whether the loading process, not the business, fills the column.
pub(super) fn sounds_technical(stems: &[impl Stemmed]) -> bool {
    LOADING.hold_any(stems)
        || stems.windows(2).any(|pair| {
            LOADING_PAIRS.iter().any(|known| {
                pair.iter()
                    .zip(known)
                    .all(|(stem, known)| stem.english() == *known)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::identifier_words;

    fn stems(name: &str) -> Vec<String> {
        identifier_words(name)
            .iter()
            .map(|word| english_stem(word))
            .collect()
    }

    #[test]
    fn measures_are_told_from_other_numbers_by_their_words() {
        for name in [
            "net_amount",
            "delay_days",
            "unit_price",
            "order_quantity",
            "month_total",
            "totalprice",
            "availqty",
            "number_of_orders",
            "mnozstvi",
            "cena_bez_dph",
            "pocet_dni_vyrizeni",
        ] {
            assert!(sounds_like_measure(&stems(name)), "{name}");
        }
        for name in [
            "fiscal_year",
            "is_on_time",
            "price_type",
            "supplier_name",
            "calendar_week",
            "birth_year",
            "day_of_weeks",
            "latitude",
            "revision",
            "rok",
            "poradi",
            "count_type",
        ] {
            assert!(!sounds_like_measure(&stems(name)), "{name}");
        }
        assert!(!is_measure(&stems("birth_day"), false));
        assert!(!is_measure(&stems("hour"), false));
    }

    #[test]
    fn columns_of_the_loading_process_are_known_by_their_words() {
        for name in [
            "load_timestamp",
            "etl_insert_ts",
            "batch_id",
            "Src_Sys_Cd",
            "created_at",
            "ModifiedDate",
            "_airbyte_raw_id",
            "dat_vytvoreni",
            "Lineage Key",
        ] {
            assert!(sounds_technical(&stems(name)), "{name}");
        }
        for name in [
            "order_date",
            "batch_number",
            "source_country",
            "created_date",
            "system",
        ] {
            assert!(!sounds_technical(&stems(name)), "{name}");
        }
    }
}
