//! What to do next, and whom to ask.

use std::collections::BTreeMap;

use super::{Page, SENTENCE_MAX, add};
use crate::artifacts::markdown::{code, text};
use crate::pipeline::security::{ClassificationStatus, Sensitivity, TableSecurity};
use crate::wording::phrases::Phrase;

/// How many tables or columns a step names.
const NAMED_MAX: usize = 8;

const HEADING: Phrase = Phrase(
    "6. Co udělat a koho se zeptat",
    "6. Čo urobiť a koho sa opýtať",
    "6. What to do next and whom to ask",
);
const NOTHING: Phrase = Phrase(
    "Z katalogu neplyne žádný krok. Ať vlastníci požadovaných tabulek potvrdí, že citlivá data neobsahují.",
    "Z katalógu nevyplýva žiadny krok. Nech vlastníci požadovaných tabuliek potvrdia, že citlivé dáta neobsahujú.",
    "The catalog calls for no step. Have the owners of the requested tables confirm that they hold nothing sensitive.",
);
const SPECIAL: Phrase = Phrase(
    "Před zahájením s pověřencem pro ochranu osobních údajů ověřit právní důvod a posouzení vlivu (GDPR, čl. 9 a 35): {0}.",
    "Pred začatím so zodpovednou osobou overiť právny dôvod a posúdenie vplyvu (GDPR, čl. 9 a 35): {0}.",
    "Before starting, settle the legal ground and the impact assessment with the data protection officer (GDPR, articles 9 and 35): {0}.",
);
const RAISE: Phrase = Phrase(
    "Zvýšit klasifikaci: {0}.",
    "Zvýšiť klasifikáciu: {0}.",
    "Raise the classification of: {0}.",
);
const MASK: Phrase = Phrase(
    "Citlivé sloupce požadovaných tabulek vynechat, nebo maskovat podle kapitoly 2: {0}.",
    "Citlivé stĺpce požadovaných tabuliek vynechať, alebo maskovať podľa kapitoly 2: {0}.",
    "Leave out the sensitive columns of requested tables, or mask them as chapter 2 proposes: {0}.",
);
const CLASSIFY: Phrase = Phrase(
    "Klasifikovat tabulky, které citlivé sloupce obsahují a klasifikaci nemají: {0}.",
    "Klasifikovať tabuľky, ktoré citlivé stĺpce obsahujú a klasifikáciu nemajú: {0}.",
    "Classify the tables that hold sensitive columns and have no classification: {0}.",
);
const CLASSIFY_REST: Phrase = Phrase(
    "Klasifikovat i ostatní požadované tabulky bez klasifikace: {0}.",
    "Klasifikovať aj ostatné požadované tabuľky bez klasifikácie: {0}.",
    "Classify the other requested tables without a classification, too: {0}.",
);
const KEEP_OUT: Phrase = Phrase(
    "Nepřipojovat tabulky, které zadání vylučuje; z požadovaných tabulek na ně ukazuje: {0}. Klíč sám nikoho nejmenuje, spojení ano.",
    "Nepripájať tabuľky, ktoré zadanie vylučuje; z požadovaných tabuliek na ne ukazuje: {0}. Kľúč sám nikoho nemenuje, spojenie áno.",
    "Do not join the tables that the request rules out; requested tables refer to them by: {0}. The key names nobody, the join does.",
);
const DECIDE: Phrase = Phrase(
    "Rozhodnout o nejistých nálezech (kapitola 2, „K ověření“): {0}.",
    "Rozhodnúť o neistých zisteniach (kapitola 2, „Na overenie“): {0}.",
    "Decide on the uncertain findings (chapter 2, “To be checked”): {0}.",
);
const ROWS: Phrase = Phrase(
    "S vlastníkem tabulky práv {0} (vlastník: {1}) potvrdit, že je úplná a platí pro tento projekt.",
    "S vlastníkom tabuľky práv {0} (vlastník: {1}) potvrdiť, že je úplná a platí pre tento projekt.",
    "Confirm with the owner of the table of permissions {0} (owner: {1}) that it is complete and holds for this project.",
);
const JOINS: Phrase = Phrase(
    "Ověřit nejisté vazby návrhu filtrů: {0}.",
    "Overiť neisté väzby návrhu filtrov: {0}.",
    "Check the doubtful joins of the proposed filters: {0}.",
);
const ASK: Phrase = Phrase("Koho se zeptat", "Koho sa opýtať", "Whom to ask");
const ASK_TEXT: Phrase = Phrase(
    "Vlastníci jsou uvedeni identifikátory katalogu; nemá-li tabulka vlastního, platí vlastník schématu.",
    "Vlastníci sú uvedení identifikátormi katalógu; ak tabuľka nemá vlastného, platí vlastník schémy.",
    "Owners are given by the ids of the catalog; where a table has none of its own, its schema's counts.",
);
const ASK_HEAD: [Phrase; 3] = [
    Phrase("Vlastník", "Vlastník", "Owner"),
    Phrase("Tabulky", "Tabuľky", "Tables"),
    Phrase(
        "Citlivých sloupců",
        "Citlivých stĺpcov",
        "Sensitive columns",
    ),
];
const NO_OWNER: Phrase = Phrase(
    "**bez vlastníka**: nejdřív ho určit",
    "**bez vlastníka**: najprv ho určiť",
    "**no owner**: name one first",
);
const NO_OWNER_SHORT: Phrase = Phrase("není uveden", "nie je uvedený", "none stated");

