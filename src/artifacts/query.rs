//! What the queries of a run select and join, whatever language they are then written in.
//!
//! Every fact that the request asks for becomes a star: its own columns, and the dimensions
//! by the keys that the catalog declares or the analysis inferred. A join is live only where
//! it can neither drop nor double a row of the fact: it is an outer join, sure enough, to the
//! whole key of a dimension. Every other join is there too, with the reason why it is not.

mod calculation;
mod keys;
mod metrics;
mod names;
mod star;
pub(super) mod wording;

use std::collections::{HashMap, HashSet};

pub(super) use calculation::Calculation;
pub(super) use metrics::{Period, Total, Totals, Unit};
pub(super) use names::is_name;

use crate::pipeline::Outputs;
use crate::pipeline::security::{LIKELY, Sensitivity};
use crate::pipeline::structure::{BridgeItem, DimensionItem, FactItem, ItemHead, Relationship};
use crate::wording::Language;
use keys::Keys;

/// The least confidence of a join that is live. Confidences of joins are probabilities, so
/// below it more than one join in four would be wrong, and a wrong one puts wrong names
/// beside right figures, which nobody notices.
pub(super) const SURE: f64 = 0.75;

/// The most facts that are queried.
const STARS_MAX: usize = 20;
/// The most facts where the request asks for none.
const STARS_UNASKED_MAX: usize = 3;

/// All queries of a run.
pub(super) struct Queries<'a> {
    /// The language of their comments.
    pub(super) language: Language,
    /// What the request is called.
    pub(super) request: &'a str,
    /// Whether the request asks for the facts; else they are those with the most joins.
    pub(super) asked: bool,
    /// One query a fact.
    pub(super) stars: Vec<Star<'a>>,
    /// How many facts are left out for want of room.
    pub(super) left_out: usize,
    /// The metrics of the request, by table.
    pub(super) totals: Vec<Totals<'a>>,
    /// Metrics without columns.
    pub(super) not_found: Vec<&'a str>,
}

/// A fact with its dimensions.
pub(super) struct Star<'a> {
    pub(super) fact: &'a FactItem,
    /// What the fact is called in the query.
    pub(super) alias: String,
    /// The entities of the request that mean it.
    pub(super) asked_by: Vec<&'a str>,
    /// Columns of the fact.
    pub(super) columns: Vec<Column<'a>>,
    /// Columns of it that are left out: they say nothing of what a row is, or there is no room.
    pub(super) columns_left_out: Vec<&'a str>,
    /// Columns, of the fact and what it joins, that are left out as personal or stricter.
    pub(super) guarded: Vec<String>,
    /// Live joins, then those in doubt; each comes after the one it starts from.
    pub(super) joins: Vec<Join<'a>>,
    /// How many joins are left out for want of room.
    pub(super) joins_left_out: usize,
    /// Tables that the request rules out, with the sentence that does.
    pub(super) ruled_out: Vec<(&'a str, &'a str)>,
    /// Facts whose rows point at rows of this one.
    pub(super) finer: Vec<&'a str>,
}

/// A column that a query selects.
#[derive(Debug, Clone)]
pub(super) struct Column<'a> {
    /// Its name in its table.
    pub(super) name: &'a str,
    /// Its name in the result, of which there is no second.
    pub(super) alias: String,
}

/// A table joined to another.
pub(super) struct Join<'a> {
    /// The table.
    pub(super) table: &'a ItemHead,
    /// What it is called in the query.
    pub(super) alias: String,
    /// What the table is called that it is joined to.
    pub(super) from: String,
    /// Columns there and here that have to be equal.
    pub(super) on: Vec<(&'a str, &'a str)>,
    /// Columns that are selected.
    pub(super) columns: Vec<Column<'a>>,
    /// Columns that a further join starts from.
    pub(super) passed_on: Vec<Column<'a>>,
    /// Why it is not live.
    pub(super) doubt: Option<Doubt<'a>>,
    /// How sure it is, 0–1.
    pub(super) confidence: f64,
    /// Why, in the words of the analysis.
    pub(super) evidence: &'a [String],
}

impl Join<'_> {
    pub(super) fn is_live(&self) -> bool {
        self.doubt.is_none()
    }
}

/// Why a join is not live.
#[derive(Debug, Clone)]
pub(super) enum Doubt<'a> {
    /// Its confidence lies below [`SURE`].
    Unsure,
    /// Its columns are not known to be the whole key of the table, so several rows may meet.
    NoKey,
    /// The same columns lead to another table, more surely.
    SameColumns { instead: String },
    /// The table is joined already, by another path.
    OtherPath { instead: String },
    /// The table is a fact, with a grain of its own.
    Fact { grain: &'a str },
    /// The table relates many rows to many.
    Bridge,
    /// The table is related by a bridge.
    BehindBridge,
    /// Nobody knows what the table is.
    Unclassified,
}

impl<'a> Queries<'a> {
    /// What there is to query in a run.
    pub(super) fn of(outputs: &'a Outputs) -> Self {
        let model = Model::of(outputs);
        let facts = model.facts();
        let asked = facts.iter().any(|fact| fact.head.requested);
        let most = if asked { STARS_MAX } else { STARS_UNASKED_MAX };
        let stars: Vec<Star<'a>> = facts
            .iter()
            .take(most)
            .map(|fact| star::of(&model, fact))
            .collect();
        Self {
            language: outputs.tool0_output.language.into(),
            request: &outputs.tool0_output.project_metadata.project_name,
            asked,
            left_out: facts.len() - stars.len(),
            totals: metrics::totals(&model, &stars),
            not_found: metrics::not_found(outputs),
            stars,
        }
    }
}

