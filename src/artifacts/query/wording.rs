//! What the comments of a query say, in the language of the request, a line each.
//!
//! The lines hold names as the catalog and the request have them: [`plain`] makes each one
//! safe to stand in a comment.

use super::{Doubt, Join, Queries, SURE, Star, Total, Totals};
use crate::wording::Language;
use crate::wording::phrases::{Phrase, percent, quote};
use crate::wording::reasons;

/// The longest line of a comment, in characters.
const LINE_MAX: usize = 400;
/// The most names in one line.
const NAMES_MAX: usize = 12;
/// The most reasons for a join.
const REASONS_MAX: usize = 6;
/// The longest name that is quoted, in characters.
const QUOTED_MAX: usize = 120;

const TITLE: Phrase = Phrase(
    "Dotazy k zadání {0}: ke každému faktu jeho dimenze, na konci metriky zadání.",
    "Dopyty k zadaniu {0}: ku každému faktu jeho dimenzie, na konci metriky zadania.",
    "Queries for the request {0}: each fact with its dimensions, then the request's metrics.",
);
/// The title where the metrics are left to SQL.
const TITLE_OF_TABLES: Phrase = Phrase(
    "Tabulky k zadání {0}: každý fakt se svými dimenzemi. Metriky zadání jsou v query.sql.",
    "Tabuľky k zadaniu {0}: každý fakt so svojimi dimenziami. Metriky zadania sú v query.sql.",
    "Tables for the request {0}: each fact with its dimensions. The request's metrics are in query.sql.",
);
const ORIGIN: Phrase = Phrase(
    "Klíče jsou deklarované v katalogu, nebo odvozené z názvů, typů a popisů; data nikdo nečetl. \
     Spoj se použije od jistoty {0}.",
    "Kľúče sú deklarované v katalógu, alebo odvodené z názvov, typov a opisov; dáta nikto nečítal. \
     Spojenie sa použije od istoty {0}.",
    "Keys are declared in the catalog or inferred from names, types and descriptions; no data was \
     read. A join is used from a confidence of {0}.",
);
const MARKED: Phrase = Phrase(
    "Řádky s {0} na začátku jsou jen návrh; důvod stojí nad nimi. Použijete je, když tyto znaky smažete.",
    "Riadky s {0} na začiatku sú len návrh; dôvod stojí nad nimi. Použijete ich, keď tieto znaky zmažete.",
    "Lines that begin with {0} are only proposed; the reason stands above them. Remove these \
     characters to use them.",
);
const UNASKED: Phrase = Phrase(
    "Zadání nejmenuje žádný fakt, který by byl v katalogu; toto jsou fakty s nejvíce spoji.",
    "Zadanie nemenuje žiadny fakt, ktorý by bol v katalógu; toto sú fakty s najviac spojeniami.",
    "The request asks for no fact that the catalog holds; these are the facts with the most joins.",
);
const NO_FACT: Phrase = Phrase(
    "V rozsahu zadání není žádný fakt, není tedy co dotazovat.",
    "V rozsahu zadania nie je žiadny fakt, nie je teda čo dopytovať.",
    "There is no fact in the scope of the request, so there is nothing to query.",
);
const LEFT_OUT: Phrase = Phrase(
    "Další fakty se sem nevešly: {0}. Zužte zadání nebo rozsah.",
    "Ďalšie fakty sa sem nezmestili: {0}. Zúžte zadanie alebo rozsah.",
    "More facts did not fit in: {0}. Narrow the request or the scope.",
);
const TOTALS_LEFT_OUT: Phrase = Phrase(
    "Metriky dalších tabulek se sem nevešly: {0}.",
    "Metriky ďalších tabuliek sa sem nezmestili: {0}.",
    "The metrics of more tables did not fit in: {0}.",
);
const GRAIN: Phrase = Phrase("Zrno: {0}.", "Zrno: {0}.", "Grain: {0}.");
const UNKNOWN_GRAIN: Phrase = Phrase(
    "Zrno není z katalogu známé.",
    "Zrno nie je z katalógu známe.",
    "The catalog does not tell its grain.",
);
const ASKED_BY: Phrase = Phrase(
    "Žádají jej: {0}. Jistota, že je to fakt: {1}.",
    "Žiadajú ho: {0}. Istota, že je to fakt: {1}.",
    "Asked for by: {0}. Confidence that it is a fact: {1}.",
);
const ASKED_BY_NOBODY: Phrase = Phrase(
    "Jistota, že je to fakt: {0}.",
    "Istota, že je to fakt: {0}.",
    "Confidence that it is a fact: {0}.",
);
const RULED_OUT: Phrase = Phrase("Bez {0}: {1}.", "Bez {0}: {1}.", "Without {0}: {1}.");
const FINER: Phrase = Phrase(
    "Odkazují na něj fakty s jemnějším nebo stejným zrnem: {0}. Nespojujte je zde, řádky by se znásobily.",
    "Odkazujú naň fakty s jemnejším alebo rovnakým zrnom: {0}. Nespájajte ich tu, riadky by sa znásobili.",
    "Facts of a finer or the same grain point at it: {0}. Do not join them here: rows would double.",
);
const COLUMNS_LEFT_OUT: Phrase = Phrase(
    "Vynechané sloupce faktu: {0}.",
    "Vynechané stĺpce faktu: {0}.",
    "Columns of the fact that are left out: {0}.",
);
const GUARDED: Phrase = Phrase(
    "Vynechané jako osobní nebo přísněji chráněné, viz bezpečnostní zpráva: {0}.",
    "Vynechané ako osobné alebo prísnejšie chránené, pozri bezpečnostnú správu: {0}.",
    "Left out as personal or stricter, see the security report: {0}.",
);
const JOINS_LEFT_OUT: Phrase = Phrase(
    "Vynechané spoje: {0}.",
    "Vynechané spojenia: {0}.",
    "Joins that are left out: {0}.",
);

