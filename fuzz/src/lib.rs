//! What is promised of any input, one function a target.
//!
//! libFuzzer calls these with inputs that it makes up (`fuzz_targets/`), and the
//! integration tests with those that are kept in `corpus/`. A broken promise is a panic.

mod diagrams;
mod session_records;
mod traces;

use std::collections::HashMap;

use mcop_api::catalog::Catalog;
use mcop_api::chat::{CONTENT_MAX, FromClient, Refusal};
use mcop_api::config::Config;
use mcop_api::model::completion::Accumulator;
use mcop_api::model::sse::{SseDecoder, SseEvent};
use mcop_api::pipeline::diagram::picture;
use mcop_api::pipeline::{Knowledge, RunRequest, request, run};
use serde_json::{Value, json};

pub use diagrams::diagram_names;
pub use session_records::session_record;
pub use traces::trace_headers;

/// A target: what it promises of one input.
pub type Target = fn(&[u8]);

/// All targets, by the names of their binaries and of their folders below `corpus/`.
pub const TARGETS: [(&str, Target); 9] = [
    ("event_stream", event_stream),
    ("completion", completion),
    ("client_frame", client_frame),
    ("request_document", request_document),
    ("catalog_export", catalog_export),
    ("diagram_names", diagram_names),
    ("settings", settings),
    ("session_record", session_record),
    ("trace_headers", trace_headers),
];

/// An event stream decodes to the same events however it is cut, and what is held never
/// passes the cap. The first byte is a sixteenth of the cap, the second decides the cuts.
pub fn event_stream(input: &[u8]) {
    let [cap, cuts, stream @ ..] = input else {
        return;
    };
    let (cap, mut cuts) = (usize::from(*cap) * 16, u32::from(*cuts));
    let mut whole = SseDecoder::new(cap);
    let mut cut = SseDecoder::new(cap);
    let expected = decoded(&mut whole, stream, cap);
    let mut rest = stream;
    let mut events = Vec::new();
    while !rest.is_empty() && events.last().is_none_or(Option::is_some) {
        // A linear congruential generator (Numerical Recipes): any cuts do.
        cuts = cuts.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = 1 + (cuts >> 16) as usize % 7;
        let (chunk, after) = rest.split_at(length.min(rest.len()));
        events.extend(decoded(&mut cut, chunk, cap));
        rest = after;
    }
    assert_eq!(events, expected);
    assert_eq!(cut.retry(), whole.retry());
}

/// The events of a chunk; `None` where one is too long.
fn decoded(decoder: &mut SseDecoder, chunk: &[u8], cap: usize) -> Vec<Option<SseEvent>> {
    decoder.push(chunk);
    let events = std::iter::from_fn(|| decoder.next_event())
        .map(Result::ok)
        .collect();
    assert!(
        decoder.held_bytes() <= cap,
        "what waits is part of an event"
    );
    events
}

/// A reply of a model, each line of which is the data of an event, comes out as the text
/// that was handed on piece by piece, and its calls can be answered.
pub fn completion(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let mut accumulator = Accumulator::default();
    let mut handed_on = String::new();
    for line in input.lines() {
        let (event, data) = match line.strip_prefix('!') {
            Some(data) => ("error", data),
            None => ("message", line),
        };
        let event = SseEvent {
            event: event.to_owned(),
            data: data.to_owned(),
            id: String::new(),
        };
        match accumulator.push(&event) {
            Ok(progress) => handed_on.push_str(&progress.text),
            Err(_) => return,
        }
    }
    let Ok(completion) = accumulator.complete() else {
        return;
    };
    assert_eq!(completion.text, handed_on);
    assert!(!completion.text.trim().is_empty() || !completion.calls.is_empty());
    for call in &completion.calls {
        assert!(!call.id.is_empty() && !call.name.is_empty() && !call.arguments.is_empty());
    }
}

