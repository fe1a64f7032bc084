//! Drawings that do not hang together, beside and beneath each other.

use super::{At, Drawing, GAP, Link, Point, Rect, Shape};

/// Tables that hang together, and the joins between them, by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    tables: Vec<usize>,
    links: Vec<usize>,
    /// Whether a table is joined to another one.
    is_joined: bool,
}

impl Part {
    /// The shapes and links of this part alone, numbered anew.
    pub(super) fn cut(&self, shapes: &[Shape], links: &[Link]) -> (Vec<Shape>, Vec<Link>) {
        let mut places = vec![0; shapes.len()];
        for (place, table) in self.tables.iter().enumerate() {
            places.put(*table, place);
        }
        let own_shapes = self.tables.iter().filter_map(|table| shapes.get(*table));
        let own_links = self.links.iter().filter_map(|link| links.get(*link));
        let own_links = own_links.map(|link| Link {
            parent: places.at(link.parent),
            child: places.at(link.child),
            ..link.clone()
        });
        (own_shapes.cloned().collect(), own_links.collect())
    }
}

/// A part that is laid out.
pub(super) struct Block {
    pub part: Part,
    pub drawing: Drawing,
}

/// The parts of a picture, those with most tables first, then by their first table.
pub(super) fn components(tables: usize, links: &[Link]) -> Vec<Part> {
    // Union by smallest place; the chains stay short, for pictures are small.
    let mut leaders: Vec<usize> = (0..tables).collect();
    let leader = |leaders: &[usize], mut table: usize| {
        while leaders.at(table) < table {
            table = leaders.at(table);
        }
        table
    };
    for link in links {
        let (a, b) = (leader(&leaders, link.parent), leader(&leaders, link.child));
        leaders.put(a.max(b), a.min(b));
    }
    let mut parts: Vec<Part> = vec![Part::default(); tables];
    for table in 0..tables {
        if let Some(part) = parts.get_mut(leader(&leaders, table)) {
            part.tables.push(table);
        }
    }
    for (place, link) in links.iter().enumerate() {
        if let Some(part) = parts.get_mut(leader(&leaders, link.parent)) {
            part.links.push(place);
            part.is_joined |= link.parent != link.child;
        }
    }
    parts.retain(|part| !part.tables.is_empty());
    parts.sort_by_key(|part| std::cmp::Reverse(part.tables.len()));
    parts
}

/// Puts the blocks on shelves, those without a join beneath the others, on a page as near
/// to 4:3 as they allow.
pub(super) fn pack(blocks: &[Block], tables: usize, links: usize) -> Drawing {
    let widest = blocks
        .iter()
        .map(|block| block.drawing.width)
        .fold(0.0, f64::max);
    let page = |corners: &Shelves| corners.width.max(corners.height * 4.0 / 3.0);
    let mut best = Shelves::fill(blocks, widest);
    for step in 1..24 {
        let shelves = Shelves::fill(blocks, widest * (1.0 + f64::from(step) / 4.0));
        if page(&shelves) < page(&best) {
            best = shelves;
        }
    }
    let mut drawing = Drawing {
        width: best.width,
        height: best.height,
        boxes: vec![Rect::default(); tables],
        lines: vec![Vec::new(); links],
    };
    for (block, corner) in blocks.iter().zip(&best.corners) {
        for (table, rect) in block.part.tables.iter().zip(&block.drawing.boxes) {
            let moved = Rect {
                x: rect.x + corner.x,
                y: rect.y + corner.y,
                ..*rect
            };
            drawing.boxes.put(*table, moved);
        }
        for (link, line) in block.part.links.iter().zip(&block.drawing.lines) {
            let moved = line.iter().map(|point| Point {
                x: point.x + corner.x,
                y: point.y + corner.y,
            });
            if let Some(slot) = drawing.lines.get_mut(*link) {
                *slot = moved.collect();
            }
        }
    }
    drawing
}

/// The corners of blocks that stand on shelves of one width.
struct Shelves {
    corners: Vec<Point>,
    width: f64,
    height: f64,
}

impl Shelves {
    fn fill(blocks: &[Block], limit: f64) -> Self {
        let mut shelves = Self {
            corners: Vec::with_capacity(blocks.len()),
            width: 0.0,
            height: 0.0,
        };
        // Tables without a join share a grid, as wide as the widest of them.
        let cell = blocks
            .iter()
            .filter(|block| !block.part.is_joined)
            .map(|block| block.drawing.width)
            .fold(0.0, f64::max);
        let (mut x, mut y, mut was_joined) = (0.0, 0.0, true);
        for block in blocks {
            let is_joined = block.part.is_joined;
            let width = if is_joined { block.drawing.width } else { cell };
            let starts_grid = was_joined && !is_joined;
            if x > 0.0 && (starts_grid || x + width > limit) {
                (x, y) = (0.0, shelves.height + GAP);
            }
            was_joined = is_joined;
            shelves.corners.push(Point { x, y });
            shelves.width = shelves.width.max(x + width);
            shelves.height = shelves.height.max(y + block.drawing.height);
            x += width + GAP;
        }
        shelves
    }
}
