//! What was asked against what the catalog holds, and what stands in the way.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{HIGH, LOW, NAME_MAX, Page, ROWS_MAX, SENTENCE_MAX};
use crate::artifacts::joins::{self, DOUBTFUL, Join};
use crate::artifacts::markdown::{code, codes, table, text};
use crate::pipeline::mapping::{
    Candidate, ColumnKind, EntityMapping, LEAST_CONFIDENCE, MatchStatus, MetricMapping, RunnerUp,
};
use crate::pipeline::quality::{Anomaly, AnomalyKind, Severity};
use crate::wording::phrases::{Phrase, percent, percent_below};
use crate::wording::reasons;

/// A runner-up that is no further behind is close.
const CLOSE: f64 = 0.25;
/// How many affected assets are named.
const AFFECTED_MAX: usize = 12;
/// The tools' words before an evidence of a table that the request itself names.
const NAMED: &str = "the request names ";

const ENTITIES: Phrase = Phrase(
    "2. Co se žádá a co katalog má",
    "2. Čo sa žiada a čo katalóg má",
    "2. What was asked and what the catalog holds",
);
const NO_ENTITIES: Phrase = Phrase(
    "Zadání nejmenuje žádné entity.",
    "Zadanie nemenuje žiadne entity.",
    "The request names no entities.",
);
const ENTITY_HEAD: [Phrase; 5] = [
    Phrase("Entita", "Entita", "Entity"),
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Jistota", "Istota", "Confidence"),
    Phrase("Proč", "Prečo", "Why"),
    Phrase("Druhá v pořadí", "Druhá v poradí", "Runner-up"),
];
const NOT_FOUND: Phrase = Phrase("**nenalezena**", "**nenájdená**", "**not found**");
const NO_REASON: Phrase = Phrase(
    "žádná tabulka v rozsahu neodpovídá",
    "žiadna tabuľka v rozsahu nezodpovedá",
    "no table in scope fits",
);
const BELOW: Phrase = Phrase(
    "nejblíž, ale pod hranicí {0}",
    "najbližšie, ale pod hranicou {0}",
    "the closest, but below the limit of {0}",
);
const IS_CLOSE: Phrase = Phrase("**těsně**", "**tesne**", "**close**");
const LEVELS: [Phrase; 3] = [
    Phrase("vysoká", "vysoká", "high"),
    Phrase("střední", "stredná", "medium"),
    Phrase("nízká", "nízka", "low"),
];

const METRICS: Phrase = Phrase(
    "3. Metriky a jejich sloupce",
    "3. Metriky a ich stĺpce",
    "3. Metrics and their columns",
);
const NO_METRICS: Phrase = Phrase(
    "Zadání nejmenuje žádné metriky.",
    "Zadanie nemenuje žiadne metriky.",
    "The request names no metrics.",
);
const METRIC_HEAD: [Phrase; 5] = [
    Phrase("Metrika", "Metrika", "Metric"),
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Sloupce", "Stĺpce", "Columns"),
    Phrase("Výpočet", "Výpočet", "Computed as"),
    Phrase("Jistota", "Istota", "Confidence"),
];
const KINDS: [(ColumnKind, Phrase); 4] = [
    (ColumnKind::Measure, Phrase("míra", "miera", "measure")),
    (ColumnKind::Date, Phrase("datum", "dátum", "date")),
    (ColumnKind::Flag, Phrase("příznak", "príznak", "flag")),
    (ColumnKind::Key, Phrase("klíč", "kľúč", "key")),
];

const EXCLUDED: Phrase = Phrase(
    "4. Co je vyloučeno",
    "4. Čo je vylúčené",
    "4. What is excluded",
);
const NONE_EXCLUDED: Phrase = Phrase(
    "Zadání nevyloučilo žádnou tabulku v rozsahu.",
    "Zadanie nevylúčilo žiadnu tabuľku v rozsahu.",
    "The request excludes no table in scope.",
);
const EXCLUDED_HEAD: [Phrase; 3] = [
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Věta zadání", "Veta zadania", "Sentence of the request"),
    Phrase(
        "Jinak by připadala entitě",
        "Inak by pripadla entite",
        "Would have held the entity",
    ),
];
const IDLE: Phrase = Phrase(
    "Tyto věty zadání žádnou tabulku v rozsahu nevyloučily:",
    "Tieto vety zadania žiadnu tabuľku v rozsahu nevylúčili:",
    "These sentences of the request excluded no table in scope:",
);

