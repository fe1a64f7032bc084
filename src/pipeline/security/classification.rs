//! How tables are classified, and whether that fits what they hold.

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::category::Sensitivity;
use super::lexicon::{Word, WordSet};
use crate::catalog::{Catalog, TableId};

/// Where a classification comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "missing")]
pub enum ClassificationStatus {
    /// Set on the table.
    Own,
    /// Set on its schema.
    Inherited,
    /// There is none; that is unknown, not public.
    Missing,
}

/// What a classification amounts to, in the classes that handbooks use (ISO/IEC 27001, A.5.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClassificationLevel, example = "internal")]
pub enum Level {
    /// For anyone.
    Public,
    /// For all of the organisation.
    Internal,
    /// For those who need it.
    Confidential,
    /// For named persons.
    Restricted,
}

/// The classification of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Classification {
    /// Where it comes from.
    pub status: ClassificationStatus,
    /// As the catalog spells it.
    #[schema(required, example = "internal")]
    pub value: Option<String>,
    /// What that amounts to; null where there is none or its word is not known.
    #[schema(required)]
    pub level: Option<Level>,
    /// The least level that what the table holds calls for; null where it holds nothing sensitive.
    #[schema(required)]
    pub needed: Option<Level>,
    /// Whether the level is below the one needed.
    #[schema(example = false)]
    pub contradictory: bool,
    /// Columns of the table with a classification of their own.
    #[schema(example = 0)]
    pub classified_columns: usize,
}

static PUBLIC: Lazy<WordSet> =
    Lazy::new(|| WordSet::new("public open c0", "veřejné veřejný verejné verejný"));
static INTERNAL: Lazy<WordSet> =
    Lazy::new(|| WordSet::new("internal c1", "interní interné interný"));
static CONFIDENTIAL: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "confidential sensitive private pii c2",
        "důvěrné důvěrný dôverné dôverný citlivé citlivý",
    )
});
static RESTRICTED: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "restricted secret strictly highly c3",
        "tajné tajný přísně prísne vyhrazené vyhradené",
    )
});

impl Level {
    /// The level that a word of a handbook means; the strictest where it has several words.
    #[must_use]
    pub fn of(value: &str) -> Option<Self> {
        let words = Word::of_text(value);
        let says = |set: &WordSet| words.iter().any(|word| set.holds(word));
        [
            (&RESTRICTED, Self::Restricted),
            (&CONFIDENTIAL, Self::Confidential),
            (&INTERNAL, Self::Internal),
            (&PUBLIC, Self::Public),
        ]
        .into_iter()
        .find(|(set, _)| says(set))
        .map(|(_, level)| level)
    }

    /// The least level for data of this sensitivity.
    #[must_use]
    pub fn needed_for(sensitivity: Sensitivity) -> Self {
        match sensitivity {
            Sensitivity::Business | Sensitivity::Personal => Self::Internal,
            Sensitivity::Confidential | Sensitivity::Special => Self::Confidential,
            Sensitivity::Secret => Self::Restricted,
        }
    }
}

impl Classification {
    /// The classification of a table that holds data of at most this sensitivity.
    pub(super) fn of(catalog: &Catalog, id: TableId, highest: Option<Sensitivity>) -> Self {
        let table = catalog.table(id);
        let own = table.documentation.security_classification.as_deref();
        let value = catalog.classification(id);
        let status = match (own, value) {
            (Some(_), _) => ClassificationStatus::Own,
            (None, Some(_)) => ClassificationStatus::Inherited,
            (None, None) => ClassificationStatus::Missing,
        };
        let level = value.and_then(Level::of);
        let needed = highest.map(Level::needed_for);
        let classified = table
            .columns
            .iter()
            .filter(|column| column.documentation.security_classification.is_some());
        Self {
            status,
            value: value.map(str::to_owned),
            level,
            needed,
            contradictory: level.zip(needed).is_some_and(|(is, needed)| is < needed),
            classified_columns: classified.count(),
        }
    }
}
