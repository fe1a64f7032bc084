//! The tools that both explorers look things up with: one definition each.
//!
//! Arguments are types, and the JSON schema that a model sees is made from them. Answers
//! are compact, say how much there is and how much of it they hold, and name nothing that
//! the catalog does not.

mod answers;
mod joins;
mod lookups;
mod paging;

use std::sync::Arc;

use futures_util::FutureExt;
use once_cell::sync::{Lazy, OnceCell};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub use answers::{
    CandidateLine, ColumnHit, ColumnLine, EntityLine, Finding, LineageAnswer, MappingAnswer,
    QualityAnswer, RelationshipLine, RelationshipsAnswer, SourceLine, TableDetails, TableLine,
    TablesAnswer, Todo,
};
pub use joins::{JoiningKey, keys_joining, relationship_line};
pub use lookups::{columns_called, fits_columns};
pub use paging::Page;

use crate::catalog::TableId;
use crate::model::ToolSpec;
use crate::pipeline::Knowledge;
use crate::pipeline::quality::QualityReport;
use crate::pipeline::structure::TableType;
use crate::text;

/// The most bytes of one answer, as JSON: a catalog of any size fits a model's context.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// The longest argument that is looked at, in bytes.
const ARGUMENT_MAX: usize = 32 * 1024;
/// The longest description of a problem with them, in characters.
const PROBLEM_MAX: usize = 300;
/// The longest argument that is shown again, in characters.
const SHOWN_MAX: usize = 80;

/// Arguments of `list_tables`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTables {
    /// Only tables of this schema: its name, or words of schema names such as "bs" or "purchase".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Only tables of this type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub table_type: Option<TableType>,
}

/// Arguments of the tools about one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneTable {
    /// The table's name, or `schema.table` where several schemas have a table of that name.
    pub table_name: String,
}

/// Arguments of `find_relationships`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindRelationships {
    /// The table's name, or `schema.table`.
    pub table_name: String,
    /// Only joins between `table_name` and this table, and the tables that connect the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_table: Option<String>,
}

/// Arguments of `search_columns`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchColumns {
    /// A column name with `*` for any characters and `?` for one, or a word in Czech, Slovak or English that column names hold.
    pub pattern: String,
}

/// Arguments of `map_entities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapEntities {
    /// Business terms, or a sentence with them, in Czech, Slovak or English.
    pub text: String,
}

/// Arguments of `assess_quality`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessQuality {
    /// Only this schema: its name, or words of schema names; the whole catalog where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// One look-up, its arguments read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Which tables there are.
    ListTables(ListTables),
    /// Columns, key, grain and documentation of one table.
    GetTableDetails(OneTable),
    /// How a table joins others.
    FindRelationships(FindRelationships),
    /// Which tables have columns of a name.
    SearchColumns(SearchColumns),
    /// Where a table's data comes from and goes to.
    GetLineage(OneTable),
    /// Which tables hold business terms.
    MapEntities(MapEntities),
    /// How well tables are documented.
    AssessQuality(AssessQuality),
}

impl Call {
    /// The tool's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ListTables(_) => "list_tables",
            Self::GetTableDetails(_) => "get_table_details",
            Self::FindRelationships(_) => "find_relationships",
            Self::SearchColumns(_) => "search_columns",
            Self::GetLineage(_) => "get_lineage",
            Self::MapEntities(_) => "map_entities",
            Self::AssessQuality(_) => "assess_quality",
        }
    }

    /// Reads a call as a model wrote it.
    ///
    /// # Errors
    /// An unknown tool, or arguments that do not fit; in words that help the model do better.
    pub fn read(name: &str, arguments: &str) -> Result<Self, ToolFailure> {
        if arguments.len() > ARGUMENT_MAX {
            return Err(ToolFailure::BadArguments {
                tool: text::shorten(name, SHOWN_MAX),
                problem: format!("they are longer than {ARGUMENT_MAX} bytes"),
            });
        }
        let known = match name {
            "list_tables" => read_arguments(name, arguments).map(Self::ListTables),
            "get_table_details" => read_arguments(name, arguments).map(Self::GetTableDetails),
            "find_relationships" => read_arguments(name, arguments).map(Self::FindRelationships),
            "search_columns" => read_arguments(name, arguments).map(Self::SearchColumns),
            "get_lineage" => read_arguments(name, arguments).map(Self::GetLineage),
            "map_entities" => read_arguments(name, arguments).map(Self::MapEntities),
            "assess_quality" => read_arguments(name, arguments).map(Self::AssessQuality),
            _ => Err(ToolFailure::UnknownTool {
                name: text::shorten(name, SHOWN_MAX),
            }),
        };
        known.inspect_err(|failure| log::debug!("a call was refused: {failure}"))
    }

    /// The arguments, as the object a model would write.
    #[must_use]
    pub fn arguments(&self) -> Value {
        let written = match self {
            Self::ListTables(arguments) => serde_json::to_value(arguments),
            Self::GetTableDetails(arguments) | Self::GetLineage(arguments) => {
                serde_json::to_value(arguments)
            }
            Self::FindRelationships(arguments) => serde_json::to_value(arguments),
            Self::SearchColumns(arguments) => serde_json::to_value(arguments),
            Self::MapEntities(arguments) => serde_json::to_value(arguments),
            Self::AssessQuality(arguments) => serde_json::to_value(arguments),
        };
        written.unwrap_or_default()
    }

    /// The call in words: `Calling list_tables with schema=dm_bs_purchase`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let given: Vec<String> = self
            .arguments()
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), ToOwned::to_owned);
                format!("{name}={}", text::shorten(&value, SHOWN_MAX))
            })
            .collect();
        if given.is_empty() {
            format!("Calling {}", self.name())
        } else {
            format!("Calling {} with {}", self.name(), given.join(", "))
        }
    }
}

