//! Quality table by table, what to do about it, and whom to ask.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Page, ROWS_MAX};
use crate::artifacts::joins;
use crate::artifacts::markdown::{code, codes, table, text};
use crate::pipeline::quality::{Field, OwnerOf, Priority, Recommendation, TableQuality};
use crate::pipeline::request::UNKNOWN;
use crate::wording::phrases::{Phrase, quote};
use crate::wording::terms;

/// How many affected assets and how many owners a recommendation names.
const AFFECTED_MAX: usize = 6;
const OWNERS_MAX: usize = 4;

const TABLES: Phrase = Phrase(
    "7. Kvalita po tabulkách",
    "7. Kvalita po tabuľkách",
    "7. Quality by table",
);
const LEAD: Phrase = Phrase(
    "Požadované tabulky od nejhůř zdokumentované; skóre má tytéž složky a váhy jako celek.",
    "Požadované tabuľky od najhoršie zdokumentovanej; skóre má tie isté zložky a váhy ako celok.",
    "The tables requested, the worst documented first; the score has the terms and weights of the whole.",
);
const NO_TABLES: Phrase = Phrase(
    "Zadání nepotřebuje žádnou tabulku určitě.",
    "Zadanie nepotrebuje žiadnu tabuľku určite.",
    "The request needs no certain table.",
);
const HEAD: [Phrase; 6] = [
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Skóre", "Skóre", "Score"),
    Phrase("Artikulace", "Artikulácia", "Articulation"),
    Phrase("Popsané sloupce", "Opísané stĺpce", "Described columns"),
    Phrase("Vlastník", "Vlastník", "Owner"),
    Phrase("Chybí", "Chýba", "Missing"),
];
const OF: Phrase = Phrase("{0} z {1}", "{0} z {1}", "{0} of {1}");
const OF_SCHEMA: Phrase = Phrase("{0} (schématu)", "{0} (schémy)", "{0} (of the schema)");
const NO_OWNER: Phrase = Phrase("**žádný**", "**žiadny**", "**none**");
const NOTHING: Phrase = Phrase("nic", "nič", "nothing");

const OWNERS: Phrase = Phrase("Koho se ptát", "Koho sa pýtať", "Whom to ask");
const OWNER_HEAD: [Phrase; 3] = [
    Phrase("Vlastník", "Vlastník", "Owner"),
    Phrase(
        "Požadované tabulky",
        "Požadované tabuľky",
        "Tables requested",
    ),
    Phrase(
        "Z nich jen za schéma",
        "Z nich len za schému",
        "Of them by schema only",
    ),
];

const RECOMMENDATIONS: Phrase = Phrase("8. Doporučení", "8. Odporúčania", "8. Recommendations");
const NOTHING_TO_DO: Phrase = Phrase(
    "Kontrola nenašla nic, co by bylo třeba udělat.",
    "Kontrola nenašla nič, čo by bolo treba urobiť.",
    "The audit found nothing that has to be done.",
);
const PRIORITIES: [(Priority, Phrase); 3] = [
    (
        Priority::P0,
        Phrase(
            "P0 – před startem projektu",
            "P0 – pred začatím projektu",
            "P0 – before the project starts",
        ),
    ),
    (
        Priority::P1,
        Phrase(
            "P1 – než se na výsledky začne spoléhat",
            "P1 – skôr než sa na výsledky začne spoliehať",
            "P1 – before results are relied on",
        ),
    ),
    (
        Priority::P2,
        Phrase(
            "P2 – až bude čas",
            "P2 – keď bude čas",
            "P2 – when there is time",
        ),
    ),
];
const ADVICE_HEAD: [Phrase; 4] = [
    Phrase("Co udělat", "Čo urobiť", "What to do"),
    Phrase("Počet", "Počet", "Count"),
    Phrase("Čeho se týká", "Čoho sa týka", "What it concerns"),
    Phrase(
        "Koho se ptát (tabulek)",
        "Koho sa pýtať (tabuliek)",
        "Whom to ask (tables)",
    ),
];
const ASK_SPONSOR: Phrase = Phrase("sponzor: {0}", "sponzor: {0}", "the sponsor: {0}");
const ASK_REQUESTER: Phrase = Phrase("zadavatel", "zadávateľ", "whoever made the request");
const NOBODY: Phrase = Phrase(
    "vlastník není znám ({0})",
    "vlastník nie je známy ({0})",
    "no owner is known ({0})",
);
const OTHER_TABLES: Phrase = Phrase(
    "{0} (ostatní tabulky v rozsahu)",
    "{0} (ostatné tabuľky v rozsahu)",
    "{0} (other tables in scope)",
);

/// The category of advice about entities.
const MAPPING: &str = "mapping";
/// The tools' words at the end of advice about tables that the request does not need.
const ELSEWHERE: &str = " (other tables in scope).";

pub(super) fn tables(page: &Page<'_>) -> String {
    let judged = page.outputs.tool3_output.tables.iter();
    let mut requested: Vec<&TableQuality> = judged.filter(|one| one.requested).collect();
    requested.sort_by(|a, b| {
        let by_score = a.quality_score.total_cmp(&b.quality_score);
        by_score.then_with(|| a.full_name.cmp(&b.full_name))
    });
    let mut said = page.heading(&TABLES);
    if requested.is_empty() {
        said.push_str(page.text(&NO_TABLES));
        said.push('\n');
        return said;
    }
    let rows: Vec<[String; 6]> = requested
        .iter()
        .take(ROWS_MAX)
        .map(|one| row(page, one))
        .collect();
    // Writing to a string cannot fail.
    let _ = writeln!(said, "{}\n", page.text(&LEAD));
    said.push_str(&table(page.texts(&HEAD), &rows));
    let all = joins::requested(&page.outputs.tool2_output).len();
    said.push_str(&page.rest(all, "structure.json"));
    said.push('\n');
    said.push_str(&owners(page, &requested));
    said
}

