//! Reads a question against the catalog and what was spoken of before.

mod columns;
mod quality;
mod subjects;

use super::cues::{self, Cue, Cues};
use super::goals::{self, Goal};
use super::intent::{Aspect, Direction, Intent, RunAspect, Shown, Wanted};
use super::slots::{self, Slots};
use super::terms::{self, Term};
use super::tokens::{self, Token};
use crate::catalog::TableId;
use crate::explorer::{Focus, RunFindings, Topic};
use crate::pipeline::Knowledge;
use crate::pipeline::structure::TableType;

/// Questions above this many characters are requests to analyse.
const QUESTION_MAX: usize = 700;
/// So are texts of this many lines that hold headings or lists.
const LINES_MAX: usize = 4;
/// A goal that weighs no more can give way to what was asked before.
const WEAK: u32 = 3;

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
}

impl Note {
    /// What was taken for what, before what else there is.
    fn place(&self) -> usize {
        match self {
            Self::Schema { .. } => 0,
            Self::Nearly { .. } => 1,
            Self::Words { .. } => 2,
            Self::AlsoIn { .. } => 3,
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
        let tokens = tokens::tokens(question);
        let mut cues = cues::find(&tokens);
        let slots = slots::find(knowledge, &tokens, &cues);
        for (place, token) in tokens.iter().enumerate() {
            let free = !cues.taken.get(place).copied().unwrap_or(true)
                && !slots.taken.get(place).copied().unwrap_or(true);
            if free && !slots::is_known_word(knowledge, token) {
                cues.take_misspelt(&tokens, place);
            }
        }
        let mut reading = Self {
            knowledge,
            focus,
            run,
            tokens,
            cues,
            slots,
            terms: Vec::new(),
            notes: Vec::new(),
        };
        if let Some((asked, schema)) = reading.slots.schema_typo.clone() {
            reading.notes.push(Note::Schema { asked, schema });
        }
        reading
    }

    /// The terms that a question after `goal` holds.
    fn read_terms(&mut self, goal: Option<Goal>) {
        self.terms = terms::of(self.knowledge, &self.tokens, &self.cues, &self.slots, goal);
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
        let strongest = weighed.first().map_or(0, |(_, weight)| *weight);
        let first = weighed.first().map(|(goal, _)| *goal);
        let goes_on = self.cues.at(0) == Some(Cue::And)
            && first == Some(Goal::List)
            && !self.cues.has(Cue::Catalog);
        if (strongest <= WEAK || goes_on)
            && let Some(intent) = self.continued(first)
        {
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
            Goal::Overview => !self.cues.any(&listed) || self.cues.has(Cue::Columns),
            Goal::Greeting | Goal::Thanks => {
                self.slots.tables.is_empty() && !self.terms.iter().any(|term| term.known)
            }
            Goal::Compare => {
                let twins = self.slots.tables.iter().any(|one| one.ids.len() > 1);
                self.subjects_named() > 1
                    || self.slots.schema_groups.len() > 1
                    || (twins && self.slots.schemas.len() > 1)
            }
            _ => true,
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
        .filter(|(cue, _)| self.cues.has(*cue))
        .map(|(_, table_type)| table_type);
        let first = types.next();
        first.filter(|_| types.next().is_none())
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

    fn list(&mut self) -> Option<Intent> {
        self.schemas_for_terms();
        let table_type = self.table_type();
        if !self.slots.tables.is_empty() {
            let explained = self.cues.has(Cue::Why);
            return match table_type {
                Some(_) if !explained => Some(self.joins()),
                _ => self.details(),
            };
        }
        let listed = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        let about_tables = self.cues.any(&listed) || table_type.is_some();
        let all_known = self.terms.iter().all(|term| term.known);
        let known = self.terms.iter().any(|term| term.known) && (about_tables || all_known);
        if known || !self.slots.quoted.is_empty() {
            return self.mapping();
        }
        if !self.slots.patterns.is_empty() {
            return self.mapping();
        }
        if !self.slots.unknown.is_empty() {
            return self.details();
        }
        if self.points_back()
            && let Some(intent) = self.list_of_spoken(table_type)
        {
            return Some(intent);
        }
        let listable = about_tables
            || !self.slots.schemas.is_empty()
            || self.slots.unknown_schema.is_some()
            || self.cues.has(Cue::Most);
        // "Tables about unicorns" are not all tables.
        let qualified = self
            .terms
            .iter()
            .any(|term| self.cues.follows_a_list(term.start));
        match (listable, qualified) {
            (true, false) => Some(self.list_here(table_type)),
            (true, true) => self.mapping(),
            (false, _) => None,
        }
    }

    fn list_here(&self, table_type: Option<TableType>) -> Intent {
        Intent::List {
            schema: self.slots.label(&self.knowledge.catalog),
            table_type,
            count: self.cues.has(Cue::Count),
            widest: self.cues.has(Cue::Most),
        }
    }

    /// Whether the question speaks of "it" or "them" and names nothing.
    fn points_back(&self) -> bool {
        let back = self.cues.any(&[Cue::It, Cue::Them])
            || (self.cues.has(Cue::Count)
                && !self.cues.has(Cue::Tables)
                && self.table_type().is_none());
        back && self.slots.schemas.is_empty() && !self.cues.has(Cue::Catalog)
    }

    /// Of what the last answer listed, what the question asks for.
    fn list_of_spoken(&self, table_type: Option<TableType>) -> Option<Intent> {
        let focus = self.focus?;
        if focus.topic == Some(Topic::Tables) {
            return Some(Intent::List {
                schema: slots::label(&self.knowledge.catalog, &focus.schemas),
                table_type: table_type.or(focus.table_type),
                count: self.cues.has(Cue::Count),
                widest: self.cues.has(Cue::Most),
            });
        }
        (!focus.tables.is_empty()).then(|| Intent::Spoken {
            tables: focus.tables.clone(),
            table_type,
        })
    }

    fn schemas(&mut self) -> Intent {
        self.schemas_for_terms();
        if self.slots.schemas.is_empty() && self.slots.unknown_schema.is_none() {
            return Intent::Schemas;
        }
        let listed = self.cues.has(Cue::Tables) || self.table_type().is_some();
        let described = !listed && self.cues.any(&[Cue::Describe, Cue::Catalog]);
        if described {
            self.overview()
        } else {
            self.list_here(self.table_type())
        }
    }

    fn overview(&self) -> Intent {
        Intent::Overview {
            schema: self.slots.label(&self.knowledge.catalog),
        }
    }

    fn mapping(&mut self) -> Option<Intent> {
        if let Some(pattern) = self.slots.patterns.first() {
            return Some(Intent::SearchColumns {
                pattern: pattern.clone(),
                count: self.cues.has(Cue::Count),
            });
        }
        let texts: Vec<&str> = self
            .slots
            .quoted
            .iter()
            .map(String::as_str)
            .chain(self.terms.iter().map(|term| term.text.as_str()))
            .collect();
        if texts.is_empty() {
            let named = !self.slots.tables.is_empty() || !self.slots.unknown.is_empty();
            return if named { self.details() } else { None };
        }
        Some(Intent::Mapping(Wanted {
            text: texts.join(", "),
            table_type: self.table_type(),
            schemas: self.slots.schemas.clone(),
        }))
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

    fn aspect(&self) -> Aspect {
        [
            (Cue::Grain, Aspect::Grain),
            (Cue::Measures, Aspect::Measures),
            (Cue::Keys, Aspect::Keys),
            (Cue::Owner, Aspect::Owner),
            (Cue::Security, Aspect::Security),
        ]
        .into_iter()
        .find(|(cue, _)| self.cues.has(*cue))
        .map_or(Aspect::Everything, |(_, aspect)| aspect)
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
        let terms: Vec<&str> = self.terms.iter().map(|term| term.text.as_str()).collect();
        if self.terms.iter().any(|term| term.known) {
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
