//! The security report: what needs protection in the tables of a run, how they are
//! classified, how access to their rows can be restricted, and whom to ask.
//!
//! Markdown in the language of the request, made from the run's outputs alone. Names and
//! sentences of the catalog stand in it as they are, as text and never as markup.

mod columns;
mod rows;
mod steps;
#[cfg(test)]
mod tests;
mod wording;

use std::fmt::{Arguments, Write};

use super::markdown::{code, table, text};
use crate::pipeline::Outputs;
use crate::pipeline::request::UNKNOWN;
use crate::pipeline::security::{
    ClassificationStatus, DOUBTFUL_JOIN, LIKELY, SecurityReport, Sensitivity, TableSecurity,
};
use crate::wording::Language;
use crate::wording::phrases::{Noun, Phrase, counted, percent_below};

/// The longest sentence of people that is shown whole, in characters.
const SENTENCE_MAX: usize = 300;
/// The most constraints of the request that are quoted.
const CONSTRAINTS_MAX: usize = 12;
/// The most rows of a table of the report; `tool4_output` of the result holds the rest.
const ROWS_MAX: usize = 200;

const TITLE: Phrase = Phrase(
    "Bezpečnostní zpráva",
    "Bezpečnostná správa",
    "Security report",
);
const INTRO: Phrase = Phrase(
    "Které sloupce nejspíš obsahují osobní nebo jinak chráněné údaje, jak jsou jejich tabulky klasifikovány a jak omezit přístup k řádkům. Nálezy vycházejí z názvů, typů a popisů v katalogu; žádná data nebyla čtena.",
    "Ktoré stĺpce asi obsahujú osobné alebo inak chránené údaje, ako sú ich tabuľky klasifikované a ako obmedziť prístup k riadkom. Zistenia vychádzajú z názvov, typov a opisov v katalógu; žiadne dáta neboli čítané.",
    "Which columns probably hold personal or otherwise protected data, how their tables are classified, and how access to rows can be restricted. The findings rest on names, types and descriptions in the catalog; no data was read.",
);
const SCHEMAS: Phrase = Phrase(
    "Posuzovaná schémata: {0}",
    "Posudzované schémy: {0}",
    "Schemas assessed: {0}",
);
const SUMMARY: Phrase = Phrase("1. Shrnutí", "1. Zhrnutie", "1. Summary");
const NO_TABLES: Phrase = Phrase(
    "V rozsahu zadání není žádná tabulka, není tedy co posuzovat.",
    "V rozsahu zadania nie je žiadna tabuľka, nie je teda čo posudzovať.",
    "No table is in the scope of the request, so there is nothing to assess.",
);
const ASSESSED: Phrase = Phrase(
    "Posouzeno: {0}, {1}. Zadání potřebuje: {2}.",
    "Posúdené: {0}, {1}. Zadanie potrebuje: {2}.",
    "Assessed: {0}, {1}. The request needs: {2}.",
);
const FOUND: Phrase = Phrase(
    "Nalezeno: **{0}** (jistota aspoň {1}), z toho v požadovaných tabulkách: **{2}**.",
    "Nájdené: **{0}** (istota aspoň {1}), z toho v požadovaných tabuľkách: **{2}**.",
    "Found: **{0}** (confidence of at least {1}), of them in requested tables: **{2}**.",
);
const CATEGORIES: Phrase = Phrase(
    "Podle kategorií: {0}.",
    "Podľa kategórií: {0}.",
    "By category: {0}.",
);
const NOTHING_FOUND: Phrase = Phrase(
    "Žádný sloupec se podle názvu, typu a popisu nejeví jako citlivý. To neznamená, že citlivá data v tabulkách nejsou: nikdo je nečetl.",
    "Žiadny stĺpec sa podľa názvu, typu a opisu nejaví ako citlivý. To neznamená, že citlivé dáta v tabuľkách nie sú: nikto ich nečítal.",
    "No column looks sensitive by name, type and description. That does not mean that the tables hold nothing sensitive: nobody has read them.",
);
const DOUBTFUL: Phrase = Phrase(
    "K ověření (jistota {0} až {1}): {2}.",
    "Na overenie (istota {0} až {1}): {2}.",
    "To be checked (confidence {0} to {1}): {2}.",
);
const RULED_OUT: Phrase = Phrase(
    "V tabulkách, které zadání vylučuje: {0}. Do řešení se nemají dostat.",
    "V tabuľkách, ktoré zadanie vylučuje: {0}. Do riešenia sa nemajú dostať.",
    "In tables that the request rules out: {0}. They must not get into the solution.",
);
const UNLISTED: Phrase = Phrase(
    "Bez jediného uvedeného sloupce: {0}. O jejich obsahu není známo nic.",
    "Bez jediného uvedeného stĺpca: {0}. O ich obsahu nie je známe nič.",
    "Without a single column listed: {0}. Nothing is known of what they hold.",
);
const UNCLASSIFIED: Phrase = Phrase(
    "Bez klasifikace: {0}. Neznámá klasifikace neznamená veřejná.",
    "Bez klasifikácie: {0}. Neznáma klasifikácia neznamená verejná.",
    "Without a classification: {0}. An unknown classification does not mean public.",
);
const CONTRADICTORY: Phrase = Phrase(
    "S klasifikací příliš nízkou pro svůj obsah: **{0}**.",
    "S klasifikáciou príliš nízkou na svoj obsah: **{0}**.",
    "Classified too low for what they hold: **{0}**.",
);
const SPECIAL: Phrase = Phrase(
    "**Pozor, zvláštní kategorie nebo tajemství: {0}.** Bez výslovného právního důvodu se nezpracovávají.",
    "**Pozor, osobitné kategórie alebo tajomstvá: {0}.** Bez výslovného právneho dôvodu sa nespracúvajú.",
    "**Attention, special categories or secrets: {0}.** They are not processed without an explicit legal ground.",
);
const BY_SENSITIVITY: [Phrase; 3] = [
    Phrase("Citlivost", "Citlivosť", "Sensitivity"),
    Phrase("Sloupců", "Stĺpcov", "Columns"),
    Phrase("Co to znamená", "Čo to znamená", "What it means"),
];
const CONSTRAINTS: Phrase = Phrase(
    "Omezení, která uvádí samo zadání:",
    "Obmedzenia, ktoré uvádza samo zadanie:",
    "Constraints that the request itself states:",
);

