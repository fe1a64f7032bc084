//! A chat model behind any OpenAI-compatible endpoint: questions and tools in, streamed
//! text and tool calls out.
//!
//! [`Model::ask`] opens a streamed chat completion (`OpenAI` API reference, "Chat
//! completions"); [`Reply::next`] hands out its pieces as they come. Every quirk of a
//! server ends in exactly one of a [`Completion`], a [`ModelError`], or, where the reply
//! is dropped, the end of the call.

pub mod budget;
pub mod client;
pub mod completion;
pub mod endpoint;
pub mod error;
pub mod reply;
pub mod secret;
pub mod settings;
pub mod sse;

mod calls;
mod concurrency;
mod request;
mod retry;
mod thinking;
mod upstream_error;

use serde_json::Value;

pub use client::{BuildError, Model};
pub use error::ModelError;
pub use reply::Reply;
pub use settings::ModelSettings;

/// One message of a conversation with the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What the model is to do, and how.
    System(String),
    /// What the person says.
    User(String),
    /// What the model said, and the tools it called.
    Assistant {
        /// Its text; may be empty where it called tools.
        text: String,
        /// Its calls.
        calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// The [`ToolCall::id`] that is answered.
        call_id: String,
        /// The answer, as JSON text.
        content: String,
    },
}

/// A call of a tool, as the model wrote it: nothing about it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Names the call in the message that answers it.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments; JSON where the model kept to its orders.
    pub arguments: String,
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in words for the model.
    pub description: &'static str,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

/// A piece of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The next piece of the text.
    Text(String),
    /// The end; nothing comes after it.
    Done(Completion),
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Its whole text.
    pub text: String,
    /// The tools that the model calls, in its order.
    pub calls: Vec<ToolCall>,
    /// Why it ended.
    pub finish: Finish,
    /// What it cost, where the server says.
    pub usage: Option<Usage>,
}

/// Why a reply ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// The model had said all it wanted to.
    Stop,
    /// The model waits for the answers of its tools.
    ToolCalls,
    /// It ran into the limit of tokens; the text breaks off.
    Length,
    /// A filter of the server stopped it; the text breaks off.
    ContentFilter,
    /// The model declined to answer; its words are the text.
    Refusal,
}

/// Tokens of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}
