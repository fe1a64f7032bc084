//! The map of the service: one function per endpoint, and the list of them.

use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderMap;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::filters::header::headers_cloned;
use warp::reply::{Reply, Response};

use crate::chat::{Admission, CONTENT_MAX, Chat};
use crate::client::{ClientAddresses, caller};
use crate::correlation::{Correlation, correlation};
use crate::cors::Cors;
use crate::documents::Documents;
use crate::error::Error;
use crate::explorer::tools::Tools;
use crate::filters::{GET, POST, READ, READ_DELETE, Segment, json_body, methods, query, with};
use crate::handlers;
use crate::handlers::chat::{ChatCall, SocketCall, SocketQuery};
use crate::handlers::console::Page;
use crate::handlers::runs::RunCall;
use crate::handlers::shelf::Shelf;
use crate::metrics::{Gauges, Metrics};
use crate::pipeline::Knowledge;
use crate::places::Places;
use crate::rates::{RateKind, Rates, admitted, of_caller};
use crate::runs::Runs;
use crate::serve::Connections;
use crate::sessions::Sessions;
use crate::state::State;
use crate::{App, websocket};

/// All endpoints. What every request and every answer has in common is around them (`service`).
#[must_use]
pub fn routes(app: App) -> BoxedFilter<(Response,)> {
    let gauges = Gauges::of(&app);
    let shelf = Shelf::default();
    // Each route that a request is not for takes its time.
    let frequent = vec![
        health(app.connections.clone(), app.state.clone()),
        list_tables(Arc::clone(&app.knowledge), shelf.clone()),
        table(app.tools.clone(), shelf),
        pipeline_status(app.sessions.clone()),
    ];
    let others = vec![
        metrics(app.metrics.clone(), gauges),
        stats(app.clone()),
        chat_socket(
            app.chat.clone(),
            app.admission,
            app.clients.clone(),
            Arc::clone(&app.cors),
        ),
        chat(app.chat, app.rates.clone(), app.clients.clone()),
        run_pipeline(
            app.runs,
            app.document_bytes,
            app.rates.clone(),
            app.clients.clone(),
        ),
        pipeline_events(
            app.sessions.clone(),
            app.event_streams,
            app.clients.clone(),
            app.metrics,
        ),
        pipeline_result(app.sessions.clone()),
        artifacts(app.sessions.clone(), app.documents.clone()),
        artifact(app.sessions.clone(), app.documents, app.rates, app.clients),
        diagram(app.sessions.clone(), app.tools.clone()),
        session(app.sessions),
        table_relationships(app.tools.clone()),
        table_lineage(app.tools.clone()),
        table_diagram(app.tools.clone()),
        columns(app.tools.clone()),
        search(app.tools),
        schemas(app.knowledge),
        openapi(),
        docs(),
        docs_asset(),
        console(app.document_bytes),
        console_asset(),
        sample_request(),
    ];
    let others = first_of(others);
    frequent
        .into_iter()
        .rfold(others, |later, endpoint| endpoint.or(later).unify().boxed())
}

/// The first of these endpoints that takes a request. Halves of halves: a chain would put a future
/// into a future for each of them, to be moved and dropped with every request.
fn first_of(mut endpoints: Vec<BoxedFilter<(Response,)>>) -> BoxedFilter<(Response,)> {
    let later = endpoints.split_off(endpoints.len().div_ceil(2));
    if later.is_empty() {
        let nothing = warp::any().and_then(|| async { Err(warp::reject::not_found()) });
        return endpoints.pop().unwrap_or_else(|| nothing.boxed());
    }
    first_of(endpoints).or(first_of(later)).unify().boxed()
}

/// `GET /health`
fn health(connections: Connections, state: State) -> BoxedFilter<(Response,)> {
    warp::path!("health")
        .and(methods(READ))
        .map(move || handlers::health(&connections, &state))
        .map(Reply::into_response)
        .boxed()
}

