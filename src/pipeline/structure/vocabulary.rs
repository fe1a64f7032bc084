//! The words that tables are named with, and what shorter words stand for them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::names::{self, TableName};
use crate::text::{english_stem, slavic_stem};

/// How a word stands for a word of a table's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Likeness {
    /// Cut short or without some of its letters: `cust`, `dept`, `addr`.
    Abbreviated,
    /// Another form of it: `zakaznika` of `zakaznik`.
    Inflected,
    /// The same word, singular or plural.
    Same,
}

/// A word's meanings among the words of table names.
pub(super) type Meanings = Rc<[(Rc<str>, Likeness)]>;

/// All words of the table names of a scope.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: HashSet<Rc<str>>,
    /// By their first letter, each with its Slavic stem.
    by_first_letter: HashMap<char, Vec<(Rc<str>, String)>>,
    meanings: RefCell<HashMap<String, Meanings>>,
    splits: RefCell<HashMap<String, Option<Rc<[String]>>>>,
}

/// The shortest word that is taken for an abbreviation.
const ABBREVIATION_MIN: usize = 3;
/// The longest word that is taken for an abbreviation by leaving letters out.
const SKELETON_MAX: usize = 6;
/// The shortest stem by which two words are forms of one.
const INFLECTED_STEM_MIN: usize = 3;
/// What abbreviates more words than that stands for none of them.
const MEANINGS_MAX: usize = 64;
/// The longest word that is cut, in letters; what is longer is no name.
const CUT_MAX: usize = 64;
/// How many words one is compared with, and by how many letters these are told from others
/// where there are more: without a bound, the words of a hundred thousand tables would be
/// compared pair by pair.
const COMPARED_MAX: usize = 1024;
const BEGINNING_LETTERS: usize = 3;
/// The shortest part that a word is cut into.
const PARTS_MIN: usize = 3;

impl Vocabulary {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n TableName>) -> Self {
        let words: BTreeSet<Rc<str>> = names
            .flat_map(|name| &name.subject)
            .map(|word| Rc::from(word.as_str()))
            .collect();
        let mut by_first_letter: HashMap<char, Vec<(Rc<str>, String)>> = HashMap::new();
        for word in &words {
            if let Some(first) = word.chars().next() {
                let known = by_first_letter.entry(first).or_default();
                known.push((word.clone(), slavic_stem(word)));
            }
        }
        Self {
            words: words.into_iter().collect(),
            by_first_letter,
            meanings: RefCell::default(),
            splits: RefCell::default(),
        }
    }

    pub(super) fn holds(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The words of table names that a word (a stem) can stand for.
    pub(super) fn meanings(&self, word: &str) -> Meanings {
        if let Some(known) = self.meanings.borrow().get(word) {
            return known.clone();
        }
        let stem = slavic_stem(word);
        let mut found: Vec<(Rc<str>, Likeness)> = self
            .comparable(word)
            .iter()
            .filter_map(|(other, other_stem)| {
                let likeness = likeness((word, &stem), (other, other_stem))?;
                Some((other.clone(), likeness))
            })
            .collect();
        if found.len() > MEANINGS_MAX {
            found.retain(|(_, likeness)| *likeness != Likeness::Abbreviated);
        }
        let found: Meanings = found.into();
        self.meanings
            .borrow_mut()
            .insert(word.to_owned(), found.clone());
        found
    }

    /// The words that a word is compared with: those of its first letter; where these are
    /// too many to compare all, those that begin as it does.
    fn comparable(&self, word: &str) -> &[(Rc<str>, String)] {
        let all = word
            .chars()
            .next()
            .and_then(|first| self.by_first_letter.get(&first))
            .map(Vec::as_slice)
            .unwrap_or_default();
        if all.len() <= COMPARED_MAX {
            return all;
        }
        let beginning: String = word.chars().take(BEGINNING_LETTERS).collect();
        let start = all.partition_point(|(other, _)| **other < *beginning);
        let end = start
            + all
                .get(start..)
                .unwrap_or_default()
                .partition_point(|(other, _)| other.starts_with(&beginning));
        let near = all.get(start..end).unwrap_or_default();
        near.get(..COMPARED_MAX).unwrap_or(near)
    }

    /// A word written without separators, cut where the words of table names allow it:
    /// `custkey` is `cust`, `key` where a table is called `customer`.
    pub(super) fn split(&self, word: &str) -> Option<Rc<[String]>> {
        if let Some(known) = self.splits.borrow().get(word) {
            return known.clone();
        }
        let found: Option<Rc<[String]>> = self.cut(word).map(Rc::from);
        self.splits
            .borrow_mut()
            .insert(word.to_owned(), found.clone());
        found
    }

    fn cut(&self, word: &str) -> Option<Vec<String>> {
        if word.len() > CUT_MAX
            || !word.is_ascii()
            || self.holds(&english_stem(word))
            || names::key_word(word).is_some()
        {
            return None;
        }
        let known = |part: &str| self.holds(&english_stem(part));
        // `key` ends few words, `id` and `no` many.
        for (ending, least) in [
            ("key", 2),
            ("id", 3),
            ("code", 3),
            ("number", 3),
            ("no", 4),
            ("sk", 3),
        ] {
            if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() >= least) {
                let telling = ending.len() > 2 && !self.meanings(&english_stem(rest)).is_empty();
                if known(rest) || telling {
                    return Some(vec![rest.to_owned(), ending.to_owned()]);
                }
                if let Some(mut parts) = self.cut_in_two(rest) {
                    parts.push(ending.to_owned());
                    return Some(parts);
                }
                if ending == "key" {
                    return Some(vec![rest.to_owned(), ending.to_owned()]);
                }
            }
        }
        self.cut_in_two(word)
    }

    fn cut_in_two(&self, word: &str) -> Option<Vec<String>> {
        let known = |part: &str| self.holds(&english_stem(part));
        (PARTS_MIN..word.len().saturating_sub(PARTS_MIN - 1)).find_map(|at| {
            let (left, right) = word.split_at_checked(at)?;
            let role = ROLE_WORDS.contains(&left);
            (known(right) && (known(left) || role)).then(|| vec![left.to_owned(), right.to_owned()])
        })
    }
}

