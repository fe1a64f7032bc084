//! Tool 1: which tables a request is about.
//!
//! Every entity of the request is compared with names, columns and descriptions of the
//! tables in scope, through the keys of the [`Glossary`], so that accents, inflection and
//! language do not matter. What fits nothing is `no_match`, said outright.

mod calibration;
mod candidate;
mod columns;
mod compounds;
mod computing;
mod exclusion;
mod formula;
mod implied;
mod index;
mod metrics;
mod names;
mod query;
mod scope;
mod search;
mod similar;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use calibration::Signals;
#[cfg(test)]
pub(crate) use formula::computations;
pub use index::SearchIndex;
pub use metrics::{ColumnKind, MetricColumn, MetricMapping};
pub use scope::ScopeOrigin;

use super::request::{Entity, Request};
use super::rounded;
use crate::catalog::{Catalog, SchemaId, TableId};
use crate::glossary::Glossary;
use crate::text;
use candidate::{Named, Scored};
use search::Search;

/// The least confidence of a candidate, 0–1; an entity without one is `no_match`.
pub const LEAST_CONFIDENCE: f64 = 0.3;
/// A search leaves out what is less probably meant than this.
const HARDLY_MEANT: f64 = 0.05;
/// How surely an entity means an excluded table for that to be said.
const WANTED_MIN: f64 = 0.5;
/// Confidences closer than this are equal.
const EQUAL_CONFIDENCE: f64 = 0.005;
/// How many candidates an entity lists.
const CANDIDATES_MAX: usize = 5;

/// `tool1_output`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MappingReport {
    /// The scope as asked for, or `all`.
    #[schema(example = "dm_bs")]
    pub scope: String,
    /// Who decided on it.
    pub scope_origin: ScopeOrigin,
    /// Names of the schemas in scope.
    #[schema(example = json!(["dm_bs_logistics", "dm_bs_purchase"]))]
    pub schemas: Vec<String>,
    /// One per entity of the request.
    pub mappings: Vec<EntityMapping>,
    /// One per metric of the request.
    #[serde(default)]
    #[schema(required)]
    pub metrics: Vec<MetricMapping>,
    /// Tables the request rules out.
    pub excluded: Vec<Excluded>,
    /// Counts.
    pub stats: MappingStats,
}

impl MappingReport {
    /// How many metrics have columns.
    #[must_use]
    pub fn metrics_matched(&self) -> usize {
        let matched = |metric: &&MetricMapping| metric.status == MatchStatus::Matched;
        self.metrics.iter().filter(matched).count()
    }
}

/// Whether an entity was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "matched")]
pub enum MatchStatus {
    /// At least one candidate is good enough.
    Matched,
    /// Nothing in scope fits.
    NoMatch,
}

/// Where an entity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "listed")]
pub enum EntityOrigin {
    /// Listed in the request.
    Listed,
    /// Read out of its free text, goal and scope.
    Text,
}

/// What became of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntityMapping {
    /// As the request calls it.
    #[schema(example = "Fakturující dodavatelé")]
    pub entity: String,
    /// Its name in the other language, where the request gives one.
    #[schema(required, example = "Invoicing suppliers")]
    pub alias: Option<String>,
    /// Listed, or read out of the text.
    pub origin: EntityOrigin,
    /// Found or not.
    pub status: MatchStatus,
    /// Best first; the first is the one that is used.
    pub candidates: Vec<Candidate>,
    /// Full name of the second best, and how far behind it is; for `no_match` the best
    /// of those that were not good enough.
    #[schema(required)]
    pub runner_up: Option<RunnerUp>,
}

/// A table that an entity may mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Short name.
    #[schema(example = "dimv_invoicing_supplier")]
    pub table: String,
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.dimv_invoicing_supplier")]
    pub full_name: String,
    /// How probably it is meant, 0–1; what is not meant stands below 0.3 and
    /// is listed behind one that is.
    #[schema(minimum = 0, maximum = 1, example = 0.94)]
    pub confidence: f64,
    /// Its columns that meet the phrase, the best first; none where the table as such is
    /// meant.
    #[serde(default)]
    #[schema(required, example = json!([]))]
    pub columns: Vec<String>,
    /// Which words met what.
    #[schema(example = json!(["\"Fakturující dodavatelé\" (invoicing supplier) is its business name"]))]
    pub evidence: Vec<String>,
}

