//! The model explorer: asks a model, carries out the look-ups it calls for, and goes on
//! until it answers.
//!
//! The next step is data and the loop runs until there is none. Every limit has a name,
//! and running into one is an answer.

mod briefing;

use std::collections::HashSet;
use std::time::Duration;

pub use briefing::estimated_tokens;
use briefing::{ANSWER_NOW, NO_MORE_LOOK_UPS, in_words, message_tokens, opening};

use crate::catalog::{Catalog, TableId};
use crate::model::error::{Detail, Phase};
use crate::model::{Completion, Event, Finish, Message, Model, ModelError, ToolCall};

use super::thread::Thread;
use super::tools::{Call, Outcome, ToolFailure, Tools, specifications};
use super::{Language, Listener, RunFindings};

/// What one answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentLimits {
    /// Calls of the model.
    pub rounds: usize,
    /// Look-ups.
    pub look_ups: usize,
    /// Tokens sent and received in all, as estimated by [`estimated_tokens`].
    pub tokens: usize,
    /// Tokens of earlier turns that go along with a question.
    pub history_tokens: usize,
    /// From the question to the end of the answer.
    pub duration: Duration,
}

impl Default for AgentLimits {
    fn default() -> Self {
        Self {
            rounds: 8,
            look_ups: 16,
            tokens: 120_000,
            history_tokens: 8_000,
            duration: Duration::from_secs(300),
        }
    }
}

/// The most tables that an answer is about.
const TABLES_MAX: usize = 25;
/// The longest word of an answer that is looked up as a name, in bytes.
const NAME_MAX: usize = 256;

/// What an answer of the model rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The whole text.
    pub text: String,
    /// The tables it names, in its order; none that the catalog does not hold.
    pub tables: Vec<TableId>,
}

/// How an answer failed.
#[derive(Debug)]
pub struct Broken {
    /// Why.
    pub cause: ModelError,
    /// What the person has read by then.
    pub said: String,
}

/// A question to the model.
pub struct Question<'a> {
    /// As the person wrote it.
    pub text: &'a str,
    /// Its language, for the words of limits.
    pub language: Language,
    /// What was said before.
    pub thread: &'a Thread,
    /// What the session's run found.
    pub run: Option<&'a RunFindings>,
}

/// What comes next in the making of an answer.
enum Step {
    /// Ask the model, which may call tools or no longer.
    Ask { with_tools: bool },
    /// Carry out what it called for.
    LookUp(Completion),
    /// A limit was reached: say so.
    Stop(Limit),
    /// The answer is complete.
    Done,
}

/// The limits that an answer can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    LookUps,
    Length,
    Duration,
}

/// The making of one answer: what changes on the way.
struct Making<'a> {
    messages: Vec<Message>,
    /// Everything the person has read.
    said: String,
    /// Tables that look-ups found.
    seen: HashSet<TableId>,
    rounds: usize,
    look_ups: usize,
    /// Sent and received so far.
    tokens: usize,
    listener: &'a mut dyn Listener,
}

/// Answers a question with the model.
///
/// # Errors
/// What the model's endpoint fails with; what was said by then comes along.
pub async fn answer(
    model: &Model,
    tools: &Tools,
    limits: AgentLimits,
    question: &Question<'_>,
    listener: &mut dyn Listener,
) -> Result<Told, Broken> {
    let mut making = Making {
        messages: opening(question, limits.history_tokens),
        said: String::new(),
        seen: HashSet::new(),
        rounds: 0,
        look_ups: 0,
        tokens: 0,
        listener,
    };
    let made = tokio::time::timeout(limits.duration, making.run(model, tools, limits, question));
    // Both clocks may be set alike, and then either rings first.
    let result = match made.await {
        Ok(Err(ModelError::TimedOut(Phase::Total))) | Err(_) if !making.said.is_empty() => {
            making.say_apart(in_words(Limit::Duration, question.language));
            Ok(())
        }
        Ok(result) => result,
        Err(_) => Err(ModelError::TimedOut(Phase::Total)),
    };
    match result {
        Ok(()) => Ok(Told {
            tables: tables_named(&tools.knowledge().catalog, &making.said, &making.seen),
            text: making.said,
        }),
        Err(cause) => Err(Broken {
            cause,
            said: making.said,
        }),
    }
}

