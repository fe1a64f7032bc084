//! Where a table's data comes from and goes to, as far as the catalog says.

use super::super::intent::Direction;
use super::super::phrases::Noun;
use super::super::phrases::{NO_HINT, Phrase, code, codes, counted, listed};
use super::{Answer, Said, about};
use crate::catalog::Via;
use crate::explorer::tools::{LineageAnswer, SourceLine};

/// How many pairs of columns are named for a source.
const COLUMNS_MAX: usize = 4;

const SOURCES: Phrase = Phrase(
    "Zdroje dat {0} podle katalogu ({1}):",
    "Zdroje dát {0} podľa katalógu ({1}):",
    "Where the data of {0} comes from, by the catalog ({1}):",
);
const NO_SOURCES: Phrase = Phrase(
    "Odkud pocházejí data {0}, katalog neříká; je to tedy neznámé.",
    "Odkiaľ pochádzajú dáta {0}, katalóg nehovorí; je to teda neznáme.",
    "The catalog does not say where the data of {0} comes from, so it is unknown.",
);
const USERS: Phrase = Phrase(
    "Z {0} podle katalogu čerpají ({1}):",
    "Z {0} podľa katalógu čerpajú ({1}):",
    "Made from {0}, by the catalog ({1}):",
);
const NO_USERS: Phrase = Phrase(
    "Tabulku, která by {0} uváděla jako zdroj, katalog nezná; použití mimo katalog nevidím.",
    "Tabuľku, ktorá by {0} uvádzala ako zdroj, katalóg nepozná; použitie mimo katalógu nevidím.",
    "The catalog knows no table that names {0} as a source; use outside the catalog I cannot see.",
);
const STATED: Phrase = Phrase("uvádí {0}", "uvádza {0}", "stated by {0}");
const IN_CATALOG: Phrase = Phrase("v katalogu {0}", "v katalógu {0}", "in the catalog {0}");

/// How the catalog states a source.
const WAYS: &[(Via, Phrase)] = &[
    (
        Via::SourceName,
        Phrase(
            "název zdroje tabulky",
            "názov zdroja tabuľky",
            "the table's source name",
        ),
    ),
    (
        Via::ColumnMapping,
        Phrase(
            "mapování sloupců",
            "mapovanie stĺpcov",
            "the mapping of columns",
        ),
    ),
    (
        Via::Description,
        Phrase("popis tabulky", "opis tabuľky", "the table's description"),
    ),
];

impl Answer<'_> {
    pub(super) fn lineage(&self, answer: &LineageAnswer, direction: Direction) -> Said {
        let mut parts = Vec::new();
        if direction != Direction::Down {
            parts.push(self.sources(answer));
        }
        if direction != Direction::Up {
            parts.push(self.users(answer));
        }
        (
            parts.join("\n\n"),
            about(answer.tables.clone(), Vec::new(), None),
        )
    }

    fn sources(&self, answer: &LineageAnswer) -> String {
        let name = code(&answer.table);
        let sources = &answer.upstream;
        if sources.total == 0 {
            return self.say(&NO_SOURCES, &[&name]);
        }
        let number = counted(self.language, sources.total, Noun::Source);
        let lines = sources.items.iter().map(|source| self.source(source));
        self.say(&SOURCES, &[&name, &number])
            + &listed(self.language, lines, sources.total, &NO_HINT)
    }

    fn source(&self, source: &SourceLine) -> String {
        let ways: Vec<&str> = source
            .via
            .iter()
            .filter_map(|via| WAYS.iter().find(|(known, _)| known == via))
            .map(|(_, phrase)| phrase.text(self.language))
            .collect();
        let mut line = code(&source.name);
        if let Some(table) = source.table.as_ref().filter(|table| **table != source.name) {
            line = format!("{line} ({})", self.say(&IN_CATALOG, &[&code(table)]));
        }
        line = format!("{line} – {}", self.say(&STATED, &[&ways.join(", ")]));
        if !source.columns.is_empty() {
            let first: Vec<&String> = source.columns.iter().take(COLUMNS_MAX).collect();
            let more = if source.columns.len() > COLUMNS_MAX {
                " …"
            } else {
                ""
            };
            line = format!("{line}: {}{more}", codes(&first));
        }
        line
    }

    fn users(&self, answer: &LineageAnswer) -> String {
        let name = code(&answer.table);
        let users = &answer.downstream;
        if users.total == 0 {
            return self.say(&NO_USERS, &[&name]);
        }
        let number = counted(self.language, users.total, Noun::Table);
        let lines = users.items.iter().map(|user| code(user));
        self.say(&USERS, &[&name, &number]) + &listed(self.language, lines, users.total, &NO_HINT)
    }
}
