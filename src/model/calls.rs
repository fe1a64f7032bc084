//! Tool calls put together from the pieces that servers cut them into.

use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

use super::ToolCall;
use super::error::{Detail, ModelError};

/// More calls are no plan of a model but a loop.
const CALLS_MAX: usize = 64;
/// Bytes of one call's arguments.
const ARGUMENTS_MAX: usize = 64 * 1024;

/// The calls of one reply, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Call>);

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// What one element of `tool_calls` says; what it leaves out is empty.
#[derive(Debug)]
struct Piece {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Piece {
    fn read(value: &Value) -> Self {
        let function = value.get("function");
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let arguments = function.and_then(|function| function.get("arguments"));
        Self {
            index: value.get("index").and_then(Value::as_u64),
            id: text(value.get("id")),
            name: text(function.and_then(|function| function.get("name"))),
            arguments: match arguments {
                // Some servers write the object itself where its text belongs.
                Some(object @ (Value::Object(_) | Value::Array(_))) => object.to_string(),
                arguments => text(arguments),
            },
        }
    }

    fn begins(&self) -> bool {
        !self.id.is_empty() || !self.name.is_empty()
    }
}

impl Call {
    /// The piece belongs to this call, which has the piece's index or, where that has none,
    /// was the last to begin. Indexes alone do not tell: some servers number every call 0.
    fn goes_on_with(&self, piece: &Piece) -> bool {
        let ids_differ = !self.id.is_empty() && !piece.id.is_empty() && self.id != piece.id;
        if piece.name.is_empty() {
            return !ids_differ || piece.index.is_some();
        }
        if ids_differ {
            return false;
        }
        self.name.is_empty()
            || (self.name == piece.name && (!piece.id.is_empty() || !self.is_whole()))
    }

    /// Nothing can follow its arguments.
    fn is_whole(&self) -> bool {
        self.arguments.trim_end().ends_with('}')
            && serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok()
    }
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that the model has written for them.
    pub(super) fn bytes(&self) -> usize {
        let written = self.0.iter();
        written
            .map(|call| call.name.len() + call.arguments.len())
            .sum()
    }

    /// Takes one element of a `tool_calls` array.
    pub(super) fn take(&mut self, value: &Value) -> Result<(), ModelError> {
        let piece = Piece::read(value);
        let Some(at) = self.place(&piece)? else {
            return self.begin(piece);
        };
        let Some(call) = self.0.get_mut(at) else {
            return self.begin(piece);
        };
        if call.id.is_empty() {
            call.id = piece.id;
        }
        if call.name.is_empty() {
            call.name = piece.name;
        }
        call.arguments.push_str(&piece.arguments);
        within_limit(call.arguments.len())
    }

    /// Where the call stands that the piece goes on with; `None` where it begins one.
    fn place(&self, piece: &Piece) -> Result<Option<usize>, ModelError> {
        let same_id = |call: &Call| !piece.id.is_empty() && call.id == piece.id;
        let known = self
            .0
            .iter()
            .rposition(same_id)
            .or_else(|| match piece.index {
                Some(_) => self.0.iter().rposition(|call| call.index == piece.index),
                None => self.0.len().checked_sub(1),
            });
        match known.and_then(|at| self.0.get(at).map(|call| (at, call))) {
            Some((at, call)) if call.goes_on_with(piece) => Ok(Some(at)),
            Some(_) => Ok(None),
            None if piece.begins() => Ok(None),
            None => self.only_open().map(Some),
        }
    }

    /// Some servers count on with the index where they go on with the call.
    fn only_open(&self) -> Result<usize, ModelError> {
        let mut open = (0..)
            .zip(&self.0)
            .filter(|(_, call)| !call.is_whole())
            .map(|(at, _)| at);
        match (open.next(), open.next()) {
            (Some(at), None) => Ok(at),
            _ => Err(malformed(
                "a piece of a tool call belongs to none that began",
            )),
        }
    }

    fn begin(&mut self, piece: Piece) -> Result<(), ModelError> {
        if self.0.len() == CALLS_MAX {
            return Err(malformed(format!("more than {CALLS_MAX} tool calls")));
        }
        within_limit(piece.arguments.len())?;
        let Piece {
            index,
            id,
            name,
            arguments,
        } = piece;
        self.0.push(Call {
            index,
            id,
            name,
            arguments,
        });
        Ok(())
    }

