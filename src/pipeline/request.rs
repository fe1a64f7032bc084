//! Tool 0: reads a business request written in Markdown.
//!
//! The request may be Czech, Slovak, English or a mixture, written by a template or loosely. Reading is a pure
//! function of the document, never fails, and takes time linear in its length: what it holds is bounded by named caps,
//! and what a cap cut off is said in [`Request::warnings`].
//!
//! The document is cleaned (`clean`, `front`) and parsed into a flat list of blocks (`blocks`). The blocks go to the
//! sections that headings, labels, keys and statements open (`outline`, `keys`, `statements`, by the words of
//! `vocabulary`), and each section is read (`sections`, `entries`, `entities`, `metadata`).

mod blocks;
mod clean;
mod dates;
mod entities;
mod entries;
mod exclusions;
mod front;
mod html;
mod keys;
mod language;
mod metadata;
mod outline;
mod prose;
mod sections;
mod statements;
mod text;
mod vocabulary;
mod warnings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::entries::Entry;
use self::outline::{Outline, Piece};
use self::text::Text;
use self::vocabulary::Section;
use self::warnings::Warnings;
use crate::text::fold;

/// What a text field holds where the document does not say.
pub const UNKNOWN: &str = "unknown";

/// A business request. What the document does not say is `unknown` or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessRequest)]
pub struct Request {
    /// The head of the document.
    pub project_metadata: ProjectMetadata,
    /// What is to be achieved, in the words of the document.
    #[schema(example = "Sledovat plnění dodávek a hodnotit dodavatele.")]
    pub goal: String,
    /// What the project covers.
    #[schema(example = json!(["Nákupní objednávky a jejich položky"]))]
    pub scope_in: Vec<String>,
    /// What the project leaves out.
    #[schema(example = json!(["Bankovní účty dodavatelů"]))]
    pub scope_out: Vec<String>,
    /// The things whose data is needed.
    pub entities: Vec<Entity>,
    /// What is to be measured.
    pub metrics: Vec<Metric>,
    /// Where the data comes from.
    #[schema(example = json!(["SAP ECC (MM)"]))]
    pub sources: Vec<String>,
    /// What has to be observed.
    #[schema(example = json!(["Data starší než 5 let se nenačítají"]))]
    pub constraints: Vec<String>,
    /// What is to be delivered.
    #[schema(example = json!(["Report plnění dodávek"]))]
    pub deliverables: Vec<String>,
    /// The language most of the document is written in.
    pub language: Language,
    /// How the document was written.
    pub mode: Mode,
    /// What sentences and lists outside known sections ask for, where no section lists
    /// entities; what they leave out is in `scope_out`.
    #[serde(skip)]
    pub free_text: Vec<String>,
    /// What the caller should know about the reading, in plain English.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl Default for Request {
    /// A request of which nothing is known.
    fn default() -> Self {
        Self {
            project_metadata: ProjectMetadata::default(),
            goal: UNKNOWN.to_owned(),
            scope_in: Vec::new(),
            scope_out: Vec::new(),
            entities: Vec::new(),
            metrics: Vec::new(),
            sources: Vec::new(),
            constraints: Vec::new(),
            deliverables: Vec::new(),
            language: Language::default(),
            mode: Mode::default(),
            free_text: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectMetadata {
    /// From its key, else from the title.
    #[schema(example = "Hodnocení dodavatelů")]
    pub project_name: String,
    /// Who pays for it or asks for it.
    #[schema(example = "Ředitel nákupu")]
    pub sponsor: String,
    /// An ISO 8601 date.
    #[schema(example = "2026-01-31")]
    pub submitted_at: String,
    /// Every other key of the head, as written.
    #[schema(example = json!({ "Priorita": "vysoká" }))]
    pub extra: BTreeMap<String, String>,
}

impl Default for ProjectMetadata {
    /// A head of which nothing is known.
    fn default() -> Self {
        Self {
            project_name: UNKNOWN.to_owned(),
            sponsor: UNKNOWN.to_owned(),
            submitted_at: UNKNOWN.to_owned(),
            extra: BTreeMap::new(),
        }
    }
}

/// A thing whose data is requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RequestedEntity)]
pub struct Entity {
    /// Its name in the document, without markup.
    #[schema(example = "Dodavatelé")]
    pub name: String,
    /// Its name in another language.
    #[schema(required, example = "Suppliers")]
    pub alias: Option<String>,
    /// The tables the document names with it, as written.
    #[schema(example = json!(["dimv_supplier"]))]
    pub tables: Vec<String>,
    /// What else is said of it.
    #[schema(required, example = "kmenová data dodavatelů")]
    pub description: Option<String>,
}

/// Something to be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RequestedMetric)]
pub struct Metric {
    /// Its name in the document, without markup.
    #[schema(example = "Hodnota objednávek")]
    pub name: String,
    /// What it means or how it is computed.
    #[schema(required, example = "součet hodnot položek")]
    pub description: Option<String>,
}

/// The language of a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RequestLanguage, example = "cs")]
pub enum Language {
    /// Czech.
    Cs,
    /// Slovak.
    Sk,
    /// English.
    En,
    /// Too little text, or as much of one as of another.
    #[default]
    Unknown,
}

/// How a document was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RequestMode, example = "template")]
pub enum Mode {
    /// Known headings and keys carried all that was read.
    Template,
    /// Something had to be taken from free text.
    #[default]
    Loose,
}

/// Reads a business request.
#[must_use]
pub fn read(document: &str) -> Request {
    let mut warnings = Warnings::default();
    let document = clean::clean(document, &mut warnings);
    if document.trim().is_empty() {
        warnings.add("The document is empty.");
    }
    let (mut blocks, markdown) = front::split(&document);
    blocks.extend(blocks::parse(markdown, &mut warnings));
    let language = language::detect(&blocks);
    Reader {
        outline: outline::outline(blocks),
        english: language == Language::En,
        warnings,
    }
    .request(language)
}

struct Reader {
    outline: Outline,
    /// `a` is an article, not a conjunction.
    english: bool,
    warnings: Warnings,
}

impl Reader {
    fn request(mut self, language: Language) -> Request {
        let (free_text, left_out) = self.free_text();
        let mut entities = self.entities();
        // Lists are read out of all sentences, those that leave things out included.
        if !left_out.is_empty() {
            let folded = |texts: &[String]| texts.iter().map(|text| fold(text)).collect::<Vec<_>>();
            let (wanted, unwanted) = (folded(&free_text), folded(&left_out));
            entities.retain(|entity| {
                let name = fold(&entity.name);
                let in_one_of = |texts: &[String]| texts.iter().any(|text| text.contains(&name));
                !in_one_of(&unwanted) || in_one_of(&wanted)
            });
        }
        let goal = self.goal();
        let metrics = entries::entries(self.pieces(Section::Metrics), self.english);
        self.outline.loose |= metrics.iter().any(|entry| entry.prose);
        let metrics = entities::metrics(metrics, &mut self.warnings);
        let scope_in = self.list(&[Section::Scope, Section::ScopeIn]);
        let mut scope_out = self.list(&[Section::ScopeOut]);
        scope_out.extend(left_out);
        scope_out.truncate(sections::MAX_ITEMS);
        let sources = self.list(&[Section::Sources]);
        let constraints = self.list(&[Section::Constraints]);
        let deliverables = self.list(&[Section::Deliverables]);
        let facts = std::mem::take(&mut self.outline.facts);
        let project_metadata =
            metadata::metadata(self.outline.title.as_ref(), facts, &mut self.warnings);
        let mode = if self.outline.labelled && !self.outline.loose {
            Mode::Template
        } else {
            Mode::Loose
        };
        Request {
            project_metadata,
            goal,
            scope_in,
            scope_out,
            entities,
            metrics,
            sources,
            constraints,
            deliverables,
            language,
            mode,
            free_text,
            warnings: self.warnings.into_vec(),
        }
    }

    fn pieces(&self, section: Section) -> &[Piece] {
        self.outline
            .sections
            .get(&section)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn list(&mut self, sections: &[Section]) -> Vec<String> {
        let mut list = sections::List::new(sections, self.english);
        for section in sections {
            let pieces = self
                .outline
                .sections
                .get(section)
                .map(Vec::as_slice)
                .unwrap_or_default();
            self.outline.loose |= list.read(pieces, &mut self.warnings);
        }
        list.entries
    }

    /// The section, else a section of a weaker name, else the first paragraph of prose.
    fn goal(&mut self) -> String {
        for section in [Section::Goal, Section::Summary] {
            let pieces = self.outline.sections.remove(&section).unwrap_or_default();
            if let Some(goal) = sections::text(&pieces, &mut self.warnings) {
                return goal;
            }
        }
        let headed = if self.outline.labelled {
            &[]
        } else {
            self.pieces(Section::Other)
        };
        let prose = sections::first_prose(self.pieces(Section::Free).iter().chain(headed)).cloned();
        let goal = prose.and_then(|piece| sections::text(&[piece], &mut self.warnings));
        self.outline.loose |= goal.is_some();
        goal.unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// What free text asks for and what it leaves out; nothing where a section lists the
    /// entities, because the rest is then only said about them.
    fn free_text(&self) -> (Vec<String>, Vec<String>) {
        let (mut wanted, mut left_out) = (Vec::new(), Vec::new());
        if !self.pieces(Section::Entities).is_empty() {
            return (wanted, left_out);
        }
        for section in [
            Section::Goal,
            Section::Summary,
            Section::Free,
            Section::Other,
        ] {
            let pieces = self
                .outline
                .sections
                .get(&section)
                .map(Vec::as_slice)
                .unwrap_or_default();
            // What this cuts is said once the sections themselves are read.
            let text = sections::text(pieces, &mut Warnings::default()).unwrap_or_default();
            for sentence in text
                .lines()
                .flat_map(|line| prose::sentences(&Text::plain(line)))
            {
                let (asked, excluded) = exclusions::split(&sentence.plain);
                wanted.push(asked);
                left_out.extend(excluded);
            }
        }
        wanted.retain(|text| !text.is_empty());
        wanted.truncate(sections::MAX_ITEMS);
        left_out.truncate(sections::MAX_ITEMS);
        (wanted, left_out)
    }

    /// The section, else what free text lists or names in code.
    fn entities(&mut self) -> Vec<Entity> {
        let found = entries::entries(self.pieces(Section::Entities), self.english);
        self.outline.loose |= found.iter().any(|entry| entry.prose);
        let mut entities = entities::entities(found, self.english, &mut self.warnings);
        if entities.is_empty() {
            let free: [&[Piece]; 3] = [Section::Free, Section::Goal, Section::Summary]
                .map(|section| self.pieces(section));
            let entries: Vec<Entry> = entries::unlabelled(free, self.english);
            entities = entities::entities(entries, self.english, &mut self.warnings);
            self.outline.loose |= !entities.is_empty();
        }
        entities
    }
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod tests;