const CLASSIFICATION: Phrase = Phrase(
    "3. Klasifikace tabulek",
    "3. Klasifikácia tabuliek",
    "3. Classification of tables",
);
const CLASSIFICATION_COUNTS: Phrase = Phrase(
    "Vlastní klasifikaci má {0}, zděděnou ze schématu {1}, žádnou {2}.",
    "Vlastnú klasifikáciu má {0}, zdedenú zo schémy {1}, žiadnu {2}.",
    "With a classification of their own: {0}; inherited from the schema: {1}; without any: {2}.",
);
const CLASSIFICATION_SHOWN: Phrase = Phrase(
    "Níže jsou požadované tabulky a ostatní tabulky s citlivými sloupci.",
    "Nižšie sú požadované tabuľky a ostatné tabuľky s citlivými stĺpcami.",
    "Below are the requested tables and the others that hold sensitive columns.",
);
const CLASSIFICATION_HEAD: [Phrase; 5] = [
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase("Klasifikace", "Klasifikácia", "Classification"),
    Phrase("Původ", "Pôvod", "Origin"),
    Phrase("Potřebná úroveň", "Potrebná úroveň", "Level needed"),
    Phrase("Zjištění", "Zistenie", "Finding"),
];
const TOO_LOW: Phrase = Phrase(
    "**rozpor**: úroveň je nižší, než obsah vyžaduje",
    "**rozpor**: úroveň je nižšia, než obsah vyžaduje",
    "**contradiction**: the level is lower than the content needs",
);
const TO_BE_SET: Phrase = Phrase(
    "určit klasifikaci",
    "určiť klasifikáciu",
    "set a classification",
);
const WORD_UNKNOWN: Phrase = Phrase(
    "úroveň z názvu třídy nepoznáme, ověřit",
    "úroveň z názvu triedy nepoznáme, overiť",
    "the class's name tells no level, check it",
);
const FITS: Phrase = Phrase("odpovídá", "zodpovedá", "fits");
const COLUMNS_CLASSIFIED: Phrase = Phrase(
    "klasifikované jednotlivě: {0}",
    "klasifikované jednotlivo: {0}",
    "classified one by one: {0}",
);

