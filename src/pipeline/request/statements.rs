//! What sentences of free text say outright: "mimo rozsah jsou platby".

use super::outline::{Fact, Outline, Piece};
use super::prose::{enumeration, joined, sentences};
use super::text::Text;
use super::vocabulary::{Section, cue};

/// Moves what sentences of free text say of a section to that section: "mimo rozsah jsou platby".
pub(super) fn hoist(outline: &mut Outline) {
    for section in [Section::Free, Section::Other, Section::Scope] {
        for piece in outline.sections.remove(&section).unwrap_or_default() {
            let rest = match piece {
                Piece::Paragraph { depth, lines } => {
                    hoist_paragraph(outline, section, depth, lines)
                }
                piece => Some((section, piece)),
            };
            if let Some((section, piece)) = rest {
                outline.sections.entry(section).or_default().push(piece);
            }
        }
    }
}

/// What is left of a paragraph, and where it belongs now.
fn hoist_paragraph(
    outline: &mut Outline,
    section: Section,
    depth: usize,
    lines: Vec<Text>,
) -> Option<(Section, Piece)> {
    let mut goal = false;
    let mut left = Text::default();
    let mut moved = false;
    for clause in sentences(&joined(&lines)).iter().flat_map(clauses) {
        let rest = |at: usize| clause.slice(at..clause.plain.len());
        let told = cue(&clause.plain)
            .map(|(about, at)| (about, rest(at)))
            .filter(|(about, rest)| match about {
                Section::ScopeIn | Section::ScopeOut => true,
                _ if section == Section::Scope || rest.is_blank() => false,
                Section::Entities => !rest.code.is_empty() || enumeration(rest, false).is_some(),
                Section::Summary | Section::Metadata => false,
                _ => true,
            });
        match told {
            Some((Section::Goal, _)) => goal = true,
            Some((Section::Field(field), value)) => {
                outline.facts.push(Fact {
                    key: clause.plain.clone(),
                    field: Some((field, usize::MAX)),
                    value,
                });
                moved = true;
                continue;
            }
            Some((about, rest)) => {
                outline
                    .sections
                    .entry(about)
                    .or_default()
                    .push(Piece::Value(vec![rest]));
                moved = true;
                continue;
            }
            None => {}
        }
        left.append(&clause);
        left.push(".", false);
    }
    outline.loose |= moved || goal;
    let lines = if moved { vec![left.trimmed()] } else { lines };
    let goal = goal && !outline.sections.contains_key(&Section::Goal);
    let blank = lines.iter().all(Text::is_blank);
    (!blank).then_some((
        if goal { Section::Goal } else { section },
        Piece::Paragraph { depth, lines },
    ))
}

/// The clauses of a sentence, where one of them has a statement of its own.
fn clauses(sentence: &Text) -> Vec<Text> {
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, _) in sentence.top_level().filter(|(_, c)| *c == ';') {
        clauses.push(sentence.slice(from..at));
        from = at + 1;
    }
    clauses.push(sentence.slice(from..sentence.plain.len()));
    if clauses.iter().any(|clause| cue(&clause.plain).is_some()) {
        clauses
    } else {
        vec![sentence.clone()]
    }
}
