//! How tables join, with the condition spelled out and the reasons given.

use std::collections::BTreeSet;

use super::super::phrases::{NO_HINT, Noun, Phrase, code, codes, condition, listed, percent};
use super::{Answer, Said, about, evidence};
use crate::explorer::tools::{RelationshipLine, RelationshipsAnswer};
use crate::pipeline::structure::{Cardinality, Origin, TableType};

/// How many reasons are given for a join.
const REASONS_MAX: usize = 3;

const TO: Phrase = Phrase(
    "{0} odkazuje na jiné tabulky ({1}, {2}):",
    "{0} odkazuje na iné tabuľky ({1}, {2}):",
    "{0} points at other tables ({1}, {2}):",
);
const FROM: Phrase = Phrase(
    "Na {0} odkazují jiné tabulky ({1}, {2}):",
    "Na {0} odkazujú iné tabuľky ({1}, {2}):",
    "Other tables point at {0} ({1}, {2}):",
);
const BETWEEN: Phrase = Phrase(
    "{0} a {1} se spojují přímo:",
    "{0} a {1} sa spájajú priamo:",
    "{0} and {1} join directly:",
);
const THROUGH: Phrase = Phrase(
    "{0} a {1} se přímo nespojují; obě se spojují s {2}:",
    "{0} a {1} sa priamo nespájajú; obe sa spájajú s {2}:",
    "{0} and {1} do not join directly; both join {2}:",
);
const NOT_AT_ALL: Phrase = Phrase(
    "Mezi {0} a {1} katalog nezná přímou vazbu ani tabulku, se kterou by se spojovaly obě.",
    "Medzi {0} a {1} katalóg nepozná priamu väzbu ani tabuľku, s ktorou by sa spájali obe.",
    "The catalog knows no direct join between {0} and {1}, and no table that both join.",
);
const NONE: Phrase = Phrase(
    "U {0} není známa žádná vazba.",
    "Pri {0} nie je známa žiadna väzba.",
    "No join of {0} is known.",
);
const NONE_OF_TYPE: Phrase = Phrase(
    "U {0} není známa žádná vazba na tabulku typu „{1}“.",
    "Pri {0} nie je známa žiadna väzba na tabuľku typu „{1}“.",
    "No join of {0} with a {1} is known.",
);
const MANY_TO_ONE: Phrase = Phrase("N:1", "N:1", "many to one");
const ONE_TO_ONE: Phrase = Phrase("1:1", "1:1", "one to one");
const DECLARED: Phrase = Phrase(
    "uvádí ji katalog",
    "uvádza ju katalóg",
    "declared in the catalog",
);
const INFERRED: Phrase = Phrase("odvozena", "odvodená", "inferred");
const BECAUSE: Phrase = Phrase("jistota {0}; {1}", "istota {0}; {1}", "{0} sure; {1}");
const FAN_TRAP: Phrase = Phrase(
    "Pozor: přes společnou tabulku může jeden řádek odpovídat mnoha řádkům druhé strany; nejdřív obě strany agregujte.",
    "Pozor: cez spoločnú tabuľku môže jeden riadok zodpovedať mnohým riadkom druhej strany; najprv obe strany agregujte.",
    "Beware: through a shared table one row can meet many rows of the other side; aggregate both sides first.",
);

