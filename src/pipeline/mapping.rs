//! Tool 1: which tables a request is about.
//!
//! Every entity of the request is compared with names, columns and descriptions of the
//! tables in scope, through the keys of the [`Glossary`], so that accents, inflection and
//! language do not matter. What fits nothing is `no_match`, said outright.

mod index;
mod scope;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use index::SearchIndex;
pub use scope::ScopeOrigin;

use super::request::{Entity, Request};
use super::rounded;
use super::structure::{self, NamedClass};
use crate::catalog::{Catalog, TableId};
use crate::glossary::{Glossary, Kind, Term};
use crate::text;
use index::{Field, Posting};

/// The least confidence of a candidate, 0–1; an entity without one is `no_match`.
pub const LEAST_CONFIDENCE: f64 = 0.5;
/// A confidence below this is not worth carrying along.
const NEGLIGIBLE: f64 = 0.1;
/// How many candidates an entity lists.
const CANDIDATES_MAX: usize = 5;
/// How many words of an entity's name are compared; more say nothing more.
const KEYS_MAX: usize = 16;
/// How many entities are read out of the text of a request that lists none.
const IMPLIED_ENTITIES_MAX: usize = 40;

/// The parts of a candidate's confidence. Set on the sample catalog.
mod weight {
    /// Of the whole, the part that a fully covered table name adds.
    pub(super) const SPECIFIC: f64 = 0.25;
    /// The most that anything but a name in so many words is worth.
    pub(super) const MOST: f64 = 0.98;
    /// A table named in so many words.
    pub(super) const NAMED: f64 = 1.0;
    /// The entity's description speaks of the table too.
    pub(super) const DESCRIPTION: f64 = 0.03;
    /// The table belongs to the schema that most of the request is about.
    pub(super) const HOME_SCHEMA: f64 = 0.02;
    /// Phrase and table name share words and are about different things.
    pub(super) const OTHER_HEAD: f64 = 0.85;
    /// Tables that are seldom meant by the plain name.
    pub(super) const SECONDARY: f64 = 0.93;
}

/// `tool1_output`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappingReport {
    /// The scope as asked for, or `all`.
    pub scope: String,
    /// Who decided on it.
    pub scope_origin: ScopeOrigin,
    /// Names of the schemas in scope.
    pub schemas: Vec<String>,
    /// One per entity of the request.
    pub mappings: Vec<EntityMapping>,
    /// Tables the request rules out.
    pub excluded: Vec<Excluded>,
    /// Counts.
    pub stats: MappingStats,
}

/// Whether an entity was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchStatus {
    /// At least one candidate is good enough.
    Matched,
    /// Nothing in scope fits.
    NoMatch,
}

/// Where an entity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityOrigin {
    /// Listed in the request.
    Listed,
    /// Read out of its goal and scope, because it lists none.
    Text,
}

/// What became of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityMapping {
    /// As the request calls it.
    pub entity: String,
    /// Its name in the other language, where the request gives one.
    pub alias: Option<String>,
    /// Listed, or read out of the text.
    pub origin: EntityOrigin,
    /// Found or not.
    pub status: MatchStatus,
    /// Best first; the first is the one that is used.
    pub candidates: Vec<Candidate>,
    /// Full name of the second best, and how far behind it is; for `no_match` the best
    /// of those that were not good enough.
    pub runner_up: Option<RunnerUp>,
}

/// A table that an entity may mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Short name.
    pub table: String,
    /// `schema.table`.
    pub full_name: String,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Which words met what.
    pub evidence: Vec<String>,
}

/// The next best table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// `schema.table`.
    pub full_name: String,
    /// How sure, 0–1.
    pub confidence: f64,
    /// How far behind the chosen one it is, 0–1; `None` where none was chosen.
    pub margin: Option<f64>,
}

/// A table the request rules out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Full name.
    pub table: String,
    /// The sentence of the request that does it.
    pub reason: String,
    /// The entities that it would have been a candidate for.
    pub candidate_for: Vec<String>,
}

/// Counts of a mapping.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MappingStats {
    /// Entities looked for.
    pub entities: usize,
    /// Entities found.
    pub matched: usize,
    /// Entities not found.
    pub no_match: usize,
    /// Tables in scope.
    pub tables_in_scope: usize,
    /// Tables the request asks for.
    pub tables_requested: usize,
    /// Tables ruled out.
    pub excluded: usize,
}

