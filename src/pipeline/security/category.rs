//! What kinds of data need protection, how much, and how they are masked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a column is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = SensitiveCategory, example = "email")]
pub enum Category {
    /// Passwords, tokens, keys, card verification codes.
    Credential,
    /// Health (GDPR, article 9).
    Health,
    /// Religion, ethnicity, opinions, union membership, sexual orientation (article 9).
    Belief,
    /// Criminal convictions and offences (article 10).
    Offence,
    /// Birth numbers, social security numbers, identity documents (article 87).
    NationalId,
    /// Numbers of payment cards (PCI DSS).
    CardNumber,
    /// Numbers of bank accounts.
    BankAccount,
    /// Salaries, wages, incomes of persons.
    Pay,
    /// Names of persons.
    PersonName,
    /// E-mail addresses.
    Email,
    /// Telephone and fax numbers.
    Phone,
    /// Dates of birth, or parts of them.
    BirthDate,
    /// Postal addresses and parts of them.
    Address,
    /// Genders.
    Gender,
    /// Nationalities, citizenships, places of birth.
    Nationality,
    /// Numbers of employees, patients and the like: a pseudonym is personal data, too (article 4(5)).
    PersonId,
    /// Names of user accounts.
    Login,
    /// Online identifiers: addresses and ids of devices (recital 30).
    NetworkId,
    /// Positions on Earth.
    Location,
    /// Photographs, signatures, fingerprints.
    Image,
    /// Jobs, education, families and other data about a person.
    Profile,
    /// Tax and VAT numbers.
    TaxId,
    /// Text that people write, which may hold anything.
    FreeText,
}

/// How much protection a column needs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(example = "personal")]
pub enum Sensitivity {
    /// Data of a company; personal only where the company is one person (GDPR, recital 14).
    Business,
    /// Personal data (GDPR, article 4(1)).
    Personal,
    /// Its disclosure does direct harm: identity and payment numbers, pay (GDPR, article 87;
    /// PCI DSS, requirement 3; the class "confidential" of ISO/IEC 27001, A.5.12).
    Confidential,
    /// Special categories and criminal data (GDPR, articles 9 and 10).
    Special,
    /// Opens a system or an account (ISO/IEC 27001, A.5.17; PCI DSS, requirement 3.3).
    Secret,
}

/// How a column is shown to those who do not need it in the clear.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(example = "partial")]
pub enum Masking {
    /// A hash with a secret key: rows still join and count, nobody is named.
    KeyedHash,
    /// A part only: the last digits, the domain.
    Partial,
    /// Something coarser: the year, the town, a band.
    Generalise,
    /// Nothing.
    Null,
    /// Not taken into the model at all.
    Drop,
}

impl Category {
    /// All, in the order of the enumeration.
    pub const ALL: [Self; 23] = [
        Self::Credential,
        Self::Health,
        Self::Belief,
        Self::Offence,
        Self::NationalId,
        Self::CardNumber,
        Self::BankAccount,
        Self::Pay,
        Self::PersonName,
        Self::Email,
        Self::Phone,
        Self::BirthDate,
        Self::Address,
        Self::Gender,
        Self::Nationality,
        Self::PersonId,
        Self::Login,
        Self::NetworkId,
        Self::Location,
        Self::Image,
        Self::Profile,
        Self::TaxId,
        Self::FreeText,
    ];

    /// Its name on the wire and in `data/sensitive.tsv`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Health => "health",
            Self::Belief => "belief",
            Self::Offence => "offence",
            Self::NationalId => "national_id",
            Self::CardNumber => "card_number",
            Self::BankAccount => "bank_account",
            Self::Pay => "pay",
            Self::PersonName => "person_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::BirthDate => "birth_date",
            Self::Address => "address",
            Self::Gender => "gender",
            Self::Nationality => "nationality",
            Self::PersonId => "person_id",
            Self::Login => "login",
            Self::NetworkId => "network_id",
            Self::Location => "location",
            Self::Image => "image",
            Self::Profile => "profile",
            Self::TaxId => "tax_id",
            Self::FreeText => "free_text",
        }
    }

    /// How much protection it needs, where it is about a person.
    #[must_use]
    pub fn sensitivity(self) -> Sensitivity {
        match self {
            Self::Credential => Sensitivity::Secret,
            Self::Health | Self::Belief | Self::Offence => Sensitivity::Special,
            Self::NationalId | Self::CardNumber | Self::BankAccount | Self::Pay => {
                Sensitivity::Confidential
            }
            Self::PersonName
            | Self::Email
            | Self::Phone
            | Self::BirthDate
            | Self::Address
            | Self::Gender
            | Self::Nationality
            | Self::PersonId
            | Self::Login
            | Self::NetworkId
            | Self::Location
            | Self::Image
            | Self::Profile
            | Self::TaxId
            | Self::FreeText => Sensitivity::Personal,
        }
    }

    /// How it is masked; a column that tables join by keeps joining under a keyed hash.
    #[must_use]
    pub fn masking(self, joins: bool) -> Masking {
        match self {
            Self::Credential | Self::Image | Self::Health | Self::Belief | Self::Offence => {
                Masking::Drop
            }
            _ if joins => Masking::KeyedHash,
            Self::PersonId | Self::Login => Masking::KeyedHash,
            Self::CardNumber | Self::BankAccount | Self::Email | Self::Phone | Self::NetworkId => {
                Masking::Partial
            }
            Self::BirthDate | Self::Address | Self::Pay | Self::Location => Masking::Generalise,
            // Birth numbers are few enough to try them all, so a hash would hide none.
            Self::NationalId
            | Self::PersonName
            | Self::Gender
            | Self::Nationality
            | Self::Profile
            | Self::TaxId
            | Self::FreeText => Masking::Null,
        }
    }

    /// Whether "yes" and "no" already are data of this kind: "is in a union" is, "has an
    /// e-mail" is not.
    pub(super) fn fits_a_flag(self) -> bool {
        matches!(
            self,
            Self::Health | Self::Belief | Self::Offence | Self::Gender | Self::Profile
        )
    }
}
