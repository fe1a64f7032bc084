//! The words requests are written with: which label opens which section, in three languages.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::text::fold;

/// Longer labels are sentences, not headings.
const MAX_LABEL_WORDS: usize = 12;
/// Words of the longest phrase below.
const MAX_PHRASE_WORDS: usize = 5;

/// Where a piece of the document belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Goal,
    /// A weaker name for the goal: an overview, a context; read where no goal is named.
    Summary,
    /// Scope without saying in or out; what it holds is in.
    Scope,
    ScopeIn,
    ScopeOut,
    Entities,
    Metrics,
    Sources,
    Constraints,
    Deliverables,
    Metadata,
    Field(Field),
    /// Under no heading at all.
    Free,
    /// Under a heading that is none of ours.
    Other,
}

/// The fields of the head that have a name of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    ProjectName,
    Sponsor,
    SubmittedAt,
}

use Field::{ProjectName, Sponsor, SubmittedAt};
use Section::{
    Constraints, Deliverables, Entities, Goal, Metadata, Metrics, Scope, ScopeIn, ScopeOut,
    Sources, Summary,
};

/// Phrases that name a section wherever in a heading they stand; the longest one in a heading decides.
const PHRASES: &[(Section, &str)] = &[
    (
        Goal,
        "cíl, cíle, cílem, cíli, záměr, záměrem, účel, účelem, cieľ, ciele, cieľom, cieľmi, zámer, \
        zámerom, účelom, co chceme, čo chceme, goal, goals, objective, objectives, purpose, aim, \
        aims, business need, business needs, o co jde, o čo ide, proč to děláme, prečo to robíme, \
        proč to potřebujeme, prečo to potrebujeme, why we need, why we do this, what we want",
    ),
    (
        Summary,
        "shrnutí, souhrn, popis projektu, stručný popis, popis problému, popis požadavku, \
        o projektu, zhrnutie, súhrn, stručný opis, opis projektu, o projekte, summary, overview, \
        project description, problem statement, business context, background",
    ),
    (
        Scope,
        "rozsah, rozsahem, rozsahom, vymezení, vymedzenie, scope",
    ),
    (
        ScopeIn,
        "v rozsahu, do rozsahu, ve scope, v scope, zahrnuto, zahrnuté, zahrnutá data, zahrnujeme, \
        zahrnuje, obsahem je, obsahem jsou, obsahom je, obsahom sú, je součástí, jsou součástí, \
        součástí je, součástí jsou, součástí projektu, zahŕňa, zahŕňame, je súčasťou, \
        sú súčasťou, súčasťou je, súčasťou sú, súčasťou projektu, in scope, scope in, \
        within scope, included, includes, inclusions, chceme pokrýt, co chceme pokrýt, \
        chceme pokryť, čo chceme pokryť, co pokrýváme, čo pokrývame, co zahrnout, čo zahrnúť, \
        co do toho patří, čo do toho patrí, co tam patří, čo tam patrí, what is covered, \
        what we cover, what it covers",
    ),
    (
        ScopeOut,
        "mimo rozsah, mimo rozsahu, mimo scope, mimo projekt, vyloučeno, vyloučené, vyloučeny, \
        není součástí, nejsou součástí, není součástí projektu, nejsou součástí projektu, \
        co není součástí, není v rozsahu, nejsou v rozsahu, není ve scope, není zahrnuto, \
        nejsou zahrnuty, nezahrnuto, nezahrnuté, nezahrnujeme, nezahrnuje, neřešíme, není cílem, \
        nepatří do rozsahu, do rozsahu nepatří, co nechceme, nepožadujeme, nepotřebujeme, \
        vylúčené, vylúčenia, nie je súčasťou, nie sú súčasťou, nie je súčasťou projektu, \
        nie sú súčasťou projektu, nie je v rozsahu, nie sú v rozsahu, nie je zahrnuté, nezahŕňa, \
        nezahŕňame, neriešime, nie je cieľom, nepatrí do rozsahu, do rozsahu nepatrí, \
        čo nechceme, nepotrebujeme, out of scope, out scope, scope out, not in scope, \
        outside scope, outside the scope, outside of scope, outside of the scope, \
        out of the scope, not included, excluded, excludes, exclusion, exclusions, non goals, \
        non goal, not required, do toho nepatří, do toho nepatrí, tam nepatří, tam nepatrí, \
        co nepokrýváme, čo nepokrývame, co vynechat, čo vynechať, not covered, leave out, \
        what we leave out",
    ),
    (
        Entities,
        "entita, entity, entit, entitami, entitou, entitách, objekty, objekt, business objekty, \
        datové objekty, datové domény, datová doména, datové oblasti, datové sady, \
        datové požadavky, požadovaná data, potřebná data, požadované údaje, potřebné údaje, \
        tato data, která data, jaká data, předmětné oblasti, tabulky, dimenze, fakta, \
        dátové objekty, dátové domény, dátové oblasti, dátové požiadavky, požadované dáta, \
        potrebné dáta, potrebné údaje, tieto dáta, tieto údaje, ktoré dáta, ktoré údaje, \
        aké dáta, aké údaje, predmetné oblasti, tabuľky, dimenzie, fakty, entities, \
        business entities, objects, business objects, data domains, data domain, domains, domény, \
        required data, data required, needed data, data needed, which data, what data, \
        data requirements, data objects, data sets, datasets, datasety, subject areas, tables, \
        dimensions, facts, facts and dimensions",
    ),
    (
        Metrics,
        "metriky, metrika, metrik, metrikami, ukazatele, ukazatel, ukazatelů, ukazateli, \
        klíčové ukazatele, míry, ukazovatele, ukazovateľ, ukazovateľov, ukazovateľmi, \
        kľúčové ukazovatele, miery, kpi, kpis, metrics, metric, measures, measure, indicators, \
        key figures, co měříme, čo meriame, co měřit, čo merať, co chceme měřit, čo chceme merať, \
        co sledujeme, čo sledujeme, co sledovat, čo sledovať, co chceme sledovat, \
        čo chceme sledovať, what we measure, what to measure",
    ),
    (
        Sources,
        "zdroje, zdrojem, zdroji, zdroje dat, zdrojem dat, datové zdroje, zdrojové systémy, \
        zdrojový systém, zdrojová data, vstupní data, zdrojom, zdrojmi, zdroje dát, zdrojom dát, \
        dátové zdroje, zdroje údajov, zdrojové dáta, vstupné dáta, sources, data sources, \
        data source, source systems, source system, source data, input data, odkud data, \
        odkiaľ dáta, odkud máme data, odkiaľ máme dáta, odkud bereme data, odkiaľ berieme dáta, \
        odkud jsou data, odkiaľ sú dáta, kde jsou data, kde sú dáta, where the data comes from, \
        where data comes from",
    ),
    (
        Constraints,
        "omezení, omezením, omezeními, limitace, limity, předpoklady, nefunkční požadavky, \
        obmedzenia, obmedzenie, obmedzením, predpoklady, nefunkčné požiadavky, constraints, \
        constraint, limitations, restrictions, assumptions, non functional requirements, \
        dát pozor, dať pozor, na co pozor, na čo pozor, watch out",
    ),
    (
        Deliverables,
        "výstupy, výstup, výstupem, výstupů, očekávané výstupy, požadované výstupy, \
        očekávané výsledky, artefakty, požadované artefakty, výstupom, výstupmi, \
        očakávané výstupy, očakávané výsledky, deliverables, deliverable, outputs, \
        expected outputs, expected output, expected results, artifacts, artefacts, \
        required artifacts, required artefacts, co má být na konci, čo má byť na konci, \
        co má vzniknout, čo má vzniknúť, co dostaneme, čo dostaneme, co očekáváme, čo očakávame, \
        what we expect, what we get",
    ),
    (
        Metadata,
        "metadata, metadáta, metadata projektu, metadáta projektu, informace o projektu, \
        základní informace, základní údaje, obecné informace, identifikace projektu, hlavička, \
        informácie o projekte, základné informácie, základné údaje, všeobecné informácie, \
        identifikácia projektu, project metadata, project information, project info, \
        project details, basic information, general information, request information, \
        request details",
    ),
    // The earlier a phrase of a field stands, the stronger it is: a sponsor beats a requester.
    (
        Section::Field(ProjectName),
        "název projektu, jméno projektu, názov projektu, meno projektu, project name, \
        project title",
    ),
    (
        Section::Field(Sponsor),
        "sponzor, sponzor projektu, sponzorem, sponzorom, sponsor, project sponsor, \
        business sponsor, zadavatel, zadavatel projektu, zadávateľ, zadávateľ projektu, \
        objednatel, objednávateľ, requested by, requester, requestor, žadatel, žiadateľ, \
        business owner, submitted by, předkládá, predkladá, zadavatelem, zadávateľom",
    ),
    (
        Section::Field(SubmittedAt),
        "datum předložení, předloženo, předloženo dne, datum podání, podáno, podáno dne, \
        dátum predloženia, predložené, predložené dňa, dátum podania, podané, podané dňa, \
        submitted at, submitted on, submitted, submission date, date submitted, request date, \
        date of request, datum požadavku, datum zadání, datum žádosti, dátum požiadavky, \
        dátum zadania, dátum žiadosti",
    ),
];

