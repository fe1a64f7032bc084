//! The business terms of a question, and the tables that they mean.

use super::cues::Cues;
use super::goals::{self, Goal};
use super::slots::{self, Slots};
use super::tokens::Token;
use crate::catalog::{SchemaId, TableId};
use crate::glossary::Glossary;
use crate::pipeline::structure::TableType;
use crate::pipeline::{
    Knowledge, mapping,
    request::{Entity, Request},
};
use crate::text;

/// The longest term that is looked for, in characters.
const TERM_MAX: usize = 200;
/// Confidences closer than this are equal.
const EQUAL: f64 = 0.005;
/// A table that a term means less surely is not what a question was about, nor said to hold
/// the term; one of which only columns meet it has to be surer.
pub(super) const MEANT_MIN: f64 = 0.6;
const MEANT_BY_COLUMNS_MIN: f64 = 0.75;

/// Words that stand together and that nothing else of the question takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// As it stands in the question.
    pub(super) text: String,
    /// The place of its first word, and the one after its last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the glossary or the catalog knows any of its words.
    pub(super) known: bool,
    /// The part that begins with the first word that is known.
    pub(super) known_part: String,
}

impl Term {
    fn at(place: usize) -> Self {
        Self {
            text: String::new(),
            start: place,
            end: place,
            known: false,
            known_part: String::new(),
        }
    }

    fn add(&mut self, token: &Token<'_>, known: bool) {
        self.known |= known;
        self.end += 1;
        append(&mut self.text, token.word());
        if self.known {
            append(&mut self.known_part, token.word());
        }
    }
}

fn append(words: &mut String, word: &str) {
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(word);
}

/// The terms of a question that is after `goal`.
pub(super) fn of(
    knowledge: &Knowledge,
    tokens: &[Token<'_>],
    cues: &Cues,
    slots: &Slots,
    goal: Option<Goal>,
) -> Vec<Term> {
    let means_something = |place: usize| {
        cues.taken.get(place).copied().unwrap_or(true)
            && cues
                .at(place)
                .is_none_or(|cue| goals::counts_for(cue, goal.unwrap_or(Goal::Mapping)))
    };
    let mut found: Vec<Term> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let taken = slots.taken.get(place).copied().unwrap_or(true);
        let in_phrase = cues.in_phrase.get(place).copied().unwrap_or_default();
        let means_nothing = !in_phrase && Glossary::embedded().read(token.word()).is_empty();
        if taken || means_something(place) || means_nothing {
            continue;
        }
        let known = in_phrase || slots::is_known_word(knowledge, token);
        match found.last_mut() {
            Some(last) if last.end == place && !token.after_break => last.add(token, known),
            _ => {
                let mut term = Term::at(place);
                term.add(token, known);
                found.push(term);
            }
        }
    }
    for term in &mut found {
        term.text = text::shorten(&term.text, TERM_MAX);
    }
    found
}

/// The table that a term means, and how surely; of equally good ones that in `near`.
pub(super) fn table_of(
    knowledge: &Knowledge,
    term: &str,
    table_type: Option<TableType>,
    within: &[SchemaId],
    near: &[SchemaId],
) -> Option<(Vec<TableId>, f64)> {
    let catalog = &knowledge.catalog;
    let candidates = candidates(knowledge, term, within);
    let fits =
        |id: TableId| table_type.is_none_or(|wanted| knowledge.structure.table_type(id) == wanted);
    let of_type: Vec<(TableId, f64)> = candidates
        .iter()
        .copied()
        .filter(|(id, _)| fits(*id))
        .collect();
    let usable = if of_type.is_empty() {
        candidates
    } else {
        of_type
    };
    let best = usable.first()?.1;
    let mut equal: Vec<TableId> = usable
        .iter()
        .take_while(|(_, confidence)| best - confidence < EQUAL)
        .map(|(id, _)| *id)
        .collect();
    equal.sort_by_key(|id| !near.contains(&catalog.table(*id).schema));
    Some((equal, best))
}

/// The tables that a term may mean, best first.
fn candidates(knowledge: &Knowledge, term: &str, within: &[SchemaId]) -> Vec<(TableId, f64)> {
    let catalog = &knowledge.catalog;
    let entity = Entity {
        name: text::shorten(term, TERM_MAX),
        alias: None,
        tables: Vec::new(),
        description: None,
    };
    let request = Request {
        entities: vec![entity],
        ..Request::default()
    };
    let sources = mapping::Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    let scope = slots::label(catalog, within);
    let mapping = mapping::map(sources, &request, scope.as_deref());
    let found = mapping.report.mappings.iter();
    found
        .flat_map(|found| &found.candidates)
        .filter(|candidate| {
            let least = if candidate.columns.is_empty() {
                MEANT_MIN
            } else {
                MEANT_BY_COLUMNS_MIN
            };
            candidate.confidence >= least
        })
        .filter_map(|candidate| {
            let id = *catalog.named(&candidate.full_name).first()?;
            Some((id, candidate.confidence))
        })
        .collect()
}
