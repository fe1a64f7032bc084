//! The lines: each trunk is a net with a vertical track in every channel it crosses, so
//! that no line touches a box that it does not belong to.

use std::collections::{BTreeMap, HashMap};

use super::wiring::{Side, Trunk, Wiring};
use super::{At, Drawing, Link, Point, ROW, Rect, Shape, as_f64};

/// The distance between neighbouring tracks, in pixels.
const PITCH: f64 = 10.0;
/// The room for the crow's foot at the child, and for the bars at the parent.
pub(in crate::pipeline::diagram) const CHILD_MARK: f64 = 20.0;
const PARENT_MARK: f64 = 20.0;
/// The room for a line that only passes.
const PASSAGE: f64 = 6.0;
/// What two lines on top of each other cost, in crossings.
const OVERLAP: u32 = 20;
/// How often every net of a channel is given a better place.
const ROUNDS: usize = 5;

/// Draws boxes and lines where the items stand.
pub(super) fn route(shapes: &[Shape], links: &[Link], wiring: &Wiring, tops: &[i64]) -> Drawing {
    let ends = Ends::new(links, wiring, tops);
    let mut channels: Vec<Channel> = (0..=wiring.columns).map(|_| Channel::default()).collect();
    for (place, trunk) in wiring.trunks.iter().enumerate() {
        for (step, net) in nets(place, trunk, links, wiring, &ends)
            .into_iter()
            .enumerate()
        {
            let channel = channel_of(wiring, trunk, step);
            if let Some(channel) = channels.get_mut(channel) {
                channel.nets.push(net);
            }
        }
    }
    let mut columns = vec![0.0; wiring.columns];
    for (shape, item) in shapes.iter().zip(&wiring.items) {
        let widest = shape.width.max(columns.at(item.column));
        columns.put(item.column, widest);
    }
    let mut lefts = vec![0.0; wiring.columns];
    let mut tracks: HashMap<(usize, usize), f64> = HashMap::new();
    let mut x = 0.0;
    for (place, channel) in channels.iter_mut().enumerate() {
        channel.assign_tracks();
        let is_inside = place > 0 && place < wiring.columns;
        for net in &channel.nets {
            let middle = x + channel.room(Side::Left) + (as_f64(net.track) + 0.5) * PITCH;
            tracks.insert((net.trunk, net.step), middle);
        }
        x += channel.width(is_inside);
        lefts.put(place, x);
        x += columns.at(place);
    }
    let boxes: Vec<Rect> = wiring
        .items
        .iter()
        .zip(tops)
        .take(shapes.len())
        .map(|(item, top)| Rect {
            x: lefts.at(item.column),
            y: pixels(*top, 0.0),
            width: columns.at(item.column),
            height: as_f64(item.height) * ROW,
        })
        .collect();
    let bottoms = wiring.items.iter().zip(tops);
    let bottoms = bottoms.map(|(item, top)| pixels(*top, as_f64(item.height)));
    Drawing {
        width: x,
        height: bottoms.fold(0.0, f64::max),
        lines: (0..links.len())
            .map(|link| line(link, links, wiring, &ends, &boxes, &tracks))
            .collect(),
        boxes,
    }
}

/// The height of a place some rows below the top of an item.
#[expect(
    clippy::cast_precision_loss,
    reason = "a picture has thousands of rows at most"
)]
fn pixels(top: i64, rows: f64) -> f64 {
    (top as f64 + rows) * ROW
}

/// The heights at which lines end, in pixels.
struct Ends {
    /// By trunk: at the parent, then at each passage.
    stops: Vec<Vec<f64>>,
    /// By link: at the child.
    children: Vec<f64>,
}

