use std::num::NonZeroUsize;

use bytes::Bytes;

use super::*;
use crate::explorer::Focus;

fn store(sessions: usize, session_bytes: usize) -> Sessions {
    let sessions = NonZeroUsize::new(sessions).unwrap();
    Sessions::new(Limits {
        sessions,
        session_bytes,
        session_ttl: Duration::from_secs(60),
        ..Limits::default()
    })
}

fn finished(bytes: usize) -> Finished {
    Finished {
        result: Bytes::from(vec![b' '; bytes]),
        result_tag: "".into(),
        diagram: "".into(),
        drawn: Arc::default(),
        seconds: 0.5,
    }
}

fn begun(store: &Sessions) -> Result<SessionId, Error> {
    match store.begin_run(Arc::default(), None, || Ok(()))? {
        Begun::New(id, ()) => Ok(id),
        other => panic!("{other:?}"),
    }
}

fn completed(store: &Sessions, bytes: usize) -> SessionId {
    let id = begun(store).unwrap();
    store.complete(&id, finished(bytes)).unwrap();
    id
}

#[tokio::test(start_paused = true)]
async fn a_session_lives_by_its_last_use_and_a_running_one_never_expires() {
    let store = store(10, 1000);
    let (used, idle) = (completed(&store, 10), completed(&store, 10));
    let running = begun(&store).unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    store.get(&used).unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    assert!(
        matches!(store.get(&idle), Err(Error::NoSession)),
        "expired before any sweep"
    );
    assert_eq!(store.sweep(), 1);
    assert!(store.get(&used).is_ok());
    assert_eq!(store.get(&running).unwrap().status, Status::Running);
    assert_eq!((store.count(), store.bytes()), (2, 10));
    let (expired, evicted) = (1, 0);
    assert_eq!(store.forgotten(), Forgotten { expired, evicted });
}

#[tokio::test(start_paused = true)]
async fn the_sweep_runs_by_itself() {
    let store = store(10, 1000);
    completed(&store, 10);
    let sweeping = store.clone();
    let sweeper = tokio::spawn(async move { sweeping.keep_swept().await });
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert_eq!(store.count(), 0);
    sweeper.abort();
}