/// The mapping, with the ids that later steps go on with.
#[derive(Debug, PartialEq)]
pub struct Mapping {
    /// What clients see.
    pub report: MappingReport,
    /// All tables of the schemas in scope, by schema and name.
    pub scope: Vec<TableId>,
    /// The tables the request asks for, in the order of its entities.
    pub requested: Vec<TableId>,
    /// Remarks for the reader of the result.
    pub warnings: Vec<String>,
}

/// What a mapping is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Its words.
    pub index: &'a SearchIndex,
    /// Their translations.
    pub glossary: &'a Glossary,
}

/// Maps the entities of a request onto the tables of `scope` (a schema, or a word of
/// schema names; `None`: what the document names, else all).
#[must_use]
pub fn map(sources: Sources<'_>, request: &Request, scope: Option<&str>) -> Mapping {
    let Sources {
        catalog,
        index,
        glossary,
    } = sources;
    let chosen = scope::choose(catalog, request, scope);
    let mut warnings = chosen.warnings;
    let in_scope: Vec<TableId> = catalog
        .tables()
        .map(|(id, _)| id)
        .filter(|id| chosen.schemas.contains(catalog.schema_name(*id)))
        .collect();
    let ruled_out = scope::ruled_out(catalog, index, glossary, request, &in_scope, &mut warnings);
    let excluded: HashSet<TableId> = ruled_out.iter().map(|out| out.table).collect();

    let (entities, origin) = if request.entities.is_empty() {
        (implied_entities(sources, request), EntityOrigin::Text)
    } else {
        (request.entities.clone(), EntityOrigin::Listed)
    };
    if entities.is_empty() {
        warnings.push("The request names no entities: nothing was mapped; structure and quality cover the scope.".into());
    }
    let search = Search {
        sources,
        in_scope: in_scope.iter().copied().collect(),
    };
    let mut found: Vec<Vec<Scored>> = entities
        .iter()
        .map(|entity| search.candidates(entity))
        .collect();
    prefer_home_schema(catalog, &mut found, &excluded);

    let mut mappings = Vec::new();
    let mut requested: Vec<TableId> = Vec::new();
    let mut wanted_by: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
    for (entity, mut scored) in entities.iter().zip(found) {
        scored.retain(|candidate| {
            let out = excluded.contains(&candidate.table);
            if out && candidate.confidence >= LEAST_CONFIDENCE {
                wanted_by
                    .entry(candidate.table)
                    .or_default()
                    .push(entity.name.clone());
            }
            !out
        });
        // All tables named in so many words are meant, else the best one.
        let named = scored
            .iter()
            .filter(|candidate| candidate.named)
            .count()
            .max(1);
        let chosen = scored
            .iter()
            .take(named)
            .filter(|candidate| candidate.confidence >= LEAST_CONFIDENCE);
        for table in chosen.map(|candidate| candidate.table) {
            if !requested.contains(&table) {
                requested.push(table);
            }
        }
        mappings.push(entity_mapping(catalog, entity, origin, scored));
    }
    let excluded: Vec<Excluded> = ruled_out
        .into_iter()
        .map(|out| Excluded {
            table: catalog.full_name(out.table),
            reason: format!("out of scope: \"{}\"", out.sentence),
            candidate_for: wanted_by.remove(&out.table).unwrap_or_default(),
        })
        .collect();
    let matched = mappings
        .iter()
        .filter(|mapping| mapping.status == MatchStatus::Matched)
        .count();
    let stats = MappingStats {
        entities: mappings.len(),
        matched,
        no_match: mappings.len() - matched,
        tables_in_scope: in_scope.len(),
        tables_requested: requested.len(),
        excluded: excluded.len(),
    };
    let schemas = chosen.schemas.into_iter().collect();
    let report = MappingReport {
        scope: chosen.label,
        scope_origin: chosen.origin,
        schemas,
        mappings,
        excluded,
        stats,
    };
    Mapping {
        report,
        scope: in_scope,
        requested,
        warnings,
    }
}

