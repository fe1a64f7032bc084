//! A phrase as the keys that are looked up for it, each with the ways it may be written.

use super::calibration::weight;
use super::computing::formula_of;
use super::formula::Formula;
use super::index::SearchIndex;
use crate::glossary::{Glossary, Kind, Near, Term};
use crate::text::{self, fold};

/// Terms that say how something is computed and not what it is: a discount percentage is
/// about discounts.
const AGGREGATES: &[&str] = &[
    "rate",
    "percentage",
    "count",
    "average",
    "total",
    "growth",
    "decline",
    "trend",
    "kpi",
    "cumulative",
    "minimum",
    "maximum",
];
/// How many words of a phrase are compared; more say nothing more.
const KEYS_MAX: usize = 16;

/// A key that a word of the phrase may stand for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    pub(super) key: String,
    /// How near the meaning is, 0–1.
    pub(super) strength: f64,
    /// The known word that another was taken for.
    pub(super) taken_for: Option<String>,
}

/// A word to look up.
#[derive(Debug)]
pub(super) struct QueryKey {
    /// As the phrase has it.
    pub(super) surface: String,
    /// What it means in the words of the catalog, if that differs.
    pub(super) meaning: Option<String>,
    /// The keys that it is met by, the plainest first.
    pub(super) ways: Vec<Way>,
    /// How much it counts in the phrase.
    pub(super) weight: f64,
    pub(super) kind: Option<Kind>,
    /// Whether it says what the phrase is about.
    pub(super) head: bool,
}

/// A phrase, read.
#[derive(Default)]
pub(super) struct Query {
    pub(super) keys: Vec<QueryKey>,
    /// The sum of their weights.
    pub(super) total: f64,
    pub(super) terms: Vec<Term>,
    /// How it is computed, where it is a well-known metric.
    pub(super) formula: Option<&'static Formula>,
}

impl Query {
    /// Reads a phrase. A word that no table in the catalog speaks of weighs little, unless
    /// it is what the phrase is about: "expiring contracts" are contracts, and "supplier
    /// complaints" are not suppliers.
    pub(super) fn new(glossary: &Glossary, index: &SearchIndex, phrase: &str) -> Self {
        let (terms, corrections) = corrected(glossary, index, phrase);
        let head = head_of(&terms);
        let mut query = Self::default();
        for (place, term) in terms.iter().enumerate() {
            let near = term
                .term
                .as_deref()
                .map_or(&[][..], |term| glossary.related(term));
            let last = term.keys.len().saturating_sub(1);
            for (nth, spellings) in term.keys.iter().enumerate() {
                let known = |key: &QueryKey| key.ways.iter().map(|way| &way.key).eq(spellings);
                if query.keys.len() == KEYS_MAX || query.keys.iter().any(known) {
                    continue;
                }
                let is_head = head == Some(place) && nth == last;
                query
                    .keys
                    .push(key_of(index, term, spellings, near, is_head, &corrections));
            }
        }
        query.keys.dedup_by(|a, b| a.ways == b.ways);
        query.total = query.keys.iter().map(|key| key.weight).sum();
        // "Delayed suppliers" are suppliers; "delivery delay" is a metric.
        let is_thing = head.and_then(|head| terms.get(head)?.kind) == Some(Kind::Entity);
        query.formula = formula_of(&terms).filter(|_| !is_thing);
        query.terms = terms;
        query
    }
}

fn key_of(
    index: &SearchIndex,
    term: &Term,
    spellings: &[String],
    near: &[Near],
    head: bool,
    corrections: &[Correction],
) -> QueryKey {
    // What was misspelt is met less surely.
    let correction = corrections
        .iter()
        .find(|correction| text::words(&term.surface).any(|word| word == correction.word));
    let sure = correction.map_or(1.0, |correction| correction.likeness);
    let corrected = correction.map(|correction| correction.word.clone());
    let plain = |key: &String| Way {
        key: key.clone(),
        strength: sure,
        taken_for: corrected.clone(),
    };
    let mut ways: Vec<Way> = spellings.iter().map(plain).collect();
    // What stands near is asked for where the thing itself has no table.
    let has_table = spellings
        .iter()
        .any(|spelling| index.names_tables(spelling));
    let mut strength = sure
        * if has_table {
            weight::RELATED_TOO
        } else {
            weight::RELATED
        };
    for near in near {
        if !spellings.contains(&near.key) {
            ways.push(Way {
                key: near.key.clone(),
                strength,
                taken_for: Some(near.word.clone()),
            });
            strength *= weight::FURTHER;
        }
    }
    let rarity = ways
        .iter()
        .filter(|way| index.knows(&way.key))
        .map(|way| index.rarity(&way.key))
        .fold(f64::INFINITY, f64::min);
    let rarity = if rarity.is_finite() {
        rarity
    } else {
        spellings
            .first()
            .map_or(0.0, |spelling| index.rarity(spelling))
    };
    let met = ways.iter().any(|way| index.knows(&way.key));
    let mut counted = rarity * weight::of_kind(term.kind);
    if aggregates(term) {
        counted *= weight::AGGREGATE;
    }
    if head {
        counted *= weight::HEAD;
    } else if !met {
        counted *= weight::unheard_of(term.kind);
    }
    QueryKey {
        surface: correction
            .map_or(&term.surface, |correction| &correction.written)
            .clone(),
        meaning: term.meaning.clone(),
        ways,
        weight: counted,
        kind: term.kind,
        head,
    }
}

