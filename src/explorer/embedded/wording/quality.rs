//! How well something is documented, and what to do first.

use super::super::phrases::{
    LINES_MAX, NO_HINT, Noun, Phrase, code, codes, counted, listed, percent,
};
use super::{Answer, Said, about, evidence};
use crate::catalog::{SchemaId, TableId};
use crate::explorer::tools::QualityAnswer;
use crate::pipeline::quality::{Field, has};
use crate::pipeline::structure::TableType;
use crate::wording::terms;

/// How many findings and recommendations are shown.
const FINDINGS_MAX: usize = 6;
/// How many of the assets concerned are named.
const AFFECTED_MAX: usize = 3;

const SCORE: Phrase = Phrase(
    "{0}: skóre kvality dokumentace {1}, riziko {2} ({3}; {4}).",
    "{0}: skóre kvality dokumentácie {1}, riziko {2} ({3}; {4}).",
    "{0}: documentation quality {1}, risk {2} ({3}; {4}).",
);
const WHOLE: Phrase = Phrase("Celý katalog", "Celý katalóg", "The whole catalog");
const WHY: Phrase = Phrase("Proč: {0}.", "Prečo: {0}.", "Why: {0}.");
const COVERAGE: Phrase = Phrase("Pokrytí:", "Pokrytie:", "Coverage:");
const FIRST: Phrase = Phrase(
    "Co udělat nejdřív:",
    "Čo urobiť najskôr:",
    "What to do first:",
);
const NOTHING_TO_DO: Phrase = Phrase(
    "Není co opravovat: kontrola nic nenašla.",
    "Nie je čo opravovať: kontrola nič nenašla.",
    "There is nothing to fix: the audit found nothing.",
);
const WRONG: Phrase = Phrase(
    "Co je v nepořádku:",
    "Čo nie je v poriadku:",
    "What is wrong:",
);
const WITHOUT: Phrase = Phrase(
    "Tabulky, kterým chybí {0} ({1} z {2}):",
    "Tabuľky, ktorým chýba {0} ({1} z {2}):",
    "Tables without {0} ({1} of {2}):",
);
const ALL_HAVE: Phrase = Phrase(
    "Položka „{0}“ nechybí žádné tabulce.",
    "Položka „{0}“ nechýba žiadnej tabuľke.",
    "No table is without {0}.",
);
const TABLE: Phrase = Phrase(
    "{0} – co katalog o tabulce má: {1}. Chybí: {2}.",
    "{0} – čo katalóg o tabuľke má: {1}. Chýba: {2}.",
    "{0} – what the catalog has on the table: {1}. Missing: {2}.",
);
const NOTHING: Phrase = Phrase("nic", "nič", "nothing");
const OF_ITS_SCHEMA: Phrase = Phrase(
    "Skóre se počítá za celé schéma:",
    "Skóre sa počíta za celú schému:",
    "The score is that of its schema:",
);

