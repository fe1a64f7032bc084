//! Names as they may stand in an SVG document, and how wide they are drawn.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a name that are looked at; the rest is cut off.
const CHARACTERS_MAX: usize = 400;
/// The most marks above and below one letter.
const MARKS_MAX: usize = 2;
/// What another font may be wider than the one measured: the sans font to which Linux falls
/// back (`DejaVu Sans`) is 10 % wider.
const MARGIN: f64 = 1.12;
/// How much wider bold letters are.
const BOLD: f64 = 1.08;

/// The advance widths of the characters from space to `~`, in hundredths of the font size,
/// rounded up; read from the `hmtx` table of Liberation Sans Regular, whose widths are those
/// of Arial and Helvetica.
const WIDTHS: [u8; 95] = [
    28, 28, 36, 56, 56, 89, 67, 20, 34, 34, 39, 59, 28, 34, 28, 28, 56, 56, 56, 56, 56, 56, 56, 56,
    56, 56, 28, 28, 59, 59, 59, 56, 102, 67, 67, 73, 73, 67, 62, 78, 73, 28, 50, 67, 56, 84, 73,
    78, 67, 78, 73, 67, 62, 73, 67, 95, 67, 67, 62, 28, 28, 28, 47, 56, 34, 56, 56, 50, 56, 56, 28,
    56, 56, 23, 23, 50, 23, 84, 56, 56, 56, 56, 34, 50, 28, 56, 50, 73, 50, 50, 50, 34, 26, 34, 59,
];

/// A font: its size in pixels, and whether it is bold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    pub size: f64,
    pub is_bold: bool,
}

impl Font {
    pub(super) const fn regular(size: f64) -> Self {
        let is_bold = false;
        Self { size, is_bold }
    }

    pub(super) const fn bold(size: f64) -> Self {
        let is_bold = true;
        Self { size, is_bold }
    }

    /// How wide a text is at most, in pixels.
    pub(super) fn width(self, text: &str) -> f64 {
        let weight = if self.is_bold { BOLD } else { 1.0 };
        text.nfkd().map(advance).sum::<f64>() * self.size * weight * MARGIN
    }

    /// The text, or as much of it as fits with an ellipsis.
    pub(super) fn fit(self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut left = room - self.width("…");
        let mut cut = String::new();
        for c in text.chars() {
            left -= self.width(c.encode_utf8(&mut [0; 4]));
            if left < 0.0 {
                break;
            }
            cut.push(c);
        }
        cut.truncate(cut.trim_end().len());
        cut + "…"
    }
}

/// The width of a character in shares of the font size, generous where it is not measured.
fn advance(c: char) -> f64 {
    let code = u32::from(c);
    let known = code
        .checked_sub(32)
        .and_then(|place| WIDTHS.get(usize::try_from(place).ok()?));
    match (known, code) {
        (Some(width), _) => f64::from(*width) / 100.0,
        _ if is_combining_mark(c) => 0.0,
        // Joiners and other signs that are not drawn.
        (_, 0x200B..=0x200D | 0x2060..=0x2064 | 0xFE00..=0xFE0F | 0xFEFF) => 0.0,
        (_, 0xA0..=0x24F) => 0.8,
        (_, 0x370..=0x52F) => 0.85,
        // Cuneiform holds the widest signs there are.
        (_, 0x1_2000..=0x1_254F) => 4.0,
        (_, 0x1_F000..) => 1.4,
        _ => 1.05,
    }
}

/// A name as a person may be shown it: no control character, no sign that turns the
/// direction of writing, no tower of accents, and something where there is nothing.
pub(super) fn shown(name: &str) -> String {
    let mut text = String::with_capacity(name.len().min(CHARACTERS_MAX));
    let mut marks = 0;
    for c in name.chars().take(CHARACTERS_MAX) {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        match c {
            _ if marks > MARKS_MAX => {}
            _ if c.is_control() || c.is_whitespace() => text.push(' '),
            _ if turns_direction(c) || is_no_character(c) => text.push('\u{FFFD}'),
            _ => text.push(c),
        }
    }
    if text.trim().is_empty() {
        return "(no name)".to_owned();
    }
    text
}

/// A text with everything that is markup written as an entity.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A name for programs, as an attribute: every character that XML knows, the unusual ones
/// by number, so that the attribute holds the very name.
pub(super) fn exact(name: &str) -> String {
    let mut exact = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{7F}'..'\u{A0}' => push_code(&mut exact, c),
            _ if turns_direction(c) => push_code(&mut exact, c),
            _ if c.is_control() || is_no_character(c) => exact.push('\u{FFFD}'),
            _ => exact.push_str(&escaped(c.encode_utf8(&mut [0; 4]))),
        }
    }
    exact
}

fn push_code(text: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(text, "&#{};", u32::from(c));
}

/// Signs that reverse the text after them.
fn turns_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Codes that stand for no character; two of them are not allowed in XML at all.
fn is_no_character(c: char) -> bool {
    let code = u32::from(c);
    code & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&code)
}
