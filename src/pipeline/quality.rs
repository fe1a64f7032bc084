//! Tool 3: how well the tables are documented, what stands in the way of the request,
//! and what to do about it first.

mod anomalies;
mod recommendations;
mod tables;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use tables::{Owner, OwnerOf, TableQuality};

use super::mapping::Mapping;
use super::rounded;
use super::structure::Analysis;
use crate::catalog::{Catalog, TableId};

/// An articulation score (0–100) below this counts as low.
pub const LOW_ARTICULATION: f64 = 50.0;
/// How many assets an anomaly or recommendation lists; the count is always the true one.
const AFFECTED_MAX: usize = 200;

/// The terms of the quality score and their weights, which add up to 1.
///
/// `quality_score` is the sum of weight × value over the terms, each value 0–1 and
/// measured over the tables the request needs (over the whole scope where it names none).
/// Descriptions and owners weigh most because nobody can use a table without them.
const WEIGHTS: [(Field, f64); 8] = [
    (Field::Description, 0.20),
    (Field::BusinessDescription, 0.10),
    (Field::ColumnDescription, 0.15),
    (Field::Owner, 0.15),
    (Field::Source, 0.10),
    (Field::Validation, 0.10),
    (Field::Articulation, 0.15),
    (Field::SecurityClassification, 0.05),
];

/// A field of documentation whose coverage is measured.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentedField, example = "owner")]
pub enum Field {
    /// Tables with any description.
    Description,
    /// Tables with a business description.
    BusinessDescription,
    /// Columns with any description.
    ColumnDescription,
    /// Tables with an owner of their own.
    Owner,
    /// Tables whose source is known.
    Source,
    /// Tables that a steward validated.
    Validation,
    /// Tables with an articulation score of at least [`LOW_ARTICULATION`].
    Articulation,
    /// Tables with a security classification, their own or their schema's.
    SecurityClassification,
}

/// `tool3_output`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QualityReport {
    /// How many assets have each field.
    pub coverage: Coverage,
    /// What is wrong.
    pub anomalies: Vec<Anomaly>,
    /// What to do, most urgent first.
    pub recommendations: Vec<Recommendation>,
    /// How risky it is to build on these tables today.
    pub risk_level: RiskLevel,
    /// Why the risk is at this level.
    #[schema(example = "the quality score is 0.85, and 5 recommendations are P1")]
    pub risk_reason: String,
    /// 0–1; the sum of the contributions of `score_terms`.
    #[schema(minimum = 0, maximum = 1, example = 0.85)]
    pub quality_score: f64,
    /// The terms of the score.
    pub score_terms: Vec<ScoreTerm>,
    /// The tables in scope one by one, those the request needs first; up to 200 of them.
    #[serde(default)]
    #[schema(required, max_items = 200)]
    pub tables: Vec<TableQuality>,
}

impl QualityReport {
    /// How many recommendations are so urgent.
    #[must_use]
    pub fn recommended(&self, priority: Priority) -> usize {
        count_of(&self.recommendations, priority)
    }
}

fn count_of(advice: &[Recommendation], priority: Priority) -> usize {
    let urgent = |one: &&Recommendation| one.priority == priority;
    advice.iter().filter(urgent).count()
}

/// Coverage for the tables the request needs and for everything in scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// The tables the request needs.
    pub requested: CoverageSet,
    /// All tables in scope.
    pub scope: CoverageSet,
}

/// Coverage of one set of tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CoverageSet {
    /// Tables in the set.
    #[schema(example = 15)]
    pub tables: usize,
    /// Their columns.
    #[schema(example = 200)]
    pub columns: usize,
    /// Mean articulation score of those that have one, 0–100.
    #[schema(required, minimum = 0, maximum = 100, example = 71.5)]
    pub average_articulation: Option<f64>,
    /// Per field.
    #[schema(example = json!({ "owner": { "covered": 13, "total": 15, "share": 0.8667 } }))]
    pub fields: BTreeMap<Field, FieldCoverage>,
}

/// Coverage of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldCoverage {
    /// Assets that have it.
    #[schema(example = 13)]
    pub covered: usize,
    /// Assets that could.
    #[schema(example = 15)]
    pub total: usize,
    /// `covered / total`, 0–1; null where there are none.
    #[schema(required, minimum = 0, maximum = 1, example = 0.8667)]
    pub share: Option<f64>,
}

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "warning")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Makes the result doubtful.
    Warning,
    /// Stands in the way of the request.
    Blocking,
}

