//! What a question asks for: the outcome of reading it, and what its answer is made from.

use crate::catalog::{SchemaId, TableId};
use crate::explorer::Topic;
use crate::explorer::tools::{
    AssessQuality, Call, FindRelationships, ListTables, MapEntities, OneTable, SearchColumns,
};
use crate::pipeline::quality::Field;
use crate::pipeline::structure::TableType;

/// Of how many tables that a source fills the lineage is looked up.
const FED_MAX: usize = 4;

/// What of a table is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    Everything,
    Columns,
    CountColumns,
    /// The columns that nobody has described.
    Undescribed,
    Grain,
    Keys,
    Measures,
    Owner,
    Security,
}

/// Which way lineage is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
    Both,
}

/// What of a run is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunAspect {
    Summary,
    Found,
    Missed,
    Excluded,
    Quality,
    Warnings,
    /// Why the entity at this place has its table.
    Why(usize),
    /// Its tables of a type.
    OfType(TableType),
}

/// What is asked for and cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unable {
    /// Rows, and values in them.
    Rows,
    /// A change of the catalog or of data.
    Change,
    /// A query or program.
    Sql,
}

/// What a diagram is to show.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// A table and what it joins.
    Table(String),
    /// The tables of schemas; of the whole catalog where there is no label.
    Schemas(Option<String>),
    /// What holds business terms.
    Terms(String),
    /// These tables.
    Spoken(Vec<TableId>),
}

/// Business terms whose tables are asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) text: String,
    /// Tables of this type are preferred.
    pub(super) table_type: Option<TableType>,
    /// And those of these schemas.
    pub(super) schemas: Vec<SchemaId>,
}

/// A column that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnWanted {
    pub(super) table: String,
    pub(super) column: String,
    /// Where it comes from.
    pub(super) lineage: bool,
}

/// What a question asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Intent {
    List {
        schema: Option<String>,
        table_type: Option<TableType>,
        /// Only how many there are.
        count: bool,
        /// Those with most columns first.
        widest: bool,
    },
    Schemas,
    Overview {
        schema: Option<String>,
    },
    Details {
        table: String,
        aspect: Aspect,
    },
    SearchColumns {
        pattern: String,
        count: bool,
        /// Only those of this table.
        within: Option<TableId>,
    },
    CountColumns {
        schemas: Vec<SchemaId>,
    },
    Joins {
        table: String,
        other: Option<String>,
        /// Only joins with tables of this type.
        table_type: Option<TableType>,
    },
    Lineage {
        table: String,
        direction: Direction,
    },
    Diagram(Shown),
    Quality {
        schema: Option<String>,
        /// Only tables of this type, of those that lack something.
        table_type: Option<TableType>,
        /// Whose tables without this are listed.
        gap: Option<Field>,
        /// The table whose documentation is asked about.
        table: Option<TableId>,
        /// Only these of the tables that lack something; all where there are none.
        among: Vec<TableId>,
    },
    /// What is missing from its source.
    Gone {
        schema: Option<String>,
        columns: bool,
    },
    /// What is classified so; any class where there are none.
    Classified {
        schema: Option<String>,
        classes: Vec<String>,
        columns: bool,
        table_type: Option<TableType>,
    },
    /// The tables that a source outside the catalog fills.
    FedBy {
        source: String,
        /// Their full names.
        tables: Vec<String>,
    },
    Column(ColumnWanted),
    Mapping(Wanted),
    /// Of the tables spoken of, those of a type; or how many there are.
    Spoken {
        tables: Vec<TableId>,
        table_type: Option<TableType>,
    },
    CompareTables {
        tables: [String; 2],
    },
    CompareSchemas {
        schemas: [String; 2],
    },
    Run(RunAspect),
    NoRun,
    /// Something about a table, and no table is named.
    WhichTable(Topic),
    /// A list of which there is no such place.
    NoSuchPlace,
    Analysis,
    /// The same of each of some tables, and how many more there are.
    Each {
        intents: Vec<Intent>,
        more: usize,
    },
    Unable(Unable),
    Help,
    Greeting,
    Thanks,
    NotUnderstood,
}

