//! Fact, dimension, bridge or unclassified: the decision, and its reasons in words.
//!
//! Facts are found the way Golfarelli, Maio and Rizzi (1998) derive them from entity
//! schemas, as what holds measures and dates and points at much while little points at it;
//! the other classes follow Kimball and Ross. All evidence is weighed in [`super::clues`].

use std::collections::HashMap;

use super::calendars;
use super::clues::{self, Clue, Clues, Likely};
use super::convention::{Conventions, Named};
use super::dimensions::{self, Bases};
use super::evidence::{self, Neighbours};
use super::grain;
use super::hierarchies::{self, Hierarchy};
use super::profile::{self, Profile};
use super::rationale;
use super::words;
use super::{Analysis, Class, Classified, ColumnRole, Subject};
use crate::catalog::{Catalog, TableId, TypeFamily};

/// What keeps a table from having a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclassifiable {
    /// A loading process or a tool owns it.
    Technical,
    /// It repeats another table.
    Copy {
        /// The table it repeats.
        of: TableId,
    },
    /// Nothing decides.
    Unknown,
}

impl Unclassifiable {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Copy { .. } => "copy",
            Self::Unknown => "unknown",
        }
    }
}

/// How many times the classes of neighbours are taken into account.
const ROUNDS: usize = 2;

/// One table on its way to a class.
struct Case<'s, 'c> {
    subject: &'s Subject<'c>,
    profile: Profile,
    named: Option<Named>,
    /// What it is a role of, and why.
    base: Option<(TableId, String)>,
    clues: Clues,
    /// How likely it is each of [`Likely::ALL`].
    likely: [f64; 4],
}

/// The tables of a scope with all that speaks for their classes.
struct Cases<'s, 'c> {
    all: Vec<Case<'s, 'c>>,
    place: HashMap<TableId, usize>,
}

impl<'s, 'c> Cases<'s, 'c> {
    fn new(catalog: &Catalog, subjects: &'s [Subject<'c>], analysis: &Analysis) -> Self {
        let conventions = Conventions::new(catalog, subjects);
        let calendars = calendars::find(subjects);
        let bases = Bases::new(subjects);
        let known: HashMap<TableId, &[String]> = subjects
            .iter()
            .map(|subject| (subject.id, subject.name.subject.as_slice()))
            .collect();
        let all = subjects
            .iter()
            .map(|subject| {
                let profile = profile::profile(subject, analysis, &calendars);
                let named = conventions.of(subject);
                let clues = evidence::clues(catalog, subject, &profile, named.as_ref(), &known);
                Case {
                    likely: clues::probabilities(&clues),
                    base: bases.base_of(catalog, subject),
                    subject,
                    profile,
                    named,
                    clues,
                }
            })
            .collect();
        let place = subjects
            .iter()
            .enumerate()
            .map(|(place, subject)| (subject.id, place))
            .collect();
        let mut cases = Self { all, place };
        for _ in 0..ROUNDS {
            cases.look_around();
        }
        cases
    }

    /// Weighs every table anew, knowing how likely its neighbours are what.
    fn look_around(&mut self) {
        let fresh: Vec<(Clues, [f64; 4])> = self
            .all
            .iter()
            .map(|case| {
                let mut clues = case.clues.clone();
                clues.retain(|(clue, _)| !Neighbours::GIVE.contains(clue));
                clues.extend(
                    self.neighbours(case)
                        .clues()
                        .filter(|(_, strength)| *strength > 0.0),
                );
                let likely = clues::probabilities(&clues);
                (clues, likely)
            })
            .collect();
        for (case, (clues, likely)) in self.all.iter_mut().zip(fresh) {
            case.clues = clues;
            case.likely = likely;
        }
    }

    fn neighbours(&self, case: &Case<'_, '_>) -> Neighbours {
        let sum = |ids: &[TableId], class: Likely| -> f64 {
            ids.iter().map(|id| self.likely(*id, class)).sum()
        };
        Neighbours {
            facts_below: sum(&case.profile.children, Likely::Fact),
            dimensions_below: sum(&case.profile.children, Likely::Dimension),
            facts_above: sum(&case.profile.parents, Likely::Fact),
            role_of_dimension: case
                .base
                .as_ref()
                .map_or(0.0, |(base, _)| self.likely(*base, Likely::Dimension)),
        }
    }

    fn likely(&self, id: TableId, class: Likely) -> f64 {
        self.place
            .get(&id)
            .and_then(|place| self.all.get(*place))
            .filter(|case| case.subject.copy_of.is_none())
            .map_or(0.0, |case| case.of(class))
    }
}

