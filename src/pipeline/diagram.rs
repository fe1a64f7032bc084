//! The ER diagram of a run: what is drawn ([`Picture`]), and how, as Mermaid text or SVG.

mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::structure::{
    Analysis, Cardinality, Class, Classified, ColumnRole, Join, Origin, TableType,
};
use crate::catalog::{Catalog, TableId};

/// The most tables that are drawn; more than this nobody can read.
const TABLES_MAX: usize = 60;
/// The most lines between them, Mermaid's own default limit (`maxEdges`).
const EDGES_MAX: usize = 500;

/// Tables and the joins between them, chosen for drawing: at most 60 tables with 500 joins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The tables, those that matter most first.
    pub entities: Vec<Entity>,
    /// The joins, by the later of their two tables.
    pub edges: Vec<Edge>,
    /// How many tables there was no room for.
    pub left_out: usize,
    /// The most columns that a table may show.
    pub max_columns: usize,
}

/// A table of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// `schema.table`.
    pub full_name: String,
    /// The schema alone.
    pub schema: String,
    /// The name without its schema.
    pub name: String,
    /// The name, or the full name where several tables of the picture have this name.
    pub shown_name: String,
    /// Fact, dimension, bridge or view.
    pub table_type: TableType,
    /// The columns that are shown, in the table's own order.
    pub columns: Vec<Attribute>,
    /// How many columns are not.
    pub columns_left_out: usize,
}

/// A column that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its place in the table.
    pub place: usize,
    /// Its name.
    pub name: String,
    /// Its type as the catalog spells it, where that is known.
    pub data_type: Option<String>,
    /// Whether it is (part of) the primary key.
    pub is_primary_key: bool,
    /// Whether it points at another table, drawn or not.
    pub is_foreign_key: bool,
    /// Where room is short, the columns with the lowest number stay: 0 for keys.
    pub rank: u8,
}

/// A join of a picture: one foreign key, of one column or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Place in [`Picture::entities`] of the table that is pointed at.
    pub parent: usize,
    /// Place of the table that holds the foreign key; the same for a self-join.
    pub child: usize,
    /// How many rows of the child meet one of the parent.
    pub cardinality: Cardinality,
    /// Whether a row of the child may have no parent.
    pub optional: bool,
    /// Said by the catalog or inferred.
    pub origin: Origin,
    /// How sure the join is, 0–1; of several columns the least sure.
    pub confidence: f64,
    /// The columns that are compared.
    pub columns: Vec<ColumnPair>,
}

/// A column of a foreign key and the column it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnPair {
    /// Name in the child.
    pub child: String,
    /// Place in the child.
    pub child_place: usize,
    /// Name in the parent.
    pub parent: String,
    /// Place in the parent.
    pub parent_place: usize,
}

impl Picture {
    /// The picture as Mermaid text (`erDiagram`), at most 50,000 characters.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::text(self)
    }

    /// The picture as an SVG document of its own: no script, no style, no reference.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::document(self)
    }

    /// How many tables are drawn.
    #[must_use]
    pub fn table_count(&self) -> usize {
        self.entities.len()
    }

    /// How many joins are drawn, a composite key counting once.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }
}

impl Entity {
    /// At most `limit` of the columns, keys first; in the table's own order.
    fn first_columns(&self, limit: usize) -> Vec<&Attribute> {
        let mut columns: Vec<&Attribute> = self.columns.iter().collect();
        columns.sort_by_key(|column| (column.rank, column.place));
        columns.truncate(limit);
        columns.sort_unstable_by_key(|column| column.place);
        columns
    }
}

impl Edge {
    /// The columns of the foreign key.
    #[must_use]
    pub fn label(&self) -> String {
        let names: Vec<&str> = self
            .columns
            .iter()
            .map(|pair| pair.child.as_str())
            .collect();
        names.join(", ")
    }
}