impl Ends {
    fn new(links: &[Link], wiring: &Wiring, tops: &[i64]) -> Self {
        // What ends in the same row stands side by side; children above, for their labels.
        let mut rows: BTreeMap<(usize, Side, usize), Vec<&mut f64>> = BTreeMap::new();
        let mut stops: Vec<Vec<f64>> = Vec::with_capacity(wiring.trunks.len());
        for trunk in &wiring.trunks {
            let mut own = vec![pixels(tops.at(trunk.parent), as_f64(trunk.row) + 0.5)];
            own.extend(
                trunk
                    .passages
                    .iter()
                    .map(|item| pixels(tops.at(*item), 0.5)),
            );
            stops.push(own);
        }
        let mut children: Vec<f64> = links
            .iter()
            .zip(&wiring.child_rows)
            .map(|(link, row)| pixels(tops.at(link.child), as_f64(*row) + 0.5))
            .collect();
        let known = links
            .iter()
            .zip(&wiring.child_rows)
            .zip(&wiring.child_sides);
        for (((link, row), side), end) in known.zip(&mut children) {
            rows.entry((link.child, *side, *row)).or_default().push(end);
        }
        for (trunk, stops) in wiring.trunks.iter().zip(&mut stops) {
            if let Some(first) = stops.first_mut() {
                let row = (trunk.parent, trunk.side, trunk.row);
                rows.entry(row).or_default().push(first);
            }
        }
        for ends in rows.into_values().filter(|ends| ends.len() > 1) {
            let last = as_f64(ends.len() - 1);
            let distance = (ROW * 0.6 / last).min(ROW * 0.5);
            for (place, end) in ends.into_iter().enumerate() {
                *end += (as_f64(place) - last / 2.0) * distance;
            }
        }
        Self { stops, children }
    }

    fn stop(&self, trunk: usize, step: usize) -> f64 {
        self.stops.get(trunk).map_or(0.0, |stops| stops.at(step))
    }
}

/// One trunk in one channel.
#[derive(Debug, Default)]
struct Net {
    trunk: usize,
    step: usize,
    /// The heights of its ends on the left and on the right.
    left: Vec<f64>,
    right: Vec<f64>,
    /// The room that these need beside the columns.
    left_room: f64,
    right_room: f64,
    low: f64,
    high: f64,
    track: usize,
}

impl Net {
    fn add(&mut self, side: Side, y: f64, room: f64) {
        let is_first = self.left.is_empty() && self.right.is_empty();
        self.low = if is_first { y } else { self.low.min(y) };
        self.high = if is_first { y } else { self.high.max(y) };
        let (ends, widest) = match side {
            Side::Left => (&mut self.left, &mut self.left_room),
            Side::Right => (&mut self.right, &mut self.right_room),
        };
        ends.push(y);
        *widest = widest.max(room);
    }

    fn is_straight(&self) -> bool {
        self.high - self.low < 0.5
    }

    /// How many crossings there are if this net is left of the other.
    fn crossings_before(&self, other: &Self) -> u32 {
        let within = |net: &Self, y: f64| u32::from(net.low < y && y < net.high);
        let mut crossings: u32 = self.right.iter().map(|y| within(other, *y)).sum();
        crossings += other.left.iter().map(|y| within(self, *y)).sum::<u32>();
        for mine in &self.right {
            let same = |theirs: &&f64| (mine - **theirs).abs() < 4.0;
            if other.left.iter().any(|theirs| same(&theirs)) {
                crossings += OVERLAP;
            }
        }
        crossings
    }
}

/// The nets of a trunk, from the parent outwards.
fn nets(place: usize, trunk: &Trunk, links: &[Link], wiring: &Wiring, ends: &Ends) -> Vec<Net> {
    // The side of the channel on which the parent is, and the one across.
    let (near, far) = match trunk.side {
        Side::Right => (Side::Left, Side::Right),
        Side::Left => (Side::Right, Side::Left),
    };
    let steps = trunk.passages.len() + 1;
    let mut nets: Vec<Net> = (0..steps)
        .map(|step| {
            let mut net = Net {
                trunk: place,
                step,
                ..Net::default()
            };
            let room = if step == 0 { PARENT_MARK } else { PASSAGE };
            net.add(near, ends.stop(place, step), room);
            if step + 1 < steps {
                net.add(far, ends.stop(place, step + 1), PASSAGE);
            }
            net
        })
        .collect();
    for link in &trunk.links {
        let Some(joined) = links.get(*link) else {
            continue;
        };
        let distance = distance(wiring, joined);
        let side = if distance == 0 { near } else { far };
        if let Some(net) = nets.get_mut(distance.saturating_sub(1)) {
            let room = CHILD_MARK + joined.label_width;
            net.add(side, ends.children.at(*link), room);
        }
    }
    nets
}

/// How many columns a link spans.
fn distance(wiring: &Wiring, link: &Link) -> usize {
    let column = |table: usize| wiring.items.at(table).column;
    column(link.parent).abs_diff(column(link.child))
}

/// The channel that a trunk crosses at this step; channel 0 is left of column 0.
fn channel_of(wiring: &Wiring, trunk: &Trunk, step: usize) -> usize {
    let home = wiring.items.at(trunk.parent).column;
    match trunk.side {
        Side::Right => home + 1 + step,
        Side::Left => home.saturating_sub(step),
    }
}

