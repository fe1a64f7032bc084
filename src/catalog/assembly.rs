//! From merged assets to the catalog: parents found, columns ordered, indexes built.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::export::{Asset, Export, Field};
use super::{
    Catalog, Column, Documentation, Dropped, ExportError, LoadReport, Schema, SchemaId,
    SourceMapping, Table, TableId, TypeFamily, lineage, table_id,
};

/// The kinds of asset that make up the catalog.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Schema,
    Table,
    Column,
}

impl Kind {
    fn of(type_name: &str) -> Option<Self> {
        match type_name.to_ascii_lowercase().as_str() {
            "schema" | "database schema" => Some(Self::Schema),
            "table" | "view" | "database view" | "database table" => Some(Self::Table),
            "column" => Some(Self::Column),
            _ => None,
        }
    }
}

/// Where in the hierarchy an asset was put: the place of its schema or table while the
/// final order is not known yet.
#[derive(Default)]
struct Placed {
    /// Schema names and documentation by their path, in order of the path.
    schemas: BTreeMap<String, Documentation>,
    /// Path of the schema, table asset.
    tables: Vec<(String, usize)>,
}

/// Builds the catalog. Linear in the number of assets, but for sorting.
pub(super) fn assemble(export: &Export<'_>) -> Result<(Catalog, LoadReport), ExportError> {
    let mut dropped = Dropped {
        without_id: export.without_id,
        ..Dropped::default()
    };
    let kinds: Vec<Option<Kind>> = export
        .assets
        .iter()
        .map(|asset| {
            let type_name = asset.text(Field::TypeName).unwrap_or("(no type)");
            let kind = Kind::of(type_name);
            if kind.is_none() {
                *dropped.other_types.entry(type_name.to_owned()).or_default() += 1;
            }
            kind
        })
        .collect();

    let placed = place_tables(export, &kinds, &mut dropped);
    // Ids are 32 bits wide; an export that exceeds them would not fit into memory either.
    if placed.tables.is_empty() || u32::try_from(placed.tables.len()).is_err() {
        return Err(ExportError::NoTables {
            records: export.records,
        });
    }
    let (schemas, mut tables, table_of_asset) = order(export, placed);
    attach_columns(export, &kinds, &mut tables, &table_of_asset, &mut dropped);

    let by_name = Catalog::index_names(&tables);
    let mut catalog = Catalog {
        schemas,
        tables,
        by_name,
        upstream: Vec::new(),
        downstream: Vec::new(),
    };
    (catalog.upstream, catalog.downstream) = lineage::trace(&catalog);
    let report = LoadReport {
        records: export.records,
        assets: export.assets.len(),
        dropped,
    };
    Ok((catalog, report))
}

/// The parts of a `fullName`: `Systems>database>schema>table>column(column)`.
fn path_of<'a>(asset: &'a Asset<'_>) -> Vec<&'a str> {
    asset
        .text(Field::FullName)
        .map(|path| path.split('>').map(str::trim).collect())
        .unwrap_or_default()
}

/// The parent asset, where the export holds it and it is of the kind that it must be.
fn parent_of(
    export: &Export<'_>,
    kinds: &[Option<Kind>],
    asset: &Asset<'_>,
    kind: Kind,
) -> Option<usize> {
    let parent = export.position(asset.text(Field::Parent)?)?;
    (kinds.get(parent).copied().flatten() == Some(kind)).then_some(parent)
}

