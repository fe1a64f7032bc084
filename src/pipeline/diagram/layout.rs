//! Where boxes and lines go.
//!
//! Tables stand in columns, facts in the middle and what they point at on both sides; lines
//! are orthogonal and run in the channels between the columns. The method is the layered one
//! (Sugiyama, Tagawa and Toda 1981), with three differences that suit stars:
//!
//! - columns are not ranks of a direction: [`columns`] puts joined tables into neighbouring
//!   columns and keeps the columns equally tall;
//! - the joins to one table leave it as one trunk that branches, so that a calendar with
//!   thirty joins is one line and not thirty ([`wiring`]);
//! - lines are routed as nets in a channel (the left-edge method of circuit layout), which
//!   keeps them off all boxes by construction ([`channels`]).
//!
//! Several numbers of columns are tried; the one that fits a 4:3 page best is kept.

mod channels;
mod columns;
mod order;
mod packing;
mod rows;
#[cfg(test)]
mod tests;
mod wiring;

pub(super) use channels::CHILD_MARK;

/// The height of a row of a box, the unit of all heights, in pixels.
pub(super) const ROW: f64 = 20.0;
/// The room between neighbouring drawings, in pixels.
const GAP: f64 = 40.0;
/// The usual width of a channel, in pixels.
const CHANNEL: f64 = 160.0;
/// The most columns that are thought of.
const COLUMNS_MAX: usize = 10;

/// A table as the layout sees it.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Pixels.
    pub width: f64,
    /// Rows: the header's two and one for each column that is shown.
    pub rows: usize,
    /// Whether one more row says how many columns are not shown.
    pub has_more: bool,
    /// Whether it belongs in the middle.
    pub is_central: bool,
}

/// A join as the layout sees it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Place of the table that is pointed at.
    pub parent: usize,
    /// The row of its key.
    pub parent_row: usize,
    /// Place of the table that holds the foreign key.
    pub child: usize,
    /// The row of the foreign key; `None` where it is not shown.
    pub child_row: Option<usize>,
    /// Links to a table share a trunk where they look alike at its end.
    pub style: u8,
    /// The room that the label needs beside the child, in pixels.
    pub label_width: f64,
}

/// A point, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// A box.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Everything in its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Drawing {
    pub width: f64,
    pub height: f64,
    /// By place of the table.
    pub boxes: Vec<Rect>,
    /// By place of the join: the corners of its line, from the parent to the child.
    pub lines: Vec<Vec<Point>>,
}

/// Reading and writing by place without a panic: what is not there has the default value
/// and keeps nothing.
trait At<T> {
    fn at(&self, place: usize) -> T;
    fn put(&mut self, place: usize, value: T);
}

impl<T: Copy + Default> At<T> for [T] {
    fn at(&self, place: usize) -> T {
        self.get(place).copied().unwrap_or_default()
    }

    fn put(&mut self, place: usize, value: T) {
        if let Some(slot) = self.get_mut(place) {
            *slot = value;
        }
    }
}

/// Lays out tables and joins; the same input gives the same places.
pub(super) fn arrange(shapes: &[Shape], links: &[Link]) -> Drawing {
    let parts = packing::components(shapes.len(), links);
    let blocks: Vec<packing::Block> = parts
        .into_iter()
        .map(|part| {
            let (own_shapes, own_links) = part.cut(shapes, links);
            let drawing = arrange_connected(&own_shapes, &own_links);
            packing::Block { part, drawing }
        })
        .collect();
    packing::pack(&blocks, shapes.len(), links.len())
}

/// Lays out tables that hang together, with the number of columns that suits them best.
fn arrange_connected(shapes: &[Shape], links: &[Link]) -> Drawing {
    let guess = columns_for_page(shapes);
    let from = guess.saturating_sub(1).max(1).min(shapes.len());
    let to = (guess + 2).min(shapes.len());
    let mut best: Option<(f64, Drawing)> = None;
    for count in from..=to {
        let (cost, drawing) = arrange_in_columns(shapes, links, count);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, drawing));
        }
    }
    best.map(|(_, drawing)| drawing).unwrap_or_default()
}

/// How many columns of these tables make a 4:3 page.
fn columns_for_page(shapes: &[Shape]) -> usize {
    let width: f64 = shapes.iter().map(|shape| shape.width + CHANNEL).sum();
    let rows: usize = shapes.iter().map(|shape| shape.rows + 2).sum();
    let column = width / as_f64(shapes.len().max(1));
    let wanted = (as_f64(rows) * ROW * 4.0 / 3.0 / column.max(1.0)).sqrt();
    (1..COLUMNS_MAX)
        .find(|count| as_f64(*count) + 0.5 > wanted)
        .unwrap_or(COLUMNS_MAX)
}

/// Lays out in so many columns, and says what that costs: the width of the 4:3 page that
/// it needs, and more for each crossing.
fn arrange_in_columns(shapes: &[Shape], links: &[Link], count: usize) -> (f64, Drawing) {
    let columns = columns::assign(shapes, links, count);
    let mut wiring = wiring::Wiring::new(shapes, links, &columns);
    let (mut order, crossings) = order::order(&wiring);
    let mut tops = rows::place(&wiring, &order);
    // The rows of joins whose column is not shown follow what they lead to.
    wiring.sort_hidden(links, &tops);
    order = order::refine(&wiring, order);
    tops = rows::place(&wiring, &order);
    let drawing = channels::route(shapes, links, &wiring, &tops);
    let page = drawing.width.max(drawing.height * 4.0 / 3.0);
    let crowding = as_f64(crossings) / (4.0 * as_f64(links.len()) + 8.0);
    let length: f64 = drawing.lines.iter().map(|line| length(line)).sum();
    let mean_length = length / as_f64(links.len().max(1));
    (page * (1.0 + crowding) + mean_length / 2.0, drawing)
}

/// How long a line is; its parts are parallel to the axes.
fn length(line: &[Point]) -> f64 {
    line.windows(2)
        .map(|ends| match ends {
            [a, b] => (a.x - b.x).abs() + (a.y - b.y).abs(),
            _ => 0.0,
        })
        .sum()
}

/// A small number as a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of tables, rows and lines"
)]
pub(super) fn as_f64(count: usize) -> f64 {
    count as f64
}
