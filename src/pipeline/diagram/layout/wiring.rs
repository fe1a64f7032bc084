//! What is connected to what once every table has its column: sides, trunks, passages.

use std::collections::BTreeMap;

use super::{At, Link, Shape, as_f64};

/// A side of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) enum Side {
    #[default]
    Left,
    Right,
}

/// Something that takes room in a column: a table, or a trunk on its way through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Item {
    pub column: usize,
    /// Rows.
    pub height: usize,
    /// A trunk needs no distance from its neighbours.
    pub is_table: bool,
}

/// The joins that leave a table on one side and look alike there: one line that branches.
#[derive(Debug, Clone)]
pub(super) struct Trunk {
    /// The table that is pointed at, and the item from which the trunk starts.
    pub parent: usize,
    pub side: Side,
    /// The row of the key.
    pub row: usize,
    /// Places of its links.
    pub links: Vec<usize>,
    /// The items by which it passes through columns, the nearest first.
    pub passages: Vec<usize>,
}

/// Two items in neighbouring columns, or in the same one, that a line connects; offsets in
/// rows from the top of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub from: usize,
    pub from_offset: f64,
    pub to: usize,
    pub to_offset: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Wiring {
    /// The tables by their places, then the passages.
    pub items: Vec<Item>,
    pub trunks: Vec<Trunk>,
    /// By link: the row at which it ends at the child, and on which side.
    pub child_rows: Vec<usize>,
    pub child_sides: Vec<Side>,
    /// By link: its trunk.
    pub trunk_of: Vec<usize>,
    pub segments: Vec<Segment>,
    pub columns: usize,
    /// By table: the first row for joins whose column is not shown.
    first_hidden: Vec<usize>,
}

impl Wiring {
    pub(super) fn new(shapes: &[Shape], links: &[Link], columns: &[usize]) -> Self {
        let sides = sides(links, columns);
        let mut hidden: BTreeMap<(usize, Side), usize> = BTreeMap::new();
        let mut child_rows = Vec::with_capacity(links.len());
        for (link, (_, side)) in links.iter().zip(&sides) {
            let first = shapes.get(link.child).map_or(0, |shape| shape.rows);
            child_rows.push(link.child_row.unwrap_or_else(|| {
                let used = hidden.entry((link.child, *side)).or_default();
                *used += 1;
                first + *used - 1
            }));
        }
        let items = shapes.iter().enumerate().map(|(place, shape)| {
            let on = |side| hidden.get(&(place, side)).copied().unwrap_or_default();
            let more = on(Side::Left).max(on(Side::Right));
            Item {
                column: columns.at(place),
                height: shape.rows + more.max(usize::from(shape.has_more)),
                is_table: true,
            }
        });
        let mut wiring = Self {
            items: items.collect(),
            trunks: Vec::new(),
            child_rows,
            child_sides: sides.iter().map(|(_, child)| *child).collect(),
            trunk_of: Vec::with_capacity(links.len()),
            segments: Vec::new(),
            columns: columns.iter().max().map_or(0, |last| last + 1),
            first_hidden: shapes.iter().map(|shape| shape.rows).collect(),
        };
        wiring.gather_trunks(links, &sides);
        wiring.make_passages(links);
        wiring.make_segments(links);
        wiring
    }

    fn gather_trunks(&mut self, links: &[Link], sides: &[(Side, Side)]) {
        let mut known: BTreeMap<(usize, Side, u8, usize), usize> = BTreeMap::new();
        for (place, (link, (side, _))) in links.iter().zip(sides).enumerate() {
            let key = (link.parent, *side, link.style, link.parent_row);
            let trunk = *known.entry(key).or_insert_with(|| {
                self.trunks.push(Trunk {
                    parent: link.parent,
                    side: *side,
                    row: link.parent_row,
                    links: Vec::new(),
                    passages: Vec::new(),
                });
                self.trunks.len() - 1
            });
            if let Some(trunk) = self.trunks.get_mut(trunk) {
                trunk.links.push(place);
            }
            self.trunk_of.push(trunk);
        }
    }

