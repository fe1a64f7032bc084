//! The store under orders of threads that no clock would bring about: thousands of them, random ones
//! and ones made to find rare bugs (PCT: Burckhardt and others, "A Randomized Scheduler with
//! Probabilistic Guarantees of Finding Bugs", ASPLOS 2010).

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::sync::atomic::{AtomicUsize, Ordering};
use shuttle::{Config, Runner, thread};

use super::*;
use crate::config::Limits;
use crate::explorer::Focus;
use crate::explorer::thread::Turn;

/// Schedules that each promise is tried under, by each kind of scheduler.
const SCHEDULES: usize = 1250;
/// How many times a rare bug needs the order of threads to change in one place.
const PCT_DEPTH: usize = 3;

fn under_all_schedules(promise: fn()) {
    under(RandomScheduler::new(SCHEDULES), promise);
    under(PctScheduler::new(PCT_DEPTH, SCHEDULES), promise);
}

fn under(scheduler: impl Scheduler + 'static, promise: fn()) {
    let mut config = Config::new();
    config.stack_size = 256 * 1024;
    Runner::new(scheduler, config).run(promise);
}

fn store(sessions: usize, session_bytes: usize) -> Sessions {
    let store = Sessions::new(Limits {
        sessions: NonZeroUsize::new(sessions).unwrap(),
        session_bytes,
        ..Limits::default()
    });
    store.watch_changes();
    store
}

fn id(name: &str) -> SessionId {
    name.parse().unwrap()
}

fn chat(store: &Sessions, name: &str, turns: usize) {
    let id = id(name);
    if store.open(&id).is_err() {
        return;
    }
    store.chatting(&id);
    for _ in 0..turns {
        store.add_turn(
            &id,
            Turn {
                question: "question".to_owned(),
                answer: "answer".to_owned(),
                complete: true,
                focus: Focus::default(),
            },
        );
    }
}

fn run(store: &Sessions, bytes: usize) -> Option<SessionId> {
    let Ok(Begun::New(id, ())) = store.begin_run(Arc::default(), None, || Ok(())) else {
        return None;
    };
    let finished = Finished {
        result: Bytes::from(vec![b' '; bytes]),
        result_tag: "".into(),
        diagram: "".into(),
        drawn: Arc::default(),
        seconds: 0.5,
    };
    store.complete(&id, finished).unwrap();
    Some(id)
}

