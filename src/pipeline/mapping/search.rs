//! The search for the tables that an entity may mean, each with its confidence and why.

use std::collections::{HashMap, HashSet};

use super::Sources;
use super::calibration::{Signals, weight};
use super::candidate::{Named, Scored, calibrate, sort};
use super::columns::{self, Found};
use super::computing;
use super::index::{Field, KeyId, Posting};
use super::query::{Query, QueryKey, Way};
use crate::catalog::TableId;
use crate::glossary::Kind;
use crate::pipeline::request::Entity;
use crate::pipeline::structure::{self, NamedClass};
use crate::text;

/// A score below this is not worth carrying along.
const NEGLIGIBLE: f64 = 0.1;
/// How many tables are looked at closely: columns and joins of the others do not count.
const CLOSELY_MAX: usize = 60;
/// How many columns of a candidate are named.
pub(super) const COLUMNS_MAX: usize = 5;

/// Looks for tables of one scope.
pub(super) struct Search<'a> {
    sources: Sources<'a>,
    in_scope: HashSet<TableId>,
}

/// How a word of the phrase is met by a table.
#[derive(Clone, Copy)]
struct Meeting<'q> {
    /// Of the whole, 0–1.
    worth: f64,
    posting: Posting,
    way: &'q Way,
}

type Meetings<'q> = Vec<Option<Meeting<'q>>>;

impl<'a> Search<'a> {
    pub(super) fn new(sources: Sources<'a>, scope: &[TableId]) -> Self {
        Self {
            sources,
            in_scope: scope.iter().copied().collect(),
        }
    }

    pub(super) fn holds(&self, table: TableId) -> bool {
        self.in_scope.contains(&table)
    }

    /// Candidates of an entity, best first.
    pub(super) fn candidates(&self, entity: &Entity) -> Vec<Scored> {
        let catalog = self.sources.catalog;
        let mut best: HashMap<TableId, Scored> = self.named(entity);
        for name in std::iter::once(&entity.name).chain(&entity.alias) {
            for scored in self.by_words(name) {
                let known = best.get(&scored.table).map_or(0.0, |known| known.score);
                if scored.score > known {
                    best.insert(scored.table, scored);
                }
            }
        }
        let spoken: HashSet<TableId> = match &entity.description {
            Some(description) => self
                .by_words(description)
                .into_iter()
                .filter(|scored| scored.score > 0.4)
                .map(|s| s.table)
                .collect(),
            None => HashSet::new(),
        };
        let mut scored: Vec<Scored> = best.into_values().collect();
        for candidate in scored
            .iter_mut()
            .filter(|candidate| candidate.named == Named::No && spoken.contains(&candidate.table))
        {
            candidate.score = (candidate.score + weight::DESCRIPTION).min(1.0);
            candidate.signals.score = candidate.score;
            candidate
                .evidence
                .push("the entity's description speaks of it too".to_owned());
        }
        sort(catalog, &mut scored);
        calibrate(catalog, &mut scored);
        scored
    }

    /// The tables that the request names with an entity.
    fn named(&self, entity: &Entity) -> HashMap<TableId, Scored> {
        let mut named = HashMap::new();
        for name in std::iter::once(&entity.name).chain(&entity.tables) {
            for table in self.sources.catalog.named(name) {
                if !self.holds(table) {
                    continue;
                }
                let full = name.contains('.');
                named.insert(
                    table,
                    Scored {
                        table,
                        score: 1.0,
                        confidence: 1.0,
                        signals: Signals {
                            score: 1.0,
                            margin: 1.0,
                            named: 1.0,
                            missed: 0.0,
                            near: 0.0,
                        },
                        evidence: vec![format!("the request names {name}")],
                        columns: Vec::new(),
                        named: if full { Named::Full } else { Named::Bare },
                        at_home: false,
                    },
                );
            }
        }
        named
    }

