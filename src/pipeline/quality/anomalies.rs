//! What is wrong with the tables in scope, each finding with the assets it concerns.

use std::collections::{HashMap, HashSet};

use super::{Anomaly, AnomalyKind, LOW_ARTICULATION, Severity, listed};
use crate::catalog::{Catalog, Column, TableId};
use crate::pipeline::mapping::{Mapping, MatchStatus};
use crate::pipeline::structure::{Analysis, Class, names_a_key};

/// An anomaly, and the tables that it concerns.
pub(super) struct Finding {
    pub(super) anomaly: Anomaly,
    /// Each once; none where it concerns no table.
    pub(super) tables: Vec<TableId>,
}

/// All anomalies, by kind.
pub(super) fn find(catalog: &Catalog, mapping: &Mapping, analysis: &Analysis) -> Vec<Finding> {
    let scope = Scope {
        catalog,
        mapping,
        analysis,
        requested: mapping.requested.iter().copied().collect(),
    };
    let findings = [
        missing_entities(mapping),
        scope.tables_missing_from_source(),
        scope.columns_missing_from_source(),
        scope.tables_without_columns(),
        scope.orphan_facts(),
        scope.unresolved_keys(),
        scope.duplicate_names(),
        scope.low_articulation(),
    ];
    findings
        .into_iter()
        .filter(|finding| finding.anomaly.affected_count > 0)
        .collect()
}

fn finding(
    kind: AnomalyKind,
    severity: Severity,
    message: impl Into<String>,
    affected: Vec<String>,
    tables: Vec<TableId>,
) -> Finding {
    let (affected_count, affected) = listed(affected);
    let anomaly = Anomaly {
        kind,
        severity,
        message: message.into(),
        affected_count,
        affected,
    };
    Finding { anomaly, tables }
}

fn missing_entities(mapping: &Mapping) -> Finding {
    let missing = mapping
        .report
        .mappings
        .iter()
        .filter(|found| found.status == MatchStatus::NoMatch);
    let names = missing.map(|found| found.entity.clone()).collect();
    let message = "requested entities that no table in scope holds";
    finding(
        AnomalyKind::MissingEntity,
        Severity::Blocking,
        message,
        names,
        Vec::new(),
    )
}

struct Scope<'a> {
    catalog: &'a Catalog,
    mapping: &'a Mapping,
    analysis: &'a Analysis,
    requested: HashSet<TableId>,
}

impl Scope<'_> {
    /// The tables in scope that fit, those the request needs first.
    fn tables(&self, fits: impl Fn(TableId) -> bool) -> Vec<TableId> {
        let mut tables: Vec<TableId> = self
            .mapping
            .scope
            .iter()
            .copied()
            .filter(|id| fits(*id))
            .collect();
        tables.sort_by_key(|id| !self.requested.contains(id));
        tables
    }

    /// Blocking where the request needs one of the tables.
    fn severity(&self, tables: &[TableId]) -> Severity {
        if tables.iter().any(|id| self.requested.contains(id)) {
            Severity::Blocking
        } else {
            Severity::Warning
        }
    }

    fn of_tables(
        &self,
        kind: AnomalyKind,
        severity: Severity,
        message: &str,
        tables: &[TableId],
    ) -> Finding {
        let names = tables
            .iter()
            .map(|id| self.catalog.full_name(*id))
            .collect();
        finding(kind, severity, message, names, tables.to_vec())
    }

    fn tables_missing_from_source(&self) -> Finding {
        let gone = self.tables(|id| self.catalog.table(id).documentation.missing_from_source());
        let message = "tables that the catalog marks as missing from their source";
        self.of_tables(
            AnomalyKind::MissingFromSource,
            self.severity(&gone),
            message,
            &gone,
        )
    }

    /// Columns of tables that are themselves still there.
    fn columns_missing_from_source(&self) -> Finding {
        let present = self.tables(|id| !self.catalog.table(id).documentation.missing_from_source());
        let gone = |column: &&Column| column.documentation.missing_from_source();
        let mut columns = Vec::new();
        let mut tables = Vec::new();
        for id in present {
            let before = columns.len();
            let names = self.catalog.table(id).columns.iter().filter(gone);
            let full_name = self.catalog.full_name(id);
            columns.extend(names.map(|column| format!("{full_name}.{}", column.name)));
            if columns.len() > before {
                tables.push(id);
            }
        }
        let message = "columns that the catalog marks as missing from their source";
        finding(
            AnomalyKind::MissingFromSource,
            Severity::Warning,
            message,
            columns,
            tables,
        )
    }

    fn tables_without_columns(&self) -> Finding {
        let empty = self.tables(|id| self.catalog.table(id).columns.is_empty());
        let message = "tables of which the catalog lists no column, so nothing can be said about their content";
        self.of_tables(
            AnomalyKind::NoColumns,
            self.severity(&empty),
            message,
            &empty,
        )
    }

    fn orphan_facts(&self) -> Finding {
        let class = |id: TableId| self.analysis.of(id).map(|found| found.class);
        let orphans = self.tables(|id| {
            let mut joined = self.analysis.joins_from(id).map(|join| class(join.to));
            class(id) == Some(Class::Fact)
                && !joined.any(|parent| matches!(parent, Some(Class::Dimension(_))))
        });
        let message = "facts that join no dimension in scope";
        self.of_tables(
            AnomalyKind::OrphanFact,
            self.severity(&orphans),
            message,
            &orphans,
        )
    }

    fn unresolved_keys(&self) -> Finding {
        let mut columns = Vec::new();
        let mut tables = Vec::new();
        for id in &self.mapping.scope {
            let before = columns.len();
            let Some(found) = self.analysis.of(*id) else {
                continue;
            };
            let joined: HashSet<usize> = self
                .analysis
                .joins_from(*id)
                .map(|join| join.from_column)
                .collect();
            let key = found
                .key
                .as_ref()
                .map(|key| key.columns.as_slice())
                .unwrap_or_default();
            for (place, column) in self.catalog.table(*id).columns.iter().enumerate() {
                if names_a_key(&column.name) && !joined.contains(&place) && !key.contains(&place) {
                    columns.push(format!("{}.{}", self.catalog.full_name(*id), column.name));
                }
            }
            if columns.len() > before {
                tables.push(*id);
            }
        }
        let message =
            "columns named as the key of another table, with no table in scope to point at";
        finding(
            AnomalyKind::UnresolvedKey,
            Severity::Warning,
            message,
            columns,
            tables,
        )
    }

    fn duplicate_names(&self) -> Finding {
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for id in &self.mapping.scope {
            *uses.entry(&self.catalog.table(*id).name).or_default() += 1;
        }
        let twins = self.tables(|id| {
            uses.get(&*self.catalog.table(id).name)
                .is_some_and(|count| *count > 1)
        });
        let message = "tables whose name stands in several schemas; say which one is meant";
        self.of_tables(AnomalyKind::DuplicateName, Severity::Info, message, &twins)
    }

    fn low_articulation(&self) -> Finding {
        let low = self.tables(|id| {
            let score = self.catalog.table(id).documentation.articulation_score;
            score.is_some_and(|score| score < LOW_ARTICULATION)
        });
        let message = format!("tables with an articulation score below {LOW_ARTICULATION}");
        self.of_tables(
            AnomalyKind::LowArticulation,
            Severity::Warning,
            &message,
            &low,
        )
    }
}