const GAPS: Phrase = Phrase(
    "5. Mezery, které brání",
    "5. Medzery, ktoré bránia",
    "5. Gaps that block",
);
const NO_GAPS: Phrase = Phrase(
    "Nic, co katalog ví, požadavku v cestě nestojí.",
    "Nič, čo katalóg vie, požiadavke v ceste nestojí.",
    "Nothing that the catalog knows stands in the way of the request.",
);
const CONCERNS: Phrase = Phrase(
    "Týká se entit: {0}.",
    "Týka sa entít: {0}.",
    "It concerns the entities {0}.",
);
const UNSURE: Phrase = Phrase(
    "Co dál chybí nebo je nejisté",
    "Čo ďalej chýba alebo je neisté",
    "What else is missing or unsure",
);
const METRIC_GAP: Phrase = Phrase(
    "Metriky, pro které žádná tabulka nemá sloupec: {0}.",
    "Metriky, pre ktoré žiadna tabuľka nemá stĺpec: {0}.",
    "Metrics for which no table has a column: {0}.",
);
const JOIN_GAP: Phrase = Phrase(
    "Pochybné vazby požadovaných faktů, tedy s jistotou pod {0}:",
    "Pochybné väzby požadovaných faktov, teda s istotou pod {0}:",
    "Doubtful joins of the facts requested, that is with a confidence below {0}:",
);
const CONFIRM: Phrase = Phrase("K potvrzení", "Na potvrdenie", "To confirm");
const NOTHING_TO_CONFIRM: Phrase = Phrase(
    "Žádné přiřazení není těsné ani málo jisté.",
    "Žiadne priradenie nie je tesné ani málo isté.",
    "No mapping is close or of low confidence.",
);
const CLOSE_ENTITY: Phrase = Phrase(
    "**{0}**: je to {1} ({2}), nebo {3} ({4})?",
    "**{0}**: je to {1} ({2}), alebo {3} ({4})?",
    "**{0}**: is it {1} ({2}) or {3} ({4})?",
);
const UNSURE_ENTITY: Phrase = Phrase(
    "**{0}**: je to opravdu {1} ({2})?",
    "**{0}**: je to naozaj {1} ({2})?",
    "**{0}**: is it really {1} ({2})?",
);
const UNSURE_METRIC: Phrase = Phrase(
    "Metrika **{0}**: měří ji opravdu {1} ({2})?",
    "Metrika **{0}**: meria ju naozaj {1} ({2})?",
    "Metric **{0}**: is it really measured by {1} ({2})?",
);

/// `88 % (střední)`.
fn sure(page: &Page<'_>, confidence: f64) -> String {
    let [high, medium, low] = page.texts(&LEVELS);
    let level = if confidence >= HIGH {
        high
    } else if confidence >= LOW {
        medium
    } else {
        low
    };
    let confidence = percent_below(page.language, confidence, &[LOW, HIGH]);
    format!("{confidence} ({level})")
}

/// The tables that an entity stands for: all that the request names, else the best.
fn meant<'e>(entity: &'e EntityMapping, requested: &BTreeSet<&str>) -> Vec<&'e Candidate> {
    let is_named = |candidate: &&Candidate| {
        let mut evidence = candidate.evidence.iter();
        evidence.any(|reason| reason.starts_with(NAMED))
            && requested.contains(candidate.full_name.as_str())
    };
    let named: Vec<&Candidate> = entity.candidates.iter().filter(is_named).collect();
    if named.is_empty() {
        entity.candidates.iter().take(1).collect()
    } else {
        named
    }
}