    /// Tables that a phrase speaks of, weighed: how much of the phrase is met and where,
    /// and how much of the table's name the phrase covers.
    pub(super) fn by_words(&self, phrase: &str) -> Vec<Scored> {
        let Sources {
            index, glossary, ..
        } = self.sources;
        let query = Query::new(glossary, index, phrase);
        if query.total <= 0.0 {
            return Vec::new();
        }
        let mut met = self.meetings(&query);
        let computing = self.computing(&query);
        for table in &computing {
            met.entry(*table)
                .or_insert_with(|| vec![None; query.keys.len()]);
        }
        let mut rough: Vec<(f64, TableId, Meetings<'_>)> = met
            .into_iter()
            .map(|(table, meetings)| {
                let bonus = if computing.contains(&table) {
                    weight::METRIC
                } else {
                    0.0
                };
                (
                    self.score(&query, table, &meetings).score + bonus,
                    table,
                    meetings,
                )
            })
            .filter(|(score, ..)| *score > NEGLIGIBLE)
            .collect();
        rough.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        rough.truncate(CLOSELY_MAX);
        rough
            .into_iter()
            .map(|(_, table, meetings)| self.closely(&query, phrase, table, meetings))
            .collect()
    }

    /// The tables that may have the columns of a well-known metric.
    fn computing(&self, query: &Query) -> HashSet<TableId> {
        let Some(formula) = query.formula else {
            return HashSet::new();
        };
        let mut tables = computing::tables_for(self.sources, formula);
        tables.retain(|table| self.holds(*table));
        tables
    }

    /// Where each word of the phrase is met best, by table.
    fn meetings<'q>(&self, query: &'q Query) -> HashMap<TableId, Meetings<'q>> {
        let mut met: HashMap<TableId, Meetings<'q>> = HashMap::new();
        for (place, key) in query.keys.iter().enumerate() {
            for way in &key.ways {
                for posting in self.sources.index.postings(&way.key) {
                    if !self.holds(posting.table) {
                        continue;
                    }
                    let worth = way.strength
                        * f64::from(posting.strength)
                        * weight::of_field(posting.field);
                    let meetings = met
                        .entry(posting.table)
                        .or_insert_with(|| vec![None; query.keys.len()]);
                    if let Some(known) = meetings.get_mut(place)
                        && known.is_none_or(|known| known.worth < worth)
                    {
                        *known = Some(Meeting {
                            worth,
                            posting: *posting,
                            way,
                        });
                    }
                }
            }
        }
        met
    }

    /// The score of a table by its meetings.
    fn score(&self, query: &Query, table: TableId, meetings: &Meetings<'_>) -> Signals {
        let (mut met, mut named, mut missed, mut near) = (0.0, 0.0, 0.0, 0.0);
        for (key, meeting) in query.keys.iter().zip(meetings) {
            match meeting {
                Some(meeting) => {
                    met += key.weight * meeting.worth;
                    near += key.weight
                        * (1.0 - meeting.way.strength * f64::from(meeting.posting.strength));
                    if matches!(meeting.posting.field, Field::Name | Field::BusinessName) {
                        named += key.weight * meeting.worth;
                    }
                }
                None => missed += key.weight,
            }
        }
        let covered = self.share_of_name(table, query);
        let specific = 1.0 - weight::SPECIFIC + weight::SPECIFIC * covered;
        let head = query.keys.iter().position(|key| key.head);
        let measured = head.and_then(|head| query.keys.get(head)?.kind) == Some(Kind::Measure);
        let head_met = head.and_then(|head| meetings.get(head).copied().flatten());
        let score = met / query.total
            * specific
            * self.secondary(table, measured)
            * self.head_factor(table, query, head_met, named > 0.0);
        Signals {
            score: score.min(1.0),
            margin: 0.0,
            named: named / query.total,
            missed: missed / query.total,
            near: near / query.total,
        }
    }

    /// The same with the columns and joins of the table looked at, and the reasons.
    fn closely(
        &self,
        query: &Query,
        phrase: &str,
        table: TableId,
        mut meetings: Meetings<'_>,
    ) -> Scored {
        let found = columns::of(self.sources, query, table);
        attribute_to(&found, query, &mut meetings);
        let mut signals = self.score(query, table, &meetings);
        let met = query.keys.iter().zip(&meetings);
        let mut evidence: Vec<String> = met
            .filter_map(|(key, meeting)| self.words_met(key, meeting.as_ref()?))
            .collect();
        // The words of one phrase of the glossary are met together.
        evidence.dedup();
        self.look_around(query, table, &meetings, &mut signals, &mut evidence);
        let by_columns = meetings.iter().flatten().any(|meeting| {
            matches!(
                meeting.posting.field,
                Field::ColumnName | Field::ColumnDescription
            )
        });
        // Where names and descriptions say it all, the table as such is meant.
        let mut columns = if by_columns {
            found.columns
        } else {
            Vec::new()
        };
        if let Some(formula) = query.formula
            && let Some(computed) = computing::compute(self.sources, formula, &query.terms, table)
        {
            signals.score += weight::METRIC * computed.fit * (1.0 - signals.score);
            signals.missed *= 1.0 - weight::METRIC;
            columns = computed.fits.iter().map(|fit| fit.place).collect();
            evidence.push(self.computed(phrase, table, &columns, computed.said));
        }
        let missed = meetings.iter().filter(|meeting| meeting.is_none()).count();
        if missed > 0 {
            evidence.push(format!(
                "{missed} of {} words of \"{}\" met nothing",
                query.keys.len(),
                text::shorten(phrase, 60)
            ));
        }
        signals.score = signals.score.min(1.0);
        Scored {
            table,
            score: signals.score,
            confidence: 0.0,
            signals,
            evidence,
            columns,
            named: Named::No,
            at_home: false,
        }
    }

    /// What the tables one join away add: a word of the phrase in their name.
    fn look_around(
        &self,
        query: &Query,
        table: TableId,
        meetings: &Meetings<'_>,
        signals: &mut Signals,
        evidence: &mut Vec<String>,
    ) {
        let unmet = query.keys.iter().zip(meetings);
        for (key, _) in unmet.filter(|(_, meeting)| meeting.is_none()) {
            let Some(neighbour) = self.neighbour_with(key, table) else {
                continue;
            };
            let share = weight::NEIGHBOUR * key.weight / query.total;
            signals.score += share;
            signals.missed -= share;
            evidence.push(format!(
                "{} is in the name of {}, one join away",
                word(key, None),
                self.sources.catalog.table(neighbour).name
            ));
        }
    }

    fn computed(&self, phrase: &str, table: TableId, columns: &[usize], said: &str) -> String {
        let table = self.sources.catalog.table(table);
        let names: Vec<&str> = columns
            .iter()
            .filter_map(|place| table.columns.get(*place))
            .map(|column| &*column.name)
            .collect();
        format!(
            "\"{}\" can be computed from {}: {said}",
            text::shorten(phrase, 60),
            names.join(", ")
        )
    }

    /// A table that this one points at and whose name has the word.
    fn neighbour_with(&self, key: &QueryKey, table: TableId) -> Option<TableId> {
        let index = self.sources.index;
        let wanted: Vec<KeyId> = key
            .ways
            .iter()
            .filter_map(|way| index.key(&way.key))
            .collect();
        let neighbours = index.neighbours(table).iter().copied();
        neighbours
            .filter(|neighbour| self.holds(*neighbour))
            .find(|neighbour| {
                let mut held = index.name_keys(*neighbour).iter();
                held.any(|(held, _)| wanted.contains(held))
            })
    }

    /// How much of the table's name, by weight, the phrase speaks of, 0–1. A word of the
    /// phrase covers only what it meets best: who asks for invoices may be shown payments,
    /// but is not asking for both.
    fn share_of_name(&self, table: TableId, query: &Query) -> f64 {
        let index = self.sources.index;
        let name = index.name_keys(table);
        let strength = |key: &QueryKey, held: KeyId| {
            let ways = key
                .ways
                .iter()
                .filter(|way| index.key(&way.key) == Some(held));
            ways.map(|way| way.strength).fold(0.0, f64::max)
        };
        let bests: Vec<f64> = query
            .keys
            .iter()
            .map(|key| {
                name.iter()
                    .map(|(held, _)| strength(key, *held))
                    .fold(0.0, f64::max)
            })
            .collect();
        let (mut met, mut all) = (0.0, 0.0);
        for (held, sure) in name {
            let rarity = index.rarity_by_id(*held) * f64::from(*sure);
            all += rarity;
            let covering = query.keys.iter().zip(&bests).map(|(key, best)| {
                let strength = strength(key, *held);
                if strength >= *best { strength } else { 0.0 }
            });
            met += rarity * covering.fold(0.0, f64::max);
        }
        if all > 0.0 { met / all } else { 0.0 }
    }

    /// "Supplier invoices" are invoices and `dimv_invoicing_supplier` is a supplier: where
    /// phrase and name end in different things, the same words mean less; and where the
    /// name has only what stands beside the thing, less again.
    fn head_factor(
        &self,
        table: TableId,
        query: &Query,
        met: Option<Meeting<'_>>,
        named: bool,
    ) -> f64 {
        let index = self.sources.index;
        let Some(head) = query.keys.iter().find(|key| key.head) else {
            return 1.0;
        };
        // A category is a thing where a table is called after it.
        let has_table = || {
            head.ways
                .first()
                .is_some_and(|way| index.names_tables(&way.key))
        };
        let is_thing = matches!(head.kind, Some(Kind::Entity) | None) || has_table();
        let in_name = met.is_some_and(|met| {
            matches!(
                met.posting.field,
                Field::Name | Field::BusinessName | Field::DescriptionHead
            )
        });
        if is_thing && named && !in_name {
            return weight::BESIDE;
        }
        match index.name_keys(table) {
            [_, .., (last, _)]
                if !head
                    .ways
                    .iter()
                    .any(|way| index.key(&way.key) == Some(*last)) =>
            {
                weight::OTHER_HEAD
            }
            _ => 1.0,
        }
    }

    /// Bridges and technical tables are seldom meant by a plain name; a measure is asked
    /// of a fact.
    fn secondary(&self, table: TableId, measured: bool) -> f64 {
        match structure::named_class(&self.sources.catalog.table(table).name) {
            Some(NamedClass::Bridge | NamedClass::Technical) => weight::SECONDARY,
            Some(NamedClass::Dimension) if measured => weight::SECONDARY,
            _ => 1.0,
        }
    }

    fn words_met(&self, key: &QueryKey, meeting: &Meeting<'_>) -> Option<String> {
        let posting = &meeting.posting;
        let table = self.sources.catalog.table(posting.table);
        let column = || {
            table
                .columns
                .get(posting.column? as usize)
                .map(|column| &column.name)
        };
        let word = word(key, meeting.way.taken_for.as_deref());
        Some(match posting.field {
            Field::Name => format!("{word} is in the table's name"),
            Field::BusinessName => format!("{word} is in its business name"),
            Field::Schema => format!("{word} is in the schema's name"),
            Field::DescriptionHead => format!("{word} is what its description is about"),
            Field::Description => format!("{word} is in its description"),
            Field::ColumnName => format!("{word} is in column {}", column()?),
            Field::ColumnDescription => {
                format!("{word} is in the description of column {}", column()?)
            }
        })
    }
}

