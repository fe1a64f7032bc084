//! The program as people and scripts start it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mcop_api::artifacts;
use serde_json::json;

use crate::artifacts::REQUESTS;
use crate::support::Server;
use crate::upstream::{Answer, Upstream};

/// A directory of its own, removed with this.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mcop-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(directory)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mcop-api"));
    // What is set where the tests run is not what they are about.
    program.env_clear().stdin(Stdio::null());
    program
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn analyze(arguments: &[&str]) -> (i32, String, String) {
    told(&program().arg("analyze").args(arguments).output().unwrap())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names of all files that are written, sorted.
fn written() -> Vec<String> {
    let mut names: Vec<String> = artifacts::file_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    names.push("result.json".to_owned());
    names.sort();
    names
}

#[tokio::test]
async fn the_documents_are_those_of_the_service() {
    let place = Place::new("same");
    let server = Server::start().await;
    for (language, document) in REQUESTS {
        let request = place.file("request.md", document);
        let out = place.0.join(language);
        let (code, said, errors) = analyze(&[
            path(&request),
            "--out",
            path(&out),
            "--zip",
            "--catalog",
            "data/catalog.json",
        ]);
        assert_eq!((code, errors.as_str()), (0, ""));
        assert!(said.contains("\nentities         "), "{said}");
        assert_eq!(place.names(language), written());
        let session = server.start_run(&json!({ "document": document })).await;
        server.ended(&session).await;
        for name in artifacts::file_names() {
            let response = server
                .get(&format!("/api/pipeline/{session}/artifacts/{name}"))
                .await;
            let same = response.bytes().await.unwrap();
            assert!(
                fs::read(out.join(name)).unwrap() == same,
                "{language}: {name}"
            );
        }
        let result: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("result.json")).unwrap()).unwrap();
        let finished = server
            .json(&format!("/api/pipeline/{session}/result"))
            .await;
        assert_eq!(result["tool1_output"], finished["tool1_output"]);
    }
}

#[test]
fn the_exit_code_says_how_risky_it_is_where_that_is_asked_for() {
    let place = Place::new("risk");
    for ((language, document), codes) in REQUESTS.into_iter().zip([
        // cs is of medium risk, the others of high.
        [3, 3, 0, 0],
        [3, 3, 3, 0],
        [3, 3, 3, 0],
    ]) {
        let request = place.file("request.md", document);
        for (limit, code) in ["low", "medium", "high", "critical"].into_iter().zip(codes) {
            let (exit, said, errors) = analyze(&[path(&request), "--fail-on", limit, "--quiet"]);
            assert_eq!(
                (exit, said.as_str(), errors.as_str()),
                (code, "", ""),
                "{language} {limit}"
            );
        }
    }
    let nothing = place.file(
        "nothing.md",
        "# X\n\n## Entities\n- Xylophones of Zanzibar\n",
    );
    assert_eq!(analyze(&[path(&nothing), "--fail-on", "critical"]).0, 3);
}

