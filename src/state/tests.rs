use std::num::NonZeroUsize;

use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use super::*;
use crate::catalog::Catalog;
use crate::config::Limits;
use crate::explorer::thread::Turn;
use crate::explorer::{Focus, Language, Topic};
use crate::pipeline::{Counts, Drawn, Step};
use crate::runs::events::{RunEvent, RunEvents};
use crate::sessions::{Begun, Deletion, Finished, RunKey, SessionId, Status};

const RECORDS: TableDefinition<&str, &[u8]> = TableDefinition::new("records");
const RESULTS: TableDefinition<&str, &[u8]> = TableDefinition::new("results");
const TURNS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("turns");
const ABOUT: TableDefinition<&str, u32> = TableDefinition::new("about");

/// A folder of its own, removed with this.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mcop-state-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join(FILE_NAME)
    }

    /// The names of the files that were set aside.
    fn aside(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != FILE_NAME)
            .collect();
        names.sort();
        names
    }

    fn started(&self, limits: Limits) -> Service {
        let sessions = Sessions::new(limits);
        let state = State::open(Some(&self.0), &sessions, &sample());
        Service { sessions, state }
    }

    fn start(&self) -> Service {
        self.started(Limits::default())
    }

    /// How many records, results and turns the file holds.
    fn rows(&self) -> (u64, u64, u64) {
        let database = Database::open(self.file()).unwrap();
        let reading = database.begin_read().unwrap();
        (
            reading.open_table(RECORDS).unwrap().len().unwrap(),
            reading.open_table(RESULTS).unwrap().len().unwrap(),
            reading.open_table(TURNS).unwrap().len().unwrap(),
        )
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Service {
    sessions: Sessions,
    state: State,
}

impl Service {
    async fn stop(self) {
        assert!(self.state.close().await);
    }

    fn begin(&self, key: Option<RunKey>) -> SessionId {
        match self
            .sessions
            .begin_run(Arc::new(RunEvents::default()), key, || Ok(()))
        {
            Ok(Begun::New(id, ())) => id,
            other => panic!("{other:?}"),
        }
    }

    fn completed(&self, bytes: usize) -> SessionId {
        let id = self.begin(None);
        self.complete(&id, bytes);
        id
    }

    fn complete(&self, id: &SessionId, bytes: usize) {
        let finished = Finished {
            result: Bytes::from(vec![b'x'; bytes]),
            result_tag: "W/\"tag\"".into(),
            diagram: "erDiagram".into(),
            drawn: Arc::default(),
            seconds: 0.125,
        };
        self.sessions.complete(id, finished).unwrap();
    }

    fn chat(&self, id: &str, turns: &[Turn]) -> SessionId {
        let id: SessionId = id.parse().unwrap();
        self.sessions.open(&id).unwrap();
        self.sessions.chatting(&id);
        for turn in turns {
            self.sessions.add_turn(&id, turn.clone());
        }
        id
    }
}

fn catalog(json: &str) -> Arc<Knowledge> {
    Arc::new(Knowledge::new(
        Catalog::from_export(json.as_bytes()).unwrap().0,
    ))
}

const SAMPLE: &str = include_str!("../../data/catalog.json");

fn sample() -> Arc<Knowledge> {
    static SHARED: once_cell::sync::Lazy<Arc<Knowledge>> =
        once_cell::sync::Lazy::new(|| catalog(SAMPLE));
    Arc::clone(&SHARED)
}

fn turn(question: &str) -> Turn {
    Turn {
        question: question.to_owned(),
        answer: format!("About {question}."),
        complete: true,
        focus: Focus::default(),
    }
}

fn limits(sessions: usize, session_bytes: usize) -> Limits {
    Limits {
        sessions: NonZeroUsize::new(sessions).unwrap(),
        session_bytes,
        ..Limits::default()
    }
}

/// All of a session that can be compared.
fn shown(service: &Service, id: &SessionId) -> String {
    let session = service.sessions.get(id).unwrap();
    let events = session.events.map(|events| events.told());
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {events:?}",
        session.status,
        session.step,
        session.result,
        session.result_tag,
        session.diagram,
        session.drawn,
        session.error,
        session.thread
    )
}

