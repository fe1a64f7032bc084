//! Names whose words are not separated (`custkey`, `lineorder`) or cut short (`mktg`).
//!
//! A word is taken apart into words of a dictionary by dynamic programming over its
//! letters, the fewest parts first (word segmentation by minimal matching, as for
//! languages that write no spaces: Sproat et al. 1996); where one part stays unknown, the
//! other has to be long. Words cut short are recognised as beginnings or as consonant
//! skeletons of English words of the glossary.

use std::collections::{BTreeMap, HashSet};

use crate::glossary::Glossary;
use crate::text::{english_stem, identifier_words};

/// The shortest word that is taken apart.
const LETTERS_MIN: usize = 5;
/// The longest; more letters are no compound of words.
const LETTERS_MAX: usize = 40;
/// The shortest part, other than the tails below.
const PART_MIN: usize = 3;
/// The shortest known part beside an unknown one.
const ANCHOR_MIN: usize = 4;
/// Short words that end names of columns.
const TAILS: &[&str] = &["id", "no", "nr", "sk", "pk", "fk", "cd", "dt", "ts"];
/// The most letters of a word cut short.
const SHORT_MAX: usize = 6;
/// How many words one cut short may stand for.
const MEANINGS_MAX: usize = 3;

/// The words that names are made of.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// Words that compounds are made of.
    words: HashSet<Box<str>>,
    /// English words of the glossary by first letter, to complete what is cut short.
    complete: BTreeMap<char, Vec<Box<str>>>,
}

/// A word of a name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) words: Vec<String>,
    /// Whether all parts are known words.
    pub(super) whole: bool,
}

