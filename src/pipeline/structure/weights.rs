//! What speaks for and against a join, and how much: the one place of its weights.

/// Something that a name, a type or a place in the schema says about one possible join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Every pair starts from here.
    Start,
    /// The catalog's description names the table.
    Stated,
    /// The column is called exactly as the key, and that says more than `id`.
    SameName,
    /// The column's name ends in the key's, and that says more than `id`.
    SameNameEnd,
    /// The same but for a prefix that all columns of a table bear.
    SameNameButPrefix,
    /// The column is named after the table, word for word.
    Named,
    /// Named after it in abbreviated or inflected words.
    NamedAlike,
    /// Named after a part of it in abbreviated or inflected words.
    VaguelyAlike,
    /// Named after it by first letters.
    NamedByInitials,
    /// Words of the table's name that the child's name supplies, each.
    Given,
    /// Leading words of the table's name that nothing supplies, each.
    MissingHead,
    /// A word that begins the names of several tables is left out: `auth` of `auth_user`.
    MissingModule,
    /// Closing words of the table's name that are left out, each.
    MissingTail,
    /// No other table's name ends in the same word, and words of the name are left out.
    OnlyEnding,
    /// Words before the table's name, each.
    Role,
    /// A word of the column stands in place of one of the table's: `tax_info` and
    /// `contact_info`.
    Replaced,
    /// The child's name is the parent's with words behind it: `order` and `order_item`.
    Extends,
    /// Words behind the key word.
    Tail,
    /// Called alike in a scope of terse names, where no name holds a key word.
    SameTerseName,
    /// Neither is named after the other.
    Unnamed,
    /// A word that points from a row to another of the same table: `parent_id`.
    SelfWord,
    /// The table itself, without such a word.
    Itself,
    /// The word for someone who acts, and a table of people: `author_id`.
    Agent,
    /// A word that sounds like someone who acts: `trainer_id`.
    AgentBySound,
    /// A date key and a calendar that is not called so.
    Calendar,
    /// No key word, and a number.
    PlainNumber,
    /// No key word, and a text.
    PlainText,
    /// No key word, and of another type or none.
    PlainOther,
    /// The key word of a business key.
    NaturalWord,
    /// Both end in the same key word.
    SameKeyWord,
    /// The key word is one that warehouses give to surrogate keys alone: `sk`, `key`.
    WarehouseKeyWord,
    /// Such a key word, and only one table comes into question.
    OnlyChoice,
    /// The key is called `id`, `key` or the like.
    BareKey,
    /// A surrogate key against a business key, or the other way round.
    OtherKindOfKey,
    /// The parent has a column of exactly this name that is not its key.
    SameNameBeside,
    /// A column of the parent that is not its primary key.
    NotTheKey,
    /// The type is the same to the letter.
    SameType,
    /// A type that the catalog does not tell.
    UnknownType,
    /// No other table comes into question.
    Alone,
    /// Another table fits better.
    Outranked,
    /// How many tables fit as well, this one counted (natural logarithm).
    Rivals,
    /// The parent's key is flagged by the catalog.
    FlaggedKey,
    /// The column is the child's own key.
    OwnKey,
    /// The column is a part of the child's own key.
    OwnKeyPart,
    /// In another schema of the same scope.
    OtherSchema,
    /// In a schema of another scope.
    OtherScope,
    /// The class that the column's name gives away is the parent's.
    ClassAgrees,
    /// The class that the column's name gives away is not the parent's.
    ClassContradicts,
    /// Both are staging tables.
    SameLayer,
    /// A log, staging or backup table as the parent.
    Technical,
    /// The column sounds like a number that is counted or measured.
    Measure,
    /// The parent points back at the child, and more surely.
    PointedBack,
    /// All columns of a composite key are there under their names.
    Composite,
}