#[tokio::test(start_paused = true)]
async fn the_oldest_idle_session_goes_first_when_there_are_too_many() {
    let store = store(3, 1000);
    let oldest = completed(&store, 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    let running = begun(&store).unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let newest = completed(&store, 1);
    let extra = begun(&store).unwrap();
    assert!(matches!(store.get(&oldest), Err(Error::NoSession)));
    assert!(store.get(&running).is_ok() && store.get(&newest).is_ok() && store.get(&extra).is_ok());
}

#[test]
fn a_store_full_of_running_sessions_refuses_more() {
    let store = store(2, 1000);
    begun(&store).unwrap();
    begun(&store).unwrap();
    assert!(matches!(begun(&store), Err(Error::Full)));
    assert_eq!(store.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn bytes_are_capped_by_forgetting_the_oldest_results() {
    let store = store(10, 100);
    let first = completed(&store, 60);
    tokio::time::advance(Duration::from_secs(1)).await;
    let second = completed(&store, 60);
    assert!(matches!(store.get(&first), Err(Error::NoSession)));
    assert!(store.get(&second).is_ok());
    assert_eq!(store.bytes(), 60);
    assert_eq!(store.delete(&second), Deletion::Done);
    assert_eq!(store.delete(&second), Deletion::NoSession);
    assert_eq!(store.bytes(), 0);
    let (expired, evicted) = (0, 1);
    assert_eq!(store.forgotten(), Forgotten { expired, evicted });
}

#[test]
fn a_result_that_can_never_be_kept_is_refused_and_takes_no_room_from_others() {
    let store = store(10, 100);
    let kept = completed(&store, 60);
    let huge = begun(&store).unwrap();
    let refused = store.complete(&huge, finished(101)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The result has 101 bytes and the service keeps 100. Narrow the scope."
    );
    assert_eq!(store.get(&huge).unwrap().status, Status::Running);
    assert!(store.get(&kept).is_ok());
}

fn turn(question: &str) -> Turn {
    Turn {
        question: question.to_owned(),
        answer: "answer".to_owned(),
        complete: true,
        focus: Focus::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_chat_makes_its_session_and_finds_it_again_with_what_was_said() {
    let store = store(10, 1000);
    let id: SessionId = "mine".parse().unwrap();
    assert_eq!(store.open(&id).unwrap().status, Status::Active);
    store.chatting(&id);
    store.add_turn(&id, turn("first"));
    let session = store.open(&id).unwrap();
    assert_eq!(session.status, Status::Chat);
    assert_eq!(
        (session.thread.message_count(), store.bytes()),
        (2, "firstanswer".len())
    );
    tokio::time::advance(Duration::from_secs(61)).await;
    let again = store.open(&id).unwrap();
    assert_eq!(
        (again.status, again.thread.message_count()),
        (Status::Active, 0),
        "expired"
    );
    assert_eq!((store.count(), store.bytes()), (1, 0));
}

#[test]
fn a_chat_leaves_the_status_and_result_of_a_run_as_they_are() {
    let store = store(10, 1000);
    let run = completed(&store, 10);
    store.open(&run).unwrap();
    store.chatting(&run);
    store.add_turn(&run, turn("about it"));
    let session = store.get(&run).unwrap();
    assert_eq!(session.status, Status::Completed);
    assert_eq!(session.result.map(|result| result.len()), Some(10));
    assert_eq!(session.thread.message_count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_kept_while_a_question_of_it_is_answered() {
    let store = store(2, 1000);
    let id: SessionId = "mine".parse().unwrap();
    let room = store.open(&id).unwrap().turns.enter();
    tokio::time::advance(Duration::from_secs(120)).await;
    completed(&store, 1);
    completed(&store, 1);
    assert_eq!(store.sweep(), 0);
    assert!(store.get(&id).is_ok(), "used longest ago, but in use");
    drop(room);
    completed(&store, 1);
    assert!(store.get(&id).is_ok(), "just used");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert!(store.get(&id).is_err());
}

#[test]
fn a_hundred_thousand_ids_that_clients_make_up_take_the_room_of_a_few() {
    let (most, bytes) = (500, 20_000);
    let store = store(most, bytes);
    store.watch_changes();
    let running = begun(&store).unwrap();
    let key = |number: u32| RunKey::new(b"", &number.to_be_bytes(), b"call");
    for number in 0..100_000 {
        if number % 10 == 0 {
            let begun = store.begin_run(Arc::default(), Some(key(number)), || Ok(()));
            let Ok(Begun::New(id, ())) = begun else {
                panic!("{begun:?}");
            };
            store.fail(&id, "over".to_owned());
        } else {
            let id = SessionId::random();
            store.open(&id).unwrap();
            store.add_turn(&id, turn(&number.to_string()));
        }
    }
    assert_eq!(store.count(), most);
    assert!(store.bytes() <= bytes);
    let table = store.read();
    assert!(table.waiting() <= 3 * most, "to be evicted");
    assert!(table.keys().len() <= most, "keys go with their sessions");
    drop(table);
    let changes = store.take_changes();
    assert!(changes.ids.len() <= 2 * most, "to be written");
    assert!(
        store.get(&running).is_ok(),
        "used longest ago, but under way"
    );
}

#[test]
fn a_run_ends_once_and_an_interruption_ends_all_that_are_under_way() {
    let store = store(10, 1000);
    let (done, waiting) = (completed(&store, 10), begun(&store).unwrap());
    assert_eq!(store.interrupt(), 1);
    store.complete(&waiting, finished(10)).unwrap();
    store.fail(&done, "late".to_owned());
    let session = store.get(&waiting).unwrap();
    assert_eq!((session.status, session.result), (Status::Failed, None));
    assert_eq!(session.error.as_deref(), Some(INTERRUPTED));
    assert_eq!(store.get(&done).unwrap().status, Status::Completed);
    assert_eq!(store.interrupt(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_known_is_use_and_one_of_an_expired_session_is_not_known() {
    let store = store(10, 1000);
    let key = RunKey::new(b"", b"key", b"call");
    let call = || {
        store
            .begin_run(Arc::default(), Some(key), || Ok(()))
            .unwrap()
    };
    let Begun::New(first, ()) = call() else {
        panic!("it is new");
    };
    store.fail(&first, "over".to_owned());
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(call(), Begun::Before(first.clone()));
    }
    tokio::time::advance(Duration::from_secs(61)).await;
    assert!(matches!(call(), Begun::New(second, ()) if second != first));
    let refused = store.begin_run::<()>(
        Arc::default(),
        Some(RunKey::new(b"", b"other", b"call")),
        || Err(Error::Busy),
    );
    assert!(matches!(refused, Err(Error::Busy)));
    assert_eq!(store.read().keys().len(), 1, "a refused call uses no key");
}
