//! What there is at the moment somebody asks, read where it is kept.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::runtime::Handle;

use super::ByReason;
use super::series::Series;
use crate::chat::Admission;
use crate::model::budget::TokenBudget;
use crate::pipeline::Knowledge;
use crate::places::Places;
use crate::runs::Runs;
use crate::serve::Connections;
use crate::sessions::Sessions;
use crate::state::{Condition, State};
use crate::{App, Started};

/// The parts of the service that know how much they hold.
#[derive(Clone)]
pub struct Gauges {
    connections: Connections,
    admission: Admission,
    event_streams: Places,
    budget: TokenBudget,
    runs: Runs,
    sessions: Sessions,
    state: State,
    knowledge: Arc<Knowledge>,
    started: Started,
}

impl Gauges {
    /// Of this application.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            connections: app.connections.clone(),
            admission: app.admission.clone(),
            event_streams: app.event_streams.clone(),
            budget: app.budget.clone(),
            runs: app.runs.clone(),
            sessions: app.sessions.clone(),
            state: app.state.clone(),
            knowledge: Arc::clone(&app.knowledge),
            started: app.started,
        }
    }

    /// What every process has, under the name that all of them use.
    pub(super) fn register_process(&self, registry: &mut Registry) {
        let since_epoch = self.started.at.duration_since(Timestamp::UNIX_EPOCH);
        let started = ConstGauge::new(since_epoch.as_secs_f64());
        let text = "When the service started, as Unix time";
        registry.register_with_unit("process_start_time", text, Unit::Seconds, started);
    }

    /// Reads all of them. Each is behind a lock or a count that is held for a few words.
    pub(super) fn register(&self, registry: &mut Registry) {
        let mut gauge = |name: &str, help: &str, value: usize| {
            registry.register(name, help, ConstGauge::new(wide(value)));
        };
        let text = "HTTP connections that are open, WebSockets not counted";
        gauge("connections_open", text, self.connections.open());
        let text = "WebSockets that are open";
        gauge("sockets_open", text, self.admission.open());
        let text = "Streams of runs' events that are open";
        gauge("event_streams_open", text, self.event_streams.taken());
        let text = "Pipeline runs that are under way";
        gauge("runs_under_way", text, self.runs.under_way());
        let text = "Pipeline runs that wait for a place";
        gauge("runs_waiting", text, self.runs.waiting());
        gauge("sessions", "Sessions that are kept", self.sessions.count());
        let text = "1 while sessions cannot be written to STATE_DIR, else 0";
        let failing = self.state.condition() == Condition::Failing;
        gauge("state_failing", text, usize::from(failing));
        // Outside of a runtime nothing asks.
        let tasks = Handle::try_current().map_or(0, |runtime| runtime.metrics().num_alive_tasks());
        gauge("tasks", "Tasks that have not ended", tasks);
        let catalog = &self.knowledge.catalog;
        let text = "Schemas of the catalog";
        gauge("catalog_schemas", text, catalog.schemas().len());
        let text = "Tables of the catalog";
        gauge("catalog_tables", text, catalog.tables().len());
        let text = "Columns of the catalog";
        gauge("catalog_columns", text, catalog.column_count());

        if let Some(left) = self.budget.left() {
            let text = "Tokens of the model that are left for this day";
            registry.register("model_tokens_left", text, ConstGauge::new(left));
        }
        let text = "Results, diagrams and conversations that are kept";
        let bytes = ConstGauge::new(wide(self.sessions.bytes()));
        registry.register_with_unit("session_contents", text, Unit::Bytes, bytes);
        let forgotten = self.sessions.forgotten();
        let reasons: Series<ByReason, Counter> = Series::new(Counter::default);
        for (reason, count) in [
            ("expired", forgotten.expired),
            ("evicted", forgotten.evicted),
        ] {
            reasons.of(&ByReason { reason }).inc_by(count);
        }
        let text = "Sessions forgotten because nobody used them, or to make room";
        registry.register("sessions_forgotten", text, reasons);
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauges").finish_non_exhaustive()
    }
}
