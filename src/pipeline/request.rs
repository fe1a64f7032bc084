//! Tool 0 (stub until the parser lands).
#![allow(missing_docs)]
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectMetadata {
    pub project_name: String,
    pub sponsor: String,
    pub submitted_at: String,
    pub extra: BTreeMap<String, String>,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    pub name: String,
    pub alias: Option<String>,
    pub tables: Vec<String>,
    pub description: Option<String>,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub name: String,
    pub description: Option<String>,
}
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub project_metadata: ProjectMetadata,
    pub goal: String,
    pub scope_in: Vec<String>,
    pub scope_out: Vec<String>,
    pub entities: Vec<Entity>,
    pub metrics: Vec<Metric>,
    pub sources: Vec<String>,
    pub constraints: Vec<String>,
    pub deliverables: Vec<String>,
    #[serde(skip)]
    pub warnings: Vec<String>,
}
#[must_use]
pub fn read(document: &str) -> Request {
    Request {
        goal: document.to_owned(),
        ..Request::default()
    }
}
