//! One fact and what it joins.

use std::collections::{HashMap, HashSet};

use super::keys::Key;
use super::names::{self, Names};
use super::{Column, Doubt, Join, Model, Star};
use crate::pipeline::structure::{self, DimensionItem, FactItem, ItemHead, JoinKind, Through};
use crate::text;

/// The most columns of a fact.
const COLUMNS_MAX: usize = 100;
/// The most columns of a dimension that the request asks for, and of another.
const ATTRIBUTES_ASKED_MAX: usize = 6;
const ATTRIBUTES_MAX: usize = 3;
/// The most of them that are taken for being names: a first and a last one.
const NAMES_MAX: usize = 2;
/// The most live joins.
const JOINS_MAX: usize = 40;
/// The most joins of one kind that are not.
const DOUBTFUL_MAX: usize = 10;
/// How many joins away from a fact a dimension is looked for that the request asks for.
const DEPTH_MAX: usize = 3;
/// The most dimensions that are looked at on the way.
const VISITED_MAX: usize = 500;

/// The star of a fact.
pub(super) fn of<'a>(model: &Model<'a>, fact: &'a FactItem) -> Star<'a> {
    let mut builder = Builder::new(model, fact);
    builder.dimensions();
    builder.outriggers();
    builder.doubtful();
    builder.other_paths();
    builder.facts();
    builder.bridges();
    builder.finish()
}

struct Builder<'m, 'a> {
    model: &'m Model<'a>,
    fact: &'a FactItem,
    /// What the fact is called.
    alias: String,
    tables: Names,
    columns: Names,
    joins: Vec<Join<'a>>,
    /// Joins to dimensions that are not to be trusted, to be made after the live ones.
    in_doubt: Vec<(&'m Key<'a>, Doubt<'a>)>,
    joins_left_out: usize,
    ruled_out: Vec<(&'a str, &'a str)>,
    own: OwnColumns<'a>,
    guarded: Vec<String>,
}

impl<'m, 'a> Builder<'m, 'a> {
    fn new(model: &'m Model<'a>, fact: &'a FactItem) -> Self {
        let mut tables = Names::default();
        let alias = tables.give(&names::best_first(&fact.head.name));
        let mut columns = Names::default();
        // A column of the fact keeps its name; no other gets it, not even in a step between.
        let own = OwnColumns::of(model, fact);
        for name in &own.shown {
            columns.keep(name);
        }
        for key in model.keys.from(&fact.head.full_name) {
            for (name, _) in &key.columns {
                columns.keep(name);
            }
        }
        for key in model.keys.to(&fact.head.full_name) {
            for (_, name) in &key.columns {
                columns.keep(name);
            }
        }
        Self {
            model,
            fact,
            alias,
            tables,
            columns,
            joins: Vec::new(),
            in_doubt: Vec::new(),
            joins_left_out: 0,
            ruled_out: Vec::new(),
            guarded: own.guarded.iter().map(|name| (*name).to_owned()).collect(),
            own,
        }
    }

