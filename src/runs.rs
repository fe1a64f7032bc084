//! Pipeline runs in the background: a bounded number at once, a bounded number waiting.

pub mod events;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::ToSchema;

use crate::conditional;
use crate::config::Limits;
use crate::error::Error;
use crate::metrics::{Metrics, RunOutcome};
use crate::pipeline::{Outputs, Progress, RunRequest, Step};
use crate::sessions::{Begun, Finished, RunKey, SessionId, Sessions, Status};
use events::{RunEvent, RunEvents};

/// What turns a request into outputs, telling each step as it begins and as it ends.
pub type Pipeline = dyn Fn(RunRequest, &mut dyn FnMut(Progress)) -> Outputs + Send + Sync;

/// What a run has found, and how long it took.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunResult<'a> {
    /// The run's session.
    session_id: &'a SessionId,
    /// `completed`.
    status: Status,
    /// The last step.
    #[schema(required)]
    current_step: Option<Step>,
    #[serde(flatten)]
    outputs: &'a Outputs,
    /// When each step ran, in order.
    step_timings: &'a [StepTiming],
    /// How long the run took, without its wait for a place.
    #[schema(minimum = 0, example = 1.5)]
    total_duration_seconds: f64,
    /// Null: a run that failed has no result.
    #[schema(required, example = json!(null))]
    error: Option<String>,
}

/// When a step ran.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepTiming {
    /// The step.
    step: Step,
    /// When it began, in UTC.
    #[schema(format = DateTime, example = "2026-01-31T10:30:05.123Z")]
    started_at: String,
    /// When it ended, in UTC.
    #[schema(format = DateTime, example = "2026-01-31T10:30:05.124Z")]
    completed_at: String,
    /// How long it took.
    #[schema(minimum = 0, example = 0.25)]
    duration_seconds: f64,
}

/// What became of a call to start a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It is under way, in this session.
    New(SessionId),
    /// The same call under the same key has started it before.
    Before(SessionId),
    /// Another call was made under its key; nothing was started.
    OtherCall,
}

/// Starts runs and keeps count of them.
#[derive(Clone)]
pub struct Runs {
    sessions: Sessions,
    pipeline: Arc<Pipeline>,
    /// How many may be under way.
    at_once: usize,
    /// How many may wait or be under way.
    in_all: usize,
    /// Places for runs that wait or are under way.
    admitted: Arc<Semaphore>,
    /// Places for runs that are under way.
    underway: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Ends the runs that are under way and waiting, unfinished.
    interrupted: CancellationToken,
    metrics: Metrics,
}

/// What the client reads where a tool panicked; the log has the rest.
const BROKEN: &str =
    "The run ended in an internal error. It was logged; try again or report the session id.";

impl Runs {
    /// Runs `pipeline` under these limits and notes outcomes in `sessions`.
    #[must_use]
    pub fn new(
        sessions: Sessions,
        pipeline: Arc<Pipeline>,
        limits: Limits,
        metrics: Metrics,
    ) -> Self {
        let at_once = limits.concurrent_runs.get().min(Semaphore::MAX_PERMITS);
        let in_all = at_once
            .saturating_add(limits.queued_runs)
            .min(Semaphore::MAX_PERMITS);
        Self {
            sessions,
            pipeline,
            at_once,
            in_all,
            admitted: Arc::new(Semaphore::new(in_all)),
            underway: Arc::new(Semaphore::new(at_once)),
            tasks: TaskTracker::new(),
            interrupted: CancellationToken::new(),
            metrics,
        }
    }

    /// Starts a run in the background and says under which session to find it; or finds the one that
    /// the same call has started under the same key.
    ///
    /// # Errors
    /// [`Error::Stopping`] after [`Runs::refuse`], [`Error::Busy`] where too
    /// many wait, [`Error::Full`] where no session can be made.
    pub fn start(&self, request: RunRequest, key: Option<RunKey>) -> Result<Start, Error> {
        if self.tasks.is_closed() {
            return Err(Error::Stopping);
        }
        let events = Arc::new(RunEvents::default());
        let admit = || {
            let place = Arc::clone(&self.admitted).try_acquire_owned();
            place.map_err(|_| Error::Busy)
        };
        let (id, place) = match self.sessions.begin_run(Arc::clone(&events), key, admit)? {
            Begun::New(id, place) => (id, place),
            Begun::Before(id) => return Ok(Start::Before(id)),
            Begun::OtherCall => return Ok(Start::OtherCall),
        };
        // Tracked, not tied to the connection: the client may leave at once.
        let run = Run {
            id: id.clone(),
            events,
            sessions: self.sessions.clone(),
            pipeline: Arc::clone(&self.pipeline),
            metrics: self.metrics.clone(),
        };
        let carried_out = run.carry_out(
            request,
            Arc::clone(&self.underway),
            place,
            self.interrupted.clone(),
        );
        self.tasks.spawn(carried_out);
        Ok(Start::New(id))
    }

    /// How many runs are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.at_once - self.underway.available_permits()
    }

    /// How many runs wait for a place.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let admitted = self.in_all - self.admitted.available_permits();
        // The two are read one after the other, and a run may begin or end between.
        admitted.saturating_sub(self.under_way())
    }

    /// Takes no more runs from here on.
    pub fn refuse(&self) {
        self.tasks.close();
    }

    /// Takes no more runs, and ends as failed those that are under way or waiting. What they are at goes on
    /// for nothing: a step cannot be stopped in its middle.
    pub fn interrupt(&self) {
        self.refuse();
        let ended = self.sessions.interrupt();
        if ended > 0 {
            log::warn!("{ended} runs were interrupted by the end of the service");
        }
        self.interrupted.cancel();
    }

    /// Takes no more runs and waits for those that are under way or waiting.
    pub async fn drained(&self) {
        self.refuse();
        self.tasks.wait().await;
    }
}

