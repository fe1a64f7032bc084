//! Which tables the out-of-scope part of a request means.
//!
//! By meaning, not by substring: a sentence is read as the search reads an entity, and a
//! table goes only where all the sentence says is said of it too. Leaving out something
//! wrongly is worse than a warning, so what is only near to a word never decides alone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::index::{Field, KeyId};
use super::query::{Query, QueryKey};
use super::scope::identifiers;
use super::search::Search;
use super::{Sources, entity_called};
use crate::catalog::{Catalog, TableId, Upstream, Via};
use crate::glossary::Kind;
use crate::pipeline::request::Request;
use crate::text;

/// How surely a table has to be meant to go on the search's word alone.
const SURE: f64 = 0.9;
/// The least share of the phrase that its name meets then.
const NAMED_MIN: f64 = 0.5;
/// A way of this strength is the word itself, not one that stands near it.
const ITSELF: f64 = 0.8;

/// Fields that say what a table is about, and all that speak of it.
const NAMING: [Field; 4] = [
    Field::Name,
    Field::BusinessName,
    Field::Schema,
    Field::DescriptionHead,
];
const SPEAKING: [Field; 5] = [
    Field::Name,
    Field::BusinessName,
    Field::Schema,
    Field::DescriptionHead,
    Field::Description,
];

/// The tables of the scope that the out-of-scope sentences mean, each with its sentence:
/// those that a sentence names, those of whose names or descriptions all its words speak,
/// and views that say they stand on one of these.
pub(super) fn ruled_out(
    sources: Sources<'_>,
    request: &Request,
    scope: &[TableId],
    warnings: &mut Vec<String>,
) -> Vec<(TableId, String)> {
    let catalog = sources.catalog;
    let ruling = Ruling {
        sources,
        search: Search::new(sources, scope),
        single: single_names(sources, scope),
        in_scope: scope.iter().copied().collect(),
    };
    let mut found: BTreeMap<TableId, String> = BTreeMap::new();
    for sentence in &request.scope_out {
        for table in ruling.meant(sentence, scope.len(), warnings) {
            found.entry(table).or_insert_with(|| sentence.clone());
        }
    }
    follow(catalog, &ruling.in_scope, &mut found);
    let mut found: Vec<(TableId, String)> = found.into_iter().collect();
    found.sort_by(|a, b| catalog.list_order(a.0, b.0));
    found
}

/// What is left out is left out under every name.
fn follow(catalog: &Catalog, in_scope: &HashSet<TableId>, found: &mut BTreeMap<TableId, String>) {
    let mut unfollowed: Vec<TableId> = found.keys().copied().collect();
    while let Some(out) = unfollowed.pop() {
        let stands_on =
            |source: &Upstream| source.table == Some(out) && source.via.contains(&Via::Description);
        for view in catalog
            .downstream(out)
            .iter()
            .filter(|view| in_scope.contains(view))
        {
            let is_view = catalog.upstream(*view).iter().any(stands_on);
            if is_view && !found.contains_key(view) {
                let sentence = found.get(&out).cloned().unwrap_or_default();
                found.insert(*view, sentence);
                unfollowed.push(*view);
            }
        }
    }
}

/// The keys that are the whole name of a table.
fn single_names(sources: Sources<'_>, scope: &[TableId]) -> HashSet<KeyId> {
    let names = scope.iter().map(|table| sources.index.name_keys(*table));
    names
        .filter_map(|name| match name {
            [(only, _)] => Some(*only),
            _ => None,
        })
        .collect()
}

struct Ruling<'a> {
    sources: Sources<'a>,
    search: Search<'a>,
    single: HashSet<KeyId>,
    in_scope: HashSet<TableId>,
}

