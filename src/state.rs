//! What outlives the process: sessions, and small figures of other parts, in a file below `STATE_DIR`.
//!
//! The sessions in memory are the truth, and the file follows them: once a second what has changed is
//! written in one transaction, off the threads that serve. So a crash loses at most what is younger
//! than [`LOSS_MAX`], and nothing that a disk does stops the service: without a file that works it goes
//! on from memory, says so, and tries again.

mod aside;
mod clock;
mod figures;
mod file;
pub mod record;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::convert::Infallible;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;

use crate::pipeline::Knowledge;
use crate::sessions::{Changes, Sessions};
use aside::{Reason, set_aside};
use figures::Figures;
use file::{Changed, Loaded, StateFile, Trouble};

/// What a crash may lose: changes of the last two seconds.
pub const LOSS_MAX: Duration = Duration::from_secs(2);
/// How often changes are written; as much again is left for the writing.
const INTERVAL: Duration = Duration::from_secs(1);
/// The longest wait after a failure, which doubles with each; but for a file that another process has:
/// where that one ends, its sessions are to be there at once.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How often it is written when sessions were used, where nothing of them has changed.
const USES_INTERVAL: Duration = Duration::from_secs(60);
/// The name of the file.
const FILE_NAME: &str = "sessions.redb";

/// Whether sessions are kept over a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StateCondition, example = "off")]
pub enum Condition {
    /// They are not: no folder is configured.
    Off,
    /// They are.
    Kept,
    /// They are to be, but the file cannot be written. The service goes on from memory.
    Failing,
}

/// Keeps sessions over a restart, where a folder is configured. Copies are the same.
#[derive(Clone)]
pub struct State {
    keeper: Option<Arc<Keeper>>,
}

/// What keeps them.
struct Keeper {
    sessions: Sessions,
    knowledge: Arc<Knowledge>,
    folder: PathBuf,
    writer: Mutex<Writer>,
    figures: Mutex<Figures>,
    is_failing: AtomicBool,
}

/// Who writes has this; one at a time.
struct Writer {
    file: Option<StateFile>,
    /// Whether what the file held is in memory: before that nothing may be written over it.
    is_loaded: bool,
    /// When uses were written last.
    uses_written: Instant,
    /// After how long it is written next, or tried again.
    wait: Duration,
    failing_since: Option<Instant>,
    is_closed: bool,
}

impl State {
    /// Keeps these sessions in this folder, and reads those back that are there. Never fails: what
    /// cannot be read is set aside, and where there can be no file the service goes on without one.
    #[must_use]
    pub fn open(folder: Option<&Path>, sessions: &Sessions, knowledge: &Arc<Knowledge>) -> Self {
        let Some(folder) = folder else {
            return Self { keeper: None };
        };
        sessions.watch_changes();
        let keeper = Keeper {
            sessions: sessions.clone(),
            knowledge: Arc::clone(knowledge),
            folder: folder.to_owned(),
            writer: Mutex::new(Writer {
                file: None,
                is_loaded: false,
                uses_written: Instant::now(),
                wait: INTERVAL,
                failing_since: None,
                is_closed: false,
            }),
            figures: Mutex::default(),
            is_failing: AtomicBool::new(false),
        };
        keeper.begin();
        Self {
            keeper: Some(Arc::new(keeper)),
        }
    }

    /// Whether sessions are kept. Touches no lock.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match &self.keeper {
            None => Condition::Off,
            Some(keeper) if keeper.is_failing.load(Ordering::Relaxed) => Condition::Failing,
            Some(_) => Condition::Kept,
        }
    }

    /// Writes what changes, for ever; the task that runs this is its owner's to stop. For a write that is
    /// under way then, [`State::close`] waits.
    pub async fn keep_written(&self) -> Infallible {
        let Some(keeper) = &self.keeper else {
            return std::future::pending().await;
        };
        let mut next = tokio::time::Instant::now() + INTERVAL;
        loop {
            tokio::time::sleep_until(next).await;
            let begun = tokio::time::Instant::now();
            let wait = if keeper.has_news() {
                off_thread(keeper, Keeper::write).await
            } else {
                Some(INTERVAL)
            };
            next = begun + wait.unwrap_or(RETRY_MAX);
        }
    }

    /// Writes what has changed now; whether all of it is on the disk.
    pub async fn flush(&self) -> bool {
        match &self.keeper {
            Some(keeper) => off_thread(keeper, Keeper::write_with_uses)
                .await
                .unwrap_or(false),
            None => true,
        }
    }

    /// The same for the last time: the file is closed, and another process can have it.
    pub async fn close(&self) -> bool {
        match &self.keeper {
            Some(keeper) => off_thread(keeper, Keeper::close).await.unwrap_or(false),
            None => true,
        }
    }

    /// Hands `take` a small text as it was kept before the start: now, or once the file can be read,
    /// which another process may have for a while. What `take` makes of it is kept from then on. It is
    /// called under a lock, so it must neither wait nor come back here.
    pub fn take_over(
        &self,
        name: &'static str,
        take: impl FnOnce(&[u8]) -> Vec<u8> + Send + 'static,
    ) {
        if let Some(keeper) = &self.keeper {
            keeper.figures().take_over(name, Box::new(take));
        }
    }

    #[cfg(test)]
    fn figure(&self, name: &str) -> Option<Vec<u8>> {
        let keeper = self.keeper.as_ref()?;
        keeper.figures().get(name)
    }

    /// Sets a small text that is kept beside the sessions; it is written with their next changes.
    pub fn set_figure(&self, name: &'static str, value: Vec<u8>) {
        if let Some(keeper) = &self.keeper {
            keeper.figures().set(name, value);
        }
    }
}

