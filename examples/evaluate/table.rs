//! Printing of tables and lists.

use std::fmt::Write as _;

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    /// How many there are.
    Count(usize),
    /// How good it is; `None` where there is nothing to judge.
    Figure(Option<f64>),
}

impl Cell {
    fn text(self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Figure(Some(value)) => format!("{value:.3}"),
            Self::Figure(None) => "–".to_owned(),
        }
    }
}

/// A line of a table: what it is about, and named cells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) set: String,
    /// The variant of the set, or the part of it that was measured.
    pub(crate) part: String,
    pub(crate) cells: Vec<(&'static str, Cell)>,
}

impl Row {
    pub(crate) fn new(set: &str, part: &str, cells: Vec<(&'static str, Cell)>) -> Self {
        Self {
            set: set.to_owned(),
            part: part.to_owned(),
            cells,
        }
    }
}

/// Rows whose cells have the same names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    title: &'static str,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(title: &'static str, rows: Vec<Row>) -> Self {
        Self { title, rows }
    }

    /// Title and table, aligned; nothing where there are no rows.
    pub(crate) fn markdown(&self) -> String {
        let Some(first) = self.rows.first() else {
            return String::new();
        };
        let header = first.cells.iter().map(|(name, _)| *name);
        let header = ["set", "part"].into_iter().chain(header);
        let mut lines: Vec<Vec<String>> = vec![header.map(str::to_owned).collect()];
        for row in &self.rows {
            let names = [row.set.clone(), row.part.clone()];
            let cells = row.cells.iter().map(|(_, cell)| cell.text());
            lines.push(names.into_iter().chain(cells).collect());
        }
        let columns = first.cells.len() + 2;
        let widths: Vec<usize> = (0..columns)
            .map(|place| {
                let cells = lines.iter().filter_map(|line| line.get(place));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = format!("## {}\n\n", self.title);
        for (place, line) in lines.iter().enumerate() {
            text.push_str(&aligned(line, &widths));
            if place == 0 {
                text.push_str(&rule(&widths));
            }
        }
        text.push('\n');
        text
    }
}

/// A line of cells: names to the left, numbers to the right.
fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::from("|");
    for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
        // Writing to a string cannot fail.
        let _ = if is_name(place) {
            write!(line, " {cell:<width$} |")
        } else {
            write!(line, " {cell:>width$} |")
        };
    }
    line.push('\n');
    line
}

fn rule(widths: &[usize]) -> String {
    let mut line = String::from("|");
    for (place, width) in widths.iter().enumerate() {
        let end = if is_name(place) { '-' } else { ':' };
        line.push_str(&"-".repeat(width + 1));
        line.push(end);
        line.push('|');
    }
    line.push('\n');
    line
}

fn is_name(place: usize) -> bool {
    place < 2
}

/// A titled list; says so where it is empty.
pub(crate) fn print_list(title: &str, lines: &[String]) {
    println!("## {title}\n");
    for line in lines {
        println!("- {}", line.replace('\n', " "));
    }
    if lines.is_empty() {
        println!("Nothing.");
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned_by_characters() {
        let cells = |count, value| vec![("n", Cell::Count(count)), ("P", Cell::Figure(value))];
        let table = Table::new(
            "Číslo",
            vec![
                Row::new("šest", "a", cells(12, Some(0.5))),
                Row::new("b", "a", cells(3, None)),
            ],
        );
        let expected = "## Číslo\n\n\
            | set  | part |  n |     P |\n\
            |------|------|---:|------:|\n\
            | šest | a    | 12 | 0.500 |\n\
            | b    | a    |  3 |     – |\n\n";
        assert_eq!(table.markdown(), expected);
        assert_eq!(Table::new("Empty", Vec::new()).markdown(), "");
    }
}