/// The room between two columns.
#[derive(Debug, Default)]
struct Channel {
    nets: Vec<Net>,
}

impl Channel {
    fn room(&self, side: Side) -> f64 {
        let rooms = self.nets.iter().map(|net| match side {
            Side::Left => net.left_room,
            Side::Right => net.right_room,
        });
        rooms.fold(0.0, f64::max)
    }

    fn width(&self, is_inside: bool) -> f64 {
        let bent = self.nets.iter().filter(|net| !net.is_straight());
        let tracks = bent.map(|net| net.track + 1).max().unwrap_or_default();
        let least = if is_inside { 4.0 * PITCH } else { 0.0 };
        let width = self.room(Side::Left) + self.room(Side::Right) + as_f64(tracks) * PITCH;
        width.max(least)
    }

    /// Gives each net a track: in the order with the fewest crossings, those that do not
    /// overlap side by side on one.
    fn assign_tracks(&mut self) {
        let mut bent: Vec<&mut Net> = self
            .nets
            .iter_mut()
            .filter(|net| !net.is_straight())
            .collect();
        let order = Ordering::of(&bent).order;
        // The ends of tracks taken so far, by track.
        let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
        for place in order {
            let Some(net) = bent.get_mut(place) else {
                continue;
            };
            let (low, high) = (net.low - PITCH, net.high + PITCH);
            let meets =
                |spans: &Vec<(f64, f64)>| spans.iter().any(|(from, to)| *from < high && low < *to);
            net.track = taken.iter().rposition(meets).map_or(0, |last| last + 1);
            let span = (net.low, net.high);
            match taken.get_mut(net.track) {
                Some(spans) => spans.push(span),
                None => taken.push(vec![span]),
            }
        }
    }
}

/// A search for the order of nets, from left to right, with few crossings.
struct Ordering {
    order: Vec<usize>,
    /// `costs[a * count + b]`: the crossings if `a` is left of `b`.
    costs: Vec<u32>,
}

impl Ordering {
    fn of(nets: &[&mut Net]) -> Self {
        let mut costs = Vec::with_capacity(nets.len() * nets.len());
        for a in nets {
            costs.extend(nets.iter().map(|b| a.crossings_before(b)));
        }
        let mut search = Self {
            order: (0..nets.len()).collect(),
            costs,
        };
        for _ in 0..ROUNDS {
            let before = search.order.clone();
            for net in 0..nets.len() {
                search.settle(net);
            }
            if search.order == before {
                break;
            }
        }
        search
    }

    /// Moves a net to where it causes the fewest crossings, to the first such place.
    fn settle(&mut self, net: usize) {
        let count = self.order.len();
        self.order.retain(|other| *other != net);
        let cost = |a: usize, b: usize| i64::from(self.costs.at(a * count + b));
        let mut now = self
            .order
            .iter()
            .map(|other| cost(net, *other))
            .sum::<i64>();
        let mut best = (now, 0);
        for (place, other) in self.order.iter().enumerate() {
            now += cost(*other, net) - cost(net, *other);
            if now < best.0 {
                best = (now, place + 1);
            }
        }
        self.order.insert(best.1, net);
    }
}

/// The corners of a link's line, from the parent to the child.
fn line(
    place: usize,
    links: &[Link],
    wiring: &Wiring,
    ends: &Ends,
    boxes: &[Rect],
    tracks: &HashMap<(usize, usize), f64>,
) -> Vec<Point> {
    let trunk_place = wiring.trunk_of.at(place);
    let (Some(link), Some(trunk)) = (links.get(place), wiring.trunks.get(trunk_place)) else {
        return Vec::new();
    };
    let edge = |rect: Rect, side: Side| match side {
        Side::Left => rect.x,
        Side::Right => rect.x + rect.width,
    };
    let mut y = ends.stop(trunk_place, 0);
    let mut points = vec![Point {
        x: edge(boxes.at(link.parent), trunk.side),
        y,
    }];
    let steps = distance(wiring, link).max(1);
    for step in 0..steps {
        let next = if step + 1 < steps {
            ends.stop(trunk_place, step + 1)
        } else {
            ends.children.at(place)
        };
        if (next - y).abs() >= 0.5
            && let Some(x) = tracks.get(&(trunk_place, step))
        {
            points.push(Point { x: *x, y });
            points.push(Point { x: *x, y: next });
        }
        y = next;
    }
    points.push(Point {
        x: edge(boxes.at(link.child), wiring.child_sides.at(place)),
        y,
    });
    points
}
