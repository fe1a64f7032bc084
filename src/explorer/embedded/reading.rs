//! Reads a question against the catalog and what was spoken of before.

mod columns;
mod lineage;
mod lists;
mod mapping;
mod marked;
mod quality;
mod run;
mod several;
mod subjects;

use std::cell::RefCell;
use std::collections::HashMap;

use super::cues::{self, Cue, Cues};
use super::goals::{self, Goal};
use super::intent::{Aspect, Direction, Intent, RunAspect, Shown, Unable, Wanted};
use super::slots::{self, Slots};
use super::spelling;
use super::terms::{self, Term};
use super::tokens::{self, Token};
use crate::catalog::TableId;
use crate::explorer::{Focus, RunFindings, Topic};
use crate::glossary::{Glossary, Kind};
use crate::pipeline::Knowledge;
use crate::pipeline::structure::TableType;

/// Questions above this many characters are requests to analyse.
const QUESTION_MAX: usize = 700;
/// So are texts of this many lines that hold headings or lists.
const LINES_MAX: usize = 4;
/// A goal that weighs no more can give way to what was asked before.
const WEAK: u32 = 3;

/// Words before what one thing is to another.
const AS: &[&str] = &["as", "jako", "ako"];

/// What the answer is to say of how the question was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Note {
    /// A misspelt name was taken for a table's.
    Nearly { asked: String, table: TableId },
    /// Words of the business were taken for a table, this surely.
    Words {
        asked: String,
        table: TableId,
        confidence: f64,
    },
    /// Other schemas have a table of that name.
    AlsoIn {
        table: TableId,
        others: Vec<TableId>,
    },
    /// A misspelt word was taken for a schema's.
    Schema { asked: String, schema: String },
    /// How many there are in the data is not known.
    NoRows,
    /// A misspelt word of the business was taken for another.
    Word { asked: String, word: String },
}

impl Note {
    /// What was taken for what, before what else there is.
    fn place(&self) -> usize {
        match self {
            Self::Schema { .. } | Self::Word { .. } => 0,
            Self::Nearly { .. } => 1,
            Self::Words { .. } => 2,
            Self::AlsoIn { .. } => 3,
            Self::NoRows => 4,
        }
    }
}

/// A question, read.
pub(super) struct Reading<'a> {
    knowledge: &'a Knowledge,
    focus: Option<&'a Focus>,
    run: Option<&'a RunFindings>,
    tokens: Vec<Token<'a>>,
    cues: Cues,
    slots: Slots,
    terms: Vec<Term>,
    /// Whether any table holds a term, as far as it was looked for.
    held: RefCell<HashMap<String, bool>>,
    pub(super) notes: Vec<Note>,
}

