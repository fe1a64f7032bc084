//! How each tool looks up what it answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ANSWER_BYTES_MAX, AssessQuality, Call, CandidateLine, ColumnHit, ColumnLine, EntityLine,
    FindRelationships, Finding, LineageAnswer, ListTables, MappingAnswer, Outcome, Page,
    QualityAnswer, RelationshipsAnswer, SHOWN_MAX, SearchColumns, SourceLine, TableDetails,
    TableLine, TablesAnswer, Todo, ToolFailure, Tools, joins,
};
use crate::catalog::{Catalog, Found, SchemaId, TableId};
use crate::glossary::Glossary;
use crate::pipeline::quality::{self, QualityReport};
use crate::pipeline::request::{self, Entity, Request};
use crate::pipeline::structure::{Analysis, Join};
use crate::pipeline::{Knowledge, mapping, rounded};
use crate::text;

/// Bytes of the longest list of an answer; the rest of [`ANSWER_BYTES_MAX`] is for what
/// stands around it.
const LIST_BYTES: usize = ANSWER_BYTES_MAX * 3 / 4;
/// Bytes of each list where an answer has two.
const HALF_LIST_BYTES: usize = LIST_BYTES / 2;
/// The longest description in a list, in characters.
const DESCRIPTION_MAX: usize = 160;
/// The longest description of the one table an answer is about.
const LONG_DESCRIPTION_MAX: usize = 600;
/// The longest label of schemas that is looked up, in bytes; none is like a longer one.
const LABEL_MAX: usize = 256;
/// How many schemas of an answer are named.
const SCHEMAS_MAX: usize = 20;
/// How many columns of a key are named.
const KEY_COLUMNS_MAX: usize = 20;
/// How many candidates, pieces of evidence, affected assets and close names are named.
const NAMED_MAX: usize = 5;
/// The most words of a business term; more are a sentence.
const TERM_WORDS_MAX: usize = 4;
/// The most business terms of a list.
const TERMS_MAX: usize = 40;
/// How many tables that connect two others are named.
const CONNECTING_MAX: usize = 10;

impl Tools {
    /// Carries out a look-up on this thread.
    pub(super) fn look_up(&self, call: &Call) -> Result<Outcome, ToolFailure> {
        let knowledge = &**self.knowledge();
        match call {
            Call::ListTables(arguments) => tables(knowledge, arguments).map(Outcome::Tables),
            Call::GetTableDetails(arguments) => details(knowledge, &arguments.table_name)
                .map(|details| Outcome::Details(Box::new(details))),
            Call::FindRelationships(arguments) => {
                relationships(knowledge, arguments).map(Outcome::Relationships)
            }
            Call::SearchColumns(arguments) => {
                columns(&knowledge.catalog, arguments).map(Outcome::Columns)
            }
            Call::GetLineage(arguments) => {
                lineage(&knowledge.catalog, &arguments.table_name).map(Outcome::Lineage)
            }
            Call::MapEntities(arguments) => {
                Ok(Outcome::Mapping(mapping(knowledge, &arguments.text)))
            }
            Call::AssessQuality(arguments) => self.quality(arguments).map(Outcome::Quality),
        }
    }

    fn quality(&self, arguments: &AssessQuality) -> Result<QualityAnswer, ToolFailure> {
        let catalog = &self.knowledge().catalog;
        let schemas = schemas_meant(catalog, arguments.schema.as_deref())?;
        let whole;
        let report = match schemas.as_slice() {
            [] => self.quality_of_catalog(),
            [one] => self.quality_of(*one).ok_or(ToolFailure::Broken)?,
            several => {
                whole = assess(self.knowledge(), several);
                &whole
            }
        };
        Ok(quality_answer(catalog, &schemas, report))
    }

    /// Tool 3's report on one schema; made when first asked for.
    #[must_use]
    pub fn quality_of(&self, schema: SchemaId) -> Option<&QualityReport> {
        let report = self.reports.get(schema.index())?;
        Some(report.get_or_init(|| assess(self.knowledge(), &[schema])))
    }

