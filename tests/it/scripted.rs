//! Explorers that do as a test tells them.

use std::convert::Infallible;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mcop_api::explorer::enrichment::Enrichment;
use mcop_api::explorer::{Answer, Answers, Ask, Failure, Focus, Listener, Mode, Trouble};
use tokio::sync::{mpsc, oneshot};

use crate::support::within;

/// An answer of this text, with nothing beside it.
pub fn answer(text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        mode: Mode::Embedded,
        focus: Focus::default(),
        enrichment: Enrichment::default(),
    }
}

/// A failure after this text was said.
pub fn failure(trouble: Trouble, said: &str) -> Failure {
    Failure {
        trouble,
        said: said.to_owned(),
        focus: Focus::default(),
    }
}

/// Answers at once with the question.
pub struct Echo;

impl Answers for Echo {
    fn answer<'a>(
        &'a self,
        ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        listener.text(&ask.question);
        async { Ok(answer(&ask.question)) }.boxed()
    }
}

/// Tells piece after piece as fast as it may, whoever reads, and then nothing for ever;
/// a question other than `flood` it echoes.
pub struct Flood {
    pub piece: String,
    pub pieces: usize,
}

impl Answers for Flood {
    fn answer<'a>(
        &'a self,
        ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        if ask.question != "flood" {
            return Echo.answer(ask, listener);
        }
        async {
            for _ in 0..self.pieces {
                listener.text(&self.piece);
                tokio::task::yield_now().await;
            }
            std::future::pending().await
        }
        .boxed()
    }
}

/// What a [`Puppet`] does next.
#[derive(Debug)]
enum Cue {
    Tool(String, String),
    Text(String),
    Tell(oneshot::Sender<()>),
    End(Box<Result<Answer, Failure>>),
    Panic,
}

/// Hands every question to the test, and does what the test says.
pub struct Puppet {
    asked: mpsc::UnboundedSender<Asked>,
}

/// The questions that a [`Puppet`] was asked.
pub struct Questions(mpsc::UnboundedReceiver<Asked>);

/// A question whose answer is up to the test.
#[derive(Debug)]
pub struct Asked {
    pub ask: Ask,
    cues: mpsc::UnboundedSender<Cue>,
    dropped: oneshot::Receiver<Infallible>,
}

pub fn puppet() -> (Arc<dyn Answers>, Questions) {
    let (asked, questions) = mpsc::unbounded_channel();
    (Arc::new(Puppet { asked }), Questions(questions))
}

impl Questions {
    /// The next question that arrives.
    pub async fn next(&mut self) -> Asked {
        within(self.0.recv()).await.unwrap()
    }

    /// Whether no question has arrived that was not taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Asked {
    fn cue(&self, cue: Cue) {
        self.cues.send(cue).unwrap();
    }

    pub fn tool(&self, name: &str, words: &str) {
        self.cue(Cue::Tool(name.to_owned(), words.to_owned()));
    }

    pub fn text(&self, piece: &str) {
        self.cue(Cue::Text(piece.to_owned()));
    }

    /// Waits until all that was told so far has been done.
    pub async fn caught_up(&self) {
        let (tell, told) = oneshot::channel();
        self.cue(Cue::Tell(tell));
        within(told).await.unwrap();
    }

    pub fn end(&self, answered: Result<Answer, Failure>) {
        self.cue(Cue::End(Box::new(answered)));
    }

    /// Ends with an answer of this text.
    pub fn answer(&self, text: &str) {
        self.end(Ok(answer(text)));
    }

    pub fn panic(&self) {
        self.cue(Cue::Panic);
    }

    /// Waits until the service has let go of the answer.
    pub async fn dropped(self) {
        within(self.dropped).await.unwrap_err();
    }

    /// What was asked and answered before, and whether each answer came to its end.
    pub fn thread(&self) -> Vec<(&str, &str, bool)> {
        self.ask
            .thread
            .turns()
            .map(|turn| (&*turn.question, &*turn.answer, turn.complete))
            .collect()
    }
}

impl Answers for Puppet {
    fn answer<'a>(
        &'a self,
        ask: &'a Ask,
        listener: &'a mut dyn Listener,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        async move {
            let (cues, mut script) = mpsc::unbounded_channel();
            let (_held, dropped) = oneshot::channel();
            let asked = Asked {
                ask: ask.clone(),
                cues,
                dropped,
            };
            self.asked.send(asked).ok();
            while let Some(cue) = script.recv().await {
                match cue {
                    Cue::Tool(name, words) => listener.tool(&name, &words),
                    Cue::Text(piece) => listener.text(&piece),
                    Cue::Tell(tell) => tell.send(()).unwrap(),
                    Cue::End(answered) => return *answered,
                    Cue::Panic => panic!("as the test wants it"),
                }
            }
            // The test only waits for the answer to be dropped, or has forgotten it.
            std::future::pending().await
        }
        .boxed()
    }
}
