//! What the columns and joins of a table amount to: the evidence its class is decided on.

use std::collections::{BTreeSet, HashSet};

use super::names::KeyWord;
use super::words::{self, Stem, Stemmed, Words};
use super::{Analysis, ColumnRole, Subject};
use crate::catalog::{Column, TableId, TypeFamily};

/// What the key of a table is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyShape {
    /// None is known.
    None,
    /// One column of its own.
    Own,
    /// One column that refers to another table: a subtype or an extension of it.
    Shared,
    /// Several columns, all of which refer to other tables.
    References,
    /// The same, one of which is a date.
    DatedReferences,
    /// Several columns, some of which refer to other tables.
    Part,
    /// Several columns of its own.
    Several,
}

/// What the structure of one table amounts to.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) roles: Vec<ColumnRole>,
    /// Different tables it points at, and tables that point at it, itself not counted.
    pub(super) parents: Vec<TableId>,
    pub(super) children: Vec<TableId>,
    /// The parents that are no calendars.
    pub(super) contexts: usize,
    /// Columns that refer, and those that the loading process does not own.
    pub(super) references: usize,
    pub(super) business: usize,
    /// Numbers that aggregate, and those of them that add up.
    pub(super) measures: usize,
    pub(super) additive: usize,
    /// Texts, and among them what members are called and what they are like.
    pub(super) texts: usize,
    pub(super) namings: usize,
    pub(super) traits: usize,
    /// Dates of events, references to calendars among them; dates that bound a life.
    pub(super) events: usize,
    pub(super) lifetimes: usize,
    pub(super) calendar: bool,
    pub(super) key: KeyShape,
    /// Two references to one table and little else: a hierarchy laid out in pairs.
    pub(super) pairs: bool,
    /// A weight or role that a related row has.
    pub(super) weightings: usize,
    /// A column of the loading process' own business: rows read, files, jobs.
    pub(super) loading: usize,
}

impl Profile {
    /// Columns that are neither keys nor references nor owned by the loading process.
    pub(super) fn own(&self) -> usize {
        self.roles
            .iter()
            .filter(|role| {
                matches!(
                    role,
                    ColumnRole::Measure | ColumnRole::Date | ColumnRole::Attribute
                )
            })
            .count()
    }
}

/// One column of a table as its profile sees it.
struct Seen<'s> {
    column: &'s Column,
    stems: Vec<Stem>,
    key_word: Option<KeyWord>,
    plural: bool,
    part_of_key: bool,
    /// Whether it points anywhere, and the other table it points at.
    refers: bool,
    target: Option<TableId>,
}

impl Seen<'_> {
    fn holds(&self, words: &Words) -> bool {
        words.hold_any(&self.stems)
    }

    fn ends_in(&self, words: &Words) -> bool {
        self.stems
            .iter()
            .rev()
            .find(|stem| !stem.english().chars().all(char::is_numeric))
            .is_some_and(|last| words.hold(last))
            || self
                .stems
                .first()
                .is_some_and(|first| words.hold_slavic(first))
    }

    /// The family of its type; a number without a fraction counts as a whole one.
    fn family(&self) -> TypeFamily {
        match self.column.family {
            TypeFamily::Decimal if self.column.data_type.as_deref().is_some_and(is_whole) => {
                TypeFamily::Integer
            }
            family => family,
        }
    }

    fn is_date(&self) -> bool {
        match self.family() {
            TypeFamily::Date | TypeFamily::Timestamp => true,
            TypeFamily::Unknown => self.key_word.is_none() && self.ends_in(&words::DATES),
            _ => false,
        }
    }

    fn role(&self) -> ColumnRole {
        let measured = || words::is_measure(&self.stems, self.plural);
        match self.family() {
            _ if self.part_of_key => ColumnRole::Key,
            _ if self.refers => ColumnRole::ForeignKey,
            _ if words::sounds_technical(&self.stems) => ColumnRole::Technical,
            _ if self.is_date() => ColumnRole::Date,
            TypeFamily::Decimal
                if self.key_word.is_none() && !words::is_no_measure(&self.stems) =>
            {
                ColumnRole::Measure
            }
            TypeFamily::Integer | TypeFamily::Unknown if self.key_word.is_none() && measured() => {
                ColumnRole::Measure
            }
            _ => ColumnRole::Attribute,
        }
    }
}

