//! The data mart in short: facts with grain and measures, dimensions, joins.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{JOINS, Page, ROWS_MAX, SENTENCE_MAX};
use crate::artifacts::joins::{self, Join, SURE};
use crate::artifacts::markdown::{code, codes, table, text};
use crate::pipeline::request::UNKNOWN;
use crate::pipeline::structure::{DimensionItem, FactItem};
use crate::wording::phrases::{Phrase, percent};
use crate::wording::reasons;

/// How many columns of a key and how many measures are named.
const COLUMNS_MAX: usize = 8;
/// How many unsure joins the chapter shows; the appendix has all.
const UNSURE_MAX: usize = 30;

const MART: Phrase = Phrase(
    "6. Datový mart ve zkratce",
    "6. Dátový mart v skratke",
    "6. The data mart in short",
);
const NONE_REQUESTED: Phrase = Phrase(
    "Zadání nepotřebuje žádnou tabulku určitě, mart tedy není z čeho složit. Tabulky a vazby celého rozsahu jsou v `structure.json`.",
    "Zadanie nepotrebuje žiadnu tabuľku určite, mart teda nie je z čoho zložiť. Tabuľky a väzby celého rozsahu sú v `structure.json`.",
    "The request needs no certain table, so there is nothing to build a mart from. The tables and joins of the whole scope are in `structure.json`.",
);
const FACTS: Phrase = Phrase("Fakty", "Fakty", "Facts");
const NO_FACTS: Phrase = Phrase(
    "Mezi požadovanými tabulkami žádný fakt není: není co měřit.",
    "Medzi požadovanými tabuľkami žiadny fakt nie je: nie je čo merať.",
    "None of the tables requested is a fact: there is nothing to measure.",
);
const FACT_HEAD: [Phrase; 5] = [
    Phrase("Fakt", "Fakt", "Fact"),
    Phrase("Zrnitost", "Zrnitosť", "Grain"),
    Phrase("Klíč", "Kľúč", "Key"),
    Phrase("Míry", "Miery", "Measures"),
    Phrase("Jistota třídy", "Istota triedy", "Confidence of the class"),
];
const DIMENSIONS: Phrase = Phrase("Dimenze", "Dimenzie", "Dimensions");
const NO_DIMENSIONS: Phrase = Phrase(
    "Požadované tabulky se s žádnou dimenzí v rozsahu nespojují.",
    "Požadované tabuľky sa so žiadnou dimenziou v rozsahu nespájajú.",
    "The tables requested join no dimension in scope.",
);
const DIMENSION_HEAD: [Phrase; 5] = [
    Phrase("Dimenze", "Dimenzia", "Dimension"),
    Phrase("Druh", "Druh", "Kind"),
    Phrase("Klíč", "Kľúč", "Key"),
    Phrase("V zadání", "V zadaní", "Requested"),
    Phrase(
        "Spojuje se s fakty",
        "Spája sa s faktami",
        "Joined by facts",
    ),
];
const KINDS: [(&str, Phrase); 3] = [
    (
        "master",
        Phrase("kmenová data", "kmeňové dáta", "master data"),
    ),
    ("calendar", Phrase("kalendář", "kalendár", "calendar")),
    ("lookup", Phrase("číselník", "číselník", "list of codes")),
];
const ROLE_OF: Phrase = Phrase("role {0}", "rola {0}", "role of {0}");
const YES: Phrase = Phrase("ano", "áno", "yes");
const NO: Phrase = Phrase("ne, doplněna", "nie, doplnená", "no, added");
const UNKNOWN_GRAIN: Phrase = Phrase(
    "**neznámá**, určí ji vlastník",
    "**neznáma**, určí ju vlastník",
    "**unknown**, the owner has to say",
);
const UNKNOWN_KEY: Phrase = Phrase("**neznámý**", "**neznámy**", "**unknown**");
const OTHERS: Phrase = Phrase(
    "Ostatní požadované tabulky (vazební nebo nezařazené): {0}.",
    "Ostatné požadované tabuľky (väzobné alebo nezaradené): {0}.",
    "Other tables requested (bridges, or without a class): {0}.",
);

