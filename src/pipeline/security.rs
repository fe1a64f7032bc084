//! Tool 4: which columns hold personal or otherwise protected data, how their tables are
//! classified, and how access to the rows of the facts can be restricted.
//!
//! Works on names, types, descriptions and joins; no row of data is read. What the catalog
//! does not say is called unknown: a table without a classification is not a public one.

mod category;
mod classification;
mod context;
mod detection;
mod lexicon;
#[cfg(test)]
mod measured;
mod reason;
mod row_filters;
#[cfg(test)]
mod tests;
mod weights;

use std::collections::{BTreeMap, HashSet};

use once_cell::sync::OnceCell;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use category::{Category, Masking, Sensitivity};
pub use classification::{Classification, ClassificationStatus, Level};
pub use context::Subject;
pub use reason::{Reason, ReasonInJson};
pub(crate) use row_filters::same_key;
pub use row_filters::{DOUBTFUL_JOIN, FactPath, PathStep, RowFilter, UserTable};

use super::mapping::Mapping;
use super::rounded;
use super::structure::{Analysis, Class, ColumnRole};
use crate::catalog::{Catalog, TableId};
use detection::Finding;

/// From this confidence on a column counts as sensitive.
pub const LIKELY: f64 = 0.5;
/// From this confidence on it is hardly ever wrong; see `evaluation/*/sensitive.tsv`.
pub const SURE: f64 = 0.8;
/// Below this confidence a column is not reported at all.
const LEAST_CONFIDENCE: f64 = 0.3;
/// How many columns are listed; the counts are always the true ones.
const COLUMNS_MAX: usize = 500;
/// How many tables are listed.
const TABLES_MAX: usize = 200;
/// How many clues a column lists.
const REASONS_MAX: usize = 5;
/// A table mixes where it has so many open columns for each sensitive one.
const OPEN_PER_SENSITIVE: usize = 2;

/// `tool4_output`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SecurityReport {
    /// Counts over everything in scope, whatever the lists below leave out.
    #[schema(required)]
    pub summary: SecuritySummary,
    /// Columns that hold sensitive data, at confidence 0.3 and more: those of requested tables
    /// first, those of excluded tables last, then by sensitivity and confidence. Up to 500.
    #[schema(required, max_items = 500)]
    pub columns: Vec<SensitiveColumn>,
    /// The tables in scope, those the request needs first, then those with sensitive
    /// columns; up to 200.
    #[schema(required, max_items = 200)]
    pub tables: Vec<TableSecurity>,
    /// How access to rows can be restricted, the surest first.
    #[schema(required)]
    pub row_filters: Vec<RowFilter>,
}

/// Counts of a security assessment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SecuritySummary {
    /// Tables in scope.
    #[schema(required, example = 45)]
    pub tables: usize,
    /// Of them those the request needs.
    #[schema(required, example = 15)]
    pub requested_tables: usize,
    /// Columns in scope.
    #[schema(required, example = 612)]
    pub columns: usize,
    /// Columns that are sensitive with a confidence of at least 0.5.
    #[schema(required, example = 31)]
    pub sensitive_columns: usize,
    /// Columns that may be, with a confidence of 0.3 to 0.5.
    #[schema(required, example = 4)]
    pub doubtful_columns: usize,
    /// Sensitive columns of requested tables.
    #[schema(required, example = 12)]
    pub requested_sensitive_columns: usize,
    /// Sensitive columns of tables that the request rules out.
    #[schema(required, example = 9)]
    pub excluded_sensitive_columns: usize,
    /// Tables with a sensitive column.
    #[schema(required, example = 8)]
    pub sensitive_tables: usize,
    /// Sensitive columns by category.
    #[schema(required, example = json!({ "email": 2, "phone": 1 }))]
    pub by_category: BTreeMap<Category, usize>,
    /// Sensitive columns by sensitivity.
    #[schema(required, example = json!({ "personal": 3 }))]
    pub by_sensitivity: BTreeMap<Sensitivity, usize>,
    /// Tables with a classification of their own.
    #[schema(required, example = 0)]
    pub classified_tables: usize,
    /// Tables with that of their schema.
    #[schema(required, example = 0)]
    pub inheriting_tables: usize,
    /// Tables without any.
    #[schema(required, example = 45)]
    pub unclassified_tables: usize,
    /// Tables whose classification is too low for what they hold.
    #[schema(required, example = 0)]
    pub contradictory_tables: usize,
    /// Tables that mix sensitive with open columns.
    #[schema(required, example = 2)]
    pub mixed_tables: usize,
    /// Tables of which the catalog lists no column: what they hold is unknown.
    #[schema(required, example = 1)]
    pub unlisted_tables: usize,
}

