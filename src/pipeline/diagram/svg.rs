//! A picture as an SVG document that can stand in a page under a strict content policy: no
//! script, no style, no id, no reference. Colours are presentation attributes, which any
//! rule of the page's own style sheet outweighs.

mod edges;
mod entities;
mod text;

use std::fmt::Write;

use self::entities::Card;
use self::text::Font;
use super::layout::{self, Rect, as_f64};
use super::{Edge, Picture};
use crate::pipeline::structure::Origin;

/// The most rows of columns in one document, so that it stays one that a browser can open.
const ROWS_MAX: usize = 2_000;
/// White around everything, in pixels.
const MARGIN: f64 = 24.0;
/// The line beneath that explains the lines.
const LEGEND: f64 = 32.0;
const LEGEND_FONT: Font = Font::regular(11.0);

const INK: &str = "#0f172a";
const MUTED: &str = "#475569";
const LINE: &str = "#64748b";

/// The whole document.
pub(super) fn document(picture: &Picture) -> String {
    let limit = columns_that_fit(picture);
    let cards: Vec<Card> = picture
        .entities
        .iter()
        .map(|entity| Card::of(entity, limit))
        .collect();
    let shapes: Vec<layout::Shape> = cards.iter().map(Card::shape).collect();
    let links: Vec<layout::Link> = picture
        .edges
        .iter()
        .map(|edge| edges::link(edge, &cards))
        .collect();
    let drawing = layout::arrange(&shapes, &links);
    let mut svg = Svg::default();
    let legend = legend(picture);
    let legend_width = legend_width(&legend);
    let width = drawing.width.max(legend_width) + 2.0 * MARGIN;
    let beneath = if legend.is_empty() { 0.0 } else { LEGEND };
    let height = drawing.height + 2.0 * MARGIN + beneath;
    open(&mut svg, picture, width, height);
    let shift = (width - 2.0 * MARGIN - drawing.width) / 2.0;
    svg.push(&format!(
        "<g transform=\"translate({} {})\">",
        number(MARGIN + shift.floor()),
        number(MARGIN)
    ));
    for (edge, line) in picture.edges.iter().zip(&drawing.lines) {
        edges::draw(&mut svg, picture, edge, line, &cards);
    }
    for (card, place) in cards.iter().zip(&drawing.boxes) {
        entities::draw(&mut svg, card, *place);
    }
    svg.push("</g>");
    draw_legend(&mut svg, &legend, height - MARGIN);
    svg.push("</svg>");
    svg.text
}

/// The document as it grows, an element a line.
#[derive(Debug, Default)]
struct Svg {
    text: String,
}

impl Svg {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A length, without decimals that do not matter.
fn number(length: f64) -> String {
    let rounded = (length * 10.0).round() / 10.0;
    format!("{rounded}")
}

/// How many columns a table may show if all are to fit.
fn columns_that_fit(picture: &Picture) -> usize {
    let rows = |limit: usize| -> usize {
        let columns = picture.entities.iter().map(|entity| entity.columns.len());
        columns.map(|columns| columns.min(limit)).sum()
    };
    let widest = picture.entities.iter().map(|entity| entity.columns.len());
    let mut limit = widest.max().unwrap_or_default();
    while rows(limit) > ROWS_MAX {
        limit = limit * 9 / 10;
    }
    limit
}

fn open(svg: &mut Svg, picture: &Picture, width: f64, height: f64) {
    let (width, height) = (number(width.ceil()), number(height.ceil()));
    svg.push(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"group\" \
         font-family=\"Arial, Helvetica, 'Liberation Sans', sans-serif\" font-size=\"12\" fill=\"{INK}\">"
    ));
    svg.push("<title>Entity relationship diagram</title>");
    svg.push(&format!("<desc>{}</desc>", description(picture)));
    svg.push(&format!(
        "<rect class=\"background\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
    ));
}

/// What there is to see, in words.
fn description(picture: &Picture) -> String {
    let inferred = picture
        .edges
        .iter()
        .filter(|edge| edge.origin == Origin::Inferred)
        .count();
    let mut text = match picture.table_count() {
        0 => "No table is in scope".to_owned(),
        tables => format!(
            "{} and {}",
            counted(tables, "table"),
            counted(picture.edge_count(), "join")
        ),
    };
    if inferred > 0 {
        let _ = write!(text, ", {inferred} of them inferred");
    }
    if picture.left_out > 0 {
        let _ = write!(
            text,
            "; {} left out",
            counted(picture.left_out, "more table")
        );
    }
    text + "."
}

/// `1 table`, `2 tables`.
fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// A remark beneath the drawing, with a sample of the line it explains.
struct Remark {
    text: String,
    /// Whether the sample is dashed; `None`: there is no sample.
    dashed: Option<bool>,
}

fn legend(picture: &Picture) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let has = |origin| {
        picture
            .edges
            .iter()
            .any(|edge: &Edge| edge.origin == origin)
    };
    if has(Origin::Declared) {
        remarks.push(Remark {
            text: "declared in the catalog".to_owned(),
            dashed: Some(false),
        });
    }
    if has(Origin::Inferred) {
        remarks.push(Remark {
            text: "inferred, with its confidence".to_owned(),
            dashed: Some(true),
        });
    }
    if picture.entities.is_empty() {
        remarks.push(Remark {
            text: "No table is in scope.".to_owned(),
            dashed: None,
        });
    }
    if picture.left_out > 0 {
        let more = counted(picture.left_out, "more table");
        remarks.push(Remark {
            text: format!("{more} left out: narrow the request or the scope"),
            dashed: None,
        });
    }
    remarks
}

/// The room of a sample, and the one after a remark.
const SAMPLE: f64 = 36.0;
const AFTER: f64 = 24.0;

fn legend_width(legend: &[Remark]) -> f64 {
    legend.iter().map(remark_width).sum()
}

fn remark_width(remark: &Remark) -> f64 {
    let sample = if remark.dashed.is_some() { SAMPLE } else { 0.0 };
    sample + LEGEND_FONT.width(&remark.text) + AFTER
}

fn draw_legend(svg: &mut Svg, legend: &[Remark], y: f64) {
    let mut x = MARGIN;
    for remark in legend {
        let mut start = x;
        if let Some(dashed) = remark.dashed {
            let dashes = if dashed { edges::DASHES } else { "" };
            let (from, to, middle) = (number(x), number(x + SAMPLE - 8.0), number(y - 4.0));
            svg.push(&format!(
                "<path class=\"legend\" d=\"M{from} {middle}H{to}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"1.3\"{dashes}/>"
            ));
            start += SAMPLE;
        }
        svg.push(&format!(
            "<text class=\"legend\" x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{MUTED}\">{}</text>",
            number(start),
            number(y),
            LEGEND_FONT.size,
            remark.text
        ));
        x += remark_width(remark);
    }
}
