//! What to do about the findings, most urgent first.

use std::collections::HashSet;

use super::{Anomaly, AnomalyKind, Field, Priority, Recommendation, Severity, has, listed};
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
    anomalies: &[Anomaly],
) -> Vec<Recommendation> {
    let mut advice: Vec<Recommendation> = anomalies.iter().filter_map(for_anomaly).collect();
    let requested: HashSet<TableId> = mapping.requested.iter().copied().collect();
    let others: Vec<TableId> = mapping
        .scope
        .iter()
        .copied()
        .filter(|id| !requested.contains(id))
        .collect();
    for (field, priority, category, task) in WORK {
        let lacking = |tables: &[TableId]| {
            let without = tables.iter().filter(|id| !has(catalog, **id, field));
            listed(without.map(|id| catalog.full_name(*id)))
        };
        let needed = format!("{task} (tables the request needs).");
        advice.push(recommendation(
            priority,
            category,
            needed,
            lacking(&mapping.requested),
        ));
        advice.push(recommendation(
            Priority::P2,
            category,
            format!("{task} (other tables in scope)."),
            lacking(&others),
        ));
    }
    let bare_columns = mapping.requested.iter().flat_map(|id| {
        let columns = catalog.table(*id).columns.iter();
        let bare = columns.filter(|column| column.documentation.best_description().is_none());
        bare.map(|column| format!("{}.{}", catalog.full_name(*id), column.name))
    });
    let task = "Describe the columns of the tables the request needs.".to_owned();
    advice.push(recommendation(
        Priority::P2,
        "documentation",
        task,
        listed(bare_columns),
    ));
    advice.retain(|advice| advice.affected_count > 0);
    advice.sort_by_key(|advice| advice.priority);
    advice
}

fn recommendation(
    priority: Priority,
    category: &str,
    message: String,
    (affected_count, affected): (usize, Vec<String>),
) -> Recommendation {
    Recommendation {
        priority,
        category: category.to_owned(),
        message,
        affected_count,
        affected,
    }
}

/// Low articulation is left to the gaps in documentation, which say what is missing.
fn for_anomaly(anomaly: &Anomaly) -> Option<Recommendation> {
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
            Priority::P1,
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
    ))
}