    /// The calls, now that no piece follows.
    pub(super) fn finish(self) -> Result<Vec<ToolCall>, ModelError> {
        self.0.into_iter().map(Call::finish).collect()
    }
}

impl Call {
    fn finish(self) -> Result<ToolCall, ModelError> {
        if self.name.is_empty() {
            return Err(malformed("a tool call without a name"));
        }
        let id = if self.id.is_empty() {
            format!("call_{}", Uuid::new_v4().simple())
        } else {
            self.id
        };
        // How a call without arguments is commonly written.
        let arguments = if self.arguments.trim().is_empty() {
            "{}".to_owned()
        } else {
            self.arguments
        };
        Ok(ToolCall {
            id,
            name: self.name,
            arguments,
        })
    }
}

fn within_limit(bytes: usize) -> Result<(), ModelError> {
    if bytes <= ARGUMENTS_MAX {
        return Ok(());
    }
    Err(malformed(format!(
        "the arguments of a tool call are longer than {ARGUMENTS_MAX} bytes"
    )))
}

fn malformed(problem: impl Into<String>) -> ModelError {
    ModelError::Malformed(Detail::new(problem))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The calls of these pieces, each as `id name arguments`.
    fn assembled(pieces: &Value) -> Result<Vec<String>, ModelError> {
        let mut calls = Calls::default();
        for piece in pieces.as_array().unwrap() {
            calls.take(piece)?;
        }
        let calls = calls.finish()?;
        Ok(calls
            .into_iter()
            .map(|call| format!("{} {} {}", call.id, call.name, call.arguments))
            .collect())
    }

    #[test]
    fn pieces_find_their_call() {
        let rows = [
            // L06: pieces of two calls in turn.
            (
                json!([
                    {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}},
                    {"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}},
                    {"index": 0, "function": {"arguments": "{\"x\":"}},
                    {"index": 1, "function": {"arguments": "{}"}},
                    {"index": 0, "function": {"arguments": "1}"}},
                ]),
                vec!["a f {\"x\":1}", "b g {}"],
            ),
            // The id and the name in every piece.
            (
                json!([
                    {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\""}},
                    {"index": 0, "id": "a", "function": {"name": "f", "arguments": ":1}"}},
                ]),
                vec!["a f {\"x\":1}"],
            ),
            // L07: no index.
            (
                json!([
                    {"id": "a", "function": {"name": "f", "arguments": "{\"x\":"}},
                    {"function": {"arguments": "1}"}},
                    {"id": "b", "function": {"name": "f", "arguments": "{}"}},
                ]),
                vec!["a f {\"x\":1}", "b f {}"],
            ),
            // L08: one index for all, told apart by the id, the name, or whole arguments.
            (
                json!([
                    {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}},
                    {"index": 0, "id": "b", "function": {"name": "f", "arguments": "{}"}},
                    {"index": 0, "function": {"name": "g", "arguments": "{\"x\":"}},
                    {"index": 0, "function": {"arguments": "1}"}},
                    {"index": 0, "function": {"name": "g", "arguments": "{}"}},
                ]),
                vec!["a f {}", "b f {}", "* g {\"x\":1}", "* g {}"],
            ),
            // L09: another index, but only one call is open.
            (
                json!([
                    {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}},
                    {"index": 1, "id": "b", "function": {"name": "g"}},
                    {"index": 2, "function": {"arguments": "{\"x\":1}"}},
                ]),
                vec!["a f {}", "b g {\"x\":1}"],
            ),
            // L11: the arguments themselves instead of their text.
            (
                json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]),
                vec!["a f {\"x\":1}"],
            ),
            // L12: an id that comes late.
            (
                json!([
                    {"index": 0, "id": "", "function": {"name": "f"}},
                    {"index": 0, "id": "a", "function": {"arguments": " "}},
                ]),
                vec!["a f {}"],
            ),
        ];
        for (pieces, expected) in rows {
            let calls = assembled(&pieces).unwrap();
            let calls: Vec<String> = calls
                .into_iter()
                .map(|call| match call.split_once(' ') {
                    Some((id, rest)) if id.starts_with("call_") => format!("* {rest}"),
                    _ => call,
                })
                .collect();
            assert_eq!(calls, expected, "{pieces}");
        }
    }

    #[test]
    fn ids_that_are_made_up_differ() {
        let pieces = json!([{"function": {"name": "f"}}, {"function": {"name": "g"}}]);
        let mut calls = Calls::default();
        for piece in pieces.as_array().unwrap() {
            calls.take(piece).unwrap();
        }
        let ids: Vec<String> = calls
            .finish()
            .unwrap()
            .into_iter()
            .map(|call| call.id)
            .collect();
        assert!(
            ids.iter().all(|id| id.len() == "call_".len() + 32),
            "{ids:?}"
        );
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn what_makes_no_call_is_an_error() {
        let endless = json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "x".repeat(40_000)}});
        let many: Vec<Value> = (0..65)
            .map(|index| json!({"index": index, "id": format!("{index}"), "function": {"name": "f"}}))
            .collect();
        let rows = [
            json!([{"index": 0, "function": {"arguments": "{}"}}]),
            json!([
                {"index": 0, "id": "a", "function": {"name": "f"}},
                {"index": 1, "id": "b", "function": {"name": "g"}},
                {"index": 2, "function": {"arguments": "{}"}},
            ]),
            json!([{"index": 0, "id": "a", "function": {"arguments": "{}"}}]),
            json!([endless, endless]),
            json!(many),
        ];
        for pieces in rows {
            let error = assembled(&pieces).unwrap_err();
            assert!(matches!(error, ModelError::Malformed(_)), "{error:?}");
        }
    }
}
