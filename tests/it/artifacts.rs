//! The documents of a run: what they say, and how they are handed out.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::num::NonZeroU32;
use std::sync::Arc;

use mcop_api::App;
use mcop_api::artifacts::{self, Artifact};
use mcop_api::catalog::Catalog;
use mcop_api::pipeline::{Knowledge, Outputs, Progress, RunRequest, run};
use pulldown_cmark::{Event, Options, Parser, Tag};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, config, config_with, sample, until, within};
use crate::upstream::{Answer, Upstream};

/// The requests in three languages.
pub const REQUESTS: [(&str, &str); 3] = [
    ("cs", include_str!("../../data/requests/cs.md")),
    ("sk", include_str!("../../data/requests/sk.md")),
    ("en", include_str!("../../data/requests/en.md")),
];

fn outputs_over(catalog: Catalog, document: &str) -> Outputs {
    let request = RunRequest {
        document: document.to_owned(),
        scope: None,
        max_columns: 5,
        warnings: Vec::new(),
    };
    run(&Knowledge::new(catalog), request, &mut |_| {})
}

fn outputs(document: &str) -> Outputs {
    outputs_over(sample(), document)
}

/// A finished run of a document, and where its documents are.
async fn finished(server: &Server, document: &str) -> String {
    let session = server.start_run(&json!({ "document": document })).await;
    assert_eq!(server.ended(&session).await["status"], "completed");
    format!("/api/pipeline/{session}/artifacts")
}

async fn bytes(server: &Server, path: &str) -> Vec<u8> {
    let response = server.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn every_document_is_listed_and_is_what_the_list_says() {
    let server = Server::start().await;
    for (language, document) in REQUESTS {
        let place = finished(&server, document).await;
        let list = server.json(&place).await;
        assert_eq!(list["language"], language);
        let lines = list["artifacts"].as_array().unwrap();
        let names: Vec<&str> = lines
            .iter()
            .map(|line| line["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, artifacts::file_names());
        let made: HashMap<&str, Vec<u8>> = artifacts::files(&outputs(document))
            .into_iter()
            .map(|file| (file.name, file.bytes))
            .collect();
        for line in lines {
            let name = line["name"].as_str().unwrap();
            let response = server.get(line["url"].as_str().unwrap()).await;
            assert_eq!(response.status(), 200, "{name}");
            let header = |field: &str| response.headers()[field].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), line["media_type"].as_str().unwrap());
            assert_eq!(
                header("content-disposition"),
                format!("attachment; filename=\"{name}\"")
            );
            assert!(line["description"].as_str().unwrap().len() > 10);
            let body = response.bytes().await.unwrap();
            assert_eq!(body.len(), line["bytes"], "{name}");
            if let Some(same) = made.get(name) {
                assert!(body == *same, "{name}: not what the outputs give");
            }
        }
    }
}

#[tokio::test]
async fn the_archive_holds_every_document_and_is_the_same_each_time() {
    let server = Server::start().await;
    let place = finished(&server, REQUESTS[0].1).await;
    let archive = bytes(&server, &format!("{place}/artifacts.zip")).await;
    assert!(archive == bytes(&server, &format!("{place}/artifacts.zip")).await);
    let again = finished(&server, REQUESTS[0].1).await;
    assert!(archive == bytes(&server, &format!("{again}/artifacts.zip")).await);
    let mut packed = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut names = Vec::new();
    for place_in_archive in 0..packed.len() {
        let mut entry = packed.by_index(place_in_archive).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert!(
            content == bytes(&server, &format!("{place}/{name}")).await,
            "{name}"
        );
        names.push(name);
    }
    let all = artifacts::file_names();
    assert_eq!(names, all[..all.len() - 1]);
}

#[tokio::test]
async fn a_document_that_the_client_has_is_not_sent_again() {
    let server = Server::start().await;
    let place = finished(&server, REQUESTS[2].1).await;
    // What may be sent compressed has a weak tag, the same in either form and in a 304.
    kept(&server, &format!("{place}/governance_report.md"), true).await;
    kept(&server, &format!("{place}/artifacts.zip"), false).await;
}

async fn kept(server: &Server, path: &str, is_weak: bool) {
    let first = server
        .request(Method::GET, path)
        .header("accept-encoding", "gzip");
    let first = first.send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers().contains_key("content-encoding"), is_weak);
    assert_eq!(tag.starts_with("W/"), is_weak, "{tag}");
    let opaque = tag.trim_start_matches("W/");
    for (known, status) in [
        (tag.clone(), 304),
        (format!("\"x\", W/{opaque}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
        (",,W/,\"".to_owned(), 200),
    ] {
        let request = server
            .request(Method::GET, path)
            .header("accept-encoding", "gzip")
            .header("if-none-match", &known);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{known}");
        assert_eq!(response.headers()["etag"], *tag);
        assert_eq!(
            response.headers().contains_key("content-disposition"),
            status == 200
        );
    }
    let head = server.request(Method::HEAD, path).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["etag"]),
        (200, &tag.parse().unwrap())
    );
}

