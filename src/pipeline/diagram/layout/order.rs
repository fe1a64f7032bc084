//! In which order the items of a column stand, so that few lines cross.

use super::wiring::{Item, Wiring};
use super::{At, as_f64};

/// How often all columns are sorted by where their neighbours are.
const SWEEPS: usize = 10;
/// How often neighbours are exchanged in all columns.
const EXCHANGES: usize = 4;

/// The items of each column, from the top; and how many pairs of lines cross.
pub(super) fn order(wiring: &Wiring) -> (Vec<Vec<usize>>, usize) {
    let mut columns = vec![Vec::new(); wiring.columns];
    for (place, item) in wiring.items.iter().enumerate() {
        if let Some(column) = columns.get_mut(item.column) {
            column.push(place);
        }
    }
    let mut sorting = Sorting::new(wiring, columns);
    let mut best = (sorting.crossings(), sorting.columns.clone());
    for sweep in 0..SWEEPS {
        sorting.sweep(sweep % 2 == 0);
        let crossings = sorting.crossings();
        if crossings < best.0 {
            best = (crossings, sorting.columns.clone());
        }
    }
    let columns = refine(wiring, best.1);
    let sorted = Sorting::new(wiring, columns);
    let crossings = sorted.crossings();
    (sorted.columns, crossings)
}

/// Exchanges neighbours as long as fewer lines cross.
pub(super) fn refine(wiring: &Wiring, columns: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut sorting = Sorting::new(wiring, columns);
    for _ in 0..EXCHANGES {
        if !sorting.exchange() {
            break;
        }
    }
    sorting.columns
}

/// Where a line of an item leads: the column, the offset here, the item there with its offset.
#[derive(Debug, Clone, Copy)]
struct End {
    own_offset: f64,
    other: usize,
    other_offset: f64,
    /// The column of the other item.
    column: usize,
}

struct Sorting<'a> {
    wiring: &'a Wiring,
    columns: Vec<Vec<usize>>,
    ends: Vec<Vec<End>>,
    /// Where the items begin, in rows, each column being centred at 0.
    tops: Vec<f64>,
}

impl<'a> Sorting<'a> {
    fn new(wiring: &'a Wiring, columns: Vec<Vec<usize>>) -> Self {
        let mut ends = vec![Vec::new(); wiring.items.len()];
        for segment in &wiring.segments {
            let mut add = |own: usize, own_offset, other: usize, other_offset| {
                if let Some(ends) = ends.get_mut(own) {
                    ends.push(End {
                        own_offset,
                        other,
                        other_offset,
                        column: wiring.items.at(other).column,
                    });
                }
            };
            let (from, to) = (segment.from, segment.to);
            add(from, segment.from_offset, to, segment.to_offset);
            add(to, segment.to_offset, from, segment.from_offset);
        }
        let mut sorting = Self {
            wiring,
            columns,
            ends,
            tops: vec![0.0; wiring.items.len()],
        };
        for column in 0..sorting.columns.len() {
            sorting.stack(column);
        }
        sorting
    }

    fn item(&self, place: usize) -> Item {
        self.wiring.items.at(place)
    }

    fn ends(&self, place: usize) -> &[End] {
        self.ends.get(place).map_or(&[], Vec::as_slice)
    }

    fn line(&self, end: &End) -> f64 {
        self.tops.at(end.other) + end.other_offset
    }

    /// Stands the items of a column on each other.
    fn stack(&mut self, column: usize) {
        let items = self.columns.get(column).cloned().unwrap_or_default();
        let room = |place: usize| {
            let item = self.wiring.items.at(place);
            as_f64(item.height + usize::from(item.is_table))
        };
        let mut top = -items.iter().map(|place| room(*place)).sum::<f64>() / 2.0;
        for place in items {
            self.tops.put(place, top);
            top += room(place);
        }
    }

    /// Sorts the columns one after the other by where the lines to the one before come from.
    fn sweep(&mut self, rightwards: bool) {
        let count = self.columns.len();
        for step in 0..count {
            let column = if rightwards { step } else { count - 1 - step };
            let mut wishes: Vec<(f64, usize)> = Vec::new();
            for place in self.columns.get(column).into_iter().flatten() {
                wishes.push((self.wish(*place, column, rightwards), *place));
            }
            wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
            if let Some(slot) = self.columns.get_mut(column) {
                *slot = wishes.into_iter().map(|(_, place)| place).collect();
            }
            self.stack(column);
        }
    }

    /// Where the middle of an item should be, seen from the column before; an item without
    /// lines there looks the other way, then stays.
    fn wish(&self, place: usize, column: usize, rightwards: bool) -> f64 {
        let half = as_f64(self.item(place).height) / 2.0;
        let mean = |of: &dyn Fn(&End) -> bool| {
            let (mut sum, mut count) = (0.0, 0.0);
            for end in self.ends(place).iter().filter(|end| of(end)) {
                sum += self.line(end) - end.own_offset;
                count += 1.0;
            }
            (count > 0.0).then(|| sum / count + half)
        };
        let before = |end: &End| (end.column < column) == rightwards && end.column != column;
        mean(&before)
            .or_else(|| mean(&|end: &End| end.column != column))
            .unwrap_or(self.tops.at(place) + half)
    }

    /// How many pairs of lines between neighbouring columns cross.
    fn crossings(&self) -> usize {
        let mut channels: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.columns.len()];
        for segment in &self.wiring.segments {
            let from = self.tops.at(segment.from) + segment.from_offset;
            let to = self.tops.at(segment.to) + segment.to_offset;
            let (a, b) = (self.item(segment.from).column, self.item(segment.to).column);
            let line = match a.cmp(&b) {
                std::cmp::Ordering::Less => (from, to),
                std::cmp::Ordering::Greater => (to, from),
                std::cmp::Ordering::Equal => continue,
            };
            if let Some(lines) = channels.get_mut(a.min(b)) {
                lines.push(line);
            }
        }
        channels.into_iter().map(inversions).sum()
    }

    /// Exchanges neighbours where that saves crossings; whether it did anywhere.
    fn exchange(&mut self) -> bool {
        let mut has_changed = false;
        for column in 0..self.columns.len() {
            let count = self.columns.get(column).map_or(0, Vec::len);
            for upper in 1..count {
                let Some(&[a, b]) = self
                    .columns
                    .get(column)
                    .and_then(|items| items.get(upper - 1..=upper))
                else {
                    continue;
                };
                if self.crossings_of(a, b, column) > self.crossings_of(b, a, column) {
                    if let Some(items) = self.columns.get_mut(column) {
                        items.swap(upper - 1, upper);
                    }
                    has_changed = true;
                }
            }
            self.stack(column);
        }
        has_changed
    }

    /// How many pairs of their lines cross if `a` stands above `b`.
    fn crossings_of(&self, a: usize, b: usize, column: usize) -> usize {
        let mut crossings = 0;
        for upper in self.ends(a).iter().filter(|end| end.column != column) {
            let lower = self.ends(b).iter();
            crossings += lower
                .filter(|lower| lower.column == upper.column)
                .filter(|lower| self.line(upper) > self.line(lower))
                .count();
        }
        crossings
    }
}

/// How many pairs of lines cross, given their left and right ends.
fn inversions(mut lines: Vec<(f64, f64)>) -> usize {
    lines.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut seen: Vec<f64> = Vec::with_capacity(lines.len());
    let mut count = 0;
    for (_, right) in lines {
        let place = seen.partition_point(|other| *other <= right);
        count += seen.len() - place;
        seen.insert(place, right);
    }
    count
}
