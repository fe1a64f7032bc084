//! Entities and metrics, from the entries of their sections.

use std::collections::HashMap;

use super::entries::{Entry, GROUPS, MAX_ENTRIES, identifiers, is_identifier};
use super::prose::{bare_name, enumeration, separator, separator_from, value};
use super::sections::{MAX_TEXT, cut, has_room};
use super::text::Text;
use super::vocabulary::{is_any, is_listed, is_missing, normal, word_ranges};
use super::warnings::Warnings;
use super::{Entity, Metric};

/// Tables of one entity.
const MAX_TABLES: usize = 50;
/// Words in brackets that still are a name in another language.
const MAX_ALIAS_WORDS: usize = 5;

/// First words of brackets that hold a remark, folded.
const REMARKS: &str = "napr, eg, e, viz, see, vc, vcetne, vratane, incl, including, bez, without, jen, only, iba, \
    volitelne, volitelny, volitelna, optional, povinne, mandatory, required, nove, new, tbd";
/// What may introduce the twin in brackets, folded.
const TWIN_MARKS: &str =
    "en, eng, angl, anglicky, english, cz, cs, sk, cesky, slovensky, aka, alias";

/// The entities of the entries, those of one name merged.
pub(super) fn entities(entries: Vec<Entry>, english: bool, warnings: &mut Warnings) -> Vec<Entity> {
    let mut merged = Merged {
        list: Vec::new(),
        places: HashMap::new(),
    };
    let mut mentions = 0;
    for entry in entries {
        let alone = entry.alias.is_none() && entry.tables.is_empty() && entry.notes.is_empty();
        let names = if alone {
            enumeration(&entry.text, english)
        } else {
            None
        };
        let mention = |text| Entry {
            text,
            ..Entry::default()
        };
        let entries = names.map_or_else(
            || vec![entry],
            |names| names.into_iter().map(mention).collect(),
        );
        for entry in entries {
            mentions += 1;
            if mentions > MAX_ENTRIES {
                warnings.add(format!(
                    "Of the entities only the first {MAX_ENTRIES} mentions were read."
                ));
                return merged.list;
            }
            if let Some(entity) = entity(entry, warnings)
                && !merged.add(entity, warnings)
            {
                return merged.list;
            }
        }
    }
    merged.list
}

struct Merged {
    list: Vec<Entity>,
    /// Where in the list a folded name is.
    places: HashMap<String, usize>,
}

impl Merged {
    /// Says whether there was room.
    fn add(&mut self, entity: Entity, warnings: &mut Warnings) -> bool {
        let name = normal(&entity.name);
        if let Some(known) = self.places.get(&name).and_then(|at| self.list.get_mut(*at)) {
            known.alias = known.alias.take().or(entity.alias);
            known.description = known.description.take().or(entity.description);
            for table in entity.tables {
                add_table(&mut known.tables, table);
            }
            return true;
        }
        let room = has_room(self.list.len(), "entities", warnings);
        if room {
            self.places.insert(name, self.list.len());
            self.list.push(entity);
        }
        room
    }
}

fn add_table(tables: &mut Vec<String>, table: String) {
    if tables.len() < MAX_TABLES && !tables.contains(&table) {
        tables.push(table);
    }
}

/// Reads one entry; `None` where it names nothing.
fn entity(entry: Entry, warnings: &mut Warnings) -> Option<Entity> {
    let (head, description) = split(&entry.text, false);
    let mut name = Name::read(&head);
    name.tables.extend(entry.tables);
    if let Some(description) = &description {
        name.tables.extend(identifiers(description));
    }
    let mut tables = Vec::new();
    name.tables
        .into_iter()
        .for_each(|table| add_table(&mut tables, table));
    let named = if name.main.is_empty() {
        tables.first().cloned()?
    } else {
        name.main
    };
    if is_missing(&named) {
        return None;
    }
    let described = description
        .and_then(|text| value(without_tables(&text)))
        .into_iter();
    let notes: Vec<String> = described.chain(name.remarks).chain(entry.notes).collect();
    Some(Entity {
        name: cut(named, MAX_TEXT, warnings),
        alias: entry
            .alias
            .or(name.alias)
            .map(|alias| cut(alias, MAX_TEXT, warnings)),
        tables,
        description: (!notes.is_empty()).then(|| cut(notes.join("; "), MAX_TEXT, warnings)),
    })
}

