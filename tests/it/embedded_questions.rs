//! The embedded explorer's answers to questions as people type them, on the sample catalog.
//!
//! The questions stand in `tests/fixtures/`; the first line of each file says how to read it.

use std::sync::Arc;

use mcop_api::explorer::embedded::{self, Understood, Worded};
use mcop_api::explorer::thread::{Thread, Turn};
use mcop_api::explorer::tools::{Call, Tools};
use mcop_api::explorer::{Focus, Language, RunFindings, Topic};
use mcop_api::pipeline::{self, Knowledge, RunRequest};
use serde_json::{Map, Value};

use crate::support::sample;

/// The questions the explorer was made with.
const QUESTIONS: &str = include_str!("../fixtures/embedded_questions.tsv");
/// Others, written when it was made; the file says how many were right at once.
const HELD_OUT: &str = include_str!("../fixtures/embedded_held_out.tsv");
/// Those of somebody who had not seen the explorer.
const OUTSIDERS: &str = include_str!("../fixtures/embedded_outsiders.tsv");
/// The share of a table that has to be right.
const LEAST_RIGHT: f64 = 0.95;

/// A question and what is expected of its answer.
struct Case<'t> {
    language: Language,
    before: Vec<&'t str>,
    question: &'t str,
    calls: Vec<(String, Value)>,
    facts: Vec<&'t str>,
}

fn cases(table: &str) -> Vec<Case<'_>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(case).collect()
}

fn case(line: &str) -> Case<'_> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [language, before, question, calls, facts] = fields[..] else {
        panic!("five columns, not {}: {line}", fields.len());
    };
    let facts: Vec<&str> = facts.split(" | ").collect();
    assert!(facts.len() > 1, "two facts at least: {line}");
    Case {
        language: match language {
            "cs" => Language::Czech,
            "sk" => Language::Slovak,
            "en" => Language::English,
            other => panic!("no language: {other}"),
        },
        before: before
            .split(" | ")
            .filter(|text| !text.is_empty())
            .collect(),
        question,
        calls: calls
            .split("; ")
            .filter(|call| *call != "-")
            .map(call)
            .collect(),
        facts,
    }
}

fn call(written: &str) -> (String, Value) {
    let (name, arguments) = written.split_once(' ').unwrap_or((written, ""));
    let arguments: Map<String, Value> = arguments
        .split(" & ")
        .filter_map(|argument| argument.split_once('='))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    (name.to_owned(), Value::Object(arguments))
}

async fn ask(tools: &Tools, focus: Option<&Focus>, question: &str) -> (Understood, Worded) {
    let knowledge = tools.knowledge();
    let understood = embedded::understand(knowledge, focus, None, question);
    let mut outcomes = Vec::new();
    for call in understood.calls() {
        outcomes.push(tools.run(call).await);
    }
    let worded = embedded::word(knowledge, None, &understood, &outcomes);
    (understood, worded)
}

/// What is wrong with the answer to a question; nothing where it is right.
async fn wrong(tools: &Tools, case: &Case<'_>) -> Option<String> {
    let mut thread = Thread::default();
    for question in &case.before {
        let (_, worded) = ask(tools, thread.focus().as_ref(), question).await;
        thread.push(Turn {
            question: (*question).to_owned(),
            answer: worded.text,
            complete: true,
            focus: worded.focus,
        });
    }
    let (understood, worded) = ask(tools, thread.focus().as_ref(), case.question).await;
    let calls: Vec<(String, Value)> = understood
        .calls()
        .iter()
        .map(|call: &Call| (call.name().to_owned(), call.arguments()))
        .collect();
    let mut problems = Vec::new();
    if calls != case.calls {
        problems.push(format!("calls {calls:?}, not {:?}", case.calls));
    }
    if understood.language != case.language {
        problems.push(format!("in {:?}", understood.language));
    }
    let text = worded.text.to_lowercase();
    for fact in &case.facts {
        if !text.contains(&fact.to_lowercase()) {
            problems.push(format!("does not say {fact:?}"));
        }
    }
    (!problems.is_empty()).then(|| {
        let shown = format!("{:?} {:?}", case.before, case.question);
        format!(
            "{shown}\n    {}\n    {}",
            problems.join("\n    "),
            worded.text.replace('\n', "\n    ")
        )
    })
}

async fn check(table: &str) {
    let tools = Tools::new(Arc::new(Knowledge::new(sample())), 2);
    let cases = cases(table);
    let mut failures = Vec::new();
    for case in &cases {
        failures.extend(wrong(&tools, case).await);
    }
    let right = cases.len() - failures.len();
    println!("{right} of {} right", cases.len());
    for failure in &failures {
        println!("{failure}");
    }
    #[expect(clippy::cast_precision_loss, reason = "a table has few questions")]
    let share = right as f64 / cases.len() as f64;
    assert!(share >= LEAST_RIGHT, "{right} of {} right", cases.len());
    assert!(
        failures.is_empty(),
        "right until now:\n{}",
        failures.join("\n")
    );
}

