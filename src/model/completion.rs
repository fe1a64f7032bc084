//! A reply put together from the events of its stream.
//!
//! What is read of a chunk is read leniently, field by field: servers leave out, repeat or
//! null whatever they like. What is missing in the end is an error, never an empty answer.

use serde_json::Value;

use super::calls::Calls;
use super::error::{Detail, ModelError};
use super::sse::SseEvent;
use super::thinking::Thinking;
use super::upstream_error::UpstreamError;
use super::{Completion, Finish, Usage};

/// Bytes of the text of one reply.
const TEXT_MAX: usize = 256 * 1024;

/// The end of the stream in the server's own words.
const DONE: &str = "[DONE]";

/// What one event brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The next piece of the text; may be empty.
    pub text: String,
    /// It is part of the answer: text, or a piece of a call.
    pub is_answer: bool,
    /// The stream is at its end, whatever else may come.
    pub is_over: bool,
}

/// The reply so far.
#[derive(Debug, Default)]
pub struct Accumulator {
    text: String,
    thinking: Thinking,
    /// Bytes of text that came, thoughts included.
    heard: usize,
    calls: Calls,
    refused: bool,
    reason: Option<Reason>,
    usage: Option<Usage>,
    is_over: bool,
}

/// Why the server says that it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Stop,
    ToolCalls,
    Length,
    ContentFilter,
}

impl Accumulator {
    /// Takes the next event.
    ///
    /// # Errors
    /// An event that reports an error, or that cannot be understood.
    pub fn push(&mut self, event: &SseEvent) -> Result<Progress, ModelError> {
        let data = event.data.trim();
        let mut progress = Progress::default();
        if data == DONE {
            self.is_over = true;
            self.show(None, &mut progress)?;
        } else if !data.is_empty() {
            self.read(&event.event, data, &mut progress)?;
        }
        progress.is_over = self.is_over;
        Ok(progress)
    }

    /// The server has said why the reply ended: what may still come is its cost and the
    /// verdict of a slow filter.
    pub fn has_finished(&self) -> bool {
        self.reason.is_some() || self.is_over
    }

    /// What the server says that the reply took, where it has.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Bytes that the model has written so far: text, thoughts, calls.
    pub fn written(&self) -> usize {
        self.heard.saturating_add(self.calls.bytes())
    }

    /// The whole reply, now that no event follows.
    ///
    /// # Errors
    /// A reply that did not come to its end, or that says nothing.
    pub fn complete(self) -> Result<Completion, ModelError> {
        let has_calls = !self.calls.is_empty();
        let finish = match self.reason {
            // Servers that never give a reason exist; `[DONE]` is their word for the end.
            None if !self.is_over => return Err(ModelError::Incomplete),
            Some(Reason::ContentFilter) => Finish::ContentFilter,
            Some(Reason::Length) => Finish::Length,
            _ if self.refused => Finish::Refusal,
            // Some servers say `stop` where they call tools.
            _ if has_calls => Finish::ToolCalls,
            Some(Reason::ToolCalls) => return Err(malformed("tool calls announced, none made")),
            Some(Reason::Stop) | None => Finish::Stop,
        };
        if !has_calls && self.text.trim().is_empty() {
            return Err(match finish {
                Finish::ContentFilter => ModelError::Filtered(Detail::new("finish_reason")),
                _ => ModelError::EmptyAnswer,
            });
        }
        Ok(Completion {
            text: self.text,
            calls: self.calls.finish()?,
            finish,
            usage: self.usage,
        })
    }

