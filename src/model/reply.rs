//! The stream of one reply: read as it comes, timed by its data.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Event;
use super::budget::Spending;
use super::completion::Accumulator;
use super::concurrency::CallPlace;
use super::error::{Detail, ModelError, Phase};
use super::settings::ModelSettings;
use super::sse::{SseDecoder, SseEvent};
use super::upstream_error::UpstreamError;
use crate::metrics::Metrics;

/// A reply that is coming in. Dropping it closes the connection it comes over.
pub struct Reply {
    /// `None` once the stream is over, one way or another.
    response: Option<Response>,
    /// Settled with the end of the stream.
    spending: Option<Spending>,
    /// Free for another call with the end of the stream.
    place: Option<CallPlace>,
    decoder: SseDecoder,
    accumulator: Accumulator,
    ready: VecDeque<Event>,
    clock: Clock,
    /// What came before any event did, in case none does. The declared type does not tell:
    /// gateways leave it out of streams and give it to errors.
    preamble: Option<Vec<u8>>,
    settings: Arc<ModelSettings>,
    metrics: Metrics,
}

/// How long the next event is waited for.
struct Clock {
    /// The end of the whole call.
    ends: Instant,
    /// Since when we wait; `None` from an event until more is asked for, so that the time
    /// which the caller takes does not count.
    waiting_since: Option<Instant>,
}

/// How long the cost and a slow filter's verdict may take once the reply has ended.
const TAIL_WAIT: Duration = Duration::from_secs(1);
/// How much is kept of what may turn out to be no stream.
const PREAMBLE_MAX: usize = 64 * 1024;
const HINT_WEB_PAGE: &str =
    "the server answers with a web page; check the base URL (most end in /v1)";

impl Reply {
    pub(super) fn new(
        response: Response,
        settings: Arc<ModelSettings>,
        metrics: Metrics,
        spending: Spending,
        started: Instant,
        ends: Instant,
    ) -> Self {
        Self {
            response: Some(response),
            spending: Some(spending),
            place: None,
            decoder: SseDecoder::new(settings.event_bytes_max),
            accumulator: Accumulator::default(),
            ready: VecDeque::new(),
            clock: Clock {
                ends,
                waiting_since: Some(started),
            },
            preamble: Some(Vec::new()),
            settings,
            metrics,
        }
    }

    /// The reply that holds the place of its call.
    pub(super) fn in_its(self, place: CallPlace) -> Self {
        // It may have ended with its beginning.
        let place = self.response.is_some().then_some(place);
        Self { place, ..self }
    }

