//! Questions where data comes from and goes to.

use super::{Cue, Intent, Reading, Topic};

impl Reading<'_> {
    pub(super) fn lineage(&mut self) -> Intent {
        if self.table_type().is_some() && self.cues.has(Cue::Uses) {
            return self.joins();
        }
        let direction = self.direction();
        if let Some(each) = self.of_each(|table| Intent::Lineage { table, direction }) {
            return each;
        }
        let used = self.cues.has(Cue::Uses) && !self.cues.any(&[Cue::LineageUp, Cue::Lineage]);
        match self.subject() {
            // What refers to a table uses it too.
            Some(table) if used => Intent::Each {
                intents: vec![
                    Intent::Lineage {
                        table: table.clone(),
                        direction,
                    },
                    Intent::Joins {
                        table,
                        other: None,
                        table_type: None,
                    },
                ],
                more: 0,
            },
            Some(table) => Intent::Lineage {
                table,
                direction: self.direction(),
            },
            // "Where is this column used".
            None if !self.slots.patterns.is_empty() => {
                self.columns().unwrap_or(Intent::WhichTable(Topic::Lineage))
            }
            None => Intent::WhichTable(Topic::Lineage),
        }
    }
}
