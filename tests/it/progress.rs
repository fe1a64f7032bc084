//! What a run tells those who watch it, and the pictures it leaves.

use futures_util::StreamExt;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Server, config, failing_when_let_go, within};

/// A run's events as a browser would see them: id, name and data.
async fn events_of(response: Response) -> Vec<(u64, String, Value)> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.bytes_stream();
    let mut text = String::new();
    within(async {
        while let Some(chunk) = body.next().await {
            text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    })
    .await;
    let field = |block: &str, name: &str| -> String {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {block}"))
            .trim_start_matches([':', ' '])
            .to_owned()
    };
    text.split("\n\n")
        .filter(|block| block.lines().any(|line| line.starts_with("data")))
        .map(|block| {
            let id = field(block, "id").parse().unwrap();
            let data = serde_json::from_str(&field(block, "data")).unwrap();
            (id, field(block, "event"), data)
        })
        .collect()
}

fn watch(server: &Server, session: &str) -> reqwest::RequestBuilder {
    server.request(Method::GET, &format!("/api/pipeline/{session}/events"))
}

#[tokio::test]
async fn a_run_tells_its_steps_with_what_each_found_and_then_its_end() {
    let server = Server::start().await;
    let document = "# X\n\n## Entity\n- Dodavatelé\n- Jednorožci\n\n## Mimo rozsah\n- HR data\n";
    let session = server
        .start_run(&json!({ "document": document, "options": { "scope": "dm_bs_purchase" } }))
        .await;
    let events = events_of(watch(&server, &session).send().await.unwrap()).await;
    // The result is there as soon as its end is told.
    let result = server
        .json(&format!("/api/pipeline/{session}/result"))
        .await;
    let ids: Vec<u64> = events.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids, (1..=12).collect::<Vec<_>>());
    let (_, first, started) = &events[0];
    assert_eq!(
        (first.as_str(), &started["session_id"]),
        ("started", &json!(session))
    );
    let metrics = &result["tool2_output"]["metrics"];
    let counts = [
        json!({ "entities": 2, "metrics": 0, "scope_out": 1 }),
        json!({ "tables_in_scope": metrics["total_tables"], "matched": 1, "no_match": 1, "excluded": result["tool1_output"]["stats"]["excluded"] }),
        json!({
            "facts": metrics["facts_count"], "dimensions": metrics["dimensions_count"], "bridges": metrics["bridges_count"],
            "unclassified": metrics["unclassified_count"], "relationships": metrics["relationships_count"],
        }),
        json!({
            "anomalies": result["tool3_output"]["anomalies"].as_array().unwrap().len(),
            "recommendations": result["tool3_output"]["recommendations"].as_array().unwrap().len(),
            "quality_score": result["tool3_output"]["quality_score"], "risk_level": result["tool3_output"]["risk_level"],
        }),
        json!({ "tables": 1, "relationships": 0 }),
    ];
    let steps = ["tool0", "tool1", "tool2", "tool3", "diagram"];
    let progress = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
    for (place, step) in steps.into_iter().enumerate() {
        let (_, begun, start) = &events[1 + 2 * place];
        let (_, ended, end) = &events[2 + 2 * place];
        assert_eq!(
            (begun.as_str(), ended.as_str()),
            ("step_started", "step_completed")
        );
        assert_eq!(
            (&start["step"], &start["progress"]),
            (&json!(step), &json!(progress[place]))
        );
        assert_eq!(
            (&end["step"], &end["progress"]),
            (&json!(step), &json!(progress[place + 1]))
        );
        assert_eq!(end["counts"], counts[place], "{step}");
        assert_eq!(
            end["duration_seconds"],
            result["step_timings"][place]["duration_seconds"]
        );
    }
    let (_, last, end) = &events[11];
    assert_eq!(
        (last.as_str(), &end["status"]),
        ("completed", &json!("completed"))
    );
    assert_eq!(
        end["total_duration_seconds"],
        result["total_duration_seconds"]
    );
}