const MIXED: Phrase = Phrase(
    "4. Tabulky, které mísí citlivá data s otevřenými",
    "4. Tabuľky, ktoré miešajú citlivé dáta s otvorenými",
    "4. Tables that mix sensitive with open data",
);
const MIXED_TEXT: Phrase = Phrase(
    "V těchto tabulkách je citlivých sloupců málo a otevřených mnoho. Většině čtenářů stačí pohled bez citlivých sloupců; tabulku samu pak otevřete jen těm, kdo je potřebují.",
    "V týchto tabuľkách je citlivých stĺpcov málo a otvorených veľa. Väčšine čitateľov stačí pohľad bez citlivých stĺpcov; tabuľku samu potom otvorte len tým, ktorí ich potrebujú.",
    "In these tables few columns are sensitive and many are open. A view without the sensitive ones serves most readers; the table itself can then be opened to those who need it only.",
);
const MIXED_NONE: Phrase = Phrase(
    "Žádná taková tabulka nebyla nalezena.",
    "Žiadna taká tabuľka nebola nájdená.",
    "No such table was found.",
);
const MIXED_HEAD: [Phrase; 3] = [
    Phrase("Tabulka", "Tabuľka", "Table"),
    Phrase(
        "Citlivých sloupců",
        "Citlivých stĺpcov",
        "Sensitive columns",
    ),
    Phrase("Sloupců celkem", "Stĺpcov spolu", "Columns in all"),
];
const MORE: Phrase = Phrase(
    "Uvedena je jen část; úplný výčet je v části `tool4_output` výsledku. Zbývá: {0}.",
    "Uvedená je len časť; úplný zoznam je v časti `tool4_output` výsledku. Zostáva: {0}.",
    "Only a part is shown; `tool4_output` of the result lists more. Left out: {0}.",
);

const LIMITS: Phrase = Phrase(
    "7. Meze této zprávy",
    "7. Hranice tejto správy",
    "7. Limits of this report",
);
const LIMITS_TEXT: &[Phrase] = &[
    Phrase(
        "Čteny byly jen názvy, typy, popisy a vazby v katalogu, žádná data. Sloupec pojmenovaný jinak, než co obsahuje, tu chybí; volný text může obsahovat cokoli.",
        "Čítané boli len názvy, typy, opisy a väzby v katalógu, žiadne dáta. Stĺpec pomenovaný inak, než čo obsahuje, tu chýba; voľný text môže obsahovať čokoľvek.",
        "Only names, types, descriptions and joins of the catalog were read, no data. A column that is named otherwise than what it holds is missing here; free text may hold anything.",
    ),
    Phrase(
        "Jistota je odhad, ne měření těchto tabulek. Pod 50 % je nález jen podnětem k ověření; pod 30 % se neuvádí.",
        "Istota je odhad, nie meranie týchto tabuliek. Pod 50 % je zistenie len podnetom na overenie; pod 30 % sa neuvádza.",
        "A confidence is an estimate, not a measurement of these tables. Below 50% a finding is a reason to check and no more; below 30% it is not shown.",
    ),
    Phrase(
        "Zda smí být údaj zpracován, k jakému účelu a jak dlouho, tato zpráva nerozhoduje: to posuzuje pověřenec pro ochranu osobních údajů.",
        "Či sa údaj smie spracúvať, na aký účel a ako dlho, táto správa nerozhoduje: to posudzuje zodpovedná osoba pre ochranu osobných údajov.",
        "Whether data may be processed, for what purpose and how long, this report does not decide: the data protection officer does.",
    ),
    Phrase(
        "Filtry řádků jsou návrhem. Vazby, na kterých stojí, jsou z větší části odvozené z názvů; před nasazením je potvrďte a vyzkoušejte na skutečných právech.",
        "Filtre riadkov sú návrhom. Väzby, na ktorých stoja, sú z väčšej časti odvodené z názvov; pred nasadením ich potvrďte a vyskúšajte na skutočných právach.",
        "The row filters are a proposal. The joins they rest on are mostly inferred from names; confirm them and try them on real permissions before use.",
    ),
];

/// The report of a run.
#[must_use]
pub(super) fn render(outputs: &Outputs) -> String {
    let page = Page {
        language: Language::from(outputs.tool0_output.language),
        report: &outputs.tool4_output,
        outputs,
    };
    let mut said = page.head();
    said.push_str(&page.summary());
    if page.report.summary.tables > 0 {
        said.push_str(&columns::section(&page));
        said.push_str(&page.classification());
        said.push_str(&page.mixed());
        said.push_str(&rows::section(&page));
        said.push_str(&steps::section(&page));
    }
    said.push_str(&page.limits());
    said
}

/// What every part of the report is written from.
struct Page<'o> {
    language: Language,
    report: &'o SecurityReport,
    outputs: &'o Outputs,
}