/// A description without the tables it ends in: "kmenová data, `dimv_supplier`".
fn without_tables(description: &Text) -> &str {
    let mut rest = description.plain.as_str();
    for code in description.code.iter().rev() {
        let Some(before) = rest.get(..code.start) else {
            break;
        };
        let ends = rest.len() == code.end && rest.get(code.clone()).is_some_and(is_identifier);
        let before = before.trim_end();
        if !ends || !(before.is_empty() || before.ends_with([',', ';', '–', '—', ':'])) {
            break;
        }
        rest = before.trim_end_matches([',', ';', '–', '—', ':', ' ']);
    }
    rest
}

/// Splits a line into what names and what describes; the bold head of a line names.
fn split(text: &Text, equals: bool) -> (Text, Option<Text>) {
    let end = text.plain.len();
    let rest = text.plain.get(text.bold..).unwrap_or_default().trim_start();
    let first = rest.chars().next().unwrap_or_default();
    let mark = if text.bold == 0 {
        separator(text, equals)
    } else if first.is_alphanumeric()
        && !text.code.iter().any(|code| code.start == end - rest.len())
    {
        // Two bold names joined by a word are two names; else the words behind the name describe it.
        match enumeration(text, false) {
            Some(_) => None,
            None => Some(text.bold..text.bold),
        }
    } else {
        separator_from(text, text.bold.saturating_sub(1), equals)
    };
    match mark {
        Some(mark) => (
            text.slice(0..mark.start),
            Some(text.slice(mark.end..end)).filter(|rest| !rest.is_blank()),
        ),
        None => (text.clone(), None),
    }
}

/// A name with all that is written into it.
#[derive(Default)]
struct Name {
    main: String,
    alias: Option<String>,
    tables: Vec<String>,
    remarks: Vec<String>,
}

impl Name {
    /// Reads `Dodavatelé (Suppliers)`, `Dodavatelé / Suppliers`, `` Dodavatelé `dimv_supplier` ``.
    fn read(text: &Text) -> Self {
        let mut name = Self {
            tables: identifiers(text),
            ..Self::default()
        };
        let (outside, brackets) = brackets(text);
        let mut named = outside.first().cloned().unwrap_or_default();
        for (bracket, behind) in brackets.into_iter().zip(outside.into_iter().skip(1)) {
            let twin = name.bracket(&bracket);
            // Words behind a twin are said of the entity; behind a remark they still are its name.
            if twin {
                name.remarks.extend(value(&bare_name(&behind)));
            } else {
                named.push(' ');
                named.push_str(&behind);
            }
        }
        let named = named.split_whitespace().collect::<Vec<_>>().join(" ");
        name.main = bare_name(&named);
        if name.alias.is_none()
            && let Some((first, second)) = twins(&name.main)
        {
            name.alias = Some(second);
            name.main = first;
        }
        if is_identifier(&name.main) && name.main.contains('_') {
            name.tables.push(name.main.clone());
        }
        name
    }

