//! Lists and counts of tables and schemas, and their diagrams.

use std::collections::BTreeMap;

use super::super::phrases::{
    LINES_MAX, NARROW, NO_HINT, Noun, Phrase, SHORT, code, codes, listed, quote,
};
use super::{Answer, Focus, Said, about};
use crate::catalog::{SchemaId, TableId};
use crate::explorer::tools::{TableLine, TablesAnswer};
use crate::pipeline::structure::TableType;

const IN_SCHEMA: Phrase = Phrase("Schéma {0}: {1}", "Schéma {0}: {1}", "Schema {0}: {1}");
const IN_SCHEMAS: Phrase = Phrase("Schémata {0}: {1}", "Schémy {0}: {1}", "Schemas {0}: {1}");
const IN_CATALOG: Phrase = Phrase(
    "V celém katalogu: {0}",
    "V celom katalógu: {0}",
    "In the whole catalog: {0}",
);
const NONE_OF_TYPE: Phrase = Phrase(
    "žádná položka typu „{0}“",
    "žiadna položka typu „{0}“",
    "no {0}",
);
const TRUNCATED: Phrase = Phrase(
    "Vyhledání vrátilo jen {0} z {1}.",
    "Vyhľadanie vrátilo len {0} z {1}.",
    "The look-up returned only {0} of {1}.",
);
const CATALOG_HOLDS: Phrase = Phrase(
    "V katalogu: {0}, {1}, {2}",
    "V katalógu: {0}, {1}, {2}",
    "In the catalog: {0}, {1}, {2}",
);
const OF_SPOKEN: Phrase = Phrase(
    "Z tabulek, o kterých byla řeč ({0}): {1}",
    "Z tabuliek, o ktorých bola reč ({0}): {1}",
    "Of the tables just spoken of ({0}): {1}",
);
const SPOKEN_COUNT: Phrase = Phrase(
    "Naposledy byla řeč o těchto tabulkách; celkem {0}",
    "Naposledy bola reč o týchto tabuľkách; spolu {0}",
    "The last answer was about these tables; in all {0}",
);
const COLUMNS_IN: Phrase = Phrase("{0} v {1}.", "{0} v {1}.", "{0} in {1}.");
const WIDEST: Phrase = Phrase(
    "Nejvíc sloupců mají:",
    "Najviac stĺpcov majú:",
    "The tables with the most columns:",
);
const DIAGRAM: Phrase = Phrase(
    "ER diagram ({0} a vazby mezi nimi)",
    "ER diagram ({0} a väzby medzi nimi)",
    "ER diagram ({0} and the joins between them)",
);
const DIAGRAM_LIMIT: Phrase = Phrase(
    " Velký diagram se zkracuje; co se nevešlo, říká jeho komentář.",
    " Veľký diagram sa skracuje; čo sa nezmestilo, hovorí jeho komentár.",
    " A large diagram is cut short; its comments say what is left out.",
);
const NOTHING_TO_DRAW: Phrase = Phrase(
    "Není z čeho diagram kreslit: žádná tabulka neodpovídá.",
    "Nie je z čoho diagram kresliť: žiadna tabuľka nezodpovedá.",
    "There is nothing to draw: no table fits.",
);
const COMPARED: Phrase = Phrase(
    "Porovnání schémat {0} a {1}:",
    "Porovnanie schém {0} a {1}:",
    "Schemas {0} and {1} compared:",
);
const SAME_NAMES: Phrase = Phrase(
    "Názvy společné oběma ({0}): {1}",
    "Názvy spoločné obom ({0}): {1}",
    "Names they share ({0}): {1}",
);
const NO_SAME_NAMES: Phrase = Phrase(
    "Žádný název tabulky nemají společný.",
    "Žiadny názov tabuľky nemajú spoločný.",
    "They share no table name.",
);

/// How many tables with most columns are shown.
const WIDEST_MAX: usize = 10;