const UNSURE: Phrase = Phrase(
    "{0}: nejisté spojení.",
    "{0}: neisté spojenie.",
    "{0}: the join is in doubt.",
);
const NO_KEY: Phrase = Phrase(
    "{0}: není známo, že tyto sloupce jsou její celý klíč; řádky by se mohly znásobit.",
    "{0}: nie je známe, že tieto stĺpce sú jej celý kľúč; riadky by sa mohli znásobiť.",
    "{0}: these columns are not known to be its whole key; rows could double.",
);
const SAME_COLUMNS: Phrase = Phrase(
    "{0}: stejné sloupce již vedou na {1}.",
    "{0}: tie isté stĺpce už vedú na {1}.",
    "{0}: the same columns lead to {1} already.",
);
const OTHER_PATH: Phrase = Phrase(
    "{0}: je již připojena jako {1}, kratší nebo jistější cestou.",
    "{0}: je už pripojená ako {1}, kratšou alebo istejšou cestou.",
    "{0}: joined already as {1}, by a shorter or surer path.",
);
const OTHER_FACT: Phrase = Phrase(
    "POZOR, {0} je fakt s vlastním zrnem ({1}): jeho hodnoty by se opakovaly na každém řádku. Nejdřív je agregujte.",
    "POZOR, {0} je fakt s vlastným zrnom ({1}): jeho hodnoty by sa opakovali na každom riadku. Najprv ich agregujte.",
    "CAUTION, {0} is a fact with a grain of its own ({1}): its figures would be repeated on every \
     row that meets them. Aggregate first.",
);
const BRIDGE: Phrase = Phrase(
    "POZOR, {0} je vazební tabulka (mnoho k mnoha): řádky faktu by se znásobily.",
    "POZOR, {0} je väzobná tabuľka (mnoho k mnohým): riadky faktu by sa znásobili.",
    "CAUTION, {0} is a bridge (many to many): rows of the fact would double.",
);
const UNCLASSIFIED: Phrase = Phrase(
    "{0}: není známo, co je to za tabulku.",
    "{0}: nie je známe, čo je to za tabuľku.",
    "{0}: it is not known what kind of table this is.",
);
const WHY: Phrase = Phrase(
    "Jistota {0}: {1}.",
    "Istota {0}: {1}.",
    "Confidence {0}: {1}.",
);
const WHY_NOT_SAID: Phrase = Phrase("Jistota {0}.", "Istota {0}.", "Confidence {0}.");

