//! What was found, column by column: requested tables first, excluded ones apart.

use std::collections::HashMap;

use super::wording;
use super::{MORE, Page, add};
use crate::artifacts::markdown::{code, text};
use crate::pipeline::security::{LIKELY, SensitiveColumn};
use crate::wording::phrases::Phrase;

const HEADING: Phrase = Phrase("2. Co bylo nalezeno", "2. Čo sa našlo", "2. What was found");
const NONE: Phrase = Phrase(
    "Žádný citlivý sloupec.",
    "Žiadny citlivý stĺpec.",
    "No sensitive column.",
);
const REQUESTED: Phrase = Phrase(
    "Tabulky, které zadání potřebuje",
    "Tabuľky, ktoré zadanie potrebuje",
    "Tables the request needs",
);
const OTHERS: Phrase = Phrase(
    "Ostatní tabulky v rozsahu",
    "Ostatné tabuľky v rozsahu",
    "Other tables in scope",
);
const EXCLUDED: Phrase = Phrase(
    "Tabulky, které zadání vylučuje",
    "Tabuľky, ktoré zadanie vylučuje",
    "Tables the request rules out",
);
const EXCLUDED_TEXT: Phrase = Phrase(
    "Zadání je nepotřebuje. Uvedeny jsou proto, aby se do řešení nedostaly nepřímo, přes vazbu z jiné tabulky.",
    "Zadanie ich nepotrebuje. Uvedené sú preto, aby sa do riešenia nedostali nepriamo, cez väzbu z inej tabuľky.",
    "The request does not need them. They are listed so that they do not get into the solution by way of a join.",
);
const DOUBTFUL: Phrase = Phrase("K ověření", "Na overenie", "To be checked");
const DOUBTFUL_TEXT: Phrase = Phrase(
    "Nález je nejistý (pod 50 %). Ať rozhodne vlastník tabulky.",
    "Zistenie je neisté (pod 50 %). Nech rozhodne vlastník tabuľky.",
    "These are uncertain (below 50%). The owner of the table should decide.",
);
const HEAD: [Phrase; 7] = [
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Sloupec", "Stĺpec", "Column"),
    Phrase("Kategorie", "Kategória", "Category"),
    Phrase("Citlivost", "Citlivosť", "Sensitivity"),
    Phrase("Jistota", "Istota", "Confidence"),
    Phrase("Proč", "Prečo", "Why"),
    Phrase("Maskování", "Maskovanie", "Masking"),
];

pub(super) fn section(page: &Page<'_>) -> String {
    let mut said = format!("## {}\n\n", page.text(HEADING));
    let columns = &page.report.columns;
    if columns.is_empty() {
        return said + page.text(NONE) + "\n\n";
    }
    let part = |wanted: &dyn Fn(&SensitiveColumn) -> bool| -> Vec<[String; 7]> {
        let mut wanted: Vec<&SensitiveColumn> =
            columns.iter().filter(|column| wanted(column)).collect();
        // Table by table, in the order of their gravest columns.
        let mut places: HashMap<&str, usize> = HashMap::new();
        for column in &wanted {
            let next = places.len();
            places.entry(&column.table).or_insert(next);
        }
        wanted.sort_by_key(|column| places.get(column.table.as_str()).copied());
        wanted.into_iter().map(|column| row(page, column)).collect()
    };
    let likely = |column: &SensitiveColumn| column.confidence >= LIKELY;
    let requested = part(&|column| column.requested && likely(column));
    add(&mut said, format_args!("### {}\n\n", page.text(REQUESTED)));
    if requested.is_empty() {
        said.push_str(page.text(NONE));
        said.push_str("\n\n");
    }
    said.push_str(&page.table(HEAD, &requested));
    let others = part(&|column| !column.requested && !column.excluded && likely(column));
    let excluded = part(&|column| column.excluded && likely(column));
    let doubtful = part(&|column| !likely(column));
    for (heading, text, rows) in [
        (OTHERS, None, others),
        (EXCLUDED, Some(EXCLUDED_TEXT), excluded),
        (DOUBTFUL, Some(DOUBTFUL_TEXT), doubtful),
    ] {
        if rows.is_empty() {
            continue;
        }
        add(&mut said, format_args!("### {}\n\n", page.text(heading)));
        if let Some(text) = text {
            add(&mut said, format_args!("{}\n\n", page.text(text)));
        }
        said.push_str(&page.table(HEAD, &rows));
    }
    let summary = &page.report.summary;
    let left = (summary.sensitive_columns + summary.doubtful_columns).saturating_sub(columns.len());
    if left > 0 {
        add(
            &mut said,
            format_args!("{}\n\n", page.say(MORE, &[&left.to_string()])),
        );
    }
    said
}

fn row(page: &Page<'_>, column: &SensitiveColumn) -> [String; 7] {
    let reasons: Vec<String> = column
        .reasons
        .iter()
        .map(|reason| wording::reason(page.language, reason, text))
        .collect();
    [
        code(&column.table),
        code(&column.column),
        page.text(wording::category(column.category)).to_owned(),
        page.text(wording::sensitivity(column.sensitivity))
            .to_owned(),
        page.percent(column.confidence),
        reasons.join("; "),
        page.text(wording::masking(column.masking, column.category))
            .to_owned(),
    ]
}