impl Answer<'_> {
    pub(super) fn tables(&self, answer: &TablesAnswer, count: bool, widest: bool) -> Said {
        let total = answer.tables.total;
        let schemas = self.ids_of(&answer.schemas);
        let number = match answer.table_type {
            Some(table_type) if total == 0 => {
                let noun = Noun::of(Some(table_type));
                self.say(&NONE_OF_TYPE, &[noun.form(self.language, 1)])
            }
            table_type => self.counted(total, Noun::of(table_type)),
        };
        let mut text = self.located(&answer.schemas, &number);
        if answer.table_type.is_none() {
            text.push_str(&self.types(&answer.by_type));
        }
        if widest && total > 0 {
            let widest = self.widest(&schemas, answer.table_type);
            let lines = widest.iter().map(|id| {
                let columns = self.knowledge.catalog.table(*id).columns.len();
                let columns = self.counted(columns, Noun::Column);
                format!("{} ({columns})", code(&self.full_name(*id)))
            });
            let list = listed(self.language, lines, widest.len(), &NO_HINT);
            let text = format!("{text}. {}{list}", self.say(&WIDEST, &[]));
            return (text, about(widest, schemas, answer.table_type));
        }
        let lines: Vec<&TableLine> = answer.tables.items.iter().collect();
        let shown = total > 0 && (!count || total <= LINES_MAX);
        text.push(if shown { ':' } else { '.' });
        if shown {
            let with_type = answer.table_type.is_none();
            let said = lines.iter().map(|line| self.line(line, with_type));
            text.push_str(&listed(self.language, said, total, &NARROW));
        }
        if answer.tables.truncated && !count && answer.tables.returned < LINES_MAX {
            let (some, all) = (answer.tables.returned.to_string(), total.to_string());
            text.push('\n');
            text.push_str(&self.say(&TRUNCATED, &[&some, &all]));
        }
        let tables = lines.iter().map(|line| line.id).collect();
        (text, about(tables, schemas, answer.table_type))
    }

    /// The tables with most columns, of all that there are.
    fn widest(&self, schemas: &[SchemaId], table_type: Option<TableType>) -> Vec<TableId> {
        let catalog = &self.knowledge.catalog;
        let mut tables: Vec<TableId> = catalog
            .tables()
            .filter(|(_, table)| schemas.is_empty() || schemas.contains(&table.schema))
            .map(|(id, _)| id)
            .filter(|id| table_type.is_none_or(|wanted| self.table_type(*id) == wanted))
            .collect();
        tables.sort_by_key(|id| std::cmp::Reverse(catalog.table(*id).columns.len()));
        tables.truncate(WIDEST_MAX);
        tables
    }

    fn ids_of(&self, names: &[String]) -> Vec<SchemaId> {
        names
            .iter()
            .flat_map(|name| self.schemas_called(Some(name)))
            .collect()
    }

    fn located(&self, schemas: &[String], what: &str) -> String {
        match schemas {
            [] => self.say(&IN_CATALOG, &[what]),
            [one] => self.say(&IN_SCHEMA, &[&code(one), what]),
            several => self.say(&IN_SCHEMAS, &[&codes(several), what]),
        }
    }

    /// ` (15 facts, 39 dimensions)`.
    fn types(&self, by_type: &BTreeMap<TableType, usize>) -> String {
        let counts: Vec<String> = by_type
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(table_type, count)| self.counted(*count, Noun::of(Some(*table_type))))
            .collect();
        if counts.is_empty() {
            String::new()
        } else {
            format!(" ({})", counts.join(", "))
        }
    }

    fn line(&self, line: &TableLine, with_type: bool) -> String {
        let columns = self.counted(line.columns, Noun::Column);
        let of_type = if with_type {
            format!(
                "{}, ",
                Noun::of(Some(line.table_type)).form(self.language, 1)
            )
        } else {
            String::new()
        };
        let table = self.knowledge.catalog.table(line.id);
        let described = self
            .description(&table.documentation)
            .map(|text| format!(" – {}", quote(self.language, text, SHORT)))
            .unwrap_or_default();
        format!("{} ({of_type}{columns}){described}", code(&line.full_name))
    }

    pub(super) fn schemas(&self) -> Said {
        let catalog = &self.knowledge.catalog;
        let total = catalog.schemas().len();
        let number = self.counted(total, Noun::Schema);
        let lines = catalog.schemas().iter().map(|schema| {
            let tables = self.counted(schema.tables.len(), Noun::Table);
            let described = self.description(&schema.documentation);
            let described = described
                .map(|text| format!(" – {}", quote(self.language, text, SHORT)))
                .unwrap_or_default();
            format!("{} ({tables}){described}", code(&schema.name))
        });
        let mut text = self.say(&IN_CATALOG, &[&number]);
        text.push(':');
        text.push_str(&listed(self.language, lines, total, &NO_HINT));
        let schemas = catalog.schemas_with_ids().map(|(id, _)| id);
        (
            text,
            about(Vec::new(), schemas.take(LINES_MAX).collect(), None),
        )
    }

    pub(super) fn overview(&self, schema: Option<&str>, answer: &TablesAnswer) -> Said {
        let catalog = &self.knowledge.catalog;
        if schema.is_none() {
            let (mut text, focus) = self.schemas();
            let holds = [
                self.counted(catalog.schemas().len(), Noun::Schema),
                self.counted(answer.tables.total, Noun::Table),
                self.counted(catalog.column_count(), Noun::Column),
            ];
            let [schemas, tables, columns] = &holds;
            let first = self.say(&CATALOG_HOLDS, &[schemas, tables, columns]);
            let list = text.split_off(text.find('\n').unwrap_or(text.len()));
            let types = self.types(&answer.by_type);
            return (
                format!("{first}{types}:{list}"),
                about(Vec::new(), Vec::new(), focus.table_type),
            );
        }
        let ids = self.ids_of(&answer.schemas);
        let (mut text, focus) = self.tables(answer, false, false);
        let described = ids
            .iter()
            .filter_map(|id| self.description(&catalog.schema(*id).documentation))
            .map(|words| quote(self.language, words, super::super::phrases::LONG));
        let mut described: Vec<String> = described.take(LINES_MAX).collect();
        if let [only] = ids.as_slice() {
            described.push(self.of_schema(*only));
        }
        if !described.is_empty() {
            text = format!("{}\n\n{text}", described.join("\n"));
        }
        (text, focus)
    }

    /// Whose a schema is and how it is classified.
    fn of_schema(&self, id: SchemaId) -> String {
        let documentation = &self.knowledge.catalog.schema(id).documentation;
        let owner = match documentation.owner.as_deref() {
            Some(owner) => self.say(&super::details::OWNER, &[&code(owner)]),
            None => self.say(&super::details::NO_OWNER, &[]),
        };
        let class = match documentation.security_classification.as_deref() {
            Some(class) => {
                let class = quote(self.language, class, SHORT);
                self.say(&super::details::SECURITY, &[&class])
            }
            None => self.say(&super::details::NO_SECURITY, &[]),
        };
        format!("- {owner}\n- {class}")
    }

    pub(super) fn count_columns(&self, schemas: &[SchemaId]) -> Said {
        let catalog = &self.knowledge.catalog;
        let tables: Vec<TableId> = catalog
            .tables()
            .filter(|(_, table)| schemas.is_empty() || schemas.contains(&table.schema))
            .map(|(id, _)| id)
            .collect();
        let columns = tables
            .iter()
            .map(|id| catalog.table(*id).columns.len())
            .sum();
        let (columns, number) = (
            self.counted(columns, Noun::Column),
            self.counted(tables.len(), Noun::Table),
        );
        let both = match self.language {
            crate::explorer::Language::English => self.say(&COLUMNS_IN, &[&columns, &number]),
            _ => format!("{columns} ({number})."),
        };
        let names: Vec<String> = schemas
            .iter()
            .map(|id| catalog.schema(*id).name.to_string())
            .collect();
        let text = self.located(&names, &both);
        (text, about(Vec::new(), schemas.to_vec(), None))
    }

    pub(super) fn spoken(&self, tables: &[TableId], table_type: Option<TableType>) -> Said {
        let fitting: Vec<TableId> = tables
            .iter()
            .copied()
            .filter(|id| table_type.is_none_or(|wanted| self.table_type(*id) == wanted))
            .collect();
        let number = self.counted(fitting.len(), Noun::of(table_type));
        let mut text = match table_type {
            Some(_) => self.say(&OF_SPOKEN, &[&tables.len().to_string(), &number]),
            None => self.say(&SPOKEN_COUNT, &[&number]),
        };
        text.push(if fitting.is_empty() { '.' } else { ':' });
        let lines = fitting.iter().map(|id| code(&self.full_name(*id)));
        text.push_str(&listed(self.language, lines, fitting.len(), &NO_HINT));
        let kept = if fitting.is_empty() {
            tables.to_vec()
        } else {
            fitting
        };
        (text, about(kept, Vec::new(), table_type))
    }

    pub(super) fn diagram_of_schemas(&self, schemas: Vec<SchemaId>) -> Said {
        let catalog = &self.knowledge.catalog;
        let mut tables: Vec<TableId> = if schemas.is_empty() {
            catalog.list(None)
        } else {
            let of_schemas = schemas.iter().flat_map(|id| &catalog.schema(*id).tables);
            of_schemas.copied().collect()
        };
        // A diagram is drawn around its facts.
        tables.sort_by_key(|id| (self.table_type(*id), id.index()));
        self.diagram_of(tables, schemas)
    }

    pub(super) fn diagram_of(&self, tables: Vec<TableId>, schemas: Vec<SchemaId>) -> Said {
        if tables.is_empty() {
            return (self.say(&NOTHING_TO_DRAW, &[]), Focus::default());
        }
        let mut tables = tables;
        if let [only] = tables.as_slice() {
            // A table alone is drawn with what it points at.
            let mut parents: Vec<TableId> = Vec::new();
            for join in self.knowledge.structure.joins_from(*only) {
                if join.to != *only && !parents.contains(&join.to) {
                    parents.push(join.to);
                }
            }
            tables.extend(parents);
        }
        let number = self.counted(tables.len(), Noun::Table);
        let mut text = self.say(&DIAGRAM, &[&number]);
        text.push(':');
        let lines = tables.iter().map(|id| {
            let of_type = Noun::of(Some(self.table_type(*id)));
            format!(
                "{} ({})",
                code(&self.full_name(*id)),
                of_type.form(self.language, 1)
            )
        });
        text.push_str(&listed(self.language, lines, tables.len(), &NO_HINT));
        if tables.len() > LINES_MAX {
            text.push('\n');
            text.push_str(&self.say(&DIAGRAM_LIMIT, &[]));
        }
        (text, about(tables, schemas, None))
    }

    pub(super) fn compare_schemas(&self, one: &TablesAnswer, two: &TablesAnswer) -> Said {
        let schemas = [self.ids_of(&one.schemas), self.ids_of(&two.schemas)].concat();
        let name = |answer: &TablesAnswer| codes(&answer.schemas);
        let mut text = self.say(&COMPARED, &[&name(one), &name(two)]);
        for answer in [one, two] {
            let number = self.counted(answer.tables.total, Noun::Table);
            let types = self.types(&answer.by_type);
            text = format!("{text}\n- {}: {number}{types}", name(answer));
        }
        let catalog = &self.knowledge.catalog;
        let names_of = |answer: &TablesAnswer| -> Vec<TableId> {
            let ids = self.ids_of(&answer.schemas);
            ids.iter()
                .flat_map(|id| catalog.schema(*id).tables.clone())
                .collect()
        };
        let known: std::collections::HashSet<String> = names_of(two)
            .iter()
            .map(|id| catalog.table(*id).name.to_lowercase())
            .collect();
        let shared: Vec<String> = names_of(one)
            .iter()
            .map(|id| catalog.table(*id).name.to_string())
            .filter(|name| known.contains(&name.to_lowercase()))
            .collect();
        text.push_str("\n\n");
        text.push_str(&if shared.is_empty() {
            self.say(&NO_SAME_NAMES, &[])
        } else {
            self.say(&SAME_NAMES, &[&shared.len().to_string(), &codes(&shared)])
        });
        (text, about(Vec::new(), schemas, None))
    }
}