fn read_arguments<T: DeserializeOwned>(tool: &str, arguments: &str) -> Result<T, ToolFailure> {
    let arguments = if arguments.trim().is_empty() {
        "{}"
    } else {
        arguments
    };
    // An object first: serde would take an array for the fields in their order.
    serde_json::from_str(arguments)
        .and_then(|object| serde_json::from_value(Value::Object(object)))
        .map_err(|error: serde_json::Error| ToolFailure::BadArguments {
            tool: tool.to_owned(),
            // It quotes what was given, whatever its length.
            problem: text::shorten(&error.to_string(), PROBLEM_MAX),
        })
}

/// What a model is told about the tools; made once, and sent with every call of it.
#[must_use]
pub fn specifications() -> &'static [ToolSpec] {
    static SPECIFICATIONS: Lazy<Vec<ToolSpec>> = Lazy::new(make_specifications);
    &SPECIFICATIONS
}

fn make_specifications() -> Vec<ToolSpec> {
    vec![
        specification::<ListTables>(
            "list_tables",
            "Lists the tables of the catalog, by name: full name, type, number of columns, description.",
        ),
        specification::<OneTable>(
            "get_table_details",
            "Details of one table: columns with type, role and description, keys, grain, owner, source of the classification.",
        ),
        specification::<FindRelationships>(
            "find_relationships",
            "How a table joins others: key columns, cardinality, declared or inferred, how sure, and the evidence.",
        ),
        specification::<SearchColumns>(
            "search_columns",
            "Finds the columns of all tables whose name fits a pattern or a word.",
        ),
        specification::<OneTable>(
            "get_lineage",
            "Where a table's data comes from (upstream) and which tables are made from it (downstream), as far as the catalog says.",
        ),
        specification::<MapEntities>(
            "map_entities",
            "Finds the tables that hold business terms, with confidence and evidence.",
        ),
        specification::<AssessQuality>(
            "assess_quality",
            "How well the tables of a schema or of the whole catalog are documented: score, coverage, anomalies, what to do first.",
        ),
    ]
}

fn specification<T: JsonSchema>(name: &'static str, description: &'static str) -> ToolSpec {
    let mut parameters = schemars::schema_for!(T).to_value();
    if let Some(schema) = parameters.as_object_mut() {
        for for_people_only in ["$schema", "title", "description"] {
            schema.remove(for_people_only);
        }
        // Some servers refuse an object schema without this field.
        schema.entry("properties").or_insert_with(|| json!({}));
    }
    ToolSpec {
        name,
        description,
        parameters,
    }
}

/// What a look-up has found.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of `list_tables`.
    Tables(TablesAnswer),
    /// Of `get_table_details`.
    Details(Box<TableDetails>),
    /// Of `find_relationships`.
    Relationships(RelationshipsAnswer),
    /// Of `search_columns`.
    Columns(Page<ColumnHit>),
    /// Of `get_lineage`.
    Lineage(LineageAnswer),
    /// Of `map_entities`.
    Mapping(MappingAnswer),
    /// Of `assess_quality`.
    Quality(QualityAnswer),
}