/// On a thread that may wait for a disk; nothing where the work has panicked.
async fn off_thread<T: Send + 'static>(keeper: &Arc<Keeper>, work: fn(&Keeper) -> T) -> Option<T> {
    let keeper = Arc::clone(keeper);
    tokio::task::spawn_blocking(move || work(&keeper))
        .await
        .ok()
}

impl Keeper {
    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads back what is there. Where nothing is, the start does not wait for a disk to make a file:
    /// the writer does it.
    fn begin(&self) {
        let mut writer = self.writer();
        if let Err(error) = fs::create_dir_all(&self.folder) {
            self.note_outcome(&mut writer, Err(unavailable(&error)));
        } else if self.path().exists() {
            self.write_as(&mut writer, false);
        } else {
            self.sessions.note_all();
        }
    }

    /// How often it is written when sessions were used: well before that decides over them.
    fn uses_interval(&self) -> Duration {
        USES_INTERVAL.min(self.sessions.time_to_live() / 10)
    }

    /// Whether there is anything to write, or to be tried again.
    fn has_news(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
            || self.sessions.has_changes()
            || self.figures().has_changed()
            || self.uses_are_due()
    }

    /// Does not wait for whoever is writing now.
    fn uses_are_due(&self) -> bool {
        let writer = self.writer.try_lock();
        writer.is_ok_and(|writer| writer.uses_written.elapsed() >= self.uses_interval())
    }

    /// Writes what has changed; after how long to do so again.
    fn write(&self) -> Duration {
        let mut writer = self.writer();
        self.write_as(&mut writer, false);
        writer.wait
    }

    /// Writes what has changed and the times of last use, however recently those were written; whether
    /// it is on the disk.
    fn write_with_uses(&self) -> bool {
        self.write_as(&mut self.writer(), true)
    }

    fn close(&self) -> bool {
        let mut writer = self.writer();
        let is_written = self.write_as(&mut writer, true);
        writer.is_closed = true;
        if let Some(file) = writer.file.take() {
            let_go(file);
        }
        is_written
    }

    fn write_as(&self, writer: &mut Writer, with_uses: bool) -> bool {
        if writer.is_closed {
            return false;
        }
        let outcome = self.try_write(writer, with_uses);
        self.note_outcome(writer, outcome)
    }

    /// Says it where writing begins to fail, and where it works again; whether it does.
    fn note_outcome(&self, writer: &mut Writer, outcome: Result<(), Trouble>) -> bool {
        match outcome {
            Ok(()) => {
                writer.wait = INTERVAL;
                self.is_failing.store(false, Ordering::Relaxed);
                if let Some(since) = writer.failing_since.take() {
                    let seconds = since.elapsed().as_secs();
                    log::info!("sessions are written again, after {seconds} s");
                }
                true
            }
            Err(trouble) => {
                // Nobody knows what of the changes has arrived.
                self.sessions.note_all();
                writer.wait = match &trouble {
                    Trouble::Held => INTERVAL,
                    _ => (writer.wait * 2).min(RETRY_MAX),
                };
                self.is_failing.store(true, Ordering::Relaxed);
                if writer.failing_since.is_none() {
                    writer.failing_since = Some(Instant::now());
                    let folder = self.folder.display();
                    log::error!(
                        "STATE_DIR: sessions cannot be kept in {folder}: {trouble}; they are served from memory, and it is tried again"
                    );
                }
                false
            }
        }
    }

    fn try_write(&self, writer: &mut Writer, with_uses: bool) -> Result<(), Trouble> {
        if writer.file.is_none() {
            writer.file = Some(self.opened(&mut writer.is_loaded)?);
        }
        let changed = self.changed(writer, with_uses);
        if changed.is_empty() {
            return Ok(());
        }
        let catalog = &self.knowledge.catalog;
        // Taken out: after a failure the file is closed, as redb asks for.
        let Some(file) = writer.file.take() else {
            return Ok(());
        };
        match guarded(|| file.write(&changed, &self.sessions, catalog)) {
            Ok(()) => {
                writer.file = Some(file);
                Ok(())
            }
            Err(trouble) => {
                let names = changed.figures.iter().map(|(name, _)| *name);
                self.figures().note(names);
                let_go(file);
                self.set_aside_if_unusable(&trouble)?;
                Err(trouble)
            }
        }
    }