    fn quality_of_catalog(&self) -> &QualityReport {
        self.whole.get_or_init(|| assess(self.knowledge(), &[]))
    }
}

/// The audit of whole schemas, or without any of the catalog, by the tools of a run that
/// names no table.
fn assess(knowledge: &Knowledge, schemas: &[SchemaId]) -> QualityReport {
    let catalog = &knowledge.catalog;
    let label: Vec<&str> = schemas
        .iter()
        .map(|id| &*catalog.schema(*id).name)
        .collect();
    let sources = mapping::Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    // An empty label is none.
    let mapping = mapping::map(sources, &Request::default(), Some(&label.join(",")));
    quality::assess(catalog, &mapping, &knowledge.structure_of(&mapping.scope))
}

fn quality_answer(
    catalog: &Catalog,
    schemas: &[SchemaId],
    report: &QualityReport,
) -> QualityAnswer {
    let scope = &report.coverage.scope;
    QualityAnswer {
        schemas: schema_names(catalog, schemas),
        schema_count: schemas.len(),
        tables: scope.tables,
        columns: scope.columns,
        quality_score: report.quality_score,
        risk_level: report.risk_level,
        risk_reason: report.risk_reason.clone(),
        coverage: scope
            .fields
            .iter()
            .map(|(field, coverage)| (*field, coverage.share))
            .collect(),
        anomalies: Page::within(
            HALF_LIST_BYTES,
            report.anomalies.len(),
            report.anomalies.iter().map(|anomaly| Finding {
                severity: anomaly.severity,
                message: anomaly.message.clone(),
                affected_count: anomaly.affected_count,
                affected: first(&anomaly.affected),
            }),
        ),
        recommendations: Page::within(
            HALF_LIST_BYTES,
            report.recommendations.len(),
            report.recommendations.iter().map(|todo| Todo {
                priority: todo.priority,
                message: todo.message.clone(),
                affected_count: todo.affected_count,
                affected: first(&todo.affected),
            }),
        ),
    }
}

fn schema_names(catalog: &Catalog, schemas: &[SchemaId]) -> Vec<String> {
    let named = schemas.iter().take(SCHEMAS_MAX);
    named
        .map(|id| catalog.schema(*id).name.to_string())
        .collect()
}

fn first(names: &[String]) -> Vec<String> {
    names.iter().take(NAMED_MAX).cloned().collect()
}

fn short(description: Option<&str>, max: usize) -> Option<String> {
    description.map(|description| text::shorten(description, max))
}

/// The schemas a label means; none where there is no label.
fn schemas_meant(catalog: &Catalog, label: Option<&str>) -> Result<Vec<SchemaId>, ToolFailure> {
    let Some(label) = label.map(str::trim).filter(|label| !label.is_empty()) else {
        return Ok(Vec::new());
    };
    let no_schema = |suggestions| ToolFailure::NoSchema {
        name: text::shorten(label, SHOWN_MAX),
        suggestions,
    };
    if label.len() > LABEL_MAX {
        return Err(no_schema(Vec::new()));
    }
    let meant = mapping::schemas_called(catalog, label);
    if meant.is_empty() {
        let names = catalog.schemas().iter().map(|schema| &*schema.name);
        let wanted = text::fold(label);
        let mut alike: Vec<(f64, &str)> = names
            .map(|name| (strsim::jaro_winkler(&wanted, &text::fold(name)), name))
            .collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let closest = alike.into_iter().take(NAMED_MAX);
        return Err(no_schema(
            closest.map(|(_, name)| name.to_owned()).collect(),
        ));
    }
    Ok(meant)
}

fn table_called(catalog: &Catalog, name: &str) -> Result<(TableId, Vec<TableId>), ToolFailure> {
    match catalog.find(name) {
        Found::Table { table, also_in } => Ok((table, also_in)),
        Found::Nothing { suggestions } => Err(ToolFailure::NoTable {
            name: text::shorten(name, SHOWN_MAX),
            suggestions,
        }),
    }
}