const ALL: Phrase = Phrase("Vazby", "Väzby", "Joins");
const COUNTS: Phrase = Phrase(
    "Vazby mezi těmito tabulkami: {0} (deklarované v katalogu: {1}, odvozené: {2}). Odvozené je třeba před stavbou potvrdit; všechny jsou v příloze A.",
    "Väzby medzi týmito tabuľkami: {0} (deklarované v katalógu: {1}, odvodené: {2}). Odvodené treba pred stavbou potvrdiť; všetky sú v prílohe A.",
    "Joins between these tables: {0} (declared in the catalog: {1}, inferred: {2}). The inferred ones are to be confirmed before anything is built; all are in appendix A.",
);
const NO_JOINS: Phrase = Phrase(
    "Mezi těmito tabulkami se žádná vazba nenašla.",
    "Medzi týmito tabuľkami sa žiadna väzba nenašla.",
    "No join was found between these tables.",
);
const UNSURE: Phrase = Phrase(
    "Nejdřív potvrďte ty s jistotou pod {0} ({1}):",
    "Najskôr potvrďte tie s istotou pod {0} ({1}):",
    "Confirm those below {0} first ({1}):",
);
const ALL_SURE: Phrase = Phrase(
    "Žádná nemá jistotu pod {0}.",
    "Žiadna nemá istotu pod {0}.",
    "None has a confidence below {0}.",
);

pub(super) fn mart(page: &Page<'_>) -> String {
    let mut said = page.heading(&MART);
    if joins::are_of_whole_scope(page.outputs) {
        return said + page.text(&NONE_REQUESTED) + "\n";
    }
    let joins = joins::of(page.outputs);
    said.push_str(&facts(page));
    said.push_str(&dimensions(page, &joins));
    said.push_str(&others(page));
    said.push('\n');
    said.push_str(&joined(page, &joins));
    said
}

fn facts(page: &Page<'_>) -> String {
    let facts = page.outputs.tool2_output.facts.iter();
    let requested: Vec<&FactItem> = facts.filter(|fact| fact.head.requested).collect();
    let mut said = page.subheading(&FACTS);
    if requested.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(said, "{}", page.text(&NO_FACTS));
    }
    let rows: Vec<[String; 5]> = requested
        .iter()
        .take(ROWS_MAX)
        .map(|fact| {
            let grain = if fact.grain == UNKNOWN {
                page.text(&UNKNOWN_GRAIN).to_owned()
            } else {
                text(&reasons::grain(page.language, &fact.grain), SENTENCE_MAX)
            };
            [
                code(&fact.head.full_name),
                grain,
                key(page, &fact.primary_key),
                codes(&fact.measures, fact.measures.len(), COLUMNS_MAX),
                percent(page.language, fact.head.confidence),
            ]
        })
        .collect();
    said.push_str(&table(page.texts(&FACT_HEAD), &rows));
    said.push_str(&page.rest(requested.len(), "structure.json"));
    said.push('\n');
    said
}

fn dimensions(page: &Page<'_>, joins: &[Join<'_>]) -> String {
    let structure = &page.outputs.tool2_output;
    let facts = structure.facts.iter().filter(|fact| fact.head.requested);
    let facts: BTreeSet<&str> = facts.map(|fact| fact.head.full_name.as_str()).collect();
    let mut joined_by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for join in joins {
        let Some(fact) = facts.get(join.first.from_table.as_str()) else {
            continue;
        };
        joined_by
            .entry(&join.first.to_table)
            .or_default()
            .insert(fact);
    }
    let mut shown: Vec<&DimensionItem> = structure
        .dimensions
        .iter()
        .filter(|one| one.head.requested || joined_by.contains_key(one.head.full_name.as_str()))
        .collect();
    shown.sort_by_key(|one| !one.head.requested);
    let mut said = page.subheading(&DIMENSIONS);
    if shown.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(said, "{}", page.text(&NO_DIMENSIONS));
    }
    let rows: Vec<[String; 5]> = shown
        .iter()
        .take(ROWS_MAX)
        .map(|one| {
            let name = one.head.full_name.as_str();
            let asked = if one.head.requested { &YES } else { &NO };
            let facts = joined_by.get(name).map_or(0, BTreeSet::len);
            [
                code(name),
                kind(page, one),
                key(page, &one.primary_key),
                page.text(asked).to_owned(),
                facts.to_string(),
            ]
        })
        .collect();
    said.push_str(&table(page.texts(&DIMENSION_HEAD), &rows));
    said.push_str(&page.rest(shown.len(), "structure.json"));
    said
}

