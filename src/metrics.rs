//! What operators see of the service: counts and times, in the text format of `OpenMetrics`.
//!
//! [`Metrics`] counts what happens. What there is at a moment (sessions, sockets, waiting runs)
//! is kept elsewhere and read there, by [`Gauges`], when somebody asks. No label holds anything
//! that a client chose: all are words of this program, or status codes that it answers with.

mod gauges;
pub mod route;
mod series;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::explorer::{Mode, Trouble};
use crate::model::{ModelError, Usage};
use crate::pipeline::Step;
pub use gauges::Gauges;
use series::Series;

/// The media type of an exposition (`OpenMetrics` 1.0, "Negotiation").
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The start of the names of our own metrics.
const PREFIX: &str = "mcop";

/// Counts what happens. Copies count together; nothing here waits or fails.
#[derive(Clone, Default)]
pub struct Metrics {
    shared: Arc<Counted>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// With a result.
    Completed,
    /// Without one.
    Failed,
}

/// How the turn of a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnOutcome {
    /// With an answer.
    Answered(Mode),
    /// Before its answer was whole: the person took it back, or left.
    Cancelled,
    /// With an error.
    Failed(Trouble),
}

/// What was refused because there is a limit to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A run of a client that starts too many.
    Run,
    /// A message of a client that sends too many.
    Message,
    /// A socket of a client that opens too many.
    Upgrade,
    /// A token that is none, of a client that tries too many.
    Guess,
    /// A socket where as many are open as may.
    Socket,
    /// A stream of a run's events where as many are open as may.
    EventStream,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByEndpoint {
    route: &'static str,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByAnswer {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByStep {
    step: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

#[derive(Debug)]
struct Counted {
    requests: Series<ByAnswer, Counter>,
    panics: Counter,
    request_seconds: Series<ByEndpoint, Histogram>,
    runs: Series<ByOutcome, Counter>,
    run_seconds: Series<ByOutcome, Histogram>,
    run_wait_seconds: Histogram,
    step_seconds: Series<ByStep, Histogram>,
    turns: Series<ByOutcome, Counter>,
    turn_seconds: Series<ByOutcome, Histogram>,
    first_text_seconds: Series<ByOutcome, Histogram>,
    refused: Series<ByReason, Counter>,
    tokens: Series<ByKind, Counter>,
    upstream_requests: Counter,
    upstream_errors: Series<ByKind, Counter>,
    upstream_retries: Counter,
    upstream_calls: Gauge,
    upstream_wait_seconds: Histogram,
}

/// Answers: from look-ups in memory, well under a millisecond, over lists of thousands of tables to
/// single calls of the chat, which take as long as a model does (5 minutes at most by default).
fn answer_buckets() -> Histogram {
    Histogram::new([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
        60.0, 300.0,
    ])
}

/// Runs, their steps, and the wait for a place: milliseconds on a small catalog, some ten seconds
/// on one of 100,000 tables, and a queue of such.
fn run_buckets() -> Histogram {
    Histogram::new([
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
    ])
}

/// Turns, and the time to their first words: a tenth of a second is at once and ten try the
/// patience of a person (Nielsen, "Usability Engineering", chapter 5); models take up to minutes.
fn turn_buckets() -> Histogram {
    Histogram::new([
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0,
    ])
}

/// The status under which a request is counted whose client left before the answer was there;
/// nginx calls it so, and no answer has it.
pub const CLIENT_LEFT: u16 = 499;

const RUN_OUTCOMES: [RunOutcome; 2] = [RunOutcome::Completed, RunOutcome::Failed];
const STEPS: [Step; 5] = [
    Step::Tool0,
    Step::Tool1,
    Step::Tool2,
    Step::Tool3,
    Step::Diagram,
];
const TURN_OUTCOMES: [TurnOutcome; 9] = [
    TurnOutcome::Answered(Mode::Model),
    TurnOutcome::Answered(Mode::Embedded),
    TurnOutcome::Cancelled,
    TurnOutcome::Failed(Trouble::ModelMisconfigured),
    TurnOutcome::Failed(Trouble::Interrupted),
    TurnOutcome::Failed(Trouble::Filtered),
    TurnOutcome::Failed(Trouble::TooLong),
    TurnOutcome::Failed(Trouble::BudgetSpent),
    TurnOutcome::Failed(Trouble::Internal),
];
const REFUSALS: [Refused; 6] = [
    Refused::Run,
    Refused::Message,
    Refused::Upgrade,
    Refused::Guess,
    Refused::Socket,
    Refused::EventStream,
];
const PROMPT: ByKind = ByKind { kind: "prompt" };
const COMPLETION: ByKind = ByKind { kind: "completion" };

impl Default for Counted {
    fn default() -> Self {
        let turns = || TURN_OUTCOMES.map(turn_label);
        let runs = || RUN_OUTCOMES.map(run_label);
        let errors = ModelError::KINDS.iter().map(|kind| ByKind { kind });
        Self {
            requests: Series::new(Counter::default),
            panics: Counter::default(),
            request_seconds: Series::new(answer_buckets),
            runs: Series::new(Counter::default).with(runs()),
            run_seconds: Series::new(run_buckets).with(runs()),
            run_wait_seconds: run_buckets(),
            step_seconds: Series::new(run_buckets).with(STEPS.map(step_label)),
            turns: Series::new(Counter::default).with(turns()),
            turn_seconds: Series::new(turn_buckets).with(turns()),
            first_text_seconds: Series::new(turn_buckets).with(turns()),
            refused: Series::new(Counter::default).with(REFUSALS.map(refused_label)),
            tokens: Series::new(Counter::default).with([PROMPT, COMPLETION]),
            upstream_requests: Counter::default(),
            upstream_errors: Series::new(Counter::default).with(errors),
            upstream_retries: Counter::default(),
            upstream_calls: Gauge::default(),
            upstream_wait_seconds: turn_buckets(),
        }
    }
}

impl Metrics {
    /// Notes a request that was answered, and how long it took until the answer began.
    pub fn answered(
        &self,
        route: &'static str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        self.request(route, method, status.as_u16());
        let endpoint = ByEndpoint {
            route,
            method: method_label(method),
        };
        let times = self.shared.request_seconds.of(&endpoint);
        times.observe(took.as_secs_f64());
    }

    /// Notes a request whose client left before the answer was there. The time it waited is
    /// not one the service took.
    pub fn left(&self, route: &'static str, method: &Method) {
        self.request(route, method, CLIENT_LEFT);
    }

    fn request(&self, route: &'static str, method: &Method, status: u16) {
        let answer = ByAnswer {
            route,
            method: method_label(method),
            status,
        };
        self.shared.requests.of(&answer).inc();
    }

    /// Notes a request or a connection whose code panicked.
    pub fn panicked(&self) {
        self.shared.panics.inc();
    }

    /// Notes how long an accepted run waited for its place.
    pub fn run_waited(&self, time: Duration) {
        self.shared.run_wait_seconds.observe(time.as_secs_f64());
    }

    /// Notes a step of a run that came to its end.
    pub fn step_ended(&self, step: Step, seconds: f64) {
        self.shared
            .step_seconds
            .of(&step_label(step))
            .observe(seconds);
    }

    /// Notes a run that ended, and how long it was under way.
    pub fn run_ended(&self, outcome: RunOutcome, took: Duration) {
        let label = run_label(outcome);
        self.shared.runs.of(&label).inc();
        let times = self.shared.run_seconds.of(&label);
        times.observe(took.as_secs_f64());
    }

    /// Notes a turn that ended: how long it took, and after how long its first words came.
    pub fn turn_ended(&self, outcome: TurnOutcome, took: Duration, first_text: Option<Duration>) {
        let label = turn_label(outcome);
        self.shared.turns.of(&label).inc();
        let times = self.shared.turn_seconds.of(&label);
        times.observe(took.as_secs_f64());
        if let Some(first_text) = first_text {
            let times = self.shared.first_text_seconds.of(&label);
            times.observe(first_text.as_secs_f64());
        }
    }

    /// Notes that a limit has refused something.
    pub fn refused(&self, what: Refused) {
        self.shared.refused.of(&refused_label(what)).inc();
    }

    /// Notes a call of the model that begins, and how long it waited for its place.
    pub fn upstream_began(&self, waited: Duration) {
        self.shared.upstream_calls.inc();
        let times = &self.shared.upstream_wait_seconds;
        times.observe(waited.as_secs_f64());
    }

    /// Notes that a call of the model has ended.
    pub fn upstream_ended(&self) {
        self.shared.upstream_calls.dec();
    }

    /// Notes a request to the model's server.
    pub fn upstream_asked(&self) {
        self.shared.upstream_requests.inc();
    }

    /// Notes a call of the model that failed, whether or not another attempt follows.
    pub fn upstream_failed(&self, error: &ModelError) {
        let kind = error.kind();
        self.shared.upstream_errors.of(&ByKind { kind }).inc();
    }

    /// Notes that a failed call is made again.
    pub fn upstream_retried(&self) {
        self.shared.upstream_retries.inc();
    }

    /// Notes the tokens that the model's server says a call took.
    pub fn tokens_used(&self, usage: Usage) {
        let tokens = &self.shared.tokens;
        tokens.of(&PROMPT).inc_by(usage.prompt_tokens);
        tokens.of(&COMPLETION).inc_by(usage.completion_tokens);
    }

    /// All figures, those of this moment included, in the format of [`MEDIA_TYPE`].
    ///
    /// # Errors
    /// None in practice: a text takes all that is written to it.
    pub fn exposition(&self, gauges: &Gauges) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        gauges.register_process(&mut registry);
        let own = registry.sub_registry_with_prefix(PREFIX);
        self.shared.register(own);
        gauges.register(own);
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Counted {
    /// Names everything. A unit is part of a name: `run_duration` is `mcop_run_duration_seconds`.
    fn register(&self, own: &mut Registry) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        own.register("build", "The program that runs", build);
        let text = "Requests by their answers; 499 is a client that left before there was one";
        own.register("http_requests", text, self.requests.clone());
        let text = "Requests answered with 500, and connections cut off, because code panicked";
        own.register("panics", text, self.panics.clone());
        let text = "Time from a request to the start of its answer";
        let times = self.request_seconds.clone();
        own.register_with_unit("http_request_duration", text, Unit::Seconds, times);
        let text = "What was refused because there is a limit to it";
        own.register("refused", text, self.refused.clone());
        self.register_runs(own);
        self.register_chat(own);
        self.register_model(own);
    }

    fn register_runs(&self, own: &mut Registry) {
        own.register("runs", "Pipeline runs that ended", self.runs.clone());
        let text = "Pipeline runs, from the start of the first step";
        let times = self.run_seconds.clone();
        own.register_with_unit("run_duration", text, Unit::Seconds, times);
        let text = "What pipeline runs waited for a place";
        let times = self.run_wait_seconds.clone();
        own.register_with_unit("run_wait", text, Unit::Seconds, times);
        let text = "Steps of pipeline runs";
        let times = self.step_seconds.clone();
        own.register_with_unit("run_step_duration", text, Unit::Seconds, times);
    }

    fn register_chat(&self, own: &mut Registry) {
        let text = "Questions whose turn ended";
        own.register("turns", text, self.turns.clone());
        let text = "Turns of questions, without the wait for those before them in the session";
        let times = self.turn_seconds.clone();
        own.register_with_unit("turn_duration", text, Unit::Seconds, times);
        let text = "Time from the start of a turn to the first words of the answer";
        let times = self.first_text_seconds.clone();
        own.register_with_unit("turn_first_text", text, Unit::Seconds, times);
    }

    fn register_model(&self, own: &mut Registry) {
        let text = "Tokens, as the server of the model counts them";
        own.register("model_tokens", text, self.tokens.clone());
        let text = "HTTP requests to the server of the model";
        own.register("model_requests", text, self.upstream_requests.clone());
        let text = "Calls of the model that failed; each attempt is one";
        own.register("model_errors", text, self.upstream_errors.clone());
        let text = "Attempts that followed a failed one";
        own.register("model_retries", text, self.upstream_retries.clone());
        let text = "Calls of the model that are under way";
        own.register("model_calls_under_way", text, self.upstream_calls.clone());
        let text = "What calls of the model waited for a place";
        let times = self.upstream_wait_seconds.clone();
        own.register_with_unit("model_wait", text, Unit::Seconds, times);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The standard methods by name; all that a client may make up has one label.
#[must_use]
pub fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn refused_label(what: Refused) -> ByReason {
    let reason = match what {
        Refused::Run => "run_rate",
        Refused::Message => "message_rate",
        Refused::Upgrade => "upgrade_rate",
        Refused::Guess => "guess_rate",
        Refused::Socket => "sockets",
        Refused::EventStream => "event_streams",
    };
    ByReason { reason }
}

fn run_label(outcome: RunOutcome) -> ByOutcome {
    let outcome = match outcome {
        RunOutcome::Completed => "completed",
        RunOutcome::Failed => "failed",
    };
    ByOutcome { outcome }
}

fn step_label(step: Step) -> ByStep {
    let step = match step {
        Step::Tool0 => "tool0",
        Step::Tool1 => "tool1",
        Step::Tool2 => "tool2",
        Step::Tool3 => "tool3",
        Step::Diagram => "diagram",
    };
    ByStep { step }
}

fn turn_label(outcome: TurnOutcome) -> ByOutcome {
    let outcome = match outcome {
        TurnOutcome::Answered(Mode::Model) => "answered_by_model",
        TurnOutcome::Answered(Mode::Embedded) => "answered_by_rules",
        TurnOutcome::Cancelled => "cancelled",
        TurnOutcome::Failed(Trouble::ModelMisconfigured) => "failed_model_misconfigured",
        TurnOutcome::Failed(Trouble::Interrupted) => "failed_interrupted",
        TurnOutcome::Failed(Trouble::Filtered) => "failed_filtered",
        TurnOutcome::Failed(Trouble::TooLong) => "failed_conversation_too_long",
        TurnOutcome::Failed(Trouble::BudgetSpent) => "failed_budget_spent",
        TurnOutcome::Failed(Trouble::Internal) => "failed_internal",
    };
    ByOutcome { outcome }
}