fn tables(knowledge: &Knowledge, asked: &ListTables) -> Result<TablesAnswer, ToolFailure> {
    let Knowledge {
        catalog, structure, ..
    } = knowledge;
    let schemas = schemas_meant(catalog, asked.schema.as_deref())?;
    let mut found: Vec<TableId> = if schemas.is_empty() {
        catalog.tables().map(|(id, _)| id).collect()
    } else {
        schemas
            .iter()
            .flat_map(|id| &catalog.schema(*id).tables)
            .copied()
            .collect()
    };
    let mut by_type = BTreeMap::new();
    for id in &found {
        *by_type.entry(structure.table_type(*id)).or_default() += 1;
    }
    found.retain(|id| {
        asked
            .table_type
            .is_none_or(|wanted| structure.table_type(*id) == wanted)
    });
    found.sort_by(|a, b| catalog.list_order(*a, *b));
    Ok(TablesAnswer {
        schemas: schema_names(catalog, &schemas),
        schema_count: schemas.len(),
        table_type: asked.table_type,
        by_type,
        tables: Page::within(
            LIST_BYTES,
            found.len(),
            found.iter().map(|id| table_line(catalog, structure, *id)),
        ),
    })
}

fn table_line(catalog: &Catalog, structure: &Analysis, id: TableId) -> TableLine {
    let table = catalog.table(id);
    TableLine {
        id,
        full_name: catalog.full_name(id),
        table_type: structure.table_type(id),
        columns: table.columns.len(),
        description: short(table.documentation.best_description(), DESCRIPTION_MAX),
    }
}

fn details(knowledge: &Knowledge, name: &str) -> Result<TableDetails, ToolFailure> {
    let Knowledge {
        catalog, structure, ..
    } = knowledge;
    let (id, also_in) = table_called(catalog, name)?;
    let table = catalog.table(id);
    let found = structure.of(id).ok_or(ToolFailure::Broken)?;
    let named = |places: &[usize]| -> Vec<String> {
        places
            .iter()
            .take(KEY_COLUMNS_MAX)
            .filter_map(|place| table.columns.get(*place))
            .map(|column| column.name.to_string())
            .collect()
    };
    let targets = structure.targets_of(id);
    let columns =
        table
            .columns
            .iter()
            .zip(&found.roles)
            .enumerate()
            .map(|(place, (column, role))| ColumnLine {
                name: column.name.to_string(),
                data_type: column.data_type.as_deref().map(Into::into),
                role: *role,
                target: targets.get(&place).and_then(|join| {
                    let key = catalog.table(join.to).columns.get(join.to_column)?;
                    Some(format!("{}.{}", catalog.full_name(join.to), key.name))
                }),
                description: short(column.documentation.best_description(), DESCRIPTION_MAX),
            });
    Ok(TableDetails {
        id,
        full_name: catalog.full_name(id),
        table_type: found.class.table_type(),
        confidence: rounded(found.confidence),
        rationale: found.rationale.clone(),
        grain: found.grain.clone(),
        description: short(table.documentation.best_description(), LONG_DESCRIPTION_MAX),
        owner: catalog.owner(id).map(Into::into),
        security_classification: catalog.classification(id).map(Into::into),
        primary_key: named(found.key.as_ref().map_or(&[][..], |key| &key.columns)),
        business_key: named(&found.business_key),
        also_in: also_in
            .iter()
            .take(CONNECTING_MAX)
            .map(|other| catalog.full_name(*other))
            .collect(),
        columns: Page::within(LIST_BYTES, table.columns.len(), columns),
    })
}

