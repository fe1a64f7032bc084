//! The weights of the search, and what turns its score into a probability.

/// What meetings and words count. Set on the labelled phrases of the evaluation's sets
/// (`cargo run --release --example evaluate`).
pub(super) mod weight {
    use super::super::index::Field;
    use crate::glossary::Kind;

    /// What a meeting in a field is worth against one in the name, 0–1 (fielded scoring in
    /// the manner of BM25F, Robertson and Zaragoza 2009, without its saturation: a name
    /// holds a word once).
    pub(in super::super) fn of_field(field: Field) -> f64 {
        match field {
            Field::Name => 1.0,
            Field::BusinessName => 0.97,
            Field::DescriptionHead => 0.85,
            Field::Description => 0.75,
            Field::ColumnName => 0.55,
            Field::Schema => 0.45,
            Field::ColumnDescription => 0.4,
        }
    }

    /// How much a word of a kind counts in a phrase.
    pub(in super::super) fn of_kind(kind: Option<Kind>) -> f64 {
        match kind {
            Some(Kind::Entity) => 1.0,
            None => 0.9,
            Some(Kind::Measure | Kind::Time | Kind::Attribute) => 0.8,
            Some(Kind::Modifier) => 0.6,
        }
    }

    /// The word that the phrase is about, against the others.
    pub(in super::super) const HEAD: f64 = 1.6;
    /// A word that says how something is computed, against those that say what it is.
    pub(in super::super) const AGGREGATE: f64 = 0.4;
    /// Of the whole, the part that a fully covered table name adds.
    pub(in super::super) const SPECIFIC: f64 = 0.25;
    /// A term that stands near the one asked for.
    pub(in super::super) const RELATED: f64 = 0.55;
    /// The same where a table is called after the term itself.
    pub(in super::super) const RELATED_TOO: f64 = 0.3;
    /// Each further one of these, against the one before.
    pub(in super::super) const FURTHER: f64 = 0.96;
    /// The entity's description speaks of the table too.
    pub(in super::super) const DESCRIPTION: f64 = 0.03;
    /// A word that the catalog does not know, beside one that says what is meant.
    /// A thing that is missing is missed more than what only describes.
    pub(in super::super) fn unheard_of(kind: Option<Kind>) -> f64 {
        match kind {
            Some(Kind::Entity) => 0.65,
            _ => 0.4,
        }
    }
    /// Phrase and table name share words and are about different things.
    pub(in super::super) const OTHER_HEAD: f64 = 0.85;
    /// The table's name has words of the phrase, and not the thing it is about.
    pub(in super::super) const BESIDE: f64 = 0.8;
    /// Tables that are seldom meant by the plain name.
    pub(in super::super) const SECONDARY: f64 = 0.93;
    /// A word of a column's name, where another column holds more of the phrase.
    pub(in super::super) const SCATTERED: f64 = 0.7;
    /// A phrase of several words of which one column's name has all.
    pub(in super::super) const COLUMN: f64 = 0.7;
    /// All columns that a well-known metric is computed from.
    pub(in super::super) const METRIC: f64 = 0.35;
    /// A word in the name of a table one join away.
    pub(in super::super) const NEIGHBOUR: f64 = 0.25;
}

/// What is known of a candidate when its confidence is worked out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signals {
    /// Its score, 0–1.
    pub score: f64,
    /// How far it is ahead of the best table of another name, −1–1.
    pub margin: f64,
    /// The share of the phrase, by weight, that its name meets.
    pub named: f64,
    /// The share that nothing meets.
    pub missed: f64,
    /// The share by which what is met is only near to what the phrase says: another term,
    /// a word written alike or cut short.
    pub near: f64,
}

impl Signals {
    /// How many there are.
    pub const COUNT: usize = 5;
    /// What they are called, in the order of [`Signals::values`].
    pub const NAMES: [&str; Self::COUNT] = ["score", "margin", "named", "missed", "near"];

    /// All of them, in order.
    #[must_use]
    pub fn values(self) -> [f64; Self::COUNT] {
        [self.score, self.margin, self.named, self.missed, self.near]
    }
}

/// The most that anything but a name in so many words is worth.
pub(super) const MOST: f64 = 0.98;

/// Coefficients of the logistic function that makes a probability of the signals (Platt
/// 1999).
const INTERCEPT: f64 = -0.23;
const SCORE: f64 = 1.87;
const MARGIN: f64 = 5.55;
const NAMED: f64 = -0.37;
const NEAR: f64 = -1.22;
const MISSED: f64 = -1.58;

/// How probably a candidate is right.
pub(super) fn probability(signals: Signals) -> f64 {
    let sum = INTERCEPT
        + SCORE * signals.score
        + MARGIN * signals.margin
        + NAMED * signals.named
        + MISSED * signals.missed
        + NEAR * signals.near;
    (1.0 / (1.0 + (-sum).exp())).min(MOST)
}