const PASTE: Phrase = Phrase(
    "Vložte do Power Query: Prázdný dotaz, Rozšířený editor; doplňte Server a Database.",
    "Vložte do Power Query: Prázdny dopyt, Rozšírený editor; doplňte Server a Database.",
    "Paste into Power Query: Blank Query, Advanced Editor; fill in Server and Database.",
);
const DATABRICKS: Phrase = Phrase(
    "V Databricks: Source = Databricks.Catalogs(Server, HttpPath, [Catalog = Database]) a tabulka je \
     Source{[Name = Database, Kind = \"Database\"]}[Data]{[Name = \"schéma\", Kind = \"Schema\"]}[Data]{[Name = \"tabulka\", Kind = \"Table\"]}[Data].",
    "V Databricks: Source = Databricks.Catalogs(Server, HttpPath, [Catalog = Database]) a tabuľka je \
     Source{[Name = Database, Kind = \"Database\"]}[Data]{[Name = \"schéma\", Kind = \"Schema\"]}[Data]{[Name = \"tabuľka\", Kind = \"Table\"]}[Data].",
    "On Databricks: Source = Databricks.Catalogs(Server, HttpPath, [Catalog = Database]), and a table is \
     Source{[Name = Database, Kind = \"Database\"]}[Data]{[Name = \"schema\", Kind = \"Schema\"]}[Data]{[Name = \"table\", Kind = \"Table\"]}[Data].",
);
const SEVERAL: Phrase = Phrase(
    "Záznam s tabulkou za každý fakt: vyberte jednu kliknutím na Table.",
    "Záznam s tabuľkou za každý fakt: vyberte jednu kliknutím na Table.",
    "A record with one table a fact: choose one by a click on Table.",
);

const METRICS_OF: Phrase = Phrase(
    "Metriky z tabulky {0}.",
    "Metriky z tabuľky {0}.",
    "Metrics from {0}.",
);
const METRICS_BY: Phrase = Phrase(
    "Metriky z tabulky {0} podle sloupce {1}.",
    "Metriky z tabuľky {0} podľa stĺpca {1}.",
    "Metrics from {0} by {1}.",
);
const PART_OF: Phrase = Phrase(
    "{0}: toto je jen část podílu; z čeho se podíl počítá, katalog neříká ({1}).",
    "{0}: toto je len časť podielu; z čoho sa podiel počíta, katalóg nehovorí ({1}).",
    "{0}: only the part of the share; the catalog does not say what it is a share of ({1}).",
);
const METRICS_HOW: Phrase = Phrase(
    "Funkce jsou zvoleny podle názvů sloupců; filtry, měny a jednotky zkontrolujte.",
    "Funkcie sú zvolené podľa názvov stĺpcov; filtre, meny a jednotky skontrolujte.",
    "The functions are chosen by the columns' names; check filters, currencies and units.",
);
const UNTOLD: Phrase = Phrase(
    "Nelze spočítat z toho, co katalog říká: {0}.",
    "Nedá sa spočítať z toho, čo katalóg hovorí: {0}.",
    "Cannot be computed from what the catalog says: {0}.",
);
const NOT_FOUND: Phrase = Phrase(
    "Metriky, pro které katalog nemá sloupce: {0}.",
    "Metriky, pre ktoré katalóg nemá stĺpce: {0}.",
    "Metrics that the catalog has no columns for: {0}.",
);

/// What stands at the top of a file, `mark` being what proposed lines begin with.
pub(in super::super) fn header(queries: &Queries<'_>, mark: &str) -> Vec<String> {
    headed(TITLE, queries, mark)
}

/// The same above tables without metrics.
pub(in super::super) fn header_of_tables(queries: &Queries<'_>, mark: &str) -> Vec<String> {
    headed(TITLE_OF_TABLES, queries, mark)
}