/// Whether a numeric type has no room for a fraction: `NUMBER(10)`, `numeric(38, 0)`.
fn is_whole(data_type: &str) -> bool {
    data_type
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .is_some_and(|(arguments, _)| match arguments.split_once(',') {
            Some((_, scale)) => scale.trim() == "0",
            None => !data_type.to_ascii_lowercase().starts_with("float"),
        })
}

/// The stems of a column's name, its table's prefix left out and fused words cut.
pub(super) fn stems(subject: &Subject<'_>, place: usize) -> Vec<Stem> {
    subject
        .plain_names
        .get(place)
        .map(|name| name.split(' ').map(Stem::of).collect())
        .unwrap_or_default()
}

/// What the structure of a table amounts to.
pub(super) fn profile(
    subject: &Subject<'_>,
    analysis: &Analysis,
    calendars: &HashSet<TableId>,
) -> Profile {
    let seen = see(subject, analysis);
    let roles: Vec<ColumnRole> = seen.iter().map(Seen::role).collect();
    let others = |ids: BTreeSet<TableId>| -> Vec<TableId> {
        ids.into_iter().filter(|id| *id != subject.id).collect()
    };
    let parents = others(
        analysis
            .joins_from(subject.id)
            .map(|join| join.to)
            .collect(),
    );
    let children = others(
        analysis
            .joins_to(subject.id)
            .map(|join| join.from)
            .collect(),
    );
    let with = |fits: &dyn Fn(&Seen<'_>, ColumnRole) -> bool| {
        seen.iter()
            .zip(&roles)
            .filter(|(seen, role)| fits(seen, **role))
            .count()
    };
    let text = |seen: &Seen<'_>, role| role == ColumnRole::Attribute && seen.is_text();
    Profile {
        contexts: parents.iter().filter(|id| !calendars.contains(id)).count(),
        references: with(&|seen, _| seen.target.is_some()),
        business: with(&|_, role| role != ColumnRole::Technical),
        measures: with(&|_, role| role == ColumnRole::Measure),
        additive: with(&|seen, role| role == ColumnRole::Measure && words::adds_up(&seen.stems)),
        texts: with(&text),
        namings: with(&|seen, role| text(seen, role) && names_members(subject, seen)),
        traits: with(&|seen, role| role == ColumnRole::Attribute && seen.holds(&words::TRAITS)),
        events: with(&|seen, role| seen.dates_an_event(role, calendars)),
        lifetimes: with(&|seen, role| role == ColumnRole::Date && seen.holds(&words::LIFETIMES)),
        calendar: calendars.contains(&subject.id),
        key: key_shape(&seen, calendars),
        pairs: lays_out_pairs(subject, &seen),
        weightings: with(&|seen, role| {
            matches!(role, ColumnRole::Measure | ColumnRole::Attribute)
                && seen.ends_in(&words::WEIGHTINGS)
        }),
        loading: with(&|_, role| role == ColumnRole::Technical),
        parents,
        children,
        roles,
    }
}

