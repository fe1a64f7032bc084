//! Clients that lose their connection and go on where they were.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use mcop_api::explorer::{Answer, Answers, Ask, Failure, Listener};
use mcop_api::sessions::Sessions;
use mcop_api::{App, GRACE, chat::Chat};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::scripted::{Echo, Questions, answer, puppet};
use crate::socket_client::{Client, Raw, agent, checked, error, masked, partial, resync, user};
use crate::support::{Server, chat_config, config, sample, until, within};

/// A piece of an answer, with its number.
fn piece(number: usize) -> String {
    format!("{number} ")
}

/// Counts, piece by piece, with a look-up after every tenth, until it has been cut off often enough.
#[derive(Default)]
struct Counting {
    enough: AtomicBool,
}

impl Answers for Counting {
    fn answer<'a>(
        &'a self,
        _ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        async move {
            let mut text = String::new();
            for number in 0.. {
                listener.text(&piece(number));
                text.push_str(&piece(number));
                if number % 10 == 9 {
                    listener.tool("count", &format!("Counted to {number}"));
                }
                if self.enough.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(answer(&text))
        }
        .boxed()
    }
}

/// A connection that breaks after so many bytes were read, wherever in a frame that is.
struct Breaking {
    stream: TcpStream,
    left: usize,
}

impl AsyncRead for Breaking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()));
        }
        let mut part = buffer.take(self.left);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut part);
        let count = part.filled().len();
        buffer.advance(count);
        self.left -= count;
        read
    }
}

impl AsyncWrite for Breaking {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Marsaglia's xorshift: the same cuts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// What a client has of a conversation, over however many connections.
#[derive(Default)]
struct Collected {
    last_seq: u64,
    frames: Vec<(u64, Value)>,
    /// Bytes of the last frame.
    longest: usize,
}

impl Collected {
    /// Connects, asks `question` if there is one, and reads until the connection breaks after so many
    /// bytes; `true`: until the answer was complete.
    async fn read(
        &mut self,
        server: &Server,
        path: &str,
        question: Option<&str>,
        left: usize,
    ) -> bool {
        let stream = TcpStream::connect(&server.address).await.unwrap();
        let url = format!("ws://{}{path}last_seq={}", server.address, self.last_seq);
        let connection = Breaking { stream, left };
        let Ok((mut socket, _)) = tokio_tungstenite::client_async(url, connection).await else {
            return false;
        };
        if let Some(question) = question {
            socket.send(Message::text(question)).await.unwrap();
        }
        while let Some(Ok(message)) = within(socket.next()).await {
            let Message::Text(text) = message else {
                continue;
            };
            self.longest = self.longest.max(text.len());
            let (seq, frame) = checked(&text);
            assert!(seq > self.last_seq, "{seq} was seen: {frame}");
            self.last_seq = seq;
            self.frames.push((seq, frame));
            if self.frames.last().unwrap().1["type"] == "agent" {
                return true;
            }
        }
        false
    }

    fn contents(&self, kind: &str) -> Vec<&str> {
        let of_kind = self
            .frames
            .iter()
            .filter(|(_, frame)| frame["type"] == kind);
        of_kind
            .map(|(_, frame)| frame["content"].as_str().unwrap())
            .collect()
    }

    fn text(&self) -> &str {
        self.contents("agent")[0]
    }

