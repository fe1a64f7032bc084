//! What each clue weighs: the one place.
//!
//! Weights are log-odds, added up and turned into a probability. They were set by hand, not
//! fitted: there is no large labelled set, and a weight a person can argue with is worth more
//! than a third decimal. What comes of them is measured in `measured.rs`.

use super::lexicon::Strength;

/// Before anything is known: about one column in six holds protected data.
pub(super) const PRIOR: f64 = -1.5;

/// What a phrase in the name says. An outright one alone gives 0.82, a likely one alone is a
/// coin toss that the table decides, a weak one alone is nothing.
pub(super) fn named(strength: Strength) -> f64 {
    match strength {
        Strength::Outright => 3.0,
        Strength::Likely | Strength::Role => 1.6,
        Strength::Weak => 0.2,
    }
}

/// What a phrase says that a description begins with: a little less than the name, because
/// sentences speak of other things, too.
pub(super) fn described(strength: Strength) -> f64 {
    match strength {
        Strength::Outright => 2.6,
        Strength::Likely | Strength::Role => 1.4,
        Strength::Weak => 0.2,
    }
}

/// Of a second and third source of the same clue this share counts: they are not independent,
/// as people describe a column in the words of its name.
pub(super) const REPEATED: f64 = 0.5;
/// A description that mentions it somewhere supports a name, and says nothing by itself.
pub(super) const MENTIONED: f64 = 0.8;

/// The table is about persons; less for what is clear without it.
pub(super) fn of_persons(strength: Strength) -> f64 {
    match strength {
        Strength::Outright => 0.6,
        Strength::Role | Strength::Likely | Strength::Weak => 1.4,
    }
}

/// The table is about customers and the like, who may be companies.
pub(super) const OF_PARTNERS: f64 = 0.7;
/// The table is about companies or places: its streets and telephones are theirs.
pub(super) const OF_ORGANISATIONS: f64 = -1.3;
/// Tax numbers of companies can be looked up by anyone; of one-person companies they are personal.
pub(super) const TAX_OF_ORGANISATIONS: f64 = -0.6;
/// The table is about materials, files, machines.
pub(super) const OF_THINGS: f64 = -1.5;
/// The table's own name says what the column holds: `customer_address`.
pub(super) const TABLE_IS_CALLED_SO: f64 = 1.0;
/// The name speaks of a person beside the phrase: `employee_name`.
pub(super) const OF_A_PERSON: f64 = 1.6;
/// The name speaks of one who may be a company: `customer_name`.
pub(super) const OF_A_PARTNER: f64 = 0.8;
/// The description does.
pub(super) const SAID_OF_A_PERSON: f64 = 1.0;
/// The name speaks of something else: `product_name`, `bank_name`.
pub(super) const OF_SOMETHING_ELSE: f64 = -2.0;
/// The description does: "city of the supplier's seat".
pub(super) const SAID_OF_SOMETHING_ELSE: f64 = -1.5;
/// The type is one such data have.
pub(super) const TYPE_FITS: f64 = 0.3;
/// The type is none such data can have: an e-mail that is a number.
pub(super) const TYPE_IS_WRONG: f64 = -2.5;
/// A yes or no about it: `has_email`, `is_phone_verified`.
pub(super) const IS_A_FLAG: f64 = -4.0;
/// About it, not it: `phone_type`, `login_count`, `salary_budget`.
pub(super) const IS_ABOUT_IT: f64 = -3.5;
/// The name goes on with words that may make it another thing: `mobile_unit`.
pub(super) const GOES_ON: f64 = -1.5;
/// A key that the warehouse makes up names nobody outside of it.
pub(super) const IS_SURROGATE: f64 = -3.5;
/// A mailbox or number that several share.
pub(super) const IS_SHARED: f64 = -4.0;
/// Somebody has classified the column as needing protection.
pub(super) const IS_CLASSIFIED: f64 = 0.7;

/// The probability of a sum of weights.
pub(super) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
