//! What is promised of any trace that a caller names.

use std::collections::HashSet;

use http::header::{HeaderMap, HeaderValue};
use mcop_api::trace_context::{TRACEPARENT, TRACESTATE, TraceContext};

/// What is handed on of a caller's trace is well-formed (W3C Trace Context, sections 3.2 and 3.3), is of the
/// caller, and is read as the same by whoever gets it. The lines of the input are headers: the first is a
/// `traceparent`, and so is one with an exclamation mark before it; the others are `tracestate`.
pub fn trace_headers(input: &[u8]) {
    let mut headers = HeaderMap::new();
    for (number, line) in input.split(|byte| *byte == b'\n').enumerate() {
        let (name, value) = match line.strip_prefix(b"!") {
            Some(value) => (TRACEPARENT, value),
            None if number == 0 => (TRACEPARENT, line),
            None => (TRACESTATE, line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let Some(trace) = TraceContext::of_caller(&headers) else {
        return;
    };
    let told: Vec<_> = trace.onward().collect();
    let (parent, state) = match told.as_slice() {
        [(name, parent)] => (assert_is(name, &TRACEPARENT, parent), None),
        [(name, parent), (other, state)] => (
            assert_is(name, &TRACEPARENT, parent),
            Some(assert_is(other, &TRACESTATE, state)),
        ),
        other => panic!("{other:?}"),
    };
    let sent = headers.get(TRACEPARENT).expect("the trace has a name");
    assert_is_parent(parent, sent.to_str().expect("it is ASCII"));
    if let Some(state) = state {
        assert_is_state(state, &headers);
    }
    let again = TraceContext::of_caller(&told.iter().cloned().collect());
    assert_eq!(again.as_ref(), Some(&trace));
}

fn assert_is<'v>(
    name: &http::HeaderName,
    wanted: &http::HeaderName,
    value: &'v HeaderValue,
) -> &'v str {
    assert_eq!(name, wanted);
    value.to_str().expect("it is ASCII")
}

/// A `traceparent` of version 00 in the trace that was sent, as another span.
fn assert_is_parent(parent: &str, sent: &str) {
    let fields: Vec<&str> = parent.split('-').collect();
    let [version, trace, span, flags] = fields.as_slice() else {
        panic!("{parent}");
    };
    assert_eq!((*version, trace.len(), span.len()), ("00", 32, 16));
    for number in [trace, span] {
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        assert!(number.chars().all(is_digit), "{parent}");
        assert!(number.chars().any(|c| c != '0'), "{parent}");
    }
    assert_eq!(Some(*trace), sent.get(3..35));
    assert_ne!(Some(*span), sent.get(36..52));
    let was_sampled = u8::from_str_radix(&sent[53..55], 16).expect("flags") & 1 == 1;
    assert_eq!(*flags, if was_sampled { "01" } else { "00" });
}

/// Members that were sent, in their order, each of a key of its own, as many as have to be handed on.
fn assert_is_state(state: &str, headers: &HeaderMap) {
    assert!(state.len() <= 512 && state.bytes().all(|c| matches!(c, b'\t' | b' '..=b'~')));
    let members = |line: &str| -> Vec<String> {
        let members = line.split(',').map(|member| member.trim().to_owned());
        members.filter(|member| !member.is_empty()).collect()
    };
    let told = members(state);
    assert!((1..=32).contains(&told.len()), "{state}");
    let sent = headers.get_all(TRACESTATE).iter();
    let sent: Vec<String> = sent
        .flat_map(|line| members(line.to_str().expect("it is ASCII")))
        .collect();
    assert_eq!(told, sent);
    let mut keys = HashSet::new();
    for member in &told {
        let (key, value) = member.split_once('=').expect("a member has a value");
        assert!(keys.insert(key), "{state}");
        assert!(!key.is_empty() && key.len() <= 256, "{state}");
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-*/@".contains(&c);
        assert!(key.bytes().all(allowed), "{state}");
        assert!((1..=256).contains(&value.len()) && !value.contains('='));
    }
}
