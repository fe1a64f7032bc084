//! The body of a request, in the dialect that the server has turned out to speak.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::endpoint::Flavour;
use super::settings::ModelSettings;
use super::upstream_error::UpstreamError;
use super::{Message, ToolCall, ToolSpec};

/// What a server wants differently from its like, learnt from its refusals. The name of
/// a model or a deployment does not tell, so the first call finds out for all.
#[derive(Debug)]
pub(super) struct Dialect {
    old_token_limit: AtomicBool,
    no_stream_options: AtomicBool,
}

/// One form of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// `max_tokens` instead of `max_completion_tokens`, which is older and better known.
    old_token_limit: bool,
    no_stream_options: bool,
}

impl Dialect {
    pub(super) fn of(flavour: Flavour) -> Self {
        Self {
            old_token_limit: AtomicBool::new(flavour == Flavour::Compatible),
            no_stream_options: AtomicBool::new(false),
        }
    }

    pub(super) fn form(&self) -> Form {
        Form {
            old_token_limit: self.old_token_limit.load(Ordering::Relaxed),
            no_stream_options: self.no_stream_options.load(Ordering::Relaxed),
        }
    }

    /// What to send instead of `sent`, and from now on; `None` where the refusal is about
    /// something else. Set from what was sent, not toggled: two calls may be refused at once.
    pub(super) fn learn(&self, sent: Form, refusal: &UpstreamError) -> Option<Form> {
        if !sent.no_stream_options && refusal.refuses("stream_options") {
            self.no_stream_options.store(true, Ordering::Relaxed);
            return Some(Form {
                no_stream_options: true,
                ..sent
            });
        }
        if refusal.refuses(sent.token_limit()) {
            let old_token_limit = !sent.old_token_limit;
            self.old_token_limit
                .store(old_token_limit, Ordering::Relaxed);
            return Some(Form {
                old_token_limit,
                ..sent
            });
        }
        None
    }
}

impl Form {
    fn token_limit(self) -> &'static str {
        if self.old_token_limit {
            "max_tokens"
        } else {
            "max_completion_tokens"
        }
    }
}

/// The body. No temperature and the like: some models refuse all but their own.
pub(super) fn body(
    settings: &ModelSettings,
    form: Form,
    messages: &[Message],
    tools: &[ToolSpec],
) -> Bytes {
    let messages: Vec<Value> = messages.iter().map(message).collect();
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", settings.endpoint.model().into());
    set("messages", messages.into());
    if !tools.is_empty() {
        set("tools", tools.iter().map(tool).collect());
    }
    set("stream", true.into());
    if !form.no_stream_options {
        set("stream_options", json!({"include_usage": true}));
    }
    set(form.token_limit(), settings.max_completion_tokens.into());
    Value::Object(body).to_string().into()
}

fn message(message: &Message) -> Value {
    match message {
        Message::System(text) => json!({"role": "system", "content": text}),
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Assistant { text, calls } if calls.is_empty() => {
            json!({"role": "assistant", "content": text})
        }
        Message::Assistant { text, calls } => {
            let content = (!text.is_empty()).then_some(text);
            let calls: Vec<Value> = calls.iter().map(call).collect();
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
        Message::Tool { call_id, content } => {
            json!({"role": "tool", "tool_call_id": call_id, "content": content})
        }
    }
}

fn call(call: &ToolCall) -> Value {
    // Servers that read the arguments of earlier calls answer 400 or 500 to what is no
    // object, for the rest of the conversation; the tool's own answer says what was wrong.
    let readable = serde_json::from_str::<Map<String, Value>>(&call.arguments).is_ok();
    let arguments = if readable { &call.arguments } else { "{}" };
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    })
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, error: &Value) -> UpstreamError {
        UpstreamError::from_body(status, &error.to_string())
    }

    #[test]
    fn the_limit_of_tokens_goes_by_the_name_that_the_server_knows() {
        let asks = |old_token_limit| Form {
            old_token_limit,
            no_stream_options: false,
        };
        let openai = Dialect::of(Flavour::OpenAi);
        let local = Dialect::of(Flavour::Compatible);
        assert_eq!(openai.form(), asks(false));
        assert_eq!(local.form(), asks(true));

        let refused = |name: &str| {
            refusal(
                400,
                &json!({"error": {
                    "message": format!("Unsupported parameter: '{name}'"),
                    "param": name,
                    "code": "unsupported_parameter",
                }}),
            )
        };
        assert_eq!(
            local.learn(asks(true), &refused("max_tokens")),
            Some(asks(false))
        );
        assert_eq!(local.form(), asks(false), "remembered");
        assert_eq!(
            local.learn(asks(true), &refused("max_tokens")),
            Some(asks(false)),
            "refused at the same time"
        );
        let back = local.learn(asks(false), &refused("max_completion_tokens"));
        assert_eq!(back, Some(asks(true)));
        assert_eq!(openai.learn(asks(false), &refused("max_tokens")), None);
        assert_eq!(openai.learn(asks(false), &refused("temperature")), None);
    }

    #[test]
    fn refusals_are_known_in_every_wording() {
        let rows = [
            // Azure before 2024-09.
            json!({"error": {"message": "Unrecognized request argument supplied: stream_options", "param": null, "code": null}}),
            // FastAPI servers.
            json!({"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
            json!({"object": "error", "message": "stream_options is not supported"}),
        ];
        for error in rows {
            let form = Dialect::of(Flavour::Azure).form();
            let learnt = Dialect::of(Flavour::Azure).learn(form, &refusal(422, &error));
            assert!(learnt.is_some_and(|form| form.no_stream_options), "{error}");
        }
        // The value is wrong, not the name.
        let too_many = json!({"error": {
            "message": "max_completion_tokens is too large: 2048",
            "param": "max_completion_tokens",
            "code": "invalid_value",
        }});
        let openai = Dialect::of(Flavour::OpenAi);
        assert_eq!(openai.learn(openai.form(), &refusal(400, &too_many)), None);
    }

    #[test]
    fn earlier_calls_are_sent_so_that_any_server_reads_them() {
        let said = Message::Assistant {
            text: String::new(),
            calls: vec![
                ToolCall {
                    id: "a".to_owned(),
                    name: "f".to_owned(),
                    arguments: "{\"x\":1}".to_owned(),
                },
                ToolCall {
                    id: "b".to_owned(),
                    name: "f".to_owned(),
                    arguments: "{\"x\":".to_owned(),
                },
            ],
        };
        assert_eq!(
            message(&said),
            json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}},
                {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]})
        );
    }
}
