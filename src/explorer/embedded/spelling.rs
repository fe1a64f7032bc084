//! Misspelt words of a question, taken for the one word that people meant.
//!
//! Names in the catalog have a look-up of their own (`slots`); this is about the words
//! that ask, the words of the business and those that names of tables are made of.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::cues::{self, Cue};
use super::language;
use super::nearest::{TYPO_LETTERS_MIN, letters_apart};
use super::slots;
use super::tokens::Token;
use crate::catalog::Catalog;
use crate::glossary::Glossary;
use crate::pipeline::Knowledge;
use crate::text;

/// Longer words are not looked at.
const LETTERS_MAX: usize = 40;

/// The words and stems of all forms of the glossary, those in phrases included.
static FORMS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let forms = Glossary::embedded().forms().iter();
    forms.flat_map(|form| [form.folded, form.stem]).collect()
});

/// What a word hints at or is about; two spellings of one meaning are no rivals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    Cue(Cue),
    /// The keys that the glossary compares it by.
    Business(Vec<String>),
    /// A word that names of tables hold.
    Name(String),
}

/// Puts the meant words in the place of misspelt ones. The result holds the words of the
/// business that were put in, each after what it stands for.
pub(super) fn correct(knowledge: &Knowledge, tokens: &mut [Token<'_>]) -> Vec<(String, String)> {
    let mut taken_for = Vec::new();
    for token in tokens {
        let letters = token.folded.chars().count();
        let looked_at = (TYPO_LETTERS_MIN..=LETTERS_MAX).contains(&letters)
            && token.folded.chars().all(char::is_alphabetic);
        if !looked_at || token.quoted || token.is_identifier() || is_known(knowledge, token) {
            continue;
        }
        let Some((word, meaning)) = meant(knowledge, token) else {
            continue;
        };
        if !matches!(meaning, Meaning::Cue(_)) {
            taken_for.push((token.surface.to_owned(), word.clone()));
        }
        token.correct(word);
    }
    taken_for
}

/// Whether a word is right as it stands.
fn is_known(knowledge: &Knowledge, token: &Token<'_>) -> bool {
    slots::is_known_word(knowledge, token)
        || FORMS.contains(token.folded.as_str())
        || FORMS.contains(token.slavic.as_str())
        || is_described(knowledge, token)
        || language::is_common(&token.folded)
        || cues::is_word_of_any(token)
        || is_name(&knowledge.catalog, token)
}

/// Whether it carries no meaning, or descriptions hold it.
fn is_described(knowledge: &Knowledge, token: &Token<'_>) -> bool {
    let terms = Glossary::embedded().read(token.surface);
    let mut keys = terms.iter().flat_map(|term| term.keys.iter().flatten());
    terms.is_empty() || keys.any(|key| knowledge.index.knows(key))
}

fn is_name(catalog: &Catalog, token: &Token<'_>) -> bool {
    let mut schemas = catalog.schemas().iter();
    !catalog.named(token.surface).is_empty()
        || schemas.any(|schema| text::identifier_words(&schema.name).contains(&token.folded))
}

/// The word that a misspelt one was meant to be, where it is plain which.
fn meant(knowledge: &Knowledge, token: &Token<'_>) -> Option<(String, Meaning)> {
    let mut search = Search::new(token);
    for (written, beginning, cue) in cues::spellings() {
        if beginning {
            search.try_beginning(written, cue);
        } else {
            search.add(near(token, written), written, || Meaning::Cue(cue));
        }
    }
    for form in Glossary::embedded().forms() {
        let stems = distance(&token.slavic, form.stem);
        let least = near(token, form.folded).into_iter().chain(stems).min();
        search.add(least, form.written, || business(form.written));
    }
    for key in knowledge.index.words_of_names() {
        search.add(near(token, key), key, || Meaning::Name(key.to_owned()));
    }
    search.best()
}

/// How far a token, or its English stem, is from a word.
fn near(token: &Token<'_>, word: &str) -> Option<usize> {
    let whole = distance(&token.folded, word);
    let stem = if token.english == token.folded {
        None
    } else {
        distance(&token.english, word)
    };
    whole.into_iter().chain(stem).min()
}

/// What a word of the glossary means by itself: it can stand in phrases of several terms.
fn business(word: &str) -> Meaning {
    let terms = Glossary::embedded().read(word);
    let keys = terms.into_iter().flat_map(|term| term.keys).flatten();
    Meaning::Business(keys.collect())
}

struct Search<'t> {
    folded: &'t str,
    least: usize,
    /// The words found at the least distance, by what they mean.
    found: BTreeMap<Meaning, String>,
}

