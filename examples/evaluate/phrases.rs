//! Phrases and sentences of people against the tables they mean.

use std::collections::{BTreeMap, BTreeSet};

use mcop_api::catalog::Catalog;
use mcop_api::glossary::Glossary;
use mcop_api::pipeline::mapping::{self, Candidate, EntityMapping, MatchStatus, SearchIndex};
use mcop_api::pipeline::request::{Entity, Request};
use mcop_api::pipeline::structure;

use crate::scores::{Forecasts, Share};
use crate::sets::{Phrase, Sentence};

/// How many candidates count as offered.
const OFFERED: usize = 5;
/// How many candidates of a wrong answer are shown.
const SHOWN: usize = 3;

/// How good the answers to phrases are.
#[derive(Debug, Clone, Default)]
pub(crate) struct PhraseScores {
    pub(crate) phrases: usize,
    /// The first candidate is right, of the phrases that mean something.
    pub(crate) first: Share,
    /// One of the first five is.
    pub(crate) offered: Share,
    /// Answers "no match" that are right.
    pub(crate) no_match_precision: Share,
    /// Phrases that mean nothing and are told so.
    pub(crate) no_match_recall: Share,
    /// The first column of the first candidate is right.
    pub(crate) first_column: Share,
    /// One of the columns of the candidates is.
    pub(crate) offered_column: Share,
    /// The first candidates.
    pub(crate) claims: Forecasts,
}

impl PhraseScores {
    pub(crate) fn add(&mut self, other: &Self) {
        self.phrases += other.phrases;
        self.first.add(other.first);
        self.offered.add(other.offered);
        self.no_match_precision.add(other.no_match_precision);
        self.no_match_recall.add(other.no_match_recall);
        self.first_column.add(other.first_column);
        self.offered_column.add(other.offered_column);
        self.claims.add(&other.claims);
    }
}

/// What comparing found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) by_language: BTreeMap<String, PhraseScores>,
    /// Sentences whose exclusions are right.
    pub(crate) exclusions: Share,
    /// What is wrong, in lines.
    pub(crate) errors: Vec<String>,
    /// Names that the export does not know.
    pub(crate) problems: Vec<String>,
}

/// Maps phrases and obeys sentences over a whole catalog.
pub(crate) fn judge(catalog: &Catalog, phrases: &[Phrase], sentences: &[Sentence]) -> Findings {
    let everything: Vec<_> = catalog.tables().map(|(id, _)| id).collect();
    let structure = structure::analyse(catalog, &everything);
    let index = SearchIndex::new(catalog, Glossary::embedded()).with_neighbours(&structure);
    let mut judge = Judge {
        sources: mapping::Sources {
            catalog,
            index: &index,
            glossary: Glossary::embedded(),
        },
        found: Findings::default(),
    };
    for phrase in phrases {
        judge.phrase(phrase);
    }
    for sentence in sentences {
        judge.sentence(sentence);
    }
    judge.found
}

struct Judge<'c> {
    sources: mapping::Sources<'c>,
    found: Findings,
}