/// Whether a text is a request to analyse, not a question.
pub(super) fn is_document(question: &str) -> bool {
    let lines = || question.lines().map(str::trim_start);
    let marked = lines().any(|line| line.starts_with('#') || line.starts_with("**"));
    let listed = lines()
        .filter(|line| line.starts_with(['-', '*', '•']) || line.starts_with("1."))
        .count();
    question.chars().nth(QUESTION_MAX).is_some()
        || (lines().nth(1).is_some() && marked)
        || (lines().nth(LINES_MAX).is_some() && listed > 1)
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        knowledge: &'a Knowledge,
        focus: Option<&'a Focus>,
        run: Option<&'a RunFindings>,
        question: &'a str,
    ) -> Self {
        let mut tokens = tokens::tokens(question);
        let corrected = spelling::correct(knowledge, &mut tokens);
        let cues = cues::find(&tokens);
        let slots = slots::find(knowledge, &tokens, &cues);
        let mut reading = Self {
            knowledge,
            focus,
            run,
            tokens,
            cues,
            slots,
            terms: Vec::new(),
            held: RefCell::default(),
            notes: Vec::new(),
        };
        if let Some((asked, schema)) = reading.slots.schema_typo.clone() {
            reading.notes.push(Note::Schema { asked, schema });
        }
        let words = corrected.into_iter();
        reading
            .notes
            .extend(words.map(|(asked, word)| Note::Word { asked, word }));
        reading
    }

    /// The question, spelt as it is meant, without the name of the entity it asks about,
    /// which is in the language of the request.
    pub(super) fn spelt(&self, intent: &Intent) -> String {
        let run = self.run.map(|run| &run.tool1_output.mappings);
        let entity = match (intent, run) {
            (Intent::Run(RunAspect::Why(place)), Some(mappings)) => mappings.get(*place),
            _ => None,
        };
        let name = entity.map(|found| crate::text::fold(&found.entity));
        let words: Vec<&str> = self
            .tokens
            .iter()
            .filter(|token| {
                name.as_ref()
                    .is_none_or(|name| !name.contains(&token.folded))
            })
            .map(Token::word)
            .collect();
        words.join(" ")
    }

    /// The terms that a question after `goal` holds.
    fn read_terms(&mut self, goal: Option<Goal>) {
        self.terms = terms::of(self.knowledge, &self.tokens, &self.cues, &self.slots, goal);
        // "I am preparing a workshop, list the facts": what is said around the question.
        let aside: Vec<(usize, usize)> = tokens::clauses(&self.tokens)
            .into_iter()
            .filter(|(start, end)| !self.asks_or_names(*start, *end))
            .collect();
        let is_aside = |term: &Term| {
            let within = |(start, end): &(usize, usize)| *start <= term.start && term.end <= *end;
            aside.iter().any(within)
        };
        // "Would you kindly say where orders are": what is asked about comes after.
        let begins = (0..self.tokens.len()).find(|place| self.asks_or_names(*place, place + 1));
        let after_that = self.terms.iter().any(|term| term.known);
        if let (Some(begins), true) = (begins, after_that) {
            self.terms.retain(|term| term.known || term.start >= begins);
        }
        let all = aside.iter().map(|(start, end)| end - start).sum::<usize>();
        if all < self.tokens.len() {
            self.terms.retain(|term| !is_aside(term));
        }
    }

    /// Whether a part of the question asks or names anything.
    fn asks_or_names(&self, start: usize, end: usize) -> bool {
        let says_little = [
            Cue::Filler,
            Cue::Greeting,
            Cue::Thanks,
            Cue::And,
            Cue::List,
            Cue::My,
        ];
        let asks = |place| {
            self.cues
                .at(place)
                .is_some_and(|cue| !says_little.contains(&cue))
        };
        let names = |place| self.slots.taken.get(place).copied().unwrap_or_default();
        let known = |term: &Term| term.known && start <= term.start && term.end <= end;
        (start..end).any(|place| asks(place) || names(place)) || self.terms.iter().any(known)
    }

    /// What the question asks for, with the notes on how it was understood in order.
    pub(super) fn intent(&mut self) -> Intent {
        let intent = self.meant();
        self.notes.sort_by_key(Note::place);
        intent
    }

    fn meant(&mut self) -> Intent {
        self.read_terms(None);
        let weighed: Vec<(Goal, u32)> = goals::weigh(&self.cues)
            .into_iter()
            .filter(|(goal, weight)| self.usable(*goal, *weight))
            .collect();
        // Two tables that are named are to be joined, by whatever columns or keys.
        let mut weighed = weighed;
        if self.slots.tables.len() > 1 {
            let before = [Goal::Diagram, Goal::Compare, Goal::Unable];
            weighed.sort_by_key(|(goal, _)| match goal {
                goal if before.contains(goal) => 0,
                Goal::Joins => 1,
                _ => 2,
            });
        }
        let strongest = weighed.iter().map(|(_, weight)| *weight).max().unwrap_or(0);
        let first = weighed.first().map(|(goal, _)| *goal);
        let goes_on = self.cues.at(0) == Some(Cue::And)
            && first == Some(Goal::List)
            && !self.cues.has(Cue::Catalog);
        if let Some(intent) = self.run_first() {
            return intent;
        }
        if let Some(intent) = self.marked() {
            return intent;
        }
        if (strongest <= WEAK || goes_on)
            && let Some(intent) = self.continued(first)
        {
            return intent;
        }
        if let Some(intent) = self.several() {
            return intent;
        }
        for (goal, _) in weighed {
            self.read_terms(Some(goal));
            if let Some(intent) = self.pursue(goal) {
                return intent;
            }
        }
        self.read_terms(None);
        self.by_names_alone()
    }

    fn usable(&self, goal: Goal, weight: u32) -> bool {
        let listed = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        match goal {
            Goal::Run => {
                let outcome = [Cue::My, Cue::Missed, Cue::Excluded];
                let spoken_of = self.cues.has(Cue::Run) && !self.cues.has(Cue::Analyse)
                    || self.cues.any(&outcome) && self.cues.has(Cue::Request);
                let found = self.run.is_some() && weight >= 4 && self.slots.schemas.is_empty();
                spoken_of || found
            }
            // "Which tables to analyse delays" asks for tables.
            Goal::Analysis => !self
                .cues
                .any(&[Cue::Tables, Cue::Where, Cue::List, Cue::Columns]),
            Goal::Lineage => {
                let lineage = [Cue::LineageUp, Cue::LineageDown, Cue::Lineage];
                let of_table = !self.slots.tables.is_empty() || !self.slots.unknown.is_empty();
                let back = self.cues.any(&[Cue::It, Cue::Them]);
                self.cues.any(&lineage) || of_table || back || self.table_type().is_some()
            }
            Goal::Overview => !self.cues.any(&listed) || self.cues.has(Cue::Columns),
            Goal::Help | Goal::Greeting | Goal::Thanks => !self.names_something(),
            Goal::Compare => {
                let twins = self.slots.tables.iter().any(|one| one.ids.len() > 1);
                self.subjects_named() > 1
                    || self.slots.schema_groups.len() > 1
                    || (twins && self.slots.schemas.len() > 1)
            }
            _ => true,
        }
    }

    /// Whether the question names anything that the catalog may hold.
    fn names_something(&self) -> bool {
        let slots = &self.slots;
        let named = [&slots.patterns, &slots.unknown, &slots.quoted];
        !slots.tables.is_empty()
            || !slots.schemas.is_empty()
            || named.iter().any(|names| !names.is_empty())
            || self.terms.iter().any(|term| term.known)
    }

    fn unable(&self) -> Unable {
        if self.cues.has(Cue::Rows) {
            Unable::Rows
        } else if self.cues.has(Cue::Sql) {
            Unable::Sql
        } else {
            Unable::Change
        }
    }

    /// How many tables and terms the question names.
    fn subjects_named(&self) -> usize {
        self.slots.tables.len() + self.terms.iter().filter(|term| term.known).count()
    }

    fn pursue(&mut self, goal: Goal) -> Option<Intent> {
        match goal {
            Goal::List => self.list(),
            Goal::Schemas => Some(self.schemas()),
            Goal::Overview => Some(self.overview()),
            Goal::Details => self.details(),
            Goal::Columns => self.columns(),
            Goal::Joins => Some(self.joins()),
            Goal::Lineage => Some(self.lineage()),
            Goal::Diagram => Some(self.diagram()),
            Goal::Quality => self.quality(),
            Goal::Mapping => self.mapping(),
            Goal::Compare => self.compare(),
            Goal::Run => Some(self.of_run()),
            Goal::Analysis => Some(Intent::Analysis),
            Goal::Unable => Some(Intent::Unable(self.unable())),
            Goal::Help => Some(Intent::Help),
            Goal::Greeting => Some(Intent::Greeting),
            Goal::Thanks => Some(Intent::Thanks),
        }
    }

    /// The type of table that the question speaks of, where it is one.
    fn table_type(&self) -> Option<TableType> {
        let mut types = [
            (Cue::Facts, TableType::Fact),
            (Cue::Dimensions, TableType::Dimension),
            (Cue::Bridges, TableType::Bridge),
            (Cue::Unclassified, TableType::View),
        ]
        .into_iter()
        .filter(|(cue, _)| self.cues.has(*cue) && !self.only_names(*cue) && !self.is_role(*cue))
        .map(|(_, table_type)| table_type);
        let first = types.next();
        first.filter(|_| types.next().is_none())
    }

    /// "Which facts have it as a dimension": what another table is to them.
    fn is_role(&self, cue: Cue) -> bool {
        let mut places = (1..self.tokens.len()).filter(|place| self.cues.at(*place) == Some(cue));
        let role = |place: usize| {
            let word = |back: usize| {
                let before = place.checked_sub(back).and_then(|at| self.tokens.get(at));
                before.is_some_and(|token| AS.contains(&token.folded.as_str()))
            };
            word(1) || word(2)
        };
        !self.slots.tables.is_empty() && places.next().is_some_and(role) && places.next().is_none()
    }

    /// "The dimension `dimv_currency`": the type is said of a table that is named.
    fn only_names(&self, cue: Cue) -> bool {
        let names = |place: usize| {
            let token = self.tokens.get(place);
            token.is_some_and(|token| {
                let mut tables = self.slots.tables.iter();
                tables.any(|mention| mention.asked == token.surface)
            })
        };
        (0..self.tokens.len())
            .filter(|place| self.cues.at(*place) == Some(cue))
            .all(|place| names(place + 1))
    }

    /// Takes terms that are words of schemas' names for these, where no term is left then.
    fn schemas_for_terms(&mut self) {
        let maybe = |slots: &Slots, place: usize| {
            slots
                .maybe_schema
                .get(place)
                .is_some_and(|ids| !ids.is_empty())
        };
        let places: Vec<usize> = self
            .terms
            .iter()
            .flat_map(|term| term.start..term.end)
            .collect();
        // Where a schema is named, words that nobody knows are said of it.
        let unknown = |place: usize| {
            let token = self.tokens.get(place);
            !self.slots.schemas.is_empty()
                && token.is_some_and(|token| !slots::is_known_word(self.knowledge, token))
        };
        let fits = |place: &usize| maybe(&self.slots, *place) || unknown(*place);
        if !places.iter().all(fits) || !places.iter().any(|place| maybe(&self.slots, *place)) {
            return;
        }
        for place in places {
            let ids = self
                .slots
                .maybe_schema
                .get(place)
                .cloned()
                .unwrap_or_default();
            if !ids.is_empty() {
                self.slots.narrow(&ids);
            }
        }
        self.terms.clear();
    }

    fn of_run(&self) -> Intent {
        if self.run.is_none() {
            return Intent::NoRun;
        }
        let aspect = [
            (Cue::Missed, RunAspect::Missed),
            (Cue::Excluded, RunAspect::Excluded),
            (Cue::Warnings, RunAspect::Warnings),
            (Cue::Quality, RunAspect::Quality),
            (Cue::Fix, RunAspect::Quality),
            (Cue::Summary, RunAspect::Summary),
            (Cue::Found, RunAspect::Found),
        ]
        .into_iter()
        .find(|(cue, _)| self.cues.has(*cue))
        .map_or(RunAspect::Summary, |(_, aspect)| aspect);
        // "What did my run find" asks for all of it, "which entities were found" for these.
        let aspect = if aspect == RunAspect::Found && !self.cues.has(Cue::Request) {
            RunAspect::Summary
        } else {
            aspect
        };
        Intent::Run(aspect)
    }

    fn direction(&self) -> Direction {
        let down = self.cues.any(&[Cue::LineageDown, Cue::Uses]);
        match (self.cues.has(Cue::LineageUp), down) {
            (true, false) => Direction::Up,
            (false, true) => Direction::Down,
            _ => Direction::Both,
        }
    }

    fn diagram(&mut self) -> Intent {
        self.schemas_for_terms();
        let catalog = &self.knowledge.catalog;
        if self.slots.tables.len() > 1 {
            let mentions = self.slots.tables.clone();
            let ids = mentions
                .iter()
                .filter_map(|one| self.choose(&one.ids))
                .collect();
            return Intent::Diagram(Shown::Spoken(ids));
        }
        if let Some(table) = self.named_table() {
            return Intent::Diagram(Shown::Table(table));
        }
        if let Some(label) = self.slots.label(catalog) {
            return Intent::Diagram(Shown::Schemas(Some(label)));
        }
        let known = self.terms.iter().filter(|term| term.known);
        let terms: Vec<&str> = known.map(|term| term.known_part.as_str()).collect();
        if !terms.is_empty() {
            return Intent::Diagram(Shown::Terms(terms.join(", ")));
        }
        let of_run = self.cues.any(&[Cue::Run, Cue::Request]);
        let spoken = self
            .focus
            .filter(|focus| !focus.tables.is_empty() && !of_run && !self.cues.has(Cue::Catalog));
        match (spoken, self.run) {
            (Some(focus), _) => {
                let one = matches!(
                    focus.topic,
                    Some(Topic::Details | Topic::Relationships | Topic::Lineage)
                );
                match focus.tables.first() {
                    Some(first) if one || focus.tables.len() == 1 => {
                        Intent::Diagram(Shown::Table(catalog.full_name(*first)))
                    }
                    _ => Intent::Diagram(Shown::Spoken(focus.tables.clone())),
                }
            }
            (None, Some(run)) if !self.cues.has(Cue::Catalog) => {
                Intent::Diagram(Shown::Spoken(super::of_run::tables(catalog, run)))
            }
            _ => Intent::Diagram(Shown::Schemas(None)),
        }
    }
}
