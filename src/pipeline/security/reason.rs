//! Why a column is taken to hold protected data, or why that is in doubt.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::context::Subject;

/// One clue, with the words of the catalog that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "clue", content = "said", rename_all = "snake_case")]
pub enum Reason {
    /// The name says so.
    Named(String),
    /// The name is a field of SAP, or the column comes from one.
    SapField(String),
    /// The description says so.
    Described(String),
    /// The data type.
    Type(String),
    /// The name or the description speaks of a person.
    OfAPerson(String),
    /// The table is about persons.
    InTableOf(Subject, String),
    /// The table's name says it, too.
    TableIsCalledSo(String),
    /// The catalog classifies the column.
    Classified(String),
    /// Against: the name or the description speaks of something else.
    OfSomethingElse(String),
    /// Against: the type is none such data have.
    WrongType(String),
    /// Against: it is about such data, and not the data.
    AboutIt(String),
    /// Against: the name goes on.
    GoesOn(String),
    /// Against: a key that the warehouse makes up.
    Surrogate,
    /// Against: several share it.
    Shared(String),
}

/// A clue for or against a column being sensitive. `utoipa` has no words for an enum like
/// [`Reason`], so this is its shape in JSON.
#[derive(Debug, ToSchema)]
#[schema(
    as = SensitivityReason,
    description = "A clue for or against a column being sensitive, for programs."
)]
pub struct ReasonInJson {
    /// For: `named`, `sap_field`, `described`, `type`, `of_a_person`, `in_table_of`,
    /// `table_is_called_so`, `classified`. Against: `of_something_else`, `wrong_type`, `about_it`,
    /// `goes_on`, `surrogate`, `shared`.
    #[schema(example = "named")]
    pub clue: String,
    /// The words that say so; none for `surrogate`.
    #[schema(nullable = false)]
    pub said: Option<Said>,
}

/// What says so.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SensitivityWords, example = "email")]
pub enum Said {
    /// The words.
    Words(String),
    /// For `in_table_of`: what the table is about, and the words that say so.
    Table(Vec<String>),
}

impl Reason {
    /// Whether it speaks for protected data.
    #[must_use]
    pub fn speaks_for(&self) -> bool {
        match self {
            Self::Named(_)
            | Self::SapField(_)
            | Self::Described(_)
            | Self::Type(_)
            | Self::OfAPerson(_)
            | Self::TableIsCalledSo(_)
            | Self::Classified(_) => true,
            Self::InTableOf(subject, _) => matches!(subject, Subject::Persons | Subject::Partners),
            Self::OfSomethingElse(_)
            | Self::WrongType(_)
            | Self::AboutIt(_)
            | Self::GoesOn(_)
            | Self::Surrogate
            | Self::Shared(_) => false,
        }
    }

    /// In English.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Named(said) => format!("its name says \"{said}\""),
            Self::SapField(said) => format!("{said} is SAP's field for it"),
            Self::Described(said) => format!("described as \"{said}\""),
            Self::Type(said) => said.clone(),
            Self::OfAPerson(said) => format!("\"{said}\" is a person"),
            Self::InTableOf(Subject::Persons, said) => {
                format!("the table is about persons (\"{said}\")")
            }
            Self::InTableOf(Subject::Partners, said) => {
                format!("the table is about partners, who may be persons (\"{said}\")")
            }
            Self::InTableOf(Subject::Organisations, said) => {
                format!("but the table is about companies (\"{said}\")")
            }
            Self::InTableOf(Subject::Things | Subject::Unknown, said) => {
                format!("but the table is about things (\"{said}\")")
            }
            Self::TableIsCalledSo(said) => format!("the table's name says \"{said}\""),
            Self::Classified(said) => format!("classified \"{said}\""),
            Self::OfSomethingElse(said) => format!("but it is of \"{said}\""),
            Self::WrongType(said) => format!("but {said} is no type for it"),
            Self::AboutIt(said) => format!("but \"{said}\" is about it and not it"),
            Self::GoesOn(said) => format!("but the name goes on: \"{said}\""),
            Self::Surrogate => "but it is a key made by the warehouse".to_owned(),
            Self::Shared(said) => format!("but it is \"{said}\""),
        }
    }
}