impl Judge<'_> {
    fn phrase(&mut self, phrase: &Phrase) {
        let wanted = self.full_names(&phrase.tables);
        let Some(answer) = self.answer(&phrase.text) else {
            self.problem(format!("\"{}\" was not looked for", phrase.text));
            return;
        };
        let is_right = |candidate: &Candidate| wanted.contains(&candidate.full_name);
        let first = answer.candidates.first();
        let right = first.is_some_and(is_right);
        let offered = answer.candidates.iter().take(OFFERED).any(is_right);
        let means_nothing = phrase.tables.is_empty();
        let no_match = answer.status == MatchStatus::NoMatch;
        let scores = self.scores(phrase);
        scores.phrases += 1;
        if means_nothing {
            scores.no_match_recall.count(no_match);
        } else {
            scores.first.count(right);
            scores.offered.count(offered);
        }
        if no_match {
            scores.no_match_precision.count(means_nothing);
        }
        if let Some(first) = first {
            scores.claims.claim(first.confidence, right);
        }
        let is_fine = right || (means_nothing && no_match);
        if !is_fine {
            self.list(phrase, &answer);
        }
        if !phrase.columns.is_empty() {
            self.columns(phrase, &answer);
        }
    }

    fn scores(&mut self, phrase: &Phrase) -> &mut PhraseScores {
        let by_language = &mut self.found.by_language;
        by_language.entry(phrase.language.clone()).or_default()
    }

    /// Judges the columns of an answer; one without any is wrong.
    fn columns(&mut self, phrase: &Phrase, answer: &EntityMapping) {
        let wanted = self.column_names(&phrase.columns);
        let is_right = |(candidate, column): &(usize, String)| {
            let candidate = answer.candidates.get(*candidate);
            candidate
                .is_some_and(|table| wanted.contains(&(table.full_name.clone(), column.clone())))
        };
        let mut offered: Vec<(usize, String)> = Vec::new();
        for (place, candidate) in answer.candidates.iter().take(OFFERED).enumerate() {
            let columns = candidate.columns.iter().cloned();
            offered.extend(columns.map(|column| (place, column)));
        }
        let first = offered.first().filter(|(candidate, _)| *candidate == 0);
        let right = first.is_some_and(is_right);
        let among = offered.iter().any(is_right);
        let scores = self.scores(phrase);
        scores.first_column.count(right);
        scores.offered_column.count(among);
        if !right {
            let of_first = offered.iter().filter(|(candidate, _)| *candidate == 0);
            let columns: Vec<&str> = of_first.map(|(_, column)| column.as_str()).collect();
            let line = format!(
                "wrong column: \"{}\" ({}): {} [{}]; right: {}",
                phrase.text,
                phrase.language,
                answer
                    .candidates
                    .first()
                    .map_or("no match", |first| &first.full_name),
                columns.join(", "),
                phrase.columns.join(" | "),
            );
            self.found.errors.push(line);
        }
    }

    fn sentence(&mut self, sentence: &Sentence) {
        let excluded = self.full_names(&sentence.excluded);
        let kept = self.full_names(&sentence.kept);
        let request = Request {
            scope_out: vec![sentence.text.clone()],
            ..Request::default()
        };
        let mapping = mapping::map(self.sources, &request, None);
        let catalog = self.sources.catalog;
        // A schema that is ruled out is not even in scope.
        let mut left: BTreeSet<String> = mapping
            .scope
            .iter()
            .map(|table| catalog.full_name(*table))
            .collect();
        for out in &mapping.report.excluded {
            left.remove(&out.table);
        }
        let (stayed, gone): (Vec<&String>, Vec<&String>) = (
            excluded.intersection(&left).collect(),
            kept.difference(&left).collect(),
        );
        let right = stayed.is_empty() && gone.is_empty();
        self.found.exclusions.count(right);
        if !right {
            let text = &sentence.text;
            self.found.errors.push(format!(
                "wrong exclusion: \"{text}\" leaves {stayed:?} in and takes {gone:?} out"
            ));
        }
    }

    fn answer(&self, phrase: &str) -> Option<EntityMapping> {
        let entity = Entity {
            name: phrase.to_owned(),
            alias: None,
            tables: Vec::new(),
            description: None,
        };
        let request = Request {
            entities: vec![entity],
            ..Request::default()
        };
        let mapping = mapping::map(self.sources, &request, None);
        mapping.report.mappings.into_iter().next()
    }

    fn list(&mut self, phrase: &Phrase, answer: &EntityMapping) {
        let candidates: Vec<String> = answer
            .candidates
            .iter()
            .take(SHOWN)
            .map(|candidate| format!("{} {:.2}", candidate.full_name, candidate.confidence))
            .collect();
        let found = match (&answer.runner_up, candidates.is_empty()) {
            (_, false) => candidates.join(", "),
            (Some(best), true) => {
                format!("no match (best {} {:.2})", best.full_name, best.confidence)
            }
            (None, true) => "no match".to_owned(),
        };
        let wanted = if phrase.tables.is_empty() {
            "no match".to_owned()
        } else {
            phrase.tables.join(" | ")
        };
        let (text, language) = (&phrase.text, &phrase.language);
        self.found.errors.push(format!(
            "wrong table: \"{text}\" ({language}): {found}; right: {wanted}"
        ));
    }

    /// The full names of all tables that are called so.
    fn full_names(&mut self, names: &[String]) -> BTreeSet<String> {
        let catalog = self.sources.catalog;
        let mut full = BTreeSet::new();
        for name in names {
            let found = catalog.named(name);
            if found.is_empty() {
                self.problem(format!("no table is called {name}"));
            }
            full.extend(found.into_iter().map(|table| catalog.full_name(table)));
        }
        full
    }

    /// Full names of tables and the columns meant there.
    fn column_names(&mut self, names: &[String]) -> BTreeSet<(String, String)> {
        let catalog = self.sources.catalog;
        let mut full = BTreeSet::new();
        for name in names {
            let (table, column) = name.rsplit_once('.').unwrap_or((name, ""));
            let tables = catalog.named(table).into_iter();
            let known: Vec<_> = tables
                .filter(|table| {
                    let mut columns = catalog.table(*table).columns.iter();
                    columns.any(|known| *known.name == *column)
                })
                .collect();
            if known.is_empty() {
                self.problem(format!("no column is called {name}"));
            }
            let full_name = |table| (catalog.full_name(table), column.to_owned());
            full.extend(known.into_iter().map(full_name));
        }
        full
    }

    fn problem(&mut self, line: String) {
        if !self.found.problems.contains(&line) {
            self.found.problems.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalog() -> Catalog {
        let table = |name| {
            json!({ "id": name, "typeName": "Table", "displayName": name,
                    "fullName": format!("S>d>shop>{name}") })
        };
        let export = json!([table("customer"), table("order"), table("bank_account")]);
        Catalog::from_export(export.to_string().as_bytes())
            .unwrap()
            .0
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn hits_misses_and_refusals_are_counted_by_language() {
        let phrase = |text: &str, language: &str, tables: &[&str]| Phrase {
            text: text.to_owned(),
            language: language.to_owned(),
            tables: names(tables),
            columns: Vec::new(),
        };
        let phrases = [
            phrase("customers", "en", &["customer"]),
            phrase("orders", "en", &["customer", "shop.order"]),
            phrase("bank accounts", "en", &["order"]),
            phrase("xylophone", "en", &[]),
            phrase("xylofon", "cs", &["order", "invoice"]),
        ];
        let found = judge(&catalog(), &phrases, &[]);
        let english = &found.by_language["en"];
        assert_eq!(english.phrases, 4);
        assert_eq!(english.first, Share { right: 2, of: 3 });
        assert_eq!(english.no_match_recall, Share { right: 1, of: 1 });
        assert_eq!(english.first_column, Share::default());
        let czech = &found.by_language["cs"];
        assert_eq!(czech.no_match_precision, Share { right: 0, of: 1 });
        assert_eq!(found.errors.len(), 2);
        assert_eq!(found.problems, ["no table is called invoice"]);
    }

    #[test]
    fn a_sentence_is_right_if_all_goes_that_must_and_nothing_else() {
        let sentence = |text: &str, excluded: &[&str], kept: &[&str]| Sentence {
            text: text.to_owned(),
            excluded: names(excluded),
            kept: names(kept),
        };
        let sentences = [
            sentence("bank accounts", &["bank_account"], &["customer", "order"]),
            sentence("bank accounts", &["bank_account", "order"], &[]),
            sentence("bank accounts", &[], &["bank_account"]),
        ];
        let found = judge(&catalog(), &[], &sentences);
        assert_eq!(found.exclusions, Share { right: 1, of: 3 });
        assert_eq!(found.errors.len(), 2);
    }
}
