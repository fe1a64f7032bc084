//! What recorded answers of model servers become, however they are cut into pieces and
//! wherever they break off. The files are in `tests/fixtures/llm`.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use mcop_api::model::{Completion, Event, Message, Model, ModelError};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::PATIENCE;
use crate::upstream::{Answer, Framing, KEY, Upstream};

/// One file and what must become of it.
struct Fixture {
    name: String,
    http: String,
    expected: Value,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llm");
    let mut fixtures: Vec<Fixture> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "http")
        })
        .map(|path| Fixture {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            http: std::fs::read_to_string(&path).unwrap(),
            expected: serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap())
                .unwrap(),
        })
        .collect();
    fixtures.sort_by(|one, other| one.name.cmp(&other.name));
    fixtures
}

/// What came of a question: the text that was shown, and how it ended.
struct Outcome {
    shown: String,
    end: Result<Completion, ModelError>,
}

/// Asks, and says in the question which of its answers the server is to give.
async fn outcome(model: &Model, which: usize) -> Outcome {
    let question = [Message::User(which.to_string())];
    let mut shown = String::new();
    let all = async {
        let mut reply = model.ask(&question, &[]).await?;
        loop {
            match reply.next().await? {
                Event::Text(text) => shown.push_str(&text),
                Event::Done(completion) => return Ok(completion),
            }
        }
    };
    let end = tokio::time::timeout(PATIENCE, all)
        .await
        .expect("every answer ends");
    Outcome { shown, end }
}

/// An outcome as the files describe it.
fn transcript(outcome: &Outcome) -> Value {
    match &outcome.end {
        Ok(completion) => {
            assert_eq!(completion.text, outcome.shown);
            let calls: Vec<Value> = completion
                .calls
                .iter()
                .map(|call| {
                    let made_up = call.id.len() == 37 && call.id.starts_with("call_");
                    let id = if made_up { "*" } else { &call.id };
                    json!({"id": id, "name": call.name, "arguments": call.arguments})
                })
                .collect();
            json!({
                "text": completion.text,
                "calls": calls,
                "finish": format!("{:?}", completion.finish),
                "usage": completion.usage.map(|usage| [usage.prompt_tokens, usage.completion_tokens]),
            })
        }
        Err(error) => {
            let variant = format!("{error:?}");
            let name = variant.split([' ', '(']).next().unwrap();
            json!({"shown": outcome.shown, "error": name, "operator": error.for_operator()})
        }
    }
}

fn model(upstream: &Upstream) -> Model {
    upstream.model(|settings| settings.retries.most = 0)
}

/// The number that `outcome` put into the question.
fn which(asked: &crate::upstream::Asked) -> usize {
    let question = &asked.body["messages"][0]["content"];
    question.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_recorded_answer_becomes_its_transcript_however_it_is_cut() {
    let framings = [
        Framing::UntilClose,
        Framing::Chunks(usize::MAX),
        Framing::Chunks(7),
        Framing::Chunks(1),
    ];
    for fixture in fixtures() {
        let answer = Answer::http(&fixture.http);
        let upstream =
            Upstream::answering(move |_, asked| answer.clone().framed(framings[which(asked)]))
                .await;
        let model = model(&upstream);
        for (nth, framing) in framings.iter().enumerate() {
            let outcome = outcome(&model, nth).await;
            let transcript = transcript(&outcome);
            assert_eq!(transcript, fixture.expected, "{} {framing:?}", fixture.name);
            let told = format!("{:?}", outcome.end);
            assert!(!told.contains(KEY), "{told}");
        }
    }
}

/// As many at a time as keep two cores busy.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_anywhere_never_passes_a_part_off_as_the_whole() {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    for fixture in fixtures() {
        let answer = Answer::http(&fixture.http);
        let body = answer.body().to_vec();
        // Even ones end as if all had been said, odd ones in the middle of a chunked body.
        let upstream = Upstream::answering(move |_, asked| {
            let cut = which(asked);
            let framing = if cut.is_multiple_of(2) {
                Framing::UntilClose
            } else {
                Framing::Chunks(usize::MAX)
            };
            answer.clone().framed(framing).cut(cut)
        })
        .await;
        let model = model(&upstream);
        let cuts = (0..body.len()).map(|cut| {
            let (places, model, fixture) = (Arc::clone(&places), &model, &fixture);
            let arrived = &body[..cut];
            async move {
                let _place = places.acquire().await.unwrap();
                check_cut(fixture, arrived, &outcome(model, cut).await);
            }
        });
        join_all(cuts).await;
    }
}

fn check_cut(fixture: &Fixture, arrived: &[u8], outcome: &Outcome) {
    let cut = arrived.len();
    let told = format!("{} cut after {cut} bytes: {:?}", fixture.name, outcome.end);
    let whole = &fixture.expected;
    match &outcome.end {
        Ok(_) => {
            assert!(says_its_end(arrived), "{told}");
            let mut whole = whole.clone();
            let mut part = transcript(outcome);
            // The cost comes last, and is no part of the answer.
            whole["usage"].take();
            part["usage"].take();
            assert_eq!(part, whole, "{told}");
        }
        Err(error) => {
            let text = whole["text"].as_str().or(whole["shown"].as_str()).unwrap();
            assert!(text.starts_with(&outcome.shown), "{told}");
            assert!(!error.for_operator().contains("canary"), "{told}");
        }
    }
}

/// Some whole event gives the reason, or is the end.
fn says_its_end(arrived: &[u8]) -> bool {
    let text = String::from_utf8_lossy(arrived);
    let (events, _) = text.rsplit_once("\n\n").unwrap_or_default();
    ["stop", "tool_calls", "length", "content_filter"]
        .iter()
        .any(|reason| events.contains(&format!("\"finish_reason\":\"{reason}\"")))
        || events.contains("[DONE]")
}