    /// Reads what stood in brackets; says whether it was the name in another language.
    fn bracket(&mut self, bracket: &str) -> bool {
        let mut inner = bare_name(bracket);
        let words: Vec<String> = normal(&inner).split(' ').map(str::to_owned).collect();
        if inner.is_empty() {
            return false;
        }
        if is_identifier(&inner) && inner.contains('_') {
            self.tables.push(inner);
            return false;
        }
        let first = words.first().map(String::as_str).unwrap_or_default();
        if words.len() > 1 && is_listed(first, TWIN_MARKS) {
            let mark = word_ranges(&inner).next().map_or(0, |range| range.end);
            inner = bare_name(
                inner
                    .get(mark..)
                    .unwrap_or_default()
                    .trim_start_matches(['.', ':']),
            );
        }
        let text = Text::plain(&inner);
        let twin = self.alias.is_none()
            && words.len() <= MAX_ALIAS_WORDS
            && !is_listed(first, REMARKS)
            && !is_any(&inner, GROUPS)
            && !inner.contains(|c: char| c.is_ascii_digit() || "%,;=".contains(c))
            && separator(&text, true).is_none()
            && enumeration(&text, false).is_none();
        if twin {
            self.alias = Some(inner);
        } else {
            self.remarks.extend(value(&inner));
        }
        twin
    }
}

/// The parts of a text outside its brackets, one more than there are brackets, and what the brackets hold; without
/// the identifiers in code spans.
fn brackets(text: &Text) -> (Vec<String>, Vec<String>) {
    let mut outside = vec![String::new()];
    let mut inside = Vec::new();
    let mut depth = 0_usize;
    let balanced = text.plain.matches('(').count() == text.plain.matches(')').count();
    let mut code = text.code.iter().peekable();
    for (at, c) in text.plain.char_indices() {
        while code.next_if(|range| range.end <= at).is_some() {}
        let span = code
            .peek()
            .filter(|range| range.contains(&at))
            .and_then(|range| text.plain.get((*range).clone()));
        if span.is_some_and(is_identifier) {
            continue;
        }
        match c {
            '(' if balanced && span.is_none() => {
                depth += 1;
                if depth == 1 {
                    inside.push(String::new());
                    continue;
                }
            }
            ')' if balanced && span.is_none() => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    outside.push(String::new());
                    continue;
                }
            }
            _ => {}
        }
        if let Some(part) = if depth == 0 {
            outside.last_mut()
        } else {
            inside.last_mut()
        } {
            part.push(c);
        }
    }
    (outside, inside)
}

/// The two names of "Dodavatelé / Suppliers".
fn twins(name: &str) -> Option<(String, String)> {
    let (first, second) = name.split_once('/')?;
    let word = |part: &str| {
        part.chars().filter(|c| c.is_alphabetic()).count() > 2
            && !part.contains(|c: char| c.is_ascii_digit())
    };
    let whole = !second.contains('/') && word(first) && word(second);
    whole.then(|| (bare_name(first), bare_name(second)))
}

/// The metrics of the entries, those of one name merged.
pub(super) fn metrics(entries: Vec<Entry>, warnings: &mut Warnings) -> Vec<Metric> {
    let mut list: Vec<Metric> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for metric in entries.into_iter().filter_map(metric) {
        let name = normal(&metric.name);
        if let Some(known) = places.get(&name).and_then(|at| list.get_mut(*at)) {
            known.description = known.description.take().or(metric.description);
            continue;
        }
        if !has_room(list.len(), "metrics", warnings) {
            break;
        }
        places.insert(name, list.len());
        list.push(Metric {
            name: cut(metric.name, MAX_TEXT, warnings),
            description: metric
                .description
                .map(|description| cut(description, MAX_TEXT, warnings)),
        });
    }
    list
}

fn metric(entry: Entry) -> Option<Metric> {
    let (mut head, mut description) = split(&entry.text, true);
    // A formula in code behind the name, without a mark between.
    if let (None, Some(code)) = (&description, head.code.first().cloned())
        && !head.is_code()
    {
        description = Some(head.slice(code.clone()));
        head = head.slice(0..code.start);
    }
    let name = value(&bare_name(&head.plain))?;
    let described = description.and_then(|text| value(&text.plain)).into_iter();
    let notes: Vec<String> = described.chain(entry.notes).collect();
    Some(Metric {
        name,
        description: (!notes.is_empty()).then(|| notes.join("; ")),
    })
}