impl Case<'_, '_> {
    fn of(&self, class: Likely) -> f64 {
        Likely::ALL
            .iter()
            .zip(self.likely)
            .find(|(known, _)| **known == class)
            .map_or(0.0, |(_, likely)| likely)
    }

    /// The likeliest class; of equals the first.
    fn best(&self) -> (Likely, f64) {
        Likely::ALL
            .into_iter()
            .zip(self.likely)
            .fold((Likely::Dimension, 0.0), |best, next| {
                if next.1 > best.1 { next } else { best }
            })
    }
}

/// A class with what is said about it.
struct Decision {
    class: Class,
    confidence: f64,
    rationale: String,
    lacking: Option<Unclassifiable>,
}

/// Classifies every table of the scope.
pub(super) fn classify(
    catalog: &Catalog,
    subjects: &[Subject<'_>],
    analysis: &Analysis,
) -> HashMap<TableId, Classified> {
    let by_id: HashMap<TableId, &Subject<'_>> = subjects
        .iter()
        .map(|subject| (subject.id, subject))
        .collect();
    let cases = Cases::new(catalog, subjects, analysis);
    let decisions: HashMap<TableId, Decision> = cases
        .all
        .iter()
        .map(|case| (case.subject.id, decide(catalog, case)))
        .collect();
    let is_fact = |id: TableId| {
        decisions
            .get(&id)
            .is_some_and(|decision| decision.class == Class::Fact)
    };
    let is_dimension = |id: TableId| {
        decisions
            .get(&id)
            .is_some_and(|decision| matches!(decision.class, Class::Dimension(_)))
    };
    let role = |fact: TableId, column: usize| {
        by_id
            .get(&fact)
            .map(|fact| grain::role_words(fact, column).join(" "))
            .unwrap_or_default()
    };
    cases
        .all
        .iter()
        .filter_map(|case| {
            let subject = case.subject;
            let decision = decisions.get(&subject.id)?;
            let dimension = matches!(decision.class, Class::Dimension(_));
            let (roles_played, hierarchies) = if dimension {
                (
                    dimensions::roles_played(analysis, subject.id, is_fact, role),
                    hierarchies::find(
                        subject,
                        analysis,
                        &by_id,
                        case.profile.calendar,
                        is_dimension,
                    ),
                )
            } else {
                (Vec::new(), Vec::<Hierarchy>::new())
            };
            let classified = Classified {
                roles: final_roles(decision.class, case),
                grain: grain::grain(catalog, subject, decision.class, analysis, &by_id),
                class: decision.class,
                confidence: decision.confidence,
                rationale: decision.rationale.clone(),
                key: subject.key.clone(),
                business_key: subject.business_key.clone(),
                lacking: decision.lacking,
                roles_played,
                hierarchies,
            };
            Some((subject.id, classified))
        })
        .collect()
}

/// Numbers in a dimension describe its members. In a fact a whole number that is no key
/// and no part of a date counts what it is called after, where that is a plural: `calls`.
fn final_roles(class: Class, case: &Case<'_, '_>) -> Vec<ColumnRole> {
    let subject = case.subject;
    case.profile
        .roles
        .iter()
        .enumerate()
        .map(|(place, role)| match (class, role) {
            (Class::Dimension(_), ColumnRole::Measure) => ColumnRole::Attribute,
            (Class::Fact, ColumnRole::Attribute) if is_count(subject, place) => ColumnRole::Measure,
            _ => *role,
        })
        .collect()
}

fn is_count(subject: &Subject<'_>, place: usize) -> bool {
    let whole = subject
        .table
        .columns
        .get(place)
        .is_some_and(|column| column.family == TypeFamily::Integer);
    let keyed = subject
        .columns
        .get(place)
        .is_none_or(|name| name.key_word.is_some());
    let plural = subject
        .words
        .get(place)
        .is_some_and(|words| words.iter().any(|word| is_plural(word)));
    whole && !keyed && plural && !words::is_no_measure(&profile::stems(subject, place))
}

fn is_plural(word: &str) -> bool {
    word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"]
            .iter()
            .any(|ending| word.ends_with(ending))
}

fn decide(catalog: &Catalog, case: &Case<'_, '_>) -> Decision {
    let subject = case.subject;
    let unclassified = |confidence, rationale, lacking| Decision {
        class: Class::Unclassified,
        confidence,
        rationale,
        lacking: Some(lacking),
    };
    if let Some(of) = subject.copy_of {
        let name = &catalog.table(of).name;
        return unclassified(
            clues::COPY,
            format!("a copy of {name}: its name and columns"),
            Unclassifiable::Copy { of },
        );
    }
    let counts = rationale::counts(subject, &case.profile);
    if subject.table.columns.is_empty() && case.named.is_none() && case.base.is_none() {
        let why = "no columns are listed and the name follows no convention";
        return unclassified(clues::UNDECIDED, why.to_owned(), Unclassifiable::Unknown);
    }
    let (best, confidence) = match &case.named {
        Some(named) if subject.table.columns.is_empty() => {
            (Likely::named(named.class), clues::NAME_ALONE)
        }
        Some(named) if Likely::named(named.class) != case.best().0 => {
            let (best, likely) = case.best();
            (best, likely.min(clues::AGAINST_NAME))
        }
        _ => case.best(),
    };
    // Nothing but a lack of everything else is no sign of a loading process.
    let groundless = best == Likely::Technical && !case.clues.iter().any(clues::is_technical);
    if confidence < clues::LEAST || groundless {
        return unclassified(
            clues::UNDECIDED,
            format!("neither its name nor its joins decide; {counts}"),
            Unclassifiable::Unknown,
        );
    }
    let reasons = rationale::reasons(
        case.named.as_ref(),
        &case.profile,
        &case.clues,
        best,
        &counts,
    );
    match best {
        Likely::Technical => unclassified(confidence, reasons, Unclassifiable::Technical),
        Likely::Fact => decision(Class::Fact, confidence, reasons),
        Likely::Bridge => decision(Class::Bridge, confidence, reasons),
        Likely::Dimension => {
            let coded = case.clues.iter().any(|(clue, _)| *clue == Clue::CodeNoun);
            let (kind, why) = dimensions::kind(&case.profile, coded, case.base.clone());
            decision(
                Class::Dimension(kind),
                confidence,
                format!("{reasons}; {why}"),
            )
        }
    }
}

fn decision(class: Class, confidence: f64, rationale: String) -> Decision {
    Decision {
        class,
        confidence,
        rationale,
        lacking: None,
    }
}

/// A table, what speaks for its class, and how likely each class is, for those who set
/// the weights.
#[derive(Debug, Clone)]
pub struct WeighedClass {
    /// `schema.table`.
    pub table: String,
    /// Strength of each clue.
    pub clues: Vec<(Clue, f64)>,
    /// How likely it is each of [`Likely::ALL`].
    pub likely: [f64; 4],
}

/// What speaks for the class of every table of a scope that is no copy.
pub(super) fn weighed(
    catalog: &Catalog,
    subjects: &[Subject<'_>],
    analysis: &Analysis,
) -> Vec<WeighedClass> {
    Cases::new(catalog, subjects, analysis)
        .all
        .into_iter()
        .filter(|case| case.subject.copy_of.is_none())
        .map(|case| WeighedClass {
            table: catalog.full_name(case.subject.id),
            clues: case.clues,
            likely: case.likely,
        })
        .collect()
}

#[cfg(test)]
mod tests;