/// The outputs of a run, as the queries look things up in them.
struct Model<'a> {
    outputs: &'a Outputs,
    heads: HashMap<&'a str, &'a ItemHead>,
    dimensions: HashMap<&'a str, &'a DimensionItem>,
    facts: HashMap<&'a str, &'a FactItem>,
    bridges: HashMap<&'a str, &'a BridgeItem>,
    keys: Keys<'a>,
    /// Tables that the request rules out, with the sentence.
    ruled_out: HashMap<&'a str, &'a str>,
    /// Tables and columns that are likely to hold personal data, or data to guard more.
    guarded: HashSet<(&'a str, &'a str)>,
}

impl<'a> Model<'a> {
    fn of(outputs: &'a Outputs) -> Self {
        let structure = &outputs.tool2_output;
        let ruled_out = outputs.tool1_output.excluded.iter();
        let sensitive = outputs.tool4_output.columns.iter();
        let guarded = sensitive.filter(|column| {
            column.sensitivity >= Sensitivity::Personal && column.confidence >= LIKELY
        });
        Self {
            outputs,
            heads: structure
                .heads()
                .map(|head| (head.full_name.as_str(), head))
                .collect(),
            dimensions: by_name(&structure.dimensions, |item| &item.head),
            facts: by_name(&structure.facts, |item| &item.head),
            bridges: by_name(&structure.bridges, |item| &item.head),
            keys: Keys::of(&structure.relationships),
            ruled_out: ruled_out
                .map(|excluded| (excluded.table.as_str(), excluded.reason.as_str()))
                .collect(),
            guarded: guarded
                .map(|column| (column.table.as_str(), column.column.as_str()))
                .collect(),
        }
    }

    /// The facts to query, the first ones first: those that the request asks for in the order
    /// of the scope, else those that join the most dimensions, before all those it asks for.
    fn facts(&self) -> Vec<&'a FactItem> {
        let facts = self.outputs.tool2_output.facts.iter();
        let mut facts: Vec<&FactItem> = facts
            .filter(|fact| !self.ruled_out.contains_key(fact.head.full_name.as_str()))
            .collect();
        if facts.iter().any(|fact| fact.head.requested) {
            facts.retain(|fact| fact.head.requested);
            return facts;
        }
        let joined = |fact: &FactItem| {
            let dimensions = || fact.dimensions.iter().map(String::as_str);
            let requested = dimensions()
                .filter(|name| self.heads.get(name).is_some_and(|head| head.requested))
                .count();
            let keys = self.keys.from(&fact.head.full_name);
            let distinct: HashSet<&str> = keys.map(|key| key.to).collect();
            (requested, distinct.len())
        };
        facts.sort_by_cached_key(|fact| std::cmp::Reverse(joined(fact)));
        facts
    }

    /// The entities of the request that mean a table: those that put it first, else those
    /// that know of nothing surer.
    fn asked_by(&self, table: &str) -> Vec<&'a str> {
        let mappings = || self.outputs.tool1_output.mappings.iter();
        let first: Vec<&str> = mappings()
            .filter(|mapping| {
                let best = mapping.candidates.first();
                best.is_some_and(|best| best.full_name == table)
            })
            .map(|mapping| mapping.entity.as_str())
            .collect();
        if !first.is_empty() {
            return first;
        }
        // An entity can name several tables outright.
        mappings()
            .filter(|mapping| {
                let best = mapping
                    .candidates
                    .first()
                    .map_or(0.0, |best| best.confidence);
                let mut candidates = mapping.candidates.iter();
                candidates.any(|one| one.full_name == table && one.confidence >= best)
            })
            .map(|mapping| mapping.entity.as_str())
            .collect()
    }

    /// The columns of a table that the request's entities speak of.
    fn columns_asked_for(&self, table: &str) -> HashSet<&'a str> {
        let mappings = self.outputs.tool1_output.mappings.iter();
        mappings
            .filter_map(|mapping| mapping.candidates.first())
            .filter(|best| best.full_name == table)
            .flat_map(|best| best.columns.iter().map(String::as_str))
            .collect()
    }

    /// The columns of a table that the request's metrics are computed from.
    fn columns_of_metrics(&self, table: &str) -> impl Iterator<Item = &'a str> {
        let metrics = self.outputs.tool1_output.metrics.iter();
        metrics
            .flat_map(|metric| &metric.columns)
            .filter(move |column| column.full_name == table)
            .map(|column| column.column.as_str())
    }

    /// Whether a column is likely to hold personal data, or data to guard more.
    fn is_guarded(&self, table: &str, column: &str) -> bool {
        self.guarded.contains(&(table, column))
    }

    /// Whether a dimension holds days, or plays the role of one that does.
    fn is_calendar(&self, dimension: &DimensionItem) -> bool {
        let of = dimension.role_of.as_deref();
        let of = of.and_then(|name| self.dimensions.get(name));
        let mut kinds = of.into_iter().chain([&dimension]).map(|one| &*one.kind);
        kinds.any(|kind| kind == "calendar")
    }

    /// Whether the request asks for a dimension, or for the one whose role it plays.
    fn is_asked(&self, dimension: &DimensionItem) -> bool {
        let of = dimension.role_of.as_deref();
        let of = of.and_then(|name| self.heads.get(name));
        dimension.head.requested || of.is_some_and(|head| head.requested)
    }
}

fn by_name<T>(items: &[T], head: impl Fn(&T) -> &ItemHead) -> HashMap<&str, &T> {
    items
        .iter()
        .map(|item| (head(item).full_name.as_str(), item))
        .collect()
}