/// The entities of a request that lists none: the phrases of its goal and scope that
/// hold an entity of the glossary or a word of a table's name.
fn implied_entities(sources: Sources<'_>, request: &Request) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    for text in std::iter::once(&request.goal).chain(&request.scope_in) {
        let mut phrase: Vec<Term> = Vec::new();
        let mut terms = sources.glossary.read(text).into_iter().peekable();
        while let Some(term) = terms.next() {
            let next = term.position + term.length;
            phrase.push(term);
            if terms
                .peek()
                .is_some_and(|following| following.position == next)
            {
                continue;
            }
            // Verbs and the like at the edges are no part of the name.
            let names_something = |term: &Term| {
                matches!(term.kind, Some(Kind::Entity | Kind::Modifier))
                    || (term.kind.is_none()
                        && term.keys.iter().flatten().any(|key| {
                            sources
                                .index
                                .postings(key)
                                .iter()
                                .any(|posting| posting.field == Field::Name)
                        }))
            };
            let first = phrase.iter().position(names_something);
            let last = phrase.iter().rposition(names_something);
            if let (Some(first), Some(last)) = (first, last) {
                let named = phrase.get(first..=last).unwrap_or_default();
                let is_entity = named
                    .iter()
                    .any(|term| names_something(term) && term.kind != Some(Kind::Modifier));
                let name = named
                    .iter()
                    .map(|term| term.surface.as_str())
                    .collect::<Vec<_>>()
                    .join(" ");
                let known = found
                    .iter()
                    .any(|entity| text::fold(&entity.name) == text::fold(&name));
                if is_entity && !known && found.len() < IMPLIED_ENTITIES_MAX {
                    found.push(Entity {
                        name,
                        alias: None,
                        tables: Vec::new(),
                        description: None,
                    });
                }
            }
            phrase.clear();
        }
    }
    found
}

/// A candidate while it is being weighed.
struct Scored {
    table: TableId,
    confidence: f64,
    evidence: Vec<String>,
    /// Named in so many words.
    named: bool,
}

struct Search<'a> {
    sources: Sources<'a>,
    in_scope: HashSet<TableId>,
}

/// A key of the query with the word of the request it comes from.
struct QueryKey {
    surface: String,
    spellings: Vec<String>,
    rarity: f64,
}