impl Outcome {
    /// The tables it speaks of, the one that was asked for first, none twice.
    #[must_use]
    pub fn tables(&self) -> Vec<TableId> {
        let mut tables: Vec<TableId> = match self {
            Self::Tables(answer) => answer.tables.items.iter().map(|line| line.id).collect(),
            Self::Details(details) => vec![details.id],
            Self::Relationships(answer) => answer.tables.clone(),
            Self::Columns(page) => page.items.iter().map(|hit| hit.id).collect(),
            Self::Lineage(answer) => answer.tables.clone(),
            Self::Mapping(answer) => answer.tables.clone(),
            Self::Quality(_) => Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        tables.retain(|id| seen.insert(*id));
        tables
    }

    /// As JSON for a model.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            log::error!("an answer cannot be written: {error}");
            ToolFailure::Broken.to_json()
        })
    }
}

/// Why a look-up found nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolFailure {
    /// There is no such tool.
    #[error("There is no tool '{name}'.")]
    UnknownTool {
        /// As it was called.
        name: String,
    },
    /// The arguments do not fit the tool's schema.
    #[error("The arguments of {tool} do not fit: {problem}.")]
    BadArguments {
        /// The tool.
        tool: String,
        /// What is wrong with them.
        problem: String,
    },
    /// The catalog has no such table.
    #[error("The catalog has no table '{name}'.")]
    NoTable {
        /// The name asked for.
        name: String,
        /// Full names like it, best first.
        suggestions: Vec<String>,
    },
    /// The catalog has no such schema.
    #[error("The catalog has no schema '{name}'.")]
    NoSchema {
        /// The name asked for.
        name: String,
        /// Names of schemas, the first of them where there are many.
        suggestions: Vec<String>,
    },
    /// The tool itself broke; the log says how.
    #[error("The tool failed with an internal error.")]
    Broken,
}

impl ToolFailure {
    /// As JSON for a model.
    #[must_use]
    pub fn to_json(&self) -> String {
        let suggestions: Vec<&str> = match self {
            Self::NoTable { suggestions, .. } | Self::NoSchema { suggestions, .. } => {
                suggestions.iter().map(String::as_str).collect()
            }
            Self::UnknownTool { .. } => specifications().iter().map(|tool| tool.name).collect(),
            Self::BadArguments { .. } | Self::Broken => Vec::new(),
        };
        json!({ "error": self.to_string(), "suggestions": suggestions }).to_string()
    }
}

/// Runs look-ups, off the async workers and only so many at once: those over a large
/// catalog keep a core busy.
#[derive(Clone)]
pub struct Tools {
    knowledge: Arc<Knowledge>,
    /// Reports on single schemas, by place; made when first asked for.
    reports: Arc<[OnceCell<QualityReport>]>,
    /// The report on the whole catalog.
    whole: Arc<OnceCell<QualityReport>>,
    places: Arc<Semaphore>,
    running: TaskTracker,
}

impl Tools {
    /// Tools over a catalog, at most `at_once` of them running.
    #[must_use]
    pub fn new(knowledge: Arc<Knowledge>, at_once: usize) -> Self {
        let reports = knowledge
            .catalog
            .schemas()
            .iter()
            .map(|_| OnceCell::new())
            .collect();
        Self {
            knowledge,
            reports,
            whole: Arc::default(),
            places: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
            running: TaskTracker::new(),
        }
    }

    /// What the tools know.
    #[must_use]
    pub fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    /// Carries out a look-up.
    ///
    /// # Errors
    /// See [`ToolFailure`]; a tool that panics is [`ToolFailure::Broken`].
    pub async fn run(&self, call: Call) -> Result<Outcome, ToolFailure> {
        let name = call.name();
        self.off_the_workers(name, move |tools| tools.look_up(&call))
            .await
            .unwrap_or(Err(ToolFailure::Broken))
    }

    /// Runs work over the catalog where it holds no other task up; `None` where it panicked.
    pub async fn off_the_workers<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        self.on_a_thread(what, move |tools| {
            let done = work(tools);
            drop(place);
            done
        })
        .await
    }

    /// The same for work whose places somebody else counts.
    pub(crate) async fn on_a_thread<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        let tools = self.clone();
        let task = self.running.spawn_blocking(move || work(&tools));
        task.map(|done| done.inspect_err(|_| log::error!("{what} panicked")).ok())
            .await
    }

    /// Waits for the look-ups whose asker has gone.
    pub async fn drained(&self) {
        self.running.close();
        self.running.wait().await;
    }
}
