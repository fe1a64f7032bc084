//! What speaks for and against one candidate, in signals and in words.

use std::fmt;

use super::Subject;
use super::candidates::{self, Candidate, Lead};
use super::index::Index;
use super::keys::Origin;
use super::names::{ColumnName, KeyWord, NamedClass};
use super::reference::Naming;
use super::weights::Signal;
use crate::catalog::{Column, TypeFamily};
use crate::text;

/// What speaks for a candidate in words: put together for the few that are claimed.
#[derive(Default)]
pub(super) struct Evidence {
    wanted: bool,
    said: Vec<String>,
}

impl Evidence {
    /// Evidence that is put into words.
    pub(super) fn wanted() -> Self {
        Self {
            wanted: true,
            said: Vec::new(),
        }
    }

    /// The words.
    pub(super) fn said(self) -> Vec<String> {
        self.said
    }

    fn push(&mut self, reason: fmt::Arguments<'_>) {
        if self.wanted {
            self.said.push(reason.to_string());
        }
    }
}

/// As many signals as hardly a candidate has.
const SIGNALS_MOST: usize = 16;

/// Key words that warehouses give to surrogate keys alone; applications call many things
/// an id.
const WAREHOUSE_KEY_WORDS: &[&str] = &["key", "sk", "wid", "hk", "fk"];

/// A column and the key that it may point at.
struct Pair<'p, 't, 'c> {
    index: &'p Index<'t, 'c>,
    child: &'p Subject<'c>,
    place: usize,
    column: &'p Column,
    name: &'p ColumnName,
    parent: &'p Subject<'c>,
    key_place: usize,
    key: &'p Column,
    key_name: &'p ColumnName,
}

/// Signals and role of a candidate while they are collected.
struct Weighing<'e> {
    signals: Vec<(Signal, f64)>,
    evidence: &'e mut Evidence,
    role: Vec<String>,
    /// How well the names meet.
    rank: i64,
}

impl Weighing<'_> {
    fn add(&mut self, signal: Signal) {
        self.signals.push((signal, 1.0));
    }

    fn add_if(&mut self, holds: bool, signal: Signal) {
        if holds {
            self.add(signal);
        }
    }

    fn has(&self, signal: Signal) -> bool {
        self.signals.iter().any(|(known, _)| *known == signal)
    }
}

/// Weighs one pair; `None` where the parent has no key or the types cannot meet.
pub(super) fn candidate(
    index: &Index<'_, '_>,
    child: usize,
    place: usize,
    parent: usize,
    lead: Lead,
    evidence: &mut Evidence,
) -> Option<Candidate> {
    let (from, target) = (index.tables.get(child)?, index.tables.get(parent)?);
    let key_place = key_for(target, from, place)?;
    if parent == child && key_place == place {
        return None;
    }
    let pair = Pair {
        index,
        child: from,
        place,
        column: from.table.columns.get(place)?,
        name: from.columns.get(place)?,
        parent: target,
        key_place,
        key: target.table.columns.get(key_place)?,
        key_name: target.columns.get(key_place)?,
    };
    if !pair.column.family.can_join(pair.key.family) {
        return None;
    }
    let mut weighing = Weighing {
        signals: Vec::with_capacity(SIGNALS_MOST),
        evidence,
        role: Vec::new(),
        rank: 0,
    };
    weighing.add(Signal::Start);
    pair.of_lead(&lead, &mut weighing)?;
    if parent == child && !weighing.has(Signal::SelfWord) {
        let meant = candidates::points_at_its_own(from, pair.name);
        weighing.add(if meant {
            Signal::SelfWord
        } else {
            Signal::Itself
        });
    }
    pair.of_names(&mut weighing);
    pair.of_keys(&mut weighing);
    pair.of_types(&mut weighing);
    pair.of_places(&mut weighing);
    let Weighing {
        signals,
        evidence,
        mut role,
        rank,
    } = weighing;
    role.extend(pair.name.tail.iter().cloned());
    if evidence.wanted && !role.is_empty() {
        let words = role_words(&pair.column.name, &role, pair.name);
        evidence.push(format_args!("role: {words}"));
    }
    Some(Candidate {
        parent,
        parent_column: key_place,
        role,
        origin: match lead {
            Lead::Stated(_) => Origin::Declared,
            _ => Origin::Inferred,
        },
        confidence: 0.0,
        standing: rank + standing(&signals),
        signals,
        lead,
    })
}