/// Kinds of anomaly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "orphan_fact")]
pub enum AnomalyKind {
    /// A requested entity that no table in scope holds.
    MissingEntity,
    /// The catalog says the asset is gone from its source.
    MissingFromSource,
    /// A table of which no column is listed.
    NoColumns,
    /// A fact that joins no dimension.
    OrphanFact,
    /// A column that is named as a foreign key, and no table in scope to point at.
    UnresolvedKey,
    /// The same name in several schemas.
    DuplicateName,
    /// Documented too poorly to rely on.
    LowArticulation,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Anomaly {
    /// What kind of thing.
    pub kind: AnomalyKind,
    /// How grave.
    pub severity: Severity,
    /// In words.
    #[schema(example = "1 fact joins no dimension.")]
    pub message: String,
    /// How many assets it concerns.
    #[schema(example = 1)]
    pub affected_count: usize,
    /// Which, up to 200 of them.
    #[schema(max_items = 200, example = json!(["dm_bs_purchase.factv_contract"]))]
    pub affected: Vec<String>,
}

/// How urgent a recommendation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(example = "P1")]
pub enum Priority {
    /// Before the project starts.
    P0,
    /// Before results are relied on.
    P1,
    /// When there is time.
    P2,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recommendation {
    /// How urgent.
    pub priority: Priority,
    /// The field of work: `mapping`, `structure`, `ownership`, `documentation`,
    /// `lineage`, `validation`, `security`.
    #[schema(example = "ownership")]
    pub category: String,
    /// What to do.
    #[schema(example = "Name an owner (tables the request needs).")]
    pub message: String,
    /// How many assets it concerns.
    #[schema(example = 2)]
    pub affected_count: usize,
    /// Which, up to 200 of them.
    #[schema(max_items = 200, example = json!(["dm_bs_purchase.factv_contract"]))]
    pub affected: Vec<String>,
    /// Who answers for the tables it concerns, listed above or not; those for most tables
    /// first. Up to 200 of them.
    #[serde(default)]
    #[schema(required, max_items = 200)]
    pub owners: Vec<OwnerToAsk>,
    /// How many of those tables nobody answers for, not even for their schema.
    #[serde(default)]
    #[schema(required, example = 0)]
    pub tables_without_owner: usize,
}

/// Who answers for tables that a recommendation concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnerToAsk {
    /// The owner's id in the catalog: of the tables, or of their schema.
    #[schema(example = "u-1024")]
    pub id: String,
    /// How many of the tables.
    #[schema(example = 2)]
    pub tables: usize,
}

/// How risky it is to build on the tables, the lower the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "medium")]
pub enum RiskLevel {
    /// Nothing stands in the way.
    Low,
    /// Usable, with gaps to close.
    Medium,
    /// Something requested is missing, or little is documented.
    High,
    /// Nothing of what was requested was found.
    Critical,
}

/// One term of the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScoreTerm {
    /// The field.
    pub term: Field,
    /// Its weight; all weights add up to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.15)]
    pub weight: f64,
    /// Its coverage, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.8667)]
    pub value: f64,
    /// weight × value.
    #[schema(minimum = 0, maximum = 1, example = 0.13)]
    pub contribution: f64,
}

/// Audits the documentation of the tables in scope.
#[must_use]
pub fn assess(catalog: &Catalog, mapping: &Mapping, analysis: &Analysis) -> QualityReport {
    let coverage = Coverage {
        requested: coverage(catalog, &mapping.requested),
        scope: coverage(catalog, &mapping.scope),
    };
    let judged = if mapping.requested.is_empty() {
        &coverage.scope
    } else {
        &coverage.requested
    };
    let score_terms = score_terms(judged);
    let quality_score = score(&score_terms);
    let findings = anomalies::find(catalog, mapping, analysis);
    let recommendations = recommendations::give(catalog, mapping, &findings);
    let anomalies: Vec<Anomaly> = findings
        .into_iter()
        .map(|finding| finding.anomaly)
        .collect();
    let (risk_level, risk_reason) = risk(mapping, &anomalies, &recommendations, quality_score);
    QualityReport {
        coverage,
        anomalies,
        recommendations,
        risk_level,
        risk_reason,
        quality_score,
        score_terms,
        tables: tables::judge(catalog, mapping),
    }
}

