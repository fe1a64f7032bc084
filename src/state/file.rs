//! The file: sessions in an embedded store (`redb`), each write of which is whole or not there.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use redb::{
    Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition,
    TableError,
};

use super::clock;
use super::record::{FORMAT, Outcome, Record, TurnRecord, Unreadable};
use crate::catalog::Catalog;
use crate::explorer::thread::Turn;
use crate::sessions::{SessionId, Sessions, Snapshot};

/// The format of the file, under `FORMAT_KEY`.
const ABOUT: TableDefinition<&str, u32> = TableDefinition::new("about");
const FORMAT_KEY: &str = "format";
/// [`Record`]s by session.
const RECORDS: TableDefinition<&str, &[u8]> = TableDefinition::new("records");
/// When sessions were used last: milliseconds since 1970.
const USES: TableDefinition<&str, u64> = TableDefinition::new("uses");
/// Results as they are handed out, by session.
const RESULTS: TableDefinition<&str, &[u8]> = TableDefinition::new("results");
/// [`Outcome`]s by session.
const OUTCOMES: TableDefinition<&str, &[u8]> = TableDefinition::new("outcomes");
/// [`TurnRecord`]s by session and number.
const TURNS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("turns");
/// Small texts of other parts of the service, by name.
const FIGURES: TableDefinition<&str, &[u8]> = TableDefinition::new("figures");

/// Bytes of the file that are kept in memory: it is read once, so the pages that writes touch.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// It holds what no version of this program has written: to be set aside.
    #[error("{0}")]
    Corrupt(String),
    /// A later version of this program has written it: to be set aside.
    #[error("it has format {0}, and this version reads {FORMAT}")]
    Newer(u32),
    /// Another process has it, as the one before does that is about to end: to be tried again soon.
    #[error("another process has it open")]
    Held,
    /// It is there and may be good: to be tried again.
    #[error("{0}")]
    Unavailable(String),
}

impl<E: Into<redb::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        match error.into() {
            redb::Error::DatabaseAlreadyOpen => Self::Held,
            redb::Error::Io(error) if ![InvalidData, UnexpectedEof].contains(&error.kind()) => {
                Self::Unavailable(error.to_string())
            }
            error @ (redb::Error::PreviousIo
            | redb::Error::DatabaseClosed
            | redb::Error::LockPoisoned(_)
            | redb::Error::RepairAborted) => Self::Unavailable(error.to_string()),
            error => Self::Corrupt(error.to_string()),
        }
    }
}

/// What was read back.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Sessions that are there again.
    pub(super) sessions: usize,
    /// Those that are not: nobody used them for too long, or there was no room.
    pub(super) left_out: Vec<SessionId>,
    /// Those that cannot be read, of which the first is named.
    pub(super) unreadable: Vec<SessionId>,
    pub(super) first_unreadable: Option<String>,
    /// Those that are there without some of their turns, which cannot be read.
    pub(super) mended: Vec<SessionId>,
    /// Whether there is more in the file that cannot be read, and is not to stay.
    pub(super) has_waste: bool,
}

/// What is to be written.
pub(super) struct Changed {
    pub(super) changes: crate::sessions::Changes,
    /// Sessions that were used, and how long ago.
    pub(super) uses: Vec<(SessionId, Duration)>,
    pub(super) figures: Vec<(&'static str, Vec<u8>)>,
}

/// The file, open; nobody else can open it meanwhile.
pub(super) struct StateFile {
    database: Database,
}

impl StateFile {
    /// Opens the file, or makes it. After a crash it is repaired, which finds out whether it is whole.
    pub(super) fn open(path: &Path) -> Result<Self, Trouble> {
        let database = Builder::new().set_cache_size(CACHE_BYTES).create(path)?;
        let file = Self { database };
        match file.format()? {
            Some(format) if format > FORMAT => Err(Trouble::Newer(format)),
            Some(_) => Ok(file),
            None => {
                file.make_tables()?;
                Ok(file)
            }
        }
    }

