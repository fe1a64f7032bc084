//! The errors in the document: one response for each status. Its examples are what the errors
//! themselves answer.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{
    Components, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Schema,
};
use utoipa::{IntoResponses, Modify, ToSchema};

use super::retry_after;
use super::security::challenge;
use crate::authorization::Presented;
use crate::error::{
    Error, InvalidBody, ModelFailedBody, NotCompletedBody, NotFoundBody, Problem, SentenceBody,
    TooManyBody,
};
use crate::explorer::Trouble;

/// A status that refuses a call, and what its answers have in common.
struct Refusal {
    status: StatusCode,
    /// The name of the shared response.
    name: &'static str,
    description: &'static str,
    /// The schema of its body, and of what that holds.
    schemas: Vec<(String, RefOr<Schema>)>,
    /// The name of the first of those.
    body: String,
}

/// One type for each status, to be named by the operations that can answer with it.
macro_rules! refusals {
    ($($(#[doc = $line:literal])+ $name:ident: $status:ident, $body:ty;)+) => {
        $(
            $(#[doc = $line])+
            #[derive(Debug)]
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let shared = Ref::from_response_name(stringify!($name));
                    BTreeMap::from([(StatusCode::$status.as_str().to_owned(), shared.into())])
                }
            }
        )+

        fn refusals() -> Vec<Refusal> {
            vec![$(Refusal {
                status: StatusCode::$status,
                name: stringify!($name),
                description: concat!($($line),+).trim(),
                schemas: schemas::<$body>(),
                body: <$body as ToSchema>::name().into_owned(),
            }),+]
        }
    };
}

refusals! {
    /// The call came at the wrong time, or what came of it could not be read.
    BadRequest: BAD_REQUEST, NotCompletedBody<'_>;
    /// The service has tokens, and the call came with none of them.
    Unauthorized: UNAUTHORIZED, SentenceBody;
    /// A page of an origin that is not in `CORS_ORIGINS` sent the call.
    Forbidden: FORBIDDEN, SentenceBody;
    /// There is no such thing, or no longer.
    NotFound: NOT_FOUND, NotFoundBody<'_>;
    /// `Accept` refuses all media types that the answer can be had in.
    NotAcceptable: NOT_ACCEPTABLE, SentenceBody;
    /// The body took too long to arrive.
    RequestTimeout: REQUEST_TIMEOUT, SentenceBody;
    /// What the call wants to change is in use.
    Conflict: CONFLICT, SentenceBody;
    /// The body, or a text in it, is larger than is accepted.
    TooLarge: PAYLOAD_TOO_LARGE, SentenceBody;
    /// The body declares another media type than JSON.
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, SentenceBody;
    /// The body or a parameter does not fit; everything that is wrong is listed.
    Unprocessable: UNPROCESSABLE_ENTITY, InvalidBody<'_>;
    /// Too much from one caller, or of the language model for one day.
    TooManyRequests: TOO_MANY_REQUESTS, TooManyBody;
    /// The service failed; its log says how, under the `x-request-id`.
    InternalError: INTERNAL_SERVER_ERROR, SentenceBody;
    /// The language model behind the Explorer failed.
    BadGateway: BAD_GATEWAY, ModelFailedBody;
    /// The service is full or stopping.
    Unavailable: SERVICE_UNAVAILABLE, SentenceBody;
}

fn schemas<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

/// Each error as a client can meet it, and what happened.
fn errors() -> Vec<(&'static str, Error)> {
    let not_completed = |status, error: Option<&str>| Error::NotCompleted {
        status,
        error: error.map(str::to_owned),
    };
    vec![
        ("The run goes on", not_completed("running", None)),
        (
            "The run failed",
            not_completed(
                "failed",
                Some("The result is larger than 67108864 bytes, the most that is accepted"),
            ),
        ),
        ("The body broke off", Error::BodyBroken),
        ("No call for a WebSocket", Error::NotAnUpgrade),
        ("No token", Error::Unauthorized(Presented::Nothing)),
        ("A wrong token", Error::Unauthorized(Presented::WrongToken)),
        ("A foreign page", Error::ForeignOrigin),
        ("No session", Error::NoSession),
        ("No run", Error::NoRun),
        ("No diagram", Error::NoDiagram),
        (
            "No table",
            Error::NoTable {
                name: "dimv_suplier".to_owned(),
                suggestions: vec!["dm_bs_purchase.dimv_supplier".to_owned()],
            },
        ),
        (
            "No document",
            Error::NoArtifact {
                name: "report.md".to_owned(),
            },
        ),
        ("No model", Error::NoModel),
        ("A broken document", Error::BrokenDocument),
        (
            "Another media type",
            Error::NotAcceptable {
                offered: vec!["application/json", "text/vnd.mermaid"],
            },
        ),
        ("A slow body", Error::BodyTimeout(Duration::from_secs(10))),
        ("A session in use", Error::SessionInUse),
        (
            "A large document",
            Error::TooLarge {
                what: "The document",
                limit: 1_048_576,
            },
        ),
        ("No JSON", Error::NotJson),
        ("Problems", Error::Invalid(problems())),
        ("A busy session", Error::SessionBusy),
        ("Too many calls", Error::RateLimited { seconds: 3 }),
        ("Too many streams of one", Error::TooManyStreamsOfClient),
        ("Too many sockets of one", Error::TooManySocketsOfClient),
        (
            "The day's tokens are spent",
            Error::BudgetSpent { seconds: 21_600 },
        ),
        ("An internal error", Error::Internal),
        ("A panic", Error::Panicked),
        ("The model refused", Error::Model(Trouble::Filtered)),
        ("Too many runs", Error::Busy),
        ("Too many documents", Error::TooManyDocuments),
        ("Too many sessions", Error::Full),
        ("Too many sockets", Error::TooManySockets),
        ("Too many streams", Error::TooManyStreams),
        ("Stopping", Error::Stopping),
    ]
}

fn problems() -> Vec<Problem> {
    vec![
        Problem {
            kind: "missing",
            loc: vec!["body".into(), "document".into()],
            msg: "Field required".to_owned(),
            ctx: None,
        },
        Problem {
            kind: "less_than_equal",
            loc: vec!["query".into(), "limit".into()],
            msg: "Input should be less than or equal to 1000".to_owned(),
            ctx: Some(json!({ "le": 1000 })),
        },
    ]
}

/// Defines the shared responses.
pub(super) struct SharedErrors;

impl Modify for SharedErrors {
    fn modify(&self, document: &mut Document) {
        let shared = document.components.get_or_insert_with(Components::new);
        for refusal in refusals() {
            shared.schemas.extend(refusal.schemas.clone());
            let response = refusal.response();
            shared
                .responses
                .insert(refusal.name.to_owned(), response.into());
        }
    }
}

impl Refusal {
    fn response(&self) -> Response {
        let examples = errors().into_iter();
        let examples = examples.filter(|(_, error)| error.status() == self.status);
        let examples = examples.map(|(what, error)| {
            let example = ExampleBuilder::new().value(serde_json::to_value(error.body()).ok());
            (what, example.build())
        });
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(self.body.as_str())))
            .examples_from_iter(examples)
            .build();
        let response = ResponseBuilder::new()
            .description(self.description)
            .content("application/json", content);
        let says_when = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        let response = if says_when.contains(&self.status) {
            response.header("Retry-After", retry_after())
        } else if self.status == StatusCode::UNAUTHORIZED {
            response.header("WWW-Authenticate", challenge())
        } else {
            response
        };
        response.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_place_among_the_responses() {
        for (what, error) in errors() {
            assert!(
                refusals()
                    .iter()
                    .any(|refusal| refusal.status == error.status()),
                "{what}"
            );
            // An error without a line here is one without an example.
            match error {
                Error::NoSession
                | Error::NoDiagram
                | Error::NoRun
                | Error::NotAcceptable { .. }
                | Error::SessionInUse
                | Error::NotCompleted { .. }
                | Error::NoTable { .. }
                | Error::NoArtifact { .. }
                | Error::NoModel
                | Error::BrokenDocument
                | Error::TooLarge { .. }
                | Error::NotJson
                | Error::Invalid(_)
                | Error::BodyTimeout(_)
                | Error::BodyBroken
                | Error::Unauthorized(_)
                | Error::ForeignOrigin
                | Error::NotAnUpgrade
                | Error::SessionBusy
                | Error::RateLimited { .. }
                | Error::TooManyStreamsOfClient
                | Error::TooManySocketsOfClient
                | Error::BudgetSpent { .. }
                | Error::TooManyStreams
                | Error::TooManySockets
                | Error::Model(_)
                | Error::Internal
                | Error::Panicked
                | Error::Busy
                | Error::TooManyDocuments
                | Error::Full
                | Error::Stopping => {}
            }
        }
    }
}
