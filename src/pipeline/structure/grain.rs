//! What one row of a fact or bridge stands for, in words.
//!
//! The grain is declared before anything else is designed (Kimball and Ross, The Data
//! Warehouse Toolkit, chapter 3). Where a description states it, its words count; else it
//! is read off the key. Without a key it stays unknown.

use std::collections::{HashMap, HashSet};

use super::names::{self, ColumnName, KeyWord};
use super::{Analysis, Class, Origin, Subject, profile, words};
use crate::catalog::{Catalog, TableId};
use crate::text::{self, english_stem, identifier_words, slavic_stem};

/// What one row stands for; `None` where nothing says it.
pub(super) fn grain(
    catalog: &Catalog,
    subject: &Subject<'_>,
    class: Class,
    analysis: &Analysis,
    by_id: &HashMap<TableId, &Subject<'_>>,
) -> Option<String> {
    if !matches!(class, Class::Fact | Class::Bridge) {
        return None;
    }
    let documentation = &catalog.table(subject.id).documentation;
    let texts = [
        &documentation.description,
        &documentation.source_description,
    ];
    if let Some(stated) = texts
        .into_iter()
        .flatten()
        .find_map(|description| stated_grain(description))
    {
        return Some(stated);
    }
    let key = subject.key.as_ref()?;
    let technical = |place: &usize| words::sounds_technical(&profile::stems(subject, *place));
    if key.origin == Origin::Inferred && key.columns.iter().any(technical) {
        return None;
    }
    let targets = analysis.targets_of(subject.id);
    if let ([only], Origin::Inferred) = (key.columns.as_slice(), key.origin)
        && targets.contains_key(only)
    {
        // A fact with one row per member of a dimension would be that dimension.
        return None;
    }
    // Columns of a composite reference keep their names: of two that lead to the same
    // sale one is the order's number and the other that of its line.
    let together: HashSet<usize> = analysis
        .joins_from(subject.id)
        .filter(|join| join.group.is_some())
        .map(|join| join.from_column)
        .collect();
    let mut parts: Vec<String> = Vec::new();
    for place in &key.columns {
        let target = targets
            .get(place)
            .filter(|join| {
                join.group.is_none() && !(together.contains(place) && is_natural(subject, *place))
            })
            .and_then(|join| by_id.get(&join.to))
            .copied();
        let part = part(subject, *place, target, key.columns.len());
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    Some(format!("one row per {}", listed(&parts)?))
}

/// What one column of the key stands for: what it refers to, or its own name.
fn part(
    subject: &Subject<'_>,
    place: usize,
    target: Option<&Subject<'_>>,
    columns: usize,
) -> String {
    let words = role_words(subject, place);
    let Some(target) = target.filter(|target| target.id != subject.id) else {
        return own_part(subject, place, &words, columns);
    };
    // `cdemo` is nothing that a person would say; the name of what it refers to is.
    let own_words = words.last().is_some_and(|last| {
        let stem = english_stem(last);
        Some(&stem) == target.name.subject.last() || words::CALENDARS.hold(&stem)
    });
    if own_words {
        words.join(" ")
    } else {
        thing(target)
    }
}

fn own_part(subject: &Subject<'_>, place: usize, words: &[String], columns: usize) -> String {
    let bare = subject
        .columns
        .get(place)
        .is_some_and(ColumnName::is_bare_key);
    if is_natural(subject, place) || bare && columns > 1 {
        return whole_words(subject, place).join(" ");
    }
    // A key called `id` stands for what the table holds, and so does one that is called
    // after it in another case: `id_pohybu` of `skladovy_pohyb`.
    let named_after = |word: &String| {
        let stem = slavic_stem(&english_stem(word));
        subject
            .name
            .subject
            .iter()
            .any(|own| slavic_stem(own) == stem)
    };
    if bare || words.is_empty() || columns == 1 && words.iter().all(named_after) {
        thing(subject)
    } else {
        words.join(" ")
    }
}

fn is_natural(subject: &Subject<'_>, place: usize) -> bool {
    subject
        .columns
        .get(place)
        .is_some_and(|name| name.key_word == Some(KeyWord::Natural))
}

/// The words of a column without key words: `bill customer` of `bill_customer_sk`.
pub(super) fn role_words(subject: &Subject<'_>, place: usize) -> Vec<String> {
    let mut words = whole_words(subject, place);
    while words
        .last()
        .is_some_and(|last| names::key_word(last).is_some())
    {
        words.pop();
    }
    if words.len() > 1 && words.first().is_some_and(|first| first == "id") {
        words.remove(0);
    }
    words
}

/// The words of a column without the class of what it points at.
fn whole_words(subject: &Subject<'_>, place: usize) -> Vec<String> {
    let mut words = subject.words.get(place).cloned().unwrap_or_default();
    let classed = subject
        .columns
        .get(place)
        .is_some_and(|name| name.class.is_some());
    if classed && words.len() > 1 {
        words.remove(0);
    }
    words
}

/// What a table holds, in the singular: `order detail` of `Order Details`.
pub(super) fn thing(subject: &Subject<'_>) -> String {
    let wanted = &subject.name.subject;
    let mut words: Vec<String> = identifier_words(&subject.table.name)
        .into_iter()
        .filter(|word| wanted.contains(&english_stem(word)))
        .collect();
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.join(" ")
}

fn singular(word: &str) -> String {
    if let Some(base) = word.strip_suffix("ies").filter(|base| base.len() > 1) {
        return format!("{base}y");
    }
    if ["sses", "shes", "ches", "xes"]
        .iter()
        .any(|ending| word.ends_with(ending))
    {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    let plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is", "ics"]
            .iter()
            .any(|end| word.ends_with(end));
    if plural {
        word.strip_suffix('s').unwrap_or(word).to_owned()
    } else {
        word.to_owned()
    }
}

/// `a, b and c`.
fn listed(parts: &[String]) -> Option<String> {
    match parts {
        [] => None,
        [only] => Some(only.clone()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}
/// The sentence part that begins with "one row per", lower case at its start.
fn stated_grain(description: &str) -> Option<String> {
    let folded = text::fold(description);
    let lead = [
        "one row per ",
        "one record per ",
        "jeden radek na ",
        "jeden riadok na ",
        "jeden zaznam na ",
    ]
    .into_iter()
    .find(|lead| folded.contains(*lead))?;
    // Folding can change the length in bytes, so the phrase is sought by words.
    let words: Vec<&str> = description.split_whitespace().collect();
    let lead_words: Vec<&str> = lead.split_whitespace().collect();
    let start = words.windows(lead_words.len()).position(|window| {
        window
            .iter()
            .zip(&lead_words)
            .all(|(word, wanted)| text::fold(word) == **wanted)
    })?;
    let mut phrase = Vec::new();
    for word in words.get(start..)? {
        let ends = word.ends_with(['.', ';']);
        phrase.push(word.trim_end_matches(['.', ';']));
        if ends {
            break;
        }
    }
    let phrase = phrase.join(" ");
    let mut letters = phrase.chars();
    let first = letters.next()?;
    Some(first.to_lowercase().chain(letters).collect())
}