#[tokio::test]
async fn all_that_a_session_holds_is_there_again() {
    let place = Place::new("all");
    let service = place.start();
    let knowledge = sample();
    let tables: Vec<_> = knowledge.catalog.tables().map(|(id, _)| id).collect();
    let (schema, _) = knowledge.catalog.schemas_with_ids().last().unwrap();
    let key = RunKey::new(b"", b"mine", b"call");
    let run = service.begin(Some(key));
    service.sessions.set_step(&run, Step::Diagram);
    let events = service.sessions.get(&run).unwrap().events.unwrap();
    events.tell(RunEvent::StepCompleted {
        step: Step::Diagram,
        progress: 1.0,
        duration_seconds: 0.000_123,
        counts: Counts::Diagram {
            tables: 3,
            relationships: 2,
        },
        timestamp: "2026-01-31T10:30:05.123Z".to_owned(),
    });
    let finished = Finished {
        result: Bytes::from_static(b"{\"not\": \"\\u0000 looked at\"} \xff"),
        result_tag: "W/\"0123\"".into(),
        diagram: "erDiagram\n  Ž".into(),
        drawn: Arc::new(Drawn {
            scope: tables.clone(),
            requested: tables.iter().rev().take(3).copied().collect(),
            max_columns: 7,
        }),
        seconds: 1.5,
    };
    service.sessions.complete(&run, finished).unwrap();
    let about = Turn {
        complete: false,
        focus: Focus {
            topic: Some(Topic::Lineage),
            tables: tables.iter().rev().take(2).copied().collect(),
            schemas: vec![schema],
            table_type: Some(crate::pipeline::structure::TableType::Bridge),
            language: Language::Slovak,
        },
        ..turn("žluťoučký \u{0}")
    };
    let chat = service.chat("a.chat~1", &[turn("one"), about.clone()]);
    service.sessions.add_turn(&run, about);
    service.state.set_figure("tokens", vec![1, 2, 0xff]);
    let before = [&run, &chat].map(|id| shown(&service, id));
    let bytes = service.sessions.bytes();
    service.stop().await;

    let service = place.start();
    assert_eq!(service.state.condition(), Condition::Kept);
    assert_eq!([&run, &chat].map(|id| shown(&service, id)), before);
    assert_eq!(
        (service.sessions.count(), service.sessions.bytes()),
        (2, bytes)
    );
    assert_eq!(service.state.figure("tokens"), Some(vec![1, 2, 0xff]));
    let again = service
        .sessions
        .begin_run::<()>(Arc::default(), Some(key), || panic!("known"));
    assert_eq!(again.unwrap(), Begun::Before(run));
}

#[tokio::test]
async fn tables_that_the_catalog_has_no_more_are_left_out_and_others_found_by_name() {
    let place = Place::new("names");
    let service = place.start();
    let before = &sample().catalog;
    let all: Vec<_> = before.tables().map(|(id, _)| id).collect();
    let tables = vec![all[0], all[all.len() - 1]];
    let (gone, stays) = (tables[0], tables[1]);
    let names = [gone, stays].map(|id| before.full_name(id));
    let schemas = [gone, stays].map(|id| before.table(id).schema);
    let focus = Focus {
        tables,
        schemas: schemas.to_vec(),
        ..Focus::default()
    };
    let id = service.chat("a", &[Turn { focus, ..turn("x") }]);
    service.stop().await;

    let (schema, _) = names[0].split_once('.').unwrap();
    assert!(!names[1].starts_with(schema));
    let other = catalog(&SAMPLE.replace(schema, "aaa_elsewhere"));
    let sessions = Sessions::new(Limits::default());
    let state = State::open(Some(&place.0), &sessions, &other);
    let focus = sessions.get(&id).unwrap().thread.focus().unwrap();
    let full_name = |id: &_| other.catalog.full_name(*id);
    assert_eq!(
        focus.tables.iter().map(full_name).collect::<Vec<_>>(),
        [names[1].clone()]
    );
    assert_eq!(focus.schemas.len(), 1);
    drop(state);
}

