//! What the run of a session has found, in words.

use super::intent::RunAspect;
use super::phrases::{NO_HINT, Noun, Phrase, code, counted, listed, percent, quote};
use super::wording::{reason, risk};
use crate::catalog::{Catalog, TableId};
use crate::explorer::{Focus, Language, RunFindings};
use crate::pipeline::Knowledge;
use crate::pipeline::mapping::{EntityMapping, MatchStatus};
use crate::pipeline::request::UNKNOWN;
use crate::pipeline::structure::TableType;
use crate::wording::reasons::sentence_of;

/// The longest sentence of a request that is repeated, in characters.
const SENTENCE_MAX: usize = 160;
/// How many recommendations are shown.
const TODO_MAX: usize = 5;

const SUMMARY: Phrase = Phrase(
    "Běh: {0}, z toho nalezeno {1} a nenalezeno {2}; vyloučené tabulky: {3}.",
    "Beh: {0}, z toho nájdené {1} a nenájdené {2}; vylúčené tabuľky: {3}.",
    "The run: {0}, of them {1} found and {2} not found; tables ruled out: {3}.",
);
const PROJECT: Phrase = Phrase("Projekt: {0}", "Projekt: {0}", "Project: {0}");
const GOAL: Phrase = Phrase("Cíl: {0}", "Cieľ: {0}", "Goal: {0}");
const SCOPE: Phrase = Phrase(
    "V rozsahu: {0} ({1}, {2}, {3}, {4})",
    "V rozsahu: {0} ({1}, {2}, {3}, {4})",
    "In scope: {0} ({1}, {2}, {3}, {4})",
);
const QUALITY: Phrase = Phrase(
    "Kvalita dokumentace {0}, riziko {1}: {2}.",
    "Kvalita dokumentácie {0}, riziko {1}: {2}.",
    "Documentation quality {0}, risk {1}: {2}.",
);
const FOUND: Phrase = Phrase(
    "Nalezené entity ({0}):",
    "Nájdené entity ({0}):",
    "Entities found ({0}):",
);
const MISSED: Phrase = Phrase(
    "Nenalezené entity ({0}):",
    "Nenájdené entity ({0}):",
    "Entities not found ({0}):",
);
const CHOSEN: Phrase = Phrase(
    "Běh přiřadil entitě {0} tabulku {1} (jistota {2}), protože:",
    "Beh priradil entite {0} tabuľku {1} (istota {2}), pretože:",
    "The run mapped {0} to {1} ({2} sure), because:",
);
const SECOND: Phrase = Phrase(
    "Další v pořadí byla {0} ({1}).",
    "Ďalšia v poradí bola {0} ({1}).",
    "The next best was {0} ({1}).",
);
const OF_TYPE: Phrase = Phrase(
    "Z tabulek, které běh vybral: {0}",
    "Z tabuliek, ktoré beh vybral: {0}",
    "Of the tables that the run chose: {0}",
);
const NONE_FOUND: Phrase = Phrase(
    "Běh nenašel tabulku pro žádnou entitu.",
    "Beh nenašiel tabuľku pre žiadnu entitu.",
    "The run found a table for none of the entities.",
);
const NONE_MISSED: Phrase = Phrase(
    "Běh našel tabulku pro všechny entity zadání.",
    "Beh našiel tabuľku pre všetky entity zadania.",
    "The run found a table for every entity of the request.",
);
const CLOSEST: Phrase = Phrase(
    "{0}; nejblíž byla {1} ({2}), pod hranicí {3}",
    "{0}; najbližšie bola {1} ({2}), pod hranicou {3}",
    "{0}; the closest was {1} ({2}), below the limit of {3}",
);
const EXCLUDED: Phrase = Phrase(
    "Vyloučené tabulky ({0}):",
    "Vylúčené tabuľky ({0}):",
    "Tables ruled out ({0}):",
);
const NONE_EXCLUDED: Phrase = Phrase(
    "Zadání žádnou tabulku nevyloučilo.",
    "Zadanie žiadnu tabuľku nevylúčilo.",
    "The request ruled out no table.",
);
const WARNINGS: Phrase = Phrase(
    "Upozornění běhu ({0}):",
    "Upozornenia behu ({0}):",
    "Warnings of the run ({0}):",
);
const NO_WARNINGS: Phrase = Phrase(
    "Běh nemá žádná upozornění.",
    "Beh nemá žiadne upozornenia.",
    "The run has no warnings.",
);
const FIRST: Phrase = Phrase(
    "Co udělat nejdřív:",
    "Čo urobiť najskôr:",
    "What to do first:",
);