/// Phrases too general to decide anything but a label they fill by themselves.
const WHOLE: &[(Section, &str)] = &[
    (Goal, "proč, prečo, why"),
    (
        Summary,
        "popis, opis, kontext, úvod, motivace, motivácia, východiska, východiská, zadání, zadanie, \
        požadavek, požiadavka, description, context, introduction, motivation, about, request, \
        business case",
    ),
    (Scope, "oblast, oblasť"),
    (Entities, "data, dáta, údaje, domain"),
    (Metrics, "indikátory, kpi s"),
    (Sources, "zdroj, source, systémy, systems, vstupy, inputs"),
    (Constraints, "compliance, podmínky, podmienky, limits"),
    (
        Deliverables,
        "reporty, reports, dashboardy, dashboards, output, výsledky, results",
    ),
    (
        Metadata,
        "header, identifikace, identifikácia, details, detaily",
    ),
    (
        Section::Field(ProjectName),
        "projekt, project, název, názov, title, name, subject, předmět, predmet",
    ),
    (Section::Field(Sponsor), "from, od, author, autor"),
    (
        Section::Field(SubmittedAt),
        "datum, dátum, date, dne, dňa, vytvořeno, vytvorené, created, created at, created on",
    ),
];

/// Words that may stand beside a phrase without changing what the label says.
const FILLERS: &str = "a, i, aj, and, the, of, our, this, for, o, k, na, pro, pre, v, in, je, jsou, sú, is, are, \
        co, čo, what, hlavní, hlavný, hlavné, hlavním, hlavným, hlavnými, klíčový, klíčové, \
        klíčová, klíčovým, klíčovými, kľúčový, kľúčové, kľúčovým, kľúčovými, key, main, primary, \
        primární, primárne, business, obchodní, obchodné, projektu, project, projekt, tohoto, \
        tohto, naše, náš, naším, datový, datové, datového, dátový, dátové, dátového, data, dat, \
        dát, požadavku, požiadavky, request, reportu, report, martu, mart, datamartu, datamart, \
        reportingu, expected, required, očekávané, očakávané, požadované, list, seznam, zoznam, \
        overview, přehled, prehľad, definice, definícia, definition, ii, iii, iv, vi, vii, viii, \
        ix, x";

