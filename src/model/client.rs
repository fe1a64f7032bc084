//! Calls of the model: one request, asked again while that may help, and its stream.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header;
use jiff::Timestamp;
use reqwest::{Client, Response, redirect};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::budget::{Spending, TokenBudget};
use super::concurrency::CallPlaces;
use super::error::{Detail, ModelError, Phase};
use super::reply::{Reply, causes};
use super::request::{self, Dialect};
use super::retry::{self, Retry};
use super::settings::ModelSettings;
use super::upstream_error::UpstreamError;
use super::{Message, ToolSpec};
use crate::config::Limits;
use crate::correlation;
use crate::metrics::Metrics;

/// A chat model. Clones share their connections and what they learnt of the server.
#[derive(Clone)]
pub struct Model {
    shared: Arc<Shared>,
    metrics: Metrics,
    places: CallPlaces,
    budget: TokenBudget,
}

struct Shared {
    client: Client,
    settings: Arc<ModelSettings>,
    dialect: Dialect,
}

/// Why no client can be built.
#[derive(Debug, thiserror::Error)]
#[error(
    "the model's client cannot be set up: {cause}. Are the system's CA certificates installed \
     (Debian: the package ca-certificates)?"
)]
pub struct BuildError {
    cause: String,
}

/// How much of the body of an error is read, and for how long.
const ERROR_BODY_MAX: usize = 64 * 1024;
const ERROR_BODY_WAIT: Duration = Duration::from_secs(5);
const HINT_NO_KEY: &str = "Azure OpenAI needs a key; set AZURE_OPENAI_API_KEY or OPENAI_API_KEY";

/// An attempt that failed, and whether another may help.
struct Failed {
    error: ModelError,
    retry: Retry,
}

impl From<ModelError> for Failed {
    fn from(error: ModelError) -> Self {
        let retry = if error.may_pass() {
            Retry::Backoff
        } else {
            Retry::Never
        };
        Self { error, retry }
    }
}