/// A column that holds, or may hold, sensitive data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SensitiveColumn {
    /// Full name of its table.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub table: String,
    /// Its name.
    #[schema(example = "email")]
    pub column: String,
    /// Whether the request needs the table.
    #[schema(example = true)]
    pub requested: bool,
    /// Whether the request rules the table out.
    #[schema(example = false)]
    pub excluded: bool,
    /// What it is about.
    pub category: Category,
    /// How much protection it needs.
    pub sensitivity: Sensitivity,
    /// How probably it is so, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.93)]
    pub confidence: f64,
    /// Why, in words a person can check; what speaks against it begins with "but".
    #[schema(example = json!(["its name is \"email\""]))]
    pub evidence: Vec<String>,
    /// The same for programs.
    #[schema(value_type = Vec<ReasonInJson>)]
    pub reasons: Vec<Reason>,
    /// How to show it to those who do not need it in the clear.
    pub masking: Masking,
    /// The column's own classification.
    #[schema(required, example = "internal")]
    pub classification: Option<String>,
}

/// A table as a security officer sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableSecurity {
    /// Full name.
    #[schema(example = "dm_bs_purchase.dimv_supplier")]
    pub table: String,
    /// Whether the request needs it.
    #[schema(example = true)]
    pub requested: bool,
    /// Whether the request rules it out.
    #[schema(example = false)]
    pub excluded: bool,
    /// Id of its owner, or of its schema's.
    #[schema(required, example = "u-1024")]
    pub owner: Option<String>,
    /// How it is classified.
    pub classification: Classification,
    /// Its columns; 0 where the catalog lists none, and then nothing is known of them.
    #[schema(example = 22)]
    pub columns: usize,
    /// Of them the sensitive ones (confidence 0.5 and more).
    #[schema(example = 5)]
    pub sensitive: usize,
    /// Of them those in doubt (0.3 to 0.5).
    #[schema(example = 1)]
    pub doubtful: usize,
    /// The highest sensitivity among the sensitive ones.
    #[schema(required)]
    pub highest: Option<Sensitivity>,
    /// Whether it mixes a few sensitive columns with many open ones, so that a view without
    /// the former would serve most readers.
    #[schema(example = true)]
    pub mixed: bool,
}

