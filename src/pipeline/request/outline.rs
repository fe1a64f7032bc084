//! Which block belongs to which section.

mod tables;

use std::collections::BTreeMap;

use super::blocks::Block;
use super::keys::{Keyed, keyed, keyed_parts};
use super::statements::hoist;
use super::text::Text;
use super::vocabulary::{Field, Hit, Section, find, find_exact, find_last, is_any};

/// A bold line is a heading below all real ones.
const BOLD: usize = 7;
/// A line like `In scope:` is one below that.
const LABEL: usize = 8;
/// And an item like `- In scope:` holds what is nested in it: rank `ITEM` plus its depth.
const ITEM: usize = 9;
/// Words of a bold line that still is a heading.
const MAX_BOLD_WORDS: usize = 10;

/// Keys below the heading of a field that give its value, folded.
const NAMES: &str = "jmeno, meno, name, full name, nazev, nazov, datum, date";

/// Pieces below a subheading among which a key is still about it.
const MAX_BELOW: usize = 10;

/// What a section is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Paragraph {
        depth: usize,
        lines: Vec<Text>,
    },
    /// What stood behind a key or a statement, and so is not free text.
    Value(Vec<Text>),
    Item {
        depth: usize,
        text: Text,
    },
    Table(Vec<Vec<Text>>),
    Code(Vec<Text>),
    Subheading(Text),
}

/// A key of the head with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) key: String,
    /// The field it fills, and how strong a name for it the key is; the smaller, the stronger.
    pub(super) field: Option<(Field, usize)>,
    pub(super) value: Text,
}

/// The document by sections.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) title: Option<Text>,
    pub(super) facts: Vec<Fact>,
    pub(super) sections: BTreeMap<Section, Vec<Piece>>,
    /// Some label opened a section.
    pub(super) labelled: bool,
    /// Something had to be read out of sentences.
    pub(super) loose: bool,
}

/// Assigns every block to its section.
pub(super) fn outline(blocks: Vec<Block>) -> Outline {
    let has_h1 = blocks
        .iter()
        .any(|block| matches!(block, Block::Heading { level: 1, .. }));
    let mut walk = Walk {
        has_h1,
        ..Walk::default()
    };
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        walk.block(block, blocks.peek());
    }
    hoist(&mut walk.outline);
    walk.outline
}

/// A heading or label whose section goes on.
#[derive(Debug)]
struct Open {
    rank: usize,
    section: Section,
    /// As written, where the section is a field of the head.
    key: String,
    order: usize,
    /// An item or a table came.
    listed: bool,
    /// It was an item of a numbered list, so the next such item ends it.
    numbered: bool,
}

#[derive(Default)]
struct Walk {
    outline: Outline,
    open: Vec<Open>,
    has_h1: bool,
    /// Something other than facts came, so a lesser heading is no title any more.
    begun: bool,
    /// A heading opened a section, so neither is a first-level one.
    opened: bool,
    /// The section of the paragraph whose next line may come.
    joining: Option<Section>,
}

impl Walk {
    fn block(&mut self, block: Block, next: Option<&Block>) {
        match block {
            Block::Heading { level, text } => self.heading(usize::from(level), &text),
            Block::Rule => self.close(LABEL),
            Block::Item {
                depth,
                ordered,
                text,
            } => {
                self.enter(depth);
                self.item(depth, ordered, text, next);
            }
            Block::Line { depth, first, text } => {
                self.close_items(depth);
                if first {
                    self.joining = None;
                    // A paragraph behind the list that a label announced is not the label's any more.
                    if self
                        .open
                        .last()
                        .is_some_and(|open| open.rank == LABEL && open.listed)
                    {
                        self.open.pop();
                    }
                }
                match keyed_parts(&text) {
                    Some(parts) => parts
                        .into_iter()
                        .for_each(|part| self.line(depth, first, part, None)),
                    None => self.line(depth, first, text, next),
                }
            }
            Block::Table { depth, rows } => {
                self.enter(depth);
                self.table(rows);
            }
            Block::Code { depth, lines } => {
                self.enter(depth);
                self.push(Piece::Code(lines));
            }
        }
    }

    fn enter(&mut self, depth: usize) {
        self.close_items(depth);
        self.joining = None;
    }

    fn close(&mut self, rank: usize) {
        self.joining = None;
        while self.open.pop_if(|open| open.rank >= rank).is_some() {}
    }

