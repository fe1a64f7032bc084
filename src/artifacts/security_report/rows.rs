//! The proposal for row-level security: who sees which rows of which facts, and how.

use super::markdown::{add, code, identifier, text};
use super::wording::{self, Phrase};
use super::{Page, SENTENCE_MAX};
use crate::pipeline::security::{FactPath, PathStep, RowFilter, UserTable};

/// How many facts are shown of a proposal.
const FACTS_MAX: usize = 20;
/// How many facts that a proposal does not reach are named.
const UNREACHED_MAX: usize = 10;

const HEADING: Phrase = Phrase(
    "5. Návrh zabezpečení na úrovni řádků",
    "5. Návrh zabezpečenia na úrovni riadkov",
    "5. Proposal for row-level security",
);
const NONE: Phrase = Phrase(
    "V rozsahu není tabulka práv ani organizační jednotka, ke které by se fakty daly vztáhnout. Jak omezit řádky, katalog neříká.",
    "V rozsahu nie je tabuľka práv ani organizačná jednotka, ku ktorej by sa fakty dali vzťahovať. Ako obmedziť riadky, katalóg nehovorí.",
    "The scope holds neither a table of permissions nor a unit of the organisation that facts lead to. How to restrict rows, the catalog does not say.",
);
const BY_USERS: Phrase = Phrase(
    "Podle {0}: kdo smí co vidět, říká {1}",
    "Podľa {0}: kto smie čo vidieť, hovorí {1}",
    "By {0}: {1} says who may see what",
);
const USERS: Phrase = Phrase(
    "Tabulka {0} přiřazuje uživatele ({1}) k jednotce ({2}); jistota {3}.",
    "Tabuľka {0} priraďuje používateľa ({1}) k jednotke ({2}); istota {3}.",
    "{0} assigns users ({1}) to units ({2}); confidence {3}.",
);
const DESCRIBED: Phrase = Phrase(
    "Katalog o ní říká: {0}.",
    "Katalóg o nej hovorí: {0}.",
    "The catalog says of it: {0}.",
);
const UNITS: Phrase = Phrase(
    "Podle organizačních jednotek",
    "Podľa organizačných jednotiek",
    "By units of the organisation",
);
const OTHER_UNITS: Phrase = Phrase(
    "Další jednotky, podle kterých lze řádky dělit",
    "Ďalšie jednotky, podľa ktorých možno riadky deliť",
    "Other units that rows can be divided by",
);
const NO_USERS: Phrase = Phrase(
    "Tabulka, která by řekla, kdo smí kterou z těchto jednotek vidět, v rozsahu není; musela by vzniknout (v ukázkách `access_rights`). Jistota říká, jak obvykle se data podle takové jednotky dělí.",
    "Tabuľka, ktorá by povedala, kto smie ktorú z týchto jednotiek vidieť, v rozsahu nie je; musela by vzniknúť (v ukážkach `access_rights`). Istota hovorí, ako zvyčajne sa dáta podľa takej jednotky delia.",
    "No table in scope says who may see which of these units; one would have to be made (`access_rights` in sketches). The confidence says how usual it is to divide data by such a unit.",
);
const UNITS_HEAD: [Phrase; 4] = [
    Phrase(
        "Jednotka (jistota)",
        "Jednotka (istota)",
        "Unit (confidence)",
    ),
    Phrase("Fakt", "Fakt", "Fact"),
    Phrase("Cesta k jednotce", "Cesta k jednotke", "Path to the unit"),
    Phrase("Jistota cesty", "Istota cesty", "Confidence of the path"),
];
const UNREACHED_BY: Phrase = Phrase(
    "{0}: bez cesty zůstává {1}.",
    "{0}: bez cesty zostáva {1}.",
    "{0}: without a path to it: {1}.",
);
const HEAD: [Phrase; 4] = [
    Phrase("Fakt", "Fakt", "Fact"),
    Phrase("Cesta k jednotce", "Cesta k jednotke", "Path to the unit"),
    Phrase("Jistota", "Istota", "Confidence"),
    Phrase("Poznámka", "Poznámka", "Note"),
];
const DOUBTFUL: Phrase = Phrase(
    "**nejistá vazba: před použitím ověřit**",
    "**neistá väzba: pred použitím overiť**",
    "**doubtful join: check before use**",
);
const OWN_COLUMN: Phrase = Phrase(
    "vlastní sloupec {0}",
    "vlastný stĺpec {0}",
    "its own column {0}",
);
const UNREACHED: Phrase = Phrase(
    "Bez cesty k této jednotce, tedy bez tohoto omezení: {0}.",
    "Bez cesty k tejto jednotke, teda bez tohto obmedzenia: {0}.",
    "Without a path to this unit, and so not restricted by it: {0}.",
);
const SKETCH: Phrase = Phrase(
    "Ukázka podmínky (názvy ověřte, `CURRENT_USER` nahraďte tím, jak platforma hlásí uživatele):",
    "Ukážka podmienky (názvy overte, `CURRENT_USER` nahraďte tým, ako platforma hlási používateľa):",
    "A sketch of the condition (check the names; replace `CURRENT_USER` by what the platform reports the user with):",
);