    /// The dimensions that the fact points at.
    fn dimensions(&mut self) {
        let full_name = self.fact.head.full_name.as_str();
        let keys: Vec<&'m Key<'a>> = self.model.keys.from(full_name).collect();
        let mut sure: Vec<(&'m Key<'a>, &'a DimensionItem)> = Vec::new();
        for key in keys {
            let Some(dimension) = self.model.dimensions.get(key.to) else {
                continue;
            };
            if let Some(reason) = self.model.ruled_out.get(key.to) {
                let known = self.ruled_out.iter().any(|(table, _)| *table == key.to);
                if !known {
                    self.ruled_out.push((key.to, reason));
                }
                continue;
            }
            match key.doubt(dimension) {
                Some(doubt) => self.in_doubt.push((key, doubt)),
                None => sure.push((key, dimension)),
            }
        }
        let (chosen, beaten) = choose(&sure);
        let mut room = JOINS_MAX;
        let asked = |place: &usize| {
            sure.get(*place)
                .is_some_and(|(_, to)| self.model.is_asked(to))
        };
        // Where there is no room for all, the request's own come first.
        let mut kept: Vec<usize> = chosen.iter().copied().filter(asked).take(room).collect();
        room -= kept.len();
        kept.extend(chosen.iter().filter(|place| !asked(place)).take(room));
        kept.sort_unstable();
        self.joins_left_out += chosen.len() - kept.len();

        let aliases: HashMap<usize, String> = kept
            .iter()
            .filter_map(|place| {
                let (key, dimension) = sure.get(*place)?;
                let several = sure.iter().filter(|(other, _)| other.to == key.to).count() > 1;
                Some((*place, self.role(key, dimension, several)))
            })
            .collect();
        for (place, (key, dimension)) in sure.iter().enumerate() {
            if let Some(alias) = aliases.get(&place) {
                let from = self.alias.clone();
                self.join(key, dimension, alias.clone(), from, None);
            }
        }
        for (loser, winner, same_columns) in beaten {
            let Some(instead) = aliases.get(&winner).cloned() else {
                continue;
            };
            if let Some((key, _)) = sure.get(loser) {
                let doubt = if same_columns {
                    Doubt::SameColumns { instead }
                } else {
                    Doubt::OtherPath { instead }
                };
                self.in_doubt.push((key, doubt));
            }
        }
    }

    /// What a dimension is called that the fact points at: by its role where it plays one.
    fn role(&mut self, key: &Key<'a>, dimension: &DimensionItem, several: bool) -> String {
        let mut wanted = Vec::new();
        if let Some(role) = key.role(dimension) {
            wanted.push(names::whole(role));
        } else if several && let Some((column, _)) = key.columns.first() {
            wanted.push(names::of_key(column));
        }
        wanted.extend(names::best_first(&dimension.head.name));
        self.tables.give(&wanted)
    }

    /// Dimensions that the request asks for and the fact reaches only through others.
    fn outriggers(&mut self) {
        let asked = |name: &str| {
            let dimension = self.model.dimensions.get(name);
            dimension.is_some_and(|dimension| dimension.head.requested)
        };
        let mut visited: HashSet<&str> = self.joins.iter().map(full_name).collect();
        // Each with the place of the one before it: a live join, or another of these.
        let mut found: Vec<(&'m Key<'a>, Option<usize>)> = Vec::new();
        let mut level: Vec<(&'a str, Option<usize>)> = self
            .joins
            .iter()
            .map(|join| (full_name(join), None))
            .collect();
        for _ in 1..DEPTH_MAX {
            let mut next = Vec::new();
            for (table, before) in level {
                for key in self.model.keys.from(table) {
                    let Some(dimension) = self.model.dimensions.get(key.to) else {
                        continue;
                    };
                    if self.model.ruled_out.contains_key(key.to)
                        || key.doubt(dimension).is_some()
                        || found.len() == VISITED_MAX
                        || !visited.insert(key.to)
                    {
                        continue;
                    }
                    next.push((key.to, Some(found.len())));
                    found.push((key, before));
                }
            }
            level = next;
        }
        let mut needed = vec![false; found.len()];
        for place in (0..found.len()).rev() {
            let Some((key, before)) = found.get(place) else {
                continue;
            };
            let wanted = needed.get(place).copied().unwrap_or(false) || asked(key.to);
            if let Some(flag) = needed.get_mut(place) {
                *flag = wanted;
            }
            if let Some(before) = before.filter(|_| wanted)
                && let Some(flag) = needed.get_mut(before)
            {
                *flag = true;
            }
        }
        for ((key, _), needed) in found.iter().zip(needed) {
            let mut joins = self.joins.iter();
            let from = joins.find(|join| full_name(join) == key.from);
            if let Some(from) = from.filter(|_| needed) {
                let from = from.alias.clone();
                self.outrigger(key, from, None);
            }
        }
    }

    /// Joins a dimension to one that is joined already, under the name `from`.
    fn outrigger(&mut self, key: &'m Key<'a>, from: String, doubt: Option<Doubt<'a>>) {
        let Some(dimension) = self.model.dimensions.get(key.to) else {
            return;
        };
        let [short, whole, any] = names::best_first(&dimension.head.name);
        let by_way_of = format!("{from}_{short}");
        let alias = self.tables.give(&[short, by_way_of, whole, any]);
        self.join(key, dimension, alias, from, doubt);
    }

    /// What the fact points at, but not surely enough.
    fn doubtful(&mut self) {
        let mut in_doubt = std::mem::take(&mut self.in_doubt);
        self.joins_left_out += in_doubt.len().saturating_sub(DOUBTFUL_MAX);
        in_doubt.truncate(DOUBTFUL_MAX);
        for (key, doubt) in in_doubt {
            let Some(dimension) = self.model.dimensions.get(key.to) else {
                continue;
            };
            let alias = self.role(key, dimension, true);
            self.join(key, dimension, alias, self.alias.clone(), Some(doubt));
        }
    }

    /// Paths to dimensions that are joined already by a shorter one. A calendar is not
    /// looked at: another date of another table is no other path to the same day.
    fn other_paths(&mut self) {
        let live = || self.joins.iter().filter(|join| join.is_live());
        let mut paths: Vec<(&'m Key<'a>, String, String)> = Vec::new();
        for join in live() {
            for key in self.model.keys.from(full_name(join)) {
                let dimension = self.model.dimensions.get(key.to);
                let sure = dimension.is_some_and(|dimension| {
                    !self.model.is_calendar(dimension) && key.doubt(dimension).is_none()
                });
                if !sure || key.from == key.to {
                    continue;
                }
                // The join itself is no second path.
                let target = live().find(|other| full_name(other) == key.to);
                if let Some(target) = target.filter(|target| target.from != join.alias) {
                    paths.push((key, join.alias.clone(), target.alias.clone()));
                }
            }
        }
        self.joins_left_out += paths.len().saturating_sub(DOUBTFUL_MAX);
        for (key, from, instead) in paths.into_iter().take(DOUBTFUL_MAX) {
            self.outrigger(key, from, Some(Doubt::OtherPath { instead }));
        }
    }

    /// Facts that rows of this one belong to or follow from, and tables of no class.
    fn facts(&mut self) {
        let own = self.fact.head.full_name.as_str();
        let keys: Vec<&'m Key<'a>> = self
            .model
            .keys
            .from(own)
            .filter(|key| key.to != own)
            .filter(|key| matches!(key.kind, JoinKind::FactToFact | JoinKind::Reference))
            .filter(|key| !self.model.ruled_out.contains_key(key.to))
            .collect();
        self.joins_left_out += keys.len().saturating_sub(DOUBTFUL_MAX);
        for key in keys.into_iter().take(DOUBTFUL_MAX) {
            let Some(head) = self.model.heads.get(key.to) else {
                continue;
            };
            let alias = self.tables.give(&names::best_first(&head.name));
            let (doubt, columns) = match self.model.facts.get(key.to) {
                Some(fact) => (Doubt::Fact { grain: &fact.grain }, &fact.measures[..]),
                None => (Doubt::Unclassified, &[][..]),
            };
            let columns = columns.iter().map(String::as_str);
            let columns = self.unguarded(head, columns, ATTRIBUTES_MAX);
            let columns = self.aliased(&alias, columns.into_iter());
            self.joins.push(Join {
                table: head,
                alias,
                from: self.alias.clone(),
                on: key.columns.clone(),
                columns,
                passed_on: Vec::new(),
                doubt: Some(doubt),
                confidence: key.confidence,
                evidence: key.evidence,
            });
        }
    }

    /// Bridges that point at the fact or at a dimension that is joined, and what else they
    /// point at.
    fn bridges(&mut self) {
        let mut seen = HashSet::new();
        let mut legs: Vec<(&'m Key<'a>, String)> = Vec::new();
        let live = self.joins.iter().filter(|join| join.is_live());
        let joined = live.map(|join| (full_name(join), join.alias.clone()));
        let fact = (self.fact.head.full_name.as_str(), self.alias.clone());
        for (table, alias) in std::iter::once(fact).chain(joined) {
            for key in self.model.keys.to(table) {
                let usable = self.model.bridges.contains_key(key.from)
                    && !self.model.ruled_out.contains_key(key.from);
                if usable && seen.insert(key.from) {
                    legs.push((key, alias.clone()));
                }
            }
        }
        self.joins_left_out += legs.len().saturating_sub(DOUBTFUL_MAX);
        for (near, from) in legs.into_iter().take(DOUBTFUL_MAX) {
            self.bridge(near, from);
        }
    }

    fn bridge(&mut self, near: &'m Key<'a>, from: String) {
        let Some(head) = self.model.heads.get(near.from) else {
            return;
        };
        let alias = self.tables.give(&names::best_first(&head.name));
        let live = self.joins.iter().filter(|join| join.is_live());
        let joined: HashSet<&str> = live.map(full_name).collect();
        let far: Vec<&'m Key<'a>> = self
            .model
            .keys
            .from(near.from)
            .filter(|key| key.to != near.to && !joined.contains(key.to))
            .filter(|key| !self.model.ruled_out.contains_key(key.to))
            .collect();
        self.pass_on(&from, near.columns.iter().map(|(_, to)| *to));
        self.joins.push(Join {
            table: head,
            alias: alias.clone(),
            from,
            on: near
                .columns
                .iter()
                .map(|(own, there)| (*there, *own))
                .collect(),
            columns: Vec::new(),
            passed_on: Vec::new(),
            doubt: Some(Doubt::Bridge),
            confidence: near.confidence,
            evidence: near.evidence,
        });
        for key in far {
            if let Some(dimension) = self.model.dimensions.get(key.to) {
                let wanted = names::best_first(&dimension.head.name);
                let name = self.tables.give(&wanted);
                self.join(
                    key,
                    dimension,
                    name,
                    alias.clone(),
                    Some(Doubt::BehindBridge),
                );
            }
        }
    }

    fn join(
        &mut self,
        key: &Key<'a>,
        dimension: &'a DimensionItem,
        alias: String,
        from: String,
        doubt: Option<Doubt<'a>>,
    ) {
        self.pass_on(&from, key.columns.iter().map(|(from, _)| *from));
        let described = self.described(dimension);
        let columns = self.aliased(&alias, described.into_iter());
        self.joins.push(Join {
            table: &dimension.head,
            alias,
            from,
            on: key.columns.clone(),
            columns,
            passed_on: Vec::new(),
            doubt,
            confidence: key.confidence,
            evidence: key.evidence,
        });
    }

    /// Notes the columns that a further join takes from one that is there.
    fn pass_on(&mut self, from: &str, columns: impl Iterator<Item = &'a str>) {
        let Some(join) = self.joins.iter_mut().find(|join| join.alias == from) else {
            return;
        };
        for column in columns {
            let known = join.columns.iter().chain(&join.passed_on);
            if !known.into_iter().any(|known| known.name == column) {
                let alias = self.columns.give_column(&join.alias, column);
                join.passed_on.push(Column {
                    name: column,
                    alias,
                });
            }
        }
    }

    fn aliased(&mut self, table: &str, columns: impl Iterator<Item = &'a str>) -> Vec<Column<'a>> {
        columns
            .map(|name| Column {
                name,
                alias: self.columns.give_column(table, name),
            })
            .collect()
    }

    /// The columns that describe a member of a dimension: first those by which the business
    /// knows it, those the request speaks of, its names, and the levels of its first hierarchy,
    /// which of a calendar are all that matters.
    fn described(&mut self, dimension: &'a DimensionItem) -> Vec<&'a str> {
        let calendar = self.model.is_calendar(dimension);
        let most = if calendar || self.model.is_asked(dimension) {
            ATTRIBUTES_ASKED_MAX
        } else {
            ATTRIBUTES_MAX
        };
        let names_max = if calendar { 0 } else { NAMES_MAX };
        let spoken_of = self.model.columns_asked_for(&dimension.head.full_name);
        let strs = |columns: &'a [String]| columns.iter().map(String::as_str);
        let key = || strs(&dimension.business_key);
        let levels = || {
            let mut hierarchies = dimension.hierarchies.iter();
            let first = hierarchies.find(|one| one.through == Through::Attributes);
            strs(first.map(|one| &one.levels[..]).unwrap_or_default())
        };
        let attributes = || strs(&dimension.attributes);
        let ranked = key()
            .chain(attributes().filter(|column| spoken_of.contains(column)))
            .chain(
                attributes()
                    .filter(|column| names::is_name(column))
                    .take(names_max),
            )
            .chain(levels())
            .chain(attributes());
        let chosen = self.unguarded(&dimension.head, ranked, most);
        // In the order a person expects: the key, then as in the table.
        let mut seen = HashSet::new();
        let found: Vec<&str> = key()
            .chain(levels().filter(|level| !dimension.attributes.iter().any(|one| one == level)))
            .chain(attributes())
            .filter(|column| chosen.contains(column) && seen.insert(*column))
            .collect();
        if found.is_empty() {
            return strs(&dimension.primary_key).take(most).collect();
        }
        found
    }

    /// The first `most` of the columns of a table that need no guarding; the others among
    /// them are noted.
    fn unguarded(
        &mut self,
        table: &ItemHead,
        columns: impl Iterator<Item = &'a str>,
        most: usize,
    ) -> Vec<&'a str> {
        let mut seen = HashSet::new();
        let mut chosen = Vec::new();
        for column in columns.filter(|column| seen.insert(*column)) {
            if chosen.len() == most {
                break;
            }
            if self.model.is_guarded(&table.full_name, column) {
                let name = format!("{}.{column}", table.name);
                if !self.guarded.contains(&name) {
                    self.guarded.push(name);
                }
            } else {
                chosen.push(column);
            }
        }
        chosen
    }

    fn finish(mut self) -> Star<'a> {
        let mut given = Names::default();
        let columns = std::mem::take(&mut self.own.shown)
            .into_iter()
            .map(|name| Column {
                name,
                alias: alias_of_own(name, &mut given, &mut self.columns),
            })
            .collect();
        let full_name = self.fact.head.full_name.as_str();
        let mut seen = HashSet::new();
        let finer = self.model.keys.to(full_name);
        let finer = finer
            .filter(|key| key.kind == JoinKind::FactToFact && key.from != full_name)
            .map(|key| key.from)
            .filter(|from| seen.insert(*from))
            .collect();
        Star {
            fact: self.fact,
            alias: self.alias,
            asked_by: self.model.asked_by(full_name),
            columns,
            columns_left_out: self.own.left_out,
            guarded: self.guarded,
            joins: self.joins,
            joins_left_out: self.joins_left_out,
            ruled_out: self.ruled_out,
            finer,
        }
    }
}

/// A column of the fact keeps its name, unless a second one differs from it by case alone.
fn alias_of_own(name: &str, given: &mut Names, all: &mut Names) -> String {
    let alias = given.give_whole(name);
    if alias == name {
        alias
    } else {
        all.give(&[alias])
    }
}

fn full_name<'a>(join: &Join<'a>) -> &'a str {
    &join.table.full_name
}

/// The columns of a fact.
struct OwnColumns<'a> {
    /// Those that say what a row is.
    shown: Vec<&'a str>,
    /// Those that do not, or that there is no room for.
    left_out: Vec<&'a str>,
    /// Those that would be shown, were they not personal or stricter.
    guarded: Vec<&'a str>,
}