#[tokio::test]
async fn what_there_is_no_document_for_is_answered_with_what_there_is() {
    let server = Server::start().await;
    let place = finished(&server, "# X\n\n## Entities\n- Suppliers\n").await;
    for (path, status, answer) in [
        (
            format!("{place}/nothing.md"),
            404,
            json!({ "detail": "Artifact 'nothing.md' not found", "available": artifacts::file_names() }),
        ),
        (
            format!("{place}/nothing.md?wording=model"),
            404,
            json!({ "detail": "Artifact 'nothing.md' not found", "available": artifacts::file_names() }),
        ),
        (
            format!("{place}/..%2Fresult"),
            404,
            json!({ "detail": "Artifact '../result' not found", "available": artifacts::file_names() }),
        ),
        (
            "/api/pipeline/none/artifacts".to_owned(),
            404,
            json!({ "detail": "Session not found" }),
        ),
        (
            "/api/pipeline/none/artifacts/mapping.json".to_owned(),
            404,
            json!({ "detail": "Session not found" }),
        ),
        (
            format!("{place}/governance_report.md?wording=model"),
            400,
            json!({ "detail": "No language model is configured, so there is no wording but that of the rules" }),
        ),
        (
            format!("{place}/mapping.json?wording=model"),
            422,
            json!({ "detail": [{ "type": "value_error", "loc": ["query", "wording"], "msg": "Only governance_report.md can have a model's wording" }] }),
        ),
        (
            format!("{place}/artifacts.zip?wording=model"),
            422,
            json!({ "detail": [{ "type": "value_error", "loc": ["query", "wording"], "msg": "Only governance_report.md can have a model's wording" }] }),
        ),
        (
            format!("{place}/governance_report.md?wording=mine"),
            422,
            json!({ "detail": [{ "type": "enum", "loc": ["query", "wording"], "msg": "Input should be 'rules' or 'model'", "ctx": { "expected": "'rules' or 'model'" } }] }),
        ),
    ] {
        let response = server.get(&path).await;
        assert_eq!(response.status(), status, "{path}");
        let said: Value = response.json().await.unwrap();
        assert_eq!(said, answer, "{path}");
    }
    let wrong = server.request(Method::POST, &place).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
}

#[tokio::test]
async fn a_run_that_has_not_completed_has_no_documents() {
    let knowledge = Knowledge::new(sample());
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let pipeline = Arc::new(move |request: RunRequest, tell: &mut dyn FnMut(Progress)| {
        wait.lock().unwrap().recv().ok();
        assert_ne!(request.document, "break", "as the test wants it");
        run(&knowledge, request, tell)
    });
    let server = Server::with_pipeline(&config(), pipeline).await;
    let session = server.start_run(&json!({ "document": "break" })).await;
    for path in [
        "artifacts",
        "artifacts/mapping.json",
        "artifacts/artifacts.zip",
    ] {
        let response = server.get(&format!("/api/pipeline/{session}/{path}")).await;
        assert_eq!(response.status(), 400);
        let said: Value = response.json().await.unwrap();
        assert_eq!(said, json!({ "detail": "Pipeline status: running" }));
    }
    go_on.send(()).unwrap();
    assert_eq!(server.ended(&session).await["status"], "failed");
    let response = server
        .get(&format!("/api/pipeline/{session}/artifacts"))
        .await;
    assert_eq!(response.status(), 400);
    let said: Value = response.json().await.unwrap();
    assert_eq!(said["detail"], "Pipeline status: failed");
    assert!(said["error"].is_string());
}

