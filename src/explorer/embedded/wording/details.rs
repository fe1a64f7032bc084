//! One table, or two compared: what they are, their keys, their columns.

use std::collections::HashSet;

use super::super::intent::Aspect;
use super::super::phrases::{
    LONG, NO_HINT, Noun, Phrase, SHORT, code, codes, listed, percent, quote,
};
use super::{Answer, Focus, Said, about};
use crate::catalog::TableId;
use crate::explorer::Language;
use crate::explorer::tools::{ColumnHit, ColumnLine, Page, TableDetails};
use crate::pipeline::structure::ColumnRole;

const IS: Phrase = Phrase(
    "{0}: {1} (jistota {2}), {3}.",
    "{0}: {1} (istota {2}), {3}.",
    "{0}: {1} ({2} sure), {3}.",
);
const WHY: Phrase = Phrase(
    "Důvod zařazení: {0}.",
    "Dôvod zaradenia: {0}.",
    "Why it is classed so: {0}.",
);
const GRAIN: Phrase = Phrase("zrnitost: {0}", "zrnitosť: {0}", "grain: {0}");
const NO_GRAIN: Phrase = Phrase(
    "zrnitost: katalog ji neuvádí",
    "zrnitosť: katalóg ju neuvádza",
    "grain: the catalog does not say",
);
const KEY: Phrase = Phrase(
    "primární klíč: {0}",
    "primárny kľúč: {0}",
    "primary key: {0}",
);
const NO_KEY: Phrase = Phrase(
    "primární klíč: neznámý",
    "primárny kľúč: neznámy",
    "primary key: unknown",
);
const BUSINESS_KEY: Phrase = Phrase(
    "obchodní klíč: {0}",
    "obchodný kľúč: {0}",
    "business key: {0}",
);
const FOREIGN_KEYS: Phrase = Phrase("cizí klíče: {0}", "cudzie kľúče: {0}", "foreign keys: {0}");
const MEASURES: Phrase = Phrase("míry: {0}", "miery: {0}", "measures: {0}");
const NO_MEASURES: Phrase = Phrase("míry: žádné", "miery: žiadne", "measures: none");
pub(super) const OWNER: Phrase = Phrase(
    "vlastník: {0} (id)",
    "vlastník: {0} (id)",
    "owner: {0} (id)",
);
pub(super) const NO_OWNER: Phrase = Phrase(
    "vlastník: v katalogu není uveden",
    "vlastník: v katalógu nie je uvedený",
    "owner: not named in the catalog",
);
const OWNER_OF_SCHEMA: Phrase = Phrase(
    "{0}; patří schématu, sama tabulka vlastníka nemá",
    "{0}; patrí schéme, sama tabuľka vlastníka nemá",
    "{0}; of the schema, the table itself names none",
);
pub(super) const SECURITY: Phrase = Phrase(
    "klasifikace: {0}",
    "klasifikácia: {0}",
    "security classification: {0}",
);
pub(super) const NO_SECURITY: Phrase = Phrase(
    "klasifikace: není uvedena",
    "klasifikácia: nie je uvedená",
    "security classification: none given",
);
const GONE: Phrase = Phrase(
    "stav: chybí ve zdroji („Missing from source“)",
    "stav: chýba v zdroji („Missing from source“)",
    "status: missing from source",
);
const NO_DESCRIPTION: Phrase = Phrase(
    "Katalog tabulku nepopisuje.",
    "Katalóg tabuľku neopisuje.",
    "The catalog does not describe the table.",
);
const HAS: Phrase = Phrase("{0} má {1}", "{0} má {1}", "{0} has {1}");
const NO_COLUMNS: Phrase = Phrase(
    "Katalog u {0} neuvádí žádné sloupce.",
    "Katalóg pri {0} neuvádza žiadne stĺpce.",
    "The catalog lists no columns of {0}.",
);
const ASK_COLUMNS: Phrase = Phrase(
    "; ostatní ukáže `GET /api/tables/{0}`",
    "; ostatné ukáže `GET /api/tables/{0}`",
    "; `GET /api/tables/{0}` has them all",
);
const BARE_COLUMNS: Phrase = Phrase(
    "Sloupce {0} bez popisu ({1} z {2}):",
    "Stĺpce {0} bez opisu ({1} z {2}):",
    "Columns of {0} without a description ({1} of {2}):",
);
const ALL_DESCRIBED: Phrase = Phrase(
    "Popis nechybí žádnému sloupci {0} (celkem {1}).",
    "Opis nechýba žiadnemu stĺpcu {0} (spolu {1}).",
    "No column of {0} lacks a description ({1} in all).",
);
const COLUMNS_LIKE: Phrase = Phrase(
    "Výrazu {0} odpovídá: {1} ({2})",
    "Výrazu {0} zodpovedá: {1} ({2})",
    "What fits {0}: {1} ({2})",
);
const NO_COLUMNS_LIKE: Phrase = Phrase(
    "Žádný sloupec v katalogu nevyhovuje výrazu {0}.",
    "Žiadny stĺpec v katalógu nevyhovuje výrazu {0}.",
    "No column in the catalog fits {0}.",
);
const COMPARED: Phrase = Phrase(
    "Porovnání {0} a {1}:",
    "Porovnanie {0} a {1}:",
    "{0} and {1} compared:",
);
const SHARED: Phrase = Phrase(
    "společné sloupce ({0}): {1}",
    "spoločné stĺpce ({0}): {1}",
    "columns of both ({0}): {1}",
);
const ONLY_IN: Phrase = Phrase(
    "jen v {0} ({1}): {2}",
    "len v {0} ({1}): {2}",
    "only in {0} ({1}): {2}",
);

