//! What is promised of any record of a session.

use std::sync::OnceLock;
use std::time::Duration;

use mcop_api::catalog::Catalog;
use mcop_api::sessions::Snapshot;
use mcop_api::state::record::{Outcome, Record, TurnRecord};
use serde::Serialize;
use serde_json::Value;

/// Milliseconds since 1970.
const NOW: u64 = 1_800_000_000_000;

/// What is read back of a session and written again is read back as the same, and the session can be
/// gone on with. The lines of the input are its record, what its run has found, and its turns.
pub fn session_record(input: &[u8]) {
    let lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let Some(first) = read(&lines) else {
        return;
    };
    let sent = lines.first().copied().unwrap_or_default();
    let lines = written(&first);
    let again = read(&lines).expect("what is written can be read");
    let again = written(&again);
    assert_eq!(again.len(), lines.len());
    for (again, line) in again.iter().zip(&lines) {
        let [again, line] = [again, line].map(|json| serde_json::from_slice(json).expect("JSON"));
        assert!(are_alike(&again, &line), "{again} instead of {line}");
    }
    assert_is_followed(sent, &lines);
    let mut thread = first.session.thread.as_ref().clone();
    let (count, last) = (thread.message_count(), thread.turns().next_back().cloned());
    if let Some(last) = last {
        thread.push(last);
        assert_eq!(thread.message_count(), count + 2);
    }
    let _ = thread.focus();
}

/// Turns are written by their numbers, once each: a session that counts otherwise than its record is to be
/// written as another one.
fn assert_is_followed(sent: &[u8], written: &[Vec<u8>]) {
    let written = written.first().expect("a session has a record");
    let written: Value = serde_json::from_slice(written).expect("a record is JSON");
    // A field that no record has may hold what is no text.
    let Ok(sent) = serde_json::from_slice::<Value>(sent) else {
        return;
    };
    if sent["incarnation"] == written["incarnation"] {
        for number in ["first_turn", "turns"] {
            assert_eq!(sent[number], written[number], "{number}");
        }
    }
}

/// A session as a start reads it; `None` where it cannot.
fn read(lines: &[impl AsRef<[u8]>]) -> Option<Snapshot> {
    let mut lines = lines.iter().map(AsRef::as_ref);
    let record = Record::read(lines.next()?).ok()?;
    let found = lines.next().unwrap_or_default();
    let found = if record.has_result() {
        let outcome: Outcome = serde_json::from_slice(found).ok()?;
        Some((b"{}".to_vec().into(), outcome))
    } else {
        None
    };
    let turns = lines.filter_map(|turn| serde_json::from_slice::<TurnRecord>(turn).ok());
    let turns = turns.map(|turn| turn.turn(catalog())).collect();
    let session = record.session(found, turns, Duration::ZERO, NOW, catalog());
    session.ok()
}

/// The lines of a session.
fn written(snapshot: &Snapshot) -> Vec<Vec<u8>> {
    let session = &snapshot.session;
    let outcome = Outcome::of(session, catalog());
    let turns = session.thread.turns();
    let turns = turns.map(|turn| json(&TurnRecord::of(turn, catalog())));
    [json(&Record::of(snapshot, NOW)), json(&outcome)]
        .into_iter()
        .chain(turns)
        .collect()
}

fn json(part: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(part).expect("it can be written")
}

/// Whether both are the same but for the last digit of a number: of one with more digits than any time
/// that is measured, the parser may miss it.
fn are_alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() => {
            let [one, other] = [one, other].map(|number| number.as_f64().unwrap_or(f64::NAN));
            (one - other).abs() <= one.abs() * 4.0 * f64::EPSILON
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| are_alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut fields = one.iter();
            let alike = |(name, one)| {
                let other = other.get(name);
                other.is_some_and(|other| are_alike(one, other))
            };
            one.len() == other.len() && fields.all(alike)
        }
        _ => one == other,
    }
}

/// The sample.
fn catalog() -> &'static Catalog {
    static SAMPLE: OnceLock<Catalog> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let export = include_bytes!("../../data/catalog.json");
        let (catalog, _) = Catalog::from_export(export).expect("the sample can be read");
        catalog
    })
}