/// The tables that a run chose for its entities, in their order.
pub(super) fn tables(catalog: &Catalog, run: &RunFindings) -> Vec<TableId> {
    let mut tables: Vec<TableId> = Vec::new();
    for found in &run.tool1_output.mappings {
        let best = found.candidates.first();
        let id = best.and_then(|best| catalog.named(&best.full_name).first().copied());
        tables.extend(id.filter(|id| !tables.contains(id)));
    }
    tables
}

/// What a run has found, and what the answer is about.
pub(super) fn word(
    knowledge: &Knowledge,
    language: Language,
    run: &RunFindings,
    aspect: RunAspect,
) -> (String, Focus) {
    let told = Told { language, run };
    let text = match aspect {
        RunAspect::Summary => told.summary(),
        RunAspect::Found => told.found(),
        RunAspect::Missed => told.missed(),
        RunAspect::Excluded => told.excluded(),
        RunAspect::Quality => told.quality(),
        RunAspect::Warnings => told.warnings(),
        RunAspect::Why(place) => told.why(place),
        RunAspect::OfType(table_type) => told.of_type(knowledge, table_type),
    };
    let focus = Focus {
        tables: tables(&knowledge.catalog, run),
        ..Focus::default()
    };
    (text, focus)
}

struct Told<'a> {
    language: Language,
    run: &'a RunFindings,
}

