//! What the catalog marks or names itself, in words: what is missing from its source, what
//! is classified how, what a source fills, one column.

use super::super::intent::ColumnWanted;
use super::super::phrases::{
    LINES_MAX, LONG, NO_HINT, Noun, Phrase, code, codes, counted, listed, quote,
};
use super::{Answer, Said, about};
use crate::catalog::{Column, SchemaId, TableId};
use crate::pipeline::structure::TableType;
use crate::text;

const GONE: Phrase = Phrase(
    "Ve zdroji podle katalogu chybí (stav „Missing from source“; {0}):",
    "V zdroji podľa katalógu chýba (stav „Missing from source“; {0}):",
    "Marked as missing from source: {0}:",
);
const NONE_GONE: Phrase = Phrase(
    "Katalog žádnou tabulku ani sloupec neoznačuje jako chybějící ve zdroji.",
    "Katalóg žiadnu tabuľku ani stĺpec neoznačuje ako chýbajúci v zdroji.",
    "The catalog marks no table or column as missing from source.",
);
const CLASSIFIED: Phrase = Phrase(
    "Bezpečnostní klasifikace {0} ({1}):",
    "Bezpečnostná klasifikácia {0} ({1}):",
    "Security classification {0}: {1}:",
);
const OF_SCHEMA: Phrase = Phrase("podle schématu", "podľa schémy", "by its schema");
const NONE_CLASSIFIED: Phrase = Phrase(
    "Takovou bezpečnostní klasifikaci ({0}) nemá v katalogu nic.",
    "Takú bezpečnostnú klasifikáciu ({0}) nemá v katalógu nič.",
    "Nothing in the catalog is classified so ({0}): none.",
);
const KNOWN_CLASSES: Phrase = Phrase(
    "Katalog zná klasifikace: {0}.",
    "Katalóg pozná klasifikácie: {0}.",
    "The classifications there are: {0}.",
);
const FED: Phrase = Phrase(
    "Ze zdroje {0} se podle katalogu plní ({1}):",
    "Zo zdroja {0} sa podľa katalógu plní ({1}):",
    "Filled from {0}, by the catalog: {1}:",
);
const COLUMN: Phrase = Phrase(
    "Sloupec {0} tabulky {1}: {2}.",
    "Stĺpec {0} tabuľky {1}: {2}.",
    "Column {0} of {1}: {2}.",
);
const NO_TYPE: Phrase = Phrase(
    "datový typ katalog neuvádí",
    "dátový typ katalóg neuvádza",
    "the catalog gives no data type",
);
const DATA_TYPE: Phrase = Phrase("datový typ {0}", "dátový typ {0}", "data type {0}");
const TARGET: Phrase = Phrase("odkazuje na {0}", "odkazuje na {0}", "points at {0}");
const FROM: Phrase = Phrase("Plní se z: {0}.", "Plní sa z: {0}.", "It comes from: {0}.");
const FROM_UNKNOWN: Phrase = Phrase(
    "Odkud pochází, katalog u sloupce neříká; je to tedy neznámé.",
    "Odkiaľ pochádza, katalóg pri stĺpci nehovorí; je to teda neznáme.",
    "The catalog does not say where the column comes from, so it is unknown.",
);
const NO_DESCRIPTION: Phrase = Phrase(
    "Katalog sloupec nepopisuje.",
    "Katalóg stĺpec neopisuje.",
    "The catalog does not describe the column.",
);