/// The chapters and what must stand in them, by language.
const SAID: [(&str, &[&str]); 3] = [
    (
        "cs",
        &[
            "# Zpráva pro řízení dat: Přehled nákupních objednávek a výkonnosti dodavatelů\n",
            "| **Sponzor** | Ředitel nákupu |\n| **Datum zadání** | 28. 10. 2025 |",
            "**Riziko: střední.** Důvod: skóre kvality je 0,85, doporučení P1: 5.",
            "- Entity zadání: 15, nalezeno 15, nenalezeno 0\n",
            "| **Přijaté faktury** (Supplier invoices) | `dm_bs_purchase.factv_purchase_invoice` | 79 % (střední) | „Supplier“ je v jejím obchodním názvu; \
             „invoices“ je v názvu tabulky; mluví o ní i popis entity | `dm_bs_purchase.dimv_invoicing_supplier` 70 % – **těsně** |",
            "| `is_on_time` (příznak) | řádky včas / všechny řádky | 82 % (střední) |",
            "| `dm_bs_purchase.dimv_supplier_bank_account` | Bankovní účty dodavatelů |",
            "- Plánování výroby\n",
            "Klíče požadovaných tabulek vedou i do tabulek, které zadání vylučuje; do martu nepatří: \
             `dm_bs_purchase.dimv_approver_1_person`, `dm_bs_purchase.dimv_person`.",
            "| `dm_bs_purchase.factv_contract` | 0,59 | 65 | 19 z 20 | `ae4f74ec-aef7-52b8-9e23-1e62d6925c40` (schématu) |",
            "### P1 – než se na výsledky začne spoléhat\n\n| Co udělat | Počet | Čeho se týká | Koho se ptát (tabulek) |",
            "- Mimo rozsah „Plánování výroby“: neodpovídá žádné tabulce v rozsahu, nic tedy nevylučuje.",
        ],
    ),
    (
        "sk",
        &[
            "# Správa pre riadenie dát: Spoľahlivosť dodávok a inbound logistika\n",
            "**Riziko: vysoké.** Dôvod: požiadavke stojí v ceste: tabuľky, ktoré podľa katalógu v zdroji chýbajú.",
            "- Tabuľky, ktoré podľa katalógu v zdroji chýbajú: `dm_bs_logistics.dimv_route`. Týka sa entít: **prepravné trasy**.",
            "### P0 – pred začatím projektu\n",
            "Príloha B: upozornenia behu\n\nBeh nemá žiadne upozornenia.",
        ],
    ),
    (
        "en",
        &[
            "# Data governance report: Group Spend Analytics\n",
            "**Risk: high.** Reason: in the way of the request stand requested entities that no table in scope holds.",
            "| **Carbon footprint certificates** | **not found** | – | no table in scope fits |",
            "- Requested entities that no table in scope holds: **Carbon footprint certificates**.",
            "| 1 | \"Carbon footprint certificates\" | the sponsor: Head of Purchasing |",
            "Joins between these tables: 10 (declared in the catalog: 1, inferred: 9).",
        ],
    ),
];

#[test]
fn the_governance_report_says_what_was_asked_what_there_is_and_what_to_do() {
    for ((language, document), (same, said)) in REQUESTS.into_iter().zip(SAID) {
        assert_eq!(language, same);
        let outputs = outputs(document);
        let report = Artifact::GovernanceReport.render(&outputs);
        for sentence in said {
            assert!(
                report.contains(sentence),
                "{language}: {sentence}\nis not in\n{report}"
            );
        }
        assert_eq!(report, Artifact::GovernanceReport.render(&outputs));
        // What the request excludes is not built, though keys lead there.
        assert!(!report.contains("`dm_bs_purchase.dimv_person.dim_person_key`"));
        if language != "en" {
            for english in [
                "is in the table",
                "requested entities",
                "Write a",
                "in scope",
            ] {
                assert!(!report.contains(english), "{language}: {english}");
            }
        }
    }
}

#[test]
fn the_tables_of_a_report_are_judged_with_the_terms_of_the_whole() {
    let outputs = outputs(REQUESTS[0].1);
    let quality = &outputs.tool3_output;
    let requested: Vec<_> = quality
        .tables
        .iter()
        .take_while(|table| table.requested)
        .collect();
    assert_eq!(requested.len(), outputs.tool1_output.stats.tables_requested);
    assert_eq!(
        quality.tables.len(),
        outputs.tool1_output.stats.tables_in_scope
    );
    let contract = quality
        .tables
        .iter()
        .find(|table| table.full_name.ends_with("factv_contract"));
    assert_eq!(
        serde_json::to_value(contract).unwrap(),
        json!({
            "full_name": "dm_bs_purchase.factv_contract",
            "requested": true,
            "quality_score": 0.59,
            "missing": ["column_description", "owner", "source", "validation", "security_classification"],
            "owner": { "id": "ae4f74ec-aef7-52b8-9e23-1e62d6925c40", "of": "schema" },
            "articulation_score": 65.0,
            "validated": false,
            "columns": 20,
            "described_columns": 19,
        })
    );
    // A result that was stored before tables were judged is still read.
    let mut old = serde_json::to_value(&outputs).unwrap();
    old["tool3_output"]
        .as_object_mut()
        .unwrap()
        .remove("tables");
    let old: Outputs = serde_json::from_value(old).unwrap();
    assert!(
        Artifact::GovernanceReport
            .render(&old)
            .contains("Zadání nepotřebuje žádnou tabulku určitě.")
    );
}

