//! Questions that ask for more than one thing of a table.

use super::{Aspect, Cue, Goal, Intent, Reading};

/// Cues that ask for something of a table by themselves, and for what.
const ASKED: &[(Cue, Goal)] = &[
    (Cue::Describe, Goal::Details),
    (Cue::Grain, Goal::Details),
    (Cue::Keys, Goal::Details),
    (Cue::Measures, Goal::Details),
    (Cue::Owner, Goal::Details),
    (Cue::Security, Goal::Details),
    (Cue::Columns, Goal::Columns),
    (Cue::Joins, Goal::Joins),
    (Cue::LineageUp, Goal::Lineage),
    (Cue::LineageDown, Goal::Lineage),
    (Cue::Lineage, Goal::Lineage),
];
/// Words that add a thing to another.
const AND: &[&str] = &["a", "and", "i", "aj", "plus", "also", "tez", "tiez", "taky"];

impl Reading<'_> {
    /// What of a table is asked for; all of it where that is more than one thing.
    pub(super) fn aspect(&self) -> Aspect {
        let mut asked = [
            (Cue::Grain, Aspect::Grain),
            (Cue::Measures, Aspect::Measures),
            (Cue::Keys, Aspect::Keys),
            (Cue::Owner, Aspect::Owner),
            (Cue::Security, Aspect::Security),
        ]
        .into_iter()
        .filter(|(cue, _)| self.cues.has(*cue));
        let Some((cue, aspect)) = asked.next() else {
            return Aspect::Everything;
        };
        // "What is X and what is its grain".
        let described = self.apart(Cue::Describe, cue) || self.added(Cue::Describe, cue);
        if described
            || asked
                .next()
                .is_some_and(|(other, _)| self.added(cue, other))
        {
            Aspect::Everything
        } else {
            aspect
        }
    }

    fn places(&self, cue: Cue) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.tokens.len()).filter(move |place| self.cues.at(*place) == Some(cue))
    }

    /// Whether the name of a table stands between two cues.
    fn apart(&self, one: Cue, other: Cue) -> bool {
        let between = |from: usize, to: usize| {
            let mut inside = from.min(to)..from.max(to);
            inside.any(|place| self.slots.taken.get(place).copied().unwrap_or_default())
        };
        let mut others = self.places(other);
        others.any(|to| self.places(one).any(|from| between(from, to)))
    }

    /// Whether "and" stands between two cues.
    fn added(&self, one: Cue, other: Cue) -> bool {
        let is_and = |place: usize| {
            let token = self.tokens.get(place);
            token.is_some_and(|token| AND.contains(&token.folded.as_str()) || token.after_break)
        };
        let (Some(from), Some(to)) = (self.places(one).next(), self.places(other).next_back())
        else {
            return false;
        };
        (from.min(to)..=from.max(to)).skip(1).any(is_and)
    }

    /// Two things asked of one table that is named: "the columns and joins of X", "what is
    /// X and where does it come from".
    pub(super) fn several(&mut self) -> Option<Intent> {
        let others = [
            Cue::Diagram,
            Cue::Quality,
            Cue::Fix,
            Cue::Gap,
            Cue::Rows,
            Cue::Sql,
            Cue::Compare,
            Cue::Tables,
            Cue::Run,
        ];
        let [mention] = self.slots.tables.as_slice() else {
            return None;
        };
        if self.cues.any(&others) || self.terms.iter().any(|term| term.known) {
            return None;
        }
        let mention = mention.clone();
        let asked: Vec<(Cue, Goal)> = ASKED
            .iter()
            .copied()
            .filter(|(cue, _)| self.places(*cue).next().is_some())
            .collect();
        let (one, two) = asked.iter().find_map(|(cue, goal)| {
            let second = asked
                .iter()
                .find(|(other, another)| another != goal && self.added(*cue, *other));
            second.map(|(_, another)| (*goal, *another))
        })?;
        let table = self.take_mention(&mention)?;
        let table = self.full_name(table);
        let intents = [one, two].map(|goal| self.asked_of(goal, table.clone()));
        Some(Intent::Each {
            intents: intents.to_vec(),
            more: 0,
        })
    }

    fn asked_of(&self, goal: Goal, table: String) -> Intent {
        match goal {
            Goal::Columns => Intent::Details {
                table,
                aspect: Aspect::Columns,
            },
            Goal::Joins => Intent::Joins {
                table,
                other: None,
                table_type: None,
            },
            Goal::Lineage => Intent::Lineage {
                table,
                direction: self.direction(),
            },
            _ => Intent::Details {
                table,
                aspect: self.aspect(),
            },
        }
    }
}