fn kind(page: &Page<'_>, dimension: &DimensionItem) -> String {
    if let Some(of) = &dimension.role_of {
        return page.say(&ROLE_OF, &[&code(of)]);
    }
    KINDS
        .iter()
        .find(|(known, _)| *known == dimension.kind)
        .map_or_else(
            || text(&dimension.kind, 40),
            |(_, phrase)| page.text(phrase).to_owned(),
        )
}

fn key(page: &Page<'_>, columns: &[String]) -> String {
    if columns.is_empty() {
        page.text(&UNKNOWN_KEY).to_owned()
    } else {
        codes(columns, columns.len(), COLUMNS_MAX)
    }
}

/// Requested bridges, and tables without a class.
fn others(page: &Page<'_>) -> String {
    let structure = &page.outputs.tool2_output;
    let bridges = structure.bridges.iter().map(|one| &one.head);
    let unclassified = structure.unclassified.iter().map(|one| &one.head);
    let names: Vec<&str> = bridges
        .chain(unclassified)
        .filter(|head| head.requested)
        .map(|head| head.full_name.as_str())
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let names = codes(&names, names.len(), ROWS_MAX);
    format!("\n{}\n", page.say(&OTHERS, &[&names]))
}

/// How many joins there are, and the less sure ones.
fn joined(page: &Page<'_>, joins: &[Join<'_>]) -> String {
    let mut said = page.subheading(&ALL);
    said.push_str(&joins::note_on_excluded(page.language, page.outputs));
    if joins.is_empty() {
        said.push_str(page.text(&NO_JOINS));
        said.push('\n');
        return said;
    }
    let inferred = joins.iter().filter(|join| join.is_inferred()).count();
    let counts = [joins.len(), joins.len() - inferred, inferred].map(|count| count.to_string());
    let [all, declared, inferred] = &counts;
    let mut unsure: Vec<&Join<'_>> = joins
        .iter()
        .filter(|join| join.confidence() < SURE)
        .collect();
    unsure.sort_by(|a, b| a.confidence().total_cmp(&b.confidence()));
    let limit = percent(page.language, SURE);
    let lead = if unsure.is_empty() {
        page.say(&ALL_SURE, &[&limit])
    } else {
        page.say(&UNSURE, &[&limit, &unsure.len().to_string()])
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        said,
        "{} {lead}",
        page.say(&COUNTS, &[all, declared, inferred])
    );
    if !unsure.is_empty() {
        let shown = unsure.into_iter().take(UNSURE_MAX);
        let _ = write!(said, "\n{}", joins::listed(page.language, shown));
    }
    said
}

/// Appendix A.
pub(super) fn all_joins(page: &Page<'_>) -> String {
    let mut said = page.heading(&JOINS);
    if joins::are_of_whole_scope(page.outputs) {
        return said + page.text(&NONE_REQUESTED) + "\n";
    }
    let joins = joins::of(page.outputs);
    if joins.is_empty() {
        said.push_str(page.text(&NO_JOINS));
        said.push('\n');
    }
    let shown = joins.iter().take(ROWS_MAX);
    said.push_str(&joins::listed(page.language, shown));
    said.push_str(&page.rest(joins.len(), "structure.json"));
    said
}