pub(super) fn section(page: &Page<'_>) -> String {
    let mut said = format!("## {}\n\n", page.text(HEADING));
    let filters = &page.report.row_filters;
    if filters.is_empty() {
        return said + page.text(NONE) + "\n\n";
    }
    let (served, units): (Vec<&RowFilter>, Vec<&RowFilter>) = filters
        .iter()
        .partition(|filter| filter.user_table.is_some());
    for filter in &served {
        said.push_str(&proposal(page, filter));
    }
    said.push_str(&without_users(page, &units, served.is_empty()));
    said
}

/// A proposal that a table of permissions serves.
fn proposal(page: &Page<'_>, filter: &RowFilter) -> String {
    let Some(users) = &filter.user_table else {
        return String::new();
    };
    let heading = page.say(BY_USERS, &[&code(&filter.unit), &code(&users.table)]);
    let columns: Vec<String> = users.columns.iter().map(|name| code(name)).collect();
    let explained = page.say(
        USERS,
        &[
            &code(&users.table),
            &code(&users.user_column),
            &columns.join(", "),
            &page.percent(filter.confidence),
        ],
    );
    let described = users
        .description
        .as_deref()
        .map_or_else(String::new, |said| {
            let said = text(said.trim_end_matches('.'), SENTENCE_MAX);
            format!(
                " {}",
                page.say(DESCRIBED, &[&wording::quoted(page.language, &said)])
            )
        });
    let rows: Vec<[String; 4]> = filter
        .facts
        .iter()
        .take(FACTS_MAX)
        .map(|path| row(page, path))
        .collect();
    let mut said = format!("### {heading}\n\n{explained}{described}\n\n");
    said.push_str(&page.table(HEAD, &rows));
    if !filter.unreached.is_empty() {
        said.push_str(&page.say(UNREACHED, &[&names(&filter.unreached)]));
        said.push_str("\n\n");
    }
    said + &sketched(page, filter)
}

/// Units that nobody's permissions are known for, in one table.
fn without_users(page: &Page<'_>, units: &[&RowFilter], alone: bool) -> String {
    let Some(first) = units.first() else {
        return String::new();
    };
    let rows: Vec<[String; 4]> = units
        .iter()
        .flat_map(|filter| {
            let paths = filter.facts.iter().take(FACTS_MAX);
            paths.map(|path| {
                let doubt = if path.doubtful {
                    format!(" {}", page.text(DOUBTFUL))
                } else {
                    String::new()
                };
                [
                    format!(
                        "{} ({})",
                        code(&filter.unit),
                        page.percent(filter.confidence)
                    ),
                    code(&path.fact),
                    way(page, path) + &doubt,
                    page.percent(path.confidence),
                ]
            })
        })
        .collect();
    let unreached = units.iter().filter(|filter| !filter.unreached.is_empty());
    let unreached: Vec<String> = unreached
        .map(|filter| {
            let unit = code(&filter.unit);
            format!(
                "- {}\n",
                page.say(UNREACHED_BY, &[&unit, &names(&filter.unreached)])
            )
        })
        .collect();
    let heading = page.text(if alone { UNITS } else { OTHER_UNITS });
    let mut said = format!("### {heading}\n\n{}\n\n", page.text(NO_USERS));
    said.push_str(&page.table(UNITS_HEAD, &rows));
    if !unreached.is_empty() {
        said.push_str(&unreached.concat());
        said.push('\n');
    }
    if alone {
        said.push_str(&sketched(page, first));
    }
    said
}

fn names(tables: &[String]) -> String {
    let named = tables.iter().take(UNREACHED_MAX);
    let mut named: Vec<String> = named.map(|table| code(table)).collect();
    if tables.len() > UNREACHED_MAX {
        named.push(format!("… +{}", tables.len() - UNREACHED_MAX));
    }
    named.join(", ")
}

/// The condition for the surest of the facts.
fn sketched(page: &Page<'_>, filter: &RowFilter) -> String {
    surest(&filter.facts).map_or_else(String::new, |path| {
        let sql = sketch(filter, path);
        format!("{}\n\n```sql\n{sql}```\n\n", page.text(SKETCH))
    })
}

fn surest(paths: &[FactPath]) -> Option<&FactPath> {
    // The first of equals, hence no `max_by`.
    paths.iter().reduce(|best, path| {
        if path.confidence > best.confidence {
            path
        } else {
            best
        }
    })
}

