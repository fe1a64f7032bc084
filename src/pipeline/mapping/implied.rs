//! The entities that a request speaks of without listing them.

use super::index::Field;
use super::search::Search;
use super::{EntityOrigin, Sources};
use crate::glossary::{Kind, Term};
use crate::pipeline::request::{Entity, Request};
use crate::text;

/// How many entities are read out of the text of a request.
const ENTITIES_MAX: usize = 40;

/// How surely a phrase has to fit as a whole not to be looked for by its parts.
const WHOLE_MIN: f64 = 0.5;

/// How many phrases of it are looked at: each costs a search.
const PHRASES_MAX: usize = 400;

/// Marks at which a phrase ends, and no word of the next belongs to it.
const CLAUSE_ENDS: &[char] = &[
    '.', ',', ';', ':', '!', '?', '(', ')', '\n', '–', '—', '•', '/', '"',
];

/// The phrases of the free text (else of the goal) and of the scope that hold an entity
/// of the glossary or a word of a table's name. A phrase that fits nothing as a whole
/// stands for the entities in it.
pub(super) fn entities(
    sources: Sources<'_>,
    search: &Search<'_>,
    request: &Request,
) -> Vec<(Entity, EntityOrigin)> {
    let listed: Vec<String> = request
        .entities
        .iter()
        .map(|entity| text::fold(&entity.name))
        .collect();
    let goal = Some(&request.goal).filter(|_| request.free_text.is_empty());
    let texts = goal
        .into_iter()
        .chain(&request.free_text)
        .chain(&request.scope_in);
    let mut found: Vec<Entity> = Vec::new();
    for phrase in texts
        .flat_map(|text| text.split(CLAUSE_ENDS))
        .flat_map(|clause| phrases(sources, clause))
        .take(PHRASES_MAX)
    {
        let whole = entity(&phrase);
        let fits = |entity: &Entity| {
            search
                .candidates(entity)
                .first()
                .is_some_and(|best| best.confidence >= WHOLE_MIN)
        };
        let parts = if phrase.len() == 1 || fits(&whole) {
            vec![whole]
        } else {
            let alone = phrase.iter().filter(|term| term.kind == Some(Kind::Entity));
            alone
                .map(|term| entity(std::slice::from_ref(term)))
                .collect()
        };
        for part in parts {
            let name = text::fold(&part.name);
            // A listed name can have been cut out of the same words.
            let is_listed = listed
                .iter()
                .any(|listed| listed.contains(&name) || name.contains(listed));
            let is_found = found.iter().any(|entity| text::fold(&entity.name) == name);
            if !is_listed && !is_found && found.len() < ENTITIES_MAX {
                found.push(part);
            }
        }
        if found.len() == ENTITIES_MAX {
            break;
        }
    }
    found
        .into_iter()
        .map(|entity| (entity, EntityOrigin::Text))
        .collect()
}

fn entity(phrase: &[Term]) -> Entity {
    let words: Vec<&str> = phrase.iter().map(|term| term.surface.as_str()).collect();
    Entity {
        name: words.join(" "),
        alias: None,
        tables: Vec::new(),
        description: None,
    }
}

/// The runs of terms in a clause that name an entity, without verbs and the like at their
/// edges.
fn phrases(sources: Sources<'_>, clause: &str) -> Vec<Vec<Term>> {
    let in_a_name = |key: &String| {
        sources
            .index
            .postings(key)
            .iter()
            .any(|posting| posting.field == Field::Name)
    };
    let names_entity = |term: &Term| {
        term.kind == Some(Kind::Entity)
            || (term.kind.is_none() && term.keys.iter().flatten().any(in_a_name))
    };
    let belongs = |term: &Term| names_entity(term) || term.kind.is_some();
    let terms = sources.glossary.read(clause);
    let adjacent = |a: &Term, b: &Term| a.position + a.length == b.position;
    terms
        .chunk_by(adjacent)
        .filter_map(|run| {
            let (first, last) = (
                run.iter().position(belongs)?,
                run.iter().rposition(belongs)?,
            );
            let named = run.get(first..=last)?;
            named.iter().any(names_entity).then(|| named.to_vec())
        })
        .collect()
}
