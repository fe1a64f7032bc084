//! How risky it is to build on the tables today, and what that rests on.

use std::fmt::Write;

use super::Page;
use crate::artifacts::markdown::{code, codes, table, text};
use crate::pipeline::mapping::ScopeOrigin;
use crate::pipeline::quality::{Anomaly, Priority, RiskLevel, Severity};
use crate::wording::phrases::{Noun, Phrase, percent};
use crate::wording::{reasons, terms};

/// How many schemas are named.
const SCHEMAS_MAX: usize = 20;
/// The longest reason, in characters.
const REASON_MAX: usize = 800;

const VERDICT: Phrase = Phrase("1. Verdikt", "1. Verdikt", "1. Verdict");
const RISK: Phrase = Phrase(
    "**Riziko: {0}.** Důvod: {1}.",
    "**Riziko: {0}.** Dôvod: {1}.",
    "**Risk: {0}.** Reason: {1}.",
);
const CONSEQUENCES: [(RiskLevel, Phrase); 4] = [
    (
        RiskLevel::Low,
        Phrase(
            "Startu projektu nic z toho, co katalog ví, nebrání.",
            "Začatiu projektu nič z toho, čo katalóg vie, nebráni.",
            "Nothing that the catalog knows keeps the project from starting.",
        ),
    ),
    (
        RiskLevel::Medium,
        Phrase(
            "Projekt může začít. Než se na jeho výsledky začne spoléhat, je třeba vyřešit doporučení P1 (kapitola 8).",
            "Projekt môže začať. Skôr než sa na jeho výsledky začne spoliehať, treba vyriešiť odporúčania P1 (kapitola 8).",
            "The project can start. Before its results are relied on, the P1 recommendations have to be dealt with (chapter 8).",
        ),
    ),
    (
        RiskLevel::High,
        Phrase(
            "Před startem je třeba rozhodnout o tom, co požadavku stojí v cestě (kapitoly 5 a 8). Co mezery nezasahují, může začít.",
            "Pred začatím treba rozhodnúť o tom, čo požiadavke stojí v ceste (kapitoly 5 a 8). Čo medzery nezasahujú, môže začať.",
            "Before the start, decide on what stands in the way of the request (chapters 5 and 8). What the gaps do not touch can begin.",
        ),
    ),
    (
        RiskLevel::Critical,
        Phrase(
            "Nad tímto katalogem v tomto rozsahu projekt začít nemůže: je třeba změnit zadání, rozsah, nebo katalog.",
            "Nad týmto katalógom v tomto rozsahu projekt začať nemôže: treba zmeniť zadanie, rozsah alebo katalóg.",
            "On this catalog and in this scope the project cannot start: the request, the scope or the catalog has to change.",
        ),
    ),
];
/// Of a high risk that rests on the score, with nothing in the way.
const LITTLE_DOCUMENTED: Phrase = Phrase(
    "Nic konkrétního požadavku v cestě nestojí, ale dokumentace je na spolehlivý návrh příliš slabá. Před startem ji doplňte u tabulek, na kterých požadavek stojí (kapitoly 7 a 8).",
    "Nič konkrétne požiadavke v ceste nestojí, ale dokumentácia je na spoľahlivý návrh príliš slabá. Pred začatím ju doplňte pri tabuľkách, na ktorých požiadavka stojí (kapitoly 7 a 8).",
    "Nothing in particular stands in the way of the request, but too little is documented for a reliable design. Before the start, complete the documentation of the tables that it rests on (chapters 7 and 8).",
);
const FIGURES: [Phrase; 5] = [
    Phrase(
        "Entity zadání: {0}, nalezeno {1}, nenalezeno {2}",
        "Entity zadania: {0}, nájdené {1}, nenájdené {2}",
        "Entities of the request: {0}, found {1}, not found {2}",
    ),
    Phrase(
        "Metriky zadání: {0}, se sloupcem {1}, bez sloupce {2}",
        "Metriky zadania: {0}, so stĺpcom {1}, bez stĺpca {2}",
        "Metrics of the request: {0}, with a column {1}, without {2}",
    ),
    Phrase(
        "Požadované tabulky: {0} z {1} v rozsahu; zadáním vyloučené: {2}",
        "Požadované tabuľky: {0} z {1} v rozsahu; zadaním vylúčené: {2}",
        "Tables requested: {0} of {1} in scope; ruled out by the request: {2}",
    ),
    Phrase(
        "Doporučení: P0 {0}, P1 {1}, P2 {2}",
        "Odporúčania: P0 {0}, P1 {1}, P2 {2}",
        "Recommendations: P0 {0}, P1 {1}, P2 {2}",
    ),
    Phrase(
        "Skóre kvality dokumentace: **{0}** z 1",
        "Skóre kvality dokumentácie: **{0}** z 1",
        "Quality score of the documentation: **{0}** of 1",
    ),
];
const SCORE: Phrase = Phrase(
    "Z čeho se skóre skládá",
    "Z čoho sa skóre skladá",
    "What the score is made of",
);
const OVER_REQUESTED: Phrase = Phrase(
    "Měřeno nad požadovanými tabulkami ({0}).",
    "Merané nad požadovanými tabuľkami ({0}).",
    "Measured over the tables requested ({0}).",
);
const OVER_SCOPE: Phrase = Phrase(
    "Zadání nepotřebuje žádnou tabulku určitě, měřeno proto nad celým rozsahem ({0}).",
    "Zadanie nepotrebuje žiadnu tabuľku určite, merané preto nad celým rozsahom ({0}).",
    "The request needs no certain table, so it is measured over the whole scope ({0}).",
);
const TERMS: [Phrase; 4] = [
    Phrase("Složka", "Zložka", "Term"),
    Phrase("Váha", "Váha", "Weight"),
    Phrase("Pokrytí", "Pokrytie", "Coverage"),
    Phrase("Příspěvek", "Príspevok", "Contribution"),
];
const OF: Phrase = Phrase("{0} z {1}", "{0} z {1}", "{0} of {1}");
const SUM: Phrase = Phrase("Celkem", "Spolu", "Total");
const ORIGINS: [(ScopeOrigin, Phrase); 3] = [
    (
        ScopeOrigin::Options,
        Phrase(
            "podle volby běhu",
            "podľa voľby behu",
            "by the option of the run",
        ),
    ),
    (
        ScopeOrigin::Document,
        Phrase("podle zadání", "podľa zadania", "as the request says"),
    ),
    (
        ScopeOrigin::Default,
        Phrase(
            "zadání rozsah neomezuje",
            "zadanie rozsah neobmedzuje",
            "the request sets no limits",
        ),
    ),
];
const NO_SCHEMA: Phrase = Phrase("žádné schéma", "žiadna schéma", "no schema");