#[tokio::test]
async fn a_run_that_was_under_way_has_failed_and_says_why() {
    let place = Place::new("interrupted");
    let service = place.start();
    let id = service.begin(None);
    service.sessions.set_step(&id, Step::Tool2);
    service.stop().await;

    let mut told = Vec::new();
    for _ in 0..2 {
        let service = place.start();
        let session = service.sessions.get(&id).unwrap();
        assert_eq!(
            (session.status, session.step),
            (Status::Failed, Some(Step::Tool2))
        );
        assert!(session.error.unwrap().contains("interrupted"));
        let events = session.events.unwrap().told();
        let names: Vec<&str> = events.iter().map(RunEvent::name).collect();
        assert_eq!(names, ["started", "failed"]);
        told.push(events);
        assert_eq!(
            service.sessions.delete(&service.completed(1)),
            Deletion::Done
        );
        service.stop().await;
    }
    assert_eq!(told[0], told[1], "it fails once");
}

#[tokio::test]
async fn sessions_that_are_forgotten_leave_the_file() {
    let place = Place::new("leave");
    let service = place.started(limits(3, 1000));
    let deleted = service.completed(10);
    service.chat("evicted", &[turn("x"), turn("y")]);
    assert!(service.state.flush().await);
    assert_eq!(service.sessions.delete(&deleted), Deletion::Done);
    let left: Vec<SessionId> = (0..3).map(|_| service.completed(5)).collect();
    service.stop().await;
    assert_eq!(place.rows(), (3, 3, 0));
    let service = place.started(limits(3, 1000));
    assert!(left.iter().all(|id| service.sessions.get(id).is_ok()));
}

#[tokio::test]
async fn a_session_of_an_id_that_was_used_before_has_nothing_of_the_earlier_one() {
    let place = Place::new("again");
    let service = place.start();
    let id = service.chat("mine", &[turn("old"), turn("older"), turn("oldest")]);
    assert!(service.state.flush().await);
    assert_eq!(service.sessions.delete(&id), Deletion::Done);
    service.chat("mine", &[turn("new")]);
    service.stop().await;
    assert_eq!(place.rows(), (1, 0, 1));
    let thread = place.start().sessions.get(&id).unwrap().thread;
    assert_eq!(thread.turns().collect::<Vec<_>>(), [&turn("new")]);
}

#[tokio::test]
async fn turns_that_are_forgotten_leave_the_file_and_are_counted() {
    let place = Place::new("turns");
    let service = place.start();
    let turns: Vec<Turn> = (0..260).map(|number| turn(&number.to_string())).collect();
    let id = service.chat("long", &turns[..90]);
    assert!(service.state.flush().await);
    service.chat("long", &turns[90..]);
    service.stop().await;
    assert_eq!(place.rows(), (1, 0, 100));
    let thread = place.start().sessions.get(&id).unwrap().thread;
    assert_eq!(thread.message_count(), 520);
    assert_eq!(thread.turns().cloned().collect::<Vec<_>>(), turns[160..]);
}

