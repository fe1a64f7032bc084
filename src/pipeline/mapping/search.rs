//! The search for the tables that an entity may mean, each with its confidence and why.

use std::collections::{HashMap, HashSet};

use super::Sources;
use super::index::{Field, Posting};
use crate::catalog::{Catalog, TableId};
use crate::glossary::{Kind, Term};
use crate::pipeline::request::Entity;
use crate::pipeline::structure::{self, NamedClass};
use crate::text;

/// How many words of an entity's name are compared; more say nothing more.
const KEYS_MAX: usize = 16;
/// A confidence below this is not worth carrying along.
const NEGLIGIBLE: f64 = 0.1;

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
    /// A word that the catalog does not know, beside one that says what is meant.
    pub(super) const UNHEARD_OF: f64 = 0.4;
    /// Phrase and table name share words and are about different things.
    pub(super) const OTHER_HEAD: f64 = 0.85;
    /// Tables that are seldom meant by the plain name.
    pub(super) const SECONDARY: f64 = 0.93;
}

/// Whether the request names a table in so many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// It only speaks of it.
    No,
    /// By its short name, which several schemas can have.
    Bare,
    /// By schema and name.
    Full,
}

/// A candidate while it is being weighed.
pub(super) struct Scored {
    pub(super) table: TableId,
    pub(super) confidence: f64,
    pub(super) evidence: Vec<String>,
    pub(super) named: Named,
    /// In the schema that most of the request is about.
    pub(super) at_home: bool,
}

/// Best first: what is named before what is spoken of; of equal ones the table at home,
/// then the one that lists put first.
pub(super) fn sort(catalog: &Catalog, scored: &mut [Scored]) {
    let rank = |candidate: &Scored| {
        // Bare or full, a name is a name.
        (
            candidate.named != Named::No,
            (candidate.confidence * 1000.0).round(),
            candidate.at_home,
        )
    };
    scored.sort_by(|a, b| {
        let (a_rank, b_rank) = (rank(a), rank(b));
        b_rank
            .0
            .cmp(&a_rank.0)
            .then(b_rank.1.total_cmp(&a_rank.1))
            .then(b_rank.2.cmp(&a_rank.2))
            .then_with(|| catalog.list_order(a.table, b.table))
    });
}

/// The search for the tables of one request.
pub(super) struct Search<'a> {
    sources: Sources<'a>,
    in_scope: HashSet<TableId>,
}

/// A key of the query with the word of the request it comes from.
struct QueryKey {
    surface: String,
    /// The glossary's words for it, where they are others.
    meaning: Option<String>,
    spellings: Vec<String>,
    rarity: f64,
}

impl<'a> Search<'a> {
    pub(super) fn new(sources: Sources<'a>, scope: &[TableId]) -> Self {
        Self {
            sources,
            in_scope: scope.iter().copied().collect(),
        }
    }

    /// Candidates of an entity, best first.
    pub(super) fn candidates(&self, entity: &Entity) -> Vec<Scored> {
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
                        named: if name.contains('.') {
                            Named::Full
                        } else {
                            Named::Bare
                        },
                        at_home: false,
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
            .filter(|candidate| candidate.named == Named::No && spoken.contains(&candidate.table))
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
        let terms = self.sources.glossary.read(phrase);
        let head = head_of(&terms);
        let query = self.query(&terms, head.as_ref());
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
        let measured = matches!(terms.as_slice(), [only] if only.kind == Some(Kind::Measure));
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
            // The words of one phrase of the glossary are met together.
            evidence.dedup();
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
                named: Named::No,
                at_home: false,
            }
        });
        scored
            .filter(|scored| scored.confidence > NEGLIGIBLE)
            .collect()
    }

    /// The keys of a phrase. A word that no table in the catalog speaks of weighs little,
    /// unless it is what the phrase is about: "expiring contracts" are contracts, and
    /// "supplier complaints" are not suppliers.
    fn query(&self, terms: &[Term], head: Option<&Vec<String>>) -> Vec<QueryKey> {
        let index = self.sources.index;
        let mut query: Vec<QueryKey> = Vec::new();
        for term in terms {
            for spellings in &term.keys {
                if query.len() == KEYS_MAX || query.iter().any(|key| key.spellings == *spellings) {
                    continue;
                }
                // Of two spellings the better known one decides how telling the word is.
                let rarity = spellings
                    .iter()
                    .map(|spelling| index.rarity(spelling))
                    .fold(f64::INFINITY, f64::min);
                let unheard_of = spellings
                    .iter()
                    .all(|spelling| index.postings(spelling).is_empty());
                let aside = unheard_of && head.is_some_and(|head| head != spellings);
                query.push(QueryKey {
                    surface: term.surface.clone(),
                    meaning: term.meaning.clone(),
                    spellings: spellings.clone(),
                    rarity: if aside {
                        rarity * weight::UNHEARD_OF
                    } else {
                        rarity
                    },
                });
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
        let word = match &key.meaning {
            Some(meaning) => format!("\"{}\" ({meaning})", key.surface),
            None => format!("\"{}\"", key.surface),
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
/// first in Czech and Slovak, where adjectives stand before it and attributes after. Words
/// that are not in the glossary count only where no other is there.
fn head_of(terms: &[Term]) -> Option<Vec<String>> {
    let slavic = terms.iter().any(|term| term.slavic);
    let noun = |term: &&Term| {
        let adjective = term.kind == Some(Kind::Modifier)
            || (term.slavic && is_slavic_adjective(&term.surface));
        term.kind.is_some() && !adjective
    };
    let head = if slavic {
        terms.iter().find(noun).or(terms.last())
    } else {
        terms.iter().rfind(noun).or(terms.last())
    };
    head?.keys.last().cloned()
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
