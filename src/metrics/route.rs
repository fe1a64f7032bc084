//! Which endpoint a request is for, as a label: one of few, whatever a client asks for.
//!
//! The templates stand in a table beside the filters of `routes` and `console`, and a request is
//! looked up by its path. A label that each endpoint put into its answer would be missing from the
//! answers that no endpoint gives: a wrong method, a query that cannot be read. That the table and
//! the paths of both are the same is for a test to say, which reads all three.

use std::cmp::Reverse;

use once_cell::sync::Lazy;

/// The paths that are served; `{name}` stands for one segment, `{name*}` for all that follow.
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

/// The templates, taken apart, those with the longer beginning in words first: `/api/pipeline/run`
/// is no session.
static BY_WORDS: Lazy<Vec<(&str, Vec<&str>)>> = Lazy::new(|| {
    let mut templates: Vec<_> = TEMPLATES
        .iter()
        .map(|template| (*template, segments(template).collect()))
        .collect();
    templates.sort_by_key(|(template, _)| Reverse(words(template)));
    templates
});

/// The template that a path fits, or [`OTHER`]. Every request asks, so nothing is made on the way.
#[must_use]
pub fn template(path: &str) -> &'static str {
    BY_WORDS
        .iter()
        .find(|(_, template)| fits(template, path))
        .map_or(OTHER, |(name, _)| name)
}

/// The segments of a path as warp sees them: a slash at the end changes nothing.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let all = (!path.is_empty()).then(|| path.split('/'));
    all.into_iter().flatten()
}

fn fits(template: &[&str], path: &str) -> bool {
    let mut path = segments(path);
    for wanted in template {
        if is_rest(wanted) {
            return true;
        }
        let fits = path
            .next()
            .is_some_and(|given| given == *wanted || (is_open(wanted) && !given.is_empty()));
        if !fits {
            return false;
        }
    }
    path.next().is_none()
}

fn is_open(segment: &str) -> bool {
    segment.starts_with('{')
}

fn is_rest(segment: &str) -> bool {
    is_open(segment) && segment.ends_with("*}")
}

/// Which segments are words, the first one weighing most.
fn words(template: &str) -> Vec<bool> {
    segments(template)
        .map(|segment| !is_open(segment))
        .collect()
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

    #[test]
    fn words_come_before_segments_that_are_open() {
        let rest = ["docs", "{file*}"];
        assert!(fits(&rest, "/docs") && fits(&rest, "/docs/a/b") && !fits(&rest, "/doc"));
        assert!(words("/api/pipeline/run") > words("/api/pipeline/{session_id}"));
        assert!(words("/docs/{file*}") < words("/docs/index"));
    }
}