fn coverage(catalog: &Catalog, tables: &[TableId]) -> CoverageSet {
    let mut set = CoverageSet {
        tables: tables.len(),
        ..CoverageSet::default()
    };
    let mut scores: Vec<f64> = Vec::new();
    let mut counts: BTreeMap<Field, FieldCoverage> = WEIGHTS
        .iter()
        .map(|(field, _)| (*field, FieldCoverage::default()))
        .collect();
    for id in tables {
        let table = catalog.table(*id);
        set.columns += table.columns.len();
        scores.extend(table.documentation.articulation_score);
        for (field, _) in WEIGHTS {
            let count = counts.entry(field).or_default();
            if field == Field::ColumnDescription {
                count.total += table.columns.len();
                let described = |column: &&crate::catalog::Column| {
                    column.documentation.best_description().is_some()
                };
                count.covered += table.columns.iter().filter(described).count();
            } else {
                count.total += 1;
                count.covered += usize::from(has(catalog, *id, field));
            }
        }
    }
    for count in counts.values_mut() {
        count.share = share(count.covered, count.total);
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a catalog has far fewer than 2^52 tables"
    )]
    let mean = (!scores.is_empty())
        .then(|| (scores.iter().sum::<f64>() / scores.len() as f64 * 10.0).round() / 10.0);
    set.average_articulation = mean;
    set.fields = counts;
    set
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn share(covered: usize, total: usize) -> Option<f64> {
    (total > 0).then(|| (covered as f64 / total as f64 * 10_000.0).round() / 10_000.0)
}

/// Whether a table has a field; descriptions of columns, whether all of them have one.
#[must_use]
pub fn has(catalog: &Catalog, id: TableId, field: Field) -> bool {
    let table = catalog.table(id);
    let documentation = &table.documentation;
    match field {
        Field::Description => documentation.best_description().is_some(),
        Field::BusinessDescription => documentation.description.is_some(),
        Field::ColumnDescription => table
            .columns
            .iter()
            .all(|column| column.documentation.best_description().is_some()),
        Field::Owner => documentation.owner.is_some(),
        Field::Source => !catalog.upstream(id).is_empty(),
        Field::Validation => documentation.validated == Some(true),
        Field::Articulation => documentation
            .articulation_score
            .is_some_and(|score| score >= LOW_ARTICULATION),
        Field::SecurityClassification => catalog.classification(id).is_some(),
    }
}

fn score_terms(set: &CoverageSet) -> Vec<ScoreTerm> {
    WEIGHTS
        .iter()
        .map(|(term, weight)| {
            let value = set
                .fields
                .get(term)
                .and_then(|count| count.share)
                .unwrap_or(0.0);
            ScoreTerm {
                term: *term,
                weight: *weight,
                value,
                contribution: (weight * value * 10_000.0).round() / 10_000.0,
            }
        })
        .collect()
}

fn score(terms: &[ScoreTerm]) -> f64 {
    rounded(terms.iter().map(|term| term.contribution).sum())
}

/// The first of the names, and how many there are.
fn listed(names: impl IntoIterator<Item = String>) -> (usize, Vec<String>) {
    let all: Vec<String> = names.into_iter().collect();
    (all.len(), all.into_iter().take(AFFECTED_MAX).collect())
}

fn risk(
    mapping: &Mapping,
    anomalies: &[Anomaly],
    advice: &[Recommendation],
    score: f64,
) -> (RiskLevel, String) {
    let stats = &mapping.report.stats;
    let blocking: Vec<&str> = anomalies
        .iter()
        .filter(|anomaly| anomaly.severity == Severity::Blocking)
        .map(|anomaly| anomaly.message.as_str())
        .collect();
    let urgent = count_of(advice, Priority::P1);
    if mapping.scope.is_empty() {
        return (RiskLevel::Critical, "no schema is in scope".to_owned());
    }
    if stats.entities > 0 && stats.matched == 0 {
        return (
            RiskLevel::Critical,
            "none of the requested entities was found".to_owned(),
        );
    }
    if !blocking.is_empty() {
        return (
            RiskLevel::High,
            format!("in the way of the request stand {}", blocking.join("; ")),
        );
    }
    if score < 0.4 {
        return (
            RiskLevel::High,
            format!("the quality score is {score}, below 0.4"),
        );
    }
    if urgent > 0 || score < 0.7 {
        return (
            RiskLevel::Medium,
            format!("the quality score is {score}, and {urgent} recommendations are P1"),
        );
    }
    (
        RiskLevel::Low,
        format!("the quality score is {score} and nothing is urgent"),
    )
}
