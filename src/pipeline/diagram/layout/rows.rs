//! How high the items of a column stand, so that lines run straight.

use super::wiring::Wiring;
use super::{At, as_f64};

/// How much taller than its tallest column a drawing may be, so that lines run straight.
const SLACK: f64 = 1.1;
/// How often all columns follow their neighbours.
const SWEEPS: usize = 14;

/// By item the row at which it begins, 0 at the top; in the order given, tables one row
/// apart.
pub(super) fn place(wiring: &Wiring, order: &[Vec<usize>]) -> Vec<i64> {
    let mut wishes: Vec<Vec<(f64, usize, f64)>> = vec![Vec::new(); wiring.items.len()];
    for segment in &wiring.segments {
        let apart = segment.from_offset - segment.to_offset;
        // Both ends in one table: it would follow itself.
        if segment.from == segment.to {
            continue;
        }
        let is_between_passages = [segment.from, segment.to]
            .iter()
            .all(|place| !wiring.items.at(*place).is_table);
        let weight = if is_between_passages { 4.0 } else { 1.0 };
        if let Some(wishes) = wishes.get_mut(segment.from) {
            wishes.push((-apart, segment.to, weight));
        }
        if let Some(wishes) = wishes.get_mut(segment.to) {
            wishes.push((apart, segment.from, weight));
        }
    }
    let mut tops = start(wiring, order);
    let heights = order.iter().map(|column| height(wiring, column));
    let bound = (heights.fold(0.0, f64::max) * SLACK / 2.0).ceil();
    for sweep in 0..SWEEPS {
        for step in 0..order.len() {
            let place = if sweep % 2 == 0 {
                step
            } else {
                order.len() - 1 - step
            };
            let Some(column) = order.get(place) else {
                continue;
            };
            let targets: Vec<(f64, f64)> = column
                .iter()
                .map(|item| {
                    let known = wishes.get(*item).map_or(&[][..], Vec::as_slice);
                    let wanted = known
                        .iter()
                        .map(|(apart, other, weight)| (tops.at(*other) + apart, *weight));
                    // At first all pull; in the end lines that can be straight win.
                    if sweep < SWEEPS / 2 {
                        mean(wanted)
                    } else {
                        median(wanted.collect(), sweep % 2 == 0)
                    }
                    .unwrap_or((tops.at(*item), 0.01))
                })
                .collect();
            settle(wiring, column, &targets, bound, &mut tops);
        }
    }
    whole(&tops)
}

/// Each column stacked, its middle at 0.
fn start(wiring: &Wiring, order: &[Vec<usize>]) -> Vec<f64> {
    let mut tops = vec![0.0; wiring.items.len()];
    for column in order {
        let mut top = (-height(wiring, column) / 2.0).round();
        for place in column {
            tops.put(*place, top);
            top += room(wiring, *place);
        }
    }
    tops
}

/// The rows an item takes, with the distance to the next one.
fn room(wiring: &Wiring, place: usize) -> f64 {
    let item = wiring.items.at(place);
    as_f64(item.height + usize::from(item.is_table))
}

fn height(wiring: &Wiring, column: &[usize]) -> f64 {
    column.iter().map(|place| room(wiring, *place)).sum()
}

fn mean(wanted: impl Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let (sum, weight) = wanted.fold((0.0, 0.0), |(sum, all), (top, weight)| {
        (sum + top * weight, all + weight)
    });
    (weight > 0.0).then(|| (sum / weight, weight))
}

/// Of two middle ones the smaller or the greater, so that it is the wish of someone. Were
/// it always the same, two tables with several joins would chase each other for ever.
fn median(mut wanted: Vec<(f64, f64)>, takes_smaller: bool) -> Option<(f64, f64)> {
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weight: f64 = wanted.iter().map(|(_, weight)| weight).sum();
    let mut passed = 0.0;
    for (top, own) in wanted {
        passed += own;
        if passed * 2.0 > weight || (takes_smaller && passed * 2.0 >= weight) {
            return Some((top, weight));
        }
    }
    None
}

/// Moves the items of a column as near to their targets as their order and heights allow:
/// the sum of squares is the least (pool adjacent violators). None leaves the bound, above
/// or below 0.
fn settle(wiring: &Wiring, column: &[usize], targets: &[(f64, f64)], bound: f64, tops: &mut [f64]) {
    // Without the heights of those above, the tops need only not decrease.
    let mut above = 0.0;
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (place, (target, weight)) in column.iter().zip(targets) {
        let mut pool = (target - above, *weight, 1);
        while let Some((level, heaviness, count)) = pools.last().copied() {
            if level <= pool.0 {
                break;
            }
            pools.pop();
            let both = heaviness + pool.1;
            pool = (
                (level * heaviness + pool.0 * pool.1) / both,
                both,
                count + pool.2,
            );
        }
        pools.push(pool);
        above += room(wiring, *place);
    }
    let last = bound - above;
    let levels = pools.into_iter().flat_map(|(level, _, count)| {
        let level = level.round().min(last).max(-bound);
        std::iter::repeat_n(level, count)
    });
    let mut above = 0.0;
    for (place, level) in column.iter().zip(levels) {
        tops.put(*place, level + above);
        above += room(wiring, *place);
    }
}

/// Whole rows from 0.
#[expect(
    clippy::cast_possible_truncation,
    reason = "levels are rounded, and a picture has thousands of rows at most"
)]
fn whole(tops: &[f64]) -> Vec<i64> {
    let first = tops.iter().copied().fold(f64::INFINITY, f64::min);
    tops.iter()
        .map(|top| (top - first).round() as i64)
        .collect()
}