/// The runner-up where it is not among the tables meant and nearly as likely.
fn close<'e>(entity: &'e EntityMapping, meant: &[&Candidate]) -> Option<&'e RunnerUp> {
    entity.runner_up.as_ref().filter(|second| {
        let is_meant = meant.iter().any(|one| one.full_name == second.full_name);
        !is_meant && second.margin.is_some_and(|margin| margin < CLOSE)
    })
}

pub(super) fn entities(page: &Page<'_>) -> String {
    let mapping = &page.outputs.tool1_output;
    let requested = joins::requested(&page.outputs.tool2_output);
    let mut said = page.heading(&ENTITIES);
    if mapping.mappings.is_empty() {
        said.push_str(page.text(&NO_ENTITIES));
        said.push('\n');
        return said;
    }
    let rows: Vec<[String; 5]> = mapping
        .mappings
        .iter()
        .take(ROWS_MAX)
        .map(|entity| entity_row(page, entity, &requested))
        .collect();
    said.push_str(&table(page.texts(&ENTITY_HEAD), &rows));
    said.push_str(&page.rest(mapping.mappings.len(), "mapping.json"));
    said
}

fn entity_row(page: &Page<'_>, entity: &EntityMapping, requested: &BTreeSet<&str>) -> [String; 5] {
    let mut name = format!("**{}**", text(&entity.entity, NAME_MAX));
    if let Some(alias) = &entity.alias {
        // Writing to a string cannot fail.
        let _ = write!(name, " ({})", text(alias, NAME_MAX));
    }
    let meant = meant(entity, requested);
    let Some(best) = meant.first() else {
        let closest = entity
            .runner_up
            .as_ref()
            .map_or_else(String::new, |second| {
                let limit = percent(page.language, LEAST_CONFIDENCE);
                let below = page.say(&BELOW, &[&limit]);
                format!("{} – {below}", runner_up(page, second))
            });
        let not_found = page.text(&NOT_FOUND).to_owned();
        return [
            name,
            not_found,
            "–".to_owned(),
            page.text(&NO_REASON).to_owned(),
            closest,
        ];
    };
    let tables: Vec<&str> = meant.iter().map(|one| one.full_name.as_str()).collect();
    let mut why: Vec<String> = best.evidence.iter().map(|one| page.reason(one)).collect();
    if !best.columns.is_empty() {
        why.push(codes(&best.columns, best.columns.len(), AFFECTED_MAX));
    }
    let second = match (&entity.runner_up, close(entity, &meant)) {
        (Some(_), Some(second)) => {
            format!("{} – {}", runner_up(page, second), page.text(&IS_CLOSE))
        }
        (Some(second), None) if tables.len() == 1 && second.confidence >= LEAST_CONFIDENCE => {
            runner_up(page, second)
        }
        _ => String::new(),
    };
    [
        name,
        codes(&tables, tables.len(), AFFECTED_MAX),
        sure(page, best.confidence),
        why.join("; "),
        second,
    ]
}

fn runner_up(page: &Page<'_>, second: &RunnerUp) -> String {
    let name = code(&second.full_name);
    let confidence = percent_below(page.language, second.confidence, &[LEAST_CONFIDENCE]);
    format!("{name} {confidence}")
}

pub(super) fn metrics(page: &Page<'_>) -> String {
    let metrics = &page.outputs.tool1_output.metrics;
    let mut said = page.heading(&METRICS);
    if metrics.is_empty() {
        said.push_str(page.text(&NO_METRICS));
        said.push('\n');
        return said;
    }
    let rows: Vec<[String; 5]> = metrics
        .iter()
        .take(ROWS_MAX)
        .map(|metric| metric_row(page, metric))
        .collect();
    said.push_str(&table(page.texts(&METRIC_HEAD), &rows));
    said.push_str(&page.rest(metrics.len(), "mapping.json"));
    said
}

