//! A server on a port of its own, and a client for it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use mcop_api::catalog::Catalog;
use mcop_api::chat::Admission;
use mcop_api::config::{ChatLimits, Config, Limits};
use mcop_api::explorer::Answers;
use mcop_api::runs::Pipeline;
use mcop_api::serve::{Connections, ServeTimes, listen, serve_routes};
use mcop_api::{App, routes};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use warp::filters::BoxedFilter;

/// How long anything in a test may take before it counts as a hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The settings without any variable set.
pub fn config() -> Config {
    Config::from_vars(|_| None).unwrap()
}

/// The settings with these limits.
pub fn config_with(change: impl FnOnce(&mut Limits)) -> Config {
    let mut config = config();
    change(&mut config.limits);
    config
}

/// The settings with these limits of the chat.
pub fn chat_config(change: impl FnOnce(&mut ChatLimits)) -> Config {
    config_with(|limits| change(&mut limits.chat))
}

/// Waits for something that is sure to come.
pub async fn within<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming)
        .await
        .expect("this should not take so long")
}

/// Looks again and again until something is so that no event tells of.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    within(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// A pipeline whose runs wait until what is beside it is dropped, and then fail.
pub fn failing_when_let_go() -> (Arc<Pipeline>, std::sync::mpsc::Sender<()>) {
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let pipeline = move |_, _: &mut dyn FnMut(_)| {
        wait.lock().unwrap().recv().ok();
        panic!("this run fails once it may go on")
    };
    (Arc::new(pipeline), go_on)
}

pub fn at_least_one(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

/// The sample catalog.
pub fn sample() -> Catalog {
    mcop_api::load_catalog(&config()).unwrap().0
}

/// An HTTP client that gives up when a test would count as hanging.
pub fn http_client() -> reqwest::Client {
    // The program brings reqwest with a TLS stack that wants to be told its cryptography.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .unwrap()
}

pub struct Server {
    pub address: String,
    /// How many sockets are open.
    pub admission: Admission,
    /// How many connections are open.
    pub connections: Connections,
    client: reqwest::Client,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

impl Server {
    /// The service as it starts with no setting at all.
    pub async fn start() -> Self {
        Self::with(&config()).await
    }

    pub async fn with(config: &Config) -> Self {
        Self::of(App::new(config, sample(), None)).await
    }

    /// The service around another pipeline.
    pub async fn with_pipeline(config: &Config, pipeline: Arc<Pipeline>) -> Self {
        let app = App::new(config, sample(), None);
        Self::of(App::with_parts(config, app.tools, pipeline, app.explorer)).await
    }

    /// The service around another explorer.
    pub async fn with_explorer(config: &Config, explorer: Arc<dyn Answers>) -> Self {
        let app = App::new(config, sample(), None);
        let knowledge = Arc::clone(&app.knowledge);
        let pipeline = Arc::new(move |request, on_step: &mut dyn FnMut(_)| {
            mcop_api::pipeline::run(&knowledge, request, on_step)
        });
        Self::of(App::with_parts(config, app.tools, pipeline, explorer)).await
    }

    pub async fn of(app: App) -> Self {
        let routes = routes::routes(app.clone());
        Self::of_routes(app, routes, ServeTimes::default()).await
    }

    /// The service with these routes and these times.
    #[expect(clippy::unused_async, reason = "it spawns: there must be a runtime")]
    pub async fn of_routes(
        app: App,
        routes: BoxedFilter<(warp::reply::Response,)>,
        times: ServeTimes,
    ) -> Self {
        let (admission, connections) = (app.admission.clone(), app.connections.clone());
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve_routes(listener, app, routes, times, stop.clone()));
        let client = http_client();
        Self {
            address,
            admission,
            connections,
            client,
            stop,
            served,
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The JSON of a path that answers 200.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub async fn post_chat(&self, body: &Value) -> Response {
        let request = self.request(Method::POST, "/api/chat").json(body);
        request.send().await.unwrap()
    }

    pub async fn post_run(&self, body: &Value) -> Response {
        self.request(Method::POST, "/api/pipeline/run")
            .json(body)
            .send()
            .await
            .unwrap()
    }

    /// Starts a run that is accepted, and says its session.
    pub async fn start_run(&self, body: &Value) -> String {
        let response = self.post_run(body).await;
        assert_eq!(response.status(), 200);
        let started: Value = response.json().await.unwrap();
        started["session_id"].as_str().unwrap().to_owned()
    }

    /// Polls, as clients do, until the run has ended; its last status.
    pub async fn ended(&self, session: &str) -> Value {
        let polling = async {
            loop {
                let status = self.json(&format!("/api/pipeline/{session}/status")).await;
                if status["status"] != "running" {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, polling)
            .await
            .expect("the run should end")
    }

    /// Runs a document and says its result.
    pub async fn result_of(&self, document: &str, options: Value) -> Value {
        let session = self
            .start_run(&json!({ "document": document, "options": options }))
            .await;
        let status = self.ended(&session).await;
        assert_eq!(status["status"], "completed", "{status}");
        self.json(&format!("/api/pipeline/{session}/result")).await
    }

    /// Asks the service to stop and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.served)
            .await
            .expect("the service should stop")
            .unwrap();
    }

    pub fn ask_to_stop(&self) {
        self.stop.cancel();
    }
}
