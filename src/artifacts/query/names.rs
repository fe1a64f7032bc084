//! What tables and columns are called in a query: short, readable, and no two alike.

use std::collections::HashSet;

use crate::pipeline::structure;
use crate::text;

/// The longest name that is made up, in bytes: what `PostgreSQL` keeps of one.
const NAME_MAX: usize = 63;
/// Room that is kept for a number behind a name.
const NUMBER_MAX: usize = 8;

/// Names given so far. Compared without case, as warehouses do.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Keeps a name from being given.
    pub(super) fn keep(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// The first of the names that is free, else the last with a number.
    pub(super) fn give(&mut self, wanted: &[String]) -> String {
        let wanted: Vec<&str> = wanted
            .iter()
            .map(|name| cut(name, NAME_MAX))
            .filter(|name| !name.is_empty())
            .collect();
        for name in &wanted {
            if self.taken.insert(name.to_lowercase()) {
                return (*name).to_owned();
            }
        }
        let last = cut(wanted.last().unwrap_or(&"column"), NAME_MAX - NUMBER_MAX);
        let mut number = 2;
        loop {
            let name = format!("{last}_{number}");
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }

    /// The name as it is, or with a number where it is taken.
    pub(super) fn give_whole(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_lowercase()) {
            name.to_owned()
        } else {
            self.give(&[name.to_owned()])
        }
    }

    /// A name for a column of a table that is called `table`: `supplier` and `supplier_name`
    /// give `supplier_name`, `invoicing_supplier` and `supplier_name` give
    /// `invoicing_supplier_name`.
    pub(super) fn give_column(&mut self, table: &str, column: &str) -> String {
        let table: Vec<&str> = table.split('_').collect();
        let column = text::identifier_words(column);
        let shared = (1..=table.len().min(column.len()))
            .rev()
            .find(|length| table.ends_with(&own(column.get(..*length).unwrap_or_default())))
            .unwrap_or(0);
        let rest = column.iter().skip(shared).map(String::as_str);
        let words: Vec<&str> = table.iter().copied().chain(rest).collect();
        self.give(&[words.join("_")])
    }
}

fn own(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// What a table can be called, best first: without the words that only say what class it has,
/// with them, or, where no letter of the name can be used, just a table.
pub(super) fn best_first(table: &str) -> [String; 3] {
    [of_table(table), whole(table), "table".to_owned()]
}

/// A table's name without the words that only say what class it has.
fn of_table(name: &str) -> String {
    let words = text::identifier_words(name);
    let telling: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| structure::class_word(word).is_none())
        .collect();
    if telling.is_empty() {
        words.join("_")
    } else {
        telling.join("_")
    }
}

/// The words of a column that holds a foreign key, without those that say so.
pub(super) fn of_key(column: &str) -> String {
    let words = text::identifier_words(column);
    let telling: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !KEY_WORDS.contains(word) && structure::class_word(word).is_none())
        .collect();
    telling.join("_")
}

const KEY_WORDS: &[&str] = &["key", "id", "sk", "fk", "code", "number", "no"];

/// Whether a column holds what people call a member by.
pub(in super::super) fn is_name(column: &str) -> bool {
    let words = text::identifier_words(column);
    let names = [
        "name",
        "nazev",
        "nazov",
        "title",
        "label",
        "desc",
        "description",
        "text",
    ];
    words
        .last()
        .is_some_and(|last| names.contains(&last.as_str()))
}

/// All words of a name, as a name.
pub(super) fn whole(name: &str) -> String {
    text::identifier_words(name).join("_")
}

fn cut(name: &str, most: usize) -> &str {
    let fits = |end: &usize| *end <= most;
    let ends = name.char_indices().map(|(start, c)| start + c.len_utf8());
    let end = ends.take_while(fits).last().unwrap_or(0);
    name.get(..end).unwrap_or_default().trim_end_matches('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_called_after_its_role_without_saying_a_word_twice() {
        let mut names = Names::default();
        for (table, column, expected) in [
            ("supplier", "supplier_name", "supplier_name"),
            (
                "invoicing_supplier",
                "supplier_name",
                "invoicing_supplier_name",
            ),
            ("order_date", "calendar_year", "order_date_calendar_year"),
            ("customer", "EnglishEducation", "customer_english_education"),
            ("supplier", "Supplier Name", "supplier_name_2"),
            ("plant", "名称", "plant_名称"),
            ("plant", "--", "plant"),
        ] {
            assert_eq!(names.give_column(table, column), expected);
        }
        let long = "x".repeat(200);
        assert_eq!(names.give_column("t", &long).len(), NAME_MAX);
        assert_eq!(
            names.give_column("t", &long),
            format!("t_{}_2", "x".repeat(NAME_MAX - NUMBER_MAX - 2))
        );
    }
}
