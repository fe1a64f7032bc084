//! Which endpoint a request is for, as a label: one of few, whatever a client asks for.
//!
//! The templates stand in a table beside the filters of `routes`, and a request is
//! looked up by its path. A label that each endpoint put into its answer would be missing from the
//! answers that no endpoint gives: a wrong method, a query that cannot be read. That the table and
//! the paths of both are the same is for a test to say, which reads both.

use std::collections::BTreeMap;

use once_cell::sync::Lazy;

/// The paths that are served; `{name}` stands for one segment.
pub const TEMPLATES: &[&str] = &[
    "/health",
    "/metrics",
    "/ws/{session_id}",
    "/api/chat",
    "/api/pipeline/run",
    "/api/pipeline/{session_id}/status",
    "/api/pipeline/{session_id}/events",
    "/api/pipeline/{session_id}/artifacts",
    "/api/pipeline/{session_id}/artifacts/{file}",
    "/api/pipeline/{session_id}/result",
    "/api/diagram/{session_id}",
    "/api/sessions/{session_id}",
    "/api/tables",
    "/api/tables/{name}",
    "/api/tables/{name}/relationships",
    "/api/tables/{name}/lineage",
    "/api/tables/{name}/diagram",
    "/api/columns",
    "/api/search",
    "/api/schemas",
    "/api/stats",
    "/",
    "/assets/{file}",
    "/samples/{file}",
    "/openapi.json",
    "/docs",
    "/docs/{file}",
];

/// The label of all paths that are not served.
pub const OTHER: &str = "other";

static BY_SEGMENT: Lazy<Node> = Lazy::new(|| {
    let mut root = Node::default();
    for template in TEMPLATES {
        root.add(template);
    }
    root
});

/// The template that a path fits, or [`OTHER`]. Every request asks, so nothing is made on the way.
#[must_use]
pub fn template(path: &str) -> &'static str {
    BY_SEGMENT.find(segments(path)).unwrap_or(OTHER)
}

/// The templates that begin with the same segments.
#[derive(Debug, Default)]
struct Node {
    /// The one that ends here.
    ends: Option<&'static str>,
    /// Those that go on with a word. A path goes to them first: `/api/pipeline/run` is no session.
    words: BTreeMap<&'static str, Self>,
    /// Those that go on with any segment that is not empty.
    open: Option<Box<Self>>,
}

impl Node {
    fn add(&mut self, template: &'static str) {
        let mut node = self;
        for segment in segments(template) {
            node = if segment.starts_with('{') {
                node.open.get_or_insert_default()
            } else {
                node.words.entry(segment).or_default()
            };
        }
        node.ends = Some(template);
    }

    fn find<'p>(&self, mut path: impl Iterator<Item = &'p str> + Clone) -> Option<&'static str> {
        let Some(segment) = path.next() else {
            return self.ends;
        };
        let by_word = self.words.get(segment);
        by_word
            .and_then(|node| node.find(path.clone()))
            .or_else(|| {
                let open = self.open.as_ref().filter(|_| !segment.is_empty())?;
                open.find(path)
            })
    }
}

/// The segments of a path as warp sees them: a slash at the end changes nothing.
fn segments(path: &str) -> impl Iterator<Item = &str> + Clone {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let all = (!path.is_empty()).then(|| path.split('/'));
    all.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_template_that_serves_it_and_every_other_path_has_one_label() {
        for (path, label) in [
            ("/health", "/health"),
            ("/health/", "/health"),
            ("/api/tables", "/api/tables"),
            ("/api/tables/x", "/api/tables/{name}"),
            ("/api/tables/%00\"x", "/api/tables/{name}"),
            ("/api/pipeline/run", "/api/pipeline/run"),
            (
                "/api/pipeline/run/status",
                "/api/pipeline/{session_id}/status",
            ),
            ("/ws/a", "/ws/{session_id}"),
            ("/api/tables//", OTHER),
            ("/api//tables", OTHER),
            ("//health", OTHER),
            ("/Health", OTHER),
            ("/ws", OTHER),
            ("/ws/a/b", OTHER),
            ("", "/"),
            ("/", "/"),
            ("/assets/main.js", "/assets/{file}"),
            ("/assets", OTHER),
            ("*", OTHER),
            ("/api/tables/x/y/z", OTHER),
        ] {
            assert_eq!(template(path), label, "{path}");
        }
    }
}