/// Assesses the tables in scope. Linear in their columns and joins.
#[must_use]
pub fn assess(
    catalog: &Catalog,
    known: &KnownColumns,
    mapping: &Mapping,
    analysis: &Analysis,
) -> SecurityReport {
    let use_of = Use::new(mapping);
    let mut columns = Vec::new();
    let mut tables = Vec::new();
    let mut summary = SecuritySummary {
        tables: mapping.scope.len(),
        requested_tables: mapping.requested.len(),
        ..SecuritySummary::default()
    };
    let mut findings: BTreeMap<TableId, &[Finding]> = BTreeMap::new();
    for id in &mapping.scope {
        let found = known.of(catalog, *id);
        let described: Vec<SensitiveColumn> = found
            .iter()
            .map(|finding| sensitive_column(catalog, analysis, *id, finding, &use_of))
            .collect();
        let table = table_security(catalog, analysis, *id, &described, &use_of);
        count(&mut summary, &table, &described);
        columns.extend(described);
        tables.push(table);
        findings.insert(*id, found);
    }
    columns.sort_by(|a, b| {
        let rank = |column: &SensitiveColumn| {
            let likely = column.confidence >= LIKELY;
            (
                use_rank(column.requested, column.excluded),
                !likely,
                std::cmp::Reverse(column.sensitivity),
            )
        };
        rank(a)
            .cmp(&rank(b))
            .then_with(|| b.confidence.total_cmp(&a.confidence))
    });
    columns.truncate(COLUMNS_MAX);
    tables.sort_by_key(|table| {
        (
            use_rank(table.requested, table.excluded),
            std::cmp::Reverse(table.highest),
            table.sensitive == 0,
        )
    });
    tables.truncate(TABLES_MAX);
    SecurityReport {
        summary,
        columns,
        tables,
        row_filters: row_filters::propose(catalog, mapping, analysis, &findings),
    }
}

/// What names, types and descriptions say of the columns of each table. It depends on the table
/// alone, so it is worked out once for all runs: after the start, or when the first of them asks for
/// the table.
#[derive(Debug)]
pub struct KnownColumns {
    by_table: Box<[OnceCell<Vec<Finding>>]>,
}

impl KnownColumns {
    /// Nothing is known of the tables of this catalog yet.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            by_table: catalog.tables().map(|_| OnceCell::new()).collect(),
        }
    }

    /// Works out what no run has asked for yet, table by table, while `goes_on` says so: the first run
    /// then finds it done. Linear in the columns of the catalog.
    pub fn learn(&self, catalog: &Catalog, goes_on: impl Fn() -> bool) {
        for (table, _) in catalog.tables() {
            if !goes_on() {
                return;
            }
            self.of(catalog, table);
        }
    }

    fn of(&self, catalog: &Catalog, table: TableId) -> &[Finding] {
        let found = || {
            let mut found = detection::find(catalog.table(table));
            found.retain(|finding| rounded(finding.confidence) >= LEAST_CONFIDENCE);
            found
        };
        let known = self.by_table.get(table.index());
        known.map_or(&[], |known| known.get_or_init(found))
    }
}

/// What the request does with tables.
struct Use<'m> {
    requested: HashSet<TableId>,
    /// By full name.
    excluded: HashSet<&'m str>,
}

impl<'m> Use<'m> {
    fn new(mapping: &'m Mapping) -> Self {
        let excluded = mapping.report.excluded.iter();
        Self {
            requested: mapping.requested.iter().copied().collect(),
            excluded: excluded.map(|table| table.table.as_str()).collect(),
        }
    }
}

/// Requested tables come first, excluded ones last.
fn use_rank(requested: bool, excluded: bool) -> u8 {
    match (requested, excluded) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}

fn sensitive_column(
    catalog: &Catalog,
    analysis: &Analysis,
    id: TableId,
    finding: &Finding,
    use_of: &Use<'_>,
) -> SensitiveColumn {
    let table = catalog.full_name(id);
    let column = catalog.table(id).columns.get(finding.column);
    let role = analysis
        .of(id)
        .and_then(|found| found.roles.get(finding.column));
    let joins = matches!(role, Some(ColumnRole::Key | ColumnRole::ForeignKey));
    let of_company = finding
        .reasons
        .iter()
        .any(|reason| matches!(reason, Reason::InTableOf(Subject::Organisations, _)));
    let sensitivity = if of_company && finding.category == Category::TaxId {
        Sensitivity::Business
    } else {
        finding.category.sensitivity()
    };
    let (mut reasons, against): (Vec<Reason>, Vec<Reason>) = finding
        .reasons
        .iter()
        .cloned()
        .partition(Reason::speaks_for);
    reasons.truncate(REASONS_MAX - 1);
    // What makes it doubtful is never left out for what speaks for it.
    reasons.extend(against);
    reasons.truncate(REASONS_MAX);
    SensitiveColumn {
        requested: use_of.requested.contains(&id),
        excluded: use_of.excluded.contains(table.as_str()),
        table,
        column: column.map_or_else(String::new, |column| column.name.to_string()),
        category: finding.category,
        sensitivity,
        confidence: rounded(finding.confidence),
        evidence: reasons.iter().map(Reason::words).collect(),
        reasons,
        masking: finding.category.masking(joins),
        classification: column
            .and_then(|column| column.documentation.security_classification.as_deref())
            .map(str::to_owned),
    }
}