fn headed(title: Phrase, queries: &Queries<'_>, mark: &str) -> Vec<String> {
    let language = queries.language;
    if queries.stars.is_empty() {
        return vec![NO_FACT.text(language).to_owned()];
    }
    let request = quote(language, queries.request, QUOTED_MAX);
    let mut lines = vec![
        title.say(language, &[&request]),
        ORIGIN.say(language, &[&percent(language, SURE)]),
        MARKED.say(language, &[mark]),
    ];
    if !queries.asked {
        lines.push(UNASKED.text(language).to_owned());
    }
    lines
}

/// How a person connects the Power Query document to a warehouse.
pub(in super::super) fn connection(language: Language) -> [String; 2] {
    [
        PASTE.text(language).to_owned(),
        DATABRICKS.text(language).to_owned(),
    ]
}

/// What the result of the Power Query document is where there are several facts.
pub(in super::super) fn several(language: Language) -> String {
    SEVERAL.text(language).to_owned()
}

/// What is said of facts that did not fit in.
pub(in super::super) fn left_out(language: Language, facts: usize) -> Option<String> {
    (facts > 0).then(|| LEFT_OUT.say(language, &[&facts.to_string()]))
}

/// What is said of metrics that did not fit in, or have no columns.
pub(in super::super) fn metrics_left_out(queries: &Queries<'_>, tables: usize) -> Vec<String> {
    let language = queries.language;
    let mut lines = Vec::new();
    if tables > 0 {
        lines.push(TOTALS_LEFT_OUT.say(language, &[&tables.to_string()]));
    }
    if !queries.not_found.is_empty() {
        lines.push(NOT_FOUND.say(language, &[&quoted(language, &queries.not_found)]));
    }
    lines
}

/// What stands above the query of a fact.
pub(in super::super) fn star(queries: &Queries<'_>, place: usize, star: &Star<'_>) -> Vec<String> {
    let language = queries.language;
    let sure = percent(language, star.fact.head.confidence);
    let mut lines = vec![format!(
        "{}/{} {}",
        place + 1,
        queries.stars.len(),
        star.fact.head.full_name
    )];
    lines.push(if star.fact.grain == "unknown" {
        UNKNOWN_GRAIN.text(language).to_owned()
    } else {
        GRAIN.say(language, &[&reasons::grain(language, &star.fact.grain)])
    });
    lines.push(if star.asked_by.is_empty() {
        ASKED_BY_NOBODY.say(language, &[&sure])
    } else {
        ASKED_BY.say(language, &[&quoted(language, &star.asked_by), &sure])
    });
    for (table, reason) in &star.ruled_out {
        lines.push(RULED_OUT.say(language, &[table, &reasons::translated(language, reason)]));
    }
    if !star.finer.is_empty() {
        lines.push(FINER.say(language, &[&names(&star.finer)]));
    }
    if !star.columns_left_out.is_empty() {
        lines.push(COLUMNS_LEFT_OUT.say(language, &[&names(&star.columns_left_out)]));
    }
    if !star.guarded.is_empty() {
        let guarded: Vec<&str> = star.guarded.iter().map(String::as_str).collect();
        lines.push(GUARDED.say(language, &[&names(&guarded)]));
    }
    if star.joins_left_out > 0 {
        lines.push(JOINS_LEFT_OUT.say(language, &[&star.joins_left_out.to_string()]));
    }
    lines
}

/// What stands above a join: how sure it is and why, and why it is not live.
pub(in super::super) fn join(language: Language, join: &Join<'_>) -> Vec<String> {
    let table = join.table.full_name.as_str();
    let doubt = join.doubt.as_ref().and_then(|doubt| {
        Some(match doubt {
            Doubt::Unsure => UNSURE.say(language, &[table]),
            Doubt::NoKey => NO_KEY.say(language, &[table]),
            Doubt::SameColumns { instead } => SAME_COLUMNS.say(language, &[table, instead]),
            Doubt::OtherPath { instead } => OTHER_PATH.say(language, &[table, instead]),
            Doubt::Fact { grain } => {
                OTHER_FACT.say(language, &[table, &reasons::grain(language, grain)])
            }
            Doubt::Bridge => BRIDGE.say(language, &[table]),
            Doubt::Unclassified => UNCLASSIFIED.say(language, &[table]),
            Doubt::BehindBridge => return None,
        })
    });
    let sure = percent(language, join.confidence);
    // Whoever has to decide is told all; of the others the best reason will do.
    let shown = if join.is_live() { 1 } else { REASONS_MAX };
    let why: Vec<String> = join
        .evidence
        .iter()
        .take(shown)
        .map(|reason| reasons::translated(language, reason))
        .collect();
    let why = if why.is_empty() {
        WHY_NOT_SAID.say(language, &[&sure])
    } else {
        WHY.say(language, &[&sure, &why.join("; ")])
    };
    doubt.into_iter().chain([why]).collect()
}

