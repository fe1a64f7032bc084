//! The joins of a run as people read them: a key of several columns is one join.

use std::collections::{BTreeMap, BTreeSet};

use super::markdown::{code, codes, table};
use crate::pipeline::Outputs;
pub(crate) use crate::pipeline::security::DOUBTFUL_JOIN as DOUBTFUL;
use crate::pipeline::structure::{Cardinality, Origin, Relationship, StructureReport};
use crate::wording::Language;
use crate::wording::phrases::{Phrase, percent_below};

/// How many columns of a key are shown.
const COLUMNS_MAX: usize = 8;

/// From this confidence on a join is sure; below [`DOUBTFUL`] it is doubtful.
pub(crate) const SURE: f64 = 0.9;

const HEAD: [Phrase; 5] = [
    Phrase(
        "Z tabulky (cizí klíč)",
        "Z tabuľky (cudzí kľúč)",
        "From (foreign key)",
    ),
    Phrase("Do tabulky (klíč)", "Do tabuľky (kľúč)", "To (key)"),
    Phrase("Kardinalita", "Kardinalita", "Cardinality"),
    Phrase("Původ", "Pôvod", "Origin"),
    Phrase("Jistota", "Istota", "Confidence"),
];
const DECLARED: Phrase = Phrase("deklarovaná", "deklarovaná", "declared");
const INFERRED: Phrase = Phrase(
    "odvozená, k potvrzení",
    "odvodená, na potvrdenie",
    "inferred, to confirm",
);

const TO_EXCLUDED: Phrase = Phrase(
    "Klíče požadovaných tabulek vedou i do tabulek, které zadání vylučuje; do martu nepatří: {0}.",
    "Kľúče požadovaných tabuliek vedú aj do tabuliek, ktoré zadanie vylučuje; do martu nepatria: {0}.",
    "Keys of the tables requested also lead to tables that the request excludes; they do not belong in the mart: {0}.",
);
/// How many excluded tables are named.
const EXCLUDED_MAX: usize = 20;

/// A foreign key of one or several columns.
pub(crate) struct Join<'a> {
    /// Table, confidence, origin: those of its first column.
    pub(crate) first: &'a Relationship,
    columns: Vec<&'a Relationship>,
}

impl Join<'_> {
    /// How sure its least sure column is, 0–1.
    pub(crate) fn confidence(&self) -> f64 {
        let all = self.columns.iter().map(|column| column.confidence);
        all.fold(1.0, f64::min)
    }

    /// Whether nobody but the analysis says so.
    pub(crate) fn is_inferred(&self) -> bool {
        self.first.origin == Origin::Inferred
    }

    fn row(&self, language: Language) -> [String; 5] {
        let side = |table: &str, column: fn(&Relationship) -> &str| {
            let columns = self.columns.iter().take(COLUMNS_MAX);
            let names: Vec<&str> = columns.map(|relationship| column(relationship)).collect();
            code(&format!("{table}.{}", names.join(" + ")))
        };
        let cardinality = match self.first.cardinality {
            Cardinality::ManyToOne => "N : 1",
            Cardinality::OneToOne => "1 : 1",
        };
        let origin = if self.is_inferred() {
            INFERRED
        } else {
            DECLARED
        };
        [
            side(&self.first.from_table, |column| &column.from_column),
            side(&self.first.to_table, |column| &column.to_column),
            cardinality.to_owned(),
            origin.text(language).to_owned(),
            percent_below(language, self.confidence(), &[DOUBTFUL, SURE]),
        ]
    }
}

/// The joins of the tables that the request needs, and those of bridges that lead to them;
/// all where it needs none. By table. Never one with a table that the request excludes.
pub(crate) fn of(outputs: &Outputs) -> Vec<Join<'_>> {
    let structure = &outputs.tool2_output;
    let excluded = excluded(outputs);
    let stays = |relationship: &&Relationship| {
        !excluded.contains(relationship.from_table.as_str())
            && !excluded.contains(relationship.to_table.as_str())
    };
    let requested = requested(structure);
    let bridges: BTreeSet<&str> = structure
        .bridges
        .iter()
        .map(|bridge| bridge.head.full_name.as_str())
        .collect();
    let wanted = |relationship: &&Relationship| {
        requested.is_empty()
            || requested.contains(relationship.from_table.as_str())
            || (requested.contains(relationship.to_table.as_str())
                && bridges.contains(relationship.from_table.as_str()))
    };
    let mut joins: Vec<Join<'_>> = Vec::new();
    let mut places: BTreeMap<u32, usize> = BTreeMap::new();
    let relationships = structure.relationships.iter();
    for relationship in relationships.filter(wanted).filter(stays) {
        let known = relationship.group.and_then(|group| places.get(&group));
        if let Some(join) = known.and_then(|place| joins.get_mut(*place)) {
            join.columns.push(relationship);
            continue;
        }
        if let Some(group) = relationship.group {
            places.insert(group, joins.len());
        }
        joins.push(Join {
            first: relationship,
            columns: vec![relationship],
        });
    }
    joins
}

/// Whether the request needs no table, so that [`of`] gives the joins of the whole scope.
pub(crate) fn are_of_whole_scope(outputs: &Outputs) -> bool {
    requested(&outputs.tool2_output).is_empty()
}

/// Full names of the tables that the request excludes.
fn excluded(outputs: &Outputs) -> BTreeSet<&str> {
    let excluded = outputs.tool1_output.excluded.iter();
    excluded.map(|excluded| excluded.table.as_str()).collect()
}

/// A paragraph on the excluded tables that keys of requested ones lead to; nothing where
/// there is none.
pub(crate) fn note_on_excluded(language: Language, outputs: &Outputs) -> String {
    let requested = requested(&outputs.tool2_output);
    let excluded = excluded(outputs);
    let tables: BTreeSet<&str> = outputs
        .tool2_output
        .relationships
        .iter()
        .filter(|relationship| requested.contains(relationship.from_table.as_str()))
        .map(|relationship| relationship.to_table.as_str())
        .filter(|to| excluded.contains(to))
        .collect();
    if tables.is_empty() {
        return String::new();
    }
    let tables: Vec<&str> = tables.into_iter().collect();
    let names = codes(&tables, tables.len(), EXCLUDED_MAX);
    format!("{}\n\n", TO_EXCLUDED.say(language, &[&names]))
}

/// Full names of the tables that the request needs.
pub(crate) fn requested(structure: &StructureReport) -> BTreeSet<&str> {
    let heads = structure.heads().filter(|head| head.requested);
    heads.map(|head| head.full_name.as_str()).collect()
}

/// A table of joins.
pub(crate) fn listed<'a>(language: Language, joins: impl Iterator<Item = &'a Join<'a>>) -> String {
    let rows: Vec<[String; 5]> = joins.map(|join| join.row(language)).collect();
    table(HEAD.each_ref().map(|phrase| phrase.text(language)), &rows)
}