    fn changed(&self, writer: &mut Writer, with_uses: bool) -> Changed {
        let since = writer.uses_written.elapsed();
        let uses = if with_uses || since >= self.uses_interval() {
            writer.uses_written = Instant::now();
            // A second more: the moments are read one after the other.
            self.sessions.used_within(since + INTERVAL)
        } else {
            Vec::new()
        };
        Changed {
            changes: self.sessions.take_changes(),
            uses,
            figures: self.figures().take_changed(),
        }
    }

    /// Opens the file, and reads back what it holds where that was not done yet.
    fn opened(&self, is_loaded: &mut bool) -> Result<StateFile, Trouble> {
        let first = self.open_and_load(is_loaded);
        match first {
            Err(trouble @ (Trouble::Corrupt(_) | Trouble::Newer(_))) => {
                self.set_aside_if_unusable(&trouble)?;
                self.open_and_load(is_loaded)
            }
            other => other,
        }
    }

    fn open_and_load(&self, is_loaded: &mut bool) -> Result<StateFile, Trouble> {
        fs::create_dir_all(&self.folder).map_err(|error| unavailable(&error))?;
        let path = self.path();
        let is_new = !path.exists();
        let file = guarded(|| StateFile::open(&path))?;
        if is_new {
            // The name of a new file is on the disk when its folder is.
            let folder = fs::File::open(&self.folder).map_err(|error| unavailable(&error))?;
            folder.sync_all().map_err(|error| unavailable(&error))?;
        }
        if *is_loaded {
            // Another file than the one before, perhaps.
            self.sessions.note_all();
        } else {
            if let Err(trouble) = self.load(&file) {
                let_go(file);
                return Err(trouble);
            }
            *is_loaded = true;
        }
        Ok(file)
    }

    fn load(&self, file: &StateFile) -> Result<(), Trouble> {
        let begun = Instant::now();
        let (loaded, figures) = guarded(|| {
            let catalog = &self.knowledge.catalog;
            Ok((file.load(&self.sessions, catalog)?, file.figures()?))
        })?;
        self.figures().read_back(figures);
        self.note_rewrites(&loaded);
        log::info!(
            "sessions: {} read back from {} in {} ms; {} had expired or found no room",
            loaded.sessions,
            self.path().display(),
            begun.elapsed().as_millis(),
            loaded.left_out.len()
        );
        if let Some(first) = loaded.mended.first() {
            let others = loaded.mended.len() - 1;
            log::warn!(
                "sessions: turns of session {first} cannot be read, and it goes on without them; so do {others} others"
            );
        }
        if let Some(first) = loaded.first_unreadable {
            let others = loaded.unreadable.len() - 1;
            log::warn!("sessions: {first}, and it is dropped; so are {others} others");
        }
        Ok(())
    }

    /// What was not read back leaves the file, and what was read in part is written anew.
    fn note_rewrites(&self, loaded: &Loaded) {
        self.sessions.note(&loaded.left_out);
        self.sessions.note(&loaded.unreadable);
        self.sessions.note(&loaded.mended);
        if loaded.has_waste {
            self.sessions.note_all();
        }
    }

    /// Moves a file out of the way with which nothing can be done. The next one is empty, and
    /// everything in memory is written to it.
    fn set_aside_if_unusable(&self, trouble: &Trouble) -> Result<(), Trouble> {
        let reason = match trouble {
            Trouble::Corrupt(_) => Reason::Bad,
            Trouble::Newer(_) => Reason::Newer,
            Trouble::Held | Trouble::Unavailable(_) => return Ok(()),
        };
        let path = self.path();
        match set_aside(&path, reason) {
            Ok(aside) => {
                // Those that were read back before the trouble showed are among them.
                self.sessions.note_all();
                log::error!(
                    "{} cannot be used: {trouble}; it is kept as {}",
                    path.display(),
                    aside.display()
                );
                Ok(())
            }
            Err(error) => Err(Trouble::Unavailable(format!(
                "{trouble}, and it cannot be set aside: {error}"
            ))),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }
}

impl Changed {
    fn is_empty(&self) -> bool {
        let Self {
            changes,
            uses,
            figures,
        } = self;
        Changes::is_empty(changes) && uses.is_empty() && figures.is_empty()
    }
}

fn unavailable(error: &std::io::Error) -> Trouble {
    Trouble::Unavailable(error.to_string())
}

/// Closes a file. That writes to it once more, so what is wrong with it can come up here too.
fn let_go(file: StateFile) {
    let closed = guarded(|| {
        drop(file);
        Ok(())
    });
    if let Err(trouble) = closed {
        log::warn!("sessions: the file was not closed in order: {trouble}");
    }
}

/// A panic over what a file holds is the file's trouble: it must not end the start, nor the writing.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Trouble::Corrupt(said(&*panic))))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it cannot be read".to_owned())
}