/// Events of a document, with all that GitHub reads.
fn events(markdown: &str) -> Vec<Event<'_>> {
    Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    )
    .collect()
}

#[test]
fn names_of_a_hostile_catalog_and_request_stay_text() {
    let name = "a|b`c<img src=x onerror=alert(1)>[x](javascript:alert(1))\n# h \\| ~~y~~ https://evil.example ${{x}}";
    let asset = |id: &str, kind: &str, rest: Value| {
        let mut asset = json!({ "id": id, "typeName": kind, "displayName": name, "ownerInSource": name, "description": name });
        asset
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        asset
    };
    let mut assets = vec![asset("s", "Schema", json!({ "fullName": "S>db>s" }))];
    for table in ["t1", "t2"] {
        assets.push(asset(
            table,
            "Table",
            json!({ "Hierarcy Relation": "s", "fullName": format!("S>db>s>{table}") }),
        ));
        for place in 0..3 {
            let id = format!("{table}-{place}");
            assets.push(asset(&id, "Column", json!({ "Hierarcy Relation": table, "columnPosition": place, "displayName": format!("{name}{place}") })));
        }
    }
    let catalog = Catalog::from_export(Value::from(assets).to_string().as_bytes())
        .unwrap()
        .0;
    let document = format!(
        "# <b>P</b> | \\| `x`\n\n**Sponsor:** <script>x</script> | y\n\n## Entities\n\n- {0}\n- alert onerror evil\n\n## Out of scope\n\n- {0}\n\n## Metrics\n\n- {0}\n",
        name.replace('\n', " ")
    );
    let outputs = outputs_over(catalog, &document);
    for artifact in [Artifact::GovernanceReport, Artifact::Diagram] {
        let rendered = artifact.render(&outputs);
        for event in events(&rendered) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => panic!("{html} in\n{rendered}"),
                Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough)) => {
                    panic!("{tag:?} in\n{rendered}")
                }
                _ => {}
            }
        }
        // Parsers cut rows to the width of their table: what is cut would be missing.
        let mut width = None;
        for line in rendered.lines() {
            let cells = line.starts_with("| ").then(|| separators(line));
            assert!(
                cells == width || width.is_none() || cells.is_none(),
                "{line}"
            );
            width = cells;
        }
    }
}

