//! The words that say what a question asks for, in three languages.

mod phrases;

use std::collections::HashSet;
use std::sync::LazyLock;

use super::nearest::TYPO_LETTERS_MIN;
use super::tokens::Token;
use crate::glossary::Glossary;
use crate::text;

/// What a word or phrase of a question hints at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cue {
    List,
    Count,
    Tables,
    Schemas,
    Facts,
    Dimensions,
    Bridges,
    Unclassified,
    Columns,
    Describe,
    Grain,
    Keys,
    Measures,
    Owner,
    Security,
    Joins,
    Uses,
    LineageUp,
    LineageDown,
    Lineage,
    Diagram,
    Quality,
    Fix,
    Gap,
    /// Missing from its source.
    Gone,
    DataType,
    Description,
    Where,
    Contains,
    Named,
    Catalog,
    Compare,
    Most,
    Run,
    My,
    Request,
    Excluded,
    Missed,
    Found,
    Summary,
    Warnings,
    Analyse,
    Help,
    Greeting,
    Thanks,
    It,
    Them,
    And,
    /// Of what was listed, a part.
    Only,
    Why,
    First,
    Second,
    Third,
    Fourth,
    Fifth,
    Last,
    /// Rows of data, which a catalog does not have.
    Rows,
    /// The catalog is to be changed.
    Change,
    /// A program or query is to be written.
    Sql,
    /// Carries nothing: "please", "me", "tell".
    Filler,
}

/// One word of a phrase.
enum Word {
    Inflected {
        folded: String,
        slavic: String,
        english: String,
    },
    Prefix(String),
    Exact(String),
}

impl Word {
    fn new(word: &str) -> Self {
        if let Some(prefix) = word.strip_suffix('*') {
            return Self::Prefix(prefix.to_owned());
        }
        if let Some(exact) = word.strip_prefix('=') {
            return Self::Exact(exact.to_owned());
        }
        if word.len() <= 3 {
            return Self::Exact(word.to_owned());
        }
        Self::Inflected {
            folded: word.to_owned(),
            slavic: text::slavic_stem(word),
            english: text::english_stem(word),
        }
    }

    fn fits(&self, token: &Token<'_>) -> bool {
        match self {
            Self::Inflected {
                folded,
                slavic,
                english,
            } => {
                token.folded == *folded
                    || (token.folded.len() > 3
                        && (token.slavic == *slavic || token.english == *english))
            }
            Self::Prefix(prefix) => token.folded.starts_with(prefix.as_str()),
            Self::Exact(word) => token.folded == *word,
        }
    }

    /// How it is written, and whether words only begin so; none for what is short.
    fn spelling(&self) -> Option<(&str, bool)> {
        let (written, beginning) = match self {
            Self::Inflected { folded, .. } => (folded, false),
            Self::Prefix(prefix) => (prefix, true),
            Self::Exact(word) => (word, false),
        };
        (written.len() >= TYPO_LETTERS_MIN).then_some((written.as_str(), beginning))
    }
}

static PHRASES: LazyLock<Vec<(Cue, Vec<Word>)>> = LazyLock::new(|| {
    phrases::PHRASES
        .iter()
        .flat_map(|(cue, phrases)| phrases.split(", ").map(|phrase| (*cue, phrase)))
        .map(|(cue, phrase)| (cue, phrase.split_whitespace().map(Word::new).collect()))
        .collect()
});

/// The most words of a phrase of the business.
const PHRASE_WORDS_MAX: usize = 5;

/// Words of all phrases that are long enough to be misspelt: how each is written, whether
/// words only begin so, and what it hints at.
pub(super) fn spellings() -> impl Iterator<Item = (&'static str, bool, Cue)> {
    PHRASES.iter().flat_map(|(cue, words)| {
        words.iter().filter_map(|word| {
            let (written, beginning) = word.spelling()?;
            Some((written, beginning, *cue))
        })
    })
}

/// Whether any phrase has this word.
pub(super) fn is_word_of_any(token: &Token<'_>) -> bool {
    let mut words = PHRASES.iter().flat_map(|(_, words)| words);
    words.any(|word| word.fits(token))
}