impl Page<'_> {
    fn text(&self, phrase: Phrase) -> &'static str {
        phrase.text(self.language)
    }

    fn say(&self, phrase: Phrase, filling: &[&str]) -> String {
        phrase.say(self.language, filling)
    }

    fn percent(&self, share: f64) -> String {
        percent_below(self.language, share, &[LIKELY, DOUBTFUL_JOIN])
    }

    fn heads<const N: usize>(&self, phrases: [Phrase; N]) -> [&'static str; N] {
        phrases.map(|phrase| self.text(phrase))
    }

    /// The columns of a dimension's primary key; none where it is not known.
    fn key(&self, table: &str) -> &[String] {
        let mut dimensions = self.outputs.tool2_output.dimensions.iter();
        dimensions
            .find(|dimension| dimension.head.full_name == table)
            .map_or(&[], |dimension| &dimension.primary_key)
    }

    fn tables(&self, count: usize) -> String {
        counted(self.language, count, Noun::Table)
    }

    /// The rows that fit, and a line on how many do not.
    fn table<const N: usize>(&self, head: [Phrase; N], rows: &[[String; N]]) -> String {
        let shown = rows.get(..ROWS_MAX).unwrap_or(rows);
        if shown.is_empty() {
            return String::new();
        }
        let mut said = table(self.heads(head), shown);
        said.push('\n');
        let left = rows.len() - shown.len();
        if left > 0 {
            add(
                &mut said,
                format_args!("{}\n\n", self.say(MORE, &[&left.to_string()])),
            );
        }
        said
    }

    fn head(&self) -> String {
        let project = &self.outputs.tool0_output.project_metadata.project_name;
        let title = self.text(TITLE);
        let title = if project == UNKNOWN {
            format!("# {title}\n\n")
        } else {
            format!("# {title}: {}\n\n", text(project, SENTENCE_MAX))
        };
        let mut said = title + self.text(INTRO) + "\n\n";
        let schemas = self.outputs.tool1_output.schemas.iter().take(ROWS_MAX);
        let schemas: Vec<String> = schemas.map(|schema| code(schema)).collect();
        if !schemas.is_empty() {
            said.push_str(&self.say(SCHEMAS, &[&schemas.join(", ")]));
            said.push_str("\n\n");
        }
        said
    }

    fn summary(&self) -> String {
        let mut said = format!("## {}\n\n", self.text(SUMMARY));
        let summary = &self.report.summary;
        if summary.tables == 0 {
            return said + self.text(NO_TABLES) + "\n\n";
        }
        for line in self.figures() {
            add(&mut said, format_args!("- {line}\n"));
        }
        said.push('\n');
        let rows: Vec<[String; 3]> = summary
            .by_sensitivity
            .iter()
            .rev()
            .map(|(sensitivity, count)| {
                [
                    self.text(wording::sensitivity(*sensitivity)).to_owned(),
                    count.to_string(),
                    self.text(wording::sensitivity_explained(*sensitivity))
                        .to_owned(),
                ]
            })
            .collect();
        said.push_str(&self.table(BY_SENSITIVITY, &rows));
        let constraints = &self.outputs.tool0_output.constraints;
        if !constraints.is_empty() {
            add(&mut said, format_args!("{}\n\n", self.text(CONSTRAINTS)));
            for constraint in constraints.iter().take(CONSTRAINTS_MAX) {
                add(
                    &mut said,
                    format_args!("- {}\n", text(constraint, SENTENCE_MAX)),
                );
            }
            said.push('\n');
        }
        said
    }

    /// The figures of the summary, a sentence each.
    fn figures(&self) -> Vec<String> {
        let summary = &self.report.summary;
        let sensitive = |count| counted(self.language, count, Noun::SensitiveColumn);
        let columns = |count| counted(self.language, count, Noun::Column);
        let mut lines = vec![self.say(
            ASSESSED,
            &[
                &self.tables(summary.tables),
                &columns(summary.columns),
                &self.tables(summary.requested_tables),
            ],
        )];
        if summary.sensitive_columns == 0 {
            lines.push(self.text(NOTHING_FOUND).to_owned());
        } else {
            lines.push(self.say(
                FOUND,
                &[
                    &sensitive(summary.sensitive_columns),
                    &self.percent(0.5),
                    &summary.requested_sensitive_columns.to_string(),
                ],
            ));
        }
        if !summary.by_category.is_empty() {
            let mut categories: Vec<_> = summary.by_category.iter().collect();
            categories.sort_by_key(|(category, count)| (std::cmp::Reverse(**count), **category));
            let named: Vec<String> = categories
                .into_iter()
                .map(|(category, count)| {
                    format!("{} {count}", self.text(wording::category(*category)))
                })
                .collect();
            lines.push(self.say(CATEGORIES, &[&named.join("; ")]));
        }
        let count = |kind| summary.by_sensitivity.get(&kind).copied().unwrap_or(0);
        let special = count(Sensitivity::Special) + count(Sensitivity::Secret);
        if special > 0 {
            lines.push(self.say(SPECIAL, &[&columns(special)]));
        }
        if summary.doubtful_columns > 0 {
            let doubtful = columns(summary.doubtful_columns);
            let bounds = [self.percent(0.3), self.percent(0.5)];
            lines.push(self.say(DOUBTFUL, &[&bounds[0], &bounds[1], &doubtful]));
        }
        if summary.excluded_sensitive_columns > 0 {
            lines.push(self.say(RULED_OUT, &[&sensitive(summary.excluded_sensitive_columns)]));
        }
        if summary.unclassified_tables > 0 {
            lines.push(self.say(UNCLASSIFIED, &[&self.tables(summary.unclassified_tables)]));
        }
        if summary.contradictory_tables > 0 {
            lines.push(self.say(CONTRADICTORY, &[&self.tables(summary.contradictory_tables)]));
        }
        if summary.unlisted_tables > 0 {
            lines.push(self.say(UNLISTED, &[&self.tables(summary.unlisted_tables)]));
        }
        lines
    }

    fn classification(&self) -> String {
        let summary = &self.report.summary;
        let counts = self.say(
            CLASSIFICATION_COUNTS,
            &[
                &self.tables(summary.classified_tables),
                &self.tables(summary.inheriting_tables),
                &self.tables(summary.unclassified_tables),
            ],
        );
        let rows: Vec<[String; 5]> = self
            .report
            .tables
            .iter()
            .filter(|table| table.requested || table.sensitive > 0)
            .map(|table| self.classified(table))
            .collect();
        let shown = if rows.is_empty() {
            String::new()
        } else {
            format!(" {}", self.text(CLASSIFICATION_SHOWN))
        };
        format!(
            "## {}\n\n{counts}{shown}\n\n{}",
            self.text(CLASSIFICATION),
            self.table(CLASSIFICATION_HEAD, &rows)
        )
    }

    fn classified(&self, table: &TableSecurity) -> [String; 5] {
        let class = &table.classification;
        let needed = class.needed.map(|level| self.text(wording::level(level)));
        let mut finding = match (class.status, class.level, class.contradictory) {
            (_, _, true) => self.text(TOO_LOW),
            (ClassificationStatus::Missing, ..) => self.text(TO_BE_SET),
            (_, None, _) => self.text(WORD_UNKNOWN),
            (_, Some(_), false) => self.text(FITS),
        }
        .to_owned();
        if class.classified_columns > 0 {
            let columns = counted(self.language, class.classified_columns, Noun::Column);
            finding.push_str("; ");
            finding.push_str(&self.say(COLUMNS_CLASSIFIED, &[&columns]));
        }
        [
            code(&table.table),
            class
                .value
                .as_deref()
                .map_or_else(dash, |value| text(value, SENTENCE_MAX)),
            self.text(wording::status(class.status)).to_owned(),
            needed.map_or_else(dash, str::to_owned),
            finding,
        ]
    }

    fn mixed(&self) -> String {
        let mixed = self.report.tables.iter().filter(|table| table.mixed);
        let rows: Vec<[String; 3]> = mixed
            .map(|table| {
                [
                    code(&table.table),
                    table.sensitive.to_string(),
                    table.columns.to_string(),
                ]
            })
            .collect();
        let heading = self.text(MIXED);
        if rows.is_empty() {
            return format!("## {heading}\n\n{}\n\n", self.text(MIXED_NONE));
        }
        let table = self.table(MIXED_HEAD, &rows);
        format!("## {heading}\n\n{}\n\n{table}", self.text(MIXED_TEXT))
    }

    fn limits(&self) -> String {
        let mut said = format!("## {}\n\n", self.text(LIMITS));
        for limit in LIMITS_TEXT {
            add(&mut said, format_args!("- {}\n", self.text(*limit)));
        }
        said
    }
}

/// Writes on.
fn add(said: &mut String, more: Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = said.write_fmt(more);
}

fn dash() -> String {
    "–".to_owned()
}
