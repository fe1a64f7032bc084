//! How the words of a column's name refer to a table by the words of its name.

use super::names::{self, ColumnName};
use super::vocabulary::{Likeness, Meanings, Vocabulary};

/// How a column's subject and a table's subject meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Naming {
    /// Words of the column before those that name the table: its role.
    pub(super) role: usize,
    /// Words of the table that the column holds as they are.
    pub(super) same: usize,
    /// Words of the table that the column holds abbreviated or inflected.
    pub(super) like: usize,
    /// Words of the table that the column leaves out and the child's name supplies.
    pub(super) given: usize,
    /// Words that are left out before the last one held.
    pub(super) missing_head: usize,
    /// Words that are left out after the last one held.
    pub(super) missing_tail: usize,
    /// Held by their first letters only: `cdemo` of `customer_demographics`.
    pub(super) initials: bool,
}

impl Naming {
    /// A rough order of namings of one table, to choose the best of several.
    pub(super) fn rank(&self) -> i64 {
        let count =
            |words: usize, worth: i64| i64::try_from(words).unwrap_or(i64::MAX / 1000) * worth;
        count(self.same, 100) + count(self.like, 70) + count(usize::from(self.initials), 100)
            - count(self.given, 15)
            - count(self.missing_head, 45)
            - count(self.missing_tail, 60)
            - count(self.role, 5)
    }

    /// Whether all words of the table are said.
    pub(super) fn is_whole(&self) -> bool {
        self.given == 0 && self.missing_head == 0 && self.missing_tail == 0
    }
}

/// The words of a column's subject with their meanings, to be held against many tables.
pub(super) struct Said<'v, 'n> {
    vocabulary: &'v Vocabulary,
    column: &'n ColumnName,
    words: Vec<(&'n str, Meanings)>,
}

impl<'v, 'n> Said<'v, 'n> {
    pub(super) fn new(vocabulary: &'v Vocabulary, column: &'n ColumnName) -> Self {
        let words = column.subject.iter();
        Self {
            vocabulary,
            column,
            words: words
                .map(|word| (word.as_str(), vocabulary.meanings(word)))
                .collect(),
        }
    }