impl Search<'_> {
    /// Candidates of an entity, best first.
    fn candidates(&self, entity: &Entity) -> Vec<Scored> {
        let catalog = self.sources.catalog;
        let mut best: HashMap<TableId, Scored> = HashMap::new();
        for name in std::iter::once(&entity.name).chain(&entity.tables) {
            for table in catalog
                .named(name)
                .into_iter()
                .filter(|table| self.in_scope.contains(table))
            {
                let evidence = vec![format!("the request names {name}")];
                best.insert(
                    table,
                    Scored {
                        table,
                        confidence: weight::NAMED,
                        evidence,
                        named: true,
                    },
                );
            }
        }
        for name in std::iter::once(&entity.name).chain(&entity.alias) {
            for scored in self.by_words(name) {
                let known = best
                    .get(&scored.table)
                    .map_or(0.0, |known| known.confidence);
                if scored.confidence > known {
                    best.insert(scored.table, scored);
                }
            }
        }
        let spoken: HashSet<TableId> = match &entity.description {
            Some(description) => self
                .by_words(description)
                .into_iter()
                .filter(|scored| scored.confidence > 0.4)
                .map(|s| s.table)
                .collect(),
            None => HashSet::new(),
        };
        let mut scored: Vec<Scored> = best.into_values().collect();
        for candidate in scored
            .iter_mut()
            .filter(|candidate| !candidate.named && spoken.contains(&candidate.table))
        {
            candidate.confidence = (candidate.confidence + weight::DESCRIPTION).min(weight::MOST);
            candidate
                .evidence
                .push("the entity's description speaks of it too".to_owned());
        }
        sort(catalog, &mut scored);
        scored
    }

    /// Tables that a phrase speaks of, weighed: how much of the phrase is met and where,
    /// and how much of the table's name the phrase covers.
    fn by_words(&self, phrase: &str) -> Vec<Scored> {
        let index = self.sources.index;
        let query = self.query(phrase);
        let total: f64 = query.iter().map(|key| key.rarity).sum();
        let mut met: HashMap<TableId, Vec<(usize, Posting)>> = HashMap::new();
        for (place, key) in query.iter().enumerate() {
            let mut best: HashMap<TableId, Posting> = HashMap::new();
            for posting in key
                .spellings
                .iter()
                .flat_map(|spelling| index.postings(spelling))
            {
                if self.in_scope.contains(&posting.table) {
                    let known = best.entry(posting.table).or_insert(*posting);
                    if posting.field.weight() > known.field.weight() {
                        *known = *posting;
                    }
                }
            }
            for (table, posting) in best {
                met.entry(table).or_default().push((place, posting));
            }
        }
        let head = head_of(&self.sources.glossary.read(phrase));
        let measured = self.is_measure(phrase);
        let scored = met.into_iter().map(|(table, meetings)| {
            let worth = |(place, posting): &(usize, Posting)| {
                query
                    .get(*place)
                    .map_or(0.0, |key| key.rarity * posting.field.weight())
            };
            let coverage = meetings.iter().map(worth).sum::<f64>() / total;
            let specific =
                1.0 - weight::SPECIFIC + weight::SPECIFIC * self.share_of_name(table, &query);
            let confidence = coverage
                * specific
                * self.secondary(table, measured)
                * self.head_factor(table, head.as_deref());
            let mut evidence: Vec<String> = meetings
                .iter()
                .filter_map(|(place, posting)| self.words_met(query.get(*place)?, posting))
                .collect();
            let missed = query.len() - meetings.len();
            if missed > 0 {
                evidence.push(format!(
                    "{missed} of {} words of \"{}\" met nothing",
                    query.len(),
                    text::shorten(phrase, 60)
                ));
            }
            Scored {
                table,
                confidence: confidence.min(weight::MOST),
                evidence,
                named: false,
            }
        });
        scored
            .filter(|scored| scored.confidence > NEGLIGIBLE)
            .collect()
    }

    fn query(&self, phrase: &str) -> Vec<QueryKey> {
        let mut query: Vec<QueryKey> = Vec::new();
        for term in self.sources.glossary.read(phrase) {
            for spellings in term.keys {
                if query.len() < KEYS_MAX && !query.iter().any(|key| key.spellings == spellings) {
                    // Of two spellings the better known one decides how telling the word is.
                    let rarity = spellings
                        .iter()
                        .map(|spelling| self.sources.index.rarity(spelling))
                        .fold(f64::INFINITY, f64::min);
                    query.push(QueryKey {
                        surface: term.surface.clone(),
                        spellings,
                        rarity,
                    });
                }
            }
        }
        query
    }

    /// How much of the table's name, by weight, the phrase speaks of, 0–1.
    fn share_of_name(&self, table: TableId, query: &[QueryKey]) -> f64 {
        let index = self.sources.index;
        let (mut met, mut all) = (0.0, 0.0);
        for key in index.name_keys(table) {
            let rarity = index.rarity(key);
            all += rarity;
            if query
                .iter()
                .any(|wanted| wanted.spellings.iter().any(|spelling| **spelling == **key))
            {
                met += rarity;
            }
        }
        if all > 0.0 { met / all } else { 0.0 }
    }

    /// "Supplier invoices" are invoices and `dimv_invoicing_supplier` is a supplier: where
    /// phrase and name end in different things, the same words mean less.
    fn head_factor(&self, table: TableId, head: Option<&[String]>) -> f64 {
        match (head, self.sources.index.name_keys(table)) {
            (Some(head), [_, .., last]) if !head.iter().any(|key| **key == **last) => {
                weight::OTHER_HEAD
            }
            _ => 1.0,
        }
    }

    /// Whether the phrase is a single measure, such as "spend".
    fn is_measure(&self, phrase: &str) -> bool {
        matches!(self.sources.glossary.read(phrase).as_slice(), [only] if only.kind == Some(Kind::Measure))
    }

    /// Bridges and technical tables are seldom meant by a plain name; a measure is asked
    /// of a fact.
    fn secondary(&self, table: TableId, measured: bool) -> f64 {
        match structure::named_class(&self.sources.catalog.table(table).name) {
            Some(NamedClass::Bridge | NamedClass::Technical) => weight::SECONDARY,
            Some(NamedClass::Dimension) if measured => weight::SECONDARY,
            _ => 1.0,
        }
    }

    fn words_met(&self, key: &QueryKey, posting: &Posting) -> Option<String> {
        let table = self.sources.catalog.table(posting.table);
        let column = || {
            table
                .columns
                .get(posting.column? as usize)
                .map(|column| &column.name)
        };
        let spelling = key.spellings.first()?;
        let translated = text::english_stem(&text::fold(&key.surface)) != *spelling;
        let word = if translated {
            format!("\"{}\" ({spelling})", key.surface)
        } else {
            format!("\"{}\"", key.surface)
        };
        Some(match posting.field {
            Field::Name => format!("{word} is in the table's name"),
            Field::BusinessName => format!("{word} is in its business name"),
            Field::Schema => format!("{word} is in the schema's name"),
            Field::DescriptionHead => format!("{word} is what its description is about"),
            Field::Description => format!("{word} is in its description"),
            Field::ColumnName => format!("{word} is in column {}", column()?),
            Field::ColumnDescription => {
                format!("{word} is in the description of column {}", column()?)
            }
        })
    }
}