#[derive(Clone, Copy)]
struct Entry {
    section: Section,
    /// Counts only where it is the whole label.
    whole: bool,
    /// Place in its table: among names of one field the smaller is the stronger.
    order: usize,
}

static ENTRIES: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| {
    let mut entries = HashMap::new();
    for (table, whole) in [(PHRASES, false), (WHOLE, true)] {
        for (section, phrases) in table {
            for (i, phrase) in phrases.split(", ").enumerate() {
                let order = if whole { 100 + i } else { i };
                entries.entry(normal(phrase)).or_insert(Entry {
                    section: *section,
                    whole,
                    order,
                });
            }
        }
    }
    entries
});

/// What a label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) section: Section,
    /// The label says nothing else.
    pub(super) exact: bool,
    /// Nor does any of its words stand for much: `Data`, `Popis`, `Projekt`.
    pub(super) vague: bool,
    /// The smaller, the stronger, among names of one field.
    pub(super) order: usize,
}

/// The section a heading or key names, by the longest known phrase in it, the first of several.
pub(super) fn find(label: &str) -> Option<Hit> {
    longest(label, |length, longest| length > longest)
}

/// The same, the last of several.
pub(super) fn find_last(label: &str) -> Option<Hit> {
    longest(label, |length, longest| length >= longest)
}

