//! The words of protected data in three languages; see the head of `data/sensitive.tsv`.

use std::collections::{HashMap, HashSet};

use once_cell::sync::Lazy;

use super::category::Category;
use crate::text::{self, english_stem, fold, identifier_words, slavic_stem};

/// The most words of a name or description that are read.
const WORDS_MAX: usize = 48;
/// The most characters of a name that are read.
const NAME_MAX: usize = 512;
/// Czech and Slovak words with a shorter stem meet words of English by chance (`plat`,
/// plate), so they count as written only.
const SLAVIC_STEM_MIN: usize = 5;

/// How much a phrase says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Only beside a person.
    Weak,
    /// As a rule.
    Likely,
    /// What a person is to the thing the table is about.
    Role,
    /// Nothing else is called so.
    Outright,
}

/// A word in the three spellings it is looked up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) written: String,
    english: String,
    slavic: String,
}

impl Word {
    fn new(folded: String) -> Self {
        Self {
            english: english_stem(&folded),
            slavic: slavic_stem(&folded),
            written: folded,
        }
    }

    /// Whether the two are forms of one word, in either language.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.english == other.english || self.slavic == other.slavic
    }

    /// The words of an identifier.
    pub(super) fn of_name(name: &str) -> Vec<Self> {
        let end = name.char_indices().nth(NAME_MAX);
        let name = end.map_or(name, |(end, _)| name.get(..end).unwrap_or_default());
        let words = identifier_words(name).into_iter();
        words.take(WORDS_MAX).map(Self::new).collect()
    }

    /// The words of a sentence.
    pub(super) fn of_text(text: &str) -> Vec<Self> {
        let words = text::words(text).take(WORDS_MAX);
        words.map(|word| Self::new(fold(word))).collect()
    }
}

/// A phrase found among words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) category: Category,
    pub(super) strength: Strength,
    /// Place of its first word.
    pub(super) start: usize,
    /// How many words it takes.
    pub(super) length: usize,
    /// Czech or Slovak: what follows it describes it, and does not make it another thing.
    pub(super) slavic: bool,
}

type Meaning = (Category, Strength);

/// The lexicon.
#[derive(Default)]
pub(super) struct Lexicon {
    /// By what is written, whether or not in one word; with whether it is Czech or Slovak.
    written: HashMap<String, (Meaning, bool)>,
    english: HashMap<String, Meaning>,
    slavic: HashMap<String, Meaning>,
    /// Fields of SAP, folded, without separators.
    fields: HashMap<String, Meaning>,
    /// The most words of a phrase.
    longest: usize,
}

static EMBEDDED: Lazy<Lexicon> =
    Lazy::new(|| Lexicon::parse(include_str!("../../../data/sensitive.tsv")));

impl Lexicon {
    pub(super) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn parse(table: &str) -> Self {
        let mut lexicon = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let category = fields.next().and_then(category_of);
            let strength = fields.next().and_then(strength_of);
            let (Some(category), Some(strength)) = (category, strength) else {
                continue;
            };
            let meaning = (category, strength);
            for form in forms(fields.next()) {
                lexicon.add(form, meaning, false);
            }
            for form in forms(fields.next()) {
                lexicon.add(form, meaning, true);
            }
            for field in forms(fields.next()) {
                lexicon.fields.entry(fused(field)).or_insert(meaning);
            }
        }
        lexicon
    }

    fn add(&mut self, form: &str, meaning: Meaning, slavic: bool) {
        let words = Word::of_text(form);
        self.longest = self.longest.max(words.len());
        // The first row that claims a form keeps it.
        self.written
            .entry(join(&words, |word| &word.written))
            .or_insert((meaning, slavic));
        if !slavic {
            let stems = join(&words, |word| &word.english);
            self.english.entry(stems).or_insert(meaning);
        } else if words.len() > 1 || words.iter().any(|w| w.slavic.len() >= SLAVIC_STEM_MIN) {
            let stems = join(&words, |word| &word.slavic);
            self.slavic.entry(stems).or_insert(meaning);
        }
    }

    /// What a field of SAP holds.
    pub(super) fn field(&self, name: &str) -> Option<Meaning> {
        self.fields.get(&fused(name)).copied()
    }

    /// The phrases among words: from the left, the longest first, none within another.
    pub(super) fn find(&self, words: &[Word]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut start = 0;
        while start < words.len() {
            // One word more than the longest phrase: a name may be cut where the phrase is not.
            let most = (self.longest + 1).min(words.len() - start);
            let hit = (1..=most)
                .rev()
                .filter_map(|length| Some((length, words.get(start..start + length)?)))
                .find_map(|(length, window)| {
                    let ((category, strength), slavic) = self.meaning(window)?;
                    Some(Hit {
                        category,
                        strength,
                        start,
                        length,
                        slavic,
                    })
                });
            start += hit.map_or(1, |hit| hit.length);
            hits.extend(hit);
        }
        hits
    }

    fn meaning(&self, words: &[Word]) -> Option<(Meaning, bool)> {
        let written = self.written.get(&join(words, |word| &word.written));
        let english = || self.english.get(&join(words, |word| &word.english));
        let slavic = || self.slavic.get(&join(words, |word| &word.slavic));
        written
            .copied()
            .or_else(|| english().map(|meaning| (*meaning, false)))
            .or_else(|| slavic().map(|meaning| (*meaning, true)))
    }
}