/// What stands above the metrics of a table.
pub(in super::super) fn totals(language: Language, totals: &Totals<'_>) -> Vec<String> {
    let table = totals.table.full_name.as_str();
    let mut lines = vec![
        match &totals.period {
            Some((date, _)) => METRICS_BY.say(language, &[table, date]),
            None => METRICS_OF.say(language, &[table]),
        },
        METRICS_HOW.text(language).to_owned(),
    ];
    if !totals.untold.is_empty() {
        lines.push(UNTOLD.say(language, &[&quoted(language, &totals.untold)]));
    }
    lines
}

/// What stands above an aggregate: the metrics it is for, how they are computed, how sure
/// the columns are; and the metrics that it is only a part of.
pub(in super::super) fn total(language: Language, total: &Total<'_>) -> Vec<String> {
    let sure = percent(language, total.confidence);
    let mut lines = Vec::new();
    if !total.metrics.is_empty() {
        let mut said = quoted(language, &total.metrics);
        if let Some(computed_as) = total.computed_as {
            said.push_str(" = ");
            said.push_str(&reasons::translated(language, computed_as));
        }
        lines.push(format!("{said} ({sure})"));
    }
    if !total.part_of.is_empty() {
        let metrics = quoted(language, &total.part_of);
        lines.push(PART_OF.say(language, &[&metrics, &sure]));
    }
    lines
}

fn quoted(language: Language, written: &[&str]) -> String {
    let quotes: Vec<String> = written
        .iter()
        .map(|one| quote(language, one, QUOTED_MAX))
        .collect();
    let quotes: Vec<&str> = quotes.iter().map(String::as_str).collect();
    names(&quotes)
}

fn names(all: &[&str]) -> String {
    let shown = all.get(..NAMES_MAX).unwrap_or(all).join(", ");
    if all.len() > NAMES_MAX {
        format!("{shown}, … (+{})", all.len() - NAMES_MAX)
    } else {
        shown
    }
}

/// A text as one line of a comment that ends where it ends: nothing in it breaks a line, turns
/// the direction of writing, opens or closes another comment, is filled in by a tool that
/// reads `${…}` and `{{…}}`, or carries the comment over to the next line (a backslash at
/// its end, in Spark).
pub(in super::super) fn plain(written: &str) -> String {
    let mut said = String::new();
    for c in written.chars().take(LINE_MAX) {
        let c = if is_unsafe(c) { ' ' } else { c };
        let parts = matches!(
            (said.chars().next_back(), c),
            (Some('*'), '/') | (Some('/'), '*') | (Some('{' | '$'), '{')
        );
        if parts || (c == ' ' && said.ends_with(' ')) {
            if !said.ends_with(' ') {
                said.push(' ');
            }
            if c == ' ' {
                continue;
            }
        }
        said.push(c);
    }
    if written.chars().nth(LINE_MAX).is_some() {
        said.push('…');
    }
    said.trim_end_matches([' ', '\\']).to_owned()
}

/// Control characters, other line ends, and characters that change how a line is shown.
pub(in super::super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(
            c,
            '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_ends_where_its_line_ends() {
        for (written, expected) in [
            ("a\nDROP TABLE x; --", "a DROP TABLE x; --"),
            ("a\r\u{2028}\u{85}b", "a b"),
            ("*/ x /* **/ /**/", "* / x / * ** / / ** /"),
            ("${x} {{y}} {{{z", "$ {x} { {y}} { { {z"),
            ("ends with \\ \\\\", "ends with"),
            ("a\u{202E}b", "a b"),
        ] {
            assert_eq!(plain(written), expected);
        }
    }
}
