//! Questions about what the catalog marks or names itself: what is missing from its
//! source, what is confidential, what a source fills, one column.

use super::{Aspect, Cue, Intent, Reading};
use crate::catalog::TableId;
use crate::explorer::embedded::intent::ColumnWanted;
use crate::explorer::embedded::slots::{How, has_column, is_column};

/// How classifications are asked for, by how their names begin.
const CLASSES: &[(&str, &[&str])] = &[
    ("confidential", &["confidential", "duvern", "dovern"]),
    ("internal", &["internal", "intern"]),
    ("public", &["public", "verejn"]),
    ("restricted", &["restrict", "vyhrazen", "vyhraden"]),
    ("secret", &["secret", "tajn", "utajen"]),
];
/// The shortest name of a source that is looked for.
const SOURCE_LETTERS_MIN: usize = 3;
/// A column of more tables than these is listed, not described.
const COLUMN_TABLES_MAX: usize = 3;

impl Reading<'_> {
    pub(super) fn marked(&mut self) -> Option<Intent> {
        if let Some(intent) = self.one_column() {
            return Some(intent);
        }
        let named = self.slots.tables.first().map(|first| first.how);
        if self.cues.has(Cue::Gone) {
            return Some(self.gone());
        }
        if named.is_none()
            && let Some(intent) = self.classified()
        {
            return Some(intent);
        }
        if named == Some(How::Exact) {
            return self.undescribed();
        }
        self.fed_by().or_else(|| self.undescribed())
    }

    fn gone(&mut self) -> Intent {
        if let Some(table) = self.named_table() {
            let aspect = Aspect::Everything;
            return Intent::Details { table, aspect };
        }
        self.schemas_for_terms();
        Intent::Gone {
            schema: self.slots.label(&self.knowledge.catalog),
            columns: self.cues.has(Cue::Columns),
        }
    }

    fn classified(&mut self) -> Option<Intent> {
        let back = self.cues.any(&[Cue::It, Cue::Them]);
        if !self.cues.has(Cue::Security) || self.cues.any(&[Cue::Gap, Cue::Compare]) || back {
            return None;
        }
        self.schemas_for_terms();
        let mut classes: Vec<String> = Vec::new();
        for (class, beginnings) in CLASSES {
            let says = |folded: &str| beginnings.iter().any(|begins| folded.starts_with(begins));
            if self.tokens.iter().any(|token| says(&token.folded)) {
                classes.push((*class).to_owned());
            }
        }
        let listed = [Cue::Tables, Cue::Columns, Cue::Catalog];
        let table_type = self.table_type();
        let asked = !classes.is_empty() || (self.cues.any(&listed) && table_type.is_none());
        let about_terms =
            self.terms.iter().any(|term| term.known) || !self.slots.unknown.is_empty();
        (asked && !about_terms).then(|| Intent::Classified {
            schema: self.slots.label(&self.knowledge.catalog),
            classes,
            columns: self.cues.has(Cue::Columns) && !self.cues.has(Cue::Tables),
            table_type,
        })
    }

    /// "Which tables come from EKKO": a source that the catalog names and does not hold.
    fn fed_by(&self) -> Option<Intent> {
        let catalog = &self.knowledge.catalog;
        self.tokens.iter().find_map(|token| {
            let name = token.surface;
            if name.chars().count() < SOURCE_LETTERS_MIN || !catalog.named(name).is_empty() {
                return None;
            }
            let tables: Vec<String> = catalog
                .tables()
                .map(|(id, _)| id)
                .filter(|id| {
                    let mut sources = catalog.upstream(*id).iter();
                    sources.any(|source| source.name.eq_ignore_ascii_case(name))
                })
                .map(|id| self.full_name(id))
                .collect();
            let source = name.to_owned();
            (!tables.is_empty()).then_some(Intent::FedBy { source, tables })
        })
    }

    /// "Which columns of X have no description?"
    fn undescribed(&mut self) -> Option<Intent> {
        let described = self.cues.any(&[Cue::Description, Cue::Describe])
            || self
                .tokens
                .iter()
                .any(|token| token.folded.contains("docum") || token.folded.contains("popi"));
        if !self.cues.has(Cue::Gap) || !self.cues.has(Cue::Columns) || !described {
            return None;
        }
        let of_one = !self.slots.tables.is_empty() || self.cues.has(Cue::It);
        let table = if of_one { self.subject() } else { None }?;
        let aspect = Aspect::Undescribed;
        Some(Intent::Details { table, aspect })
    }

    /// "Column iban": a name that is said to be a column's, or may be nothing's.
    fn called_a_column(&self) -> Option<String> {
        let catalog = &self.knowledge.catalog;
        let pairs = self.tokens.iter().zip(self.tokens.iter().skip(1));
        let mut named = pairs.enumerate().filter_map(|(place, (_, next))| {
            let said = self.cues.at(place) == Some(Cue::Columns);
            let name = next.surface;
            let unknown = self.slots.unknown.iter().any(|known| known == name);
            (said && (unknown || is_column(catalog, name))).then(|| name.to_owned())
        });
        named.next()
    }

    /// What a column is, of a table that is named with it or the few that have it.
    fn one_column(&mut self) -> Option<Intent> {
        let lineage = self.cues.any(&[Cue::LineageUp, Cue::Lineage]);
        let asked = [Cue::Describe, Cue::Description, Cue::DataType];
        let wanted = |table: String, column: String| ColumnWanted {
            table,
            column,
            lineage,
        };
        if let Some((ids, column)) = self.slots.column.clone() {
            let table = self.choose(&ids)?;
            return Some(Intent::Column(wanted(self.full_name(table), column)));
        }
        let column = self.slots.patterns.first().cloned();
        let column = column.or_else(|| self.called_a_column())?;
        if !is_column(&self.knowledge.catalog, &column) && self.slots.tables.is_empty() {
            return Some(super::columns::searched(column, self.cues.has(Cue::Count)));
        }
        if column.contains('*') || !(lineage || self.cues.any(&asked)) {
            return None;
        }
        let catalog = &self.knowledge.catalog;
        let holding = |ids: Vec<TableId>| -> Vec<TableId> {
            let mut holding = ids;
            holding.retain(|id| has_column(catalog, *id, &column));
            holding
        };
        if let Some(mention) = self.slots.tables.first() {
            let ids = holding(mention.ids.clone());
            let table = self.choose(&ids)?;
            return Some(Intent::Column(wanted(self.full_name(table), column)));
        }
        let spoken = self.focus.and_then(|focus| focus.tables.first().copied());
        let spoken = holding(spoken.into_iter().collect());
        let all = holding(catalog.tables().map(|(id, _)| id).collect());
        let tables = if spoken.is_empty() { all } else { spoken };
        if tables.len() > COLUMN_TABLES_MAX {
            return Some(super::columns::searched(column, false));
        }
        let intents = tables.iter();
        Some(Intent::Each {
            intents: intents
                .map(|id| Intent::Column(wanted(self.full_name(*id), column.clone())))
                .collect(),
            more: 0,
        })
    }
}