/// The next best table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunnerUp {
    /// `schema.table`.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub full_name: String,
    /// How sure, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.35)]
    pub confidence: f64,
    /// How far behind the chosen one it is, 0–1; null where none was chosen.
    #[schema(required, minimum = 0, maximum = 1, example = 0.59)]
    pub margin: Option<f64>,
}

/// A table the request rules out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExcludedTable)]
pub struct Excluded {
    /// Full name.
    #[schema(example = "dm_bs_purchase.dimv_supplier_bank_account")]
    pub table: String,
    /// The sentence of the request that does it.
    #[schema(example = "out of scope: \"Bankovní účty dodavatelů\"")]
    pub reason: String,
    /// The entities that it would have been a candidate for.
    #[schema(example = json!(["Dodavatelé"]))]
    pub candidate_for: Vec<String>,
}

/// Counts of a mapping.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MappingStats {
    /// Entities looked for.
    #[schema(example = 15)]
    pub entities: usize,
    /// Entities found.
    #[schema(example = 15)]
    pub matched: usize,
    /// Entities not found.
    #[schema(example = 0)]
    pub no_match: usize,
    /// Tables in scope.
    #[schema(example = 45)]
    pub tables_in_scope: usize,
    /// Tables the request asks for.
    #[schema(example = 15)]
    pub tables_requested: usize,
    /// Tables ruled out.
    #[schema(example = 3)]
    pub excluded: usize,
}

/// The mapping, with the ids that later steps go on with.
#[derive(Debug, PartialEq)]
pub struct Mapping {
    /// What clients see.
    pub report: MappingReport,
    /// All tables of the schemas in scope, by schema and name.
    pub scope: Vec<TableId>,
    /// The tables the request asks for, in the order of its entities.
    pub requested: Vec<TableId>,
    /// Remarks for the reader of the result.
    pub warnings: Vec<String>,
}

/// What a mapping is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Its words.
    pub index: &'a SearchIndex,
    /// Their translations.
    pub glossary: &'a Glossary,
}