fn table_security(
    catalog: &Catalog,
    analysis: &Analysis,
    id: TableId,
    columns: &[SensitiveColumn],
    use_of: &Use<'_>,
) -> TableSecurity {
    let sensitive: Vec<&SensitiveColumn> = likely(columns).collect();
    let highest = sensitive.iter().map(|column| column.sensitivity).max();
    let table = catalog.full_name(id);
    TableSecurity {
        requested: use_of.requested.contains(&id),
        excluded: use_of.excluded.contains(table.as_str()),
        table,
        owner: catalog.owner(id).map(str::to_owned),
        classification: Classification::of(catalog, id, highest),
        columns: catalog.table(id).columns.len(),
        sensitive: sensitive.len(),
        doubtful: columns.len() - sensitive.len(),
        highest,
        mixed: mixes(catalog, analysis, id, &sensitive, columns),
    }
}

fn likely(columns: &[SensitiveColumn]) -> impl Iterator<Item = &SensitiveColumn> {
    columns.iter().filter(|column| column.confidence >= LIKELY)
}

/// Whether most of what people read in a table is open. Keys and technical columns do not
/// count, and bridges neither: who may see what is needed whole.
fn mixes(
    catalog: &Catalog,
    analysis: &Analysis,
    id: TableId,
    sensitive: &[&SensitiveColumn],
    found: &[SensitiveColumn],
) -> bool {
    let Some(classified) = analysis.of(id) else {
        return false;
    };
    let personal = sensitive
        .iter()
        .any(|column| column.sensitivity > Sensitivity::Business);
    if !personal || classified.class == Class::Bridge {
        return false;
    }
    let found: HashSet<&str> = found.iter().map(|column| column.column.as_str()).collect();
    let read = [ColumnRole::Attribute, ColumnRole::Measure, ColumnRole::Date];
    let columns = catalog.table(id).columns.iter().zip(&classified.roles);
    let open = columns
        .filter(|(column, role)| read.contains(role) && !found.contains(&*column.name))
        .count();
    open >= sensitive.len() * OPEN_PER_SENSITIVE
}

fn count(summary: &mut SecuritySummary, table: &TableSecurity, columns: &[SensitiveColumn]) {
    summary.columns += table.columns;
    summary.sensitive_columns += table.sensitive;
    summary.doubtful_columns += table.doubtful;
    summary.sensitive_tables += usize::from(table.sensitive > 0);
    summary.mixed_tables += usize::from(table.mixed);
    summary.unlisted_tables += usize::from(table.columns == 0);
    summary.contradictory_tables += usize::from(table.classification.contradictory);
    if table.requested {
        summary.requested_sensitive_columns += table.sensitive;
    }
    if table.excluded {
        summary.excluded_sensitive_columns += table.sensitive;
    }
    match table.classification.status {
        ClassificationStatus::Own => summary.classified_tables += 1,
        ClassificationStatus::Inherited => summary.inheriting_tables += 1,
        ClassificationStatus::Missing => summary.unclassified_tables += 1,
    }
    for column in likely(columns) {
        *summary.by_category.entry(column.category).or_default() += 1;
        *summary
            .by_sensitivity
            .entry(column.sensitivity)
            .or_default() += 1;
    }
}