/// Takes the tables that the request asks for, then those they point at; where it asks
/// for none, the facts of the scope and what they point at. At most `max_columns` columns
/// a table, keys first.
#[must_use]
pub fn picture(
    catalog: &Catalog,
    analysis: &Analysis,
    requested: &[TableId],
    max_columns: usize,
) -> Picture {
    let wanted = tables_to_draw(analysis, requested);
    picture_only(catalog, analysis, &wanted, max_columns)
}

/// Takes these tables and what is at most `depth` joins away from them, in either
/// direction, the nearest first.
#[must_use]
pub fn picture_around(
    catalog: &Catalog,
    analysis: &Analysis,
    focus: &[TableId],
    depth: usize,
    max_columns: usize,
) -> Picture {
    let mut seen = HashSet::new();
    let mut wanted: Vec<TableId> = focus.to_vec();
    wanted.retain(|id| seen.insert(*id));
    let mut nearest = wanted.clone();
    for _ in 0..depth {
        let mut next: Vec<TableId> = Vec::new();
        for id in nearest {
            let parents = analysis.joins_from(id).map(|join| join.to);
            let children = analysis.joins_to(id).map(|join| join.from);
            next.extend(parents.chain(children).filter(|other| seen.insert(*other)));
        }
        if next.is_empty() {
            break;
        }
        wanted.extend(&next);
        nearest = next;
    }
    picture_only(catalog, analysis, &wanted, max_columns)
}

/// Takes these tables and no others, with the joins between them. One that is not
/// analysed is passed over.
#[must_use]
pub fn picture_only(
    catalog: &Catalog,
    analysis: &Analysis,
    wanted: &[TableId],
    max_columns: usize,
) -> Picture {
    let mut seen = HashSet::new();
    let wanted: Vec<(TableId, &Classified)> = wanted
        .iter()
        .filter(|id| seen.insert(**id))
        .filter_map(|id| Some((*id, analysis.of(*id)?)))
        .collect();
    let mut uses: HashMap<String, usize> = HashMap::new();
    for (id, _) in &wanted {
        *uses
            .entry(catalog.table(*id).name.to_lowercase())
            .or_default() += 1;
    }

    let source = Source { catalog, analysis };
    let mut drawn: HashMap<TableId, usize> = HashMap::new();
    let (mut entities, mut edges) = (Vec::new(), Vec::new());
    for (id, found) in wanted.iter().take(TABLES_MAX) {
        drawn.insert(*id, entities.len());
        let new_edges = source.edges(*id, &drawn);
        if !entities.is_empty() && edges.len() + new_edges.len() > EDGES_MAX {
            break;
        }
        edges.extend(new_edges);
        let name = catalog.table(*id).name.to_lowercase();
        let is_ambiguous = uses.get(&name).is_some_and(|uses| *uses > 1);
        entities.push(source.entity(*id, found, max_columns, is_ambiguous));
    }
    Picture {
        left_out: wanted.len() - entities.len(),
        entities,
        edges,
        max_columns,
    }
}

/// Requested tables first, then the tables they point at; bridges between them too.
fn tables_to_draw(analysis: &Analysis, requested: &[TableId]) -> Vec<TableId> {
    let class = |id: TableId| {
        analysis
            .of(id)
            .map_or(Class::Unclassified, |found| found.class)
    };
    let mut tables: Vec<TableId> = if requested.is_empty() {
        let facts = analysis
            .scope
            .iter()
            .copied()
            .filter(|id| class(*id) == Class::Fact);
        facts.collect()
    } else {
        requested.to_vec()
    };
    let mut seen: HashSet<TableId> = tables.iter().copied().collect();
    let first: HashSet<TableId> = seen.clone();
    let parents: Vec<TableId> = tables
        .iter()
        .flat_map(|id| analysis.joins_from(*id))
        .map(|join| join.to)
        .filter(|id| seen.insert(*id))
        .collect();
    let mut bridges: Vec<TableId> = tables
        .iter()
        .flat_map(|id| analysis.joins_to(*id))
        .map(|join| join.from)
        .filter(|id| class(*id) == Class::Bridge)
        .filter(|id| {
            analysis
                .joins_from(*id)
                .filter(|join| first.contains(&join.to))
                .count()
                > 1
        })
        .collect();
    bridges.retain(|id| seen.insert(*id));
    tables.extend(parents);
    tables.extend(bridges);
    if requested.is_empty() {
        tables.extend(analysis.scope.iter().copied().filter(|id| seen.insert(*id)));
    }
    tables
}