/// What a column is for, as people say it.
const ROLES: &[(ColumnRole, Phrase)] = &[
    (ColumnRole::Key, Phrase("klíč", "kľúč", "key")),
    (
        ColumnRole::ForeignKey,
        Phrase("cizí klíč", "cudzí kľúč", "foreign key"),
    ),
    (ColumnRole::Measure, Phrase("míra", "miera", "measure")),
    (ColumnRole::Date, Phrase("datum", "dátum", "date")),
    (
        ColumnRole::Attribute,
        Phrase("atribut", "atribút", "attribute"),
    ),
    (
        ColumnRole::Technical,
        Phrase("technický", "technický", "technical"),
    ),
];

const COLUMNS_WITHIN: Phrase = Phrase(
    "Co v tabulce {1} odpovídá výrazu {0} ({2}): {3}.",
    "Čo v tabuľke {1} zodpovedá výrazu {0} ({2}): {3}.",
    "What fits {0} in {1}: {2}: {3}.",
);
pub(super) const NO_COLUMN_WITHIN: Phrase = Phrase(
    "Tabulka {1} nemá sloupec, který by odpovídal výrazu {0}.",
    "Tabuľka {1} nemá stĺpec, ktorý by zodpovedal výrazu {0}.",
    "{1} has no column that fits {0}.",
);

