//! What a question is after, weighed from its cues.

use super::cues::{Cue, Cues};

/// What a question is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Tables, of a schema or a type.
    List,
    Schemas,
    /// How much the whole catalog holds.
    Overview,
    Details,
    Columns,
    Joins,
    Lineage,
    Diagram,
    Quality,
    Mapping,
    Compare,
    Run,
    Analysis,
    /// What the catalog cannot tell or do.
    Unable,
    Help,
    Greeting,
    Thanks,
}

/// How much each cue speaks for each goal.
const WEIGHTS: &[(Cue, Goal, u32)] = &[
    (Cue::List, Goal::List, 1),
    (Cue::Count, Goal::List, 2),
    (Cue::Tables, Goal::List, 2),
    (Cue::Facts, Goal::List, 3),
    (Cue::Dimensions, Goal::List, 3),
    (Cue::Bridges, Goal::List, 3),
    (Cue::Unclassified, Goal::List, 3),
    (Cue::Most, Goal::List, 4),
    (Cue::Schemas, Goal::Schemas, 3),
    (Cue::Catalog, Goal::Overview, 3),
    (Cue::Describe, Goal::Details, 4),
    (Cue::Grain, Goal::Details, 8),
    (Cue::Keys, Goal::Details, 6),
    (Cue::Measures, Goal::Details, 6),
    (Cue::Owner, Goal::Details, 6),
    (Cue::Security, Goal::Details, 6),
    (Cue::Description, Goal::Details, 4),
    (Cue::Columns, Goal::Columns, 7),
    (Cue::Joins, Goal::Joins, 7),
    (Cue::Uses, Goal::Lineage, 4),
    (Cue::LineageUp, Goal::Lineage, 6),
    (Cue::LineageDown, Goal::Lineage, 6),
    (Cue::Lineage, Goal::Lineage, 8),
    (Cue::Diagram, Goal::Diagram, 9),
    (Cue::Quality, Goal::Quality, 7),
    (Cue::Fix, Goal::Quality, 6),
    (Cue::Gap, Goal::Quality, 3),
    (Cue::Where, Goal::Mapping, 4),
    (Cue::Contains, Goal::Mapping, 4),
    (Cue::Compare, Goal::Compare, 9),
    (Cue::Run, Goal::Run, 5),
    (Cue::My, Goal::Run, 2),
    (Cue::Request, Goal::Run, 2),
    (Cue::Excluded, Goal::Run, 6),
    (Cue::Missed, Goal::Run, 6),
    (Cue::Found, Goal::Run, 4),
    (Cue::Summary, Goal::Run, 4),
    (Cue::Warnings, Goal::Run, 5),
    (Cue::Analyse, Goal::Analysis, 7),
    (Cue::Rows, Goal::Unable, 14),
    (Cue::Change, Goal::Unable, 8),
    (Cue::Sql, Goal::Unable, 8),
    (Cue::Help, Goal::Help, 9),
    (Cue::Greeting, Goal::Greeting, 1),
    (Cue::Thanks, Goal::Thanks, 1),
];

/// Cues that together speak for a goal more than each alone.
const TOGETHER: &[(&[Cue], Goal, u32)] = &[
    (&[Cue::Most, Cue::Columns], Goal::List, 9),
    (&[Cue::Gap, Cue::Owner], Goal::Quality, 5),
    (&[Cue::Gap, Cue::Description], Goal::Quality, 5),
    (&[Cue::Gap, Cue::Describe], Goal::Quality, 5),
    (&[Cue::Gap, Cue::Security], Goal::Quality, 5),
    (&[Cue::Gap, Cue::LineageUp], Goal::Quality, 5),
    (&[Cue::Gap, Cue::Columns], Goal::Quality, 6),
    (&[Cue::Gap, Cue::Tables], Goal::Quality, 2),
    (&[Cue::Fix, Cue::First], Goal::Quality, 3),
    (&[Cue::Run, Cue::My], Goal::Run, 3),
    (&[Cue::My, Cue::Request], Goal::Run, 3),
    (&[Cue::Run, Cue::Quality], Goal::Run, 4),
    (&[Cue::Request, Cue::Missed], Goal::Run, 2),
    (&[Cue::Request, Cue::Found], Goal::Run, 2),
    (&[Cue::Summary, Cue::Run], Goal::Run, 4),
    (&[Cue::Analyse, Cue::Run], Goal::Analysis, 6),
    (&[Cue::Count, Cue::Schemas], Goal::Schemas, 3),
    (&[Cue::List, Cue::Schemas], Goal::Schemas, 2),
    (&[Cue::Diagram, Cue::Run], Goal::Diagram, 4),
    (&[Cue::Describe, Cue::Columns], Goal::Columns, 2),
    (&[Cue::Where, Cue::Columns], Goal::Columns, 5),
    (&[Cue::Contains, Cue::Columns], Goal::Columns, 5),
    (&[Cue::Keys, Cue::Columns], Goal::Details, 4),
    (&[Cue::Measures, Cue::Columns], Goal::Details, 4),
];

/// How much speaks for each goal, most first; of equal ones the first of the weights.
pub(super) fn weigh(cues: &Cues) -> Vec<(Goal, u32)> {
    let mut weighed: Vec<(Goal, u32)> = Vec::new();
    let mut add =
        |goal: Goal, weight: u32| match weighed.iter_mut().find(|(known, _)| *known == goal) {
            Some((_, sum)) => *sum += weight,
            None => weighed.push((goal, weight)),
        };
    for (cue, goal, weight) in WEIGHTS {
        if cues.has(*cue) {
            add(*goal, *weight);
        }
    }
    for (together, goal, weight) in TOGETHER {
        if together.iter().all(|cue| cues.has(*cue)) {
            add(*goal, *weight);
        }
    }
    weighed.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    weighed
}

/// The cues that mean something only where a goal is the question's; elsewhere their
/// words are words like any other ("document type", "purchase request").
const ONLY_FOR: &[(Goal, &[Cue])] = &[
    (
        Goal::Run,
        &[
            Cue::My,
            Cue::Request,
            Cue::Excluded,
            Cue::Missed,
            Cue::Found,
            Cue::Summary,
            Cue::Warnings,
            Cue::Run,
        ],
    ),
    (Goal::Unable, &[Cue::Change]),
];

/// Whether a cue means something to a question that is after `goal`.
pub(super) fn counts_for(cue: Cue, goal: Goal) -> bool {
    ONLY_FOR
        .iter()
        .all(|(only, cues)| *only == goal || !cues.contains(&cue) || cue == Cue::My)
}