/// Where tables and joins are read.
struct Source<'a> {
    catalog: &'a Catalog,
    analysis: &'a Analysis,
}

impl Source<'_> {
    fn entity(
        &self,
        id: TableId,
        found: &Classified,
        max_columns: usize,
        is_ambiguous: bool,
    ) -> Entity {
        let table = self.catalog.table(id);
        let full_name = self.catalog.full_name(id);
        let mut entity = Entity {
            schema: self.catalog.schema_name(id).to_owned(),
            name: table.name.to_string(),
            shown_name: if is_ambiguous {
                full_name.clone()
            } else {
                table.name.to_string()
            },
            full_name,
            table_type: found.class.table_type(),
            columns: self.columns(id, found),
            columns_left_out: 0,
        };
        let columns = entity.first_columns(max_columns);
        entity.columns = columns.into_iter().cloned().collect();
        entity.columns_left_out = table.columns.len() - entity.columns.len();
        entity
    }

    /// Keys first, then what the business reads, then the rest.
    fn columns(&self, id: TableId, found: &Classified) -> Vec<Attribute> {
        let joined: HashSet<usize> = self
            .analysis
            .joins_from(id)
            .map(|join| join.from_column)
            .collect();
        let columns = self.catalog.table(id).columns.iter();
        let attributes = columns.zip(&found.roles).enumerate();
        attributes
            .map(|(place, (column, role))| Attribute {
                place,
                name: column.name.to_string(),
                data_type: column.data_type.as_deref().map(str::to_owned),
                is_primary_key: *role == ColumnRole::Key,
                is_foreign_key: joined.contains(&place),
                rank: match role {
                    ColumnRole::Key => 0,
                    _ if found.business_key.contains(&place) => 1,
                    _ if joined.contains(&place) => 2,
                    ColumnRole::Measure => 3,
                    ColumnRole::Date => 4,
                    ColumnRole::Technical => 6,
                    _ => 5,
                },
            })
            .collect()
    }

    /// The joins of a table with those that are drawn already, and with itself.
    fn edges(&self, id: TableId, drawn: &HashMap<TableId, usize>) -> Vec<Edge> {
        let outgoing = self.analysis.joins_from(id);
        let incoming = self.analysis.joins_to(id).filter(|join| join.from != id);
        // The columns of one composite key make one line.
        let mut edges: Vec<(Option<u32>, Edge)> = Vec::new();
        for join in outgoing.chain(incoming) {
            let (Some(parent), Some(child)) = (drawn.get(&join.to), drawn.get(&join.from)) else {
                continue;
            };
            let Some(edge) = self.edge(join, *parent, *child) else {
                continue;
            };
            match edges
                .iter_mut()
                .find(|(group, _)| group.is_some() && *group == join.group)
            {
                Some((_, first)) => {
                    first.confidence = first.confidence.min(edge.confidence);
                    first.columns.extend(edge.columns);
                }
                None => edges.push((join.group, edge)),
            }
        }
        edges.into_iter().map(|(_, edge)| edge).collect()
    }

    fn edge(&self, join: &Join, parent: usize, child: usize) -> Option<Edge> {
        let column = self
            .catalog
            .table(join.from)
            .columns
            .get(join.from_column)?;
        let target = self.catalog.table(join.to).columns.get(join.to_column);
        Some(Edge {
            parent,
            child,
            cardinality: join.cardinality,
            optional: column.nullable == Some(true),
            origin: join.origin,
            confidence: join.confidence,
            columns: vec![ColumnPair {
                child: column.name.to_string(),
                child_place: join.from_column,
                parent: target
                    .map(|target| target.name.to_string())
                    .unwrap_or_default(),
                parent_place: join.to_column,
            }],
        })
    }
}
