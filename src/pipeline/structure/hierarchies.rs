//! Hierarchies inside a dimension and between dimensions, from the finest level up.
//!
//! Inside one table they are read off general ladders (city, state, country; day, month,
//! quarter, year), off a word and its `sub` form, and off numbered levels. Between tables
//! they are the snowflake of Kimball and Ross: a dimension points at the one that groups
//! it. A reference of a table to itself is a hierarchy of parents. What fits none of these
//! is not called one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{self, KeyWord};
use super::profile;
use super::words::{self, PLACES, Stem, Stemmed, TIMES, Words};
use super::{Analysis, Origin, Subject};
use crate::catalog::TableId;

/// What a hierarchy goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HierarchyThrough, example = "attributes")]
pub enum Through {
    /// Columns of one table.
    Attributes,
    /// Tables that point at each other.
    Joins,
    /// A column that points at the key of its own table.
    SelfReference,
}

/// Levels of a hierarchy, the finest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hierarchy {
    /// Places of columns.
    Attributes(Vec<usize>),
    /// The table itself, then those that group it.
    Joins(Vec<TableId>),
    /// Place of the key's column and of the one that holds the parent's key.
    SelfReference(usize, usize),
}

/// The most levels that are followed from table to table.
const LEVELS_MAX: usize = 8;

/// The hierarchies of a dimension.
pub(super) fn find(
    subject: &Subject<'_>,
    analysis: &Analysis,
    by_id: &HashMap<TableId, &Subject<'_>>,
    is_calendar: bool,
    is_dimension: impl Fn(TableId) -> bool,
) -> Vec<Hierarchy> {
    let stems: Vec<Vec<Stem>> = (0..subject.table.columns.len())
        .map(|place| profile::stems(subject, place))
        .collect();
    let mut found: Vec<Hierarchy> = ladders(&stems, is_calendar)
        .into_iter()
        .chain(pairs_with_sub(&stems))
        .chain(numbered(&stems))
        .map(Hierarchy::Attributes)
        .collect();
    let mut own: Vec<Hierarchy> = Vec::new();
    let mut climbed = HashSet::new();
    for join in analysis.joins_from(subject.id) {
        if join.to == subject.id {
            let said = join.origin == Origin::Declared
                || stems
                    .get(join.from_column)
                    .is_some_and(|stems| words::SUPERIORS.hold_any(stems));
            if said && join.from_column != join.to_column {
                own.push(Hierarchy::SelfReference(join.to_column, join.from_column));
            }
            continue;
        }
        if !climbed.insert(join.to) {
            continue;
        }
        let chain = climb(subject, join.to, analysis, by_id, &is_dimension);
        if chain.len() > 1 {
            own.push(Hierarchy::Joins(chain));
        }
    }
    own.dedup();
    found.extend(own);
    found
}

/// From a dimension to the one that groups it, and on.
fn climb(
    subject: &Subject<'_>,
    first: TableId,
    analysis: &Analysis,
    by_id: &HashMap<TableId, &Subject<'_>>,
    is_dimension: &impl Fn(TableId) -> bool,
) -> Vec<TableId> {
    let mut chain = vec![subject.id];
    let mut below = subject;
    let mut next = Some(first);
    while let Some(id) = next.take() {
        let Some(above) = by_id.get(&id).copied() else {
            break;
        };
        if chain.contains(&id) || !is_dimension(id) || !groups(above, below) {
            break;
        }
        chain.push(id);
        if chain.len() == LEVELS_MAX {
            break;
        }
        below = above;
        next = analysis.joins_from(id).map(|join| join.to).find(|to| {
            by_id
                .get(to)
                .is_some_and(|further| !chain.contains(to) && groups(further, above))
        });
    }
    chain
}

/// Whether one dimension groups the members of another, by their names: a wider place, a
/// category of what it is called after, what a `sub…` belongs to.
fn groups(above: &Subject<'_>, below: &Subject<'_>) -> bool {
    let (upper, lower) = (&above.name.subject, &below.name.subject);
    let stem = |name: &[String]| name.last().map(|word| Stem::of(word));
    let (Some(upper_last), Some(lower_last)) = (stem(upper), stem(lower)) else {
        return false;
    };
    let place = |stem: &Stem| PLACES.iter().position(|level| level.hold(stem));
    if let Some((upper, lower)) = place(&upper_last).zip(place(&lower_last)) {
        return upper > lower;
    }
    let first_is = |words: &Words| upper.first().is_some_and(|word| words.hold_slavic(word));
    let grouping = words::GROUPINGS.hold(&upper_last) || first_is(&words::GROUPINGS);
    let shares = upper.iter().any(|word| lower.contains(word));
    let sub = is_sub(lower_last.english(), upper_last.english());
    sub || grouping && (shares || upper.len() == 1)
}

fn is_sub(fine: &str, coarse: &str) -> bool {
    fine.strip_prefix("sub")
        .is_some_and(|rest| rest.trim_start_matches('_') == coarse)
}

/// Ladders of general knowledge that at least two columns stand on. Only in a calendar
/// are a month and a year levels: elsewhere they are of different dates.
fn ladders(stems: &[Vec<Stem>], is_calendar: bool) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let places = rungs(stems, place_level);
    found.extend(climbed(&places));
    let fiscal_or_not: &[bool] = if is_calendar { &[false, true] } else { &[] };
    for fiscal in fiscal_or_not {
        let times = rungs(stems, |stems| {
            time_level(stems).filter(|_| is_fiscal(stems) == *fiscal)
        });
        found.extend(climbed(&times));
    }
    found
}

