//! The trace that a call is part of, as callers name it and as the model is told (W3C Trace Context,
//! level 1: <https://www.w3.org/TR/trace-context-1/>).

use std::collections::HashSet;
use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// Names a trace, and the span in it that calls.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What tracing systems say to each other about it.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of a `traceparent` of version 00, which those of later versions begin with.
const PARENT_BYTES: usize = 55;
/// The most bytes of a `tracestate` that is handed on: as many as have to be (section 3.3.1.5).
const STATE_BYTES_MAX: usize = 512;
/// The most members of one (section 3.3.1.1).
const STATE_MEMBERS_MAX: usize = 32;

/// The number of a trace; printed as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The trace of a call. The service keeps no spans of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    id: TraceId,
    is_sampled: bool,
    state: Option<HeaderValue>,
}

impl TraceContext {
    /// A trace that begins here.
    #[must_use]
    pub fn beginning(id: Uuid) -> Self {
        Self {
            id: TraceId(id.as_u128()),
            is_sampled: false,
            state: None,
        }
    }

    /// The trace that the caller names; `None` where its `traceparent` is missing, sent twice or against
    /// the grammar, and then its `tracestate` counts for nothing either.
    #[must_use]
    pub fn of_caller(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(TRACEPARENT).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return None;
        };
        let (id, is_sampled) = parent(line.to_str().ok()?)?;
        Some(Self {
            id,
            is_sampled,
            state: state(headers),
        })
    }

    /// The number of the trace.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// The headers of a call that is made for this one, as a span of its own.
    pub fn onward(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
        let (span, _) = Uuid::new_v4().as_u64_pair();
        let flags = u8::from(self.is_sampled);
        let parent = format!("00-{}-{span:016x}-{flags:02x}", self.id);
        let parent = HeaderValue::try_from(parent).ok();
        let parent = parent.map(|parent| (TRACEPARENT, parent));
        let state = self.state.clone().map(|state| (TRACESTATE, state));
        parent.into_iter().chain(state)
    }
}

/// Trace and sampling of a `traceparent`. One of a later version is read as far as this one goes, as
/// section 3.2.4 wants it.
fn parent(text: &str) -> Option<(TraceId, bool)> {
    let (known, more) = text.split_at_checked(PARENT_BYTES)?;
    let mut fields = known.split('-');
    let mut digits = |count: usize| fields.next().filter(|field| is_hexadecimal(field, count));
    let (version, trace, span, flags) = (digits(2)?, digits(32)?, digits(16)?, digits(2)?);
    let is_whole = more.is_empty() || (version != "00" && more.starts_with('-'));
    if version == "ff" || !is_whole {
        return None;
    }
    let id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
    u64::from_str_radix(span, 16)
        .ok()
        .filter(|span| *span != 0)?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    Some((TraceId(id), flags & 1 == 1))
}

fn is_hexadecimal(field: &str, digits: usize) -> bool {
    let is_digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    field.len() == digits && field.bytes().all(is_digit)
}

/// The `tracestate`, its lines joined; `None` where it is against the grammar, says nothing, or is longer
/// than has to be handed on.
fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let lines = headers.get_all(TRACESTATE).iter();
    let lines: Vec<&str> = lines
        .map(HeaderValue::to_str)
        .collect::<Result<_, _>>()
        .ok()?;
    let whole = lines.join(",");
    if whole.len() > STATE_BYTES_MAX {
        return None;
    }
    let members = whole
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']));
    let members: Vec<&str> = members.filter(|member| !member.is_empty()).collect();
    let mut keys = HashSet::new();
    let are_sound = members.iter().all(|member| {
        let Some((key, value)) = member.split_once('=') else {
            return false;
        };
        is_key(key) && is_value(value) && keys.insert(key)
    });
    let count = 1..=STATE_MEMBERS_MAX;
    (are_sound && count.contains(&members.len())).then(|| HeaderValue::try_from(whole).ok())?
}

/// A key of a member (section 3.3.1.3.1): one name, or a tenant's at a system's.
fn is_key(key: &str) -> bool {
    let letter = |c: u8| c.is_ascii_lowercase();
    let first = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let name = |text: &str, begins: fn(u8) -> bool, most: usize| {
        let rest = |c: u8| first(c) || matches!(c, b'_' | b'-' | b'*' | b'/');
        let begins = text.bytes().next().is_some_and(begins);
        begins && text.len() <= most && text.bytes().all(rest)
    };
    match key.split_once('@') {
        None => name(key, letter, 256),
        Some((tenant, system)) => name(tenant, first, 241) && name(system, letter, 14),
    }
}