fn relationships(
    knowledge: &Knowledge,
    asked: &FindRelationships,
) -> Result<RelationshipsAnswer, ToolFailure> {
    let Knowledge {
        catalog, structure, ..
    } = knowledge;
    let (id, _) = table_called(catalog, &asked.table_name)?;
    let other = asked
        .other_table
        .as_deref()
        .filter(|name| !name.trim().is_empty())
        .map(|name| table_near(catalog, name, id))
        .transpose()?
        .filter(|other| *other != id);
    let mut joins = joins::of(structure, id);
    let mut connecting = Vec::new();
    if let Some(other) = other {
        let direct = |join: &&Join| joins::other_end(join, id) == other;
        if joins.iter().any(direct) {
            joins.retain(direct);
        } else {
            connecting = connections(structure, id, other);
            joins = [id, other]
                .into_iter()
                .flat_map(|end| structure.joins_from(end).chain(structure.joins_to(end)))
                .filter(|join| {
                    let ends = [join.from, join.to];
                    ends.iter().any(|end| connecting.contains(end))
                })
                .collect();
        }
    }
    let mut tables = vec![id];
    tables.extend(other);
    tables.extend(&connecting);
    if other.is_none() {
        tables.extend(joins.iter().map(|join| joins::other_end(join, id)));
    }
    let keys = joins::grouped(joins);
    Ok(RelationshipsAnswer {
        table: catalog.full_name(id),
        other_table: other.map(|other| catalog.full_name(other)),
        connected_through: connecting.iter().map(|id| catalog.full_name(*id)).collect(),
        tables,
        relationships: Page::within(
            LIST_BYTES,
            keys.len(),
            keys.iter().map(|key| {
                let mut line = joins::relationship_line(catalog, key);
                line.evidence.truncate(NAMED_MAX);
                line
            }),
        ),
    })
}

/// Of tables that share a name, the one in the same schema as the table it is to join.
fn table_near(catalog: &Catalog, name: &str, near: TableId) -> Result<TableId, ToolFailure> {
    let (first, others) = table_called(catalog, name)?;
    let home = catalog.table(near).schema;
    Ok(std::iter::once(first)
        .chain(others)
        .find(|id| catalog.table(*id).schema == home)
        .unwrap_or(first))
}

/// The tables that both join, facts and dimensions alike, by id.
fn connections(structure: &Analysis, a: TableId, b: TableId) -> Vec<TableId> {
    let neighbours = |id: TableId| -> BTreeSet<TableId> {
        structure
            .joins_from(id)
            .chain(structure.joins_to(id))
            .map(|join| joins::other_end(join, id))
            .collect()
    };
    neighbours(a)
        .intersection(&neighbours(b))
        .copied()
        .filter(|id| *id != a && *id != b)
        .take(CONNECTING_MAX)
        .collect()
}

fn columns(catalog: &Catalog, asked: &SearchColumns) -> Result<Page<ColumnHit>, ToolFailure> {
    let pattern = asked.pattern.trim();
    if pattern.is_empty() || pattern.chars().count() > SHOWN_MAX {
        return Err(ToolFailure::BadArguments {
            tool: "search_columns".to_owned(),
            problem: format!("a pattern has 1 to {SHOWN_MAX} characters"),
        });
    }
    if wildcards_for(pattern).is_empty() {
        return Err(ToolFailure::BadArguments {
            tool: "search_columns".to_owned(),
            problem: "a pattern has a letter, a digit or a wildcard".to_owned(),
        });
    }
    let found = columns_called(catalog, pattern);
    let hits = found.iter().filter_map(|(id, place)| {
        let column = catalog.table(*id).columns.get(*place)?;
        Some(ColumnHit {
            id: *id,
            table: catalog.full_name(*id),
            column: column.name.to_string(),
            data_type: column.data_type.as_deref().map(Into::into),
            description: short(column.documentation.best_description(), DESCRIPTION_MAX),
        })
    });
    Ok(Page::within(LIST_BYTES, found.len(), hits))
}

/// The columns whose name fits a pattern or holds a word, by schema, table and position.
#[must_use]
pub fn columns_called(catalog: &Catalog, pattern: &str) -> Vec<(TableId, usize)> {
    let mut found: BTreeSet<(TableId, usize)> = BTreeSet::new();
    for pattern in wildcards_for(pattern) {
        found.extend(catalog.places_matching(&pattern));
    }
    found.into_iter().collect()
}

