//! Which tables hold business terms, how surely and why.

use super::super::intent::Wanted;
use super::super::phrases::{NO_HINT, Noun, Phrase, code, codes, listed, percent, quote};
use super::super::terms::MEANT_MIN;
use super::{Answer, Focus, Said, about, evidence};
use crate::catalog::{SchemaId, TableId};
use crate::explorer::tools::{CandidateLine, EntityLine, MappingAnswer};
use crate::pipeline::mapping::LEAST_CONFIDENCE;
use crate::pipeline::structure::TableType;

/// Candidates less likely than this are not worth a line.
const SHOWN_MIN: f64 = 0.05;
/// How many candidates are shown for a term, and reasons for one.
const CANDIDATES_MAX: usize = 4;
const REASONS_MAX: usize = 3;

const HELD: Phrase = Phrase(
    "{0} najdete v {1} (jistota {2})",
    "{0} nájdete v {1} (istota {2})",
    "{0} is in {1} ({2} sure)",
);
const BECAUSE: Phrase = Phrase(": {0}.", ": {0}.", ": {0}.");
const OTHERS: Phrase = Phrase("Další možnosti:", "Ďalšie možnosti:", "Other candidates:");
const EQUAL: Phrase = Phrase(
    "Stejně pravděpodobné je i: {0}.",
    "Rovnako pravdepodobné je aj: {0}.",
    "Equally likely: {0}.",
);
const NOTHING: Phrase = Phrase(
    "Výraz {0}: žádná tabulka katalogu mu neodpovídá.",
    "Výraz {0}: žiadna tabuľka katalógu mu nezodpovedá.",
    "{0}: no table in the catalog holds it.",
);
const CLOSEST: Phrase = Phrase(
    "Nejblíž je {0} (jistota {1})",
    "Najbližšie je {0} (istota {1})",
    "The closest is {0} ({1} sure)",
);
const OTHER_TYPE: Phrase = Phrase(
    "Typu „{0}“ mezi kandidáty není žádný.",
    "Typu „{0}“ medzi kandidátmi nie je žiadny.",
    "None of the candidates is a {0}.",
);

/// Whether a candidate would be good enough alone; others are listed behind such a one.
fn is_likely(line: &CandidateLine) -> bool {
    line.confidence >= LEAST_CONFIDENCE
}

impl Answer<'_> {
    pub(super) fn nothing_holds(&self, asked: &str) -> Said {
        let asked = quote(self.language, asked, 80);
        (self.say(&NOTHING, &[&asked]), Focus::default())
    }

    pub(super) fn mapping(&self, wanted: &Wanted, answer: &MappingAnswer) -> Said {
        if answer.entities.items.is_empty() {
            return self.nothing_holds(&wanted.text);
        }
        let mut parts: Vec<String> = Vec::new();
        let (mut best, mut others) = (Vec::new(), Vec::new());
        for entity in &answer.entities.items {
            let candidates = self.preferred(entity, wanted.table_type, &wanted.schemas);
            parts.push(self.entity(entity, &candidates, wanted.table_type));
            let likely = candidates.iter().filter(|(_, line)| is_likely(line));
            let mut ids = likely.map(|(id, _)| *id);
            best.extend(ids.next());
            others.extend(ids);
        }
        let mut tables: Vec<TableId> = Vec::new();
        for id in best.into_iter().chain(others) {
            if !tables.contains(&id) {
                tables.push(id);
            }
        }
        let focus = if tables.is_empty() {
            Focus::default()
        } else {
            about(tables, Vec::new(), wanted.table_type)
        };
        (parts.join("\n\n"), focus)
    }

    /// The candidates, those in the schemas and of the type asked for first.
    fn preferred<'e>(
        &self,
        entity: &'e EntityLine,
        table_type: Option<TableType>,
        schemas: &[SchemaId],
    ) -> Vec<(TableId, &'e CandidateLine)> {
        let catalog = &self.knowledge.catalog;
        let mut candidates: Vec<(TableId, &CandidateLine)> = entity
            .candidates
            .iter()
            .filter_map(|line| Some((*catalog.named(&line.full_name).first()?, line)))
            .collect();
        candidates.sort_by_key(|(id, line)| {
            let elsewhere = !schemas.is_empty() && !schemas.contains(&catalog.table(*id).schema);
            let other_type = table_type.is_some_and(|wanted| self.table_type(*id) != wanted);
            (!is_likely(line), elsewhere, other_type)
        });
        candidates
    }

    fn entity(
        &self,
        entity: &EntityLine,
        candidates: &[(TableId, &CandidateLine)],
        table_type: Option<TableType>,
    ) -> String {
        let asked = quote(self.language, &entity.entity, 80);
        let Some(((id, best), rest)) = candidates.split_first() else {
            return self.say(&NOTHING, &[&asked]);
        };
        let sure = percent(self.language, best.confidence);
        let mut text = if best.confidence < MEANT_MIN {
            let nothing = self.say(&NOTHING, &[&asked]);
            nothing + " " + &self.say(&CLOSEST, &[&code(&best.full_name), &sure])
        } else {
            self.say(&HELD, &[&asked, &code(&best.full_name), &sure])
        };
        let reasons: Vec<String> = best
            .evidence
            .iter()
            .take(REASONS_MAX)
            .map(|reason| evidence::translated(self.language, reason))
            .collect();
        text.push_str(&self.say(&BECAUSE, &[&reasons.join("; ")]));
        if let Some(wanted) = table_type.filter(|wanted| self.table_type(*id) != *wanted) {
            let noun = Noun::of(Some(wanted)).form(self.language, 1);
            text.push(' ');
            text.push_str(&self.say(&OTHER_TYPE, &[noun]));
        }
        let rest: Vec<&(TableId, &CandidateLine)> = rest
            .iter()
            .filter(|(_, line)| line.confidence >= SHOWN_MIN)
            .collect();
        let alike = rest
            .iter()
            .filter(|(_, line)| percent(self.language, line.confidence) == sure);
        let alike: Vec<&str> = alike.map(|(_, line)| line.full_name.as_str()).collect();
        if !alike.is_empty() {
            text.push(' ');
            text.push_str(&self.say(&EQUAL, &[&codes(&alike)]));
        }
        if !rest.is_empty() {
            text.push('\n');
            text.push_str(&self.say(&OTHERS, &[]));
            let lines = rest.iter().take(CANDIDATES_MAX).map(|(id, line)| {
                let class = Noun::of(Some(self.table_type(*id))).form(self.language, 1);
                let sure = percent(self.language, line.confidence);
                format!("{} ({class}, {sure})", code(&line.full_name))
            });
            let shown = rest.len().min(CANDIDATES_MAX);
            text.push_str(&listed(self.language, lines, shown, &NO_HINT));
        }
        text
    }
}