/// `GET /metrics`
fn metrics(metrics: Metrics, gauges: Gauges) -> BoxedFilter<(Response,)> {
    warp::path!("metrics")
        .and(methods(READ))
        .and(with(metrics))
        .and(with(gauges))
        .then(handlers::operators::metrics)
        .map(Reply::into_response)
        .boxed()
}

/// `POST /api/pipeline/run`
fn run_pipeline(
    runs: Runs,
    document_bytes: usize,
    rates: Rates,
    clients: ClientAddresses,
) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / "run")
        .and(methods(POST))
        .and(headers_cloned())
        .and(json_body(
            handlers::runs::body_limit(document_bytes),
            admitted(RateKind::Run, rates, clients),
        ))
        .map(move |headers: HeaderMap, body: Result<Bytes, Error>| {
            let body = body?;
            RunCall::parse(&body, document_bytes)?.keyed(&headers, &body)
        })
        .and(with(runs))
        .then(handlers::runs::run_pipeline)
        .map(Reply::into_response)
        .boxed()
}

/// `WS /ws/{session_id}?partials=&last_seq=`
fn chat_socket(
    chat: Chat,
    admission: Admission,
    clients: ClientAddresses,
    cors: Arc<Cors>,
) -> BoxedFilter<(Response,)> {
    let upgrade = websocket::upgrade()
        .map(Some)
        .or(warp::any().map(|| None))
        .unify();
    let call = warp::path!("ws" / Segment)
        .and(methods(GET))
        .and(warp::query::<SocketQuery>())
        .and(headers_cloned())
        .and(caller(clients))
        .and(correlation())
        .and(upgrade)
        .map(SocketCall::new);
    call.and(with(cors))
        .and(with(admission))
        .and(with(chat))
        .then(handlers::chat::chat_socket)
        .map(Reply::into_response)
        .boxed()
}

/// `POST /api/chat`
fn chat(chat: Chat, rates: Rates, clients: ClientAddresses) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "chat")
        .and(methods(POST))
        .and(json_body(
            handlers::runs::body_limit(CONTENT_MAX),
            admitted(RateKind::Message, rates, clients),
        ))
        .map(|body: Result<Bytes, Error>| body.and_then(|body| ChatCall::parse(&body)))
        .and(with(chat))
        .and(correlation())
        .then(|call, chat, known: Correlation| known.during(handlers::chat::chat(call, chat)))
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/pipeline/{session_id}/status`
fn pipeline_status(sessions: Sessions) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / Segment / "status")
        .and(methods(READ))
        .and(with(sessions))
        .then(handlers::runs::pipeline_status)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/pipeline/{session_id}/events`
fn pipeline_events(
    sessions: Sessions,
    streams: Places,
    clients: ClientAddresses,
    metrics: Metrics,
) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / Segment / "events")
        .and(methods(READ))
        .and(headers_cloned())
        .and(caller(clients))
        .and(with(sessions))
        .and(with(streams))
        .and(with(metrics))
        .then(handlers::runs::events)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/pipeline/{session_id}/result`
fn pipeline_result(sessions: Sessions) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / Segment / "result")
        .and(methods(READ))
        .and(headers_cloned())
        .and(with(sessions))
        .then(handlers::runs::pipeline_result)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/pipeline/{session_id}/artifacts`