/// One run.
struct Run {
    id: SessionId,
    events: Arc<RunEvents>,
    sessions: Sessions,
    pipeline: Arc<Pipeline>,
    metrics: Metrics,
}

impl Run {
    async fn carry_out(
        self,
        request: RunRequest,
        underway: Arc<Semaphore>,
        place: OwnedSemaphorePermit,
        interrupted: CancellationToken,
    ) {
        let accepted = Instant::now();
        let turn = tokio::select! {
            turn = underway.acquire_owned() => turn,
            () = interrupted.cancelled() => return,
        };
        let Ok(_turn) = turn else {
            return self.fail(BROKEN.to_owned());
        };
        let started = Instant::now();
        self.metrics.run_waited(started.duration_since(accepted));
        let run = Arc::new(self);
        let here = Arc::clone(&run);
        // Off the async workers: a large catalog keeps a core busy for seconds.
        let work = tokio::task::spawn_blocking(move || {
            std::panic::catch_unwind(AssertUnwindSafe(|| here.carry_out_here(request)))
        });
        let outcome = tokio::select! {
            worked = work => worked.ok().and_then(Result::ok).unwrap_or_else(|| {
                log::error!("run {}: a tool panicked", run.id);
                run.fail(BROKEN.to_owned());
                RunOutcome::Failed
            }),
            () = interrupted.cancelled() => RunOutcome::Failed,
        };
        run.metrics.run_ended(outcome, started.elapsed());
        drop(place);
    }

    fn carry_out_here(&self, request: RunRequest) -> RunOutcome {
        let Self { id, sessions, .. } = self;
        let mut stopwatch = Stopwatch::start();
        let outputs = (self.pipeline)(request, &mut |progress| match progress {
            Progress::Begun(step) => {
                stopwatch.begin(step);
                sessions.set_step(id, step);
                self.events.tell(RunEvent::step_started(step));
            }
            Progress::Ended(step, counts) => {
                let took = stopwatch.end();
                self.metrics.step_ended(step, took);
                self.events
                    .tell(RunEvent::step_completed(step, took, counts));
            }
        });
        let total_duration_seconds = stopwatch.stop();
        let result = RunResult {
            session_id: id,
            status: Status::Completed,
            current_step: stopwatch.timings.last().map(|timing| timing.step),
            outputs: &outputs,
            step_timings: &stopwatch.timings,
            total_duration_seconds,
            error: None,
        };
        let body = match serde_json::to_vec(&result) {
            Ok(body) => Bytes::from(body),
            Err(error) => {
                log::error!("run {id}: its result cannot be written: {error}");
                self.fail(BROKEN.to_owned());
                return RunOutcome::Failed;
            }
        };
        let bytes = body.len();
        let finished = Finished {
            result_tag: conditional::tag(&body).into(),
            result: body,
            diagram: outputs.diagram.into(),
            drawn: Arc::new(outputs.drawn),
            seconds: total_duration_seconds,
        };
        match sessions.complete(id, finished) {
            Ok(()) => {
                log::info!("run {id}: completed in {total_duration_seconds:.3} s, {bytes} bytes");
                RunOutcome::Completed
            }
            Err(too_large) => {
                self.fail(too_large.to_string());
                RunOutcome::Failed
            }
        }
    }

    fn fail(&self, error: String) {
        log::warn!("run {}: failed: {error}", self.id);
        self.sessions.fail(&self.id, error);
    }
}

/// Times the steps of one run.
struct Stopwatch {
    started: Instant,
    current: Option<(Step, Timestamp, Instant)>,
    timings: Vec<StepTiming>,
}

impl Stopwatch {
    fn start() -> Self {
        Self {
            started: Instant::now(),
            current: None,
            timings: Vec::new(),
        }
    }

    fn begin(&mut self, step: Step) {
        self.end();
        self.current = Some((step, Timestamp::now(), Instant::now()));
    }

    /// Ends the step that is under way, if one is; how long it took, in seconds.
    fn end(&mut self) -> f64 {
        let Some((step, started_at, started)) = self.current.take() else {
            return 0.0;
        };
        let duration_seconds = seconds(started);
        self.timings.push(StepTiming {
            step,
            started_at: rfc3339(started_at),
            completed_at: rfc3339(Timestamp::now()),
            duration_seconds,
        });
        duration_seconds
    }

    fn stop(&mut self) -> f64 {
        self.end();
        seconds(self.started)
    }
}

/// Seconds since then, to the microsecond.
fn seconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e6
}

/// A point in time as the contract writes it: UTC, to the millisecond.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Sessions;

    #[tokio::test]
    async fn no_run_begins_once_the_service_is_stopping() {
        let limits = Limits::default();
        let sessions = Sessions::new(limits);
        let runs = Runs::new(
            sessions.clone(),
            Arc::new(|_, _| panic!("must not run")),
            limits,
            Metrics::default(),
        );
        runs.refuse();
        let request = RunRequest {
            document: "x".to_owned(),
            scope: None,
            max_columns: 5,
            warnings: Vec::new(),
        };
        assert!(matches!(runs.start(request, None), Err(Error::Stopping)));
        assert_eq!(sessions.count(), 0);
        runs.drained().await;
    }
}