impl Pair<'_, '_, '_> {
    /// What led to the candidate.
    fn of_lead(&self, lead: &Lead, weighing: &mut Weighing<'_>) -> Option<()> {
        let (column, parent) = (&self.column.name, &self.parent.table.name);
        let subject = &self.name.subject;
        match lead {
            Lead::Stated(description) => {
                weighing.add(Signal::Stated);
                weighing
                    .evidence
                    .push(format_args!("description: \"{description}\""));
            }
            Lead::Named(naming) => {
                weighing.rank = naming.rank();
                self.of_naming(naming, weighing);
                weighing.role = self.role(naming.role)?.to_vec();
                weighing
                    .evidence
                    .push(format_args!("column {column} is named after {parent}"));
            }
            Lead::SameKeyName => {
                weighing.add(Signal::Unnamed);
                weighing
                    .evidence
                    .push(format_args!("no table is called after column {column}"));
            }
            Lead::KeyNameAtEnd(words) => {
                weighing.add(Signal::Unnamed);
                weighing.role = self.role(*words).unwrap_or_default().to_vec();
                weighing.evidence.push(format_args!(
                    "column {column} is called as the key of {parent}, in a role"
                ));
            }
            Lead::SelfWord => {
                weighing.add(Signal::SelfWord);
                weighing.role.clone_from(subject);
                weighing.evidence.push(format_args!(
                    "column {column} points at a row of the same table"
                ));
            }
            Lead::Agent | Lead::AgentBySound => {
                weighing.add(match lead {
                    Lead::Agent => Signal::Agent,
                    _ => Signal::AgentBySound,
                });
                weighing.role.clone_from(subject);
                weighing.evidence.push(format_args!(
                    "column {column} says who, and {parent} holds people"
                ));
            }
            Lead::Calendar => {
                weighing.add(Signal::Calendar);
                weighing.role = subject.split_last()?.1.to_vec();
                weighing
                    .evidence
                    .push(format_args!("column {column} is a date key"));
            }
        }
        Some(())
    }

    /// The words of the column's subject that are its role, where that takes `words` words:
    /// the first, but the last where the key word comes first.
    fn role(&self, words: usize) -> Option<&[String]> {
        let subject = self.name.subject.as_slice();
        if self.name.key_first {
            subject.get(subject.len().saturating_sub(words)..)
        } else {
            subject.get(..words)
        }
    }

    /// How the column's name names the parent.
    fn of_naming(&self, naming: &Naming, weighing: &mut Weighing<'_>) {
        let subject = &self.parent.name.subject;
        let alone = subject
            .last()
            .and_then(|last| self.index.by_last_word.get(last.as_str()))
            .is_some_and(|tables| tables.len() == 1);
        weighing.add_if(
            naming.missing_tail == 0 && !naming.is_whole() && alone,
            Signal::OnlyEnding,
        );
        let module = subject.first().is_some_and(|first| {
            self.index.modules.contains(first.as_str()) && !self.name.subject.contains(first)
        });
        let missing_module = usize::from(module && naming.missing_head > 0);
        let missing_head = naming.missing_head - missing_module;
        weighing.add(if naming.initials {
            Signal::NamedByInitials
        } else if naming.like > 0 {
            Signal::NamedAlike
        } else {
            Signal::Named
        });
        let left_out = naming.given + naming.missing_head + naming.missing_tail;
        weighing.add_if(naming.like > 0 && left_out > 0, Signal::VaguelyAlike);
        for (signal, words) in [
            (Signal::Given, naming.given),
            (Signal::MissingModule, missing_module),
            (Signal::MissingHead, missing_head),
            (Signal::MissingTail, naming.missing_tail),
            (Signal::Role, naming.role),
            (Signal::Replaced, naming.role.min(missing_head)),
        ] {
            if words > 0 {
                #[expect(clippy::cast_precision_loss, reason = "a name has a handful of words")]
                weighing.signals.push((signal, words as f64));
            }
        }
        let part = &self.child.name.subject;
        weighing.add_if(
            part.len() > subject.len() && part.starts_with(subject),
            Signal::Extends,
        );
    }

    /// Whether column and key are called alike.
    fn of_names(&self, weighing: &mut Weighing<'_>) {
        let (column, key, parent) = (&self.column.name, &self.key.name, &self.parent.table.name);
        let bare = self.key_name.is_bare_key();
        if column.eq_ignore_ascii_case(key) && !bare {
            weighing.add(Signal::SameName);
            let terse = self.index.terse && self.name.key_word.is_none();
            weighing.add_if(terse, Signal::SameTerseName);
            weighing
                .evidence
                .push(format_args!("same name as the key of {parent}"));
        } else {
            let mut beside = self.parent.places_called_as(self.child, self.place);
            let beside =
                self.child.id != self.parent.id && beside.any(|other| other != self.key_place);
            weighing.add_if(beside, Signal::SameNameBeside);
            let said = self.child.plain_name(self.place);
            let key_said = self.parent.plain_name(self.key_place);
            let in_a_role = if self.name.key_first {
                said.strip_prefix(key_said)
                    .is_some_and(|rest| rest.starts_with(' '))
            } else {
                said.strip_suffix(key_said)
                    .is_some_and(|rest| rest.ends_with(' '))
            };
            weighing.add_if(in_a_role && key_said.contains(' '), Signal::SameNameEnd);
            weighing.add_if(!bare && said == key_said, Signal::SameNameButPrefix);
            weighing
                .evidence
                .push(format_args!("key of {parent} is {key}"));
        }
        weighing.add_if(bare, Signal::BareKey);
    }

    /// What kinds of key the two are.
    fn of_keys(&self, weighing: &mut Weighing<'_>) {
        let (name, key_name) = (self.name, self.key_name);
        weighing.add_if(
            name.key.is_some() && name.key == key_name.key,
            Signal::SameKeyWord,
        );
        let warehouse = |key: &str| WAREHOUSE_KEY_WORDS.contains(&key);
        weighing.add_if(
            name.key.as_deref().is_some_and(warehouse),
            Signal::WarehouseKeyWord,
        );
        match (name.key_word, self.column.family) {
            (Some(KeyWord::Surrogate), _) => {}
            (Some(KeyWord::Natural), _) => weighing.add(Signal::NaturalWord),
            (None, TypeFamily::Integer) => weighing.add(Signal::PlainNumber),
            (None, TypeFamily::Text) => weighing.add(Signal::PlainText),
            (None, _) => weighing.add(Signal::PlainOther),
        }
        let other_kind = name.key_word.is_some() && key_name.key_word != name.key_word;
        let not_the_key = self.parent.single_key() != Some(self.key_place);
        weighing.add_if(other_kind, Signal::OtherKindOfKey);
        weighing.add_if(not_the_key, Signal::NotTheKey);
        if name.key_word.is_some() && (other_kind || not_the_key) {
            weighing
                .evidence
                .push(format_args!("joins on a business key"));
        }
        let flagged = self.parent.key.as_ref();
        weighing.add_if(
            flagged.is_some_and(|key| key.origin == Origin::Declared),
            Signal::FlaggedKey,
        );
        let own = self.child.key.as_ref();
        if self.child.single_key() == Some(self.place) {
            weighing.add(Signal::OwnKey);
        } else if own.is_some_and(|key| key.columns.binary_search(&self.place).is_ok()) {
            weighing.add(Signal::OwnKeyPart);
        }
        weighing.add_if(
            self.child.sounds_measured.contains(&self.place),
            Signal::Measure,
        );
        weighing.add_if(!name.tail.is_empty(), Signal::Tail);
    }

    /// Whether values of the two types can be equal.
    fn of_types(&self, weighing: &mut Weighing<'_>) {
        let families = [self.column.family, self.key.family];
        if families.contains(&TypeFamily::Unknown) {
            weighing.add(Signal::UnknownType);
            weighing.evidence.push(format_args!("type unknown"));
        } else if let Some(data_type) = &self.column.data_type {
            let same = self.key.data_type.as_ref();
            weighing.add_if(
                same.is_some_and(|other| other.eq_ignore_ascii_case(data_type)),
                Signal::SameType,
            );
            weighing
                .evidence
                .push(format_args!("type {data_type} fits"));
        }
    }

    /// Where the two tables stand.
    fn of_places(&self, weighing: &mut Weighing<'_>) {
        let class = self.parent.name.named_class();
        match (self.name.class, class) {
            (Some(a), Some(b)) if a == b => weighing.add(Signal::ClassAgrees),
            (Some(_), Some(_)) => weighing.add(Signal::ClassContradicts),
            _ => {}
        }
        let technical = Some(NamedClass::Technical);
        match (
            self.child.name.named_class() == technical,
            class == technical,
        ) {
            (true, true) => weighing.add(Signal::SameLayer),
            (false, true) => weighing.add(Signal::Technical),
            _ => {}
        }
        if let Some(distance) = self.index.distance(self.child, self.parent) {
            weighing.add(distance);
            let schema = self.index.catalog.schema_name(self.parent.id);
            weighing
                .evidence
                .push(format_args!("in another schema, {schema}"));
        }
    }
}