/// The pipes of a line that stand between cells.
fn separators(line: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for c in line.chars() {
        count += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    count
}

/// The report with a model's summary, the model saying this.
async fn worded(said: Answer, document: &str) -> (String, String, Upstream) {
    let upstream = Upstream::scripted(vec![said]).await;
    let model = upstream.model(|settings| settings.retries.most = 0);
    let server = Server::of(App::new(&config(), sample(), Some(model))).await;
    let place = finished(&server, document).await;
    let path = format!("{place}/governance_report.md");
    let plain = String::from_utf8(bytes(&server, &path).await).unwrap();
    let path = format!("{path}?wording=model");
    let with_summary = String::from_utf8(within(bytes(&server, &path)).await).unwrap();
    server.stop().await;
    (plain, with_summary, upstream)
}

/// What stands in the one report beside the other.
fn added(plain: &str, with_summary: &str) -> String {
    let at = plain.find("\n## 1.").unwrap() + 1;
    let (head, body) = plain.split_at(at);
    let rest = with_summary.strip_prefix(head).expect("the same head");
    rest.strip_suffix(body)
        .expect("the same chapters")
        .to_owned()
}

#[tokio::test]
async fn a_models_summary_stands_beside_the_report_and_changes_nothing_of_it() {
    let said = "The risk is high: `Carbon footprint certificates`\u{20}is not there.\n\n\
                # The table `dm_ba_purchase.factv_spend_analysis` is <b>fine</b>, and factv_purchase_order scores 0.90 (97%).";
    let said = said.replace("`Carbon footprint certificates`", "one entity of 9");
    let (plain, with_summary, upstream) = worded(Answer::text(&said), REQUESTS[2].1).await;
    assert_eq!(
        added(&plain, &with_summary),
        "## Summary\n\nThe risk is high: one entity of 9 is not there.\n\n\
         \\# The table `dm_ba_purchase.factv_spend_analysis` is \\<b\\>fine\\</b\\>, and factv_purchase_order scores 0.90 (97%).\n\n\
         *A language model wrote this summary from what stands in this report. Every number and name in it stands there too; \
         the chapters below are what counts.*\n\n"
    );
    let asked = upstream.asked();
    let shown = asked[0].body["messages"][1]["content"].as_str().unwrap();
    assert!(
        shown.contains("Carbon footprint certificates"),
        "the model sees the report"
    );
    assert!(
        asked[0].body["messages"][0]["content"]
            .as_str()
            .unwrap()
            .contains("in English")
    );
}

/// RFC 9110, section 9.3.2: what only the text would tell is left out.
#[tokio::test]
async fn whoever_asks_for_the_head_of_a_summary_alone_asks_no_model() {
    let upstream = Upstream::scripted(vec![Answer::text("It is fine.")]).await;
    let config = config_with(|limits| limits.rates.messages = NonZeroU32::new(1));
    let model = upstream.model(|settings| settings.retries.most = 0);
    let server = Server::of(App::new(&config, sample(), Some(model))).await;
    let place = finished(&server, REQUESTS[2].1).await;
    let path = format!("{place}/governance_report.md");
    let summarised = format!("{path}?wording=model");
    let head = async |path: &str| {
        let head = within(server.request(Method::HEAD, path).send());
        head.await.unwrap()
    };
    // Nor does it count as a message, of which there is one a minute.
    for _ in 0..3 {
        let answer = head(&summarised).await;
        assert_eq!(answer.status(), 200);
        let headers = answer.headers();
        assert_eq!(headers["content-type"], "text/markdown; charset=utf-8");
        let name = "attachment; filename=\"governance_report.md\"";
        assert_eq!(headers["content-disposition"], name);
        assert_eq!(headers["cache-control"], "no-store");
        assert!(!headers.contains_key("content-length") && !headers.contains_key("etag"));
    }
    assert_eq!(upstream.asked().len(), 0);
    let wrong = head(&format!("{place}/mapping.json?wording=model")).await;
    assert_eq!(wrong.status(), 422);
    let by_rules = head(&path).await;
    let written = server.get(&path).await;
    for name in ["etag", "content-length"] {
        assert_eq!(by_rules.headers()[name], written.headers()[name], "{name}");
    }
    let report = within(bytes(&server, &summarised)).await;
    assert!(String::from_utf8(report).unwrap().contains("It is fine."));
    assert_eq!(upstream.asked().len(), 1);

    let server = Server::start().await;
    let place = finished(&server, REQUESTS[2].1).await;
    let path = format!("{place}/governance_report.md?wording=model");
    let nobody = server.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(nobody.status(), 400, "there is no model");
}

/// Nobody waits in a line for a model, and no call beyond the two at once reaches it.
#[tokio::test]
async fn a_summary_beyond_those_that_the_model_is_writing_is_refused_for_now() {
    let upstream = Upstream::scripted(vec![Answer::silence(), Answer::silence()]).await;
    let model = upstream.model(|settings| settings.retries.most = 0);
    let server = Server::of(App::new(&config(), sample(), Some(model))).await;
    let place = finished(&server, REQUESTS[2].1).await;
    let path = format!("{place}/governance_report.md?wording=model");
    let pending: Vec<_> = (0..2)
        .map(|_| tokio::spawn(server.request(Method::GET, &path).send()))
        .collect();
    until(|| upstream.asked().len() == 2).await;
    let refused = server.get(&path).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({ "detail": "The service is busy: too many documents are being made. Try again shortly." })
    );
    assert_eq!(upstream.asked().len(), 2);
    for call in pending {
        call.abort();
    }
}

#[tokio::test]
async fn a_summary_with_anything_that_the_report_does_not_hold_is_refused() {
    let refused = "## Summary\n\n*The summary of the language model was refused: it held something that is not in the report.*\n\n";
    for said in [
        "The score is 0.76.",
        "There are 4711 tables.",
        "There are three gaps.",
        "Half of it is missing.",
        "See `dimv_invented`.",
        "See dm_ba_purchase.dimv_invented.",
        "See `high`.",
        "See `broken",
        "It costs ½ of that.",
    ] {
        let (plain, with_summary, _upstream) = worded(Answer::text(said), REQUESTS[2].1).await;
        assert_eq!(added(&plain, &with_summary), refused, "{said}");
    }
}

#[tokio::test]
async fn a_model_that_is_down_leaves_the_report_as_it_is() {
    let down = Answer::status(500, "content-type: text/plain", "broken");
    let (plain, with_summary, _upstream) = worded(down, REQUESTS[0].1).await;
    assert_eq!(
        added(&plain, &with_summary),
        "## Shrnutí\n\n*Shrnutí jazykového modelu není k dispozici: model neodpověděl.*\n\n"
    );
}