#[test]
fn the_request_may_come_from_standard_input() {
    let mut child = program()
        .args(["analyze", "-", "--scope", "bs"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(b"# Orders\n\n## Entities\n- Suppliers\n")
        .unwrap();
    drop(stdin);
    let (code, said, errors) = told(&child.wait_with_output().unwrap());
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(said.starts_with("Orders\nrisk "), "{said}");
    assert!(
        said.contains("\nentities         1 found, 0 not found\n"),
        "{said}"
    );
}

#[test]
fn files_that_are_there_stay_as_they_are_unless_they_may_go() {
    let place = Place::new("there");
    let request = place.file("request.md", REQUESTS[2].1);
    let out = place.0.join("out");
    let arguments = [path(&request), "--out", path(&out), "--quiet"];
    assert_eq!(analyze(&arguments).0, 0);
    fs::write(out.join("mapping.json"), "mine").unwrap();
    fs::remove_file(out.join("diagram.md")).unwrap();
    let (code, said, errors) = analyze(&arguments);
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(
        errors.contains("mapping.json") && errors.ends_with("already; --force overwrites\n"),
        "{errors}"
    );
    assert_eq!(
        fs::read_to_string(out.join("mapping.json")).unwrap(),
        "mine"
    );
    assert!(
        !out.join("diagram.md").exists(),
        "nothing is written where not all is"
    );
    let forced = [arguments.as_slice(), &["--force", "--zip"]].concat();
    assert_eq!(analyze(&forced).0, 0);
    assert_eq!(place.names("out"), written());
    // An archive of another run does not stay beside the documents of this one.
    let without_archive = [arguments.as_slice(), &["--force"]].concat();
    assert_eq!(analyze(&without_archive).0, 0);
    assert!(!out.join("artifacts.zip").exists());
    assert!(
        fs::read_to_string(out.join("mapping.json"))
            .unwrap()
            .starts_with('{')
    );
}

#[test]
fn a_failure_leaves_no_half_file() {
    let place = Place::new("half");
    let request = place.file("request.md", REQUESTS[2].1);
    let out = place.0.join("out");
    // A directory cannot be replaced by a file: the last of the files is the one that fails.
    fs::create_dir_all(out.join("result.json").join("inside")).unwrap();
    let (code, _, errors) = analyze(&[path(&request), "--out", path(&out), "--force"]);
    assert_eq!(code, 1);
    assert!(errors.contains("result.json cannot be written"), "{errors}");
    assert_eq!(
        place.names("out"),
        ["result.json"],
        "nothing of the run is left"
    );
}

#[test]
fn bad_input_is_refused_in_one_line_that_says_why() {
    let place = Place::new("bad");
    let request = place.file("request.md", REQUESTS[2].1);
    let binary = place.file("binary.md", b"# X\n\xff\xfe");
    let empty = place.file("empty.md", " \n\t\n");
    let large = place.file("large.md", vec![b'a'; 1024 * 1024 + 1]);
    let broken = place.file("broken.json", "{\"a\": [");
    let file = place.file("file", "");
    let missing = place.0.join("missing.md");
    let under_file = file.join("out");
    let unused = place.0.join("unused");
    for (arguments, why) in [
        (
            vec![path(&missing)],
            "missing.md: cannot be read: No such file or directory (os error 2)",
        ),
        (
            vec![path(&place.0)],
            ": cannot be read: Is a directory (os error 21)",
        ),
        (
            vec![path(&binary)],
            "binary.md: is not UTF-8 text, from byte 4 on",
        ),
        (vec![path(&empty)], "empty.md: is empty"),
        (vec!["-"], "standard input: is empty"),
        (
            vec![path(&large)],
            "large.md: is larger than 1048576 bytes, the most that is read (MAX_DOCUMENT_BYTES)",
        ),
        (
            vec![path(&request), "--catalog", path(&missing)],
            "--catalog: ",
        ),
        (
            vec![path(&request), "--catalog", path(&broken)],
            "broken.json is no asset export: ",
        ),
        (vec![path(&request), "--out", path(&file)], "--out: "),
        (vec![path(&request), "--out", path(&under_file)], "--out: "),
        (
            vec![path(&request), "--wording", "model", "--out", path(&unused)],
            "--wording model: no model is configured; set OPENAI_API_KEY or OPENAI_BASE_URL",
        ),
    ] {
        let (code, said, errors) = analyze(&arguments);
        assert_eq!((code, said.as_str()), (1, ""), "{arguments:?}");
        assert!(
            errors.starts_with("mcop-api: ") && errors.contains(why),
            "{arguments:?}: {errors}"
        );
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

#[test]
fn arguments_that_cannot_be_understood_are_exit_code_2() {
    for arguments in [
        vec!["serve"],
        vec!["--port", "1"],
        vec!["analyze"],
        vec!["analyze", "a.md", "b.md"],
        vec!["analyze", "a.md", "--max-columns", "1001"],
        vec!["analyze", "a.md", "--fail-on", "always"],
        vec!["analyze", "a.md", "--force"],
        vec!["--healthcheck", "analyze", "a.md"],
    ] {
        let (code, said, errors) = told(&program().args(&arguments).output().unwrap());
        assert_eq!((code, said.as_str()), (2, ""), "{arguments:?}");
        assert!(errors.starts_with("error: "), "{arguments:?}: {errors}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let (code, said, errors) = told(&program().arg("--version").output().unwrap());
    assert_eq!(
        (code, said.as_str(), errors.as_str()),
        (0, "mcop-api 0.1.0\n", "")
    );
    for arguments in [vec!["--help"], vec!["analyze", "--help"]] {
        let (code, said, errors) = told(&program().args(&arguments).output().unwrap());
        assert_eq!((code, errors.as_str()), (0, ""));
        for part in ["CATALOG_PATH", "Exit codes:", "  3  the analysis went well"] {
            assert!(said.contains(part), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_bad_setting_is_refused_by_name() {
    let mut program = program();
    program
        .env("MAX_DOCUMENT_BYTES", "many")
        .args(["analyze", "-"]);
    let (code, _, errors) = told(&program.output().unwrap());
    assert_eq!(code, 1);
    assert_eq!(
        errors,
        "mcop-api: MAX_DOCUMENT_BYTES: \"many\" is not a number of bytes\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_may_word_the_report_that_is_written() {
    let place = Place::new("worded");
    let request = place.file("request.md", REQUESTS[2].1);
    for (says, code, holds) in [
        (
            "The risk is high.",
            0,
            "\n## Summary\n\nThe risk is high.\n\n*A language model",
        ),
        (
            "The score is 0.99.",
            0,
            "\n## Summary\n\n*The summary of the language model was refused",
        ),
    ] {
        let upstream = Upstream::scripted(vec![Answer::text(says)]).await;
        let mut program = program();
        program
            .env("OPENAI_BASE_URL", upstream.base_url())
            .args([
                "analyze",
                path(&request),
                "--wording",
                "model",
                "--force",
                "--out",
            ])
            .arg(place.0.join("out"));
        let output = tokio::task::spawn_blocking(move || program.output().unwrap())
            .await
            .unwrap();
        let (exit, _, errors) = told(&output);
        assert_eq!(exit, code, "{errors}");
        assert_eq!(
            errors.contains("was refused: \"0.99\""),
            says.contains("0.99"),
            "{errors}"
        );
        let report = fs::read_to_string(place.0.join("out/governance_report.md")).unwrap();
        assert!(report.contains(holds), "{report}");
    }
}