impl Model {
    /// A client for the model.
    ///
    /// # Errors
    /// A system without certificates.
    pub fn new(settings: &ModelSettings) -> Result<Self, BuildError> {
        // Fails where one is installed already, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("mcop-api/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.timeouts.connect)
            // A redirect would hand the key to another host.
            .redirect(redirect::Policy::none())
            .tcp_nodelay(true)
            .http1_only();
        if settings.endpoint.is_local() {
            // A proxy's localhost is another machine.
            builder = builder.no_proxy();
        }
        if settings.endpoint.url().scheme() == "http" {
            // Certificates that are not used need not be installed.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| BuildError {
            cause: causes(error),
        })?;
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                settings: Arc::new(settings.clone()),
                dialect: Dialect::of(settings.endpoint.flavour()),
            }),
            metrics: Metrics::default(),
            places: CallPlaces::new(Limits::default().model_calls),
            budget: TokenBudget::new(None),
        })
    }

    /// The same, its calls counted here.
    #[must_use]
    pub fn counted_by(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// The same with so many calls at one time.
    #[must_use]
    pub fn limited_to(self, calls: NonZeroUsize) -> Self {
        let places = CallPlaces::new(calls);
        Self { places, ..self }
    }

    /// The same, its tokens taken from this budget.
    #[must_use]
    pub fn paid_from(self, budget: TokenBudget) -> Self {
        Self { budget, ..self }
    }

    /// Asks, and waits until the answer begins: up to there, what may pass is tried again. The
    /// call has its place among those at one time until the reply has ended. Dropping the future
    /// or the reply ends the call.
    ///
    /// # Errors
    /// Everything that can go wrong before the answer begins.
    pub async fn ask(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Reply, ModelError> {
        let ends = Instant::now() + self.shared.settings.timeouts.total;
        let place = self.places.take(&self.metrics).await.inspect_err(|busy| {
            self.metrics.upstream_failed(busy);
        })?;
        let mut made = 0;
        loop {
            let failed = match self.attempt(messages, tools, ends).await {
                Ok(reply) => return Ok(reply.in_its(place)),
                Err(failed) => failed,
            };
            self.metrics.upstream_failed(&failed.error);
            let error = failed.error.sealed(&self.shared.settings.endpoint);
            let Some(wait) = self.wait(failed.retry, made) else {
                return Err(error);
            };
            if Instant::now() + wait >= ends {
                return Err(error);
            }
            let told = error.for_operator();
            log::warn!("{told}; trying again in {} ms", wait.as_millis());
            tokio::time::sleep(wait).await;
            self.metrics.upstream_retried();
            made += 1;
        }
    }

    fn wait(&self, retry: Retry, made: u32) -> Option<Duration> {
        let retries = self.shared.settings.retries;
        if made >= retries.most {
            return None;
        }
        match retry {
            Retry::Never => None,
            Retry::After(wait) => Some(wait),
            Retry::Backoff => {
                let (_, random) = Uuid::new_v4().as_u64_pair();
                let chance = f64::from((random & 0xFFFF) as u16) / f64::from(u16::MAX);
                Some(retries.wait(made, chance))
            }
        }
    }

    async fn attempt(
        &self,
        messages: &[Message],
        tools: &[ToolSpec],
        ends: Instant,
    ) -> Result<Reply, Failed> {
        let Shared {
            settings, dialect, ..
        } = &*self.shared;
        if settings.endpoint.flavour().is_azure() && settings.endpoint.auth().is_none() {
            let (hint, detail) = (HINT_NO_KEY, Detail::default());
            return Err(ModelError::Misconfigured { hint, detail }.into());
        }
        let started = Instant::now();
        let mut form = dialect.form();
        let mut tried = Vec::new();
        loop {
            let body = request::body(settings, form, messages, tools);
            let most = settings.max_completion_tokens;
            let mut spending = self.budget.reserve(body.len(), most)?;
            let response = self.send(body, &mut spending, started, ends).await?;
            if response.status().is_success() {
                let metrics = self.metrics.clone();
                let settings = Arc::clone(settings);
                let mut reply = Reply::new(response, settings, metrics, spending, started, ends);
                reply.begin().await?;
                return Ok(reply);
            }
            // What a server refuses it has not read to the model.
            spending.free();
            tried.push(form);
            let (refusal, retry) = refused(response, ends).await;
            match dialect.learn(form, &refusal) {
                Some(other) if !tried.contains(&other) => {
                    log::info!("the model's server wants another request: {other:?}");
                    form = other;
                }
                _ => {
                    let error = refusal.into_error();
                    return Err(Failed { error, retry });
                }
            }
        }
    }

    async fn send(
        &self,
        body: Bytes,
        spending: &mut Spending,
        started: Instant,
        ends: Instant,
    ) -> Result<Response, ModelError> {
        let Shared {
            client, settings, ..
        } = &*self.shared;
        let mut request = client
            .post(settings.endpoint.url().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream, application/json")
            .body(body)
            .headers(correlation::onward());
        if let Some((name, value)) = settings.endpoint.auth() {
            request = request.header(name, value);
        }
        self.metrics.upstream_asked();
        let first_event = started + settings.timeouts.first_event;
        match timeout_at(first_event.min(ends), request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_connect() => {
                spending.free();
                Err(if error.is_timeout() {
                    ModelError::TimedOut(Phase::Connect)
                } else {
                    ModelError::Unreachable(Detail::new(causes(error)))
                })
            }
            Ok(Err(error)) => Err(ModelError::Broken(Detail::new(causes(error)))),
            Err(_) if first_event < ends => Err(ModelError::TimedOut(Phase::FirstEvent)),
            Err(_) => Err(ModelError::TimedOut(Phase::Total)),
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({})", self.shared.settings.endpoint)
    }
}

/// What an error status says, and whether another attempt may help.
async fn refused(response: Response, ends: Instant) -> (UpstreamError, Retry) {
    let status = response.status();
    let retry = retry::after_status(status, response.headers(), Timestamp::now());
    let refusal = UpstreamError::from_body(status.as_u16(), &body_of(response, ends).await);
    if refusal.is_out_of_quota() {
        return (refusal, Retry::Never);
    }
    (refusal, retry)
}

/// The start of a body, as far as it comes in time.
async fn body_of(mut response: Response, ends: Instant) -> String {
    let ends = ends.min(Instant::now() + ERROR_BODY_WAIT);
    let mut body = Vec::new();
    while body.len() < ERROR_BODY_MAX
        && let Ok(Ok(Some(bytes))) = timeout_at(ends, response.chunk()).await
    {
        body.extend_from_slice(&bytes);
    }
    body.truncate(ERROR_BODY_MAX);
    String::from_utf8_lossy(&body).into_owned()
}