    fn read(&mut self, name: &str, data: &str, progress: &mut Progress) -> Result<(), ModelError> {
        let chunk = serde_json::from_str::<Value>(data);
        // Before anything else: a chunk with an error may look like any other.
        if name == "error" {
            let error = match chunk {
                Ok(chunk) => UpstreamError::within(&chunk)
                    .unwrap_or_else(|| UpstreamError::in_stream(&chunk)),
                Err(_) => UpstreamError::in_stream(&Value::String(data.to_owned())),
            };
            return Err(error.into_error());
        }
        let Ok(chunk @ Value::Object(_)) = chunk else {
            return Err(malformed(format!("an event is no JSON object: {data}")));
        };
        if let Some(error) = UpstreamError::within(&chunk) {
            return Err(error.into_error());
        }
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            let tokens = |name| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
            self.usage = Some(Usage {
                prompt_tokens: tokens("prompt_tokens"),
                completion_tokens: tokens("completion_tokens"),
            });
        }
        let choices = chunk.get("choices").and_then(Value::as_array);
        // One choice is asked for: another is none of ours.
        let ours = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
        for choice in choices.into_iter().flatten().filter(ours) {
            self.choice(choice, progress)?;
        }
        Ok(())
    }

    fn choice(&mut self, choice: &Value, progress: &mut Progress) -> Result<(), ModelError> {
        if let Some(error) = UpstreamError::within(choice) {
            return Err(error.into_error());
        }
        if let Some(delta) = choice.get("delta") {
            // Thoughts apart from the text, by the names that vLLM, DeepSeek and OpenRouter have for them.
            for thoughts in ["reasoning_content", "reasoning"] {
                let thoughts = delta.get(thoughts).and_then(Value::as_str);
                self.heard = self.heard.saturating_add(thoughts.map_or(0, str::len));
            }
            if let Some(text) = delta.get("refusal").and_then(Value::as_str)
                && !text.is_empty()
            {
                self.refused = true;
                self.show(Some(text), progress)?;
            }
            if let Some(content) = delta.get("content") {
                self.content(content, progress)?;
            }
            let pieces = delta.get("tool_calls").and_then(Value::as_array);
            for piece in pieces.into_iter().flatten() {
                self.calls.take(piece)?;
                progress.is_answer = true;
            }
        }
        // After the delta: the last text may come with the reason.
        match choice.get("finish_reason").and_then(Value::as_str) {
            // Each means that there is none yet.
            None | Some("" | "null") => Ok(()),
            Some(reason) => {
                self.end(reason)?;
                self.show(None, progress)
            }
        }
    }

    /// Text, or a list of parts, of which those that are no text are thoughts.
    fn content(&mut self, content: &Value, progress: &mut Progress) -> Result<(), ModelError> {
        match content {
            Value::Null => Ok(()),
            Value::String(text) => self.show(Some(text), progress),
            Value::Array(parts) => {
                for part in parts
                    .iter()
                    .filter(|part| part.get("type").is_some_and(|kind| kind == "text"))
                {
                    let text = part.get("text").and_then(Value::as_str);
                    self.show(Some(text.unwrap_or_default()), progress)?;
                }
                Ok(())
            }
            other => Err(malformed(format!("the content is no text: {other}"))),
        }
    }

    /// Hands on a piece of text; `None` is the end of it.
    fn show(&mut self, piece: Option<&str>, progress: &mut Progress) -> Result<(), ModelError> {
        self.heard = self.heard.saturating_add(piece.map_or(0, str::len));
        let shown = match piece {
            Some(piece) => self.thinking.push(piece),
            None => self.thinking.finish(),
        };
        if self.text.len() + shown.len() > TEXT_MAX {
            return Err(malformed(format!("more than {TEXT_MAX} bytes of text")));
        }
        progress.is_answer |= !shown.is_empty();
        self.text.push_str(&shown);
        progress.text.push_str(&shown);
        Ok(())
    }

    fn end(&mut self, reason: &str) -> Result<(), ModelError> {
        let reason = match reason {
            "stop" => Reason::Stop,
            "tool_calls" => Reason::ToolCalls,
            "length" => Reason::Length,
            "content_filter" => Reason::ContentFilter,
            // Whatever it means, it does not mean that all went well.
            unknown => return Err(malformed(format!("finish_reason {unknown}"))),
        };
        // A filter that works beside the stream may take back what has already ended.
        if self.reason.is_none() || reason == Reason::ContentFilter {
            self.reason = Some(reason);
        }
        Ok(())
    }
}