#[tokio::test]
async fn whoever_comes_back_gets_what_it_has_not_seen_and_in_the_end_204() {
    let server = Server::start().await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    server.ended(&session).await;
    let from = async |seen: &str| {
        let request = watch(&server, &session).header("last-event-id", seen);
        request.send().await.unwrap()
    };
    let names = |events: Vec<(u64, String, Value)>| -> Vec<(u64, String)> {
        events.into_iter().map(|(id, name, _)| (id, name)).collect()
    };
    assert_eq!(
        names(events_of(from("10").await).await),
        [
            (11, "step_completed".to_owned()),
            (12, "completed".to_owned())
        ]
    );
    // Garbage is no number that we gave: all is told again.
    for garbage in ["", "x", "-3", "1e9", "99999999999999999999999999"] {
        assert_eq!(events_of(from(garbage).await).await.len(), 12, "{garbage}");
    }
    for seen in ["12", "13", "4000000000"] {
        assert_eq!(from(seen).await.status(), StatusCode::NO_CONTENT, "{seen}");
    }
}

#[tokio::test]
async fn a_failed_run_ends_its_stream_in_words_and_a_chat_has_none() {
    let broken = std::sync::Arc::new(|_, _: &mut dyn FnMut(_)| panic!("a secret of the pipeline"));
    let server = Server::with_pipeline(&config(), broken).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let events = events_of(watch(&server, &session).send().await.unwrap()).await;
    let (_, last, end) = events.last().unwrap();
    assert_eq!(
        (events.len(), last.as_str(), &end["status"]),
        (2, "failed", &json!("failed"))
    );
    assert_eq!(
        end["error"],
        "The run ended in an internal error. It was logged; try again or report the session id."
    );
    server
        .post_chat(&json!({ "content": "hello", "session_id": "talk" }))
        .await;
    for (session, words) in [
        ("talk", "This session has no run"),
        ("nobody", "Session not found"),
    ] {
        let refused = watch(&server, session).send().await.unwrap();
        assert_eq!(refused.status(), 404);
        assert_eq!(
            refused.json::<Value>().await.unwrap(),
            json!({ "detail": words })
        );
    }
}

/// Watching is no work for the service: a client that never reads holds nothing up.
#[tokio::test]
async fn a_watcher_that_never_reads_holds_up_neither_its_run_nor_the_end_of_the_service() {
    use tokio::io::AsyncWriteExt;
    let server = Server::start().await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        let mut socket = tokio::net::TcpStream::connect(&server.address)
            .await
            .unwrap();
        let head = format!("GET /api/pipeline/{session}/events HTTP/1.1\r\nhost: x\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        silent.push(socket);
    }
    assert_eq!(server.ended(&session).await["status"], "completed");
    within(server.stop()).await;
    drop(silent);
}

/// Who claims to have seen more than a run has told, gets no more and is not kept waiting.
#[tokio::test]
async fn a_watcher_ahead_of_its_run_is_let_go_when_the_run_ends() {
    let (pipeline, go_on) = failing_when_let_go();
    let server = Server::with_pipeline(&config(), pipeline).await;
    let session = server.start_run(&json!({ "document": "x" })).await;
    let ahead = watch(&server, &session).header("last-event-id", "50");
    let ahead = ahead.send().await.unwrap();
    drop(go_on);
    assert_eq!(events_of(ahead).await, []);
}

