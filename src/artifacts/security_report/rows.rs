//! The proposal for row-level security: who sees which rows of which facts, and how.

use super::{Page, SENTENCE_MAX, add};
use crate::artifacts::markdown::{code, fenced, text};
use crate::artifacts::query::wording::plain;
use crate::pipeline::security::{FactPath, PathStep, RowFilter, same_key};
use crate::wording::phrases::{Phrase, quote};

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
                page.say(DESCRIBED, &[&quote(page.language, &said, usize::MAX)])
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

/// The condition for the surest of the facts of which it is known how permissions meet them.
fn sketched(page: &Page<'_>, filter: &RowFilter) -> String {
    let met = filter.facts.iter().filter_map(|path| {
        let meeting = Meeting::of(page, filter, path)?;
        Some((path, meeting))
    });
    // The first of equals, hence no `max_by`.
    let surest = met.reduce(|best, other| {
        if other.0.confidence > best.0.confidence {
            other
        } else {
            best
        }
    });
    surest.map_or_else(String::new, |(path, meeting)| {
        let sql = sketch(page, filter, path, &meeting);
        format!("{}\n\n{}\n", page.text(SKETCH), fenced("sql", &sql))
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
fn sketch(page: &Page<'_>, filter: &RowFilter, path: &FactPath, meeting: &Meeting) -> String {
    let users = filter.user_table.as_ref();
    let fact = plain(&format!("{} AS f", table(page, &path.fact)));
    let mut sql = format!("-- {fact}\nEXISTS (\n  SELECT 1\n");
    let mut conditions = Vec::new();
    let mut from = Vec::new();
    for (at, step) in meeting.steps.iter().enumerate() {
        let (alias, next) = (alias(at), alias(at + 1));
        let on = equal(&next, &step.to_columns, &alias, &step.from_columns);
        let to = table(page, &step.to);
        if at == 0 {
            from.push(format!("{to} AS {next}"));
            conditions.push(on);
        } else {
            from.push(format!("{to} AS {next} ON {on}"));
        }
    }
    let permissions = users.map_or_else(
        || identifier("access_rights"),
        |users| table(page, &users.table),
    );
    let user = users.map_or("user_name", |users| &users.user_column);
    let last = alias(meeting.steps.len());
    let meets = equal("a", &meeting.permitted, &last, &meeting.columns);
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
struct Meeting {
    steps: Vec<PathStep>,
    columns: Vec<String>,
    permitted: Vec<String>,
}

impl Meeting {
    /// `None` where the way ends in a view of the unit of which it is not known which of its
    /// columns the permissions equal.
    fn of(page: &Page<'_>, filter: &RowFilter, path: &FactPath) -> Option<Self> {
        let mut steps = path.steps.clone();
        let Some(mut last) = steps.pop() else {
            let column = vec![path.column.clone()?];
            return Some(Self {
                steps,
                columns: column.clone(),
                permitted: column,
            });
        };
        let unit = &filter.unit;
        // The rows of a view in a role are those of the unit, so its key is the unit's, and
        // the unit can be read instead.
        if let Some(key) = same_key(&last.to_columns, page.key(&last.to), page.key(unit)) {
            last.to.clone_from(unit);
            last.to_columns = key;
        }
        let Some(users) = &filter.user_table else {
            return Some(Self {
                steps,
                columns: last.from_columns,
                permitted: last.to_columns,
            });
        };
        // The foreign key equals the key it refers to, so the unit's table need not be read
        // where the permissions hold that key, too.
        let columns = if users.unit_columns == last.to_columns {
            last.from_columns
        } else if last.to == *unit {
            steps.push(last);
            users.unit_columns.clone()
        } else {
            return None;
        };
        Some(Self {
            steps,
            columns,
            permitted: users.columns.clone(),
        })
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

/// `"schema"."table"`. Either may hold a dot, so a full name is not taken apart where the
/// run knows its parts.
fn table(page: &Page<'_>, full_name: &str) -> String {
    let mut heads = page.outputs.tool2_output.heads();
    let known = heads
        .find(|head| head.full_name == full_name)
        .map(|head| (head.schema.as_str(), head.name.as_str()));
    let (schema, name) = known
        .or_else(|| full_name.split_once('.'))
        .unwrap_or(("", full_name));
    if schema.is_empty() {
        identifier(name)
    } else {
        format!("{}.{}", identifier(schema), identifier(name))
    }
}

/// A delimited identifier of SQL, as in the queries of a run. No engine has a name with a
/// null character in it.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}