fn metric_row(page: &Page<'_>, metric: &MetricMapping) -> [String; 5] {
    let name = text(&metric.metric, SENTENCE_MAX);
    let Some(first) = metric.columns.first() else {
        let not_found = page.text(&NOT_FOUND).to_owned();
        return [
            name,
            not_found,
            String::new(),
            String::new(),
            "–".to_owned(),
        ];
    };
    let columns: Vec<String> = metric
        .columns
        .iter()
        .map(|column| {
            let kind = KINDS.iter().find(|(known, _)| *known == column.kind);
            let kind = kind.map_or("", |(_, phrase)| page.text(phrase));
            format!("{} ({kind})", code(&column.column))
        })
        .collect();
    let computed = metric.computed_as.as_deref().unwrap_or_default();
    [
        name,
        code(&first.full_name),
        columns.join(", "),
        page.reason(computed),
        sure(page, first.confidence),
    ]
}

pub(super) fn excluded(page: &Page<'_>) -> String {
    let mapping = &page.outputs.tool1_output;
    let mut said = page.heading(&EXCLUDED);
    if mapping.excluded.is_empty() {
        said.push_str(page.text(&NONE_EXCLUDED));
        said.push('\n');
    }
    let mut sentences: BTreeSet<&str> = BTreeSet::new();
    let rows: Vec<[String; 3]> = mapping
        .excluded
        .iter()
        .map(|excluded| {
            let sentence = reasons::sentence_of(&excluded.reason);
            sentences.insert(sentence);
            let wanted: Vec<String> = excluded
                .candidate_for
                .iter()
                .take(AFFECTED_MAX)
                .map(|entity| text(entity, NAME_MAX))
                .collect();
            let sentence = text(sentence, SENTENCE_MAX);
            [code(&excluded.table), sentence, wanted.join(", ")]
        })
        .take(ROWS_MAX)
        .collect();
    said.push_str(&table(page.texts(&EXCLUDED_HEAD), &rows));
    said.push_str(&page.rest(mapping.excluded.len(), "mapping.json"));
    let idle: Vec<&String> = page
        .outputs
        .tool0_output
        .scope_out
        .iter()
        .filter(|sentence| !sentences.contains(sentence.as_str()))
        .take(ROWS_MAX)
        .collect();
    if !idle.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(said, "\n{}\n", page.text(&IDLE));
        for sentence in idle {
            let _ = writeln!(said, "- {}", text(sentence, SENTENCE_MAX));
        }
    }
    said
}

pub(super) fn gaps(page: &Page<'_>) -> String {
    let mut said = page.heading(&GAPS);
    let anomalies = &page.outputs.tool3_output.anomalies;
    let blocking = anomalies
        .iter()
        .filter(|anomaly| anomaly.severity == Severity::Blocking);
    let mut points: Vec<String> = blocking.map(|anomaly| gap(page, anomaly)).collect();
    if points.is_empty() {
        points.push(page.text(&NO_GAPS).to_owned());
    }
    for point in points {
        // Writing to a string cannot fail.
        let _ = writeln!(said, "- {point}");
    }
    said.push('\n');
    said.push_str(&unsure(page));
    said.push_str(&to_confirm(page));
    said
}

/// What does not keep the project from starting, but a part of it from being right.
fn unsure(page: &Page<'_>) -> String {
    let metrics = &page.outputs.tool1_output.metrics;
    let uncomputed: Vec<String> = metrics
        .iter()
        .filter(|metric| metric.status == MatchStatus::NoMatch)
        .take(ROWS_MAX)
        .map(|metric| format!("*{}*", text(&metric.metric, SENTENCE_MAX)))
        .collect();
    let doubtful = doubtful_joins(page);
    if uncomputed.is_empty() && doubtful.is_empty() {
        return String::new();
    }
    let mut said = page.subheading(&UNSURE);
    if !uncomputed.is_empty() {
        // Writing to a string cannot fail.
        let gap = page.say(&METRIC_GAP, &[&uncomputed.join("; ")]);
        let _ = writeln!(said, "{gap}\n");
    }
    if !doubtful.is_empty() {
        let limit = percent(page.language, DOUBTFUL);
        let _ = writeln!(said, "{}\n", page.say(&JOIN_GAP, &[&limit]));
        said.push_str(&joins::listed(page.language, doubtful.iter()));
        said.push('\n');
    }
    said
}