    /// That nothing was lost, nothing came twice, and all of it in order.
    fn check(&self, is_whole: impl Fn(&Self)) {
        let (asked, answered) = (self.contents("user"), self.contents("agent"));
        assert_eq!((asked, answered.len()), (vec!["count"], 1));
        let pieces = self.text().split_inclusive(' ').enumerate();
        pieces.for_each(|(number, text)| assert_eq!(text, piece(number)));
        let looked_up: Vec<String> = (0..self.text().split_whitespace().count() / 10)
            .map(|tens| format!("Counted to {}", tens * 10 + 9))
            .collect();
        assert_eq!(self.contents("tool"), looked_up);
        assert!(self.contents("resync").is_empty() && self.contents("error").is_empty());
        is_whole(self);
    }
}

/// A conversation that is cut so many times.
async fn cut(query: &str, seed: u64, cuts: usize) -> Collected {
    let explorer = Arc::new(Counting::default());
    let config = chat_config(|chat| chat.partial_interval = Duration::from_millis(1));
    let server = Server::with_explorer(&config, explorer.clone()).await;
    let path = format!("/ws/cut?{query}");
    let (mut random, mut collected) = (Random(seed), Collected::default());
    let mut cut_off = 0;
    // Enough for the echo: a client asks again where it did not come.
    let began = collected.read(&server, &path, Some("count"), 600);
    assert!(!began.await && !collected.frames.is_empty());
    while cut_off < cuts {
        // The head of the handshake, the last frame again, and some more.
        let left = random.below(600 + 3 * collected.longest);
        assert!(!collected.read(&server, &path, None, left).await);
        cut_off += 1;
    }
    explorer.enough.store(true, Ordering::Relaxed);
    assert!(collected.read(&server, &path, None, usize::MAX).await);
    collected
}

#[tokio::test]
async fn of_pieces_cut_off_five_hundred_times_none_is_lost_and_none_comes_twice() {
    for seed in 1..=5 {
        cut("partials=delta&", seed, 100).await.check(|collected| {
            for pair in collected.frames.windows(2) {
                assert_eq!(pair[0].0 + 1, pair[1].0);
            }
            assert_eq!(
                collected.contents("agent_partial").concat(),
                collected.text()
            );
        });
    }
}

#[tokio::test]
async fn an_answer_cut_off_five_hundred_times_grows_to_its_end() {
    for seed in 6..=10 {
        cut("", seed, 100).await.check(|collected| {
            let mut partials = collected.contents("agent_partial");
            partials.push(collected.text());
            for pair in partials.windows(2) {
                assert!(pair[1].starts_with(pair[0]), "{pair:?}");
            }
        });
    }
}

/// A server whose test answers, and what it remembers.
async fn puppet_server(window: Duration) -> (Server, Sessions, Questions) {
    let config = chat_config(|chat| chat.resume_window = window);
    let (explorer, questions) = puppet();
    let app = App::new(&config, sample(), None);
    let app = App::with_parts(&config, app.tools, failing().0, explorer);
    let sessions = app.sessions.clone();
    (Server::of(app).await, sessions, questions)
}

fn failing() -> (Arc<mcop_api::runs::Pipeline>, std::sync::mpsc::Sender<()>) {
    crate::support::failing_when_let_go()
}

const LONG: Duration = Duration::from_secs(60);

/// Opens a socket that wants to resume, and begins an answer.
async fn begun(server: &Server, questions: &mut Questions) -> (Client, crate::scripted::Asked) {
    let mut client = Client::resume(server, "back", 0).await;
    client.say("q").await;
    assert_eq!(client.frame().await, user("q"));
    let asked = questions.next().await;
    asked.text("Half");
    assert_eq!(client.frame().await, partial("Half"));
    (client, asked)
}

#[tokio::test]
async fn an_answer_goes_on_while_its_client_is_away() {
    let (server, _, mut questions) = puppet_server(LONG).await;
    let (client, asked) = begun(&server, &mut questions).await;
    let seen = client.last_seq;
    drop(client);
    until(|| server.admission.open() == 0).await;
    asked.tool("list_tables", "Calling list_tables");
    asked.answer("Half an answer");
    // The first frame again, for it has not seen the second.
    let mut client = Client::resume(&server, "back", seen - 1).await;
    assert_eq!(client.frame().await, partial("Half"));
    assert_eq!(client.last_seq, seen);
    let looked_up =
        json!({ "type": "tool", "content": "Calling list_tables", "tool_name": "list_tables" });
    assert_eq!(client.frame().await, looked_up);
    assert_eq!(client.frame().await, agent("Half an answer"));
    client.say("next").await;
    assert_eq!(client.frame().await, user("next"));
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q", "Half an answer", true)]);
}

#[tokio::test]
async fn a_newer_socket_takes_the_conversation_over_from_one_that_is_open() {
    let (server, _, mut questions) = puppet_server(LONG).await;
    let (mut old, asked) = begun(&server, &mut questions).await;
    let mut new = Client::resume(&server, "back", old.last_seq).await;
    old.closed(4001, "replaced by a newer socket").await;
    asked.text(" an answer");
    assert_eq!(new.frame().await, partial("Half an answer"));
    assert_eq!(new.last_seq, old.last_seq + 1);
    // Who has seen nothing of it is somebody else, with a conversation of their own.
    let mut other = Client::resume(&server, "back", 0).await;
    let mut newest = Client::resume(&server, "back", old.last_seq).await;
    new.closed(4001, "replaced by a newer socket").await;
    assert_eq!(newest.frame().await, partial("Half an answer"));
    newest.cancel().await;
    let cancelled = error("cancelled", "The answer was cancelled.");
    assert_eq!(newest.frame().await, cancelled);
    asked.dropped().await;
    until(|| server.admission.open() == 2).await;
    other.say("q2").await;
    assert_eq!(other.frame().await, user("q2"));
}

#[tokio::test]
async fn a_client_that_closes_ends_its_answer_though_it_could_have_resumed() {
    let (server, _, mut questions) = puppet_server(LONG).await;
    let (client, asked) = begun(&server, &mut questions).await;
    let seen = client.last_seq;
    client.close().await;
    asked.dropped().await;
    let mut client = Client::resume(&server, "back", seen).await;
    assert_eq!(client.frame().await, resync("q", "Half", false, false));
    assert!(client.last_seq > seen);
}

#[tokio::test]
async fn a_client_that_stays_away_too_long_is_told_how_far_its_answer_came() {
    let (server, _, mut questions) = puppet_server(Duration::from_millis(200)).await;
    let (client, asked) = begun(&server, &mut questions).await;
    let seen = client.last_seq;
    let left = std::time::Instant::now();
    drop(client);
    asked.dropped().await;
    assert!(left.elapsed() >= Duration::from_millis(200));
    let mut client = Client::resume(&server, "back", seen).await;
    assert_eq!(client.frame().await, resync("q", "Half", false, false));
    assert!(client.last_seq > seen, "numbers never repeat");
    client.say("next").await;
    assert_eq!(client.frame().await, user("next"));
    let asked = questions.next().await;
    assert_eq!(asked.thread(), [("q", "Half", false)]);
}

#[tokio::test]
async fn more_than_is_kept_is_replaced_by_the_text_so_far() {
    for query in ["", "&partials=delta"] {
        let (server, _, mut questions) = puppet_server(LONG).await;
        let (client, asked) = begun(&server, &mut questions).await;
        let seen = client.last_seq;
        drop(client);
        until(|| server.admission.open() == 0).await;
        for _ in 0..300 {
            asked.tool("list_tables", "Calling list_tables");
        }
        asked.text(" an ");
        asked.caught_up().await;
        let path = format!("/ws/back?last_seq={seen}{query}");
        let mut client = Client::try_open(&server, &path, &[]).await.unwrap();
        assert_eq!(client.frame().await, resync("q", "Half an ", false, true));
        asked.text("answer");
        let next = match query {
            "" => "Half an answer",
            _ => "answer",
        };
        assert_eq!(client.frame().await, partial(next));
        asked.answer("Half an answer");
        assert_eq!(client.frame().await, agent("Half an answer"));
    }
}

#[tokio::test]
async fn after_a_restart_a_client_is_told_the_last_answer() {
    let (explorer, mut questions) = puppet();
    let app = App::new(&config(), sample(), None);
    let chat = || {
        let limits = config().limits.chat;
        Chat::new(
            app.sessions.clone(),
            explorer.clone(),
            limits,
            app.metrics.clone(),
        )
    };
    let with = |chat| App {
        chat,
        ..app.clone()
    };
    let server = Server::of(with(chat())).await;
    let (mut client, asked) = begun(&server, &mut questions).await;
    asked.answer("Half an answer");
    assert_eq!(client.frame().await, agent("Half an answer"));
    let seen = client.last_seq;
    server.ask_to_stop();
    client.closed(1001, "the service is stopping").await;
    let server = Server::of(with(chat())).await;
    let mut client = Client::resume(&server, "back", seen).await;
    assert_eq!(
        client.frame().await,
        resync("q", "Half an answer", true, false)
    );
    assert!(client.last_seq > seen);
    // A client that has seen a session that nobody remembers is told that, too.
    let mut client = Client::resume(&server, "forgotten", seen).await;
    let nothing =
        json!({ "type": "resync", "content": "", "complete": false, "in_progress": false });
    assert_eq!(client.frame().await, nothing);
    Client::resume(&server, "new", 0).await.is_silent().await;
}

#[tokio::test]
async fn stopping_ends_the_answers_of_clients_that_are_away_and_remembers_them() {
    let (server, sessions, mut questions) = puppet_server(LONG).await;
    let (client, asked) = begun(&server, &mut questions).await;
    drop(client);
    until(|| server.admission.open() == 0).await;
    let signal = std::time::Instant::now();
    server.stop().await;
    assert!(signal.elapsed() < GRACE / 2);
    asked.dropped().await;
    let session = sessions.get(&"back".parse().unwrap()).unwrap();
    let turns: Vec<_> = session.thread.turns().collect();
    assert_eq!(turns.len(), 1);
    assert_eq!((&*turns[0].answer, turns[0].complete), ("Half", false));
}

#[tokio::test]
async fn so_many_conversations_wait_for_their_clients_and_no_more() {
    let config = chat_config(|chat| chat.detached = 1);
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config, explorer).await;
    let mut away = HashMap::new();
    for session in ["kept", "not-kept"] {
        let mut client = Client::resume(&server, session, 0).await;
        client.say("q").await;
        assert_eq!(client.frame().await, user("q"));
        away.insert(session, (questions.next().await, client.last_seq));
        drop(client);
        until(|| server.admission.open() == 0).await;
    }
    let (asked, _) = away.remove("not-kept").unwrap();
    asked.dropped().await;
    let (asked, seen) = away.remove("kept").unwrap();
    asked.answer("a");
    let mut client = Client::resume(&server, "kept", seen).await;
    assert_eq!(client.frame().await, agent("a"));
}

