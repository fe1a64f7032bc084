//! What the terms of the pipeline are called.

use super::Language;
use super::phrases::Phrase;
use crate::pipeline::quality::{Field, RiskLevel};

/// What fields of documentation are called.
const FIELDS: &[(Field, Phrase)] = &[
    (Field::Description, Phrase("popis", "opis", "description")),
    (
        Field::BusinessDescription,
        Phrase("obchodní popis", "obchodný opis", "business description"),
    ),
    (
        Field::ColumnDescription,
        Phrase("popisy sloupců", "opisy stĺpcov", "column descriptions"),
    ),
    (
        Field::Owner,
        Phrase(
            "vlastník uvedený u tabulky",
            "vlastník uvedený pri tabuľke",
            "an owner of its own",
        ),
    ),
    (Field::Source, Phrase("zdroj", "zdroj", "source")),
    (
        Field::Validation,
        Phrase("validace", "validácia", "validation"),
    ),
    (
        Field::Articulation,
        Phrase(
            "artikulace aspoň 50",
            "artikulácia aspoň 50",
            "articulation of at least 50",
        ),
    ),
    (
        Field::SecurityClassification,
        Phrase(
            "bezpečnostní klasifikace",
            "bezpečnostná klasifikácia",
            "security classification",
        ),
    ),
];

/// What the levels of risk are called.
const RISKS: &[(RiskLevel, Phrase)] = &[
    (RiskLevel::Low, Phrase("nízké", "nízke", "low")),
    (RiskLevel::Medium, Phrase("střední", "stredné", "medium")),
    (RiskLevel::High, Phrase("vysoké", "vysoké", "high")),
    (
        RiskLevel::Critical,
        Phrase("kritické", "kritické", "critical"),
    ),
];

/// What a level of risk is called.
pub(crate) fn risk(language: Language, level: RiskLevel) -> &'static str {
    RISKS
        .iter()
        .find(|(known, _)| *known == level)
        .map_or("", |(_, phrase)| phrase.text(language))
}

/// What a field of documentation is called.
pub(crate) fn field(language: Language, field: Field) -> &'static str {
    FIELDS
        .iter()
        .find(|(known, _)| *known == field)
        .map_or("", |(_, phrase)| phrase.text(language))
}

/// All fields of documentation.
pub(crate) fn fields() -> impl Iterator<Item = Field> {
    FIELDS.iter().map(|(field, _)| *field)
}
