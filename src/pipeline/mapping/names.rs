//! Reads the names of tables and columns: takes compounds apart, completes what is cut
//! short, leaves out what only says what kind of table it is.

use std::collections::HashMap;

use super::compounds::Dictionary;
use crate::glossary::{Glossary, Term};
use crate::pipeline::structure::{self, NamedClass};
use crate::text::{english_stem, identifier_words};

/// How surely a word of a name means a key.
mod strength {
    /// As it stands.
    pub(super) const WRITTEN: f32 = 1.0;
    /// A part of a compound of which another part is unknown.
    pub(super) const ANCHORED: f32 = 0.9;
    /// A word that it begins.
    pub(super) const CONTINUED: f32 = 0.75;
    /// A word of which it has the consonants.
    pub(super) const SKELETON: f32 = 0.65;
    /// Each further word that it may be cut from.
    pub(super) const OTHERWISE: f32 = 0.9;
}

/// Prefixes and suffixes of tables that say nothing of what they are about, beside those
/// that give the class away.
const EMPTY_PREFIXES: &[&str] = &["tbl", "tb", "vw", "v", "t", "stg"];

/// How a folded word of a name is taken.
#[derive(Debug, Clone)]
enum Reading {
    /// As it stands.
    Whole,
    /// In parts, all known or not.
    Parts(Vec<String>, bool),
    /// Cut short: the words it may stand for.
    Short(Vec<(String, f32)>),
}

/// Reads names; remembers the words it took apart.
pub(super) struct NameReader<'g> {
    glossary: &'g Glossary,
    dictionary: Dictionary,
    known: HashMap<String, Reading>,
}

impl<'g> NameReader<'g> {
    pub(super) fn new(glossary: &'g Glossary, dictionary: Dictionary) -> Self {
        Self {
            glossary,
            dictionary,
            known: HashMap::new(),
        }
    }

    pub(super) fn into_dictionary(self) -> Dictionary {
        self.dictionary
    }

    /// A table's name without the word that gives its class.
    pub(super) fn subject(name: &str) -> String {
        let mut words = identifier_words(name);
        if words.len() > 1 {
            if words
                .first()
                .is_some_and(|word| is_class_word(word) || EMPTY_PREFIXES.contains(&word.as_str()))
            {
                words.remove(0);
            } else if words.last().is_some_and(|word| is_class_word(word)) {
                words.pop();
            }
        }
        words.join(" ")
    }

    /// The single words of a name, compounds taken apart.
    pub(super) fn words(&mut self, name: &str) -> Vec<String> {
        let words = identifier_words(name);
        words
            .into_iter()
            .flat_map(|word| match self.reading(&word) {
                Reading::Parts(parts, _) => parts,
                Reading::Whole | Reading::Short(_) => vec![word],
            })
            .collect()
    }

    /// The keys of a name, each with how surely it is meant.
    pub(super) fn keys(&mut self, name: &str) -> Vec<(String, f32)> {
        let (mut words, mut extra) = (Vec::new(), Vec::new());
        for word in identifier_words(name) {
            match self.reading(&word) {
                Reading::Whole => words.push(word),
                Reading::Parts(parts, true) => words.extend(parts),
                Reading::Parts(parts, false) => {
                    extra.extend(
                        parts
                            .iter()
                            .flat_map(|part| self.of_word(part, strength::ANCHORED)),
                    );
                    words.push(word);
                }
                Reading::Short(meanings) => {
                    extra.extend(
                        meanings
                            .iter()
                            .flat_map(|(meaning, strength)| self.of_word(meaning, *strength)),
                    );
                    words.push(word);
                }
            }
        }
        let written = keys_of(self.glossary.read(&words.join(" ")), strength::WRITTEN);
        written.into_iter().chain(extra).collect()
    }

    fn of_word(&self, word: &str, strength: f32) -> Vec<(String, f32)> {
        keys_of(self.glossary.read(word), strength)
    }

    fn reading(&mut self, word: &str) -> Reading {
        if let Some(known) = self.known.get(word) {
            return known.clone();
        }
        let reading = self.read(word);
        self.known.insert(word.to_owned(), reading.clone());
        reading
    }

    fn read(&self, word: &str) -> Reading {
        if self.glossary.is_english(word) {
            return Reading::Whole;
        }
        if let Some(parts) = self.dictionary.split(word) {
            return Reading::Parts(parts.words, parts.whole);
        }
        let mut share = 1.0;
        let mut meanings = Vec::new();
        for (meaning, continued) in self.dictionary.completed(word) {
            let sure = if continued {
                strength::CONTINUED
            } else {
                strength::SKELETON
            };
            meanings.push((meaning.to_owned(), sure * share));
            share *= strength::OTHERWISE;
        }
        if meanings.is_empty() {
            Reading::Whole
        } else {
            Reading::Short(meanings)
        }
    }
}

fn keys_of(terms: Vec<Term>, strength: f32) -> Vec<(String, f32)> {
    // Of a word outside the glossary the English stem alone: names are seldom inflected,
    // and a phrase offers both stems.
    terms
        .into_iter()
        .flat_map(|term| term.keys)
        .flatten()
        .map(|key| (key, strength))
        .collect()
}

/// Whether a word of a table's name only says that it is a fact, dimension or bridge.
fn is_class_word(word: &str) -> bool {
    let class = structure::class_word(word);
    matches!(
        class,
        Some(NamedClass::Fact | NamedClass::Dimension | NamedClass::Bridge)
    ) && english_stem(word) != "map"
}
