//! What speaks for and against a class, and how much: the one place of its weights.
//!
//! The weights of a class are those of a multinomial logistic regression: the confidence
//! of a class is the softmax of the sums over all clues. They were set by hand from the
//! literature and then fitted, held near what was set by hand, on the public sets and the
//! development warehouses, with and without key flags and class words; see `docs/`.

use super::names::NamedClass;

/// The four things a table can be taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likely {
    /// Measurements or events.
    Fact,
    /// Their context.
    Dimension,
    /// Pairs of related rows.
    Bridge,
    /// Owned by a loading process or a tool.
    Technical,
}

impl Likely {
    /// All of them, in the order of weights and probabilities.
    pub const ALL: [Self; 4] = [Self::Fact, Self::Dimension, Self::Bridge, Self::Technical];

    /// What a naming convention takes a table for.
    pub(super) fn named(class: NamedClass) -> Self {
        match class {
            NamedClass::Fact => Self::Fact,
            NamedClass::Dimension => Self::Dimension,
            NamedClass::Bridge => Self::Bridge,
            NamedClass::Technical => Self::Technical,
        }
    }
}

macro_rules! clues {
    ($($(#[$doc:meta])* $name:ident: [$fact:literal, $dimension:literal, $bridge:literal, $technical:literal],)*) => {
        /// Something that the name, the columns or the joins of a table say about its class.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Clue {
            $($(#[$doc])* $name,)*
        }

        impl Clue {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What one unit of the clue adds to the score of a fact, a dimension, a
            /// bridge and a technical table.
            #[must_use]
            pub fn weights(self) -> [f64; 4] {
                match self {
                    $(Self::$name => [$fact, $dimension, $bridge, $technical],)*
                }
            }
        }
    };
}

clues! {
    /// Every table starts from here.
    Start: [-0.4, 0.8, -0.5, -0.9],
    /// The name, or that of the schema, follows a convention for facts.
    NamedFact: [3.1, 0.2, 0.7, 0.0],
    /// … for dimensions.
    NamedDimension: [0.3, 3.6, 0.1, 0.0],
    /// … for bridges.
    NamedBridge: [0.2, 0.1, 3.7, 0.0],
    /// … for staging tables, logs and backups.
    NamedTechnical: [-0.8, -0.7, -0.5, 6.6],
    /// The name's noun is of something that happens: sales, payment, movement.
    EventNoun: [1.6, -0.7, -0.5, 0.3],
    /// … of people, places and things: customer, store.
    MasterNoun: [-0.7, 1.1, -0.1, -0.2],
    /// … of a code: type, status, reason.
    CodeNoun: [-1.1, 1.6, -0.2, -0.3],
    /// … of a relation: assignment, membership.
    LinkNoun: [-0.3, -0.4, 1.7, 0.0],
    /// A word of logs, jobs and staging areas is in the name.
    TechnicalNoun: [-0.5, -1.0, -0.5, 2.8],
    /// The name is put together from the names of two tables it points at.
    NamedAfterParents: [-0.1, -0.6, 1.3, 0.0],
    /// It continues the name of a table it points at: `order_item`, `order`.
    PartOfParent: [0.6, 0.0, 0.5, 0.0],
    /// The description speaks of measurements or says what one row stands for.
    DescribedFact: [1.5, -0.1, 0.6, 0.0],
    /// … of a dimension, a list, master data.
    DescribedDimension: [0.0, 1.5, 0.0, 0.0],
    /// … of a bridge, of many to many.
    DescribedBridge: [0.0, -0.3, 1.8, 0.0],
    /// … of a log, of loading.
    DescribedTechnical: [0.0, 0.0, 0.0, 1.5],
    /// Numbers that add up (natural logarithm of one more).
    Additive: [0.8, 0.2, -1.2, 0.2],
    /// Numbers that aggregate in any way (natural logarithm of one more).
    Measures: [0.6, 0.1, -0.9, 0.3],
    /// The share of numbers that aggregate among the columns of the business.
    MeasureShare: [1.9, -0.9, -0.6, 0.1],
    /// Tables it points at, calendars aside (natural logarithm of one more).
    Contexts: [1.1, -1.1, 1.1, -0.8],
    /// Tables that point at it (natural logarithm of one more).
    Children: [-0.7, 0.5, -0.5, -0.5],
    /// It points at no table, and tables point at it.
    Sink: [-1.5, 1.0, -1.0, 0.0],
    /// It points at two tables or more, and none points at it.
    Source: [0.6, -0.7, 0.3, 0.2],
    /// Neither points at it nor does it point anywhere.
    Alone: [-0.6, -0.1, -1.5, 1.2],
    /// The share of columns that refer among the columns of the business.
    ReferenceShare: [1.1, -1.7, 2.0, -0.4],
    /// It points at two tables or more and has few columns beside (1 for none).
    LittleElse: [-0.5, -0.8, 1.9, 0.1],
    /// A text says what its members are called.
    Naming: [-0.5, 1.0, -1.2, -0.6],
    /// Other texts (natural logarithm of one more).
    Texts: [-0.2, 0.7, -0.8, -0.2],
    /// What people, places and things are like (natural logarithm of one more).
    Traits: [-0.3, 1.1, -0.9, -0.5],
    /// Dates of events (natural logarithm of one more).
    Events: [2.2, -1.4, -1.0, 0.4],
    /// Dates that bound a life or a validity (natural logarithm of one more).
    Lifetimes: [-1.3, 0.0, 1.6, -0.1],
    /// Columns are the parts of a date or of a time of day.
    CalendarParts: [-2.0, 3.0, -1.0, -1.0],
    /// No key is known.
    NoKey: [0.5, -1.3, 0.3, 0.8],
    /// The key is one column of its own.
    OwnKey: [-0.2, 0.7, -0.8, -0.1],
    /// The key is one column that refers elsewhere.
    SharedKey: [0.1, 0.4, -0.4, -0.1],
    /// The key is made of references.
    KeyOfReferences: [0.5, -1.8, 1.3, -0.5],
    /// The key is made of references, a date among them.
    KeyOfDatedReferences: [1.8, -1.0, 0.0, -0.5],
    /// The key is made of references and columns of its own.
    KeyOfBoth: [0.7, -0.9, 0.8, -0.3],
    /// Two references to the same table are nearly all of it.
    Pairs: [-0.5, -0.8, 2.5, 0.0],
    /// A weight, a role or a rank beside two references or more, and little else.
    Weighting: [-0.5, -0.3, 1.6, 0.0],
    /// Columns of the loading process (share).
    Loading: [-0.4, 0.3, 0.0, 2.1],
    /// Facts among the tables that point at it (natural logarithm of one more).
    FactsPointHere: [-0.8, 0.5, -0.3, -0.5],
    /// Dimensions among them (natural logarithm of one more).
    DimensionsPointHere: [-1.1, 0.6, -0.6, -0.2],
    /// Facts among the tables it points at (natural logarithm of one more).
    PointsAtFacts: [0.7, -1.5, 0.6, 0.2],
    /// It plays a role of what is a dimension.
    RoleOfDimension: [-1.1, 2.9, -1.0, -0.3],
}

/// Clues and their strengths.
pub(super) type Clues = Vec<(Clue, f64)>;

/// The least probability with which a class is claimed, 0–1.
pub(super) const LEAST: f64 = 0.5;
/// No inference is surer than this.
const MOST: f64 = 0.97;
/// The most that a name is worth where no columns are listed.
pub(super) const NAME_ALONE: f64 = 0.85;
/// The most that the structure is worth where the name says another class.
pub(super) const AGAINST_NAME: f64 = 0.85;
/// How sure it is that a table is not classified where nothing decides.
pub(super) const UNDECIDED: f64 = 0.3;
/// How sure it is that a table is a copy of another: their names and columns agree.
pub(super) const COPY: f64 = 0.95;

/// The least share of columns of the loading process that makes a table its own.
const LOADING_MIN: f64 = 0.3;

/// Whether a clue is of a loading process or a tool, and not of a lack of everything else.
pub(super) fn is_technical((clue, strength): &(Clue, f64)) -> bool {
    matches!(
        clue,
        Clue::NamedTechnical | Clue::TechnicalNoun | Clue::DescribedTechnical
    ) || *clue == Clue::Loading && *strength >= LOADING_MIN
}

/// How likely a table is each of [`Likely::ALL`]: the softmax of the sums of its clues.
pub(super) fn probabilities(clues: &[(Clue, f64)]) -> [f64; 4] {
    let mut scores = [0.0_f64; 4];
    for (clue, strength) in clues {
        for (score, weight) in scores.iter_mut().zip(clue.weights()) {
            *score += weight * strength;
        }
    }
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let odds = scores.map(|score| (score - highest).exp());
    let sum: f64 = odds.iter().sum();
    odds.map(|odds| (odds / sum).min(MOST))
}