    fn format(&self) -> Result<Option<u32>, Trouble> {
        let reading = self.database.begin_read()?;
        match reading.open_table(ABOUT) {
            Ok(about) => Ok(about.get(FORMAT_KEY)?.map(|format| format.value())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn make_tables(&self) -> Result<(), Trouble> {
        let writing = self.database.begin_write()?;
        writing.open_table(ABOUT)?.insert(FORMAT_KEY, FORMAT)?;
        writing.open_table(RECORDS)?;
        writing.open_table(USES)?;
        writing.open_table(RESULTS)?;
        writing.open_table(OUTCOMES)?;
        writing.open_table(TURNS)?;
        writing.open_table(FIGURES)?;
        writing.commit()?;
        Ok(())
    }

    /// Reads the sessions back, those used last first, for as long as there is room for them.
    pub(super) fn load(&self, sessions: &Sessions, catalog: &Catalog) -> Result<Loaded, Trouble> {
        let reading = Reading::of(&self.database.begin_read()?)?;
        let now = clock::now();
        let mut loaded = Loaded::default();
        let mut has_room = true;
        for (last_use, id) in reading.newest(sessions.capacity(), &mut loaded)? {
            let idle = clock::idle(last_use, now, sessions.time_to_live());
            let Some(idle) = idle.filter(|_| has_room) else {
                loaded.left_out.push(id);
                continue;
            };
            match reading.session(&id, idle, now, catalog)? {
                Ok((snapshot, is_whole)) => {
                    has_room = sessions.restore(&id, snapshot);
                    if !has_room {
                        loaded.left_out.push(id);
                        continue;
                    }
                    loaded.sessions += 1;
                    if !is_whole {
                        loaded.mended.push(id);
                    }
                }
                Err(why) => {
                    let first = || format!("session {id}: {why}");
                    loaded.first_unreadable.get_or_insert_with(first);
                    loaded.unreadable.push(id);
                }
            }
        }
        Ok(loaded)
    }

    /// The figures that are kept.
    pub(super) fn figures(&self) -> Result<HashMap<String, Vec<u8>>, Trouble> {
        let reading = self.database.begin_read()?;
        let mut figures = HashMap::new();
        for row in reading.open_table(FIGURES)?.iter()? {
            let (name, value) = row?;
            figures.insert(name.value().to_owned(), value.value().to_vec());
        }
        Ok(figures)
    }

    /// Writes what has changed, as the sessions are now. When this returns it is on the disk.
    pub(super) fn write(
        &self,
        changed: &Changed,
        sessions: &Sessions,
        catalog: &Catalog,
    ) -> Result<(), Trouble> {
        let now = clock::now();
        let mut writing = self.database.begin_write()?;
        writing.set_quick_repair(true);
        {
            let mut tables = Tables {
                records: writing.open_table(RECORDS)?,
                uses: writing.open_table(USES)?,
                results: writing.open_table(RESULTS)?,
                outcomes: writing.open_table(OUTCOMES)?,
                turns: writing.open_table(TURNS)?,
                catalog,
                now,
            };
            for (id, idle) in &changed.uses {
                tables.note_use(id, *idle)?;
            }
            if changed.changes.all {
                let ids: HashSet<SessionId> = sessions.ids().into_iter().collect();
                tables.forget_all_but(&ids)?;
                for id in &ids {
                    tables.write(id, sessions)?;
                }
            }
            for id in &changed.changes.ids {
                tables.write(id, sessions)?;
            }
            let mut figures = writing.open_table(FIGURES)?;
            for (name, value) in &changed.figures {
                figures.insert(*name, value.as_slice())?;
            }
        }
        writing.commit()?;
        Ok(())
    }
}

/// The tables of the file, to be read.
struct Reading {
    records: redb::ReadOnlyTable<&'static str, &'static [u8]>,
    uses: redb::ReadOnlyTable<&'static str, u64>,
    results: redb::ReadOnlyTable<&'static str, &'static [u8]>,
    outcomes: redb::ReadOnlyTable<&'static str, &'static [u8]>,
    turns: redb::ReadOnlyTable<(&'static str, u64), &'static [u8]>,
}

impl Reading {
    fn of(reading: &ReadTransaction) -> Result<Self, Trouble> {
        Ok(Self {
            records: reading.open_table(RECORDS)?,
            uses: reading.open_table(USES)?,
            results: reading.open_table(RESULTS)?,
            outcomes: reading.open_table(OUTCOMES)?,
            turns: reading.open_table(TURNS)?,
        })
    }

    /// The ids of the `most` sessions that were used last, the latest first.
    fn newest(&self, most: usize, loaded: &mut Loaded) -> Result<Vec<(u64, SessionId)>, Trouble> {
        let mut newest: BinaryHeap<Reverse<(u64, SessionId)>> = BinaryHeap::new();
        for row in self.uses.iter()? {
            let (id, last_use) = row?;
            let Ok(id) = id.value().parse() else {
                loaded.has_waste = true;
                continue;
            };
            newest.push(Reverse((last_use.value(), id)));
            if newest.len() > most
                && let Some(Reverse(_)) = newest.pop()
            {
                // Not by name: there may be any number of them.
                loaded.has_waste = true;
            }
        }
        Ok(newest
            .into_sorted_vec()
            .into_iter()
            .map(|Reverse(session)| session)
            .collect())
    }

    /// A session, and whether all that was said in it can be read.
    fn session(
        &self,
        id: &SessionId,
        idle: Duration,
        now: u64,
        catalog: &Catalog,
    ) -> Result<Result<(Snapshot, bool), Unreadable>, Trouble> {
        let Some(record) = self.records.get(id.as_str())? else {
            return Ok(Err(Unreadable::Missing("record")));
        };
        let record = match Record::read(record.value()) {
            Ok(record) => record,
            Err(why) => return Ok(Err(why)),
        };
        let found = if record.has_result() {
            let result = self.results.get(id.as_str())?;
            let outcome = self.outcomes.get(id.as_str())?;
            result.zip(outcome)
        } else {
            None
        };
        let found = match found {
            Some((result, outcome)) => match serde_json::from_slice::<Outcome>(outcome.value()) {
                Ok(outcome) => Some((Bytes::copy_from_slice(result.value()), outcome)),
                Err(why) => return Ok(Err(why.into())),
            },
            None => None,
        };
        let turns = self.turns(id, catalog)?;
        let incarnation = record.incarnation;
        let session = record.session(found, turns, idle, now, catalog);
        Ok(session.map(|snapshot| {
            let is_whole = snapshot.session.incarnation == incarnation;
            (snapshot, is_whole)
        }))
    }

    /// The turns of a session that can be read, oldest first.
    fn turns(&self, id: &SessionId, catalog: &Catalog) -> Result<Vec<Turn>, Trouble> {
        let mut turns = Vec::new();
        for row in self
            .turns
            .range((id.as_str(), 0)..=(id.as_str(), u64::MAX))?
        {
            let (_, turn) = row?;
            if let Ok(turn) = serde_json::from_slice::<TurnRecord>(turn.value()) {
                turns.push(turn.turn(catalog));
            }
        }
        Ok(turns)
    }
}

/// The tables of the file, to be written.
struct Tables<'t> {
    records: Table<'t, &'static str, &'static [u8]>,
    uses: Table<'t, &'static str, u64>,
    results: Table<'t, &'static str, &'static [u8]>,
    outcomes: Table<'t, &'static str, &'static [u8]>,
    turns: Table<'t, (&'static str, u64), &'static [u8]>,
    catalog: &'t Catalog,
    now: u64,
}

impl Tables<'_> {
    fn note_use(&mut self, id: &SessionId, idle: Duration) -> Result<(), Trouble> {
        // One that is not there yet is written whole; one that is no more leaves nothing.
        if self.records.get(id.as_str())?.is_some() {
            self.uses.insert(id.as_str(), clock::ago(self.now, idle))?;
        }
        Ok(())
    }

    /// Writes what is new of a session; forgets one that is not there.
    fn write(&mut self, id: &SessionId, sessions: &Sessions) -> Result<(), Trouble> {
        match sessions.snapshot(id) {
            Some(snapshot) => self.update(id, &snapshot),
            None => self.forget(id.as_str()),
        }
    }

    fn update(&mut self, id: &SessionId, snapshot: &Snapshot) -> Result<(), Trouble> {
        let session = &snapshot.session;
        let before = self.written(id, session.incarnation)?;
        if before.is_none() {
            self.forget(id.as_str())?;
        }
        let record = Record::of(snapshot, self.now);
        self.records.insert(id.as_str(), &*json(&record)?)?;
        let last_use = clock::ago(self.now, snapshot.idle);
        self.uses.insert(id.as_str(), last_use)?;
        let has_result = before.as_ref().is_some_and(Record::has_result);
        if !has_result && let Some(result) = &session.result {
            self.results.insert(id.as_str(), &**result)?;
            if let Some(outcome) = Outcome::of(session, self.catalog) {
                self.outcomes.insert(id.as_str(), &*json(&outcome)?)?;
            }
        }
        let (first_before, next) =
            before.map_or((0, 0), |record| (record.first_turn, record.turns));
        if first_before < record.first_turn {
            let forgotten =
                (id.as_str(), wide(first_before))..(id.as_str(), wide(record.first_turn));
            self.turns.retain_in(forgotten, |_, _| false)?;
        }
        for (number, turn) in session
            .thread
            .numbered()
            .filter(|(number, _)| *number >= next)
        {
            let turn = json(&TurnRecord::of(turn, self.catalog))?;
            self.turns.insert((id.as_str(), wide(number)), &*turn)?;
        }
        Ok(())
    }

    /// What is written of this very session.
    fn written(&self, id: &SessionId, incarnation: uuid::Uuid) -> Result<Option<Record>, Trouble> {
        let record = self.records.get(id.as_str())?;
        let record = record.and_then(|record| Record::read(record.value()).ok());
        Ok(record.filter(|record| record.incarnation == incarnation))
    }

    fn forget(&mut self, id: &str) -> Result<(), Trouble> {
        self.records.remove(id)?;
        self.uses.remove(id)?;
        self.results.remove(id)?;
        self.outcomes.remove(id)?;
        self.turns
            .retain_in((id, 0)..=(id, u64::MAX), |_, _| false)?;
        Ok(())
    }

    /// Forgets everything that belongs to none of these sessions.
    fn forget_all_but(&mut self, ids: &HashSet<SessionId>) -> Result<(), Trouble> {
        let mut gone = Vec::new();
        for row in self.uses.iter()? {
            let (id, _) = row?;
            let id = id.value();
            if !id.parse().is_ok_and(|id| ids.contains(&id)) {
                gone.push(id.to_owned());
            }
        }
        gone.iter().try_for_each(|id| self.forget(id))
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Trouble> {
    // Structures with named fields: writing them cannot fail.
    serde_json::to_vec(value).map_err(|error| Trouble::Unavailable(error.to_string()))
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
