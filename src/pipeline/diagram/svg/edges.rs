//! Joins as lines in crow's foot notation.

use std::fmt::Write;

use super::entities::Card;
use super::text::{Font, escaped, exact, shown};
use super::{LINE, MUTED, Svg, number};
use crate::pipeline::diagram::layout::{CHILD_MARK, Link, Point};
use crate::pipeline::diagram::{ColumnPair, Edge, Picture};
use crate::pipeline::structure::{Cardinality, Origin};

/// How an inferred join is drawn.
pub(super) const DASHES: &str = " stroke-dasharray=\"5 3\"";
/// How round corners are, in pixels.
const RADIUS: f64 = 6.0;
const LABEL_FONT: Font = Font::regular(10.0);
const LABEL_MAX: f64 = 175.0;

/// A join as the layout sees it.
pub(super) fn link(edge: &Edge, cards: &[Card]) -> Link {
    let first = edge.columns.first();
    let parent_row = cards.get(edge.parent).map_or(0, |card| {
        card.key_row(first.map_or(usize::MAX, |pair| pair.parent_place))
    });
    let child = cards.get(edge.child);
    let label = label(edge, child);
    let label_width = if label.is_empty() {
        0.0
    } else {
        LABEL_FONT.width(&label) + 4.0
    };
    Link {
        parent: edge.parent,
        parent_row,
        child: edge.child,
        child_row: first.and_then(|pair| child?.row_of(pair.child_place)),
        style: u8::from(edge.optional) + 2 * u8::from(edge.origin == Origin::Declared),
        label_width,
    }
}

/// What stands beside the child: the columns of the foreign key, unless the line starts at
/// the row of its only one; and how sure an inferred join is.
fn label(edge: &Edge, child: Option<&Card>) -> String {
    let starts_at_name = matches!(edge.columns.as_slice(), [only]
        if child.is_some_and(|card| card.row_of(only.child_place).is_some()));
    let sure = match edge.origin {
        Origin::Declared => String::new(),
        Origin::Inferred => percent(edge.confidence),
    };
    if starts_at_name {
        return sure;
    }
    let room = LABEL_MAX - LABEL_FONT.width(&sure);
    let name = LABEL_FONT.fit(&shown(&edge.label()), room);
    format!("{name} {sure}").trim_end().to_owned()
}

fn percent(confidence: f64) -> String {
    format!("{:.0} %", (confidence * 100.0).clamp(0.0, 100.0))
}

/// Draws a join along its line.
pub(super) fn draw(svg: &mut Svg, picture: &Picture, edge: &Edge, line: &[Point], cards: &[Card]) {
    let (Some(parent), Some(child)) = (
        picture.entities.get(edge.parent),
        picture.entities.get(edge.child),
    ) else {
        return;
    };
    let ([start, second, ..], [.., before, end]) = (line, line) else {
        return;
    };
    let (class, dashes) = match edge.origin {
        Origin::Declared => ("edge-declared", ""),
        Origin::Inferred => ("edge-inferred", DASHES),
    };
    svg.push(&format!(
        "<g class=\"edge {class}\" data-parent=\"{}\" data-child=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"1.3\">",
        exact(&parent.full_name),
        exact(&child.full_name),
    ));
    let words = described(edge, &parent.full_name, &child.full_name);
    svg.push(&format!("<title>{}</title>", escaped(&words)));
    svg.push(&format!("<path d=\"{}\"{dashes}/>", path(line)));
    let away = |from: &Point, to: &Point| if to.x < from.x { -1.0 } else { 1.0 };
    let marks = [
        parent_mark(edge, *start, away(start, second)),
        child_mark(edge, *end, away(end, before)),
    ];
    svg.push(&format!(
        "<path class=\"edge-end\" d=\"{}\" fill=\"#ffffff\"/>",
        marks.concat()
    ));
    draw_label(svg, edge, *end, away(end, before), cards.get(edge.child));
    svg.push("</g>");
}