impl<'a> OwnColumns<'a> {
    /// Shown are its keys, its dates, what its grain names, what the request speaks of, and its
    /// measures. A column that points at a table stands for a key that is unknown.
    fn of(model: &Model<'a>, fact: &'a FactItem) -> Self {
        let name = fact.head.full_name.as_str();
        let has_key = !fact.primary_key.is_empty() || !fact.business_key.is_empty();
        // Nor does anything else show where a row points that no live join follows.
        let followed = |key: &&Key<'a>| {
            let mut dimension = model.dimensions.get(key.to).into_iter();
            dimension.all(|dimension| key.doubt(dimension).is_none())
        };
        let keys = model.keys.from(name);
        let keys = keys.filter(|key| !has_key || !followed(key));
        let pointing = keys.flat_map(|key| key.columns.iter().map(|(from, _)| *from));
        let strs = |columns: &'a [String]| columns.iter().map(String::as_str);
        let identifying: Vec<&str> = strs(&fact.primary_key).chain(pointing).collect();
        let grain = text::identifier_words(&fact.grain);
        let spoken_of = model.columns_asked_for(name);
        // A key that nobody knows the table of shows where a row points, too.
        let telling = |column: &&str| {
            structure::names_a_key(column)
                || spoken_of.contains(column)
                || is_named_in(&grain, column)
        };
        let joined: HashSet<&str> = model
            .keys
            .from(name)
            .flat_map(|key| key.columns.iter().map(|(from, _)| *from))
            .collect();
        let others = || strs(&fact.attributes).filter(|column| !joined.contains(column));
        let ranked = strs(&fact.primary_key)
            .chain(strs(&fact.business_key))
            .chain(identifying.iter().copied())
            .chain(strs(&fact.date_columns))
            .chain(others().filter(telling))
            .chain(model.columns_of_metrics(name))
            .chain(strs(&fact.measures));
        let mut seen = HashSet::new();
        let (mut shown, guarded): (Vec<&str>, Vec<&str>) = ranked
            .filter(|column| seen.insert(*column))
            .partition(|column| identifying.contains(column) || !model.is_guarded(name, column));
        let mut left_out = shown.split_off(shown.len().min(COLUMNS_MAX));
        if !shown.is_empty() || !guarded.is_empty() {
            left_out.extend(others().filter(|column| seen.insert(*column)));
        }
        Self {
            shown,
            left_out,
            guarded,
        }
    }
}

