//! Tokens in the document: where a service has them, all but what is open wants one.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Header, ObjectBuilder, OpenApi as Document, Type};
use utoipa::{IntoResponses, Modify};

use super::errors::Unauthorized;
use super::operations_of;
use crate::authorization::{OPEN, Presented};
use crate::metrics::route::template;

const SCHEME: &str = "bearer";

/// Describes the scheme, and says of each operation whether it asks for a token.
pub(super) struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "One of the tokens in `MCOP_API_TOKEN`. A service that has none set asks for none.",
            ))
            .build();
        let shared = document.components.get_or_insert_with(Components::new);
        shared.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
        let none = SecurityRequirement::default();
        let token = SecurityRequirement::new(SCHEME, Vec::<String>::new());
        for (path, item) in &mut document.paths.paths {
            let is_open = OPEN.contains(&template(path));
            for operation in operations_of(item) {
                if is_open {
                    operation.security = Some(Vec::new());
                } else {
                    operation.security = Some(vec![none.clone(), token.clone()]);
                    operation
                        .responses
                        .responses
                        .extend(Unauthorized::responses());
                }
            }
        }
    }
}

/// Which scheme a refused call is to use.
pub(super) fn challenge() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples([Presented::Nothing.challenge().to_str().unwrap_or_default()]),
        ))
        .description(Some("The scheme to use (RFC 6750, section 3)."))
        .build()
}