/// The schemas in scope, who decided on them, and their size.
pub(super) fn scope(page: &Page<'_>) -> String {
    let mapping = &page.outputs.tool1_output;
    let schemas = if mapping.schemas.is_empty() {
        format!("{} ({})", page.text(&NO_SCHEMA), code(&mapping.scope))
    } else {
        codes(&mapping.schemas, mapping.schemas.len(), SCHEMAS_MAX)
    };
    let origin = ORIGINS
        .iter()
        .find(|(known, _)| *known == mapping.scope_origin)
        .map_or("", |(_, phrase)| page.text(phrase));
    let tables = page.counted(mapping.stats.tables_in_scope, Noun::Table);
    format!("{schemas} – {origin}; {tables}")
}

pub(super) fn verdict(page: &Page<'_>) -> String {
    let report = &page.outputs.tool3_output;
    let level = terms::risk(page.language, report.risk_level);
    let reason = text(
        &reasons::translated(page.language, &report.risk_reason),
        REASON_MAX,
    );
    let consequence = CONSEQUENCES
        .iter()
        .find(|(known, _)| *known == report.risk_level)
        .map_or("", |(_, phrase)| page.text(phrase));
    let blocks = |anomaly: &Anomaly| anomaly.severity == Severity::Blocking;
    let consequence =
        if report.risk_level == RiskLevel::High && !report.anomalies.iter().any(blocks) {
            page.text(&LITTLE_DOCUMENTED)
        } else {
            consequence
        };
    let mut said = page.heading(&VERDICT);
    said.push_str(&page.say(&RISK, &[level, &reason]));
    // Writing to a string cannot fail.
    let _ = writeln!(said, " {consequence}\n");
    for (phrase, figures) in FIGURES.iter().zip(figures(page)) {
        let filling: Vec<&str> = figures.iter().map(String::as_str).collect();
        let _ = writeln!(said, "- {}", page.say(phrase, &filling));
    }
    said.push('\n');
    said.push_str(&score(page));
    said
}

/// What fills the places of [`FIGURES`].
fn figures(page: &Page<'_>) -> [Vec<String>; 5] {
    let mapping = &page.outputs.tool1_output;
    let report = &page.outputs.tool3_output;
    let stats = &mapping.stats;
    let computed = mapping.metrics_matched();
    let of = |priority| report.recommended(priority);
    let metrics = mapping.metrics.len();
    let said = |numbers: [usize; 3]| numbers.iter().map(ToString::to_string).collect();
    [
        said([stats.entities, stats.matched, stats.no_match]),
        said([metrics, computed, metrics - computed]),
        said([
            stats.tables_requested,
            stats.tables_in_scope,
            stats.excluded,
        ]),
        said([of(Priority::P0), of(Priority::P1), of(Priority::P2)]),
        vec![page.decimal(report.quality_score, 2)],
    ]
}

fn score(page: &Page<'_>) -> String {
    let report = &page.outputs.tool3_output;
    let requested = report.coverage.requested.tables > 0;
    let (set, over) = if requested {
        (&report.coverage.requested, &OVER_REQUESTED)
    } else {
        (&report.coverage.scope, &OVER_SCOPE)
    };
    let tables = page.counted(set.tables, Noun::Table);
    let mut rows: Vec<[String; 4]> = report
        .score_terms
        .iter()
        .map(|term| {
            let counted = set.fields.get(&term.term).copied().unwrap_or_default();
            let (covered, total) = (counted.covered.to_string(), counted.total.to_string());
            let coverage = page.say(&OF, &[&covered, &total]);
            [
                terms::field(page.language, term.term).to_owned(),
                percent(page.language, term.weight),
                format!("{coverage} ({})", percent(page.language, term.value)),
                page.decimal(term.contribution, 4),
            ]
        })
        .collect();
    let total = format!("**{}**", page.decimal(report.quality_score, 2));
    let sum = format!("**{}**", page.text(&SUM));
    rows.push([sum, percent(page.language, 1.0), String::new(), total]);
    let over = page.say(over, &[&tables]);
    format!(
        "{}{over}\n\n{}",
        page.subheading(&SCORE),
        table(page.texts(&TERMS), &rows)
    )
}