/// A connection that takes nothing is one that broke, and nobody has noticed yet.
#[tokio::test]
async fn a_slow_client_that_can_resume_is_cut_off_and_may_go_on() {
    let config = chat_config(|chat| chat.send_timeout = Duration::from_millis(300));
    let (explorer, mut questions) = puppet();
    let server = Server::with_explorer(&config, explorer).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = server.address.parse().unwrap();
    let stream = within(socket.connect(address)).await.unwrap();
    let mut raw = Raw::over(stream, "slow?last_seq=0&partials=delta").await;
    raw.send(&masked(0x81, b"q")).await;
    let asked = questions.next().await;
    let (_, echo) = raw.frame().await;
    let (seen, _) = checked(std::str::from_utf8(&echo).unwrap());
    let long = "x".repeat(200 * 1024);
    asked.text(&long);
    until(|| server.admission.open() == 0).await;
    asked.answer("x");
    let path = format!("/ws/slow?last_seq={seen}&partials=delta");
    let mut client = Client::try_open(&server, &path, &[]).await.unwrap();
    let frames = client.frames_until("agent").await;
    let text: String = frames[..frames.len() - 1]
        .iter()
        .map(|frame| frame["content"].as_str().unwrap())
        .collect();
    assert_eq!(text, long);
}

/// A panic ends the conversation, whether or not anybody is there to be told.
#[tokio::test]
async fn a_panic_while_the_client_is_away_ends_its_conversation_only() {
    let (server, _, mut questions) = puppet_server(LONG).await;
    let (client, asked) = begun(&server, &mut questions).await;
    let seen = client.last_seq;
    drop(client);
    until(|| server.admission.open() == 0).await;
    asked.panic();
    asked.dropped().await;
    let mut client = Client::resume(&server, "back", seen).await;
    assert_eq!(client.frame().await, resync("q", "Half", false, false));
}

/// Sockets of one session that do not resume stand side by side, as ever.
#[tokio::test]
async fn a_socket_that_does_not_resume_replaces_none_and_is_not_replaced() {
    let server = Server::with_explorer(&config(), Arc::new(Echo)).await;
    let mut plain = Client::open(&server, "both").await;
    let mut resuming = Client::resume(&server, "both", 0).await;
    let mut other = Client::open(&server, "both").await;
    for client in [&mut plain, &mut resuming, &mut other] {
        client.say("q").await;
        assert_eq!(client.frames_until("agent").await.last(), Some(&agent("q")));
    }
}