/// Whether the words of a grain hold all words of a column, but those that only say "key".
fn is_named_in(grain: &[String], column: &str) -> bool {
    let telling = names::of_key(column);
    !telling.is_empty()
        && telling
            .split('_')
            .all(|word| grain.iter().any(|known| known == word))
}

/// Of joins that are all sure enough, those that are made, and those that are not, each with
/// the one instead of which it is, and whether that starts from the same columns.
///
/// One column can lead to one table only, and one table is reached by one key of its own;
/// several columns that lead to the same key are roles, and all are made.
fn choose(sure: &[(&Key<'_>, &DimensionItem)]) -> (Vec<usize>, Vec<(usize, usize, bool)>) {
    let mut by_rank: Vec<usize> = (0..sure.len()).collect();
    let rank = |place: &usize| {
        sure.get(*place).map(|(key, dimension)| {
            (
                key.confidence,
                dimension.head.requested,
                std::cmp::Reverse(*place),
            )
        })
    };
    by_rank.sort_by(|a, b| {
        rank(b)
            .partial_cmp(&rank(a))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut by_columns: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut by_target: HashMap<&str, (Vec<&str>, usize)> = HashMap::new();
    let (mut chosen, mut beaten) = (Vec::new(), Vec::new());
    for place in by_rank {
        let Some((key, _)) = sure.get(place) else {
            continue;
        };
        let mut points_at: Vec<&str> = key.columns.iter().map(|(_, to)| *to).collect();
        points_at.sort_unstable();
        if let Some(winner) = by_columns.get(&key.held_in()) {
            beaten.push((place, *winner, true));
        } else if let Some((other, winner)) = by_target.get(key.to)
            && *other != points_at
        {
            beaten.push((place, *winner, false));
        } else {
            by_columns.insert(key.held_in(), place);
            by_target.entry(key.to).or_insert((points_at, place));
            chosen.push(place);
        }
    }
    chosen.sort_unstable();
    beaten.sort_unstable();
    (chosen, beaten)
}