/// The spellings of the word that says what a phrase is: the last noun in English, the
/// first in Czech and Slovak, where adjectives stand before it and attributes after.
fn head_of(terms: &[Term]) -> Option<Vec<String>> {
    let slavic = terms.iter().any(|term| term.slavic);
    let noun =
        |term: &&Term| term.kind != Some(Kind::Modifier) && !is_slavic_adjective(&term.surface);
    let head = if slavic {
        terms.iter().find(noun).or(terms.last())
    } else {
        terms.last()
    };
    head.filter(|_| terms.len() > 1)?.keys.last().cloned()
}

/// Whether a Czech or Slovak word has an ending of adjectives that nouns seldom have.
/// Verbal nouns end in -ení and -ání.
fn is_slavic_adjective(word: &str) -> bool {
    let word = text::fold(word);
    let endings = [
        "ci", "ni", "ny", "ne", "nych", "nich", "sky", "ska", "ske", "skych", "ovy", "ova", "ove",
        "ovych",
    ];
    let verbal_noun = ["eni", "ani", "enie", "anie"]
        .iter()
        .any(|ending| word.ends_with(ending));
    !verbal_noun && endings.iter().any(|ending| word.ends_with(ending))
}

/// Best first; of equal ones the table that lists put first.
fn sort(catalog: &Catalog, scored: &mut [Scored]) {
    scored.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then_with(|| catalog.list_order(a.table, b.table))
    });
}

/// The same view can stand in two schemas; the one is meant that lies in the schema in
/// which most of the request is at home.
fn prefer_home_schema(catalog: &Catalog, found: &mut [Vec<Scored>], excluded: &HashSet<TableId>) {
    let mut votes: BTreeMap<&str, f64> = BTreeMap::new();
    for scored in found.iter() {
        let usable = || {
            scored
                .iter()
                .filter(|candidate| !excluded.contains(&candidate.table))
        };
        let Some(best) = usable()
            .next()
            .filter(|best| best.confidence >= LEAST_CONFIDENCE)
        else {
            continue;
        };
        let equal = |candidate: &&Scored| best.confidence - candidate.confidence < 0.005;
        #[expect(clippy::cast_precision_loss, reason = "a handful of equal candidates")]
        let share = 1.0 / usable().filter(equal).count() as f64;
        for candidate in usable().filter(equal) {
            *votes
                .entry(catalog.schema_name(candidate.table))
                .or_default() += share;
        }
    }
    let home = votes
        .into_iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    let Some((home, _)) = home else { return };
    for scored in found.iter_mut() {
        for candidate in scored.iter_mut().filter(|candidate| !candidate.named) {
            if catalog.schema_name(candidate.table) == home {
                candidate.confidence = (candidate.confidence + weight::HOME_SCHEMA).min(1.0);
            }
        }
        sort(catalog, scored);
        for candidate in scored.iter_mut().filter(|candidate| !candidate.named) {
            candidate.confidence = candidate.confidence.min(weight::MOST);
        }
    }
}

fn entity_mapping(
    catalog: &Catalog,
    entity: &Entity,
    origin: EntityOrigin,
    scored: Vec<Scored>,
) -> EntityMapping {
    let best = scored
        .first()
        .map(|candidate| candidate.confidence)
        .filter(|best| *best >= LEAST_CONFIDENCE);
    let second = scored.get(usize::from(best.is_some()));
    let runner_up = second.map(|candidate| RunnerUp {
        full_name: catalog.full_name(candidate.table),
        confidence: rounded(candidate.confidence),
        margin: best.map(|best| rounded(best - candidate.confidence)),
    });
    let candidates: Vec<Candidate> = scored
        .into_iter()
        .filter(|candidate| candidate.confidence >= LEAST_CONFIDENCE)
        .take(CANDIDATES_MAX)
        .map(|candidate| Candidate {
            table: catalog.table(candidate.table).name.to_string(),
            full_name: catalog.full_name(candidate.table),
            confidence: rounded(candidate.confidence),
            evidence: candidate.evidence,
        })
        .collect();
    EntityMapping {
        entity: entity.name.clone(),
        alias: entity.alias.clone(),
        origin,
        status: if candidates.is_empty() {
            MatchStatus::NoMatch
        } else {
            MatchStatus::Matched
        },
        candidates,
        runner_up,
    }
}