/// A value of a member (section 3.3.1.3.2); the white space around it is off already.
fn is_value(value: &str) -> bool {
    let allowed = |c: u8| matches!(c, b' '..=b'~') && c != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn of(lines: &[(&'static str, &str)]) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        TraceContext::of_caller(&headers)
    }

    /// What the model is told of a call with this `traceparent` and these lines of `tracestate`.
    fn onward(parent: &str, states: &[&str]) -> (String, Option<String>) {
        let states = states.iter().map(|state| ("tracestate", *state));
        let lines: Vec<_> = [("traceparent", parent)]
            .into_iter()
            .chain(states)
            .collect();
        let told = of(&lines).unwrap().onward();
        let told: Vec<String> = told
            .map(|(_, value)| value.to_str().unwrap().to_owned())
            .collect();
        (told[0].clone(), told.get(1).cloned())
    }

    #[test]
    fn a_call_is_made_in_the_trace_of_its_caller_as_a_span_of_its_own() {
        let sent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let (parent, state) = onward(
            &sent,
            &["congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7, t@s=x y"],
        );
        let (start, span_and_flags) = parent.split_at(36);
        assert_eq!(start, format!("00-{TRACE}-"));
        let (span, flags) = span_and_flags.split_once('-').unwrap();
        assert!(is_hexadecimal(span, 16), "{parent}");
        assert_ne!(span, "00f067aa0ba902b7");
        assert_eq!(flags, "01");
        let joined = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7, t@s=x y";
        assert_eq!(state.as_deref(), Some(joined));
        let (again, _) = onward(&sent, &[]);
        assert_ne!(again, parent, "two calls are two spans");
        // Of later versions what this one knows is read, and only the flag that it knows is set.
        for (sent, flags) in [
            (format!("cc-{TRACE}-00f067aa0ba902b7-fe"), "00"),
            (format!("cc-{TRACE}-00f067aa0ba902b7-ff-what.will.be"), "01"),
        ] {
            let (parent, _) = onward(&sent, &[]);
            assert!(
                parent.starts_with(&format!("00-{TRACE}-")),
                "{sent}: {parent}"
            );
            assert!(parent.ends_with(&format!("-{flags}")), "{sent}: {parent}");
        }
    }

    #[test]
    fn what_is_against_the_grammar_names_no_trace() {
        let span = "00f067aa0ba902b7";
        let malformed = [
            String::new(),
            "00".to_owned(),
            "garbage".to_owned(),
            format!("00-{TRACE}-{span}"),
            format!("00-{TRACE}-{span}-"),
            format!("00-{TRACE}-{span}-1"),
            format!("00-{TRACE}-{span}-011"),
            format!("00-{TRACE}-{span}-01-"),
            format!("00-{TRACE}-{span}-01-more"),
            format!("cc-{TRACE}-{span}-01.more"),
            format!("ff-{TRACE}-{span}-01"),
            format!("0-{TRACE}-{span}-01"),
            format!("000-{TRACE}-{span}-01"),
            format!("0x-{TRACE}-{span}-01"),
            format!("00-{}-{span}-01", TRACE.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{span}-01", &TRACE[1..]),
            format!("00-{TRACE}a-{}-01", &span[1..]),
            format!("00-{TRACE}-{span}-0g"),
            format!("00-{TRACE}-+{}-01", &span[1..]),
            format!("00-{TRACE}-{span}-.1"),
            format!("00_{TRACE}_{span}_01"),
            format!("00-{TRACE}-{span}-01,00-{TRACE}-{span}-01"),
            format!("00-{}-{span}-01", "ž".repeat(16)),
            format!("00-{}ž{span}-01", &TRACE[..31]),
        ];
        for sent in &malformed {
            let with_state = [("traceparent", sent.as_str()), ("tracestate", "a=b")];
            assert_eq!(of(&with_state), None, "{sent}");
        }
        let good = format!("00-{TRACE}-{span}-01");
        assert!(of(&[("traceparent", &good)]).is_some());
        assert_eq!(of(&[("traceparent", &good), ("traceparent", &good)]), None);
        assert_eq!(of(&[("tracestate", "a=b")]), None);
    }

    #[test]
    fn a_state_against_the_grammar_is_dropped_and_the_trace_stays() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-00");
        let handed_on = |state: &str| onward(&good, &[state]).1;
        let most: Vec<String> = (0..32).map(|n| format!("k{n}=v")).collect();
        for state in [
            "a=b",
            "a= b",
            ",a=b,,",
            "0t@sys=v",
            "a_-*/9=!~",
            &most.join(","),
        ] {
            assert_eq!(handed_on(state).as_deref(), Some(state));
        }
        let name = "n".repeat(257);
        for state in [
            "",
            ",",
            "a",
            "=b",
            "a=",
            "A=b",
            "0=b",
            "a b=c",
            "a=b=c",
            "a=\u{e9}",
            "a=b,a=c",
            "@s=v",
            "t@=v",
            "t@0s=v",
            "t@s@s=v",
            &format!("{name}=v"),
            &format!("a={name}"),
            &format!("{},last=v", most.join(",")),
            &format!("a={},b={}", "v".repeat(255), "v".repeat(255)),
        ] {
            assert_eq!(handed_on(state), None, "{state}");
        }
    }
}