    /// Ends the labels in items that do not enclose a block of this depth.
    fn close_items(&mut self, depth: usize) {
        while self.open.pop_if(|open| open.rank >= ITEM + depth).is_some() {}
    }

    fn current(&self) -> Section {
        self.open.last().map_or(Section::Free, |open| open.section)
    }

    /// In the head or between the sections, where `Key: value` is metadata.
    fn outside(&self) -> bool {
        matches!(
            self.current(),
            Section::Free | Section::Other | Section::Metadata | Section::Field(_)
        )
    }

    fn open(&mut self, rank: usize, hit: Hit, key: &str) {
        self.open.push(Open {
            rank,
            section: hit.section,
            key: key.to_owned(),
            order: hit.order,
            listed: false,
            numbered: false,
        });
        self.begun = true;
        self.opened |= rank <= BOLD;
        self.outline.labelled |= !matches!(hit.section, Section::Metadata | Section::Field(_));
    }

    fn heading(&mut self, rank: usize, text: &Text) {
        self.close(rank);
        if text.is_blank() {
            return;
        }
        let hit = find(&text.plain);
        let title = if rank == 1 {
            !self.opened
        } else {
            !self.has_h1 && !self.begun && !text.plain.ends_with(':')
        };
        if title && self.outline.title.is_none() && !hit.is_some_and(|hit| hit.exact && !hit.vague)
        {
            self.outline.title = Some(text.clone());
            return;
        }
        self.begun = true;
        if let Some(keyed) = keyed(text)
            && !keyed.value.is_blank()
            && let Some(hit) = find_exact(&keyed.key)
        {
            if let Section::Field(_) = hit.section {
                self.fact(keyed, Some(hit));
                self.shut(rank);
            } else {
                self.open(rank, hit, &keyed.key);
                self.push(Piece::Value(vec![keyed.value]));
            }
            return;
        }
        let current = self.current();
        match hit {
            Some(hit) if switches(current, hit) => self.open(rank, hit, &text.plain),
            // "In scope" below the entities says which of them count; they stay entities.
            Some(Hit {
                section: Section::ScopeIn,
                exact: true,
                ..
            }) if current == Section::Entities => {}
            _ if self.outside() => self.shut(rank),
            _ => self.push(Piece::Subheading(text.clone())),
        }
    }

    /// Opens a heading that is none of ours.
    fn shut(&mut self, rank: usize) {
        let section = Section::Other;
        self.open.push(Open {
            rank,
            section,
            key: String::new(),
            order: 0,
            listed: false,
            numbered: false,
        });
    }

    fn line(&mut self, depth: usize, first: bool, text: Text, next: Option<&Block>) {
        if let Some(keyed) = keyed(&text) {
            if keyed.value.is_blank() {
                if self.label(depth, &keyed, &text, next) {
                    return;
                }
            } else if self.keyed_line(keyed) {
                return;
            }
        } else if depth == 0 && is_heading(&text) {
            return self.heading(BOLD, &text);
        }
        self.begun = true;
        if !first && let Some(section) = self.joining {
            let prose = matches!(section, Section::Goal | Section::Summary);
            let pieces = self.outline.sections.entry(section).or_default();
            match pieces.last_mut() {
                Some(Piece::Paragraph { lines, .. }) => return lines.push(text),
                // The values of other keys are lists; only what is plainly unfinished goes on.
                Some(Piece::Value(lines)) if prose || goes_on(lines, &text) => {
                    return lines.push(text);
                }
                _ => {}
            }
        }
        let depth = self.relative(depth);
        self.push(Piece::Paragraph {
            depth,
            lines: vec![text],
        });
        self.joining = Some(self.current());
    }

    /// A line that ends in a colon: whether it opens a section.
    fn label(&mut self, depth: usize, keyed: &Keyed, text: &Text, next: Option<&Block>) -> bool {
        let rank = match depth {
            0 if keyed.bold => BOLD,
            0 => LABEL,
            _ => ITEM + depth - 1,
        };
        if let Some(hit) = find_exact(&keyed.key).filter(|hit| self.outside() || !hit.vague) {
            self.close(rank);
            self.open(rank, hit, &keyed.key);
            return true;
        }
        if keyed.bold && depth == 0 {
            self.heading(rank, text);
            return true;
        }
        let leads_in = matches!(
            next,
            Some(Block::Item { .. } | Block::Table { .. } | Block::Code { .. })
        );
        let current = self.current();
        let prose =
            self.outside() || matches!(current, Section::Goal | Section::Summary | Section::Scope);
        // "Cílem je sledovat tyto ukazatele:" — what stands next to the list names it.
        match find_last(&text.plain).filter(|hit| leads_in && prose && hit.section != current) {
            Some(hit) => {
                if !self.outside() {
                    self.push(Piece::Paragraph {
                        depth: 0,
                        lines: vec![text.clone()],
                    });
                }
                self.close(rank);
                self.open(rank, hit, &keyed.key);
                self.outline.loose = true;
                true
            }
            None => false,
        }
    }