    /// Gives every trunk a way through the columns between its ends.
    fn make_passages(&mut self, links: &[Link]) {
        for trunk in &mut self.trunks {
            let home = self.items.at(trunk.parent).column;
            let reach = trunk
                .links
                .iter()
                .filter_map(|link| links.get(*link))
                .map(|link| self.items.at(link.child).column.abs_diff(home))
                .max();
            for distance in 1..reach.unwrap_or_default() {
                trunk.passages.push(self.items.len());
                self.items.push(Item {
                    column: match trunk.side {
                        Side::Right => home + distance,
                        Side::Left => home.saturating_sub(distance),
                    },
                    height: 1,
                    is_table: false,
                });
            }
        }
    }

    fn make_segments(&mut self, links: &[Link]) {
        let mut segments = Vec::new();
        for trunk in &self.trunks {
            let home = self.items.at(trunk.parent).column;
            let start = (trunk.parent, as_f64(trunk.row) + 0.5);
            // Where the trunk is, this many columns from home.
            let stop = |distance: usize| match distance {
                0 => start,
                _ => (
                    trunk
                        .passages
                        .get(distance - 1)
                        .copied()
                        .unwrap_or_default(),
                    0.5,
                ),
            };
            let mut connect = |(from, from_offset): (usize, f64), (to, to_offset): (usize, f64)| {
                segments.push(Segment {
                    from,
                    from_offset,
                    to,
                    to_offset,
                });
            };
            for distance in 1..=trunk.passages.len() {
                connect(stop(distance - 1), stop(distance));
            }
            for place in &trunk.links {
                let Some(link) = links.get(*place) else {
                    continue;
                };
                let distance = self.items.at(link.child).column.abs_diff(home);
                let end = (link.child, as_f64(self.child_rows.at(*place)) + 0.5);
                connect(stop(distance.saturating_sub(1)), end);
            }
        }
        self.segments = segments;
    }

    /// Puts the joins whose column is not shown into the order of what they lead to.
    pub(super) fn sort_hidden(&mut self, links: &[Link], tops: &[i64]) {
        let mut hidden: BTreeMap<(usize, Side), Vec<(i64, usize)>> = BTreeMap::new();
        for (place, link) in links.iter().enumerate() {
            if link.child_row.is_some() {
                continue;
            }
            let row = i64::try_from(link.parent_row).unwrap_or_default();
            let mut target = tops.at(link.parent) + row;
            if let Some(trunk) = self.trunks.get(self.trunk_of.at(place))
                && let Some(passage) = self.last_passage(trunk, link.child)
            {
                target = tops.at(passage);
            }
            let key = (link.child, self.child_sides.at(place));
            hidden.entry(key).or_default().push((target, place));
        }
        for ((table, _), mut ends) in hidden {
            ends.sort_unstable();
            let first = self.first_hidden.at(table);
            for (row, (_, place)) in ends.into_iter().enumerate() {
                self.child_rows.put(place, first + row);
            }
        }
        self.make_segments(links);
    }

    /// The passage from which a trunk reaches the child; `None` where they are neighbours.
    fn last_passage(&self, trunk: &Trunk, child: usize) -> Option<usize> {
        let home = self.items.at(trunk.parent).column;
        let distance = self.items.at(child).column.abs_diff(home);
        trunk.passages.get(distance.checked_sub(2)?).copied()
    }
}

/// The sides of parent and child on which each link ends: those that face each other; in
/// one column the side on which both have fewer links.
fn sides(links: &[Link], columns: &[usize]) -> Vec<(Side, Side)> {
    let mut used: BTreeMap<(usize, Side), usize> = BTreeMap::new();
    let mut sides = vec![(Side::Left, Side::Left); links.len()];
    let apart = |link: &Link| columns.at(link.parent) != columns.at(link.child);
    for (place, link) in links.iter().enumerate().filter(|(_, link)| apart(link)) {
        let facing = if columns.at(link.parent) < columns.at(link.child) {
            (Side::Right, Side::Left)
        } else {
            (Side::Left, Side::Right)
        };
        sides.put(place, facing);
        *used.entry((link.parent, facing.0)).or_default() += 1;
        *used.entry((link.child, facing.1)).or_default() += 1;
    }
    for (place, link) in links.iter().enumerate().filter(|(_, link)| !apart(link)) {
        let load = |side: Side| {
            let of = |table: usize| used.get(&(table, side)).copied().unwrap_or_default();
            of(link.parent) + of(link.child)
        };
        let side = if load(Side::Left) < load(Side::Right) {
            Side::Left
        } else {
            Side::Right
        };
        sides.put(place, (side, side));
        *used.entry((link.child, side)).or_default() += 1;
    }
    sides
}