    /// The next piece. The future may be dropped and asked for anew without loss.
    ///
    /// # Errors
    /// The reply broke off or was none; nothing comes after that.
    pub async fn next(&mut self) -> Result<Event, ModelError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            if let Err(error) = self.advance().await {
                self.metrics.upstream_failed(&error);
                return Err(error.sealed(&self.settings.endpoint));
            }
        }
    }

    /// Reads up to the first piece of the answer.
    pub(super) async fn begin(&mut self) -> Result<(), ModelError> {
        while !self.advance().await? {}
        Ok(())
    }

    /// One step further; says whether it brought something of the answer.
    async fn advance(&mut self) -> Result<bool, ModelError> {
        if self.response.is_none() {
            // Asked for more after the end.
            return Err(ModelError::Incomplete);
        }
        let outcome = match self.decoder.next_event() {
            Some(Ok(event)) => self.take(&event),
            Some(Err(too_long)) => Err(ModelError::Malformed(Detail::new(too_long.to_string()))),
            None => self.read().await,
        };
        if outcome.is_err() {
            self.close();
            self.ready.clear();
        }
        outcome
    }

    fn take(&mut self, event: &SseEvent) -> Result<bool, ModelError> {
        if !event.data.is_empty() {
            self.preamble = None;
            self.clock.waiting_since = None;
        }
        let progress = self.accumulator.push(event);
        if let Some(spending) = &mut self.spending {
            spending.written(self.accumulator.written());
        }
        let progress = progress?;
        if !progress.text.is_empty() {
            self.ready.push_back(Event::Text(progress.text));
        }
        if progress.is_over {
            return self.complete();
        }
        Ok(progress.is_answer)
    }

    async fn read(&mut self) -> Result<bool, ModelError> {
        let (deadline, phase) = self.deadline();
        let Some(response) = &mut self.response else {
            return Err(ModelError::Incomplete);
        };
        // Looked at before the read too: comments that never pause would win every race.
        if Instant::now() >= deadline {
            return self.ended(ModelError::TimedOut(phase));
        }
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                self.decoder.push(&bytes);
                if let Some(preamble) = &mut self.preamble {
                    let room = PREAMBLE_MAX.saturating_sub(preamble.len());
                    preamble.extend(bytes.iter().take(room));
                }
                Ok(false)
            }
            Ok(Ok(None)) => match self.preamble.take().filter(|start| is_document(start)) {
                Some(start) => Err(no_stream(&String::from_utf8_lossy(&start))),
                None => self.ended(ModelError::Incomplete),
            },
            Ok(Err(error)) => self.ended(ModelError::Broken(Detail::new(causes(error)))),
            Err(_) => self.ended(ModelError::TimedOut(phase)),
        }
    }

    /// Until when the next data is waited for, and as what.
    fn deadline(&mut self) -> (Instant, Phase) {
        let timeouts = self.settings.timeouts;
        let (limit, phase) = if self.accumulator.has_finished() {
            (TAIL_WAIT, Phase::BetweenEvents)
        } else if self.preamble.is_some() {
            (timeouts.first_event, Phase::FirstEvent)
        } else {
            (timeouts.between_events, Phase::BetweenEvents)
        };
        let since = *self.clock.waiting_since.get_or_insert_with(Instant::now);
        if since + limit < self.clock.ends {
            (since + limit, phase)
        } else {
            (self.clock.ends, Phase::Total)
        }
    }

    /// Nothing more comes. That is the error it looks like only while the reply has not said
    /// its end: proxies like to cut what follows.
    fn ended(&mut self, error: ModelError) -> Result<bool, ModelError> {
        if self.accumulator.has_finished() {
            self.complete()
        } else {
            Err(error)
        }
    }

    fn complete(&mut self) -> Result<bool, ModelError> {
        let accumulator = std::mem::take(&mut self.accumulator);
        // Also where the answer turns out to be none.
        if let (Some(usage), Some(spending)) = (accumulator.usage(), &mut self.spending) {
            spending.said(usage);
        }
        let completion = accumulator.complete()?;
        if let Some(usage) = completion.usage {
            self.metrics.tokens_used(usage);
        }
        self.close();
        self.ready.push_back(Event::Done(completion));
        Ok(true)
    }
}

impl Reply {
    /// Nothing more is read.
    fn close(&mut self) {
        self.response = None;
        self.spending = None;
        self.place = None;
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// It is JSON or HTML, which no line of an event stream begins like.
fn is_document(body: &[u8]) -> bool {
    body.trim_ascii_start()
        .first()
        .is_some_and(|byte| b"{[<".contains(byte))
}

/// A successful answer that is no stream: an error after all, or another service.
fn no_stream(body: &str) -> ModelError {
    let value: Option<Value> = serde_json::from_str(body).ok();
    if let Some(error) = value.as_ref().and_then(UpstreamError::within) {
        return error.into_error();
    }
    let detail = Detail::new(format!("no stream but {body}"));
    if body.trim_start().starts_with('<') {
        let hint = HINT_WEB_PAGE;
        return ModelError::Misconfigured { hint, detail };
    }
    ModelError::Malformed(detail)
}

/// An error with its causes. The address stays out: its query may hold a key.
pub(super) fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        told.push_str(": ");
        told.push_str(&inner.to_string());
        cause = inner.source();
    }
    told
}