fn draw_label(svg: &mut Svg, edge: &Edge, end: Point, away: f64, child: Option<&Card>) {
    let label = label(edge, child);
    if label.is_empty() {
        return;
    }
    let anchor = if away < 0.0 { "end" } else { "start" };
    svg.push(&format!(
        "<text class=\"edge-label\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{MUTED}\" stroke=\"none\">{}</text>",
        number(end.x + away * CHILD_MARK),
        number(end.y - 3.0),
        LABEL_FONT.size,
        escaped(&label),
    ));
}

/// The join in words: `dm.orders.customer_id refers to dm.customers.id: many to one, …`.
fn described(edge: &Edge, parent: &str, child: &str) -> String {
    let columns = |name: fn(&ColumnPair) -> &str| {
        let names: Vec<&str> = edge.columns.iter().map(name).collect();
        shown(&names.join(", "))
    };
    let mut words = format!(
        "{} ({}) refers to {} ({}): ",
        shown(child),
        columns(|pair| &pair.child),
        shown(parent),
        columns(|pair| &pair.parent),
    );
    words += match edge.cardinality {
        Cardinality::ManyToOne => "many to one",
        Cardinality::OneToOne => "one to one",
    };
    words += if edge.optional { ", may be empty" } else { "" };
    match edge.origin {
        Origin::Declared => words += ", declared in the catalog",
        Origin::Inferred => {
            // Writing to a string cannot fail.
            let _ = write!(words, ", inferred, confidence {}", percent(edge.confidence));
        }
    }
    words
}

/// A line with round corners. It begins at the parent, so that the dashes of lines that
/// share a trunk lie on each other.
fn path(line: &[Point]) -> String {
    let point = |point: Point| format!("{} {}", number(point.x), number(point.y));
    let mut path: Vec<String> = Vec::with_capacity(line.len());
    path.extend(line.first().map(|first| format!("M{}", point(*first))));
    for corner in line.windows(3) {
        let &[from, at, to] = corner else {
            continue;
        };
        // Half of a side is left to the next corner.
        let reach = |a: Point, b: Point| f64::midpoint((a.x - b.x).abs(), (a.y - b.y).abs());
        let radius = RADIUS.min(reach(from, at)).min(reach(at, to));
        let (near, far) = (toward(at, from, radius), toward(at, to, radius));
        path.push(format!("L{}Q{} {}", point(near), point(at), point(far)));
    }
    path.extend(line.last().map(|last| format!("L{}", point(*last))));
    path.concat()
}

/// The point so far from `from` on the way to `to`, on an axis.
fn toward(from: Point, to: Point, length: f64) -> Point {
    let step = |a: f64, b: f64| {
        if (b - a).abs() < 0.01 {
            a
        } else {
            a + length * (b - a).signum()
        }
    };
    Point {
        x: step(from.x, to.x),
        y: step(from.y, to.y),
    }
}

/// `one`: two bars; `zero or one`: a bar and a circle.
fn parent_mark(edge: &Edge, at: Point, away: f64) -> String {
    if edge.optional {
        bar(at, away * 6.0) + &circle(at, away * 12.0)
    } else {
        bar(at, away * 6.0) + &bar(at, away * 10.0)
    }
}

/// `zero or many`: a foot and a circle; `zero or one`: a bar and a circle.
fn child_mark(edge: &Edge, at: Point, away: f64) -> String {
    match edge.cardinality {
        Cardinality::ManyToOne => {
            let heel = number(at.x + away * 10.0);
            let (x, y) = (number(at.x), number(at.y));
            let (upper, lower) = (number(at.y - 5.0), number(at.y + 5.0));
            format!("M{x} {upper}L{heel} {y}L{x} {lower}M{x} {y}H{heel}") + &circle(at, away * 13.5)
        }
        Cardinality::OneToOne => bar(at, away * 6.0) + &circle(at, away * 12.0),
    }
}

fn bar(at: Point, distance: f64) -> String {
    let x = number(at.x + distance);
    format!("M{x} {}V{}", number(at.y - 4.0), number(at.y + 4.0))
}

fn circle(at: Point, distance: f64) -> String {
    const R: f64 = 3.5;
    let left = number(at.x + distance - R);
    let y = number(at.y);
    format!("M{left} {y}a{R} {R} 0 1 0 7 0a{R} {R} 0 1 0 -7 0Z")
}