impl<'t> Search<'t> {
    fn new(token: &'t Token<'_>) -> Self {
        Self {
            folded: &token.folded,
            least: usize::MAX,
            found: BTreeMap::new(),
        }
    }

    /// A word that begins nearly so, whatever its ending.
    fn try_beginning(&mut self, beginning: &str, cue: Cue) {
        let letters = beginning.chars().count();
        // Many a right word begins nearly like a short one.
        if letters <= TYPO_LETTERS_MIN {
            return;
        }
        for length in [letters, letters.saturating_sub(1), letters + 1] {
            let end = self.folded.char_indices().nth(length);
            let end = end.map_or(self.folded.len(), |(end, _)| end);
            let (start, ending) = self.folded.split_at(end);
            if !ends_alike(start, beginning) {
                continue;
            }
            if let Some(near) = distance(start, beginning) {
                let word = format!("{beginning}{ending}");
                self.add(Some(near), &word, || Meaning::Cue(cue));
                return;
            }
        }
    }

    fn add(&mut self, distance: Option<usize>, word: &str, meaning: impl FnOnce() -> Meaning) {
        let Some(distance) = distance.filter(|distance| *distance <= self.least) else {
            return;
        };
        if distance < self.least {
            self.least = distance;
            self.found.clear();
        }
        self.found
            .entry(meaning())
            .or_insert_with(|| word.to_owned());
    }

    /// What asks goes before what is asked about; of equals of one kind none is plain.
    fn best(self) -> Option<(String, Meaning)> {
        let kind = |meaning: &Meaning| match meaning {
            Meaning::Cue(Cue::Filler) => 3,
            Meaning::Cue(_) => 0,
            Meaning::Business(_) => 1,
            Meaning::Name(_) => 2,
        };
        let first = self.found.keys().map(kind).min()?;
        let mut found = self
            .found
            .into_iter()
            .filter(|(meaning, _)| kind(meaning) == first);
        let (meaning, word) = found.next()?;
        let plain = found.next().is_none() || first == 0 || first == 3;
        plain.then_some((word, meaning))
    }
}

/// Whether two words end in the same letter, or in the same two in another order: what
/// ends otherwise is more likely another word than a misspelt one.
fn ends_alike(one: &str, other: &str) -> bool {
    let ending = |word: &str| {
        let mut last: Vec<char> = word.chars().rev().take(2).collect();
        last.sort_unstable();
        last
    };
    one.chars().next_back() == other.chars().next_back() || ending(one) == ending(other)
}

/// How far a word is from another, where it can be that one misspelt.
fn distance(word: &str, other: &str) -> Option<usize> {
    let letters = word.len().min(other.len());
    let allowed = match letters {
        0..TYPO_LETTERS_MIN => return None,
        TYPO_LETTERS_MIN..=7 => 1,
        _ => 2,
    };
    // The beginning of a word is rarely misspelt, but two letters change places.
    let beginning = |text: &str| {
        let mut first: Vec<char> = text.chars().take(2).collect();
        first.sort_unstable();
        first
    };
    let begins_alike =
        word.chars().next() == other.chars().next() || beginning(word) == beginning(other);
    if !begins_alike
        || word.len().abs_diff(other.len()) > allowed
        || letters_apart(word, other) > allowed * 2
    {
        return None;
    }
    let distance = strsim::osa_distance(word, other);
    (distance <= allowed).then_some(distance)
}