/// Gives the words that names of columns meet to the one column that has most of them: a
/// phrase is not met by one word here and one there.
fn attribute_to(found: &Found, query: &Query, meetings: &mut Meetings<'_>) {
    for (place, meeting) in meetings.iter_mut().enumerate() {
        let Some(meeting) = meeting
            .as_mut()
            .filter(|meeting| meeting.posting.field == Field::ColumnName)
        else {
            continue;
        };
        match found.best.filter(|_| found.met.contains(&place)) {
            Some(best) => {
                meeting.posting.column = u32::try_from(best).ok();
                if found.whole && query.keys.len() > 1 {
                    meeting.worth *= weight::COLUMN / weight::of_field(Field::ColumnName);
                }
            }
            None => meeting.worth *= weight::SCATTERED,
        }
    }
}

/// A word of the phrase with what it means, and the word it was taken for.
fn word(key: &QueryKey, taken_for: Option<&str>) -> String {
    match (&key.meaning, taken_for) {
        (Some(meaning), Some(near)) => format!("\"{}\" ({meaning} ≈ {near})", key.surface),
        (None, Some(near)) => format!("\"{}\" (≈ {near})", key.surface),
        (Some(meaning), None) => format!("\"{}\" ({meaning})", key.surface),
        (None, None) => format!("\"{}\"", key.surface),
    }
}
