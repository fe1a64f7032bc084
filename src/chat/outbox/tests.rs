use super::*;

const FIRST: u64 = 1_000;
const INTERVAL: Duration = Duration::from_millis(50);
const FAREWELL: Farewell = Farewell {
    code: 1001,
    reason: "bye",
};

fn outbox(partials: Partials) -> Outbox {
    Outbox::new(partials, INTERVAL, FIRST, false)
}

fn frame(name: &str) -> Unstamped {
    frames::user(name)
}

/// The content of what is sent next, and after how long.
async fn sent(outbox: &Outbox) -> (String, Duration) {
    let before = Instant::now();
    let text = match outbox.next().await {
        Outgoing::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
    (
        frame["content"].as_str().unwrap().to_owned(),
        before.elapsed(),
    )
}

/// Whether there is nothing to send for the next hour.
async fn is_silent(outbox: &Outbox) -> bool {
    let hour = Duration::from_secs(3600);
    tokio::time::timeout(hour, outbox.next()).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn cumulative_partials_keep_their_interval_and_end_with_the_whole_text() {
    let outbox = outbox(Partials::Cumulative);
    let pieces: Vec<String> = (0..200).map(|number| format!("{number} ")).collect();
    let telling = async {
        for piece in &pieces {
            Telling(&outbox).text(piece);
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        outbox.finish(frame("end"));
    };
    let reading = async {
        let mut frames = vec![(sent(&outbox).await.0, Instant::now())];
        while frames[frames.len() - 1].0 != "end" {
            frames.push((sent(&outbox).await.0, Instant::now()));
        }
        frames
    };
    let ((), mut frames) = tokio::join!(telling, reading);
    frames.pop();
    for pair in frames.windows(2) {
        assert!(pair[1].0.starts_with(&pair[0].0) && pair[1].0 != pair[0].0);
        assert!(pair[1].1 - pair[0].1 >= INTERVAL);
    }
    assert_eq!(frames.len(), 13, "600 ms, one at once and one in 50 ms");
    assert_eq!(frames[12].0, pieces.concat());
    assert!(is_silent(&outbox).await);
}

#[tokio::test(start_paused = true)]
async fn pieces_come_at_once_and_are_the_text_put_together() {
    let outbox = outbox(Partials::Delta);
    for piece in ["Tři ", "žluté", " \u{1F40E}"] {
        Telling(&outbox).text(piece);
        assert_eq!(sent(&outbox).await, (piece.to_owned(), Duration::ZERO));
        tokio::time::advance(BREATH).await;
    }
    Telling(&outbox).text("a");
    outbox.push(frame("tool"));
    Telling(&outbox).text("b");
    Telling(&outbox).text("c");
    outbox.finish(frame("end"));
    Telling(&outbox).text("next");
    for (wanted, waited) in [
        ("a", Duration::ZERO),
        ("tool", Duration::ZERO),
        ("bc", BREATH),
        ("end", Duration::ZERO),
        ("next", BREATH),
    ] {
        assert_eq!(sent(&outbox).await, (wanted.to_owned(), waited));
    }
    assert!(is_silent(&outbox).await);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_fewer_partials_and_no_longer_queue() {
    let outbox = outbox(Partials::Cumulative);
    let telling = async {
        for _ in 0..1000 {
            Telling(&outbox).text("word ");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        outbox.finish(frame("end"));
    };
    let reading = async {
        let mut count = 0;
        while sent(&outbox).await.0 != "end" {
            count += 1;
            assert!(outbox.state().waiting.len() <= 2);
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        count
    };
    let ((), partials) = tokio::join!(telling, reading);
    assert_eq!(partials, 6, "in 10 s, one at once and one in 2 s");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_text_waits_for_its_interval_and_the_answer_for_it() {
    let outbox = outbox(Partials::Cumulative);
    Telling(&outbox).text("a");
    assert_eq!(sent(&outbox).await, ("a".to_owned(), Duration::ZERO));
    Telling(&outbox).text("b");
    outbox.finish(frame("end"));
    assert_eq!(sent(&outbox).await, ("ab".to_owned(), INTERVAL));
    assert_eq!(sent(&outbox).await, ("end".to_owned(), Duration::ZERO));
    Telling(&outbox).text("c");
    assert_eq!(sent(&outbox).await.0, "c", "the next answer begins anew");
}

#[tokio::test(start_paused = true)]
async fn a_long_text_is_repeated_less_often() {
    let outbox = outbox(Partials::Cumulative);
    Telling(&outbox).text(&"x".repeat(200 * 2048));
    sent(&outbox).await;
    Telling(&outbox).text("y");
    let (_, waited) = sent(&outbox).await;
    assert_eq!(waited, INTERVAL + Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn a_text_before_a_look_up_is_told_before_it_unless_the_client_is_behind() {
    let outbox = outbox(Partials::Cumulative);
    Telling(&outbox).text("a");
    outbox.push(frame("tool 1"));
    Telling(&outbox).text("b");
    outbox.push(frame("tool 2"));
    Telling(&outbox).text("c");
    for (wanted, waited) in [
        ("a", Duration::ZERO),
        ("tool 1", Duration::ZERO),
        ("tool 2", Duration::ZERO),
        ("abc", INTERVAL),
    ] {
        assert_eq!(sent(&outbox).await, (wanted.to_owned(), waited));
    }
}

#[tokio::test(start_paused = true)]
async fn more_frames_than_may_wait_are_noticed_and_nothing_follows_the_gap() {
    let outbox = outbox(Partials::Cumulative);
    for _ in 0..FRAMES_MAX {
        outbox.push(frame("x"));
    }
    assert!(!outbox.overflown());
    assert_eq!(sent(&outbox).await.0, "x");
    outbox.push(frame("x"));
    assert!(!outbox.overflown(), "there was room again");
    outbox.push(frame("x"));
    assert!(outbox.overflown());
    assert_eq!(outbox.next().await, Outgoing::TooSlow);
    outbox.close(FAREWELL);
    assert_eq!(outbox.next().await, Outgoing::Close(FAREWELL));
}

#[tokio::test(start_paused = true)]
async fn more_bytes_than_may_wait_are_noticed_but_one_frame_always_fits() {
    let outbox = outbox(Partials::Cumulative);
    let long = "x".repeat(2 * BYTES_MAX);
    outbox.push(frame(&long));
    assert_eq!(sent(&outbox).await.0, long);
    outbox.push(frame("x"));
    outbox.push(frame("y"));
    outbox.push(frame(&long));
    assert!(!outbox.overflown(), "what was sent no longer counts");
    outbox.push(frame("z"));
    assert!(outbox.overflown());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_at_once_is_no_sign_of_a_slow_client() {
    let outbox = outbox(Partials::Delta);
    let text = "ž".repeat(BYTES_MAX);
    outbox.push(frame("tool"));
    Telling(&outbox).text(&text);
    outbox.finish(frame("end"));
    assert_eq!(sent(&outbox).await.0, "tool");
    let (mut pieces, mut next) = (String::new(), sent(&outbox).await.0);
    while next != "end" {
        assert!(
            next.len() <= PIECE_MAX,
            "no frame is too long to be written"
        );
        pieces.push_str(&next);
        next = sent(&outbox).await.0;
    }
    assert!(pieces == text && is_silent(&outbox).await);
}

#[tokio::test(start_paused = true)]
async fn of_a_very_long_text_only_the_end_is_told() {
    let outbox = outbox(Partials::Cumulative);
    Telling(&outbox).text(&"x".repeat(CUMULATIVE_MAX + 1));
    assert!(is_silent(&outbox).await);
    outbox.push(frame("tool"));
    outbox.finish(frame("end"));
    assert_eq!(sent(&outbox).await.0, "tool");
    assert_eq!(sent(&outbox).await.0, "end");
}

/// An outbox for a client that wants to resume.
fn resumable(partials: Partials) -> Outbox {
    Outbox::new(partials, Duration::ZERO, FIRST, true)
}

/// The numbers and contents of all that can be sent now.
async fn numbered(outbox: &Outbox) -> Vec<(u64, String)> {
    let mut frames = Vec::new();
    while let Ok(Outgoing::Text(text)) =
        tokio::time::timeout(Duration::from_secs(1), outbox.next()).await
    {
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        let content = frame["content"].as_str().unwrap().to_owned();
        frames.push((frame["seq"].as_u64().unwrap(), content));
    }
    frames
}

fn wanted<const N: usize>(frames: [(u64, &str); N]) -> Vec<(u64, String)> {
    frames
        .map(|(seq, content)| (FIRST + seq, content.to_owned()))
        .into()
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_goes_out_again_and_then_what_came_meanwhile() {
    let outbox = resumable(Partials::Delta);
    outbox.push(frame("user"));
    Telling(&outbox).text("a");
    let before = numbered(&outbox).await;
    assert_eq!(before, wanted([(0, "user"), (1, "a")]));
    outbox.detach();
    Telling(&outbox).text("b");
    outbox.push(frame("tool"));
    Telling(&outbox).text("c");
    assert!(outbox.resume(FIRST, Partials::Delta));
    let after = numbered(&outbox).await;
    assert_eq!(after, wanted([(1, "a"), (2, "b"), (3, "tool"), (4, "c")]));
    outbox.detach();
    assert!(outbox.resume(FIRST + 4, Partials::Delta));
    assert_eq!(numbered(&outbox).await, []);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_kept_is_replaced_by_the_text_so_far() {
    type Missing = fn(&Outbox) -> bool;
    let cases: [(&str, Missing); 5] = [
        ("too many frames", |outbox| {
            (0..=FRAMES_MAX).for_each(|_| outbox.push(frame("x")));
            outbox.resume(FIRST, Partials::Delta)
        }),
        ("too many bytes", |outbox| {
            outbox.push(frame(&"x".repeat(kept::BYTES_MAX)));
            outbox.resume(FIRST, Partials::Delta)
        }),
        ("the end of an answer, too long", |outbox| {
            outbox.finish(frame(&"x".repeat(kept::BYTES_MAX)));
            Telling(outbox).text("a");
            outbox.resume(FIRST, Partials::Delta)
        }),
        ("more than was sent", |outbox| {
            outbox.resume(FIRST + 2, Partials::Delta)
        }),
        ("another kind of partials", |outbox| {
            outbox.resume(FIRST + 1, Partials::Cumulative)
        }),
    ];
    for (what, resumed) in cases {
        let outbox = resumable(Partials::Delta);
        outbox.push(frame("user"));
        Telling(&outbox).text("a");
        assert_eq!(numbered(&outbox).await.len(), 2);
        outbox.detach();
        assert!(!resumed(&outbox), "{what}");
        outbox.restart(|said| frame(&format!("so far {said}")));
        Telling(&outbox).text("b");
        let all = numbered(&outbox).await;
        let next = if outbox.state().partials == Partials::Delta {
            "b"
        } else {
            "ab"
        };
        assert_eq!(all, wanted([(2, "so far a"), (3, next)]), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_socket_old_frames_make_room_for_new_ones() {
    let outbox = resumable(Partials::Delta);
    for _ in 0..FRAMES_MAX {
        outbox.push(frame("x"));
    }
    assert_eq!(numbered(&outbox).await.len(), FRAMES_MAX);
    outbox.detach();
    outbox.push(frame("y"));
    assert!(outbox.resume(FIRST, Partials::Delta), "the first was seen");
    assert_eq!(numbered(&outbox).await.len(), FRAMES_MAX);
    outbox.detach();
    assert!(!outbox.resume(0, Partials::Delta), "the first is gone");
}

#[tokio::test(start_paused = true)]
async fn a_partial_never_takes_the_room_of_the_answer() {
    let outbox = outbox(Partials::Cumulative);
    let text = "x".repeat(BYTES_MAX / 2 + 1);
    Telling(&outbox).text(&text);
    outbox.finish(frame(&text));
    assert_eq!(sent(&outbox).await.0, text);
    assert!(!outbox.overflown());
    assert!(is_silent(&outbox).await);
}

#[tokio::test(start_paused = true)]
async fn a_ping_goes_first_and_the_farewell_last_and_once() {
    let outbox = outbox(Partials::Cumulative);
    outbox.push(frame("x"));
    Telling(&outbox).text("a");
    outbox.close(FAREWELL);
    outbox.close(Farewell {
        code: 1008,
        reason: "too late",
    });
    outbox.ping();
    outbox.ping();
    assert_eq!(outbox.next().await, Outgoing::Ping);
    assert_eq!(sent(&outbox).await.0, "x");
    assert_eq!(sent(&outbox).await.0, "a");
    assert_eq!(outbox.next().await, Outgoing::Close(FAREWELL));
}