impl Answer<'_> {
    pub(super) fn tables_in(&self, schemas: &[SchemaId]) -> Vec<TableId> {
        let catalog = &self.knowledge.catalog;
        let mut tables: Vec<TableId> = catalog
            .tables()
            .filter(|(_, table)| schemas.is_empty() || schemas.contains(&table.schema))
            .map(|(id, _)| id)
            .collect();
        tables.sort_by(|a, b| catalog.list_order(*a, *b));
        tables
    }

    pub(super) fn gone(&self, schema: Option<&str>, only_columns: bool) -> Said {
        let catalog = &self.knowledge.catalog;
        let schemas = self.schemas_called(schema);
        let all = self.tables_in(&schemas);
        let is_gone = |id: &TableId| catalog.table(*id).documentation.missing_from_source();
        let tables: Vec<TableId> = all.iter().copied().filter(is_gone).collect();
        // The columns of a table that is gone are gone with it.
        let columns: Vec<String> = all
            .iter()
            .filter(|id| only_columns || !is_gone(id))
            .flat_map(|id| {
                let columns = catalog.table(*id).columns.iter();
                let gone = columns.filter(|column| column.documentation.missing_from_source());
                gone.map(|column| format!("{}.{}", self.full_name(*id), column.name))
            })
            .collect();
        let mut parts: Vec<String> = Vec::new();
        if !tables.is_empty() && !only_columns {
            let names = tables.iter().map(|id| code(&self.full_name(*id)));
            parts.push(self.gone_part(Noun::Table, names.collect()));
        }
        if !columns.is_empty() {
            let names = columns.iter().map(|name| code(name));
            parts.push(self.gone_part(Noun::Column, names.collect()));
        }
        if parts.is_empty() {
            parts.push(self.say(&NONE_GONE, &[]));
        }
        (parts.join("\n\n"), about(tables, schemas, None))
    }

    fn gone_part(&self, noun: Noun, names: Vec<String>) -> String {
        let total = names.len();
        self.say(&GONE, &[&self.counted(total, noun)])
            + &listed(self.language, names, total, &NO_HINT)
    }

    pub(super) fn classified(
        &self,
        schema: Option<&str>,
        classes: &[String],
        only_columns: bool,
        table_type: Option<TableType>,
    ) -> Said {
        let catalog = &self.knowledge.catalog;
        let schemas = self.schemas_called(schema);
        let fits = |class: &str| {
            let folded = text::fold(class);
            classes.is_empty() || classes.iter().any(|asked| folded.contains(asked.as_str()))
        };
        let mut found: Vec<(String, String, bool)> = Vec::new();
        let mut tables: Vec<TableId> = Vec::new();
        for id in self.tables_in(&schemas) {
            let table = catalog.table(id);
            let own = table.documentation.security_classification.is_some();
            let of_type = table_type.is_none_or(|wanted| self.table_type(id) == wanted);
            if let Some(class) = catalog.classification(id).filter(|class| fits(class))
                && of_type
                && !only_columns
            {
                let by = if own {
                    String::new()
                } else {
                    format!(" ({})", self.say(&OF_SCHEMA, &[]))
                };
                found.push((class.to_owned(), code(&self.full_name(id)) + &by, true));
                tables.push(id);
            }
            for column in table.columns.iter().filter(|_| of_type) {
                let class = column.documentation.security_classification.as_deref();
                if let Some(class) = class.filter(|class| fits(class)) {
                    let name = format!("{}.{}", self.full_name(id), column.name);
                    found.push((class.to_owned(), code(&name), false));
                    tables.push(id);
                }
            }
        }
        tables.dedup();
        let parts = if found.is_empty() {
            self.none_classified(classes)
        } else {
            self.by_class(&found)
        };
        (parts.join("\n\n"), about(tables, schemas, table_type))
    }

    fn none_classified(&self, classes: &[String]) -> Vec<String> {
        let mut parts = vec![self.say(&NONE_CLASSIFIED, &[&classes.join(", ")])];
        let known = self.classes();
        if !known.is_empty() {
            parts.push(self.say(&KNOWN_CLASSES, &[&known.join(", ")]));
        }
        parts
    }

    /// A list for each class, its tables and its columns apart.
    fn by_class(&self, found: &[(String, String, bool)]) -> Vec<String> {
        let mut kinds: Vec<(&str, bool)> = found
            .iter()
            .map(|(class, _, is_table)| (class.as_str(), *is_table))
            .collect();
        kinds.sort_by_key(|(class, is_table)| (*class, !is_table));
        kinds.dedup();
        let part = |(class, is_table): (&str, bool)| {
            let lines: Vec<String> = found
                .iter()
                .filter(|(other, _, table)| other == class && *table == is_table)
                .map(|(_, line, _)| line.clone())
                .collect();
            let noun = if is_table { Noun::Table } else { Noun::Column };
            let total = lines.len();
            let number = self.counted(total, noun);
            self.say(&CLASSIFIED, &[&quote(self.language, class, 80), &number])
                + &listed(self.language, lines, total, &NO_HINT)
        };
        kinds.into_iter().map(part).collect()
    }

    /// The classifications that occur, of schemas, tables and columns.
    fn classes(&self) -> Vec<String> {
        let catalog = &self.knowledge.catalog;
        let of_tables = catalog
            .tables()
            .filter_map(|(id, _)| catalog.classification(id));
        let of_columns = catalog.tables().flat_map(|(_, table)| {
            let columns = table.columns.iter();
            columns.filter_map(|column| column.documentation.security_classification.as_deref())
        });
        let mut classes: Vec<&str> = of_tables.chain(of_columns).collect();
        classes.sort_unstable();
        classes.dedup();
        let shown = classes.into_iter().take(LINES_MAX);
        shown.map(|class| quote(self.language, class, 80)).collect()
    }

    pub(super) fn fed_by(&self, source: &str, names: &[String]) -> Said {
        let catalog = &self.knowledge.catalog;
        let ids = names.iter().flat_map(|name| catalog.named(name));
        let tables: Vec<TableId> = ids.collect();
        let lines = tables.iter().map(|id| {
            let sources = catalog.upstream(*id).iter();
            let ours = sources.filter(|known| known.name.eq_ignore_ascii_case(source));
            let pairs: Vec<String> = ours
                .flat_map(|known| &known.columns)
                .take(4)
                .map(|pair| match &pair.source_column {
                    Some(from) => format!("{from} → {}", pair.column),
                    None => pair.column.clone(),
                })
                .collect();
            let columns = if pairs.is_empty() {
                String::new()
            } else {
                format!(": {}", codes(&pairs))
            };
            code(&self.full_name(*id)) + &columns
        });
        let number = counted(self.language, tables.len(), Noun::Table);
        let text = self.say(&FED, &[&code(source), &number])
            + &listed(self.language, lines, tables.len(), &NO_HINT);
        (text, about(tables, Vec::new(), None))
    }

    pub(super) fn column_of(&self, wanted: &ColumnWanted, id: TableId) -> Said {
        let table = self.knowledge.catalog.table(id);
        let name = code(&self.full_name(id));
        let place = table
            .columns
            .iter()
            .position(|column| text::fold(&column.name) == text::fold(&wanted.column));
        let column = place.and_then(|place| Some((place, table.columns.get(place)?)));
        let Some((place, column)) = column else {
            let text = self.say(
                &super::details::NO_COLUMN_WITHIN,
                &[&code(&wanted.column), &name],
            );
            return (text, about(vec![id], Vec::new(), None));
        };
        let mut facts = vec![match column.data_type.as_deref() {
            Some(data_type) => self.say(&DATA_TYPE, &[&code(data_type)]),
            None => self.say(&NO_TYPE, &[]),
        }];
        let classified = self.knowledge.structure.of(id);
        let role = classified.and_then(|classified| classified.roles.get(place));
        facts.extend(role.map(|role| super::details::role_name(self.language, *role).to_owned()));
        if let Some(join) = self.knowledge.structure.targets_of(id).get(&place) {
            facts.push(self.say(&TARGET, &[&code(&self.full_name(join.to))]));
        }
        let described = match self.description(&column.documentation) {
            Some(written) => quote(self.language, written, LONG),
            None => self.say(&NO_DESCRIPTION, &[]),
        };
        let first = self.say(&COLUMN, &[&code(&column.name), &name, &facts.join(", ")]);
        let text = format!("{first} {described}\n{}", self.source_of(id, column));
        (text, about(vec![id], Vec::new(), None))
    }

    fn source_of(&self, id: TableId, column: &Column) -> String {
        let sources = self.knowledge.catalog.upstream(id).iter();
        let from: Vec<String> = sources
            .flat_map(|source| {
                let pairs = source.columns.iter();
                let ours = pairs.filter(|pair| *pair.column == *column.name);
                ours.map(|pair| match &pair.source_column {
                    Some(named) => format!("{}.{named}", source.name),
                    None => source.name.clone(),
                })
            })
            .collect();
        if from.is_empty() {
            self.say(&FROM_UNKNOWN, &[])
        } else {
            self.say(&FROM, &[&codes(&from)])
        }
    }
}
