//! What to do about the findings, most urgent first.

use std::collections::{BTreeMap, HashSet};

use super::anomalies::Finding;
use super::{
    AFFECTED_MAX, AnomalyKind, Field, OwnerToAsk, Priority, Recommendation, Severity, has, listed,
};
use crate::catalog::{Catalog, TableId};
use crate::pipeline::mapping::Mapping;

/// What follows from gaps in one field of documentation: how urgent for the tables that
/// the request needs, in which category, and what to do. Elsewhere it is always P2.
const WORK: [(Field, Priority, &str, &str); 7] = [
    (Field::Owner, Priority::P1, "ownership", "Name an owner"),
    (
        Field::Description,
        Priority::P1,
        "documentation",
        "Write a description",
    ),
    (
        Field::Articulation,
        Priority::P1,
        "documentation",
        "Complete the documentation: articulation is low or unknown",
    ),
    (
        Field::SecurityClassification,
        Priority::P1,
        "security",
        "Set a security classification",
    ),
    (
        Field::Source,
        Priority::P2,
        "lineage",
        "Record the source system and table",
    ),
    (
        Field::BusinessDescription,
        Priority::P2,
        "documentation",
        "Add a business description to the technical one",
    ),
    (
        Field::Validation,
        Priority::P2,
        "validation",
        "Have a steward validate the asset",
    ),
];

/// All recommendations, P0 first.
pub(super) fn give(
    catalog: &Catalog,
    mapping: &Mapping,
    findings: &[Finding],
) -> Vec<Recommendation> {
    let of_findings = findings
        .iter()
        .filter_map(|finding| for_finding(catalog, finding));
    let mut advice: Vec<Recommendation> = of_findings.collect();
    let requested: HashSet<TableId> = mapping.requested.iter().copied().collect();
    let others: Vec<TableId> = mapping
        .scope
        .iter()
        .copied()
        .filter(|id| !requested.contains(id))
        .collect();
    for (field, priority, category, task) in WORK {
        let lacking = |tables: &[TableId], priority, task| {
            let without = tables.iter().filter(|id| !has(catalog, **id, field));
            let without: Vec<TableId> = without.copied().collect();
            let names = listed(without.iter().map(|id| catalog.full_name(*id)));
            recommendation(priority, category, task, names, asked(catalog, &without))
        };
        let needed = format!("{task} (tables the request needs).");
        advice.push(lacking(&mapping.requested, priority, needed));
        let elsewhere = format!("{task} (other tables in scope).");
        advice.push(lacking(&others, Priority::P2, elsewhere));
    }
    advice.push(bare_columns(catalog, mapping));
    advice.retain(|advice| advice.affected_count > 0);
    advice.sort_by_key(|advice| advice.priority);
    advice
}

/// The columns without a description, of the tables that the request needs.
fn bare_columns(catalog: &Catalog, mapping: &Mapping) -> Recommendation {
    let mut tables = Vec::new();
    let mut names = Vec::new();
    for id in &mapping.requested {
        let columns = catalog.table(*id).columns.iter();
        let before = names.len();
        let bare = columns.filter(|column| column.documentation.best_description().is_none());
        names.extend(bare.map(|column| format!("{}.{}", catalog.full_name(*id), column.name)));
        if names.len() > before {
            tables.push(*id);
        }
    }
    let task = "Describe the columns of the tables the request needs.".to_owned();
    let whom = asked(catalog, &tables);
    recommendation(Priority::P2, "documentation", task, listed(names), whom)
}

/// Who answers for tables, those for most first, and how many tables nobody answers for.
fn asked(catalog: &Catalog, tables: &[TableId]) -> (Vec<OwnerToAsk>, usize) {
    let mut by_owner: BTreeMap<&str, usize> = BTreeMap::new();
    let mut without = 0;
    for id in tables {
        match catalog.owner(*id) {
            Some(owner) => *by_owner.entry(owner).or_default() += 1,
            None => without += 1,
        }
    }
    let mut owners: Vec<OwnerToAsk> = by_owner
        .into_iter()
        .map(|(id, tables)| OwnerToAsk {
            id: id.to_owned(),
            tables,
        })
        .collect();
    owners.sort_by_key(|owner| std::cmp::Reverse(owner.tables));
    owners.truncate(AFFECTED_MAX);
    (owners, without)
}

fn recommendation(
    priority: Priority,
    category: &str,
    message: String,
    (affected_count, affected): (usize, Vec<String>),
    (owners, tables_without_owner): (Vec<OwnerToAsk>, usize),
) -> Recommendation {
    Recommendation {
        priority,
        category: category.to_owned(),
        message,
        affected_count,
        affected,
        owners,
        tables_without_owner,
    }
}

/// Low articulation is left to the gaps in documentation, which say what is missing.
fn for_finding(catalog: &Catalog, finding: &Finding) -> Option<Recommendation> {
    let anomaly = &finding.anomaly;
    let urgent = if anomaly.severity == Severity::Blocking {
        Priority::P0
    } else {
        Priority::P1
    };
    let (priority, category, task) = match anomaly.kind {
        AnomalyKind::MissingEntity => (
            Priority::P0,
            "mapping",
            "Find a source for entities that no table holds, or take them out of the request.",
        ),
        AnomalyKind::MissingFromSource => (
            urgent,
            "lineage",
            "Ask the owner whether assets missing from their source were renamed, moved or dropped.",
        ),
        AnomalyKind::NoColumns => (
            urgent,
            "documentation",
            "Harvest the columns of tables listed without any.",
        ),
        AnomalyKind::OrphanFact => (
            urgent,
            "structure",
            "Clarify the keys of facts that join no dimension.",
        ),
        AnomalyKind::UnresolvedKey => (
            Priority::P2,
            "structure",
            "Say in the descriptions what unresolved keys point at, or bring the table into scope.",
        ),
        AnomalyKind::DuplicateName => (
            Priority::P2,
            "documentation",
            "Say in the descriptions how tables of one name in several schemas differ.",
        ),
        AnomalyKind::LowArticulation => return None,
    };
    let affected = (anomaly.affected_count, anomaly.affected.clone());
    Some(recommendation(
        priority,
        category,
        task.to_owned(),
        affected,
        asked(catalog, &finding.tables),
    ))
}