/// Does this in threads of their own and waits for all of them.
fn together(work: Vec<Box<dyn FnOnce() + Send>>) {
    let threads: Vec<_> = work.into_iter().map(thread::spawn).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// What a writer wrote of a session.
type Written = (Status, usize, usize, uuid::Uuid);

fn shown(store: &Sessions, id: &SessionId) -> Option<Written> {
    let Snapshot { session, .. } = store.snapshot(id)?;
    Some((
        session.status,
        session.bytes(),
        session.thread.count(),
        session.incarnation,
    ))
}

/// Writes as the keeper of the file does: what it takes, as it is then.
fn write(store: &Sessions, file: &mut HashMap<SessionId, Written>) {
    let changes = store.take_changes();
    let mut ids: Vec<SessionId> = changes.ids.into_iter().collect();
    if changes.all {
        ids = store.ids();
        file.retain(|id, _| ids.contains(id));
    }
    for id in ids {
        match shown(store, &id) {
            Some(written) => file.insert(id, written),
            None => file.remove(&id),
        };
    }
}

#[test]
fn schedules_lose_no_change_on_its_way_to_the_file() {
    under_all_schedules(|| {
        // Full at times, so that sessions are evicted, and changes too many to be noted one by one.
        let store = store(3, 120);
        let (chats, runs, writer) = (store.clone(), store.clone(), store.clone());
        let file = Arc::new(std::sync::Mutex::new(HashMap::new()));
        let writes = Arc::clone(&file);
        together(vec![
            Box::new(move || {
                chat(&chats, "a", 2);
                chats.delete(&id("a"));
                chat(&chats, "a", 1);
                chat(&chats, "b", 1);
            }),
            Box::new(move || {
                for bytes in [10, 100, 20] {
                    run(&runs, bytes);
                }
                runs.interrupt();
            }),
            Box::new(move || {
                let mut file = HashMap::new();
                write(&writer, &mut file);
                // A write that fails: nobody knows what of it has arrived.
                writer.take_changes();
                writer.note_all();
                write(&writer, &mut file);
                *writes.lock().unwrap() = file;
            }),
        ]);
        let mut file = std::mem::take(&mut *file.lock().unwrap());
        write(&store, &mut file);
        let ids = store.ids();
        assert_eq!(file.len(), ids.len(), "and nothing forgotten is left");
        for id in ids {
            assert_eq!(file.get(&id).copied(), shown(&store, &id));
        }
    });
}

#[test]
fn schedules_count_the_bytes_that_are_there() {
    under_all_schedules(|| {
        let store = store(4, 100);
        let handles = [(); 4].map(|()| store.clone());
        let [chats, deletes, runs, sweeps] = handles;
        together(vec![
            Box::new(move || chat(&chats, "a", 3)),
            Box::new(move || {
                chat(&deletes, "a", 1);
                deletes.delete(&id("a"));
                chat(&deletes, "b", 2);
            }),
            Box::new(move || {
                if let Some(id) = run(&runs, 70) {
                    runs.delete(&id);
                }
                run(&runs, 60);
                run(&runs, 50);
            }),
            Box::new(move || {
                sweeps.sweep();
                assert!(sweeps.count() <= 4);
            }),
        ]);
        let sessions = store.ids().into_iter();
        let bytes: usize = sessions
            .filter_map(|id| store.snapshot(&id))
            .map(|snapshot| snapshot.session.bytes())
            .sum();
        assert_eq!(store.bytes(), bytes);
        assert!(bytes <= 100 && store.count() <= 4);
    });
}

#[test]
fn schedules_forget_no_session_that_is_under_way() {
    under_all_schedules(|| {
        let store = store(2, 100);
        let (asks, floods, deletes) = (store.clone(), store.clone(), store.clone());
        together(vec![
            Box::new(move || {
                let Ok(room) = asks.take_room(&id("asked")) else {
                    return;
                };
                let before = shown(&asks, &id("asked")).expect("it waits for its answer");
                thread::yield_now();
                let after = shown(&asks, &id("asked")).expect("it waits for its answer");
                assert_eq!(before.3, after.3, "the same one");
                drop(room);
            }),
            Box::new(move || {
                for name in ["x", "y", "z"] {
                    chat(&floods, name, 3);
                }
            }),
            Box::new(move || {
                let begun = deletes.begin_run(Arc::default(), None, || Ok(()));
                deletes.delete(&id("asked"));
                deletes.sweep();
                if let Ok(Begun::New(running, ())) = begun {
                    let (status, ..) = shown(&deletes, &running).expect("it is running");
                    assert_eq!(status, Status::Running);
                }
            }),
        ]);
    });
}

#[test]
fn schedules_start_one_run_for_one_key() {
    under_all_schedules(|| {
        let store = store(10, 1000);
        let places = Arc::new(AtomicUsize::new(0));
        let begun = Arc::new(std::sync::Mutex::new(Vec::new()));
        let call = |body: &'static [u8]| {
            let (store, places, begun) = (store.clone(), Arc::clone(&places), Arc::clone(&begun));
            Box::new(move || {
                let key = RunKey::new(b"", b"key", body);
                let outcome = store.begin_run(Arc::default(), Some(key), || {
                    places.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                });
                begun.lock().unwrap().push((body, outcome.unwrap()));
            }) as Box<dyn FnOnce() + Send>
        };
        together(vec![call(b"one"), call(b"one"), call(b"one"), call(b"two")]);
        assert_eq!((store.count(), places.load(Ordering::SeqCst)), (1, 1));
        let running = store.ids().pop().unwrap();
        let begun = begun.lock().unwrap();
        let new = Begun::New(running.clone(), ());
        let (first, _) = begun.iter().find(|(_, begun)| *begun == new).unwrap();
        for (body, begun) in begun.iter().filter(|(_, begun)| *begun != new) {
            let wanted = if body == first {
                Begun::Before(running.clone())
            } else {
                Begun::OtherCall
            };
            assert_eq!(*begun, wanted);
        }
    });
}