fn longest(label: &str, better: impl Fn(usize, usize) -> bool) -> Option<Hit> {
    // A label this long cannot have few enough words, and folding it would cost.
    if label.len() > 300 {
        return None;
    }
    let label = normal(label);
    let words: Vec<Range<usize>> = word_ranges(&label).collect();
    if words.len() > MAX_LABEL_WORDS {
        return None;
    }
    let mut best: Option<(usize, Hit)> = None;
    for (from, first) in words.iter().enumerate() {
        for (to, last) in words.iter().enumerate().skip(from).take(MAX_PHRASE_WORDS) {
            let length = to - from + 1;
            let Some(entry) = label
                .get(first.start..last.end)
                .and_then(|phrase| ENTRIES.get(phrase))
            else {
                continue;
            };
            let mut others = words
                .iter()
                .enumerate()
                .filter(|(i, _)| *i < from || *i > to);
            let exact = others.all(|(_, word)| label.get(word.clone()).is_some_and(is_filler));
            let longer = best.is_none_or(|(longest, _)| better(length, longest));
            if longer && (exact || !entry.whole) {
                best = Some((
                    length,
                    Hit {
                        section: entry.section,
                        exact,
                        vague: entry.whole,
                        order: entry.order,
                    },
                ));
            }
        }
    }
    best.map(|(_, hit)| hit)
}

/// The section a label names and nothing else.
pub(super) fn find_exact(label: &str) -> Option<Hit> {
    find(label).filter(|hit| hit.exact)
}

/// Words that turn a phrase at the head of a sentence into a statement: "mimo rozsah *jsou* platby".
const COPULAS: &str = "je, jsou, bude, budou, zůstává, zůstávají, patří, tvoří, sú, budú, zostáva, zostávajú, \
        patrí, patria, tvorí, tvoria, is, are, remain, remains, include, includes";

/// Phrases that are a statement by themselves.
const VERBS: &str = "není součástí, nejsou součástí, není součástí projektu, nejsou součástí projektu, \
        nezahrnuje, nezahrnujeme, neřešíme, nepotřebujeme, nepožadujeme, nie je súčasťou, \
        nie sú súčasťou, nie je súčasťou projektu, nie sú súčasťou projektu, nezahŕňa, \
        nezahŕňame, neriešime, nepotrebujeme, do rozsahu patří, do rozsahu patria, součástí je, \
        součástí jsou, obsahem je, obsahem jsou, súčasťou je, súčasťou sú, obsahom je, \
        obsahom sú";

static STATEMENTS: LazyLock<(Vec<String>, Vec<String>)> = LazyLock::new(|| {
    let normal_all = |words: &str| words.split(", ").map(normal).collect();
    (normal_all(COPULAS), normal_all(VERBS))
});