/// A frame of a client is a message with something in it, a cancel, or refused; written
/// as the object that the documents ask for, a message is read as the same.
pub fn client_frame(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match FromClient::read(&text) {
        Ok(FromClient::Message(message)) => {
            assert!(!message.trim().is_empty() && message.len() <= CONTENT_MAX);
            let object = json!({ "content": message }).to_string();
            assert_eq!(FromClient::read(&object), Ok(FromClient::Message(message)));
        }
        Err(Refusal::Empty) => assert!(text.len() < CONTENT_MAX || text.trim().len() < text.len()),
        Ok(_) | Err(_) => {}
    }
}

/// A document is read whatever it holds, and what is read of it is no larger than a few
/// times its length.
pub fn request_document(input: &[u8]) {
    let document = String::from_utf8_lossy(input);
    let request = request::read(&document);
    let told = [&request.free_text, &request.warnings];
    let beside: usize = told.into_iter().flatten().map(String::len).sum();
    let written = serde_json::to_value(&request).expect("a request can be written");
    let bytes = text_bytes(&written) + beside;
    assert!(
        bytes <= 8 * document.len() + 2_000,
        "{bytes} bytes of a document of {}",
        document.len()
    );
    assert_eq!(
        serde_json::from_value::<request::Request>(written).expect("what is written can be read"),
        request::Request {
            free_text: Vec::new(),
            warnings: Vec::new(),
            ..request
        }
    );
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(text_bytes).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.len() + text_bytes(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The most tables, and columns, of a catalog that a whole run is made on: the time of one
/// input has to stay below a moment.
const SMALL: (usize, usize) = (24, 240);

/// What is accepted as an export can be run on, and drawn.
pub fn catalog_export(input: &[u8]) {
    let (catalog, report) = match Catalog::from_export(input) {
        Ok(accepted) => accepted,
        Err(error) => return assert_is_one_line(&error.to_string()),
    };
    assert_is_one_line(&report.to_string());
    assert!(catalog.tables().len() > 0 && report.assets <= report.records);
    if catalog.tables().len() > SMALL.0 || catalog.column_count() > SMALL.1 {
        return;
    }
    let first = catalog.tables().next().map(|(_, table)| table.name.clone());
    let first = first.expect("a catalog has tables");
    let knowledge = Knowledge::new(catalog);
    let request = RunRequest {
        document: format!(
            "# Everything\n\n## Entities\n\n- {first}\n\n## Metrics\n\n- total amount\n"
        ),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    let outputs = run(&knowledge, request, &mut |_| ());
    diagrams::assert_is_mermaid(&outputs.diagram);
    let everything = picture(&knowledge.catalog, &knowledge.structure, &[], 3);
    diagrams::assert_is_mermaid(&everything.mermaid());
    diagrams::assert_is_svg(&everything.svg());
}

/// Ends every secret that settings hold.
const CANARY: &str = "-canary-5f0c2a91d7";

/// Settings are taken or refused in one line that names the variable, and no secret is in
/// what is said of them. The input is `NAME=value`, with a zero byte behind each.
pub fn settings(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let given: HashMap<&str, &str> = input
        .split('\0')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let config = Config::from_vars(|name| {
        let value = (*given.get(name)?).to_owned();
        let is_secret = name.ends_with("_KEY") || name.ends_with("_TOKEN");
        Some(if is_secret { value + CANARY } else { value })
    });
    match config {
        Ok(config) => {
            let said = format!("{config}");
            assert_is_one_line(&said);
            assert!(!said.contains(CANARY) && !format!("{config:?}").contains(CANARY));
        }
        Err(error) => {
            let said = error.to_string();
            assert_is_one_line(&said);
            assert!(!said.contains(CANARY) && said.starts_with(error.variable));
        }
    }
}

/// Whoever writes lines to a log must be the only one who ends them.
fn assert_is_one_line(said: &str) {
    assert!(
        !said.is_empty() && !said.contains(char::is_control),
        "{said:?}"
    );
}