/// The short name: `displayName`, else the last part of the path.
fn name_of(asset: &Asset<'_>) -> Option<String> {
    if let Some(name) = asset.text(Field::DisplayName) {
        return Some(name.to_owned());
    }
    let path = path_of(asset);
    let last = path.last()?;
    let name = last.strip_suffix("(column)").unwrap_or(last).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The path that stands for a schema: its own, or where it has none its name.
fn schema_key(asset: &Asset<'_>) -> Option<String> {
    let path = path_of(asset);
    if path.is_empty() {
        name_of(asset)
    } else {
        Some(path.join(">"))
    }
}

fn place_tables(export: &Export<'_>, kinds: &[Option<Kind>], dropped: &mut Dropped) -> Placed {
    let mut placed = Placed::default();
    for (asset, kind) in export.assets.iter().zip(kinds) {
        if *kind == Some(Kind::Schema)
            && let Some(key) = schema_key(asset)
        {
            placed
                .schemas
                .entry(key)
                .or_insert_with(|| documentation(asset));
        }
    }
    for (place, (asset, kind)) in export.assets.iter().zip(kinds).enumerate() {
        if *kind != Some(Kind::Table) {
            continue;
        }
        let from_parent = parent_of(export, kinds, asset, Kind::Schema)
            .and_then(|parent| export.assets.get(parent))
            .and_then(schema_key);
        let from_path = || {
            let path = path_of(asset);
            path.split_last()
                .map(|(_, schema)| schema.join(">"))
                .filter(|key| !key.is_empty())
        };
        match from_parent.or_else(from_path) {
            Some(key) if name_of(asset).is_some() => {
                placed.schemas.entry(key.clone()).or_default();
                placed.tables.push((key, place));
            }
            _ => dropped.tables_without_schema += 1,
        }
    }
    placed
}

/// Schemas and tables in their final order, and the table that each asset became.
fn order(
    export: &Export<'_>,
    placed: Placed,
) -> (Vec<Schema>, Vec<Table>, BTreeMap<usize, TableId>) {
    let mut schemas: Vec<(String, Schema)> = placed
        .schemas
        .into_iter()
        .map(|(key, documentation)| {
            let name = key.rsplit('>').next().unwrap_or(&key).into();
            (
                key,
                Schema {
                    name,
                    tables: Vec::new(),
                    documentation,
                },
            )
        })
        .collect();
    schemas.sort_by(|(a_key, a), (b_key, b)| (&a.name, a_key).cmp(&(&b.name, b_key)));
    let schema_ids: HashMap<&str, SchemaId> = schemas
        .iter()
        .zip(0..)
        .map(|((key, _), id)| (key.as_str(), SchemaId(id)))
        .collect();

    let mut unordered: Vec<(SchemaId, String, usize)> = placed
        .tables
        .iter()
        .filter_map(|(key, place)| {
            let asset = export.assets.get(*place)?;
            Some((*schema_ids.get(key.as_str())?, name_of(asset)?, *place))
        })
        .collect();
    let id_of = |place: usize| {
        export
            .assets
            .get(place)
            .and_then(|asset| asset.text(Field::Id))
    };
    unordered.sort_by(|a, b| (a.0, &a.1, id_of(a.2)).cmp(&(b.0, &b.1, id_of(b.2))));

    let mut tables = Vec::with_capacity(unordered.len());
    let mut table_of_asset = BTreeMap::new();
    let mut members: HashMap<SchemaId, Vec<TableId>> = HashMap::new();
    for (schema, name, place) in unordered {
        let Some(asset) = export.assets.get(place) else {
            continue;
        };
        let id = table_id(tables.len());
        table_of_asset.insert(place, id);
        members.entry(schema).or_default().push(id);
        tables.push(Table {
            schema,
            name: name.into(),
            columns: Vec::new(),
            source_name: asset.owned_text(Field::SourceName),
            documentation: documentation(asset),
        });
    }
    let schemas = schemas
        .into_iter()
        .zip(0..)
        .map(|((_, schema), id)| Schema {
            tables: members.remove(&SchemaId(id)).unwrap_or_default(),
            ..schema
        })
        .collect();
    (schemas, tables, table_of_asset)
}

fn attach_columns(
    export: &Export<'_>,
    kinds: &[Option<Kind>],
    tables: &mut [Table],
    table_of_asset: &BTreeMap<usize, TableId>,
    dropped: &mut Dropped,
) {
    // Of two tables of one path the one that comes first in the export has its columns.
    let mut by_path: HashMap<Vec<&str>, TableId> = HashMap::with_capacity(table_of_asset.len());
    for (place, id) in table_of_asset {
        if let Some(asset) = export
            .assets
            .get(*place)
            .filter(|asset| asset.text(Field::FullName).is_some())
        {
            by_path.entry(path_of(asset)).or_insert(*id);
        }
    }
    let mut positioned: Vec<Vec<(f64, Column)>> = Vec::new();
    positioned.resize_with(tables.len(), Vec::new);
    for (asset, kind) in export.assets.iter().zip(kinds) {
        if *kind != Some(Kind::Column) {
            continue;
        }
        let table = parent_of(export, kinds, asset, Kind::Table)
            .and_then(|parent| table_of_asset.get(&parent))
            .or_else(|| {
                path_of(asset)
                    .split_last()
                    .and_then(|(_, table)| by_path.get(table))
            });
        match (
            table.and_then(|id| positioned.get_mut(id.index())),
            name_of(asset),
        ) {
            (Some(columns), Some(name)) => {
                // Columns without a position come last.
                let position = asset.number(Field::Position).unwrap_or(f64::MAX);
                columns.push((position, column(asset, name)));
            }
            _ => dropped.columns_without_table += 1,
        }
    }
    for (table, mut columns) in tables.iter_mut().zip(positioned) {
        columns.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
        let listed = columns.len();
        // Of two columns of one name the first stays, wherever the other stands.
        let mut names: HashSet<&str> = HashSet::with_capacity(listed);
        let first: Vec<bool> = columns
            .iter()
            .map(|(_, column)| names.insert(&column.name))
            .collect();
        let mut first = first.into_iter();
        columns.retain(|_| first.next().unwrap_or(true));
        dropped.repeated_columns += listed - columns.len();
        table.columns = columns.into_iter().map(|(_, column)| column).collect();
    }
}

fn column(asset: &Asset<'_>, name: String) -> Column {
    let mapping = SourceMapping {
        table: asset.owned_text(Field::MappingTable),
        column: asset.owned_text(Field::MappingColumn),
    };
    Column {
        name: name.into(),
        data_type: asset.owned_text(Field::DataType),
        family: asset
            .text(Field::DataType)
            .map_or(TypeFamily::Unknown, TypeFamily::of),
        nullable: asset.flag(Field::Nullable),
        primary_key: asset.flag(Field::PrimaryKey),
        source: (mapping.table.is_some() || mapping.column.is_some()).then(|| Box::new(mapping)),
        documentation: documentation(asset),
    }
}

fn documentation(asset: &Asset<'_>) -> Documentation {
    Documentation {
        description: asset.owned_text(Field::Description),
        source_description: asset.owned_text(Field::SourceDescription),
        czech_description: asset.owned_text(Field::CzechDescription),
        business_name: asset.owned_text(Field::BusinessName),
        owner: asset.owned_text(Field::Owner),
        security_classification: asset.owned_text(Field::SecurityClassification),
        articulation_score: asset
            .number(Field::ArticulationScore)
            .filter(|score| (0.0..=100.0).contains(score)),
        validated: asset.flag(Field::ValidationResult),
        status: asset.owned_text(Field::Status),
    }
}
