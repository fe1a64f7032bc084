//! Drives the real server on a real port.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]
#![allow(unreachable_pub, reason = "one crate: what the modules share is `pub`")]

mod agent;
mod artifacts;
mod authorization;
mod catalog_files;
mod catalog_queries;
mod chat;
mod chat_call;
mod chat_hardening;
mod chat_protocol;
mod chat_tokens;
mod command_line;
mod compression;
mod console;
mod cross_origin;
mod embedded_questions;
mod enrichment;
mod exposition;
mod fault_proxy;
mod faults;
mod foreign_catalogs;
mod fuzz_corpus;
mod headers;
mod idempotency;
mod json_schema;
mod limits;
mod model;
mod model_failures;
mod model_transcripts;
mod openapi;
mod openapi_document;
mod openapi_limits;
mod operators;
mod problem_details;
mod program;
mod progress;
mod queries;
mod request_log;
mod rest;
mod restart;
mod resume;
mod runs;
mod sample_requests;
mod scripted;
mod secrets;
mod seed;
mod serving;
mod session_calls;
mod socket_client;
mod stopping;
mod support;
mod tools;
mod tracing;
mod upstream;
mod wire;