fn row(page: &Page<'_>, one: &TableQuality) -> [String; 6] {
    let articulation = one
        .articulation_score
        .map_or_else(|| "–".to_owned(), |score| page.decimal(score, 0));
    let counts = [one.described_columns, one.columns].map(|count| count.to_string());
    let [described, columns] = &counts;
    let owner = one.owner.as_ref().map_or_else(
        || page.text(&NO_OWNER).to_owned(),
        |owner| match owner.of {
            OwnerOf::Table => code(&owner.id),
            OwnerOf::Schema => page.say(&OF_SCHEMA, &[&code(&owner.id)]),
        },
    );
    let missing: Vec<&str> = one
        .missing
        .iter()
        .map(|field: &Field| terms::field(page.language, *field))
        .collect();
    let missing = if missing.is_empty() {
        page.text(&NOTHING).to_owned()
    } else {
        missing.join(", ")
    };
    [
        code(&one.full_name),
        page.decimal(one.quality_score, 2),
        articulation,
        page.say(&OF, &[described, columns]),
        owner,
        missing,
    ]
}

/// Who answers for how many of the tables; most tables first.
fn owners(page: &Page<'_>, requested: &[&TableQuality]) -> String {
    let mut by_owner: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for owner in requested.iter().filter_map(|one| one.owner.as_ref()) {
        let (tables, of_schema) = by_owner.entry(&owner.id).or_default();
        *tables += 1;
        *of_schema += usize::from(owner.of == OwnerOf::Schema);
    }
    if by_owner.is_empty() {
        return String::new();
    }
    let mut owners: Vec<(&str, (usize, usize))> = by_owner.into_iter().collect();
    owners.sort_by_key(|(_, (tables, _))| std::cmp::Reverse(*tables));
    let rows: Vec<[String; 3]> = owners
        .iter()
        .take(ROWS_MAX)
        .map(|(id, (tables, of_schema))| [code(id), tables.to_string(), of_schema.to_string()])
        .collect();
    page.subheading(&OWNERS) + &table(page.texts(&OWNER_HEAD), &rows)
}

pub(super) fn recommendations(page: &Page<'_>) -> String {
    let report = &page.outputs.tool3_output;
    let mut said = page.heading(&RECOMMENDATIONS);
    if report.recommendations.is_empty() {
        said.push_str(page.text(&NOTHING_TO_DO));
        said.push('\n');
    }
    let mut is_first = true;
    for (priority, title) in &PRIORITIES {
        let advice = report.recommendations.iter();
        let rows: Vec<[String; 4]> = advice
            .filter(|one| one.priority == *priority)
            .map(|one| {
                [
                    message(page, &one.message),
                    one.affected_count.to_string(),
                    affected(page, one),
                    to_ask(page, one),
                ]
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            said.push('\n');
        }
        said.push_str(&page.subheading(title));
        said.push_str(&table(page.texts(&ADVICE_HEAD), &rows));
    }
    said
}

/// The assets by name; entities are words of the request, not names of the catalog.
fn affected(page: &Page<'_>, advice: &Recommendation) -> String {
    if advice.category != MAPPING {
        return codes(&advice.affected, advice.affected_count, AFFECTED_MAX);
    }
    let shown: Vec<String> = advice
        .affected
        .iter()
        .take(AFFECTED_MAX)
        .map(|entity| quote(page.language, &text(entity, super::NAME_MAX), usize::MAX))
        .collect();
    let more = advice.affected_count.saturating_sub(shown.len());
    let more = if more > 0 {
        format!(" … +{more}")
    } else {
        String::new()
    };
    shown.join(", ") + &more
}

/// The advice; of tables that the request does not need, that is said.
fn message(page: &Page<'_>, advice: &str) -> String {
    let said = page.reason(advice);
    let said = said.trim_end_matches('.');
    if advice.ends_with(ELSEWHERE) {
        let said = said.trim_end_matches(" (other tables in scope)");
        page.say(&OTHER_TABLES, &[said])
    } else {
        said.to_owned()
    }
}

/// The owners of the tables that advice concerns, with how many of them; of what the request
/// misses, its sponsor.
fn to_ask(page: &Page<'_>, advice: &Recommendation) -> String {
    if advice.category == MAPPING {
        let sponsor = &page.outputs.tool0_output.project_metadata.sponsor;
        return if sponsor == UNKNOWN {
            page.text(&ASK_REQUESTER).to_owned()
        } else {
            page.say(&ASK_SPONSOR, &[&text(sponsor, super::NAME_MAX)])
        };
    }
    let owners = &advice.owners;
    let mut said: Vec<String> = owners
        .iter()
        .take(OWNERS_MAX)
        .map(|owner| format!("{} ({})", code(&owner.id), owner.tables))
        .collect();
    if owners.len() > OWNERS_MAX {
        said.push(format!("… +{}", owners.len() - OWNERS_MAX));
    }
    if advice.tables_without_owner > 0 {
        said.push(page.say(&NOBODY, &[&advice.tables_without_owner.to_string()]));
    }
    said.join(", ")
}
