//! Which column a table stands in.

use super::{At, Link, Shape, as_f64};

/// What it costs that a fact stands one column away from the middle.
const OFF_CENTRE: f64 = 0.3;
/// What it costs that one column is taller than another.
const BALANCE: f64 = 2.0;
/// How often all tables are looked at again.
const ROUNDS: usize = 6;

/// Gives each table a column, from 0: facts in the middle, joined tables in neighbouring
/// columns, columns of equal height. No column in between stays empty.
pub(super) fn assign(shapes: &[Shape], links: &[Link], count: usize) -> Vec<usize> {
    let mut search = Search::new(shapes, links, count);
    for table in search.outward() {
        search.settle(table);
    }
    for _ in 0..ROUNDS {
        let mut has_moved = false;
        for table in 0..shapes.len() {
            has_moved |= search.settle(table);
        }
        has_moved |= search.exchange();
        if !has_moved {
            break;
        }
    }
    let taken: Vec<usize> = (0..count)
        .filter(|column| search.columns.contains(&Some(*column)))
        .collect();
    let place = |column: Option<usize>| {
        let column = column.unwrap_or_default();
        taken.iter().filter(|other| **other < column).count()
    };
    search.columns.iter().map(|column| place(*column)).collect()
}

/// Moves one table at a time to where it costs least.
struct Search<'a> {
    shapes: &'a [Shape],
    count: usize,
    neighbours: Vec<Vec<usize>>,
    columns: Vec<Option<usize>>,
    /// The heights of the columns, as shares of the height that all would have alike.
    loads: Vec<f64>,
    sizes: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(shapes: &'a [Shape], links: &[Link], count: usize) -> Self {
        let mut neighbours = vec![Vec::new(); shapes.len()];
        // Half of the hidden foreign keys stand on either side.
        let mut heights: Vec<f64> = shapes
            .iter()
            .map(|shape| as_f64(shape.rows + usize::from(shape.has_more) + 1))
            .collect();
        for link in links {
            if link.child_row.is_none() {
                let height = heights.at(link.child) + 0.5;
                heights.put(link.child, height);
            }
            if link.parent == link.child {
                continue;
            }
            for (one, other) in [(link.parent, link.child), (link.child, link.parent)] {
                if let Some(known) = neighbours.get_mut(one) {
                    known.push(other);
                }
            }
        }
        let even = heights.iter().sum::<f64>() / as_f64(count);
        Self {
            shapes,
            count,
            neighbours,
            columns: vec![None; shapes.len()],
            loads: vec![0.0; count],
            sizes: heights.iter().map(|height| height / even).collect(),
        }
    }

    /// The tables by distance from the facts; where there is none, from the table with most
    /// joins.
    fn outward(&self) -> Vec<usize> {
        let joins = |table: usize| self.neighbours.get(table).map_or(0, Vec::len);
        let mut by_joins: Vec<usize> = (0..self.shapes.len()).collect();
        by_joins.sort_by_key(|table| std::cmp::Reverse(joins(*table)));
        let is_central = |table: &usize| {
            self.shapes
                .get(*table)
                .is_some_and(|shape| shape.is_central)
        };
        let mut found: Vec<usize> = by_joins.iter().copied().filter(is_central).collect();
        if found.is_empty() {
            found.extend(by_joins.first());
        }
        let mut is_found = vec![false; self.shapes.len()];
        for table in &found {
            is_found.put(*table, true);
        }
        let mut next = 0;
        while let Some(table) = found.get(next).copied() {
            next += 1;
            for other in self.neighbours.get(table).into_iter().flatten() {
                if !is_found.at(*other) {
                    is_found.put(*other, true);
                    found.push(*other);
                }
            }
        }
        found
    }

    /// Moves a table to its best column; whether that is another one than before.
    fn settle(&mut self, table: usize) -> bool {
        let size = self.sizes.at(table);
        let before = self.columns.at(table);
        if let Some(column) = before {
            self.add_load(column, -size);
        }
        let mut best = (f64::INFINITY, 0);
        for column in 0..self.count {
            // What is as good as before stays.
            let habit = if before == Some(column) { 1e-6 } else { 0.0 };
            let cost = self.cost(table, column) - habit;
            if cost < best.0 {
                best = (cost, column);
            }
        }
        self.add_load(best.1, size);
        self.columns.put(table, Some(best.1));
        before != Some(best.1)
    }

    /// Exchanges tables of different columns where that costs less; whether any was.
    fn exchange(&mut self) -> bool {
        let mut has_moved = false;
        for a in 0..self.shapes.len() {
            for b in 0..a {
                let (Some(of_a), Some(of_b)) = (self.columns.at(a), self.columns.at(b)) else {
                    continue;
                };
                if of_a == of_b {
                    continue;
                }
                let before = self.cost_of_both(a, of_a, b, of_b);
                let after = self.cost_of_both(a, of_b, b, of_a);
                if after + 1e-6 < before {
                    self.put_both(a, of_b, b, of_a);
                    has_moved = true;
                } else {
                    self.put_both(a, of_a, b, of_b);
                }
            }
        }
        has_moved
    }

    /// What it costs that the one table stands here and the other there.
    fn cost_of_both(&mut self, a: usize, of_a: usize, b: usize, of_b: usize) -> f64 {
        self.take(a);
        self.take(b);
        let first = self.cost(a, of_a);
        self.columns.put(a, Some(of_a));
        self.add_load(of_a, self.sizes.at(a));
        let both = first + self.cost(b, of_b);
        self.columns.put(b, Some(of_b));
        self.add_load(of_b, self.sizes.at(b));
        both
    }

    fn put_both(&mut self, a: usize, of_a: usize, b: usize, of_b: usize) {
        let _ = self.cost_of_both(a, of_a, b, of_b);
    }

    fn take(&mut self, table: usize) {
        if let Some(column) = self.columns.at(table) {
            self.add_load(column, -self.sizes.at(table));
            self.columns.put(table, None);
        }
    }

    fn add_load(&mut self, column: usize, size: f64) {
        let load = self.loads.at(column) + size;
        self.loads.put(column, load);
    }

    fn cost(&self, table: usize, column: usize) -> f64 {
        let centre = (as_f64(self.count) - 1.0) / 2.0;
        let away = (as_f64(column) - centre).abs();
        let shape = self.shapes.get(table);
        let off_centre = match shape {
            Some(shape) if shape.is_central => OFF_CENTRE * away,
            _ if self.neighbours.get(table).is_some_and(|all| all.len() > 1) => 0.0,
            // A table with one join does best at the edge.
            _ => -0.05 * away,
        };
        let spans: f64 = self
            .neighbours
            .get(table)
            .into_iter()
            .flatten()
            .filter_map(|other| self.columns.at(*other))
            .map(|other| match other.abs_diff(column) {
                0 => 1.5,
                distance => as_f64(distance - 1),
            })
            .sum();
        // The sum of squares of the loads grows by this.
        let load = self.loads.at(column);
        let size = self.sizes.at(table);
        let balance = BALANCE * as_f64(self.shapes.len()) / as_f64(self.count);
        off_centre + spans + balance * size * (2.0 * load + size)
    }
}