/// The cues of a question, and which of its tokens they take.
pub(super) struct Cues {
    found: HashSet<Cue>,
    /// Per token, whether a phrase takes it.
    pub(super) taken: Vec<bool>,
    /// Per token, the cue that takes it.
    by_place: Vec<Option<Cue>>,
    /// Per token, whether it is part of a phrase of the business ("unit of measure").
    pub(super) in_phrase: Vec<bool>,
}

impl Cues {
    pub(super) fn has(&self, cue: Cue) -> bool {
        self.found.contains(&cue)
    }

    pub(super) fn any(&self, cues: &[Cue]) -> bool {
        cues.iter().any(|cue| self.has(*cue))
    }

    /// The cue that takes a token.
    pub(super) fn at(&self, place: usize) -> Option<Cue> {
        self.by_place.get(place).copied().flatten()
    }
}

/// Finds the cues among tokens; names and quoted text are none.
pub(super) fn find(tokens: &[Token<'_>]) -> Cues {
    let free = |place: usize| {
        tokens
            .get(place)
            .is_some_and(|token| !token.quoted && !token.is_identifier())
    };
    let mut cues = Cues {
        found: HashSet::new(),
        taken: vec![false; tokens.len()],
        by_place: vec![None; tokens.len()],
        in_phrase: vec![false; tokens.len()],
    };
    let mut at = 0;
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        let fitting = |words: &[Word]| {
            words.len() <= rest.len()
                && words
                    .iter()
                    .zip(rest)
                    .enumerate()
                    .all(|(offset, (word, token))| free(at + offset) && word.fits(token))
        };
        let here: Vec<&(Cue, Vec<Word>)> =
            PHRASES.iter().filter(|(_, words)| fitting(words)).collect();
        let longest = here.iter().map(|(_, words)| words.len()).max().unwrap_or(0);
        let of_business = business_phrase(rest);
        if of_business > longest.max(1) {
            for inside in cues.in_phrase.iter_mut().skip(at).take(of_business) {
                *inside = true;
            }
            at += of_business;
            continue;
        }
        for (cue, words) in here {
            if words.len() == longest {
                cues.take(*cue, at, longest);
            }
        }
        at += longest.max(1);
    }
    cues
}

/// How many tokens the glossary's phrase takes that these begin with; 0 where none does.
fn business_phrase(tokens: &[Token<'_>]) -> usize {
    let words: Vec<&str> = tokens
        .iter()
        .enumerate()
        .take(PHRASE_WORDS_MAX)
        .take_while(|(place, token)| {
            !token.quoted && !token.is_identifier() && (*place == 0 || !token.after_break)
        })
        .map(|(_, token)| token.word())
        .collect();
    // The glossary has "unit of measure" as it is written, and people ask for units.
    let singular: Vec<&str> = words
        .iter()
        .map(|word| word.strip_suffix('s').unwrap_or(word))
        .collect();
    [words, singular]
        .iter()
        .filter_map(|words| {
            let terms = Glossary::embedded().read(&words.join(" "));
            let first = terms.into_iter().next()?;
            (first.position == 0 && first.kind.is_some()).then_some(first.length)
        })
        .max()
        .unwrap_or(0)
}

impl Cues {
    fn take(&mut self, cue: Cue, at: usize, length: usize) {
        self.found.insert(cue);
        for taken in self.taken.iter_mut().skip(at).take(length) {
            *taken = true;
        }
        for known in self.by_place.iter_mut().skip(at).take(length) {
            // A word can hint at two things; what carries meaning counts.
            if known.is_none_or(|known| known == Cue::Filler) {
                *known = Some(cue);
            }
        }
    }

    /// Whether a word that names tables stands before a place.
    pub(super) fn follows_a_list(&self, place: usize) -> bool {
        let listed = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        self.by_place
            .iter()
            .take(place)
            .flatten()
            .any(|cue| listed.contains(cue))
    }
}