#[tokio::test]
async fn a_diagram_comes_in_the_form_that_is_asked_for() {
    let server = Server::start().await;
    let session = server
        .start_run(&json!({ "document": "# X\n\n## Entity\n- Nákupní objednávky\n" }))
        .await;
    server.ended(&session).await;
    let path = format!("/api/diagram/{session}");
    let as_form = async |path: &str, accept: &str| {
        let request = server.request(Method::GET, path).header("accept", accept);
        request.send().await.unwrap()
    };
    let json = server.json(&path).await;
    let mermaid = json["diagram"].as_str().unwrap();
    assert_eq!(json["format"], "mermaid");
    for (accept, media_type, body) in [
        (
            "text/vnd.mermaid",
            "text/vnd.mermaid; charset=utf-8",
            mermaid.to_owned(),
        ),
        (
            "text/markdown",
            "text/markdown; charset=utf-8",
            format!("```mermaid\n{mermaid}```\n"),
        ),
    ] {
        let answer = as_form(&path, accept).await;
        assert_eq!(answer.headers()["content-type"], media_type);
        assert!(
            answer
                .headers()
                .get_all("vary")
                .iter()
                .any(|vary| vary == "Accept")
        );
        assert_eq!(answer.text().await.unwrap(), body);
    }
    let refused = as_form(&path, "image/png").await;
    assert_eq!(refused.status(), 406);
    assert_eq!(
        refused.json::<Value>().await.unwrap()["detail"],
        "Not acceptable: this answer can be had as application/json, text/vnd.mermaid, text/markdown, image/svg+xml"
    );
    let svg = as_form(&path, "image/svg+xml").await;
    assert_eq!(svg.headers()["content-type"], "image/svg+xml");
    assert!(svg.text().await.unwrap().starts_with("<svg "));
    let cached = server.request(Method::GET, &path).header(
        "if-none-match",
        server.get(&path).await.headers()["etag"].clone(),
    );
    assert_eq!(cached.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn a_diagram_is_drawn_anew_around_a_table_and_with_more_columns() {
    let server = Server::start().await;
    let session = server
        .start_run(&json!({ "document": "# X\n\n## Entity\n- Nákupní objednávky\n" }))
        .await;
    server.ended(&session).await;
    let tables = async |path: String| -> Vec<String> {
        let answer = server.json(&path).await;
        let diagram = answer["diagram"].as_str().unwrap();
        let heads = diagram.lines().filter_map(|line| line.strip_suffix(" {"));
        heads.map(|head| head.trim().to_owned()).collect()
    };
    let alone = tables(format!("/api/diagram/{session}?focus=dimv_plant&depth=0")).await;
    assert_eq!(alone, ["dimv_plant"]);
    let near = tables("/api/tables/dm_bs_purchase.factv_contract/diagram".to_owned()).await;
    let far = tables("/api/tables/dm_bs_purchase.factv_contract/diagram?depth=2".to_owned()).await;
    assert_eq!(near.first().map(String::as_str), Some("factv_contract"));
    assert!(
        near.len() > 3 && far.len() > near.len() && near.iter().all(|table| far.contains(table))
    );
    let narrow = server
        .json(&format!("/api/diagram/{session}?max_columns=1"))
        .await;
    let wide = server
        .json(&format!("/api/diagram/{session}?max_columns=1000"))
        .await;
    let lines = |answer: &Value| answer["diagram"].as_str().unwrap().lines().count();
    assert!(lines(&narrow) < lines(&wide));

    for (path, status) in [
        (format!("/api/diagram/{session}?focus=unicorn"), 404),
        (format!("/api/diagram/{session}?focus="), 422),
        (format!("/api/diagram/{session}?depth=1000"), 422),
        (format!("/api/diagram/{session}?max_columns=-1"), 422),
        ("/api/tables/dimv_plant/diagram?depth=11".to_owned(), 422),
        ("/api/tables/unicorn/diagram".to_owned(), 404),
        ("/api/diagram/nobody?depth=1".to_owned(), 404),
    ] {
        assert_eq!(server.get(&path).await.status(), status, "{path}");
    }
    let refused = server
        .get(&format!("/api/diagram/{session}?depth=1000"))
        .await;
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": [{ "type": "less_than_equal", "loc": ["query", "depth"], "msg": "Input should be less than or equal to 10", "ctx": { "le": 10 } }] })
    );
}