impl Seen<'_> {
    fn is_text(&self) -> bool {
        matches!(self.family(), TypeFamily::Text | TypeFamily::Unknown) && !self.is_date()
    }

    /// Whether it says when something happened: a date, a reference to a calendar, or a part
    /// of the key that is called like one. Dates that bound a life are no events.
    fn dates_an_event(&self, role: ColumnRole, calendars: &HashSet<TableId>) -> bool {
        let dated_key = role == ColumnRole::Key
            && self.target.is_none()
            && (self.is_date() || self.key_word == Some(KeyWord::Surrogate))
            && self
                .stems
                .iter()
                .any(|stem| words::CALENDARS.hold(stem) || words::DATES.hold(stem));
        let dated = role == ColumnRole::Date
            || self.target.is_some_and(|to| calendars.contains(&to))
            || dated_key;
        dated && !self.holds(&words::LIFETIMES)
    }
}

fn see<'s>(subject: &'s Subject<'_>, analysis: &Analysis) -> Vec<Seen<'s>> {
    let targets = analysis.targets_of(subject.id);
    let key: HashSet<usize> = subject
        .key
        .iter()
        .flat_map(|key| key.columns.iter().copied())
        .collect();
    subject
        .table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| Seen {
            column,
            stems: stems(subject, place),
            key_word: subject.columns.get(place).and_then(|name| name.key_word),
            plural: subject
                .words
                .get(place)
                .and_then(|words| words.last())
                .is_some_and(|last| last.ends_with('s') || last == "dni"),
            part_of_key: key.contains(&place),
            refers: targets.contains_key(&place),
            target: targets
                .get(&place)
                .map(|join| join.to)
                .filter(|to| *to != subject.id),
        })
        .collect()
}

/// Whether a column says what a row of the table is called: `name`, `product_name` of a
/// product, `reason_desc`; and a person's first and last name.
fn names_members(subject: &Subject<'_>, seen: &Seen<'_>) -> bool {
    let stems = || seen.stems.iter().map(Stemmed::english);
    let name = &subject.name.subject;
    if !seen.ends_in(&words::NAMINGS) {
        return stems().eq(name.iter().map(String::as_str));
    }
    seen.stems.len() == 1
        || stems().any(|stem| name.iter().any(|own| own == stem) || NAME_PARTS.contains(&stem))
}

/// Stems of words that stand before the name of a person or a company.
const NAME_PARTS: &[&str] = &["first", "last", "full", "family", "given", "company"];

fn key_shape(seen: &[Seen<'_>], calendars: &HashSet<TableId>) -> KeyShape {
    let key: Vec<&Seen<'_>> = seen.iter().filter(|seen| seen.part_of_key).collect();
    let refers = key.iter().filter(|seen| seen.target.is_some()).count();
    let dated = key
        .iter()
        .any(|seen| seen.is_date() || seen.target.is_some_and(|to| calendars.contains(&to)));
    match (key.len(), refers) {
        (0, _) => KeyShape::None,
        (1, 0) => KeyShape::Own,
        (1, _) => KeyShape::Shared,
        (_, 0) => KeyShape::Several,
        (_, _) if dated => KeyShape::DatedReferences,
        (all, some) if all == some => KeyShape::References,
        _ => KeyShape::Part,
    }
}

/// Whether two columns refer to the same table (or are called as its two ends) and the
/// table has little else.
fn lays_out_pairs(subject: &Subject<'_>, seen: &[Seen<'_>]) -> bool {
    let ends = seen
        .iter()
        .filter(|seen| seen.key_word.is_some() && seen.holds(&words::ENDS))
        .count();
    let mut met = HashSet::new();
    let twice = seen
        .iter()
        .filter_map(|seen| seen.target)
        .any(|to| !met.insert(to));
    let rest = seen
        .iter()
        .filter(|seen| seen.key_word.is_none() && !seen.is_date())
        .filter(|seen| !words::sounds_technical(&seen.stems))
        .count();
    ends >= 2
        && (twice
            || ends > 2
            || subject
                .key
                .as_ref()
                .is_some_and(|key| key.columns.len() > 1))
        && rest <= PAIR_ATTRIBUTES_MAX
}

/// The most columns beside its references that a table of pairs has.
const PAIR_ATTRIBUTES_MAX: usize = 3;