/// Maps the entities of a request onto the tables of `scope` (a schema, or a word of
/// schema names; `None`: what the document names, else all).
#[must_use]
pub fn map(sources: Sources<'_>, request: &Request, scope: Option<&str>) -> Mapping {
    let catalog = sources.catalog;
    let chosen = scope::choose(catalog, request, scope);
    let mut warnings = chosen.warnings;
    let in_scope: Vec<TableId> = catalog
        .tables()
        .map(|(id, _)| id)
        .filter(|id| chosen.schemas.contains(catalog.schema_name(*id)))
        .collect();
    let ruled_out = exclusion::ruled_out(sources, request, &in_scope, &mut warnings);
    let excluded: HashSet<TableId> = ruled_out.iter().map(|(table, _)| *table).collect();

    let search = Search::new(sources, &in_scope);
    let mut entities: Vec<(Entity, EntityOrigin)> = request
        .entities
        .iter()
        .map(|entity| (entity.clone(), EntityOrigin::Listed))
        .collect();
    if entities.is_empty() || !request.free_text.is_empty() {
        entities.extend(implied::entities(sources, &search, request));
    }
    if entities.is_empty() {
        warnings.push("The request names no entities: nothing was mapped; structure and quality cover the scope.".into());
    }
    let mut found: Vec<Vec<Scored>> = entities
        .iter()
        .map(|(entity, _)| search.candidates(entity))
        .collect();
    prefer_home_schema(catalog, &mut found, &excluded);

    let mut mappings = Vec::new();
    let (mut requested, mut seen) = (Vec::new(), HashSet::new());
    let mut wanted_by: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
    for ((entity, origin), mut scored) in entities.iter().zip(found) {
        scored.retain(|candidate| {
            let out = excluded.contains(&candidate.table);
            if out && candidate.confidence >= WANTED_MIN {
                wanted_by
                    .entry(candidate.table)
                    .or_default()
                    .push(entity.name.clone());
            }
            !out
        });
        candidate::calibrate(catalog, &mut scored);
        warnings.extend(doubt(catalog, &entity.name, &scored));
        for table in meant(catalog, &scored) {
            if seen.insert(table) {
                requested.push(table);
            }
        }
        mappings.push(entity_mapping(catalog, entity, *origin, scored));
    }
    let metrics = metrics::Metrics {
        sources,
        search: &search,
        requested: &requested,
        excluded: &excluded,
    };
    let metrics = request
        .metrics
        .iter()
        .map(|metric| metrics.map(metric))
        .collect();
    let excluded: Vec<Excluded> = ruled_out
        .into_iter()
        .map(|(table, sentence)| Excluded {
            table: catalog.full_name(table),
            reason: format!("out of scope: \"{sentence}\""),
            candidate_for: wanted_by.remove(&table).unwrap_or_default(),
        })
        .collect();
    let matched = mappings
        .iter()
        .filter(|mapping| mapping.status == MatchStatus::Matched)
        .count();
    let stats = MappingStats {
        entities: mappings.len(),
        matched,
        no_match: mappings.len() - matched,
        tables_in_scope: in_scope.len(),
        tables_requested: requested.len(),
        excluded: excluded.len(),
    };
    let schemas = chosen.schemas.into_iter().collect();
    let report = MappingReport {
        scope: chosen.label,
        scope_origin: chosen.origin,
        schemas,
        mappings,
        metrics,
        excluded,
        stats,
    };
    Mapping {
        report,
        scope: in_scope,
        requested,
        warnings,
    }
}

/// All tables that a phrase speaks of, best first, with what is known of each: what the
/// confidence is worked out from, for calibrating it.
#[must_use]
pub fn ranked(sources: Sources<'_>, phrase: &str) -> Vec<(TableId, Signals)> {
    let scope: Vec<TableId> = sources.catalog.tables().map(|(id, _)| id).collect();
    let found = Search::new(sources, &scope).candidates(&entity_called(phrase));
    found
        .into_iter()
        .map(|candidate| (candidate.table, candidate.signals))
        .collect()
}

/// The tables of the whole catalog that a business term may mean, best first, those that are
/// hardly meant left out; what [`map`] would choose from for an entity of that name.
#[must_use]
pub fn candidates_for(sources: Sources<'_>, phrase: &str) -> Vec<(TableId, Candidate)> {
    let catalog = sources.catalog;
    let scope: Vec<TableId> = catalog.tables().map(|(id, _)| id).collect();
    let mut scored = Search::new(sources, &scope).candidates(&entity_called(phrase));
    candidate::calibrate(catalog, &mut scored);
    scored
        .into_iter()
        .map(|candidate| (candidate.table, shown(catalog, candidate)))
        .filter(|(_, candidate)| candidate.confidence >= HARDLY_MEANT)
        .collect()
}

/// An entity of which only the name is known.
fn entity_called(name: &str) -> Entity {
    Entity {
        name: name.to_owned(),
        alias: None,
        tables: Vec::new(),
        description: None,
    }
}

/// The schemas that a label means: a schema's name, or words of schema names such as `bs`.
#[must_use]
pub fn schemas_called(catalog: &Catalog, label: &str) -> Vec<SchemaId> {
    let meant = scope::resolve(catalog, label);
    catalog
        .schemas_with_ids()
        .filter(|(_, schema)| meant.contains(&*schema.name))
        .map(|(id, _)| id)
        .collect()
}

