//! Cross-origin calls (Fetch standard, "CORS protocol").
//!
//! Own code instead of `warp::cors`, which sends no `Vary`, answers a foreign origin's
//! simple request with 403 where browsers need nothing but the missing headers, and does
//! not know that a page of this very host is no stranger.

use std::fmt;
use std::str::FromStr;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use warp::reply::{Reply, Response};

use crate::error;
use crate::filters::declares_json;

/// `scheme://host[:port]`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin as browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginError {
    /// The wildcard, which the Fetch standard forbids together with credentials.
    Wildcard,
    /// Anything else that no browser would send.
    Malformed,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wildcard => "would let every page use the caller's credentials; list the origins",
            Self::Malformed => "is not an origin such as http://localhost:3000",
        })
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        if text == "*" {
            return Err(OriginError::Wildcard);
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        let uri: http::Uri = text.parse().map_err(|_| OriginError::Malformed)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(OriginError::Malformed);
        };
        let origin = format!("{scheme}://{authority}");
        // Paths, queries and user names belong to URLs, not to origins.
        let same = origin.eq_ignore_ascii_case(text) && !authority.as_str().contains('@');
        if same && ["http", "https"].contains(&scheme) {
            Ok(Self(origin.to_ascii_lowercase()))
        } else {
            Err(OriginError::Malformed)
        }
    }
}

/// What a browser is told about a request's origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// No `Origin`, or this host's own page: nothing to say.
    SameSite,
    /// A listed origin.
    Allowed(HeaderValue),
    /// Any other page.
    Foreign,
}

/// The origins that may call.
#[derive(Debug)]
pub struct Cors {
    allowed: Vec<Origin>,
}

/// Seconds for which a browser may remember a preflight.
const PREFLIGHT_AGE: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue =
    HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
const TRUE: HeaderValue = HeaderValue::from_static("true");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-request-id, retry-after, etag, content-disposition, idempotent-replayed",
);

impl Cors {
    /// Allows these origins.
    #[must_use]
    pub fn new(allowed: Vec<Origin>) -> Self {
        Self { allowed }
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        let Some(value) = headers.get(header::ORIGIN) else {
            return Caller::SameSite;
        };
        let Ok(origin) = value.to_str() else {
            return Caller::Foreign;
        };
        let origin = origin.to_ascii_lowercase();
        if self
            .allowed
            .iter()
            .any(|allowed| allowed.as_str() == origin)
        {
            return Caller::Allowed(value.clone());
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .map(str::to_ascii_lowercase);
        match (origin.split_once("://"), host) {
            (Some((_, authority)), Some(host)) if authority == host => Caller::SameSite,
            _ => Caller::Foreign,
        }
    }

    /// Whether a stranger's page would have the service work unasked: browsers send a body that is plain
    /// text, a form or of no type for any page, and ask for leave only where it is declared to be JSON.
    #[must_use]
    pub fn is_forged(&self, method: &Method, headers: &HeaderMap) -> bool {
        !method.is_safe() && !declares_json(headers) && self.caller(headers) == Caller::Foreign
    }

    /// The answer to a preflight; `None` for every other request.
    #[must_use]
    pub fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let asks = method == Method::OPTIONS
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
            && headers.contains_key(header::ORIGIN);
        if !asks {
            return None;
        }
        if self.caller(headers) == Caller::Foreign {
            return Some(error::respond(
                StatusCode::BAD_REQUEST,
                &error::detail("Disallowed CORS origin"),
            ));
        }
        let mut response = warp::reply::with_status("OK", StatusCode::OK).into_response();
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
        if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        Some(response)
    }

    /// Adds what the browser needs to hand an answer, good or bad, to the page.
    pub fn apply(&self, caller: Caller, response: &mut Response) {
        let headers = response.headers_mut();
        // Always: a cache must not give one origin's answer to another.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Caller::Allowed(origin) = caller {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_and_this_very_host_are_no_strangers() {
        let cors = Cors::new(vec![
            "http://localhost:3000".parse().unwrap(),
            "https://App.Example/".parse().unwrap(),
        ]);
        let caller = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("api.example:8000"));
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
            cors.caller(&headers)
        };
        assert_eq!(
            caller("http://localhost:3000"),
            Caller::Allowed(HeaderValue::from_static("http://localhost:3000"))
        );
        assert_eq!(
            caller("https://app.example"),
            Caller::Allowed(HeaderValue::from_static("https://app.example"))
        );
        assert_eq!(caller("http://api.example:8000"), Caller::SameSite);
        for foreign in [
            "null",
            "http://localhost:3001",
            "http://localhost:3000.evil.example",
            "https://evil.example",
            "",
        ] {
            assert_eq!(caller(foreign), Caller::Foreign, "{foreign}");
        }
        assert_eq!(cors.caller(&HeaderMap::new()), Caller::SameSite);
    }
}