fn malformed(problem: impl Into<String>) -> ModelError {
    ModelError::Malformed(Detail::new(problem))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(data: &impl ToString) -> SseEvent {
        SseEvent {
            event: "message".to_owned(),
            data: data.to_string(),
            id: String::new(),
        }
    }

    fn delta(delta: &Value, reason: &Value) -> SseEvent {
        event(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}))
    }

    fn completed(events: &[SseEvent]) -> Result<Completion, ModelError> {
        let mut accumulator = Accumulator::default();
        for event in events {
            accumulator.push(event)?;
        }
        accumulator.complete()
    }

    fn text(text: &str) -> SseEvent {
        delta(&json!({"content": text}), &Value::Null)
    }

    #[test]
    fn a_slow_filter_takes_back_what_had_ended() {
        let filter = event(&json!({"choices": [{
            "index": 0,
            "content_filter_offsets": {"check_offset": 0},
            "finish_reason": "content_filter",
        }]}));
        let stop = delta(&json!({}), &json!("stop"));
        let taken_back = completed(&[text("Bad words"), stop.clone(), filter.clone()]).unwrap();
        assert_eq!(taken_back.finish, Finish::ContentFilter);
        assert_eq!(
            completed(&[text("Bad words"), filter.clone(), stop])
                .unwrap()
                .finish,
            Finish::ContentFilter
        );
        let error = completed(&[filter]).unwrap_err();
        assert!(matches!(error, ModelError::Filtered(_)), "{error:?}");
    }

    #[test]
    fn a_tag_that_never_closes_is_text_once_the_reply_ends() {
        let mut accumulator = Accumulator::default();
        assert_eq!(accumulator.push(&text("a <thi")).unwrap().text, "a ");
        let end = accumulator
            .push(&delta(&json!({}), &json!("stop")))
            .unwrap();
        assert_eq!(end.text, "<thi");
        assert_eq!(accumulator.complete().unwrap().text, "a <thi");
    }

    #[test]
    fn the_server_may_give_no_reason_but_not_no_end() {
        let events = [text("All of it."), event(&DONE)];
        assert_eq!(completed(&events).unwrap().finish, Finish::Stop);
        let error = completed(&events[..1]).unwrap_err();
        assert_eq!(error, ModelError::Incomplete);
    }

    #[test]
    fn only_text_and_calls_make_an_answer() {
        let mut accumulator = Accumulator::default();
        for nothing in [
            delta(&json!({"role": "assistant", "content": ""}), &Value::Null),
            delta(
                &json!({"reasoning_content": "hm", "reasoning": "hm"}),
                &Value::Null,
            ),
            text("<think>hm"),
            text(" "),
            event(&""),
            event(&json!({"choices": []})),
        ] {
            let progress = accumulator.push(&nothing).unwrap();
            assert_eq!(progress, Progress::default(), "{nothing:?}");
        }
        let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f"}}]});
        assert!(
            accumulator
                .push(&delta(&call, &Value::Null))
                .unwrap()
                .is_answer
        );
        assert!(!accumulator.has_finished());
    }

    #[test]
    fn a_refusal_that_breaks_off_breaks_off() {
        let refusal = delta(&json!({"refusal": "I cannot."}), &json!("length"));
        assert_eq!(completed(&[refusal]).unwrap().finish, Finish::Length);
    }

    #[test]
    fn what_is_larger_than_any_answer_is_refused() {
        let half = text(&"x".repeat(TEXT_MAX / 2));
        let whole = [half.clone(), half.clone()];
        let mut accumulator = Accumulator::default();
        for event in &whole {
            accumulator.push(event).unwrap();
        }
        let error = accumulator.push(&text("x")).unwrap_err();
        assert!(matches!(error, ModelError::Malformed(_)), "{error:?}");
    }

    #[test]
    fn no_event_whatever_panics() {
        let odd = [
            json!([]),
            json!(1),
            json!({"choices": 1}),
            json!({"choices": [null, 1, "x", []]}),
            json!({"choices": [{"delta": 1}]}),
            json!({"choices": [{"delta": {"tool_calls": [null, 1, {}]}}]}),
            json!({"choices": [{"delta": {"content": {"a": 1}}}]}),
            json!({"choices": [{"delta": {"content": [1, {"type": "text"}]}}]}),
            json!({"usage": 1, "error": null}),
            json!({"error": 1}),
        ];
        for data in odd {
            let mut accumulator = Accumulator::default();
            let _outcome = accumulator.push(&event(&data));
            let _outcome = accumulator.complete();
        }
    }
}