impl Answer<'_> {
    pub(super) fn joins(
        &self,
        answer: &RelationshipsAnswer,
        table_type: Option<TableType>,
    ) -> Said {
        let focus = about(answer.tables.clone(), Vec::new(), None);
        let text = match &answer.other_table {
            Some(other) => self.joins_between(answer, other),
            None => self.joins_of(answer, table_type),
        };
        (text, focus)
    }

    fn joins_between(&self, answer: &RelationshipsAnswer, other: &str) -> String {
        let (one, two) = (code(&answer.table), code(other));
        if answer.relationships.total == 0 {
            return self.say(&NOT_AT_ALL, &[&one, &two]);
        }
        let through = !answer.connected_through.is_empty();
        let lead = if through {
            let names = codes(&answer.connected_through);
            self.say(&THROUGH, &[&one, &two, &names])
        } else {
            self.say(&BETWEEN, &[&one, &two])
        };
        let joins = &answer.relationships;
        let lines = joins.items.iter().map(|line| self.join(line));
        let mut text = lead + &listed(self.language, lines, joins.total, &NO_HINT);
        if through {
            text.push_str("\n\n");
            text.push_str(&self.say(&FAN_TRAP, &[]));
        }
        text
    }

    fn joins_of(&self, answer: &RelationshipsAnswer, table_type: Option<TableType>) -> String {
        let name = code(&answer.table);
        let of_type = |full_name: &str| {
            table_type.is_none_or(|wanted| {
                let ids = self.knowledge.catalog.named(full_name);
                ids.first().is_some_and(|id| self.table_type(*id) == wanted)
            })
        };
        let (to, from): (Vec<&RelationshipLine>, Vec<&RelationshipLine>) = answer
            .relationships
            .items
            .iter()
            .filter(|line| {
                let out = line.from_table == answer.table;
                of_type(if out {
                    &line.to_table
                } else {
                    &line.from_table
                })
            })
            .partition(|line| line.from_table == answer.table);
        if to.is_empty() && from.is_empty() {
            let noun = Noun::of(table_type).form(self.language, 1);
            return if table_type.is_some() {
                self.say(&NONE_OF_TYPE, &[&name, noun])
            } else {
                self.say(&NONE, &[&name])
            };
        }
        let mut parts = Vec::new();
        if !to.is_empty() {
            let others = to.iter().map(|line| line.to_table.as_str()).collect();
            parts.push(self.side(&TO, &name, &to, &others));
        }
        if !from.is_empty() {
            let others = from.iter().map(|line| line.from_table.as_str()).collect();
            parts.push(self.side(&FROM, &name, &from, &others));
        }
        if answer.relationships.truncated {
            parts.push(format!("… (+{})", answer.relationships.missing()));
        }
        parts.join("\n\n")
    }

    /// The joins of one direction, with `others` at their other end.
    fn side(
        &self,
        phrase: &Phrase,
        name: &str,
        lines: &[&RelationshipLine],
        others: &BTreeSet<&str>,
    ) -> String {
        let tables = self.counted(others.len(), Noun::Table);
        let joins = self.counted(lines.len(), Noun::Join);
        let shown = lines.iter().map(|line| self.join(line));
        self.say(phrase, &[name, &tables, &joins])
            + &listed(self.language, shown, lines.len(), &NO_HINT)
    }

    /// A join: its condition, what it is, and why.
    fn join(&self, line: &RelationshipLine) -> String {
        let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        let (from_table, to_table) = (short(&line.from_table), short(&line.to_table));
        // Tables of one name in two schemas need their schemas to be told apart.
        let (from_table, to_table) = if from_table == to_table {
            (line.from_table.clone(), line.to_table.clone())
        } else {
            (from_table, to_table)
        };
        let conditions: Vec<String> = line
            .from_columns
            .iter()
            .zip(&line.to_columns)
            .map(|(from, to)| format!("{from_table}.{from} = {to_table}.{to}"))
            .collect();
        let cardinality = match line.cardinality {
            Cardinality::ManyToOne => MANY_TO_ONE,
            Cardinality::OneToOne => ONE_TO_ONE,
        };
        let origin = match line.origin {
            Origin::Declared => DECLARED,
            Origin::Inferred => INFERRED,
        };
        let reasons: Vec<String> = line
            .evidence
            .iter()
            .take(REASONS_MAX)
            .map(|reason| evidence::translated(self.language, reason))
            .collect();
        let sure = percent(self.language, line.confidence);
        let because = self.say(&BECAUSE, &[&sure, &reasons.join(", ")]);
        format!(
            "{} → {} ON {} ({}, {}, {because})",
            code(&line.from_table),
            code(&line.to_table),
            condition(&conditions.join(" AND ")),
            cardinality.text(self.language),
            origin.text(self.language),
        )
    }
}