/// Words that stand before a table's name to say in which role it is meant, in names
/// written without separators.
const ROLE_WORDS: &[&str] = &[
    "parent", "order", "ship", "bill", "commit", "start", "end", "from", "due", "home", "owner",
];

/// How `word` stands for `other`, both stems with the same first letter and given with
/// their Slavic stems.
fn likeness((word, stem): (&str, &str), (other, other_stem): (&str, &str)) -> Option<Likeness> {
    if word == other {
        return Some(Likeness::Same);
    }
    if stem.len() >= INFLECTED_STEM_MIN && stem == other_stem {
        return Some(Likeness::Inflected);
    }
    abbreviates(word, other).or_else(|| abbreviates(other, word))
}

/// Whether `word` is `other` cut short or without some of its letters.
fn abbreviates(word: &str, other: &str) -> Option<Likeness> {
    if KNOWN_ABBREVIATIONS.contains(&(word, other)) {
        return Some(Likeness::Abbreviated);
    }
    if word.len() < ABBREVIATION_MIN || word.len() >= other.len() {
        return None;
    }
    let without_vowels = other
        .char_indices()
        .filter(|(place, c)| *place == 0 || !"aeiou".contains(*c))
        .map(|(_, c)| c);
    if word.chars().eq(without_vowels) {
        return Some(Likeness::Abbreviated);
    }
    let cut_short = other.starts_with(word) && word.len() + 3 <= other.len();
    let skeleton =
        word.len() <= SKELETON_MAX && word.len() + 2 <= other.len() && is_skeleton(word, other);
    (cut_short || skeleton).then_some(Likeness::Abbreviated)
}

/// Abbreviations that hold letters their words do not, or too few of them.
const KNOWN_ABBREVIATIONS: &[(&str, &str)] = &[
    ("txn", "transaction"),
    ("trx", "transaction"),
    ("ccy", "currency"),
    ("wh", "warehous"),
    ("dt", "dat"),
    ("dt", "date"),
    ("tm", "tim"),
    ("pct", "percent"),
    ("no", "number"),
];

/// Whether a word is another's letters with vowels, and some others, left out: `dept` of
/// `department`, `qty` of `quantity`. Its consonants have to come in order, and the first
/// dropped letters must not all be at the end.
fn is_skeleton(word: &str, other: &str) -> bool {
    let vowel = |c: char| "aeiou".contains(c);
    let mut rest = other.chars();
    let in_order = word.chars().all(|c| rest.by_ref().any(|other| other == c));
    let consonants = |text: &str| text.chars().filter(|c| !vowel(*c)).count();
    // Two in three of the word's letters say more than its vowels do.
    in_order && consonants(word) * 3 >= word.chars().count() * 2 && word.len() * 4 >= other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(tables: &[&str]) -> Vocabulary {
        let names: Vec<TableName> = tables.iter().map(|name| TableName::parse(name)).collect();
        Vocabulary::new(names.iter())
    }

    fn likeness(word: &str, other: &str) -> Option<Likeness> {
        super::likeness((word, &slavic_stem(word)), (other, &slavic_stem(other)))
    }

    #[test]
    fn short_words_stand_for_the_words_they_abbreviate() {
        for (short, long) in [
            ("cust", "customer"),
            ("addr", "address"),
            ("dept", "department"),
            ("qty", "quantity"),
            ("mgr", "manager"),
            ("emp", "employe"),
            ("acct", "account"),
            ("promo", "promotion"),
            ("txn", "transaction"),
        ] {
            assert_eq!(
                likeness(short, long),
                Some(Likeness::Abbreviated),
                "{short}"
            );
        }
        assert_eq!(likeness("zakaznika", "zakaznik"), Some(Likeness::Inflected));
        for (a, b) in [("count", "country"), ("stat", "store"), ("id", "item")] {
            assert_eq!(likeness(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn words_without_separators_are_cut_where_tables_are_called_so() {
        let known = vocabulary(&["customer", "order", "supplier", "date", "user"]);
        let split = |word: &str| known.split(word).map(|parts| parts.join(" "));
        assert_eq!(split("custkey").as_deref(), Some("cust key"));
        assert_eq!(split("userid").as_deref(), Some("user id"));
        assert_eq!(split("orderdate").as_deref(), Some("order date"));
        for whole in ["valid", "paid", "customer", "key", "update"] {
            assert_eq!(split(whole), None, "{whole}");
        }
    }
}