impl Making<'_> {
    async fn run(
        &mut self,
        model: &Model,
        tools: &Tools,
        limits: AgentLimits,
        question: &Question<'_>,
    ) -> Result<(), ModelError> {
        let mut step = Step::Ask { with_tools: true };
        loop {
            step = match step {
                Step::Ask { with_tools } => {
                    let completion = self.ask(model, with_tools).await?;
                    after(completion, with_tools)?
                }
                Step::LookUp(completion) => {
                    self.look_up(tools, completion, limits).await;
                    Step::Ask {
                        with_tools: self.may_go_on(limits),
                    }
                }
                Step::Stop(limit) => {
                    self.say_apart(in_words(limit, question.language));
                    Step::Done
                }
                Step::Done => return Ok(()),
            };
        }
    }

    fn may_go_on(&self, limits: AgentLimits) -> bool {
        // The last round is for the answer, which costs the conversation once more.
        let next = self.conversation_tokens();
        self.rounds + 1 < limits.rounds
            && self.look_ups < limits.look_ups
            && self.tokens + 2 * next < limits.tokens
    }

    fn conversation_tokens(&self) -> usize {
        self.messages.iter().map(message_tokens).sum()
    }

    /// One call of the model, its text told as it comes.
    async fn ask(&mut self, model: &Model, with_tools: bool) -> Result<Completion, ModelError> {
        self.rounds += 1;
        self.tokens += self.conversation_tokens();
        let offered = if with_tools {
            specifications()
        } else {
            self.messages.push(Message::User(ANSWER_NOW.to_owned()));
            &[]
        };
        let mut reply = model.ask(&self.messages, offered).await?;
        let mut first = true;
        loop {
            match reply.next().await? {
                Event::Text(piece) => {
                    if std::mem::take(&mut first) {
                        self.say_apart(&piece);
                    } else {
                        self.say(&piece);
                    }
                }
                Event::Done(completion) => {
                    self.tokens += estimated_tokens(&completion.text);
                    return Ok(completion);
                }
            }
        }
    }

    /// Says something as a paragraph of its own.
    fn say_apart(&mut self, piece: &str) {
        if !self.said.is_empty() {
            self.say("\n\n");
        }
        self.say(piece);
    }

    fn say(&mut self, piece: &str) {
        self.said.push_str(piece);
        self.listener.text(piece);
    }

    /// Carries out look-ups in the model's order. Each call gets an answer, or the endpoint
    /// would refuse the conversation.
    async fn look_up(&mut self, tools: &Tools, completion: Completion, limits: AgentLimits) {
        let Completion { text, calls, .. } = completion;
        self.messages.push(Message::Assistant {
            text,
            calls: calls.clone(),
        });
        for call in calls {
            let content = if self.look_ups < limits.look_ups {
                self.look_ups += 1;
                self.one_look_up(tools, &call).await
            } else {
                NO_MORE_LOOK_UPS.to_owned()
            };
            self.messages.push(Message::Tool {
                call_id: call.id,
                content,
            });
        }
    }

    async fn one_look_up(&mut self, tools: &Tools, call: &ToolCall) -> String {
        let known = match Call::read(&call.name, &call.arguments) {
            Ok(known) => known,
            Err(failure) => {
                let tool = match &failure {
                    ToolFailure::BadArguments { tool, .. } => tool.clone(),
                    _ => "unknown".to_owned(),
                };
                return self.failed(&tool, &failure);
            }
        };
        let name = known.name();
        self.listener.tool(name, &known.in_words());
        match tools.run(known).await {
            Ok(outcome) => self.found(&outcome),
            Err(failure) => self.failed(name, &failure),
        }
    }

    fn found(&mut self, outcome: &Outcome) -> String {
        self.seen.extend(outcome.tables());
        outcome.to_json()
    }

    fn failed(&mut self, tool: &str, failure: &ToolFailure) -> String {
        self.listener.tool(tool, &failure.to_string());
        failure.to_json()
    }
}

/// What follows a reply of the model.
fn after(completion: Completion, with_tools: bool) -> Result<Step, ModelError> {
    match completion.finish {
        Finish::ContentFilter => Err(ModelError::Filtered(Detail::default())),
        // A call cut short is answered by what is wrong with it, and may be made again.
        Finish::Length if completion.calls.is_empty() || !with_tools => {
            Ok(Step::Stop(Limit::Length))
        }
        _ if completion.calls.is_empty() => Ok(Step::Done),
        // It calls for tools that it was not offered.
        _ if !with_tools && !completion.text.is_empty() => Ok(Step::Done),
        _ if !with_tools => Ok(Step::Stop(Limit::LookUps)),
        _ => Ok(Step::LookUp(completion)),
    }
}

/// The tables of the catalog that a text names, in its order: full names, and bare names
/// that no ordinary word could be; of tables that share a name, those that look-ups found.
fn tables_named(catalog: &Catalog, text: &str, seen: &HashSet<TableId>) -> Vec<TableId> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '#');
    let mut known = HashSet::new();
    let mut tables = Vec::new();
    for word in text.split(|c| !is_name(c)) {
        let word = word.trim_matches('.');
        let could_be_a_word = !word.contains(['_', '.']);
        if word.is_empty() || word.len() > NAME_MAX {
            continue;
        }
        let named = catalog.named(word);
        let meant = named.iter().copied().find(|id| seen.contains(id));
        let meant = meant.or_else(|| named.first().copied().filter(|_| !could_be_a_word));
        if let Some(id) = meant
            && known.insert(id)
        {
            tables.push(id);
            if tables.len() == TABLES_MAX {
                break;
            }
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Catalog {
        Catalog::from_export(include_bytes!("../../data/catalog.json"))
            .unwrap()
            .0
    }

    #[test]
    fn only_tables_that_the_catalog_holds_are_taken_from_an_answer() {
        let catalog = sample();
        let named = |text: &str, seen: &[&str]| -> Vec<String> {
            let seen = seen.iter().flat_map(|name| catalog.named(name)).collect();
            let tables = tables_named(&catalog, text, &seen);
            tables.iter().map(|id| catalog.full_name(*id)).collect()
        };
        assert_eq!(
            named(
                "`dm_bs_purchase.dimv_supplier` joins factv_goods_receipt. See also dimv_supplier, \
                 dm_bs_purchase.factv_invented and date.",
                &[]
            ),
            [
                "dm_bs_purchase.dimv_supplier",
                "dm_bs_purchase.factv_goods_receipt",
                "dm_ba_purchase.dimv_supplier"
            ]
        );
        assert_eq!(
            named("It is dimv_supplier.", &["dm_bs_purchase.dimv_supplier"]),
            ["dm_bs_purchase.dimv_supplier"],
            "of tables that share a name, the one that was looked at"
        );
        assert!(named(&"a.b ".repeat(10_000), &[]).is_empty());
    }
}