impl Answer<'_> {
    pub(super) fn quality(
        &self,
        answer: &QualityAnswer,
        (gap, table_type): (Option<Field>, Option<TableType>),
        table: Option<TableId>,
        among: &[TableId],
    ) -> Said {
        let schemas: Vec<SchemaId> = answer
            .schemas
            .iter()
            .flat_map(|name| self.schemas_called(Some(name)))
            .collect();
        let mut parts: Vec<String> = Vec::new();
        let mut tables: Vec<TableId> = table.into_iter().collect();
        if let Some(table) = table {
            parts.push(self.documentation(table));
            parts.push(self.say(&OF_ITS_SCHEMA, &[]));
        } else if let Some(field) = gap {
            let mut without = self.without(field, &schemas);
            without.retain(|id| among.is_empty() || among.contains(id));
            let of_type =
                |id: &TableId| table_type.is_none_or(|wanted| self.table_type(*id) == wanted);
            without.retain(of_type);
            let all = match table_type {
                Some(_) => {
                    let ids = self.tables_in(&schemas).into_iter();
                    let counted = ids.filter(|id| among.is_empty() || among.contains(id));
                    counted.filter(of_type).count()
                }
                None if among.is_empty() => answer.tables,
                None => among.len(),
            };
            let all = match table_type {
                // "of 5" and more takes the genitive of many.
                Some(_) => format!(
                    "{all} {}",
                    Noun::of(table_type).form(self.language, all.max(5))
                ),
                None => all.to_string(),
            };
            parts.push(self.tables_without(field, &without, &all));
            tables = without;
        }
        parts.push(self.score(answer));
        if gap.is_none() && table.is_none() {
            parts.push(self.to_do(answer));
            parts.extend(self.findings(answer));
        }
        (parts.join("\n\n"), about(tables, schemas, None))
    }

    fn field(&self, field: Field) -> &'static str {
        terms::field(self.language, field)
    }

    fn score(&self, answer: &QualityAnswer) -> String {
        let whose = if answer.schemas.is_empty() {
            self.say(&WHOLE, &[])
        } else {
            codes(&answer.schemas)
        };
        let share = percent(self.language, answer.quality_score);
        let tables = counted(self.language, answer.tables, Noun::Table);
        let columns = counted(self.language, answer.columns, Noun::Column);
        let level = terms::risk(self.language, answer.risk_level);
        let first = self.say(&SCORE, &[&whose, &share, level, &tables, &columns]);
        let reason = evidence::translated(self.language, &answer.risk_reason);
        let why = self.say(&WHY, &[&reason]);
        let coverage: Vec<String> = answer
            .coverage
            .iter()
            .filter_map(|(field, share)| {
                let share = percent(self.language, (*share)?);
                Some(format!("{} {share}", self.field(*field)))
            })
            .collect();
        let coverage_lead = self.say(&COVERAGE, &[]);
        format!("{first} {why}\n{coverage_lead} {}.", coverage.join(", "))
    }

    fn to_do(&self, answer: &QualityAnswer) -> String {
        let todo = &answer.recommendations;
        if todo.total == 0 {
            return self.say(&NOTHING_TO_DO, &[]);
        }
        let lines = todo.items.iter().take(FINDINGS_MAX).map(|todo| {
            let message = evidence::translated(self.language, &todo.message);
            let assets = assets(&todo.affected, todo.affected_count);
            format!(
                "{:?}: {} – {assets}",
                todo.priority,
                message.trim_end_matches('.')
            )
        });
        self.say(&FIRST, &[]) + &listed(self.language, lines, todo.total, &NO_HINT)
    }

    fn findings(&self, answer: &QualityAnswer) -> Option<String> {
        let found = &answer.anomalies;
        let lines = found.items.iter().take(FINDINGS_MAX).map(|finding| {
            let message = evidence::translated(self.language, &finding.message);
            format!(
                "{message} – {}",
                assets(&finding.affected, finding.affected_count)
            )
        });
        (found.total > 0)
            .then(|| self.say(&WRONG, &[]) + &listed(self.language, lines, found.total, &NO_HINT))
    }

    /// The tables that lack a field, by name.
    fn without(&self, field: Field, schemas: &[SchemaId]) -> Vec<TableId> {
        let catalog = &self.knowledge.catalog;
        let mut tables: Vec<TableId> = catalog
            .tables()
            .filter(|(_, table)| schemas.is_empty() || schemas.contains(&table.schema))
            .map(|(id, _)| id)
            .filter(|id| !has(catalog, *id, field))
            .collect();
        tables.sort_by(|a, b| catalog.list_order(*a, *b));
        tables
    }

    fn tables_without(&self, field: Field, without: &[TableId], all: &str) -> String {
        let name = self.field(field);
        if without.is_empty() {
            return self.say(&ALL_HAVE, &[name]);
        }
        let name = &name.replace("of its own", "of their own");
        let count = without.len().to_string();
        let lines = without.iter().map(|id| code(&self.full_name(*id)));
        self.say(&WITHOUT, &[name, &count, all])
            + &listed(self.language, lines, without.len(), &NARROW_SCHEMA)
    }

    /// What the catalog has on one table, and what not.
    fn documentation(&self, id: TableId) -> String {
        let catalog = &self.knowledge.catalog;
        let (there, missing): (Vec<Field>, Vec<Field>) =
            terms::fields().partition(|field| has(catalog, id, *field));
        let names = |fields: &[Field]| {
            let names: Vec<&str> = fields.iter().map(|field| self.field(*field)).collect();
            if names.is_empty() {
                NOTHING.text(self.language).to_owned()
            } else {
                names.join(", ")
            }
        };
        let name = code(&self.full_name(id));
        self.say(&TABLE, &[&name, &names(&there), &names(&missing)])
    }
}

const NARROW_SCHEMA: Phrase = Phrase(
    "; zužte výběr schématem",
    "; zúžte výber schémou",
    "; narrow by schema",
);

/// The assets that a finding concerns: how many, and the first of them.
fn assets(names: &[String], count: usize) -> String {
    let shown = names.len().min(AFFECTED_MAX).min(LINES_MAX);
    let first = codes(names.get(..shown).unwrap_or_default());
    let more = if count > shown { " …" } else { "" };
    format!("{count}: {first}{more}")
}