/// What blocks, the assets, and the entities of the request that it concerns.
fn gap(page: &Page<'_>, anomaly: &Anomaly) -> String {
    let message = capitalised(&page.reason(&anomaly.message));
    if anomaly.kind == AnomalyKind::MissingEntity {
        let entities = names(anomaly.affected.iter(), anomaly.affected_count);
        return format!("{message}: {entities}.");
    }
    let requested = joins::requested(&page.outputs.tool2_output);
    let concerned: Vec<&String> = page
        .outputs
        .tool1_output
        .mappings
        .iter()
        .filter(|entity| {
            let meant = meant(entity, &requested);
            meant
                .iter()
                .any(|one| anomaly.affected.contains(&one.full_name))
        })
        .map(|entity| &entity.entity)
        .collect();
    let total = concerned.len();
    let entities = names(concerned.into_iter(), total);
    let affected = codes(&anomaly.affected, anomaly.affected_count, AFFECTED_MAX);
    format!(
        "{message}: {affected}. {}",
        page.say(&CONCERNS, &[&entities])
    )
}

/// The first of the entities by name, and how many more there are.
fn names<'n>(entities: impl Iterator<Item = &'n String>, total: usize) -> String {
    let shown: Vec<String> = entities
        .take(AFFECTED_MAX)
        .map(|entity| format!("**{}**", text(entity, NAME_MAX)))
        .collect();
    let more = total.saturating_sub(shown.len());
    let more = if more > 0 {
        format!(" … +{more}")
    } else {
        String::new()
    };
    shown.join(", ") + &more
}

/// The joins of requested facts that are less sure than they should be, the least sure first.
fn doubtful_joins<'a>(page: &Page<'a>) -> Vec<Join<'a>> {
    let facts = page.outputs.tool2_output.facts.iter();
    let facts: BTreeSet<&str> = facts
        .filter(|fact| fact.head.requested)
        .map(|fact| fact.head.full_name.as_str())
        .collect();
    let mut doubtful = joins::of(page.outputs);
    doubtful.retain(|join| {
        join.confidence() < DOUBTFUL && facts.contains(join.first.from_table.as_str())
    });
    doubtful.sort_by(|a, b| a.confidence().total_cmp(&b.confidence()));
    doubtful.truncate(ROWS_MAX);
    doubtful
}

/// Questions that a person who knows the business answers in a minute.
fn to_confirm(page: &Page<'_>) -> String {
    let mapping = &page.outputs.tool1_output;
    let requested = joins::requested(&page.outputs.tool2_output);
    let share = |confidence| percent_below(page.language, confidence, &[LOW]);
    let of_entities = mapping.mappings.iter().filter_map(|entity| {
        let meant = meant(entity, &requested);
        let best = meant.first()?;
        let (name, chosen) = (text(&entity.entity, NAME_MAX), code(&best.full_name));
        let confidence = share(best.confidence);
        if let Some(second) = close(entity, &meant) {
            let (other, likely) = (code(&second.full_name), share(second.confidence));
            let filling = [&*name, &chosen, &confidence, &other, &likely];
            return Some(page.say(&CLOSE_ENTITY, &filling));
        }
        (best.confidence < LOW).then(|| page.say(&UNSURE_ENTITY, &[&name, &chosen, &confidence]))
    });
    let of_metrics = mapping.metrics.iter().filter_map(|metric| {
        let first = metric.columns.first()?;
        let column = code(&format!("{}.{}", first.table, first.column));
        let name = text(&metric.metric, SENTENCE_MAX);
        let confidence = share(first.confidence);
        (first.confidence < LOW).then(|| page.say(&UNSURE_METRIC, &[&name, &column, &confidence]))
    });
    let questions: Vec<String> = of_entities.chain(of_metrics).take(ROWS_MAX).collect();
    let mut said = page.subheading(&CONFIRM);
    if questions.is_empty() {
        said.push_str(page.text(&NOTHING_TO_CONFIRM));
        said.push('\n');
    }
    for question in questions {
        // Writing to a string cannot fail.
        let _ = writeln!(said, "- {question}");
    }
    said
}

/// The first letter large, as at the beginning of a sentence.
fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}