/// The tables that an entity stands for: all that the request names in so many words (of
/// a bare name that several schemas have, the first), else the best candidate.
fn meant(catalog: &Catalog, scored: &[Scored]) -> Vec<TableId> {
    let mut short_names = HashSet::new();
    let named: Vec<TableId> = scored
        .iter()
        .filter(|candidate| match candidate.named {
            Named::No => false,
            Named::Bare => short_names.insert(catalog.table(candidate.table).name.to_lowercase()),
            Named::Full => true,
        })
        .map(|candidate| candidate.table)
        .collect();
    if !named.is_empty() {
        return named;
    }
    let best = scored
        .first()
        .filter(|best| best.confidence >= LEAST_CONFIDENCE);
    best.map(|best| best.table).into_iter().collect()
}

/// A remark where the second best table is as good as the chosen one.
fn doubt(catalog: &Catalog, entity: &str, scored: &[Scored]) -> Option<String> {
    let [best, second, ..] = scored else {
        return None;
    };
    let equal = best.named == Named::No
        && best.confidence >= LEAST_CONFIDENCE
        && best.confidence - second.confidence < EQUAL_CONFIDENCE;
    equal.then(|| {
        format!(
            "\"{}\" fits {} and {} equally well; the first is used. Name the table or a scope to decide.",
            text::shorten(entity, 80),
            catalog.full_name(best.table),
            catalog.full_name(second.table)
        )
    })
}

/// The same view can stand in two schemas; of equal candidates the one is meant that lies
/// in the schema in which most of the request is at home.
fn prefer_home_schema(catalog: &Catalog, found: &mut [Vec<Scored>], excluded: &HashSet<TableId>) {
    let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
    for scored in found.iter() {
        let usable = || {
            scored
                .iter()
                .filter(|candidate| !excluded.contains(&candidate.table))
        };
        let Some(best) = usable()
            .next()
            .filter(|best| best.confidence >= LEAST_CONFIDENCE)
        else {
            continue;
        };
        let equal = |candidate: &&Scored| best.confidence - candidate.confidence < EQUAL_CONFIDENCE;
        #[expect(clippy::cast_precision_loss, reason = "a handful of equal candidates")]
        let share = 1.0 / usable().filter(equal).count() as f64;
        for candidate in usable().filter(equal) {
            *votes
                .entry(catalog.schema_name(candidate.table))
                .or_default() += share;
        }
    }
    let home = votes
        .into_iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    let Some((home, _)) = home else { return };
    for scored in found.iter_mut() {
        for candidate in scored.iter_mut() {
            candidate.at_home = catalog.schema_name(candidate.table) == home;
        }
        candidate::sort(catalog, scored);
    }
}

fn entity_mapping(
    catalog: &Catalog,
    entity: &Entity,
    origin: EntityOrigin,
    scored: Vec<Scored>,
) -> EntityMapping {
    let best = scored
        .first()
        .map(|candidate| candidate.confidence)
        .filter(|best| *best >= LEAST_CONFIDENCE);
    let found = best.is_some();
    let second = scored.get(usize::from(found));
    let runner_up = second.map(|candidate| RunnerUp {
        full_name: catalog.full_name(candidate.table),
        confidence: rounded(candidate.confidence),
        margin: best.map(|best| rounded(best - candidate.confidence)),
    });
    let candidates: Vec<Candidate> = scored
        .into_iter()
        .take(if found { CANDIDATES_MAX } else { 0 })
        .map(|candidate| shown(catalog, candidate))
        .collect();
    EntityMapping {
        entity: entity.name.clone(),
        alias: entity.alias.clone(),
        origin,
        status: if candidates.is_empty() {
            MatchStatus::NoMatch
        } else {
            MatchStatus::Matched
        },
        candidates,
        runner_up,
    }
}

fn shown(catalog: &Catalog, scored: Scored) -> Candidate {
    let table = catalog.table(scored.table);
    let columns = scored
        .columns
        .iter()
        .filter_map(|place| table.columns.get(*place));
    Candidate {
        table: table.name.to_string(),
        full_name: catalog.full_name(scored.table),
        confidence: rounded(scored.confidence),
        columns: columns.map(|column| column.name.to_string()).collect(),
        evidence: scored.evidence,
    }
}

#[cfg(test)]
mod tests;