impl Dictionary {
    /// The words of the glossary and the names of tables that are a single word.
    pub(super) fn new<'n>(glossary: &Glossary, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut dictionary = Self::default();
        for word in glossary.english_words() {
            if word.len() > PART_MIN
                && let Some(first) = word.chars().next()
            {
                dictionary
                    .complete
                    .entry(first)
                    .or_default()
                    .push(word.into());
            }
            if word.len() >= PART_MIN {
                dictionary.words.insert(word.into());
            }
        }
        for words in dictionary.complete.values_mut() {
            words.sort_by_key(|word| (word.len(), word.clone()));
        }
        for name in names {
            if let [word] = identifier_words(name).as_slice()
                && word.len() >= ANCHOR_MIN
                && dictionary.split(word).is_none_or(|parts| !parts.whole)
            {
                dictionary.words.insert(word.as_str().into());
                dictionary.words.insert(english_stem(word).into());
            }
        }
        dictionary
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(word)
            || (word.len() > PART_MIN && self.words.contains(english_stem(word).as_str()))
    }

    /// The parts of a folded word that is a compound; `None` for any other.
    pub(super) fn split(&self, word: &str) -> Option<Parts> {
        let looked_at = (LETTERS_MIN..=LETTERS_MAX).contains(&word.len())
            && word.bytes().all(|letter| letter.is_ascii_lowercase());
        if !looked_at {
            return None;
        }
        if let Some(words) = self.fewest(word) {
            return Some(Parts { words, whole: true });
        }
        self.anchored(word).map(|words| Parts {
            words,
            whole: false,
        })
    }

    /// The word as the fewest words of the dictionary; of equally few those whose first
    /// parts are longer.
    fn fewest(&self, word: &str) -> Option<Vec<String>> {
        // By end: the fewest parts up to there, and where the last of them begins.
        let mut best: Vec<Option<(usize, usize)>> = vec![None; word.len() + 1];
        *best.first_mut()? = Some((0, 0));
        for end in 1..=word.len() {
            let mut found: Option<(usize, usize)> = None;
            for start in 0..end {
                let Some((parts, _)) = best.get(start).copied().flatten() else {
                    continue;
                };
                let Some(part) = word.get(start..end) else {
                    continue;
                };
                let is_tail = start > 0 && end == word.len() && TAILS.contains(&part);
                let is_part =
                    part.len() >= PART_MIN && part.len() < word.len() && self.words.contains(part)
                        || is_tail
                        || (part.len() > PART_MIN && part.len() < word.len() && self.has(part));
                if is_part && found.is_none_or(|(fewest, _)| parts < fewest) {
                    found = Some((parts + 1, start));
                }
            }
            *best.get_mut(end)? = found;
        }
        let (parts, _) = best.last().copied().flatten()?;
        // Many short words make up anything.
        if parts > 3 {
            return None;
        }
        let mut words = Vec::new();
        let mut end = word.len();
        while end > 0 {
            let (_, start) = best.get(end).copied().flatten()?;
            words.push(word.get(start..end)?.to_owned());
            end = start;
        }
        words.reverse();
        Some(words)
    }

    /// The longest known word at the end or the beginning, and what is left.
    fn anchored(&self, word: &str) -> Option<Vec<String>> {
        let long = |part: &str| part.len() >= ANCHOR_MIN && self.words.contains(part);
        let ends = (1..=word.len() - ANCHOR_MIN)
            .filter_map(|start| word.split_at_checked(start))
            .find(|(rest, last)| long(last) && rest.len() != 2);
        let begins = (ANCHOR_MIN..word.len())
            .rev()
            .filter_map(|end| word.split_at_checked(end))
            .find(|(first, rest)| long(first) && rest.len() >= PART_MIN);
        let (first, last) = match (ends, begins) {
            (Some(ends), Some(begins)) if begins.0.len() > ends.1.len() => begins,
            (Some(ends), _) => ends,
            (None, begins) => begins?,
        };
        let known = self
            .split(first)
            .map_or_else(|| vec![first.to_owned()], |parts| parts.words);
        let rest = self
            .split(last)
            .map_or_else(|| vec![last.to_owned()], |parts| parts.words);
        Some(known.into_iter().chain(rest).collect())
    }

    /// The words that a short folded one may be cut from, the likeliest first, each with
    /// whether it merely continues it.
    pub(super) fn completed(&self, short: &str) -> Vec<(&str, bool)> {
        if !(PART_MIN..=SHORT_MAX).contains(&short.len())
            || !short.bytes().all(|letter| letter.is_ascii_lowercase())
        {
            return Vec::new();
        }
        let Some(words) = short
            .chars()
            .next()
            .and_then(|first| self.complete.get(&first))
        else {
            return Vec::new();
        };
        let words = || words.iter().map(|word| &**word);
        let long = |word: &&str| word.len() >= short.len() + 2;
        let continued = words().filter(long).filter(|word| word.starts_with(short));
        let skeleton = !short.chars().skip(1).any(is_vowel);
        let skeletons = words()
            .filter(long)
            .filter(|word| skeleton && !word.starts_with(short) && is_skeleton(short, word));
        continued
            .map(|word| (word, true))
            .chain(skeletons.map(|word| (word, false)))
            .take(MEANINGS_MAX)
            .collect()
    }
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Whether a word without its vowels begins with these letters, or consists of them up to
/// few: `wrhs` of `warehouse`, `cntry` of `country`.
fn is_skeleton(short: &str, word: &str) -> bool {
    let mut rest = word.chars();
    let in_order = short
        .chars()
        .all(|letter| rest.any(|other| other == letter));
    let consonants = word
        .chars()
        .skip(1)
        .filter(|letter| !is_vowel(*letter))
        .count()
        + 1;
    in_order && consonants <= short.len() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Dictionary {
        Dictionary::new(
            Glossary::embedded(),
            ["nation", "partsupp", "part", "supplier"],
        )
    }

    #[test]
    fn compounds_are_taken_apart_and_ordinary_words_are_not() {
        let dictionary = dictionary();
        let split = |word: &str| dictionary.split(word).map(|parts| parts.words.join(" "));
        for (word, parts) in [
            ("lineorder", "line order"),
            ("custkey", "cust key"),
            ("supplycost", "supply cost"),
            ("shipdate", "ship date"),
            ("nationkey", "nation key"),
            ("extendedprice", "extended price"),
            ("partid", "part id"),
            ("ordtotalprice", "ord total price"),
        ] {
            assert_eq!(split(word).as_deref(), Some(parts), "{word}");
        }
        for word in ["order", "xyz", "quartet", "quarrel", "pozadavek"] {
            assert_eq!(split(word), None, "{word}");
        }
    }

    #[test]
    fn words_cut_short_are_completed() {
        let dictionary = dictionary();
        let first = |short: &str| {
            dictionary
                .completed(short)
                .first()
                .map(|(word, _)| (*word).to_owned())
        };
        for (short, word) in [
            ("wrhs", "warehouse"),
            ("cntry", "country"),
            ("camp", "campaign"),
        ] {
            assert_eq!(first(short).as_deref(), Some(word), "{short}");
        }
        assert_eq!(first("zzz"), None);
        assert_eq!(first("ab"), None);
    }
}