impl Told<'_> {
    fn list(&self, lead: &Phrase, lines: Vec<String>) -> String {
        let total = lines.len();
        lead.say(self.language, &[&total.to_string()])
            + &listed(self.language, lines, total, &NO_HINT)
    }

    fn summary(&self) -> String {
        let (language, request) = (self.language, &self.run.tool0_output);
        let stats = &self.run.tool1_output.stats;
        let entities = counted(language, stats.entities, Noun::Entity);
        let numbers = [stats.matched, stats.no_match, stats.excluded].map(|n| n.to_string());
        let [matched, missed, excluded] = &numbers;
        let mut parts = vec![SUMMARY.say(language, &[&entities, matched, missed, excluded])];
        let known = |text: &str| (text != UNKNOWN).then(|| quote(language, text, SENTENCE_MAX));
        if let Some(name) = known(&request.project_metadata.project_name) {
            parts.push(PROJECT.say(language, &[&name]));
        }
        if let Some(goal) = known(&request.goal) {
            parts.push(GOAL.say(language, &[&goal]));
        }
        let metrics = &self.run.tool2_output.metrics;
        let names: Vec<String> = self
            .run
            .tool1_output
            .schemas
            .iter()
            .map(|name| code(name))
            .collect();
        let counts = [
            counted(language, metrics.total_tables, Noun::Table),
            counted(language, metrics.facts_count, Noun::Fact),
            counted(language, metrics.dimensions_count, Noun::Dimension),
            counted(language, metrics.relationships_count, Noun::Join),
        ];
        let [tables, facts, dimensions, joins] = &counts;
        parts.push(SCOPE.say(
            language,
            &[&names.join(", "), tables, facts, dimensions, joins],
        ));
        parts.push(self.score());
        let mut text = parts.join("\n");
        if stats.matched > 0 {
            text.push_str("\n\n");
            text.push_str(&self.found());
        }
        if stats.no_match > 0 {
            text.push_str("\n\n");
            text.push_str(&self.missed());
        }
        text
    }

    fn score(&self) -> String {
        let report = &self.run.tool3_output;
        let share = percent(self.language, report.quality_score);
        let why = reason(self.language, &report.risk_reason);
        let level = risk(self.language, report.risk_level);
        QUALITY.say(self.language, &[&share, level, &why])
    }

    fn with_status(&self, status: MatchStatus) -> Vec<&EntityMapping> {
        let mappings = self.run.tool1_output.mappings.iter();
        mappings.filter(|found| found.status == status).collect()
    }

    fn found(&self) -> String {
        let found = self.with_status(MatchStatus::Matched);
        if found.is_empty() {
            return NONE_FOUND.say(self.language, &[]);
        }
        let lines = found.iter().filter_map(|entity| {
            let best = entity.candidates.first()?;
            let name = quote(self.language, &entity.entity, SENTENCE_MAX);
            let sure = percent(self.language, best.confidence);
            Some(format!("{name} → {} ({sure})", code(&best.full_name)))
        });
        self.list(&FOUND, lines.collect())
    }

    /// Why an entity has the table that the run chose.
    fn why(&self, place: usize) -> String {
        let Some(entity) = self.run.tool1_output.mappings.get(place) else {
            return self.found();
        };
        let Some(best) = entity.candidates.first() else {
            return self.missed();
        };
        let name = quote(self.language, &entity.entity, SENTENCE_MAX);
        let sure = percent(self.language, best.confidence);
        let table = code(&best.full_name);
        let reasons = best.evidence.iter();
        let lines: Vec<String> = reasons
            .map(|evidence| reason(self.language, evidence))
            .collect();
        let total = lines.len();
        let mut text = CHOSEN.say(self.language, &[&name, &table, &sure])
            + &listed(self.language, lines, total, &NO_HINT);
        if let Some(next) = &entity.runner_up {
            let sure = percent(self.language, next.confidence);
            text.push_str("\n\n");
            text.push_str(&SECOND.say(self.language, &[&code(&next.full_name), &sure]));
        }
        text
    }

    fn of_type(&self, knowledge: &Knowledge, table_type: TableType) -> String {
        let of_run = tables(&knowledge.catalog, self.run).into_iter();
        let names: Vec<String> = of_run
            .filter(|id| knowledge.structure.table_type(*id) == table_type)
            .map(|id| code(&knowledge.catalog.full_name(id)))
            .collect();
        let total = names.len();
        let number = counted(self.language, total, Noun::of(Some(table_type)));
        OF_TYPE.say(self.language, &[&number]) + &listed(self.language, names, total, &NO_HINT)
    }

    fn missed(&self) -> String {
        let missed = self.with_status(MatchStatus::NoMatch);
        if missed.is_empty() {
            return NONE_MISSED.say(self.language, &[]);
        }
        let limit = percent(self.language, crate::pipeline::mapping::LEAST_CONFIDENCE);
        let lines = missed.iter().map(|entity| {
            let name = quote(self.language, &entity.entity, SENTENCE_MAX);
            match &entity.runner_up {
                Some(next) => {
                    let sure = percent(self.language, next.confidence);
                    CLOSEST.say(
                        self.language,
                        &[&name, &code(&next.full_name), &sure, &limit],
                    )
                }
                None => name,
            }
        });
        self.list(&MISSED, lines.collect())
    }

    fn excluded(&self) -> String {
        let excluded = &self.run.tool1_output.excluded;
        if excluded.is_empty() {
            return NONE_EXCLUDED.say(self.language, &[]);
        }
        let lines = excluded.iter().map(|out| {
            let sentence = sentence_of(&out.reason);
            let sentence = quote(self.language, sentence, SENTENCE_MAX);
            format!("{} – {sentence}", code(&out.table))
        });
        self.list(&EXCLUDED, lines.collect())
    }

    fn quality(&self) -> String {
        let todo = &self.run.tool3_output.recommendations;
        let lines = todo.iter().take(TODO_MAX).map(|todo| {
            let message = reason(self.language, &todo.message);
            let first = todo
                .affected
                .first()
                .map(|name| code(name))
                .unwrap_or_default();
            let more = if todo.affected_count > 1 { " …" } else { "" };
            let message = message.trim_end_matches('.');
            format!(
                "{:?}: {message} – {}: {first}{more}",
                todo.priority, todo.affected_count
            )
        });
        let list = listed(self.language, lines, todo.len(), &NO_HINT);
        if list.is_empty() {
            return self.score();
        }
        format!(
            "{}\n\n{}{list}",
            self.score(),
            FIRST.say(self.language, &[])
        )
    }

    fn warnings(&self) -> String {
        let warnings = &self.run.warnings;
        if warnings.is_empty() {
            return NO_WARNINGS.say(self.language, &[]);
        }
        let lines = warnings
            .iter()
            .map(|warning| quote(self.language, warning, 300));
        self.list(&WARNINGS, lines.collect())
    }
}