/// Of each level the first column that is on it, one that is no key before one that is.
fn rungs(stems: &[Vec<Stem>], level: impl Fn(&[Stem]) -> Option<usize>) -> BTreeMap<usize, usize> {
    let mut rungs: BTreeMap<usize, (bool, usize)> = BTreeMap::new();
    for (place, stems) in stems.iter().enumerate() {
        if let Some(level) = level(stems) {
            let found = (ends_in_a_key_word(stems), place);
            let best = rungs.entry(level).or_insert(found);
            *best = found.min(*best);
        }
    }
    rungs
        .into_iter()
        .map(|(level, (_, place))| (level, place))
        .collect()
}

fn climbed(rungs: &BTreeMap<usize, usize>) -> Option<Vec<usize>> {
    (rungs.len() > 1).then(|| rungs.values().copied().collect())
}

/// A column is on a level of places if that is what it names: `city`, `state_code`,
/// `country_name`, but neither `birth_country` nor `country_manager`.
fn place_level(stems: &[Stem]) -> Option<usize> {
    let plain: Vec<&Stem> = stems
        .iter()
        .filter(|stem| !words::NAMINGS.hold(*stem) && names::key_word(stem.english()).is_none())
        .collect();
    let [.., last] = plain.as_slice() else {
        return None;
    };
    if plain.len() > PLACE_WORDS_MAX || words::OTHER_PLACES.hold_any(stems) {
        return None;
    }
    // What some call a country or region is a country.
    let named = match plain.as_slice() {
        [country, region] if region.english() == "region" => country,
        _ => last,
    };
    PLACES.iter().position(|level| level.hold(*named))
}

/// The most words of a column that names a place.
const PLACE_WORDS_MAX: usize = 2;

/// `day_number_of_month` counts days, `calendar_year_month` tells months.
fn time_level(stems: &[Stem]) -> Option<usize> {
    if words::PARTS_OF_TIMES.hold_any(stems) || stems.iter().any(|stem| stem.english() == "birth") {
        return None;
    }
    let level = |stem: &Stem| TIMES.iter().position(|level| level.hold(stem));
    let until_of: Vec<&Stem> = stems
        .iter()
        .take_while(|stem| stem.english() != "of")
        .collect();
    // `day_of_week` tells no day.
    let of = until_of.len() < stems.len();
    if of && words::WEEKS.hold_any(stems) {
        return None;
    }
    until_of.into_iter().filter_map(level).min()
}

fn is_fiscal(stems: &[Stem]) -> bool {
    stems
        .iter()
        .any(|stem| ["fiscal", "fy"].contains(&stem.english()))
}

/// `subcategory` and `category`, `sub_shift` and `shift`.
fn pairs_with_sub(stems: &[Vec<Stem>]) -> Vec<Vec<usize>> {
    let joined = |stems: &[Stem]| -> String {
        stems
            .iter()
            .map(Stemmed::english)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (place, stems) in stems.iter().enumerate() {
        by_name.entry(joined(stems)).or_insert(place);
    }
    stems
        .iter()
        .enumerate()
        .filter(|(_, stems)| !ends_in_a_key_word(stems))
        .filter_map(|(place, stems)| {
            let name = joined(stems);
            let at = name.find("sub")?;
            let starts_word = at == 0 || name.get(..at)?.ends_with(' ');
            let (head, rest) = (name.get(..at)?, name.get(at + "sub".len()..)?);
            let coarse = format!("{head}{}", rest.trim_start());
            let coarse = *by_name.get(&coarse)?;
            (starts_word && coarse != place).then(|| vec![place, coarse])
        })
        .collect()
}

/// A key stands for a level only where nothing else does: it is what other tables join.
fn ends_in_a_key_word(stems: &[Stem]) -> bool {
    stems
        .last()
        .is_some_and(|last| names::key_word(last.english()) == Some(KeyWord::Surrogate))
}

/// Columns that differ by the number of their level: `category_level_1`, `lvl2_name`.
/// The level with the highest number is the finest.
fn numbered(stems: &[Vec<Stem>]) -> Vec<Vec<usize>> {
    let mut families: BTreeMap<String, BTreeMap<u32, usize>> = BTreeMap::new();
    for (place, stems) in stems.iter().enumerate() {
        let Some((number, said)) = level_number(stems) else {
            continue;
        };
        families
            .entry(said)
            .or_default()
            .entry(number)
            .or_insert(place);
    }
    families
        .into_values()
        .filter(|levels| levels.len() > 1)
        .map(|levels| levels.into_values().rev().collect())
        .collect()
}

/// The number behind a word for a level, and the name without it.
fn level_number(stems: &[Stem]) -> Option<(u32, String)> {
    let at = stems.windows(2).position(|pair| match pair {
        [word, number] => {
            words::LEVEL_WORDS.hold(word) && number.english().chars().all(|c| c.is_ascii_digit())
        }
        _ => false,
    })?;
    let number = stems.get(at + 1)?.english().parse().ok()?;
    let rest: Vec<&str> = stems
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != at + 1)
        .map(|(_, stem)| stem.english())
        .collect();
    Some((number, rest.join(" ")))
}