    /// The best way in which the words name `table`; `context` are the words of the table
    /// that holds the column. All are stems. The role stands before the table's name, but
    /// behind it where the key word comes first.
    pub(super) fn naming(&self, table: &[String], context: &[String]) -> Option<Naming> {
        (0..self.words.len())
            .filter_map(|role| {
                let said = if self.column.key_first {
                    self.words.get(..self.words.len() - role)?
                } else {
                    self.words.get(role..)?
                };
                let mut found = word_by_word(said, table, context)
                    .or_else(|| together(said, table))
                    .or_else(|| by_initials(self.vocabulary, said, table))?;
                found.role = role;
                Some(found)
            })
            .max_by_key(Naming::rank)
    }
}

/// The words of a column's subject that are not its role, where that takes `role` words.
pub(super) fn without_role(column: &ColumnName, role: usize) -> Option<&[String]> {
    if column.key_first {
        column
            .subject
            .get(..column.subject.len().checked_sub(role)?)
    } else {
        column.subject.get(role..)
    }
}

/// The same letters, whatever the separators: `line_order` and `lineorder`; words that
/// the table's name begins with can be left out.
fn together(said: &[(&str, Meanings)], table: &[String]) -> Option<Naming> {
    let letters = said.iter().flat_map(|(word, _)| word.bytes());
    (0..table.len()).find_map(|left_out| {
        let rest = table.get(left_out..)?;
        let same = letters
            .clone()
            .eq(rest.iter().flat_map(|word| word.bytes()));
        same.then(|| Naming {
            same: rest.len(),
            missing_head: left_out,
            ..Naming::default()
        })
    })
}

fn word_by_word(said: &[(&str, Meanings)], table: &[String], context: &[String]) -> Option<Naming> {
    let mut found = Naming::default();
    let mut rest = table;
    let mut last_held = true;
    // `tax_code` and `company_code` share nothing that names either.
    if table.len() > 1 && said.iter().all(|(word, _)| names::key_word(word).is_some()) {
        return None;
    }
    for (word, meanings) in said.iter().rev() {
        let (place, likeness) = rest
            .iter()
            .enumerate()
            .rev()
            .find_map(|(place, other)| Some((place, likeness(word, meanings, other)?)))?;
        match likeness {
            Likeness::Same => found.same += 1,
            Likeness::Inflected | Likeness::Abbreviated => found.like += 1,
        }
        for left_out in rest.get(place + 1..)? {
            if !last_held && context.contains(left_out) {
                found.given += 1;
            } else if last_held {
                found.missing_tail += 1;
            } else {
                found.missing_head += 1;
            }
        }
        last_held = false;
        rest = rest.get(..place)?;
    }
    for left_out in rest {
        let supplied = context.contains(left_out);
        found.given += usize::from(supplied);
        found.missing_head += usize::from(!supplied);
    }
    Some(found)
}

fn likeness(word: &str, meanings: &Meanings, other: &str) -> Option<Likeness> {
    if word == other {
        return Some(Likeness::Same);
    }
    meanings
        .iter()
        .find(|(meaning, _)| **meaning == *other)
        .map(|(_, likeness)| *likeness)
}

/// One word of first letters, the last word with some more: `cdemo`, `so`.
fn by_initials(
    vocabulary: &Vocabulary,
    said: &[(&str, Meanings)],
    table: &[String],
) -> Option<Naming> {
    let [(word, _)] = said else { return None };
    let (last, heads) = table.split_last().filter(|(_, heads)| !heads.is_empty())?;
    if vocabulary.holds(word) {
        return None;
    }
    let initials: String = heads
        .iter()
        .filter_map(|head| head.chars().next())
        .collect();
    let end = word.strip_prefix(initials.as_str())?;
    let fits = (end.len() >= LAST_WORD_MIN && last.starts_with(end))
        || (heads.len() >= 2 && end.len() == 1 && last.starts_with(end));
    fits.then(|| Naming {
        like: table.len(),
        initials: true,
        ..Naming::default()
    })
}

/// The fewest letters of the last word behind initials of the others.
const LAST_WORD_MIN: usize = 3;
/// The longest form that initials are looked up in, in bytes.
pub(super) const INITIALS_MAX: usize = 32;

/// The beginnings of words by which tables of this name are found from initials, each a
/// form that [`by_initials`] accepts.
pub(super) fn initial_forms(table: &[String]) -> Vec<String> {
    let Some((last, heads)) = table.split_last().filter(|(_, heads)| !heads.is_empty()) else {
        return Vec::new();
    };
    let initials: String = heads
        .iter()
        .filter_map(|head| head.chars().next())
        .collect();
    let mut forms = Vec::new();
    if let Some(start) = last.get(..LAST_WORD_MIN) {
        forms.push(format!("{initials}{start}"));
    }
    if let (true, Some(first)) = (heads.len() >= 2, last.chars().next()) {
        forms.push(format!("{initials}{first}"));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::structure::names::TableName;

    fn named(column: &str, table: &str, child: &str) -> Option<Naming> {
        let names = [TableName::parse(table), TableName::parse(child)];
        let vocabulary = Vocabulary::new(names.iter());
        let column = ColumnName::parse(column);
        Said::new(&vocabulary, &column).naming(&names[0].subject, &names[1].subject)
    }

    #[test]
    fn names_of_columns_name_tables() {
        let whole = |role, same, like| Naming {
            role,
            same,
            like,
            ..Naming::default()
        };
        for (column, table, child, expected) in [
            ("customer_id", "customers", "orders", Some(whole(0, 1, 0))),
            (
                "ship_customer_sk",
                "customer",
                "sales",
                Some(whole(1, 1, 0)),
            ),
            ("cust_id", "customer", "orders", Some(whole(0, 0, 1))),
            (
                "category_id",
                "product_categories",
                "products",
                Some(Naming {
                    given: 1,
                    ..whole(0, 1, 0)
                }),
            ),
            (
                "user_id",
                "auth_user",
                "posts",
                Some(Naming {
                    missing_head: 1,
                    ..whole(0, 1, 0)
                }),
            ),
            (
                "item_id",
                "item_master",
                "orders",
                Some(Naming {
                    missing_tail: 1,
                    ..whole(0, 1, 0)
                }),
            ),
            (
                "bill_hdemo_sk",
                "household_demographics",
                "sales",
                Some(Naming {
                    initials: true,
                    ..whole(1, 0, 2)
                }),
            ),
            ("product_id", "customers", "orders", None),
        ] {
            assert_eq!(named(column, table, child), expected, "{column} {table}");
        }
    }
}
