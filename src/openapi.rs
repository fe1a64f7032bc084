//! The OpenAPI document, made from the handlers and types that serve: their doc comments are its
//! descriptions, their fields its schemas, and the errors answer for their own examples.
//!
//! Pages for people (`/docs/`, the console) are no part of the API and not in it.

pub mod errors;
pub mod parameters;
mod security;

use bytes::Bytes;
use once_cell::sync::Lazy;
use serde_json::{Map, Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, SchemaFormat};
use utoipa::openapi::{
    Components, Header, ObjectBuilder, OpenApi as Document, PathItem, Ref, RefOr, Response, Schema,
    Type,
};
use utoipa::{Modify, OpenApi};

use crate::chat::{ClientFrame, ServerFrame};
use crate::handlers;
use crate::runs::events::RunEvent;
use errors::SharedErrors;
use security::Tokens;

/// The document, in JSON.
#[must_use]
pub fn document() -> Bytes {
    DOCUMENT.clone()
}

static DOCUMENT: Lazy<Bytes> = Lazy::new(|| {
    let mut document = Api::openapi();
    // Read from Cargo.toml, which names none.
    document.info.license = None;
    // Texts, numbers and maps with keys that are strings: writing them cannot fail.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let schemas = document.pointer("/components/schemas").cloned();
    if let (Some(Value::Object(named)), Value::Object(parts)) = (schemas, &mut document) {
        for part in parts.values_mut() {
            use_names(part, &named);
        }
    }
    Bytes::from(document.to_string())
});

/// Puts a reference for each item of a list whose schema has a name: `utoipa` writes the arguments
/// of generic types out.
fn use_names(part: &mut Value, named: &Map<String, Value>) {
    match part {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name =
                    (field == "items").then(|| named.iter().find(|(_, schema)| *schema == value));
                match name.flatten() {
                    Some((name, _)) => {
                        *value = json!({ "$ref": format!("#/components/schemas/{name}") });
                    }
                    None => use_names(value, named),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| use_names(value, named)),
        _ => {}
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Metadata Copilot Pipeline API",
        description = include_str!("openapi/description.md"),
    ),
    servers((url = "/", description = "The host that this document comes from.")),
    tags(
        (name = "Pipeline", description = "Runs: a business request in, an analysed data mart and its diagram out."),
        (name = "Chat", description = "Questions about the catalog and about runs."),
        (name = "Catalog", description = "Tables, columns, schemas and how they hang together."),
        (name = "Service", description = "How the service is, and what it can do."),
    ),
    paths(
        handlers::runs::run_pipeline,
        handlers::runs::pipeline_status,
        handlers::runs::events,
        handlers::runs::pipeline_result,
        handlers::artifacts::list,
        handlers::artifacts::file,
        handlers::diagrams::of_run,
        handlers::sessions::show,
        handlers::sessions::delete,
        handlers::chat::chat_socket,
        handlers::chat::chat,
        handlers::catalog::list_tables,
        handlers::table::details,
        handlers::table::relationships,
        handlers::table::lineage,
        handlers::diagrams::around_table,
        handlers::catalog::columns,
        handlers::catalog::search,
        handlers::catalog::schemas,
        handlers::health,
        handlers::stats,
        handlers::operators::metrics,
        handlers::docs::document,
    ),
    components(schemas(RunEvent, ServerFrame, ClientFrame)),
    modifiers(&SharedErrors, &ExclusiveVariants, &Tokens, &Headers),
)]
struct Api;

/// Schemas whose variants nothing tells apart but their fields.
const UNTAGGED: [&str; 2] = ["RunEvent", "Counts"];

/// Closes the variants of untagged enums: the fields of one may be some of those of another, and
/// exactly one is to fit.
struct ExclusiveVariants;

impl Modify for ExclusiveVariants {
    fn modify(&self, document: &mut Document) {
        let schemas = document.components.iter_mut().map(|all| &mut all.schemas);
        for (name, schema) in schemas.flatten() {
            if !UNTAGGED.contains(&name.as_str()) {
                continue;
            }
            let RefOr::T(Schema::OneOf(variants)) = schema else {
                continue;
            };
            for variant in &mut variants.items {
                if let RefOr::T(Schema::Object(object)) = variant {
                    object.additional_properties =
                        Some(Box::new(AdditionalProperties::FreeForm(false)));
                }
            }
        }
    }
}

/// Adds the headers that answers have in common.
struct Headers;

impl Modify for Headers {
    fn modify(&self, document: &mut Document) {
        let shared = document.components.get_or_insert_with(Components::new);
        for (name, header) in [("RequestId", request_id()), ("ETag", entity_tag())] {
            shared.headers.insert(name.to_owned(), header.into());
        }
        for response in shared.responses.values_mut().filter_map(of_its_own) {
            add(response, "x-request-id", "RequestId");
        }
        for operation in operations(document) {
            let answers = &mut operation.responses.responses;
            let has_tag = answers.contains_key("304");
            for (status, answer) in answers {
                let Some(answer) = of_its_own(answer) else {
                    continue;
                };
                add(answer, "x-request-id", "RequestId");
                if has_tag && ["200", "304"].contains(&status.as_str()) {
                    add(answer, "ETag", "ETag");
                }
            }
        }
    }
}

fn operations(document: &mut Document) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(operations_of)
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let operations = [&mut item.get, &mut item.post, &mut item.delete];
    operations.into_iter().flatten()
}

/// A response that stands where it is used, or where it is defined.
fn of_its_own(response: &mut RefOr<Response>) -> Option<&mut Response> {
    match response {
        RefOr::T(response) => Some(response),
        RefOr::Ref(_) => None,
    }
}

fn add(response: &mut Response, name: &str, shared: &str) {
    let header = Ref::new(format!("#/components/headers/{shared}"));
    response.headers.insert(name.to_owned(), RefOr::Ref(header));
}

fn request_id() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^[A-Za-z0-9._-]{1,64}$"))
                .examples([json!("0b2f6a4e-3f0e-4c5e-8d53-9f0f7c6f2f11")]),
        ))
        .description(Some(
            "What the log calls this call: the `x-request-id` of the request where it is 1 to 64 characters from `A-Z a-z 0-9 . _ -`, else a new one.",
        ))
        .build()
}

fn entity_tag() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples([json!("W/\"5f1d7a4b9c2e8d30\"")]),
        ))
        .description(Some(
            "A weak tag of the answer. Sent back as `If-None-Match` it makes the answer 304 for as long as nothing has changed.",
        ))
        .build()
}

/// When to try again.
fn retry_after() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
                .minimum(Some(0))
                .examples([json!(1)]),
        ))
        .description(Some("After how many seconds to try again."))
        .build()
}