impl Answer<'_> {
    pub(super) fn details(&self, details: &TableDetails, aspect: Aspect) -> Said {
        let name = code(&details.full_name);
        let text = match aspect {
            Aspect::Everything => self.everything(details),
            Aspect::Columns => self.columns_of(details),
            Aspect::Undescribed => self.undescribed(details),
            Aspect::CountColumns => {
                let count = self.counted(details.columns.total, Noun::Column);
                format!("{}.", self.say(&HAS, &[&name, &count]))
            }
            Aspect::Grain => format!("{name} – {}.", self.grain(details)),
            Aspect::Keys => {
                let keys = [
                    Some(self.key(details)),
                    self.some_columns(&BUSINESS_KEY, &details.business_key),
                    self.some_columns(&FOREIGN_KEYS, &pointing(details)),
                ];
                self.facts(&name, keys)
            }
            Aspect::Measures => format!("{name} – {}.", self.measures(details)),
            Aspect::Owner => format!("{name} – {}.", self.owner(details)),
            Aspect::Security => format!("{name} – {}.", self.security(details)),
        };
        (text, about(vec![details.id], Vec::new(), None))
    }

    fn facts(&self, name: &str, facts: impl IntoIterator<Item = Option<String>>) -> String {
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        let total = facts.len();
        format!("{name}:{}", listed(self.language, facts, total, &NO_HINT))
    }

    fn everything(&self, details: &TableDetails) -> String {
        let name = code(&details.full_name);
        let class = Noun::of(Some(details.table_type)).form(self.language, 1);
        let sure = percent(self.language, details.confidence);
        let columns = self.counted(details.columns.total, Noun::Column);
        let mut text = self.say(&IS, &[&name, class, &sure, &columns]);
        text.push('\n');
        let table = self.knowledge.catalog.table(details.id);
        text.push_str(&match self.description(&table.documentation) {
            Some(written) => quote(self.language, written, LONG),
            None => self.say(&NO_DESCRIPTION, &[]),
        });
        let foreign_keys = pointing(details);
        let measures = with_role(details, ColumnRole::Measure);
        let facts = [
            details.grain.as_ref().map(|_| self.grain(details)),
            Some(self.key(details)),
            self.some_columns(&BUSINESS_KEY, &details.business_key),
            self.some_columns(&FOREIGN_KEYS, &foreign_keys),
            (!measures.is_empty()).then(|| self.measures(details)),
            Some(self.owner(details)),
            Some(self.security(details)),
            self.status(details),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        let total = facts.len();
        text.push_str(&listed(self.language, facts, total, &NO_HINT));
        text.push('\n');
        let why = super::evidence::rationale(self.language, &details.rationale);
        text.push_str(&self.say(&WHY, &[&why]));
        text
    }

    fn some_columns(&self, phrase: &Phrase, names: &[String]) -> Option<String> {
        (!names.is_empty()).then(|| self.say(phrase, &[&codes(names)]))
    }

    fn grain(&self, details: &TableDetails) -> String {
        match &details.grain {
            Some(grain) => {
                let words = super::evidence::grain(self.language, grain);
                self.say(&GRAIN, &[&words])
            }
            None => self.say(&NO_GRAIN, &[]),
        }
    }

    fn key(&self, details: &TableDetails) -> String {
        self.some_columns(&KEY, &details.primary_key)
            .unwrap_or_else(|| self.say(&NO_KEY, &[]))
    }

    fn measures(&self, details: &TableDetails) -> String {
        self.some_columns(&MEASURES, &with_role(details, ColumnRole::Measure))
            .unwrap_or_else(|| self.say(&NO_MEASURES, &[]))
    }

    fn owner(&self, details: &TableDetails) -> String {
        let Some(owner) = &details.owner else {
            return self.say(&NO_OWNER, &[]);
        };
        let said = self.say(&OWNER, &[&code(owner)]);
        let table = self.knowledge.catalog.table(details.id);
        if table.documentation.owner.is_none() {
            self.say(&OWNER_OF_SCHEMA, &[&said])
        } else {
            said
        }
    }

    /// Said where it is a warning.
    fn status(&self, details: &TableDetails) -> Option<String> {
        let table = self.knowledge.catalog.table(details.id);
        let gone = table.documentation.missing_from_source();
        gone.then(|| self.say(&GONE, &[]))
    }

    fn security(&self, details: &TableDetails) -> String {
        match &details.security_classification {
            Some(class) => self.say(&SECURITY, &[&quote(self.language, class, SHORT)]),
            None => self.say(&NO_SECURITY, &[]),
        }
    }

    /// The columns that the catalog says nothing about.
    fn undescribed(&self, details: &TableDetails) -> String {
        let name = code(&details.full_name);
        let columns = &self.knowledge.catalog.table(details.id).columns;
        let bare = columns
            .iter()
            .filter(|column| column.documentation.best_description().is_none());
        let lines: Vec<String> = bare.map(|column| code(&column.name)).collect();
        let (total, all) = (lines.len(), columns.len().to_string());
        if total == 0 {
            return self.say(&ALL_DESCRIBED, &[&name, &all]);
        }
        self.say(&BARE_COLUMNS, &[&name, &total.to_string(), &all])
            + &listed(self.language, lines, total, &NO_HINT)
    }

    fn columns_of(&self, details: &TableDetails) -> String {
        let name = code(&details.full_name);
        if details.columns.total == 0 {
            return self.say(&NO_COLUMNS, &[&name]);
        }
        let count = self.counted(details.columns.total, Noun::Column);
        let mut text = self.say(&HAS, &[&name, &count]);
        text.push(':');
        let lines: Vec<String> = details
            .columns
            .items
            .iter()
            .map(|column| self.column(column))
            .collect();
        // Of the one table an answer is about, all columns are wanted.
        let said: Vec<String> = lines.iter().map(|line| format!("\n- {line}")).collect();
        text.push_str(&said.concat());
        if details.columns.truncated {
            let missing = details.columns.missing().to_string();
            let where_else = self.say(&ASK_COLUMNS, &[&details.full_name]);
            text = format!("{text}\n- … +{missing}{where_else}");
        }
        text
    }

    fn column(&self, column: &ColumnLine) -> String {
        let role = role_name(self.language, column.role);
        let data_type = column
            .data_type
            .as_deref()
            .map(|data_type| format!("{data_type}, "))
            .unwrap_or_default();
        let target = column
            .target
            .as_deref()
            .map(|target| format!(" → {}", code(target)))
            .unwrap_or_default();
        let described = column
            .description
            .as_deref()
            .map(|text| format!(" – {}", quote(self.language, text, SHORT)))
            .unwrap_or_default();
        format!(
            "{} ({data_type}{role}){target}{described}",
            code(&column.name)
        )
    }

    /// Those of the columns found that are one table's.
    pub(super) fn columns_within(
        &self,
        pattern: &str,
        table: TableId,
        page: &Page<ColumnHit>,
    ) -> Said {
        let hits = page.items.iter().filter(|hit| hit.id == table);
        let names: Vec<&str> = hits.map(|hit| hit.column.as_str()).collect();
        let (asked, table_name) = (code(pattern), code(&self.full_name(table)));
        let text = if names.is_empty() {
            self.say(&NO_COLUMN_WITHIN, &[&asked, &table_name])
        } else {
            let number = self.counted(names.len(), Noun::Column);
            self.say(
                &COLUMNS_WITHIN,
                &[&asked, &table_name, &number, &codes(&names)],
            )
        };
        (text, about(vec![table], Vec::new(), None))
    }

    pub(super) fn columns(&self, pattern: &str, count: bool, page: &Page<ColumnHit>) -> Said {
        let asked = code(pattern);
        if page.total == 0 {
            return (self.say(&NO_COLUMNS_LIKE, &[&asked]), Focus::default());
        }
        let mut tables: Vec<_> = page.items.iter().map(|hit| hit.id).collect();
        tables.dedup();
        let number = self.counted(page.total, Noun::Column);
        let mut in_tables = self.counted(tables.len(), Noun::Table);
        if page.truncated {
            in_tables.push('+');
        }
        let mut text = self.say(&COLUMNS_LIKE, &[&asked, &number, &in_tables]);
        text.push(if count { '.' } else { ':' });
        if !count {
            let lines = page.items.iter().map(|hit| {
                let data_type = hit
                    .data_type
                    .as_deref()
                    .map(|data_type| format!(" ({data_type})"))
                    .unwrap_or_default();
                format!("{} – {}{data_type}", code(&hit.table), code(&hit.column))
            });
            text.push_str(&listed(self.language, lines, page.total, &NARROW_PATTERN));
        }
        (text, about(tables, Vec::new(), None))
    }

    pub(super) fn compare_tables(&self, one: &TableDetails, two: &TableDetails) -> Said {
        let (first, second) = (code(&one.full_name), code(&two.full_name));
        let mut lines: Vec<String> = Vec::new();
        for details in [one, two] {
            let class = Noun::of(Some(details.table_type)).form(self.language, 1);
            let columns = self.counted(details.columns.total, Noun::Column);
            let grain = self.grain(details);
            lines.push(format!(
                "{}: {class}, {columns}, {grain}",
                code(&details.full_name)
            ));
        }
        let names = |details: &TableDetails| -> Vec<String> {
            let columns = details.columns.items.iter();
            columns.map(|column| column.name.clone()).collect()
        };
        let folded = |names: &[String]| -> HashSet<String> {
            names.iter().map(|name| name.to_lowercase()).collect()
        };
        let (ours, theirs) = (names(one), names(two));
        let (our_set, their_set) = (folded(&ours), folded(&theirs));
        let (both, only_ours): (Vec<String>, Vec<String>) = ours
            .into_iter()
            .partition(|name| their_set.contains(&name.to_lowercase()));
        let only_theirs: Vec<String> = theirs
            .into_iter()
            .filter(|name| !our_set.contains(&name.to_lowercase()))
            .collect();
        let count = |names: &[String]| names.len().to_string();
        lines.push(self.say(&SHARED, &[&count(&both), &codes(&both)]));
        for (name, only) in [(&first, &only_ours), (&second, &only_theirs)] {
            lines.push(self.say(&ONLY_IN, &[name, &count(only), &codes(only)]));
        }
        let total = lines.len();
        let mut text = self.say(&COMPARED, &[&first, &second]);
        text.push_str(&listed(self.language, lines, total, &NO_HINT));
        (text, about(vec![one.id, two.id], Vec::new(), None))
    }
}

const NARROW_PATTERN: Phrase = Phrase(
    "; zužte výběr přesnějším slovem nebo vzorem",
    "; zúžte výber presnejším slovom alebo vzorom",
    "; narrow by a more exact word or pattern",
);

/// What a column's role is called.
pub(super) fn role_name(language: Language, role: ColumnRole) -> &'static str {
    let named = ROLES.iter().find(|(known, _)| *known == role);
    named.map_or("", |(_, phrase)| phrase.text(language))
}

/// The columns that point at another table, whatever else they are.
fn pointing(details: &TableDetails) -> Vec<String> {
    let columns = details.columns.items.iter();
    columns
        .filter(|column| column.target.is_some() || column.role == ColumnRole::ForeignKey)
        .map(|column| column.name.clone())
        .collect()
}

fn with_role(details: &TableDetails, role: ColumnRole) -> Vec<String> {
    let columns = details.columns.items.iter();
    columns
        .filter(|column| column.role == role)
        .map(|column| column.name.clone())
        .collect()
}
