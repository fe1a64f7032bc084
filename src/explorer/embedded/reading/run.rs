//! Questions about the run of the session.

use super::{Cue, Intent, Reading, RunAspect, Topic};
use crate::explorer::RunFindings;
use crate::text;

/// How words about a run's risk begin.
const RISK: &[&str] = &["rizik", "risk"];
/// How words begin that ask which table each entity has.
const MAPPED: &[&str] = &["tabul", "table", "map", "namap", "zmap", "entit"];
/// "In it": in the run.
const IN_IT: &[&str] = &["it", "nem", "nom"];

impl Reading<'_> {
    /// What is asked of the run where there is one and nothing of the catalog is named.
    pub(super) fn run_first(&self) -> Option<Intent> {
        let run = self.run?;
        let elsewhere = !self.slots.schemas.is_empty()
            || self.slots.unknown_schema.is_some()
            || self.cues.has(Cue::Catalog);
        if elsewhere {
            return None;
        }
        if self.cues.has(Cue::Why)
            && let Some(place) = self.entity_asked(run)
        {
            return Some(Intent::Run(RunAspect::Why(place)));
        }
        let named = !self.slots.tables.is_empty()
            || !self.slots.patterns.is_empty()
            || !self.slots.unknown.is_empty();
        if named {
            return None;
        }
        let spoken = self.cues.any(&[Cue::Run, Cue::Request, Cue::My]);
        let on_run = self.focus.and_then(|focus| focus.topic) == Some(Topic::Run);
        let in_it = (on_run || self.focus.is_none()) && self.says(|word| IN_IT.contains(&word));
        if let Some(table_type) = self.table_type().filter(|_| spoken || in_it) {
            return Some(Intent::Run(RunAspect::OfType(table_type)));
        }
        let other = [
            Cue::Tables,
            Cue::Columns,
            Cue::Gap,
            Cue::Diagram,
            Cue::Analyse,
        ];
        let risk = self.says(|word| RISK.iter().any(|begins| word.starts_with(begins)));
        if (risk || self.cues.has(Cue::Fix)) && !self.cues.any(&other) && !self.speaks_of_terms() {
            return Some(Intent::Run(RunAspect::Quality));
        }
        let found = self.cues.any(&[Cue::Where, Cue::Found]) && !self.cues.has(Cue::Missed);
        let of_session = self.cues.any(&[Cue::Run, Cue::My]) || on_run;
        let tables = self.says(|word| MAPPED.iter().any(|begins| word.starts_with(begins)));
        (of_session && found && tables).then_some(Intent::Run(RunAspect::Found))
    }

    fn says(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.tokens.iter().any(|token| fits(&token.folded))
    }

    fn speaks_of_terms(&self) -> bool {
        self.terms.iter().any(|term| term.known)
    }

    /// The place of the entity of the request whose table is asked about: the one with most
    /// of its words in the question, all of them but for its endings.
    fn entity_asked(&self, run: &RunFindings) -> Option<usize> {
        let said = |word: &str| {
            let (slavic, english) = (text::slavic_stem(word), text::english_stem(word));
            let mut tokens = self.tokens.iter();
            tokens.any(|token| token.slavic == slavic || token.english == english)
        };
        let words = |name: &str| -> Option<usize> {
            let folded = text::fold(name);
            let words = folded.split(|c: char| !c.is_alphanumeric());
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            (!words.is_empty() && words.iter().all(|word| said(word))).then_some(words.len())
        };
        let table = |full_name: &str| {
            let ids = self.knowledge.catalog.named(full_name);
            let mut mentions = self.slots.tables.iter();
            mentions.any(|mention| mention.ids.iter().any(|id| ids.contains(id)))
        };
        let weighed = run.tool1_output.mappings.iter().enumerate();
        let weighed = weighed.filter_map(|(place, found)| {
            let alias = found.alias.as_deref().and_then(words);
            let by_name = words(&found.entity).into_iter().chain(alias).max();
            let best = found.candidates.first();
            let by_table = best.filter(|best| table(&best.full_name)).map(|_| 1);
            Some((place, by_name.into_iter().chain(by_table).max()?))
        });
        let asked = weighed.max_by_key(|(place, words)| (*words, std::cmp::Reverse(*place)));
        // "Why was dimv_route ruled out" is about what was ruled out.
        let ruled_out = self.cues.any(&[Cue::Excluded]);
        asked.map(|(place, _)| place).filter(|_| !ruled_out)
    }
}