/// How well names meet beside the naming itself, in the units of [`Naming::rank`].
fn standing(signals: &[(Signal, f64)]) -> i64 {
    signals
        .iter()
        .map(|(signal, _)| match signal {
            Signal::Stated => 500,
            Signal::SameName => 60,
            Signal::SameNameButPrefix | Signal::Extends => 40,
            Signal::SameNameEnd | Signal::Calendar | Signal::SelfWord => 30,
            Signal::SameKeyWord => 15,
            Signal::SameType => 12,
            Signal::OtherSchema | Signal::Technical | Signal::ClassContradicts => -40,
            Signal::OtherScope => -60,
            Signal::SameNameBeside | Signal::NotTheKey => -50,
            _ => 0,
        })
        .sum()
}

/// The column of the parent that the child's column must equal: its key; for a business
/// key beside a surrogate the column of the very same name.
fn key_for(parent: &Subject<'_>, from: &Subject<'_>, place: usize) -> Option<usize> {
    let same_name = || {
        let place = parent.places_called_as(from, place).next()?;
        parent.business_key.contains(&place).then_some(place)
    };
    let Some(key) = parent.single_key() else {
        return same_name();
    };
    let word = parent.columns.get(key).and_then(|key| key.key_word);
    match from.columns.get(place)?.key_word {
        Some(KeyWord::Natural) if word == Some(KeyWord::Surrogate) => same_name(),
        _ => Some(key),
    }
}

/// The role as written: `invoicing` of `dim_invoicing_supplier_key`.
fn role_words(column: &str, role: &[String], name: &ColumnName) -> String {
    let before = role.len() - name.tail.len();
    let skipped = usize::from(name.class.is_some());
    let words = text::identifier_words(column);
    let written: Vec<&str> = words
        .iter()
        .skip(skipped)
        .filter(|word| {
            role.get(..before)
                .unwrap_or_default()
                .contains(&text::english_stem(word))
        })
        .map(String::as_str)
        .chain(name.tail.iter().map(String::as_str))
        .collect();
    if written.is_empty() {
        role.join(" ")
    } else {
        written.join(" ")
    }
}