/// Whether `search_columns` finds anything by these words.
#[must_use]
pub fn fits_columns(catalog: &Catalog, words: &str) -> bool {
    let patterns = wildcards_for(words);
    patterns
        .iter()
        .any(|pattern| catalog.places_matching(pattern).next().is_some())
}

/// A pattern stands for itself; a word for every name that holds it, or what the glossary
/// says that names would have for it.
fn wildcards_for(pattern: &str) -> Vec<String> {
    if pattern.contains(['*', '?']) {
        return vec![pattern.to_owned()];
    }
    let terms = Glossary::embedded().read(pattern);
    let meanings: Vec<String> = terms
        .iter()
        .map(|term| term.meaning.as_deref().unwrap_or(&term.surface))
        .map(text::fold)
        .collect();
    let joined = |words: &[String]| format!("*{}*", words.join("_").replace([' ', '-'], "_"));
    let folded: Vec<String> = text::words(pattern).map(text::fold).collect();
    if folded.is_empty() {
        return Vec::new();
    }
    let mut patterns = vec![joined(&folded)];
    if !meanings.is_empty() && meanings != folded {
        patterns.push(joined(&meanings));
    }
    patterns
}

fn lineage(catalog: &Catalog, name: &str) -> Result<LineageAnswer, ToolFailure> {
    let (id, _) = table_called(catalog, name)?;
    let (upstream, downstream) = (catalog.upstream(id), catalog.downstream(id));
    let mut tables = vec![id];
    tables.extend(upstream.iter().filter_map(|source| source.table));
    tables.extend(downstream);
    let sources = upstream.iter().map(|source| SourceLine {
        name: source.name.clone(),
        table: source.table.map(|table| catalog.full_name(table)),
        via: source.via.clone(),
        columns: source
            .columns
            .iter()
            .map(|pair| match &pair.source_column {
                Some(from) => format!("{} <- {from}", pair.column),
                None => pair.column.clone(),
            })
            .collect(),
    });
    Ok(LineageAnswer {
        table: catalog.full_name(id),
        tables,
        upstream: Page::within(HALF_LIST_BYTES, upstream.len(), sources),
        downstream: Page::within(
            HALF_LIST_BYTES,
            downstream.len(),
            downstream.iter().map(|user| catalog.full_name(*user)),
        ),
    })
}

fn mapping(knowledge: &Knowledge, asked: &str) -> MappingAnswer {
    let catalog = &knowledge.catalog;
    let request = terms_of(asked).unwrap_or_else(|| request::read(asked));
    let sources = mapping::Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    let mapping = mapping::map(sources, &request, None);
    let entities = mapping.report.mappings.iter().map(|found| EntityLine {
        entity: text::shorten(&found.entity, SHOWN_MAX),
        status: found.status,
        candidates: found
            .candidates
            .iter()
            .take(NAMED_MAX)
            .map(|candidate| CandidateLine {
                full_name: candidate.full_name.clone(),
                confidence: candidate.confidence,
                evidence: first(&candidate.evidence),
            })
            .collect(),
    });
    MappingAnswer {
        entities: Page::within(LIST_BYTES, mapping.report.mappings.len(), entities),
        warnings: first(&mapping.warnings),
        tables: mapping.requested,
    }
}

/// A list of terms as a request for each of them, so that one which fits nothing is said
/// to fit nothing; `None` for sentences, where only some words are terms.
fn terms_of(text: &str) -> Option<Request> {
    let terms: Vec<&str> = text
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|term| !term.is_empty())
        .collect();
    let short = |term: &&str| text::words(term).count() <= TERM_WORDS_MAX;
    if terms.is_empty() || terms.len() > TERMS_MAX || !terms.iter().all(short) {
        return None;
    }
    let entities = terms.into_iter().map(|term| Entity {
        name: term.to_owned(),
        alias: None,
        tables: Vec::new(),
        description: None,
    });
    Some(Request {
        entities: entities.collect(),
        // Names of schemas in it narrow the scope.
        goal: text.to_owned(),
        ..Request::default()
    })
}