fn artifacts(sessions: Sessions, documents: Documents) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / Segment / "artifacts")
        .and(methods(READ))
        .and(with(sessions))
        .and(with(documents))
        .then(handlers::artifacts::list)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/pipeline/{session_id}/artifacts/{file}?wording=`
fn artifact(
    sessions: Sessions,
    documents: Documents,
    rates: Rates,
    clients: ClientAddresses,
) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "pipeline" / Segment / "artifacts" / Segment)
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(of_caller(rates, clients))
        .and(with(sessions))
        .and(with(documents))
        .and(correlation())
        .then(
            |id, name, query, headers, caller, sessions, documents, known: Correlation| {
                known.during(handlers::artifacts::file(
                    id, name, query, headers, caller, sessions, documents,
                ))
            },
        )
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/diagram/{session_id}?focus=&depth=&max_columns=`
fn diagram(sessions: Sessions, tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "diagram" / Segment)
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(sessions))
        .and(with(tools))
        .then(handlers::diagrams::of_run)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/sessions/{session_id}`, `DELETE /api/sessions/{session_id}`
fn session(sessions: Sessions) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "sessions" / Segment)
        .and(methods(READ_DELETE))
        .and(warp::method())
        .and(with(sessions))
        .then(handlers::sessions::session)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/tables?schema=&type=&q=&limit=&offset=`
fn list_tables(knowledge: Arc<Knowledge>, shelf: Shelf) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "tables")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(knowledge))
        .and(with(shelf))
        .then(handlers::catalog::list_tables)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/tables/{name}`
fn table(tools: Tools, shelf: Shelf) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "tables" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .and(with(tools))
        .and(with(shelf))
        .then(handlers::table::details)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/tables/{name}/relationships?limit=&offset=`
fn table_relationships(tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "tables" / Segment / "relationships")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(tools))
        .then(handlers::table::relationships)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/tables/{name}/lineage`
fn table_lineage(tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "tables" / Segment / "lineage")
        .and(methods(READ))
        .and(headers_cloned())
        .and(with(tools))
        .then(handlers::table::lineage)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/tables/{name}/diagram?depth=&max_columns=`
fn table_diagram(tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "tables" / Segment / "diagram")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(tools))
        .then(handlers::diagrams::around_table)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/columns?q=&limit=&offset=`
fn columns(tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "columns")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(tools))
        .then(handlers::catalog::columns)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/search?q=&limit=&offset=`
fn search(tools: Tools) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "search")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(tools))
        .then(handlers::catalog::search)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/schemas?limit=&offset=`
fn schemas(knowledge: Arc<Knowledge>) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "schemas")
        .and(methods(READ))
        .and(query())
        .and(headers_cloned())
        .and(with(knowledge))
        .then(handlers::catalog::schemas)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /api/stats`
fn stats(app: App) -> BoxedFilter<(Response,)> {
    warp::path!("api" / "stats")
        .and(methods(READ))
        .and(with(app))
        .then(handlers::stats)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /openapi.json`
fn openapi() -> BoxedFilter<(Response,)> {
    warp::path!("openapi.json")
        .and(methods(READ))
        .and(headers_cloned())
        .then(handlers::docs::document)
        .boxed()
}

/// `GET /docs/`
fn docs() -> BoxedFilter<(Response,)> {
    warp::path!("docs")
        .and(methods(READ))
        // Behind the methods: asked for the path of a CONNECT, which has none, warp 0.4.3 panics.
        .and(warp::path::full())
        .and(headers_cloned())
        .then(handlers::docs::page)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /docs/{file}`
fn docs_asset() -> BoxedFilter<(Response,)> {
    warp::path!("docs" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .then(handlers::docs::asset)
        .map(Reply::into_response)
        .boxed()
}

/// `GET /`
fn console(document_bytes: usize) -> BoxedFilter<(Response,)> {
    warp::path::end()
        .and(methods(READ))
        .and(headers_cloned())
        .and(with(Page::new(document_bytes)))
        .then(handlers::console::page)
        .boxed()
}

/// `GET /assets/{file}`
fn console_asset() -> BoxedFilter<(Response,)> {
    warp::path!("assets" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .then(handlers::console::asset)
        .boxed()
}

/// `GET /samples/{file}`
fn sample_request() -> BoxedFilter<(Response,)> {
    warp::path!("samples" / Segment)
        .and(methods(READ))
        .and(headers_cloned())
        .then(handlers::console::sample)
        .boxed()
}