impl Intent {
    /// The topic, as other parts of the Explorer know it.
    pub(super) fn topic(&self) -> Option<Topic> {
        Some(match self {
            Self::List { .. }
            | Self::Schemas
            | Self::Overview { .. }
            | Self::Spoken { .. }
            | Self::Classified { .. }
            | Self::CountColumns { .. }
            | Self::CompareSchemas { .. } => Topic::Tables,
            Self::Details { .. } | Self::Column(_) | Self::CompareTables { .. } => Topic::Details,
            Self::SearchColumns { .. } => Topic::Columns,
            Self::Joins { .. } => Topic::Relationships,
            Self::Lineage { .. } | Self::FedBy { .. } => Topic::Lineage,
            Self::Diagram(_) => Topic::Diagram,
            Self::Quality { .. } | Self::Gone { .. } => Topic::Quality,
            Self::Mapping(_) => Topic::Mapping,
            Self::Run(_) | Self::NoRun => Topic::Run,
            Self::WhichTable(topic) => *topic,
            Self::Analysis => Topic::Analysis,
            Self::Each { intents, .. } => return intents.first()?.topic(),
            Self::Unable(_) | Self::Help | Self::Greeting | Self::Thanks => Topic::Help,
            Self::NoSuchPlace | Self::NotUnderstood => return None,
        })
    }

    /// The look-ups that the answer needs.
    pub(super) fn calls(&self) -> Vec<Call> {
        let list = |schema: Option<String>, table_type| {
            Call::ListTables(ListTables { schema, table_type })
        };
        let one = |table: &String| OneTable {
            table_name: table.clone(),
        };
        let joins = |table: &String, other: Option<String>| {
            Call::FindRelationships(FindRelationships {
                table_name: table.clone(),
                other_table: other,
            })
        };
        let map = |text: &String| Call::MapEntities(MapEntities { text: text.clone() });
        match self {
            Self::List {
                schema, table_type, ..
            }
            | Self::Classified {
                schema, table_type, ..
            } => vec![list(schema.clone(), *table_type)],
            Self::Schemas => vec![list(None, None)],
            Self::Details { table, .. } => vec![Call::GetTableDetails(one(table))],
            Self::SearchColumns { pattern, .. } => vec![Call::SearchColumns(SearchColumns {
                pattern: pattern.clone(),
            })],
            Self::Joins { table, other, .. } => vec![joins(table, other.clone())],
            Self::Lineage { table, .. } => vec![Call::GetLineage(one(table))],
            Self::Diagram(Shown::Table(table)) => vec![joins(table, None)],
            Self::Overview { schema } | Self::Diagram(Shown::Schemas(schema)) => {
                vec![list(schema.clone(), None)]
            }
            Self::Diagram(Shown::Terms(text)) | Self::Mapping(Wanted { text, .. }) => {
                vec![map(text)]
            }
            Self::FedBy { tables, .. } => tables
                .iter()
                .take(FED_MAX)
                .map(|name| Call::GetLineage(one(name)))
                .collect(),
            Self::Column(wanted) if wanted.lineage => vec![Call::GetLineage(one(&wanted.table))],
            Self::Column(wanted) => vec![Call::GetTableDetails(one(&wanted.table))],
            Self::Quality { schema, .. } | Self::Gone { schema, .. } => {
                vec![Call::AssessQuality(AssessQuality {
                    schema: schema.clone(),
                })]
            }
            Self::CompareTables { tables } => tables
                .iter()
                .map(|table| Call::GetTableDetails(one(table)))
                .collect(),
            Self::CompareSchemas { schemas } => schemas
                .iter()
                .map(|schema| list(Some(schema.clone()), None))
                .collect(),
            Self::Each { intents, .. } => intents.iter().flat_map(Self::calls).collect(),
            // The rest is answered from the catalog, the thread and the run.
            _ => Vec::new(),
        }
    }
}
