//! How things are said in Czech, Slovak and English, by the Explorer and in documents.

pub(crate) mod phrases;
pub(crate) mod reasons;
pub(crate) mod terms;

mod templates;

use serde::{Deserialize, Serialize};

use crate::pipeline::request;

/// The languages that are understood and spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// čeština
    #[serde(rename = "cs")]
    Czech,
    /// slovenčina
    #[serde(rename = "sk")]
    Slovak,
    /// English
    #[default]
    #[serde(rename = "en")]
    English,
}

impl From<request::Language> for Language {
    /// A request of no certain language is answered in English.
    fn from(language: request::Language) -> Self {
        match language {
            request::Language::Cs => Self::Czech,
            request::Language::Sk => Self::Slovak,
            request::Language::En | request::Language::Unknown => Self::English,
        }
    }
}

impl Language {
    /// The code of ISO 639-1.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Czech => "cs",
            Self::Slovak => "sk",
            Self::English => "en",
        }
    }
}