/// A sentence that says outright which section it is about: the section, and where in it the rest begins.
pub(super) fn cue(sentence: &str) -> Option<(Section, usize)> {
    let (copulas, verbs) = &*STATEMENTS;
    let words: Vec<(Range<usize>, String)> = word_ranges(sentence)
        .take(MAX_LABEL_WORDS)
        .filter_map(|range| sentence.get(range.clone()).map(|word| (range, fold(word))))
        .collect();
    // Only the head of the sentence: what comes late in it is not what it is about.
    let start = words
        .iter()
        .take(3)
        .take_while(|(_, word)| is_filler(word) && !copulas.contains(word))
        .count();
    for from in 0..=start {
        for length in (1..=MAX_PHRASE_WORDS).rev() {
            let Some(phrase) = words.get(from..from + length) else {
                continue;
            };
            let spelt = phrase
                .iter()
                .map(|(_, word)| word.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            let Some(entry) = ENTRIES.get(&spelt).filter(|entry| !entry.whole) else {
                continue;
            };
            let mut rest = words.iter().skip(from + length);
            if verbs.contains(&spelt) {
                return phrase.last().map(|(range, _)| (entry.section, range.end));
            }
            let verb = rest.find(|(_, word)| copulas.contains(word) || !is_filler(word));
            if let Some((range, word)) = verb
                && copulas.contains(word)
            {
                return Some((entry.section, range.end));
            }
        }
    }
    None
}

static FILLER_WORDS: LazyLock<HashSet<String>> =
    LazyLock::new(|| FILLERS.split(", ").map(fold).collect());

/// Takes a folded word.
fn is_filler(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit()) || FILLER_WORDS.contains(word)
}

/// What stands for nothing, however it is punctuated.
const MISSING: &str = ", n a, na, none, none yet, null, nil, unknown, not known, not applicable, not specified, \
        tbd, tba, tbc, todo, to be defined, to be determined, to be confirmed, žádné, žádný, \
        žádná, není, nejsou, neznámo, neznámé, neznámý, nevím, neurčeno, neuvedeno, \
        nespecifikováno, doplnit, bude doplněno, vyplnit, žiadne, žiadny, žiadna, nie je, nie sú, \
        neznáme, neznámy, neviem, neurčené, neuvedené, nešpecifikované, doplniť, bude doplnené, \
        vyplniť";

static MISSING_NORMAL: LazyLock<HashSet<String>> =
    LazyLock::new(|| MISSING.split(", ").map(normal).collect());

/// Whether a value says that there is none: `N/A`, `žádné`, `-`, an unfilled `[placeholder]`.
pub(super) fn is_missing(value: &str) -> bool {
    let value = value.trim();
    if value.len() > 100 {
        return false;
    }
    let placeholder = [('[', ']'), ('<', '>'), ('{', '}')]
        .iter()
        .any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    placeholder || MISSING_NORMAL.contains(&normal(value))
}

/// Whether a label is one of a list, accents, case and punctuation apart.
pub(super) fn is_any(label: &str, list: &str) -> bool {
    is_listed(&normal(label), list)
}

/// Whether a folded word or phrase is one of a list, which is written as one text to be read as one.
pub(super) fn is_listed(word: &str, list: &str) -> bool {
    list.split(", ").any(|listed| listed == word)
}

/// Folded words with one space between: `"**2. Mimo-rozsah:"` is `"2 mimo rozsah"`.
pub(super) fn normal(label: &str) -> String {
    let folded = fold(label);
    let mut normal = String::with_capacity(folded.len());
    for range in word_ranges(&folded) {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(folded.get(range).unwrap_or_default());
    }
    normal
}