impl Signal {
    /// All of them, in order.
    pub const ALL: &[Self] = &[
        Self::Start,
        Self::Stated,
        Self::SameName,
        Self::SameNameEnd,
        Self::SameNameButPrefix,
        Self::Named,
        Self::NamedAlike,
        Self::VaguelyAlike,
        Self::NamedByInitials,
        Self::Given,
        Self::MissingHead,
        Self::MissingModule,
        Self::MissingTail,
        Self::OnlyEnding,
        Self::Role,
        Self::Replaced,
        Self::Extends,
        Self::Tail,
        Self::SameTerseName,
        Self::Unnamed,
        Self::SelfWord,
        Self::Itself,
        Self::Agent,
        Self::AgentBySound,
        Self::Calendar,
        Self::PlainNumber,
        Self::PlainText,
        Self::PlainOther,
        Self::NaturalWord,
        Self::SameKeyWord,
        Self::WarehouseKeyWord,
        Self::OnlyChoice,
        Self::BareKey,
        Self::OtherKindOfKey,
        Self::SameNameBeside,
        Self::NotTheKey,
        Self::SameType,
        Self::UnknownType,
        Self::Alone,
        Self::Outranked,
        Self::Rivals,
        Self::FlaggedKey,
        Self::OwnKey,
        Self::OwnKeyPart,
        Self::OtherSchema,
        Self::OtherScope,
        Self::ClassAgrees,
        Self::ClassContradicts,
        Self::SameLayer,
        Self::Technical,
        Self::Measure,
        Self::PointedBack,
        Self::Composite,
    ];

    /// What one unit of the signal adds to the log-odds that the join is meant.
    #[must_use]
    #[expect(clippy::match_same_arms, reason = "one weight a line, as fitted")]
    pub fn weight(self) -> f64 {
        match self {
            Self::Start => -4.2,
            Self::Stated => 5.0,
            Self::SameName => 0.3,
            Self::SameNameEnd => 1.4,
            Self::SameNameButPrefix => 1.6,
            Self::Named => 1.0,
            Self::NamedAlike => 0.1,
            Self::VaguelyAlike => -0.1,
            Self::NamedByInitials => 1.6,
            Self::Given => -0.3,
            Self::MissingHead => -0.9,
            Self::MissingModule => -1.4,
            Self::MissingTail => -1.9,
            Self::OnlyEnding => 0.5,
            Self::Role => -0.7,
            Self::Replaced => -1.3,
            Self::Extends => 0.5,
            Self::Tail => -0.5,
            Self::SameTerseName => 4.0,
            Self::Unnamed => -0.9,
            Self::SelfWord => 1.4,
            Self::Itself => -1.7,
            Self::AgentBySound => -1.1,
            Self::Agent => -1.0,
            Self::Calendar => -0.6,
            Self::PlainNumber => 2.0,
            Self::PlainText => -0.9,
            Self::PlainOther => 0.5,
            Self::NaturalWord => -0.2,
            Self::SameKeyWord => 2.8,
            Self::WarehouseKeyWord => 0.5,
            Self::OnlyChoice => 0.5,
            Self::BareKey => 1.0,
            Self::OtherKindOfKey => 0.0,
            Self::SameNameBeside => -1.9,
            Self::NotTheKey => -2.6,
            Self::SameType => 2.1,
            Self::UnknownType => 0.5,
            Self::Alone => 0.4,
            Self::Outranked => -3.6,
            Self::Rivals => -1.7,
            Self::FlaggedKey => 0.2,
            Self::OwnKey => -0.6,
            Self::OwnKeyPart => 0.5,
            Self::OtherSchema => -0.4,
            Self::OtherScope => -0.8,
            Self::ClassAgrees => -0.4,
            Self::ClassContradicts => -2.7,
            Self::SameLayer => 0.5,
            Self::Technical => -0.8,
            Self::Measure => 1.6,
            Self::PointedBack => -1.6,
            Self::Composite => 2.5,
        }
    }
}

/// The least confidence with which a join is claimed, 0–1.
pub(super) const LEAST: f64 = 0.55;
/// No inference is surer than this.
const MOST: f64 = 0.99;

/// The probability that a join is meant: the logistic function of the sum of its signals.
pub(super) fn confidence(signals: &[(Signal, f64)]) -> f64 {
    let odds: f64 = signals
        .iter()
        .map(|(signal, strength)| signal.weight() * strength)
        .sum();
    (1.0 / (1.0 + (-odds).exp())).min(MOST)
}

/// A confidence with one more signal taken into account.
pub(super) fn with(confidence: f64, signal: Signal) -> f64 {
    let odds = (confidence / (1.0 - confidence)).ln() + signal.weight();
    1.0 / (1.0 + (-odds).exp())
}
