//! The tables that an entity may mean, ranked, each with how probably it is meant.

use super::calibration::{self, Signals};
use crate::catalog::{Catalog, TableId};
use crate::text;

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
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) table: TableId,
    /// How well it fits, 0–1: what candidates are ranked by.
    pub(super) score: f64,
    /// How probably it is meant, 0–1.
    pub(super) confidence: f64,
    pub(super) signals: Signals,
    pub(super) evidence: Vec<String>,
    /// Places of the columns that meet the phrase, the best first.
    pub(super) columns: Vec<usize>,
    pub(super) named: Named,
    /// In the schema that most of the request is about.
    pub(super) at_home: bool,
}

impl Scored {
    /// A table that nothing speaks of.
    pub(super) fn unmet(table: TableId) -> Self {
        Self {
            table,
            score: 0.0,
            confidence: 0.0,
            signals: Signals::default(),
            evidence: Vec::new(),
            columns: Vec::new(),
            named: Named::No,
            at_home: false,
        }
    }
}

/// Best first: what is named before what is spoken of; of equal ones the table at home,
/// then the one that lists put first.
pub(super) fn sort(catalog: &Catalog, scored: &mut [Scored]) {
    let rank = |candidate: &Scored| {
        // Bare or full, a name is a name.
        (
            candidate.named != Named::No,
            (candidate.score * 1000.0).round(),
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

/// Works out how probably each of the sorted candidates is meant, against the others.
pub(super) fn calibrate(catalog: &Catalog, scored: &mut [Scored]) {
    let ranked: Vec<(String, f64)> = scored
        .iter()
        .map(|candidate| {
            let name = text::fold(&catalog.table(candidate.table).name);
            (name, candidate.score)
        })
        .collect();
    let first = ranked.first().cloned();
    let second = first.as_ref().and_then(|(best_name, _)| {
        let mut others = ranked.iter();
        others.find(|(name, _)| name != best_name).cloned()
    });
    let mut least = 1.0_f64;
    for (candidate, (name, score)) in scored.iter_mut().zip(&ranked) {
        // The same view in another schema is no rival.
        let rivals = [&first, &second].into_iter().flatten();
        let best = rivals
            .filter(|(other, _)| other != name)
            .map(|(_, best)| *best)
            .next()
            .unwrap_or_default();
        candidate.signals.margin = (score - best).clamp(-1.0, 1.0);
        candidate.confidence = if candidate.named == Named::No {
            calibration::probability(candidate.signals)
        } else {
            1.0
        };
        // What ranks lower is not surer.
        least = least.min(candidate.confidence);
        candidate.confidence = least;
    }
}