/// A misspelt word and the one it was taken for.
#[derive(Debug, Clone, PartialEq)]
struct Correction {
    written: String,
    word: String,
    likeness: f64,
}

/// The terms of a phrase. A word that neither the glossary nor the catalog knows is taken
/// for the known one most like it, else in its parts.
fn corrected(
    glossary: &Glossary,
    index: &SearchIndex,
    phrase: &str,
) -> (Vec<Term>, Vec<Correction>) {
    let (mut words, mut corrections) = (Vec::new(), Vec::new());
    for word in text::words(phrase).flat_map(camel_words) {
        let folded = fold(&word);
        if is_known(glossary, index, &word, &folded) {
            words.push(word);
        } else if let Some((meant, likeness)) = like(index, &folded) {
            corrections.push(Correction {
                written: word,
                word: meant.clone(),
                likeness,
            });
            words.push(meant);
        } else if let Some(parts) = index.parts(&folded) {
            words.extend(parts);
        } else {
            words.push(word);
        }
    }
    (glossary.read(&words.join(" ")), corrections)
}

fn is_known(glossary: &Glossary, index: &SearchIndex, word: &str, folded: &str) -> bool {
    let terms = glossary.read(word);
    let in_catalog = |key: &String| index.knows(key);
    glossary.is_english(folded)
        || terms.is_empty()
        || terms
            .iter()
            .any(|term| term.kind.is_some() || term.keys.iter().flatten().any(in_catalog))
}

/// The known word that a folded one was most probably meant to be, and how alike they are.
fn like(index: &SearchIndex, folded: &str) -> Option<(String, f64)> {
    let forms = [
        folded.to_owned(),
        text::english_stem(folded),
        text::slavic_stem(folded),
    ];
    let alike = forms.iter().flat_map(|form| index.alike(form));
    alike
        .map(|one| (one.word.to_owned(), one.likeness))
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// `SalesOrder` in two words; a word in one case as it is.
fn camel_words(word: &str) -> Vec<String> {
    let mixed =
        word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    if mixed && word.is_ascii() {
        text::identifier_words(word)
    } else {
        vec![word.to_owned()]
    }
}

fn aggregates(term: &Term) -> bool {
    let name = term.term.as_deref();
    name.is_some_and(|name| AGGREGATES.contains(&name))
}

/// The place of the term that says what a phrase is: the last noun in English, the first
/// in Czech and Slovak, where adjectives stand before it and attributes after. What an
/// English preposition adds comes after the thing too: "number of orders in stores". Words
/// that are not in the glossary count only where no other is there.
fn head_of(terms: &[Term]) -> Option<usize> {
    let slavic = terms.iter().any(|term| term.slavic);
    let only_aggregates = terms.iter().all(aggregates);
    let noun = |term: &Term| {
        if aggregates(term) && !only_aggregates {
            return false;
        }
        let adjective = term.kind == Some(Kind::Modifier)
            || (term.slavic && is_slavic_adjective(&term.surface));
        term.kind.is_some() && !adjective
    };
    let last = terms.len().checked_sub(1)?;
    let head = if slavic {
        terms.iter().position(noun)
    } else {
        // A gap in the places is a preposition or article that the glossary left out.
        let end = terms
            .windows(2)
            .position(
                |pair| matches!(pair, [a, b] if a.position + a.length < b.position && noun(a)),
            )
            .unwrap_or(last);
        terms
            .get(..=end)
            .and_then(|terms| terms.iter().rposition(noun))
            .or_else(|| terms.iter().rposition(noun))
    };
    head.or(Some(last))
}

/// Whether a Czech or Slovak word has an ending of adjectives that nouns seldom have.
/// Verbal nouns end in -ení and -ání.
fn is_slavic_adjective(word: &str) -> bool {
    let word = fold(word);
    let endings = [
        "ci", "ni", "ny", "ne", "nych", "nich", "sky", "ska", "ske", "skych", "ovy", "ova", "ove",
        "ovych",
    ];
    let verbal_noun = ["eni", "ani", "enie", "anie"]
        .iter()
        .any(|ending| word.ends_with(ending));
    !verbal_noun && endings.iter().any(|ending| word.ends_with(ending))
}