pub(super) fn section(page: &Page<'_>) -> String {
    let mut said = format!("## {}\n\n", page.text(HEADING));
    let steps = steps(page);
    if steps.is_empty() {
        return said + page.text(NOTHING) + "\n\n";
    }
    for (place, step) in steps.iter().enumerate() {
        add(&mut said, format_args!("{}. {step}\n", place + 1));
    }
    said.push('\n');
    said.push_str(&owners(page));
    said
}

/// What has to be done, the most urgent first.
fn steps(page: &Page<'_>) -> Vec<String> {
    let tables = &page.report.tables;
    let named = |phrase: Phrase, wanted: &dyn Fn(&TableSecurity) -> bool| {
        let wanted = tables.iter().filter(|table| wanted(table));
        step(
            page,
            phrase,
            wanted.map(|table| code(&table.table)).collect(),
        )
    };
    let missing =
        |table: &TableSecurity| table.classification.status == ClassificationStatus::Missing;
    let special = |table: &TableSecurity| table.highest >= Some(Sensitivity::Special);
    let mut steps: Vec<String> = Vec::new();
    steps.extend(named(SPECIAL, &|table| !table.excluded && special(table)));
    steps.extend(named(RAISE, &|table| table.classification.contradictory));
    steps.extend(named(MASK, &|table| table.requested && table.sensitive > 0));
    steps.extend(keep_out(page));
    steps.extend(named(CLASSIFY, &|table| {
        !table.excluded && table.sensitive > 0 && missing(table)
    }));
    steps.extend(named(CLASSIFY_REST, &|table| {
        table.requested && table.sensitive == 0 && missing(table)
    }));
    steps.extend(named(DECIDE, &|table| {
        !table.excluded && table.doubtful > 0
    }));
    steps.extend(permissions(page));
    steps
}

/// A step that names its objects; none where there is none.
fn step(page: &Page<'_>, phrase: Phrase, mut objects: Vec<String>) -> Option<String> {
    let more = objects.len().saturating_sub(NAMED_MAX);
    objects.truncate(NAMED_MAX);
    if more > 0 {
        objects.push(format!("… +{more}"));
    }
    (!objects.is_empty()).then(|| page.say(phrase, &[&objects.join(", ")]))
}

/// The keys by which requested tables refer to excluded ones that hold sensitive columns.
fn keep_out(page: &Page<'_>) -> Option<String> {
    let tables = &page.report.tables;
    let is = |name: &str, wanted: &dyn Fn(&TableSecurity) -> bool| {
        tables
            .iter()
            .any(|table| table.table == name && wanted(table))
    };
    let joins = page.outputs.tool2_output.relationships.iter();
    let keys = joins.filter(|join| {
        is(&join.to_table, &|table| {
            table.excluded && table.sensitive > 0
        }) && is(&join.from_table, &|table| table.requested)
    });
    let keys = keys.map(|join| code(&format!("{}.{}", join.from_table, join.from_column)));
    step(page, KEEP_OUT, keys.collect())
}

fn permissions(page: &Page<'_>) -> Vec<String> {
    let filters = &page.report.row_filters;
    let mut asked: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for users in filters
        .iter()
        .filter_map(|filter| filter.user_table.as_ref())
    {
        if asked.contains(&users.table.as_str()) {
            continue;
        }
        asked.push(&users.table);
        let owner = users.owner.as_deref();
        let owner = owner.map_or_else(|| page.text(NO_OWNER_SHORT).to_owned(), code);
        steps.push(page.say(ROWS, &[&code(&users.table), &owner]));
    }
    let doubtful = filters.iter().flat_map(|filter| &filter.facts);
    let mut joins: Vec<String> = doubtful
        .filter(|path| path.doubtful)
        .flat_map(|path| &path.steps)
        .filter(|step| step.confidence < crate::pipeline::security::DOUBTFUL_JOIN)
        .map(|step| {
            format!(
                "{} → {}",
                code(&format!("{}.{}", step.from, step.from_columns.join(" + "))),
                code(&step.to)
            )
        })
        .collect();
    joins.sort();
    joins.dedup();
    steps.extend(step(page, JOINS, joins));
    steps
}

/// Who decides on the tables of the steps.
fn owners(page: &Page<'_>) -> String {
    let open = |table: &&TableSecurity| {
        !table.excluded
            && (table.sensitive > 0
                || table.doubtful > 0
                || table.requested && table.classification.status == ClassificationStatus::Missing)
    };
    let mut by_owner: BTreeMap<Option<&str>, Vec<&TableSecurity>> = BTreeMap::new();
    for table in page.report.tables.iter().filter(open) {
        by_owner
            .entry(table.owner.as_deref())
            .or_default()
            .push(table);
    }
    let rows: Vec<[String; 3]> = by_owner
        .iter()
        .map(|(owner, tables)| {
            let sensitive: usize = tables.iter().map(|table| table.sensitive).sum();
            let named = tables.iter().take(NAMED_MAX);
            let mut named: Vec<String> = named.map(|table| code(&table.table)).collect();
            if tables.len() > NAMED_MAX {
                named.push(format!("… +{}", tables.len() - NAMED_MAX));
            }
            [
                owner.map_or_else(
                    || page.text(NO_OWNER).to_owned(),
                    |owner| text(owner, SENTENCE_MAX),
                ),
                named.join(", "),
                sensitive.to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "### {}\n\n{}\n\n{}",
        page.text(ASK),
        page.text(ASK_TEXT),
        page.table(ASK_HEAD, &rows)
    )
}
