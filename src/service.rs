//! What every request meets before its endpoint, and every answer after it.
//!
//! Around the filters rather than among them: a request is looked at where it stands, before warp takes
//! it apart, so that nothing of it has to be copied, and what is known of it outlives a handler that panics.

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::Either;
use http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};

use crate::authorization::{Presented, Tokens};
use crate::client::{ClientAddresses, Peer};
use crate::correlation::Correlation;
use crate::cors::{self, Cors};
use crate::error::{self, Error};
use crate::metrics::Metrics;
use crate::rates::{RateKind, Rates};
use crate::{App, access, compression, problem_details, security_headers};

/// The endpoints and what surrounds them: names of calls, preflights and calls that may not go on, an answer
/// for what no endpoint took and for handlers that panic, CORS headers on every answer (or browsers hide a
/// 404 from the page), compression, a line in the log, a count.
#[derive(Clone)]
pub struct Service {
    endpoints: Endpoints,
    around: Arc<Around>,
}

type Endpoints = BoxedFilter<(Response,)>;

struct Around {
    cors: Arc<Cors>,
    tokens: Arc<Tokens>,
    rates: Rates,
    clients: ClientAddresses,
    metrics: Metrics,
}

/// How a client wants whatever it is answered.
struct Wanted {
    origin: cors::Caller,
    gzip: bool,
    problem_details: bool,
}

impl Wanted {
    fn by(headers: &HeaderMap, cors: &Cors) -> Self {
        Self {
            origin: cors.caller(headers),
            gzip: compression::takes_gzip(headers),
            problem_details: problem_details::are_wanted(headers),
        }
    }
}

impl Service {
    /// Around these endpoints.
    #[must_use]
    pub fn new(endpoints: Endpoints, app: &App) -> Self {
        Self {
            endpoints: endpoints.recover(error::recover).unify().boxed(),
            around: Arc::new(Around {
                cors: Arc::clone(&app.cors),
                tokens: Arc::clone(&app.tokens),
                rates: app.rates.clone(),
                clients: app.clients.clone(),
                metrics: app.metrics.clone(),
            }),
        }
    }

    /// The answer to a request that came over a connection from `peer`. Dropped before it is there, its
    /// client has left.
    pub fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response> + Send + use<> {
        let around = Arc::clone(&self.around);
        let peer = Peer(peer);
        let correlation = Correlation::of(request.headers());
        let client = around.clients.in_full(request.headers(), Some(peer));
        let arrived = access::Request::arrived(
            &request,
            correlation.clone(),
            client,
            around.metrics.clone(),
        );
        let wanted = Wanted::by(request.headers(), &around.cors);
        let turned_back = around.turned_back(&request, arrived.route(), peer);
        let answering = if let Some(answer) = turned_back {
            Either::Left(ready(Ok(answer)))
        } else {
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(correlation);
            let endpoints = warp::service(self.endpoints.clone());
            Either::Right(TowerToHyperService::new(endpoints).call(request))
        };
        async move {
            let answered = AssertUnwindSafe(answering).catch_unwind().await;
            let answer = answered.map_or_else(
                |_| around.panicked(&arrived),
                |Ok::<_, Infallible>(answer)| answer,
            );
            around.finished(arrived, wanted, answer)
        }
    }
}

impl Around {
    /// The answer to preflights and to what may not go on: pages of strangers, callers without a token.
    fn turned_back<B>(&self, request: &Request<B>, route: &str, peer: Peer) -> Option<Response> {
        let (method, headers) = (request.method(), request.headers());
        if let Some(answer) = self.cors.preflight(method, headers) {
            return Some(answer);
        }
        if self.cors.is_forged(method, headers) {
            return Some(Error::ForeignOrigin.into_response());
        }
        let presented = self.tokens.check(route, headers).err()?;
        let refusal = match presented {
            Presented::Nothing => Error::Unauthorized(presented),
            // One that goes on guessing is told to wait.
            Presented::WrongToken => {
                let client = self.clients.counted(headers, Some(peer));
                match self.rates.admit(RateKind::Guess, client) {
                    Ok(()) => Error::Unauthorized(presented),
                    Err(wait) => wait.into(),
                }
            }
        };
        Some(refusal.into_response())
    }

    /// The answer to a request whose handler has panicked.
    fn panicked(&self, arrived: &access::Request) -> Response {
        self.metrics.panicked();
        log::error!("request {}: its handler panicked", arrived.id());
        Error::Panicked.into_response()
    }

    /// An answer with what every answer has, as its client wants it.
    fn finished(
        &self,
        arrived: access::Request,
        wanted: Wanted,
        mut response: Response,
    ) -> Response {
        if wanted.problem_details {
            response = problem_details::in_place_of(response);
        }
        let bytes = compression::body_size(response.body());
        security_headers::protect(arrived.route(), &mut response);
        self.cors.apply(wanted.origin, &mut response);
        response = compression::compressed(wanted.gzip, response);
        arrived.answered(&mut response, bytes);
        response
    }
}