    /// A line with a key and a value: whether it was taken as such.
    fn keyed_line(&mut self, keyed: Keyed) -> bool {
        let hit = find_exact(&keyed.key);
        let current = self.current();
        match hit {
            _ if self.outside() => {
                // In the middle of a sentence only a key that we know, or a bold one, is a key.
                let goes_on = keyed.key.starts_with(char::is_lowercase) && self.joining.is_some();
                if hit.is_none() && !keyed.bold && goes_on {
                    return false;
                }
                self.head_value(keyed, hit);
            }
            Some(Hit {
                section: Section::Field(_),
                vague,
                ..
            }) if keyed.bold || !vague => self.fact(keyed, hit),
            Some(
                Hit {
                    section: Section::Field(_),
                    ..
                }
                | Hit { vague: true, .. },
            )
            | None => return false,
            // "Tables: x" below the name of an entity is said of that entity.
            Some(hit) if hit.section == current && self.below_a_name() => return false,
            Some(hit) if hit.section == current => {
                self.push(Piece::Value(vec![keyed.value]));
                self.joining = Some(current);
            }
            Some(hit) => self.value(keyed, hit),
        }
        true
    }

    /// A subheading of a section came, and what follows is about it.
    fn below_a_name(&self) -> bool {
        let pieces = self.outline.sections.get(&self.current());
        pieces.is_some_and(|pieces| {
            pieces
                .iter()
                .rev()
                .take(MAX_BELOW)
                .any(|piece| matches!(piece, Piece::Subheading(_)))
        })
    }

    fn item(&mut self, depth: usize, ordered: bool, text: Text, next: Option<&Block>) {
        let encloses = match next {
            Some(
                Block::Item { depth: inner, .. }
                | Block::Line { depth: inner, .. }
                | Block::Table { depth: inner, .. },
            ) => *inner > depth,
            _ => false,
        };
        let current = self.current();
        let outside = self.outside();
        let switches = |hit: &Hit| match current {
            _ if outside => true,
            Section::Summary | Section::Goal => {
                !matches!(hit.section, Section::Field(_)) && !hit.vague
            }
            Section::Scope | Section::ScopeIn | Section::ScopeOut => {
                matches!(hit.section, Section::ScopeIn | Section::ScopeOut)
            }
            _ => false,
        };
        if let Some(keyed) = keyed(&text) {
            let hit = find_exact(&keyed.key);
            match hit.filter(switches) {
                Some(hit) if keyed.value.is_blank() => {
                    if encloses {
                        self.open(ITEM + depth, hit, &keyed.key);
                    }
                    return;
                }
                Some(hit) if !outside => return self.value(keyed, hit),
                _ if outside && !keyed.value.is_blank() => return self.head_value(keyed, hit),
                _ => {}
            }
        } else if let Some(hit) = find_exact(&text.plain).filter(|hit| !hit.vague) {
            if encloses && switches(&hit) {
                return self.open(ITEM + depth, hit, &text.plain);
            }
            let numbered = self.open.last().is_some_and(|open| open.numbered);
            if depth == 0 && (ordered || text.is_bold()) && (outside || numbered) {
                self.close(BOLD);
                self.open(BOLD, hit, &text.plain);
                if let Some(open) = self.open.last_mut() {
                    open.numbered = true;
                }
                return;
            }
        }
        self.begun = true;
        let depth = self.relative(depth);
        self.push(Piece::Item { depth, text });
    }

    /// Depth below the label that holds the block, if an item is one.
    fn relative(&self, depth: usize) -> usize {
        let base = self
            .open
            .last()
            .map_or(0, |open| (open.rank + 1).saturating_sub(ITEM));
        depth.saturating_sub(base)
    }