#[tokio::test]
async fn those_used_last_come_back_where_there_is_room_for_fewer() {
    let place = Place::new("room");
    let service = place.start();
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(service.completed(100));
        // Times of use are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    service.sessions.get(&ids[0]).unwrap();
    service.stop().await;

    let there = |service: &Service| -> Vec<usize> {
        let is_there = |place: &usize| service.sessions.get(&ids[*place]).is_ok();
        (0..ids.len()).filter(is_there).collect()
    };
    let fewer = place.started(limits(4, 1000));
    assert_eq!(there(&fewer), [0, 3, 4, 5]);
    fewer.stop().await;
    assert_eq!(place.rows().0, 4, "the others left the file");
    let smaller = place.started(limits(100, 350));
    assert_eq!(there(&smaller).len(), 3);
    assert!(smaller.sessions.bytes() <= 350);
    smaller.stop().await;
    assert_eq!(place.rows(), (3, 3, 0));
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_dropped_alone() {
    let place = Place::new("record");
    let service = place.start();
    let (good, bad) = (service.completed(10), service.completed(10));
    let newer = service.completed(10);
    service.chat(good.as_str(), &[turn("one"), turn("two"), turn("three")]);
    service.stop().await;
    let database = Database::open(place.file()).unwrap();
    let writing = database.begin_write().unwrap();
    {
        let mut records = writing.open_table(RECORDS).unwrap();
        records
            .insert(bad.as_str(), &b"{\"format\":1,\"status\":7}"[..])
            .unwrap();
        let record = records
            .get(newer.as_str())
            .unwrap()
            .unwrap()
            .value()
            .to_vec();
        let record = String::from_utf8(record).unwrap();
        let record = record.replace("\"format\":1", "\"format\":2");
        records.insert(newer.as_str(), record.as_bytes()).unwrap();
        let mut turns = writing.open_table(TURNS).unwrap();
        turns.insert((good.as_str(), 1), &b"\xff"[..]).unwrap();
    }
    writing.commit().unwrap();
    drop(database);

    for _ in 0..2 {
        let service = place.start();
        assert_eq!(service.state.condition(), Condition::Kept);
        assert!(service.sessions.get(&bad).is_err() && service.sessions.get(&newer).is_err());
        let thread = service.sessions.get(&good).unwrap().thread;
        assert_eq!(
            thread.turns().collect::<Vec<_>>(),
            [&turn("one"), &turn("three")]
        );
        assert_eq!(thread.message_count(), 6);
        service.stop().await;
        assert_eq!(place.rows(), (1, 1, 2));
    }
    assert!(place.aside().is_empty());
}

/// Starts on a file that is none, and is told apart afterwards.
async fn starts_empty_and_keeps(place: &Place, aside: &str) {
    let service = place.start();
    assert_eq!(service.sessions.count(), 0);
    assert_eq!(service.state.condition(), Condition::Kept);
    let id = service.completed(10);
    service.stop().await;
    assert!(place.start().sessions.get(&id).is_ok());
    let names = place.aside();
    let start = format!("{FILE_NAME}.{aside}-2");
    assert!(
        names.iter().all(|name| name.starts_with(&start)),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_none_is_set_aside_and_the_newest_three_are_kept() {
    let place = Place::new("bad");
    let good = {
        let service = place.start();
        service.completed(50_000);
        service.stop().await;
        fs::read(place.file()).unwrap()
    };
    let mut torn = good.clone();
    torn.truncate(good.len() / 3);
    let mut scrambled = good.clone();
    for byte in scrambled.iter_mut().skip(64).step_by(7) {
        *byte ^= 0x5a;
    }
    let files = [
        b"{}".to_vec(),
        vec![0xa5; 100_000],
        torn,
        scrambled,
        b"last".to_vec(),
    ];
    for (place_of, bytes) in files.iter().enumerate() {
        fs::write(place.file(), bytes).unwrap();
        starts_empty_and_keeps(&place, "bad").await;
        assert_eq!(place.aside().len(), (place_of + 1).min(3), "{place_of}");
    }
    let newest = place.0.join(place.aside().pop().unwrap());
    assert_eq!(fs::read(newest).unwrap(), b"last", "as it was");
}

#[tokio::test]
async fn any_damage_to_the_file_ends_in_a_start_that_keeps_sessions() {
    let place = Place::new("damage");
    let service = place.start();
    for _ in 0..20 {
        service.completed(3000);
    }
    service.chat("a", &[turn("x"), turn("y")]);
    service.stop().await;
    let good = fs::read(place.file()).unwrap();
    for round in 0..40_usize {
        let mut bytes = good.clone();
        let at = (round * 7919 * 512) % bytes.len();
        for byte in bytes.iter_mut().skip(at).take(1 + round * 40) {
            *byte = byte.wrapping_add(u8::try_from(round % 250).unwrap() + 1);
        }
        fs::write(place.file(), &bytes).unwrap();
        let service = place.start();
        // Some can be read before the damage shows; those are in the next file too.
        let mut ids = service.sessions.ids();
        ids.push(service.completed(10));
        let mut is_written = service.state.flush().await;
        // Damage that only a write comes upon: the file is set aside, and the next one is new.
        is_written = is_written || service.state.flush().await;
        assert!(is_written, "round {round}");
        assert_eq!(service.state.condition(), Condition::Kept);
        service.stop().await;
        let sessions = place.start().sessions;
        let lost = ids.iter().filter(|id| sessions.get(id).is_err()).count();
        assert_eq!(lost, 0, "round {round}: of {}", ids.len());
    }
    assert!(place.aside().len() <= 3);
}

#[tokio::test]
async fn what_is_read_before_damage_shows_is_in_the_next_file() {
    const PAGE: usize = 4096;
    let place = Place::new("half");
    let service = place.start();
    let mut read: Vec<SessionId> = (0..21).map(|_| service.begin(None)).collect();
    // The first by its id: behind it the store begins a new page, so that no other result shares its pages.
    read.sort_by(|a, b| b.as_str().cmp(a.as_str()));
    let damaged = read.pop().unwrap();
    service.complete(&damaged, 5 * PAGE);
    // Times of use are told apart by the millisecond, and those used last are read first.
    tokio::time::sleep(Duration::from_millis(3)).await;
    for id in &read {
        service.complete(id, 10);
    }
    service.stop().await;
    let mut bytes = fs::read(place.file()).unwrap();
    // Wherever a page of nothing but its result follows: the head of the pages that hold it.
    for start in (0..bytes.len() - 2 * PAGE).step_by(PAGE) {
        if bytes[start + PAGE..start + 2 * PAGE] == [b'x'; PAGE] {
            bytes[start] = 0xa5;
        }
    }
    fs::write(place.file(), &bytes).unwrap();

    let service = place.start();
    assert_eq!(service.state.condition(), Condition::Kept);
    assert!(service.sessions.get(&damaged).is_err());
    assert!(read.iter().all(|id| service.sessions.get(id).is_ok()));
    assert_eq!(place.aside().len(), 1);
    service.stop().await;
    let service = place.start();
    assert!(read.iter().all(|id| service.sessions.get(id).is_ok()));
    assert_eq!(place.aside().len(), 1);
}

#[tokio::test]
async fn a_file_of_a_later_version_is_set_aside() {
    let place = Place::new("newer");
    let database = Database::create(place.file()).unwrap();
    let writing = database.begin_write().unwrap();
    writing
        .open_table(ABOUT)
        .unwrap()
        .insert("format", 2)
        .unwrap();
    writing.commit().unwrap();
    drop(database);
    starts_empty_and_keeps(&place, "newer").await;
    assert_eq!(place.aside().len(), 1);
}

#[tokio::test]
async fn without_a_folder_that_can_be_written_it_goes_on_and_tries_again() {
    let place = Place::new("folder");
    let in_the_way = place.0.join("state");
    fs::write(&in_the_way, "a file where the folder should be").unwrap();
    let sessions = Sessions::new(Limits::default());
    let state = State::open(Some(&in_the_way), &sessions, &sample());
    let service = Service { sessions, state };
    assert_eq!(service.state.condition(), Condition::Failing);
    let id = service.completed(10);
    service.state.set_figure("tokens", vec![7]);
    assert!(!service.state.flush().await);
    assert!(service.sessions.get(&id).is_ok());

    fs::remove_file(&in_the_way).unwrap();
    assert!(service.state.flush().await);
    assert_eq!(service.state.condition(), Condition::Kept);
    service.stop().await;
    let sessions = Sessions::new(Limits::default());
    let state = State::open(Some(&in_the_way), &sessions, &sample());
    assert!(sessions.get(&id).is_ok());
    assert_eq!(state.figure("tokens"), Some(vec![7]));
}

#[tokio::test]
async fn a_file_that_another_process_has_is_left_alone_and_read_once_it_is_free() {
    let place = Place::new("locked");
    let old = place.start();
    let before = old.chat("before", &[turn("x")]);
    old.chat("both", &[turn("old")]);
    let both: SessionId = "both".parse().unwrap();
    assert!(old.state.flush().await);
    let new = place.start();
    assert_eq!(new.state.condition(), Condition::Failing);
    assert!(new.sessions.get(&before).is_err());
    new.chat("both", &[turn("new")]);
    assert!(!new.state.flush().await);
    old.chat("last", &[]);
    old.stop().await;
    assert!(new.state.flush().await);
    assert!(new.sessions.get(&"last".parse().unwrap()).is_ok());
    assert_eq!(new.state.condition(), Condition::Kept);
    assert!(new.sessions.get(&before).is_ok(), "taken over");
    let thread = new.sessions.get(&both).unwrap().thread;
    assert_eq!(
        thread.turns().collect::<Vec<_>>(),
        [&turn("new")],
        "the truth"
    );
    assert!(place.aside().is_empty());
    new.stop().await;
    assert_eq!(place.rows(), (3, 0, 2));
}

/// The next one may start before the last one has ended.
#[tokio::test(start_paused = true)]
async fn a_file_that_another_process_has_is_taken_over_soon_after_that_ends_however_late() {
    let place = Place::new("overlap");
    let old = place.start();
    let before = old.chat("before", &[turn("x")]);
    old.state.set_figure("spent", vec![40]);
    assert!(old.state.flush().await);
    let new = place.start();
    let taken_over = Arc::new(Mutex::new(Vec::new()));
    let known = Arc::clone(&taken_over);
    new.state.take_over("spent", move |kept| {
        known.lock().unwrap().extend_from_slice(kept);
        vec![kept[0] + 2]
    });
    new.state.set_figure("spent", vec![2]);
    let state = new.state.clone();
    let writer = tokio::spawn(async move { state.keep_written().await });
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert_eq!(new.state.condition(), Condition::Failing);
    old.stop().await;
    tokio::time::sleep(INTERVAL * 2).await;
    assert_eq!(new.state.condition(), Condition::Kept);
    assert!(new.sessions.get(&before).is_ok());
    assert_eq!(*taken_over.lock().unwrap(), [40]);
    writer.abort();
    new.stop().await;
    assert_eq!(place.start().state.figure("spent"), Some(vec![42]));
}

#[tokio::test]
async fn what_is_written_of_a_run_that_ends_meanwhile_has_no_end_without_its_result() {
    let service = Place::new("ends").start();
    let id = service.begin(None);
    let snapshot = service.sessions.snapshot(&id).unwrap();
    service.sessions.fail(&id, "over".to_owned());
    let record = serde_json::to_string(&record::Record::of(&snapshot, 0)).unwrap();
    assert!(record.contains("\"status\":\"running\""), "{record}");
    assert!(!record.contains("over"), "{record}");
}

#[tokio::test]
async fn what_changes_is_written_within_the_bound_and_failures_are_not_retried_all_the_time() {
    let place = Place::new("bound");
    let service = place.start();
    let state = service.state.clone();
    let writer = tokio::spawn(async move { state.keep_written().await });
    let begun = Instant::now();
    service.completed(10);
    while service.sessions.has_changes() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Taken; what is left of the bound is for the writing.
    assert!(begun.elapsed() <= LOSS_MAX / 2 + Duration::from_millis(300));
    writer.abort();
    service.stop().await;
    assert_eq!(place.rows(), (1, 1, 0));
}

#[tokio::test]
async fn where_no_folder_is_configured_nothing_is_noted() {
    let sessions = Sessions::new(Limits::default());
    let state = State::open(None, &sessions, &sample());
    let service = Service { sessions, state };
    service.completed(10);
    service.state.set_figure("tokens", vec![1]);
    assert_eq!(service.state.condition(), Condition::Off);
    assert_eq!(service.state.figure("tokens"), None);
    assert!(!service.sessions.has_changes());
    assert!(service.state.flush().await && service.state.close().await);
}

/// What is deleted makes room for what comes: the file stays within a few times of what it holds.
#[tokio::test]
async fn the_file_does_not_grow_with_what_was_in_it() {
    let place = Place::new("grow");
    let most = limits(100, 4_000_000);
    let service = place.started(most);
    let mut sizes = Vec::new();
    for round in 0..40 {
        for number in 0..25 {
            service.completed(10_000 + (round * 977 + number * 131) % 20_000);
        }
        assert!(service.state.flush().await);
        sizes.push(fs::metadata(place.file()).unwrap().len());
    }
    let held = service.sessions.bytes();
    println!("{held} bytes held, the file by rounds: {sizes:?}");
    assert!(sizes[39] <= sizes[9] * 3 / 2, "{sizes:?}");
    service.stop().await;
    let closed = fs::metadata(place.file()).unwrap().len();
    println!("closed: {closed}");
    assert!(closed <= sizes[39]);
}

#[tokio::test]
async fn a_file_gives_back_what_its_sessions_no_longer_take() {
    let place = Place::new("shrink");
    let size = || fs::metadata(place.file()).unwrap().len();
    let service = place.start();
    let kept = service.completed(1000);
    let many: Vec<SessionId> = (0..60).map(|_| service.completed(500_000)).collect();
    assert!(service.state.flush().await);
    let large = size();
    assert!(large > 30_000_000);
    for id in &many {
        assert_eq!(service.sessions.delete(id), Deletion::Done);
    }
    service.stop().await;
    let begun = Instant::now();
    let service = place.start();
    println!("from {large} to {} bytes in {:?}", size(), begun.elapsed());
    assert!(size() < 4_000_000);
    assert!(service.sessions.get(&kept).is_ok());
    service.stop().await;
}

/// How long a start takes; printed, for whoever runs it with an optimizing build.
#[tokio::test]
async fn a_thousand_sessions_are_read_back() {
    let place = Place::new("thousand");
    let begun = Instant::now();
    drop(place.start());
    println!("nothing: {:?}", begun.elapsed());
    let service = place.start();
    for _ in 0..1000 {
        let id = service.completed(30_000);
        service.chat(id.as_str(), &[turn("x"), turn("y")]);
    }
    let begun = Instant::now();
    assert!(service.state.flush().await);
    println!("written in {:?}", begun.elapsed());
    service.stop().await;
    let begun = Instant::now();
    let service = place.start();
    println!("read back in {:?}", begun.elapsed());
    assert_eq!(service.sessions.count(), 1000);
    // As after a crash: the file was not closed.
    let copy = Place::new("thousand-copy");
    service.chat("one-more", &[turn("x")]);
    assert!(service.state.flush().await);
    fs::copy(place.file(), copy.file()).unwrap();
    let begun = Instant::now();
    assert_eq!(copy.start().sessions.count(), 1001);
    println!("read back after a crash in {:?}", begun.elapsed());
}