impl Ruling<'_> {
    /// The tables that one sentence means.
    fn meant(
        &self,
        sentence: &str,
        tables: usize,
        warnings: &mut Vec<String>,
    ) -> BTreeSet<TableId> {
        let shown = text::shorten(sentence, 80);
        let mut meant: BTreeSet<TableId> = identifiers(sentence)
            .filter(|word| word.contains('_') || word.contains('.'))
            .flat_map(|word| self.sources.catalog.named(word))
            .filter(|table| self.in_scope.contains(table))
            .collect();
        let mut too_general = false;
        for part in alternatives(sentence) {
            let about = self.about(&part);
            // "Purchasing" would rule out a whole purchasing mart: too general to obey.
            if about.len() * 2 > tables {
                too_general = true;
                let fits = about.len();
                warnings.push(format!(
                    "Out of scope \"{shown}\" fits {fits} of {tables} tables: too general, not applied."
                ));
            } else {
                meant.extend(about);
            }
        }
        if meant.is_empty() && !too_general && tables > 0 {
            warnings.push(format!(
                "Out of scope \"{shown}\" fits no table in scope, so it excludes none."
            ));
        }
        meant
    }

    /// Tables of whose names or descriptions every word of a phrase speaks, at least one
    /// of them in a name or as what the description is about; and the one that the search
    /// is sure of.
    fn about(&self, phrase: &str) -> BTreeSet<TableId> {
        let Sources {
            index, glossary, ..
        } = self.sources;
        let query = Query::new(glossary, index, phrase);
        // A word the catalog does not know narrows nothing, unless it is the thing itself.
        let keys: Vec<&QueryKey> = query
            .keys
            .iter()
            .filter(|key| key.head || self.is_known(key))
            .collect();
        let mut named = BTreeSet::new();
        let mut spoken: Option<BTreeSet<TableId>> = None;
        for key in &keys {
            let naming = self.with(key, &NAMING, ITSELF);
            let speaking = self.with(key, &SPEAKING, ITSELF);
            if key.kind != Some(Kind::Modifier) {
                // Or the name says what stands near, and the description the word itself.
                let near = self.with(key, &[Field::Name], 0.0);
                named.extend(near.intersection(&speaking).copied());
                named.extend(naming);
            }
            spoken = Some(match spoken {
                None => speaking,
                Some(so_far) => so_far.intersection(&speaking).copied().collect(),
            });
        }
        let both = spoken.unwrap_or_default();
        let mut about: BTreeSet<TableId> = both.intersection(&named).copied().collect();
        about.retain(|table| !self.is_other_thing(*table, &keys));
        about.extend(self.sure_of(phrase));
        about
    }

    fn is_known(&self, key: &QueryKey) -> bool {
        let itself = key.ways.iter().filter(|way| way.strength >= ITSELF);
        itself
            .into_iter()
            .any(|way| self.sources.index.knows(&way.key))
    }

    /// The tables that have a key, by ways at least so strong, in one of some fields.
    fn with(&self, key: &QueryKey, fields: &[Field], least: f64) -> BTreeSet<TableId> {
        let ways = key.ways.iter().filter(|way| way.strength >= least);
        ways.flat_map(|way| self.sources.index.postings(&way.key))
            .filter(|posting| {
                fields.contains(&posting.field) && self.in_scope.contains(&posting.table)
            })
            .map(|posting| posting.table)
            .collect()
    }

    /// "Invoices" are not `dimv_invoice_date`, which is a date, as a table `dimv_date`
    /// shows: a name that ends in the name of another table is that thing in a role.
    fn is_other_thing(&self, table: TableId, keys: &[&QueryKey]) -> bool {
        let index = self.sources.index;
        match index.name_keys(table) {
            [_, .., (last, _)] if self.single.contains(last) => {
                let mut ways = keys.iter().flat_map(|key| &key.ways);
                !ways.any(|way| way.strength >= ITSELF && index.key(&way.key) == Some(*last))
            }
            _ => false,
        }
    }

    /// The table that the search would map the phrase to, where it is sure.
    fn sure_of(&self, phrase: &str) -> Option<TableId> {
        let best = self
            .search
            .candidates(&entity_called(phrase))
            .into_iter()
            .next()?;
        (best.confidence >= SURE && best.signals.named >= NAMED_MIN).then_some(best.table)
    }
}