fn forms(list: Option<&str>) -> impl Iterator<Item = &str> {
    let list = list.unwrap_or_default().split(';');
    list.map(str::trim).filter(|form| !form.is_empty())
}

fn join(words: &[Word], spelling: fn(&Word) -> &String) -> String {
    words.iter().map(|word| spelling(word).as_str()).collect()
}

fn fused(name: &str) -> String {
    let name = fold(name);
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn category_of(name: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|known| known.name() == name)
}

fn strength_of(name: &str) -> Option<Strength> {
    match name {
        "outright" => Some(Strength::Outright),
        "role" => Some(Strength::Role),
        "likely" => Some(Strength::Likely),
        "weak" => Some(Strength::Weak),
        _ => None,
    }
}

/// A set of words of three languages, asked by their stems.
pub(super) struct WordSet {
    written: HashSet<String>,
    english: HashSet<String>,
    slavic: HashSet<String>,
}

impl WordSet {
    pub(super) fn new(english: &str, slavic: &str) -> Self {
        let words = |list: &str| -> Vec<Word> { Word::of_text_unbounded(list) };
        let (english, slavic) = (words(english), words(slavic));
        let written = english.iter().chain(&slavic);
        Self {
            written: written.map(|word| word.written.clone()).collect(),
            english: english.iter().map(|word| word.english.clone()).collect(),
            slavic: slavic
                .iter()
                .map(|word| &word.slavic)
                .filter(|stem| stem.len() >= SLAVIC_STEM_MIN)
                .cloned()
                .collect(),
        }
    }

    pub(super) fn holds(&self, word: &Word) -> bool {
        self.written.contains(&word.written)
            || self.english.contains(&word.english)
            || self.slavic.contains(&word.slavic)
    }
}

impl Word {
    /// All words of a list that is part of the program.
    fn of_text_unbounded(text: &str) -> Vec<Self> {
        text::words(text)
            .map(|word| Self::new(fold(word)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Vec<&'static str> {
        let hits = Lexicon::embedded().find(&Word::of_name(name));
        hits.iter().map(|hit| hit.category.name()).collect()
    }

    #[test]
    fn every_row_of_the_lexicon_is_read_and_every_form_found_again() {
        let table = include_str!("../../../data/sensitive.tsv");
        let mut checked = 0;
        for row in table.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = row.split('\t').collect();
            assert_eq!(fields.len(), 5, "{row}");
            let category = category_of(fields[0]).expect(row);
            strength_of(fields[1]).expect(row);
            for form in forms(Some(fields[2])).chain(forms(Some(fields[3]))) {
                assert!(
                    found(form).contains(&category.name()),
                    "{form}: {:?}",
                    found(form)
                );
                checked += 1;
            }
            for field in forms(Some(fields[4])) {
                let meaning = Lexicon::embedded().field(field);
                assert_eq!(meaning.map(|(known, _)| known), Some(category), "{field}");
            }
        }
        assert!(checked > 400, "{checked}");
    }

    #[test]
    fn spelling_case_accents_and_inflection_do_not_matter() {
        for (name, category) in [
            ("EMailAddress", "email"),
            ("e-mail", "email"),
            ("emailaddress", "email"),
            ("RodneCislo", "national_id"),
            ("rodnecislo", "national_id"),
            ("rodného čísla", "national_id"),
            ("telefónneho čísla", "phone"),
            ("DateOfBirth", "birth_date"),
            ("lastnames", "person_name"),
        ] {
            assert_eq!(found(name), [category], "{name}");
        }
    }

    #[test]
    fn words_of_other_things_are_no_phrase() {
        for name in ["license_plate", "mzdove_naklady", "platnost_od", "ordinal"] {
            assert_eq!(found(name), [""; 0], "{name}");
        }
    }
}