#[tokio::test]
async fn questions_in_three_languages_are_answered() {
    check(QUESTIONS).await;
}

#[tokio::test]
async fn questions_that_it_was_not_made_with_are_answered() {
    check(HELD_OUT).await;
}

#[tokio::test]
async fn questions_of_an_outsider_are_answered() {
    check(OUTSIDERS).await;
}

/// What a run over one of the sample requests has found.
fn findings(knowledge: &Knowledge, document: &str) -> RunFindings {
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    let outputs = pipeline::run(knowledge, request, &mut |_| ());
    serde_json::from_value(serde_json::to_value(outputs).unwrap()).unwrap()
}

/// A request that rules out people, and asks for something that is not there.
const REQUEST: &str = "# Projekt: Nákup\n\n## Cíl\nPřehled objednávek\n\n## Entity\n- Dodavatelé\n- \
     Nákupní objednávky\n- Jednorožci\n\n## Mimo rozsah\n- Bankovní účty dodavatelů\n";

/// Questions about that run, and what must occur in the answer.
const RUN_QUESTIONS: &[(&str, [&str; 2])] = &[
    (
        "co našel můj běh?",
        ["3 entity", "nalezeno 2 a nenalezeno 1"],
    ),
    ("čo našiel môj beh", ["3 entity", "nájdené 2 a nenájdené 1"]),
    (
        "summary of my request",
        ["3 entities", "2 found and 1 not found"],
    ),
    (
        "které entity nebyly nalezeny?",
        ["Nenalezené entity (1)", "Jednorožci"],
    ),
    (
        "which entities were not found",
        ["Entities not found (1)", "Jednorožci"],
    ),
    (
        "ktoré entity sa nenašli?",
        ["Nenájdené entity (1)", "Jednorožci"],
    ),
    (
        "which entities were found?",
        ["Entities found (2)", "dimv_supplier"],
    ),
    (
        "why was dimv_supplier_bank_account excluded?",
        [
            "`dm_bs_purchase.dimv_supplier_bank_account`",
            "Bankovní účty dodavatelů",
        ],
    ),
    (
        "co bylo vyloučeno a proč",
        ["dimv_supplier_bank_account", "Bankovní účty"],
    ),
    ("shrň výsledek běhu", ["Projekt", "Kvalita dokumentace"]),
    (
        "Which tables did my run map?",
        ["Entities found (2)", "→ `dm_ba_purchase.dimv_supplier`"],
    ),
    (
        "what did my run find?",
        ["Entities found (2)", "Nákupní objednávky"],
    ),
    (
        "Proč byli Dodavatelé přiřazeni k této tabulce?",
        ["Běh přiřadil entitě „Dodavatelé“", "dimv_supplier"],
    ),
    (
        "Why was Nákupní objednávky mapped to factv_purchase_order?",
        ["The run mapped \"Nákupní objednávky\"", "because:"],
    ),
    (
        "which recommendations should I do first?",
        ["Documentation quality", "What to do first"],
    ),
    ("Prečo je riziko také?", ["Kvalita dokumentácie", "riziko"]),
    (
        "ktoré tabuľky sú v ňom fakty?",
        [
            "Z tabuliek, ktoré beh vybral: 1 fakt",
            "factv_purchase_order",
        ],
    ),
];

#[test]
fn questions_about_the_run_of_the_session_are_answered() {
    let knowledge = Knowledge::new(sample());
    let run = findings(&knowledge, REQUEST);
    for (question, facts) in RUN_QUESTIONS {
        let understood = embedded::understand(&knowledge, None, Some(&run), question);
        let worded = embedded::word(&knowledge, Some(&run), &understood, &[]);
        assert_eq!(understood.topic, Some(Topic::Run), "{question}");
        for fact in facts {
            assert!(worded.text.contains(fact), "{question}: {}", worded.text);
        }
    }
    // The catalog stays what other questions are about.
    let understood = embedded::understand(&knowledge, None, Some(&run), "tables in bs");
    assert_eq!(understood.topic, Some(Topic::Tables));
    let diagram = embedded::understand(&knowledge, None, Some(&run), "nakresli diagram");
    let drawn = embedded::word(&knowledge, Some(&run), &diagram, &[]);
    assert!(
        drawn.text.contains("factv_purchase_order"),
        "{}",
        drawn.text
    );
}
