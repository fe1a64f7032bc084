//! The console: what is served, with which headers, and what the page is made of.

use std::collections::BTreeSet;

use reqwest::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use reqwest::{Method, Response};

use crate::support::{Server, config_with};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types diagram";

/// The parts of the page that are not scripts.
const PARTS: [(&str, &str, &str); 6] = [
    ("/", "text/html; charset=utf-8", "index.html"),
    (
        "/assets/console.css",
        "text/css; charset=utf-8",
        "console.css",
    ),
    ("/assets/icon.svg", "image/svg+xml", "icon.svg"),
    ("/samples/cs.md", "text/markdown; charset=utf-8", "cs.md"),
    ("/samples/en.md", "text/markdown; charset=utf-8", "en.md"),
    ("/samples/sk.md", "text/markdown; charset=utf-8", "sk.md"),
];

/// The files of a folder of the repository, by name.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

fn is_guarded(response: &Response, path: &str) {
    assert_eq!(
        header(response, CONTENT_SECURITY_POLICY.as_str()),
        POLICY,
        "{path}"
    );
    assert_eq!(
        header(response, X_CONTENT_TYPE_OPTIONS.as_str()),
        "nosniff",
        "{path}"
    );
    assert_eq!(
        header(response, REFERRER_POLICY.as_str()),
        "no-referrer",
        "{path}"
    );
    assert_eq!(
        header(response, "cross-origin-opener-policy"),
        "same-origin",
        "{path}"
    );
    assert_eq!(
        header(response, "cross-origin-resource-policy"),
        "same-origin",
        "{path}"
    );
    assert_eq!(
        header(response, CACHE_CONTROL.as_str()),
        "private, no-cache",
        "{path}"
    );
    let permissions = header(response, "permissions-policy");
    assert!(
        permissions
            .split(", ")
            .all(|feature| feature.ends_with("=()")),
        "{path}: {permissions}"
    );
}

#[tokio::test]
async fn every_part_of_the_console_is_served_with_its_type_and_guarded() {
    let server = Server::start().await;
    for (path, media_type, _) in PARTS {
        let response = server.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(
            header(&response, CONTENT_TYPE.as_str()),
            media_type,
            "{path}"
        );
        is_guarded(&response, path);
    }
    for (name, content) in files("assets/console") {
        let path = format!("/assets/{name}");
        let response = server.get(&path).await;
        if name == "index.html" {
            assert_eq!(response.status(), 404, "the page is at the root only");
            continue;
        }
        assert_eq!(
            response.status(),
            200,
            "{path} is in the folder and not served"
        );
        is_guarded(&response, &path);
        if name
            .split_once('.')
            .is_some_and(|(_, ending)| ending == "js")
        {
            let media_type = header(&response, CONTENT_TYPE.as_str());
            assert_eq!(media_type, "text/javascript; charset=utf-8", "{path}");
        }
        assert_eq!(response.text().await.unwrap(), content, "{path}");
    }
    for (name, content) in files("data/requests") {
        let sample = server.get(&format!("/samples/{name}")).await;
        assert_eq!(sample.text().await.unwrap(), content, "{name}");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_part_is_not_sent_it_again() {
    let server = Server::start().await;
    let mut tags = BTreeSet::new();
    for (path, ..) in PARTS {
        let first = server.get(path).await;
        let tag = header(&first, ETAG.as_str()).to_owned();
        assert!(
            tag.starts_with("W/\"") && tag.ends_with('"'),
            "{path}: {tag}"
        );
        for known in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = server
                .request(Method::GET, path)
                .header(IF_NONE_MATCH, &known)
                .send()
                .await
                .unwrap();
            assert_eq!(again.status(), 304, "{path} with {known}");
            assert_eq!(header(&again, ETAG.as_str()), tag, "{path}");
            is_guarded(&again, path);
            assert_eq!(again.bytes().await.unwrap().len(), 0, "{path}");
        }
        for unknown in ["\"x\"", "garbage", "W/", ""] {
            let anew = server
                .request(Method::GET, path)
                .header(IF_NONE_MATCH, unknown)
                .send()
                .await
                .unwrap();
            assert_eq!(anew.status(), 200, "{path} with {unknown:?}");
        }
        assert!(tags.insert(tag), "{path} has the tag of another part");
    }
}

#[tokio::test]
async fn what_is_no_part_is_404_and_only_reading_is_allowed() {
    let server = Server::start().await;
    for path in [
        "/assets",
        "/assets/",
        "/assets/none.js",
        "/assets/console.css/x",
        "/assets/..%2fconsole.css",
        "/samples/de.md",
        "/samples/",
        "/index.html",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"detail":"Not Found"}"#,
            "{path}"
        );
    }
    for (path, media_type, _) in PARTS {
        let refused = server.request(Method::POST, path).body("").send();
        let refused = refused.await.unwrap();
        assert_eq!(refused.status(), 405, "{path}");
        assert_eq!(header(&refused, ALLOW.as_str()), "GET, HEAD", "{path}");
        let head = server.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(header(&head, CONTENT_TYPE.as_str()), media_type, "{path}");
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn the_page_knows_the_most_bytes_of_a_document() {
    let pages = [1_048_576, 2_000].map(async |bytes| {
        let server = Server::with(&config_with(|limits| limits.document_bytes = bytes)).await;
        let page = server.get("/").await.text().await.unwrap();
        assert!(
            page.contains(&format!("data-document-bytes=\"{bytes}\"")),
            "{page}"
        );
        assert!(
            !page.contains('{'),
            "a place that was not filled in: {page}"
        );
    });
    for page in pages {
        page.await;
    }
}

#[test]
fn the_console_makes_no_markup_of_text_and_asks_nothing_of_others() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "createContextualFragment",
        "setHTMLUnsafe",
        "eval(",
        "new Function",
        "javascript:",
        ".style.",
        "cssText",
        "srcdoc",
    ];
    for (name, content) in files("assets/console") {
        for word in forbidden {
            assert!(!content.contains(word), "{name} has {word}");
        }
        let elsewhere = content
            .split(['"', '\'', '`', '(', ' '])
            .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
            .filter(|word| !word.starts_with("http://www.w3.org/"));
        assert_eq!(elsewhere.collect::<Vec<_>>(), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn the_page_has_nothing_inline() {
    let page = include_str!("../../assets/console/index.html");
    let tags = page
        .split('<')
        .skip(1)
        .filter_map(|tag| tag.split('>').next());
    for tag in tags {
        assert!(!tag.starts_with("style"), "a style in the page: {tag}");
        let has_source = !tag.starts_with("script") || tag.contains(" src=");
        assert!(has_source, "a script in the page: {tag}");
        for attribute in tag.split_whitespace().skip(1) {
            let is_inline = attribute.starts_with("style=")
                || (attribute.starts_with("on") && attribute.contains('='));
            assert!(!is_inline, "{tag}");
        }
    }
}
