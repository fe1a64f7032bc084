//! What must hold of every layout.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

prop_compose! {
    fn any_shape()(width in 100..300_u16, rows in 2..9_usize, has_more: bool, is_central: bool) -> Shape {
        Shape { width: f64::from(width), rows, has_more, is_central }
    }
}

prop_compose! {
    fn any_tables_and_joins()(shapes in vec(any_shape(), 1..24))(
        ends in vec((any::<[proptest::sample::Index; 4]>(), any::<bool>(), 0..3_u8, 0..150_u8), 0..60),
        shapes in Just(shapes),
    ) -> (Vec<Shape>, Vec<Link>) {
        let link = |([parent, child, parent_row, child_row], is_shown, style, label): ([proptest::sample::Index; 4], bool, u8, u8)| {
            let (parent, child) = (parent.index(shapes.len()), child.index(shapes.len()));
            let row = |table: usize, index: proptest::sample::Index| 1 + index.index(shapes[table].rows - 1);
            Link {
                parent,
                parent_row: row(parent, parent_row),
                child,
                child_row: is_shown.then(|| row(child, child_row)),
                style,
                label_width: f64::from(label),
            }
        };
        let links = ends.into_iter().map(link).collect();
        (shapes, links)
    }
}

/// Whether two boxes are nearer than `distance` to each other.
fn meet(a: Rect, b: Rect, distance: f64) -> bool {
    a.x < b.x + b.width + distance
        && b.x < a.x + a.width + distance
        && a.y < b.y + b.height + distance
        && b.y < a.y + a.height + distance
}

/// A part of a line as a box without an area.
fn span(ends: &[Point]) -> Rect {
    let (a, b) = (ends[0], ends[1]);
    Rect {
        x: a.x.min(b.x),
        y: a.y.min(b.y),
        width: (a.x - b.x).abs(),
        height: (a.y - b.y).abs(),
    }
}

/// Where the label beside the child stands.
fn label(corners: &[Point], link: &Link) -> Rect {
    let (before, end) = (corners[corners.len() - 2], corners[corners.len() - 1]);
    let x = if before.x < end.x {
        end.x - CHILD_MARK - link.label_width
    } else {
        end.x + CHILD_MARK
    };
    Rect {
        x,
        y: end.y - 12.0,
        width: link.label_width,
        height: 10.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn no_box_meets_another_and_no_line_meets_a_box((shapes, links) in any_tables_and_joins()) {
        let drawing = arrange(&shapes, &links);
        prop_assert_eq!(drawing.boxes.len(), shapes.len());
        for (place, rect) in drawing.boxes.iter().enumerate() {
            prop_assert!(rect.width >= shapes[place].width);
            prop_assert!(rect.x >= 0.0 && rect.x + rect.width <= drawing.width);
            prop_assert!(rect.y >= 0.0 && rect.y + rect.height <= drawing.height);
            for other in &drawing.boxes[place + 1..] {
                prop_assert!(!meet(*rect, *other, ROW - 0.5), "{rect:?} {other:?}");
            }
        }
        for (line, link) in drawing.lines.iter().zip(&links) {
            for ends in line.windows(2) {
                let span = span(ends);
                prop_assert!(span.width < 0.01 || span.height < 0.01, "{line:?}");
                prop_assert!(span.x >= 0.0 && span.x + span.width <= drawing.width);
                prop_assert!(span.y >= 0.0 && span.y + span.height <= drawing.height);
                for rect in &drawing.boxes {
                    prop_assert!(!meet(span, *rect, -0.01), "{line:?} {rect:?}");
                }
            }
            let label = label(line, link);
            if link.label_width > 0.0 {
                for ends in drawing.lines.iter().flat_map(|line| line.windows(2)) {
                    let span = span(ends);
                    let crosses = span.height > 0.0 && meet(span, label, 0.0);
                    prop_assert!(!crosses, "{span:?} {label:?}");
                }
            }
            for rect in &drawing.boxes {
                prop_assert!(!meet(label, *rect, 0.0), "{label:?} {rect:?}");
            }
        }
    }

    #[test]
    fn every_line_ends_at_the_rows_of_its_join((shapes, links) in any_tables_and_joins()) {
        let drawing = arrange(&shapes, &links);
        for (line, link) in drawing.lines.iter().zip(&links) {
            let (parent, child) = (drawing.boxes[link.parent], drawing.boxes[link.child]);
            let touches = |end: Point, rect: Rect, from: f64, to: f64| {
                let is_at_edge = [rect.x, rect.x + rect.width].contains(&end.x);
                is_at_edge && (rect.y + from * ROW..=rect.y + to * ROW).contains(&end.y)
            };
            let row = as_f64(link.parent_row);
            prop_assert!(touches(line[0], parent, row, row + 1.0));
            let rows = shapes[link.child].rows;
            let (from, to) = link.child_row.map_or(
                (as_f64(rows), child.height / ROW),
                |row| (as_f64(row), as_f64(row + 1)),
            );
            prop_assert!(touches(line[line.len() - 1], child, from, to));
        }
    }

    #[test]
    fn labels_of_different_rows_do_not_meet((shapes, links) in any_tables_and_joins()) {
        let drawing = arrange(&shapes, &links);
        let labels: Vec<(f64, Rect)> = drawing
            .lines
            .iter()
            .zip(&links)
            .filter(|(_, link)| link.label_width > 0.0)
            .map(|(line, link)| (line[line.len() - 1].y, label(line, link)))
            .collect();
        for (place, (y, rect)) in labels.iter().enumerate() {
            for (other_y, other) in &labels[place + 1..] {
                let same_row = (y - other_y).abs() < ROW;
                prop_assert!(same_row || !meet(*rect, *other, 0.0), "{rect:?} {other:?}");
            }
        }
    }
}
