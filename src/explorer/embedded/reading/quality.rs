//! Questions about documentation: of what, and what of it is missing.

use super::{Cue, Focus, Intent, Reading, Topic, slots};
use crate::pipeline::quality::Field;

impl Reading<'_> {
    pub(super) fn quality(&mut self) -> Option<Intent> {
        self.schemas_for_terms();
        let catalog = &self.knowledge.catalog;
        let gap = self.gap();
        let back = self.cues.any(&[Cue::It, Cue::Them, Cue::And]) && !self.cues.has(Cue::Catalog);
        let spoken = self.focus.filter(|_| back);
        let named = self.slots.schemas.is_empty() && self.slots.unknown_schema.is_none();
        let mentioned = self.slots.tables.first().map(|first| first.ids.clone());
        let one = |focus: &&Focus| focus.tables.len() == 1 || focus.topic != Some(Topic::Diagram);
        let table = match mentioned {
            Some(ids) => self.choose(&ids),
            None => spoken
                .filter(|focus| named && focus.schemas.is_empty())
                .filter(one)
                .and_then(|focus| focus.tables.first().copied()),
        };
        let schema = match table {
            Some(table) => Some(catalog.schema_name(table).to_owned()),
            None if named => spoken.and_then(|focus| {
                let mut schemas = focus.schemas.clone();
                schemas.extend(focus.tables.iter().map(|id| catalog.table(*id).schema));
                schemas.sort_unstable();
                schemas.dedup();
                slots::label(catalog, &schemas)
            }),
            None => self.slots.label(catalog),
        };
        // "Which of them have no owner".
        let listed = self.focus.filter(|focus| focus.tables.len() > 1);
        let among = match (listed, gap) {
            (Some(focus), Some(_)) if self.cues.has(Cue::Them) && named => focus.tables.clone(),
            _ => Vec::new(),
        };
        // Something is missing, and nothing says that documentation is.
        let about_quality = self.cues.any(&[Cue::Quality, Cue::Fix]) || gap.is_some();
        let whole = self
            .cues
            .any(&[Cue::Tables, Cue::Columns, Cue::Catalog, Cue::Facts]);
        (about_quality || whole || schema.is_some()).then_some(Intent::Quality {
            schema,
            gap,
            table_type: self.table_type(),
            table: table.filter(|_| among.is_empty()),
            among,
        })
    }

    fn gap(&self) -> Option<Field> {
        if !self.cues.has(Cue::Gap) {
            return None;
        }
        let tables = self.cues.has(Cue::Quality) && self.cues.has(Cue::Tables);
        let described = self.cues.any(&[Cue::Description, Cue::Describe]) || tables;
        let bare = self.tokens.iter().any(|token| {
            [
                "undocumented",
                "nezdokumentovan",
                "nedokumentovan",
                "nepopsan",
                "nepopisan",
                "neopisan",
            ]
            .iter()
            .any(|word| token.folded.starts_with(word))
        });
        [
            (self.cues.has(Cue::Owner), Field::Owner),
            (self.cues.has(Cue::Security), Field::SecurityClassification),
            (
                self.cues.any(&[Cue::LineageUp, Cue::Lineage]),
                Field::Source,
            ),
            (described || bare, Field::Description),
        ]
        .into_iter()
        .find(|(asked, _)| *asked)
        .map(|(_, field)| field)
    }
}