/// Where the words of a text stand.
pub(super) fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from + rest.find(char::is_alphanumeric)?;
        let rest = text.get(start..)?;
        let end = rest
            .find(|c: char| !c.is_alphanumeric())
            .map_or(text.len(), |length| start + length);
        from = end;
        Some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn section(label: &str) -> Option<Section> {
        find(label).map(|hit| hit.section)
    }

    #[test]
    fn no_phrase_stands_for_two_sections() {
        let mut seen = BTreeMap::new();
        for (section, phrases) in PHRASES.iter().chain(WHOLE) {
            for phrase in phrases.split(", ") {
                let before = *seen.entry(normal(phrase)).or_insert(*section);
                assert_eq!(before, *section, "{phrase}");
            }
        }
    }

    #[test]
    fn no_phrase_is_longer_than_what_is_looked_up() {
        for (_, phrases) in PHRASES.iter().chain(WHOLE) {
            for phrase in phrases.split(", ") {
                assert!(
                    normal(phrase).split(' ').count() <= MAX_PHRASE_WORDS,
                    "{phrase}"
                );
            }
        }
    }

    #[test]
    fn headings_are_known_in_three_languages_with_and_without_accents() {
        for (label, expected) in [
            ("1. Cíl projektu", Goal),
            ("CIEĽ", Goal),
            ("Ciel", Goal),
            ("🎯 Business Goal:", Goal),
            ("Rozsah", Scope),
            ("2) Project scope", Scope),
            ("V rozsahu", ScopeIn),
            ("Co je součástí projektu", ScopeIn),
            ("Mimo rozsah", ScopeOut),
            ("Co není v rozsahu", ScopeOut),
            ("Nie je súčasťou", ScopeOut),
            ("Out-of-Scope", ScopeOut),
            ("Non-goals", ScopeOut),
            ("Klíčové entity", Entities),
            ("Kľúčové entity", Entities),
            ("Required data domains", Entities),
            ("Metriky a KPI", Metrics),
            ("Kľúčové ukazovatele", Metrics),
            ("Zdrojové systémy", Sources),
            ("Data Sources", Sources),
            ("Omezeni", Constraints),
            ("Assumptions & constraints", Constraints),
            ("Požadované artefakty", Deliverables),
            ("Expected outputs", Deliverables),
            ("Metadata projektu", Metadata),
            ("Názov projektu", Section::Field(ProjectName)),
            ("Zadávateľ", Section::Field(Sponsor)),
            ("Prečo to robíme", Goal),
            ("Čo chceme pokryť", ScopeIn),
            ("Co do toho nepatří", ScopeOut),
            ("Odkiaľ dáta máme", Sources),
            ("Na co si dát pozor", Constraints),
            ("Čo má byť na konci", Deliverables),
            ("Dátum podania", Section::Field(SubmittedAt)),
        ] {
            assert_eq!(section(label), Some(expected), "{label}");
        }
        for label in [
            "Rizika",
            "Harmonogram",
            "Data governance",
            "Cílová skupina",
            "Projektový tým",
            "",
        ] {
            assert_eq!(section(label), None, "{label}");
        }
    }

    #[test]
    fn a_label_is_exact_when_it_says_nothing_else() {
        for (label, exact) in [
            ("Cíl projektu", true),
            ("Hlavní cíl 1", true),
            ("Key entities", true),
            ("Cíl a harmonogram", false),
            ("Metriky nákupu", false),
        ] {
            assert_eq!(find(label).map(|hit| hit.exact), Some(exact), "{label}");
        }
    }

    #[test]
    fn a_sentence_about_a_section_says_where_the_rest_begins() {
        let rest = |sentence: &'static str| {
            cue(sentence).map(|(section, at)| (section, sentence[at..].trim()))
        };
        assert_eq!(
            rest("Mimo rozsah jsou platby."),
            Some((ScopeOut, "platby."))
        );
        assert_eq!(
            rest("Hlavným cieľom projektu je prehľad."),
            Some((Goal, "prehľad."))
        );
        assert_eq!(rest("Zdrojem dat bude SAP."), Some((Sources, "SAP.")));
        assert_eq!(
            rest("Nie je súčasťou fakturácia."),
            Some((ScopeOut, "fakturácia."))
        );
        assert_eq!(
            rest("The key metrics are OTIF and spend."),
            Some((Metrics, "OTIF and spend."))
        );
        assert_eq!(rest("Dodavatelé jsou v SAP."), None);
        assert_eq!(rest("Zdroje financování jsou jasné."), None);
    }

    #[test]
    fn what_says_there_is_none_is_missing() {
        for value in [
            "N/A",
            "none",
            "Žádné.",
            "-",
            "—",
            "TBD",
            "...",
            "[doplnit]",
            "<jméno>",
            "",
        ] {
            assert!(is_missing(value), "{value}");
        }
        for value in ["Jan", "Není potřeba", "NA Trade", "[SAP] a Ariba"] {
            assert!(!is_missing(value), "{value}");
        }
    }
}