fn row(page: &Page<'_>, path: &FactPath) -> [String; 4] {
    let note = if path.doubtful {
        page.text(DOUBTFUL)
    } else {
        "–"
    };
    [
        code(&path.fact),
        way(page, path),
        page.percent(path.confidence),
        note.to_owned(),
    ]
}

/// The joins from a fact to the unit, each with how sure it is.
fn way(page: &Page<'_>, path: &FactPath) -> String {
    if let Some(column) = &path.column {
        return page.say(OWN_COLUMN, &[&code(column)]);
    }
    let steps = path.steps.iter().map(|step| {
        let columns: Vec<String> = step.from_columns.iter().map(|name| code(name)).collect();
        let confidence = page.percent(step.confidence);
        format!(
            "{} → {} ({confidence})",
            columns.join(" + "),
            code(&step.to)
        )
    });
    steps.collect::<Vec<_>>().join(" → ")
}

/// The condition in SQL: `f` is the fact, `a` the table of permissions, `u1`, `u2` … what
/// lies between.
fn sketch(filter: &RowFilter, path: &FactPath) -> String {
    let users = filter.user_table.as_ref();
    let reached = Reached::of(users, path);
    let mut sql = format!("-- {} AS f\nEXISTS (\n  SELECT 1\n", table(&path.fact));
    let mut conditions = Vec::new();
    let mut from = Vec::new();
    for (at, step) in reached.steps.iter().enumerate() {
        let (alias, next) = (alias(at), alias(at + 1));
        let on = equal(&next, &step.to_columns, &alias, &step.from_columns);
        if at == 0 {
            from.push(format!("{} AS {next}", table(&step.to)));
            conditions.push(on);
        } else {
            from.push(format!("{} AS {next} ON {on}", table(&step.to)));
        }
    }
    let permissions = users.map_or_else(|| "access_rights".to_owned(), |users| table(&users.table));
    let user = users.map_or("user_name", |users| &users.user_column);
    let meets = equal(
        "a",
        &reached.permitted,
        &alias(reached.steps.len()),
        &reached.columns,
    );
    if from.is_empty() {
        from.push(format!("{permissions} AS a"));
        conditions.push(meets);
    } else {
        from.push(format!("{permissions} AS a ON {meets}"));
    }
    add(
        &mut sql,
        format_args!("  FROM {}\n", from.join("\n  JOIN ")),
    );
    conditions.insert(0, format!("a.{} = CURRENT_USER", identifier(user)));
    if let Some(from) = users.and_then(|users| users.valid_from.as_deref()) {
        conditions.push(format!("a.{} <= CURRENT_DATE", identifier(from)));
    }
    if let Some(to) = users.and_then(|users| users.valid_to.as_deref()) {
        let to = identifier(to);
        conditions.push(format!("(a.{to} IS NULL OR a.{to} >= CURRENT_DATE)"));
    }
    add(
        &mut sql,
        format_args!("  WHERE {}\n)\n", conditions.join("\n    AND ")),
    );
    sql
}

/// Where the table of permissions is met: the columns of the last table on the way, and those
/// of the permissions they equal.
struct Reached<'p> {
    steps: &'p [PathStep],
    columns: Vec<String>,
    permitted: Vec<String>,
}

impl<'p> Reached<'p> {
    fn of(users: Option<&UserTable>, path: &'p FactPath) -> Self {
        let Some((last, before)) = path.steps.split_last() else {
            let column = path.column.clone().unwrap_or_default();
            return Self {
                steps: &[],
                columns: vec![column.clone()],
                permitted: vec![column],
            };
        };
        // The foreign key equals the key it refers to, so the unit's table need not be read
        // where the permissions hold that key, too.
        let same = users.is_none_or(|users| users.unit_columns == last.to_columns);
        let (steps, columns) = if same {
            (before, last.from_columns.clone())
        } else {
            let unit = users.map_or_else(Vec::new, |users| users.unit_columns.clone());
            (path.steps.as_slice(), unit)
        };
        Self {
            steps,
            columns,
            permitted: users.map_or_else(|| last.to_columns.clone(), |users| users.columns.clone()),
        }
    }
}

fn alias(at: usize) -> String {
    if at == 0 {
        "f".to_owned()
    } else {
        format!("u{at}")
    }
}

fn equal(left: &str, left_columns: &[String], right: &str, right_columns: &[String]) -> String {
    let pairs = left_columns.iter().zip(right_columns);
    let equal: Vec<String> = pairs
        .map(|(a, b)| format!("{left}.{} = {right}.{}", identifier(a), identifier(b)))
        .collect();
    equal.join(" AND ")
}

/// `schema.table`; the first dot parts them, as the catalog writes full names.
fn table(full_name: &str) -> String {
    match full_name.split_once('.') {
        Some((schema, name)) => format!("{}.{}", identifier(schema), identifier(name)),
        None => identifier(full_name),
    }
}