/// What sentences say about leaving out, and nothing of what is left out; folded.
const STATEMENTS: &[&str] = &[
    "is not part of this project",
    "are not part of this project",
    "not part of this project",
    "is not part of the project",
    "are not part of the project",
    "not part of the project",
    "is not in scope",
    "are not in scope",
    "not in scope",
    "is out of scope",
    "are out of scope",
    "out of scope",
    "is not needed",
    "are not needed",
    "is excluded",
    "are excluded",
    "is handled elsewhere",
    "are handled elsewhere",
    "will not be covered",
    "is not covered",
    "are not covered",
    "resi jiny projekt",
    "resi jiny tym",
    "resi samostatny projekt",
    "je mimo rozsah",
    "jsou mimo rozsah",
    "mimo rozsah",
    "neni soucasti projektu",
    "nejsou soucasti projektu",
    "neni soucasti",
    "nejsou soucasti",
    "neni predmetem projektu",
    "nejsou predmetem projektu",
    "nebudeme resit",
    "neresime",
    "nepotrebujeme",
    "riesi iny projekt",
    "riesi iny tim",
    "riesi samostatny projekt",
    "je mimo rozsahu",
    "su mimo rozsahu",
    "mimo rozsahu",
    "nie je sucastou projektu",
    "nie su sucastou projektu",
    "nie je sucastou",
    "nie su sucastou",
    "nebudeme riesit",
    "neriesime",
];

/// Words that stand before or after what is left out, folded.
const EMPTY_WORDS: &[&str] = &[
    "no",
    "any",
    "all",
    "everything",
    "anything",
    "about",
    "related",
    "topic",
    "topics",
    "analysis",
    "analytics",
    "analyza",
    "analyzy",
    "analyz",
    "tema",
    "temata",
    "temy",
    "tematika",
    "agenda",
    "veskera",
    "veskere",
    "vsechna",
    "vsechny",
    "zadne",
    "zadna",
    "zadny",
    "vsetky",
    "ziadne",
    "ziadna",
    "ziadny",
    "oblast",
    "problematika",
    "ich",
    "jejich",
    "their",
    "technicke",
    "technical",
];

/// Words after which a clause only says more about it, folded.
const CLAUSES: &[&str] = &[
    "before", "after", "when", "where", "which", "that", "who", "while", "because", "until",
    "than", "ktery", "ktera", "ktere", "kteri", "ktory", "ktora", "ktore", "ktori", "kde", "kdyz",
    "protoze", "pretoze", "nez", "kym", "ked", "aby",
];

/// The alternatives a sentence enumerates; remarks in parentheses and after a dash left out.
fn alternatives(sentence: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let outside: String = sentence
        .chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    let mut head = outside.trim();
    for dash in [" – ", " — ", " - "] {
        head = head.split(dash).next().unwrap_or_default();
    }
    let mut parts = vec![without_statement(head)];
    for separator in [
        ", ", "; ", " a ", " and ", " nebo ", " alebo ", " or ", " & ", " / ", " i ",
    ] {
        parts = parts
            .iter()
            .flat_map(|part| part.split(separator))
            .map(str::to_owned)
            .collect();
    }
    let mut parts: Vec<String> = parts.iter().map(|part| told(part)).collect();
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// A sentence without the words that say it is about leaving out.
fn without_statement(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let folded: Vec<String> = words
        .iter()
        .map(|word| text::fold(word.trim_matches(|c: char| !c.is_alphanumeric())))
        .collect();
    for statement in STATEMENTS {
        let length = statement.split(' ').count();
        let at = folded
            .windows(length)
            .position(|part| part.iter().map(String::as_str).eq(statement.split(' ')));
        if let Some(at) = at {
            let before = words.get(..at).unwrap_or_default();
            let after = words.get(at + length..).unwrap_or_default();
            return [before, after].concat().join(" ");
        }
    }
    sentence.to_owned()
}

/// What a part tells: without words that say nothing and without the clause that follows.
fn told(part: &str) -> String {
    let fold = |word: &str| text::fold(word.trim_matches(|c: char| !c.is_alphanumeric()));
    let words: Vec<&str> = part.split_whitespace().collect();
    let end = words
        .iter()
        .skip(1)
        .position(|word| CLAUSES.contains(&fold(word).as_str()))
        .map_or(words.len(), |at| at + 1);
    let kept: Vec<&str> = words
        .iter()
        .take(end)
        .copied()
        .filter(|word| !EMPTY_WORDS.contains(&fold(word).as_str()))
        .collect();
    // "Analyses" alone are what is left out.
    if kept.is_empty() {
        part.trim().to_owned()
    } else {
        kept.join(" ")
    }
}
