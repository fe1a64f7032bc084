//! What the naming convention of a scope says about the class of its tables.
//!
//! `fact_…` and `…_dimension` say it by themselves. One letter (`f_claim`, `W_ORDER_F`)
//! says it only where most tables of the schema keep to it, and so does the name of a
//! schema (`Dimension`, `staging`).

use std::collections::HashMap;

use super::Subject;
use super::names::{self, NamedClass};
use crate::catalog::{Catalog, SchemaId};
use crate::text::identifier_words;

/// The class that a name gives away, and how it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) class: NamedClass,
    /// In words: `name starts with "fact"`.
    pub(super) says: String,
}

/// Short marks that count where a schema keeps to marks at that end of its names, beside
/// those that the name itself is read for.
const SHORT_MARKS: &[(NamedClass, &[&str])] = &[
    (NamedClass::Fact, &["f", "ft", "fakt", "fc", "a", "agg"]),
    (NamedClass::Dimension, &["d", "dm", "dh", "hd"]),
    (NamedClass::Bridge, &["b", "br", "h", "lnk"]),
    (
        NamedClass::Technical,
        &["s", "ds", "fs", "int", "rpt", "src", "base", "wk", "w", "t"],
    ),
];
/// The marks that make such a convention, when they are shared by enough tables.
const FACT_MARKS: &[&str] = &["f", "ft", "fakt", "fct", "fact"];
const DIMENSION_MARKS: &[&str] = &["d", "dm", "dim"];
/// The share of a schema's tables that bear them, and their least number.
const MARKED_SHARE: f64 = 0.5;
const MARKED_MIN: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    First,
    Last,
}

/// The conventions of the schemas of a scope.
#[derive(Debug, Default)]
pub(super) struct Conventions {
    marked: HashMap<(SchemaId, Place), Marked>,
    schemas: HashMap<SchemaId, Named>,
}

#[derive(Debug, Default)]
struct Marked {
    facts: usize,
    dimensions: usize,
    tables: usize,
}

impl Marked {
    fn is_convention(&self) -> bool {
        let marked = self.facts + self.dimensions;
        #[expect(clippy::cast_precision_loss, reason = "a number of tables")]
        let share = marked as f64 / self.tables.max(1) as f64;
        self.facts > 0 && self.dimensions > 1 && marked >= MARKED_MIN && share >= MARKED_SHARE
    }
}

impl Conventions {
    pub(super) fn new(catalog: &Catalog, subjects: &[Subject<'_>]) -> Self {
        let mut found = Self::default();
        for subject in subjects {
            let schema = subject.table.schema;
            let words = identifier_words(&subject.table.name);
            for place in [Place::First, Place::Last] {
                let marked = found.marked.entry((schema, place)).or_default();
                marked.tables += 1;
                if let Some(mark) = mark(&words, place) {
                    marked.facts += usize::from(FACT_MARKS.contains(&mark));
                    marked.dimensions += usize::from(DIMENSION_MARKS.contains(&mark));
                }
            }
        }
        let mut ids: Vec<SchemaId> = subjects
            .iter()
            .map(|subject| subject.table.schema)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        // The name of the only schema tells no table from another.
        if ids.len() > 1 {
            found.schemas = ids
                .into_iter()
                .filter_map(|id| Some((id, of_schema(&catalog.schema(id).name)?)))
                .collect();
        }
        found
    }

    /// What the name of a table, or else of its schema, says.
    pub(super) fn of(&self, subject: &Subject<'_>) -> Option<Named> {
        let words = identifier_words(&subject.table.name);
        if let Some((class, word)) = &subject.name.class {
            let starts = words.first() == Some(word);
            return Some(named(
                *class,
                word,
                if starts { Place::First } else { Place::Last },
            ));
        }
        let schema = subject.table.schema;
        [Place::First, Place::Last]
            .into_iter()
            .filter(|place| {
                self.marked
                    .get(&(schema, *place))
                    .is_some_and(Marked::is_convention)
            })
            .find_map(|place| {
                let mark = mark(&words, place)?;
                let (class, _) = SHORT_MARKS
                    .iter()
                    .find(|(_, marks)| marks.contains(&mark))?;
                Some(named(*class, mark, place))
            })
            .or_else(|| self.schemas.get(&schema).cloned())
    }
}

fn mark(words: &[String], place: Place) -> Option<&str> {
    if words.len() < 2 {
        return None;
    }
    match place {
        Place::First => words.first(),
        Place::Last => words.last(),
    }
    .map(String::as_str)
}

fn named(class: NamedClass, word: &str, place: Place) -> Named {
    let says = match place {
        Place::First => format!("name starts with \"{word}\""),
        Place::Last => format!("name ends with \"{word}\""),
    };
    Named { class, says }
}

fn of_schema(name: &str) -> Option<Named> {
    let words = identifier_words(name);
    let class = words.iter().find_map(|word| names::class_word(word))?;
    Some(Named {
        class,
        says: format!("its schema is called \"{name}\""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_keeps_to_marks_when_enough_of_its_tables_bear_them() {
        let marked = |facts, dimensions, tables| Marked {
            facts,
            dimensions,
            tables,
        };
        assert!(marked(6, 18, 29).is_convention());
        for (facts, dimensions, tables) in [(0, 5, 5), (1, 1, 2), (1, 3, 20), (4, 0, 4)] {
            let marked = marked(facts, dimensions, tables);
            assert!(!marked.is_convention(), "{marked:?}");
        }
    }

    #[test]
    fn a_schema_may_be_called_after_what_it_holds() {
        let class = |name: &str| of_schema(name).map(|named| named.class);
        assert_eq!(class("Dimension"), Some(NamedClass::Dimension));
        assert_eq!(class("shop_staging"), Some(NamedClass::Technical));
        assert_eq!(class("dm_bs_purchase"), None);
    }
}