    /// A key with its value outside the sections: a field, a section, or something extra.
    fn head_value(&mut self, mut keyed: Keyed, hit: Option<Hit>) {
        match hit {
            None
            | Some(Hit {
                section: Section::Field(_) | Section::Metadata,
                ..
            }) => {
                // Below a heading "Sponsor" the key "Name" is the sponsor's.
                let field = self.open.last().map(|open| (open.section, open.order));
                if let Some((Section::Field(field), order)) = field
                    && is_any(&keyed.key, NAMES)
                {
                    let key = std::mem::take(&mut keyed.key);
                    self.outline.facts.push(Fact {
                        key,
                        field: Some((field, order)),
                        value: keyed.value,
                    });
                    self.joining = None;
                    return;
                }
                self.fact(keyed, hit);
            }
            Some(hit) => self.value(keyed, hit),
        }
    }

    fn fact(&mut self, keyed: Keyed, hit: Option<Hit>) {
        let field = match hit {
            Some(Hit {
                section: Section::Field(field),
                order,
                ..
            }) => Some((field, order)),
            _ => None,
        };
        self.outline.facts.push(Fact {
            key: keyed.key,
            field,
            value: keyed.value,
        });
        self.joining = None;
    }

    /// The value of a key that names a section.
    fn value(&mut self, keyed: Keyed, hit: Hit) {
        if hit.section == Section::Scope {
            // "Rozsah: dm_bs_purchase" says what is in, and is a setting as well.
            self.outline.facts.push(Fact {
                key: keyed.key,
                field: None,
                value: keyed.value.clone(),
            });
        }
        self.begun = true;
        self.outline.labelled = true;
        self.outline
            .sections
            .entry(hit.section)
            .or_default()
            .push(Piece::Value(vec![keyed.value]));
        self.joining = Some(hit.section);
    }

    fn push(&mut self, piece: Piece) {
        let section = self.current();
        let listed = matches!(piece, Piece::Item { .. } | Piece::Table(_));
        if let (Section::Field(field), Some(open)) = (section, self.open.last_mut()) {
            // The first thing below is the field's value; what follows is about something else.
            let value = match piece {
                Piece::Paragraph { lines, .. } | Piece::Value(lines) | Piece::Code(lines) => {
                    lines.into_iter().next()
                }
                Piece::Item { text, .. } | Piece::Subheading(text) => Some(text),
                Piece::Table(rows) => rows.into_iter().flatten().next(),
            };
            let fact = Fact {
                key: open.key.clone(),
                field: Some((field, open.order)),
                value: value.unwrap_or_default(),
            };
            open.section = Section::Other;
            return self.outline.facts.push(fact);
        }
        if let Some(open) = self.open.last_mut() {
            open.listed |= listed;
        }
        self.outline
            .sections
            .entry(section)
            .or_default()
            .push(piece);
    }
}

/// Whether a heading within a section opens another one, or is part of what it stands in.
fn switches(current: Section, hit: Hit) -> bool {
    let inside =
        is_section_list(current) || matches!(current, Section::ScopeIn | Section::ScopeOut);
    if !inside {
        return true;
    }
    hit.exact
        && !hit.vague
        && hit.section != current
        && !(current == Section::Entities && hit.section == Section::ScopeIn)
}

fn is_section_list(section: Section) -> bool {
    matches!(
        section,
        Section::Entities
            | Section::Metrics
            | Section::Sources
            | Section::Constraints
            | Section::Deliverables
    )
}

/// Whether a line continues the one before it.
fn goes_on(lines: &[Text], text: &Text) -> bool {
    text.plain.starts_with(char::is_lowercase)
        || lines.last().is_some_and(|line| line.plain.ends_with(','))
}

/// Whether a line without a colon is a heading: bold and short, or a section's name by itself.
fn is_heading(text: &Text) -> bool {
    if text.is_bold() {
        return !text.plain.ends_with(['.', ',', ';', '!'])
            && text.plain.split_whitespace().nth(MAX_BOLD_WORDS).is_none();
    }
    let named = !text.plain.ends_with(['.', ',', ';', '!', '?'])
        && text
            .plain
            .split_whitespace()
            .nth(MAX_BOLD_WORDS / 2)
            .is_none()
        && !text.plain.starts_with(char::is_lowercase);
    named
        && find_exact(&text.plain)
            .is_some_and(|hit| !hit.vague && !matches!(hit.section, Section::Field(_)))
}
