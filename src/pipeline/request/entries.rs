//! Lists whose entries have a name and more: from bullets, tables, subheadings and sentences to one shape.

use super::outline::Piece;
use super::prose::{
    Led, bare_name, enumeration, is_list_of_lines, joined, led_enumeration, parts, sentences, value,
};
use super::sections::{first_named, split_description};
use super::text::Text;
use super::vocabulary::{is_any, is_listed, normal};

/// Mentions that are read, those of one name counted each.
pub(super) const MAX_ENTRIES: usize = 5_000;

/// Words of a text that is a name, where nothing announces one.
const MAX_NAME_WORDS: usize = 5;

/// What a document says of one entity or metric.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The line that names it, which may describe it too.
    pub(super) text: Text,
    pub(super) alias: Option<String>,
    pub(super) tables: Vec<String>,
    /// What columns, nested items and paragraphs say.
    pub(super) notes: Vec<String>,
    /// It came out of a sentence rather than a list.
    pub(super) prose: bool,
}

impl Entry {
    fn named(text: Text) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// Reads a nested line: one of the known attributes, or a note.
    fn detail(&mut self, text: &Text) {
        let (key, rest) = split_description(text, false);
        match (attribute(&key.plain), rest) {
            (Some(Role::Alias), Some(rest)) => {
                self.alias = self.alias.take().or_else(|| value(&rest.plain));
            }
            (Some(Role::Tables), Some(rest)) => self.tables.extend(table_names(&rest)),
            (Some(Role::Description), Some(rest)) => self.notes.extend(value(&rest.plain)),
            _ => self
                .notes
                .extend(value(text.plain.trim_end_matches([';', ',']))),
        }
        self.tables.extend(identifiers(text));
    }
}

/// What a column or an attribute of an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Name,
    Alias,
    Tables,
    Description,
}

const ROLES: &[(Role, &str)] = &[
    (
        Role::Name,
        "entity, entita, entity name, nazev entity, nazov entity, business entity, nazev, nazov, \
        name, objekt, object, metrika, metric, metric name, nazev metriky, nazov metriky, kpi, \
        ukazatel, ukazovatel, measure, cesky, cesky nazev, cs, cz, slovensky, slovensky nazov, \
        sk, domain, domena, dimenze, dimenzia, dimension, pojem, term",
    ),
    (
        Role::Alias,
        "english, english name, anglicky, anglicky nazev, anglicky nazov, name en, nazev en, \
        nazov en, en, alias, synonym, synonyma, synonyms, synonymum, ekvivalent, also known as, \
        aka, entity en, preklad, translation",
    ),
    (
        Role::Tables,
        "table, tables, tabulka, tabulky, view, views, pohled, pohledy, pohlad, pohlady, \
        technical name, technicky nazev, technicky nazov, table name, nazev tabulky, \
        nazov tabulky, dwh tabulka, dwh tabulky, dwh table, dwh tables, dwh object, db objekt, \
        fyzicka tabulka, physical table, zdrojova tabulka, zdrojove tabulky, source table, \
        source tables, tabulka dwh",
    ),
    (
        Role::Description,
        "popis, opis, description, definice, definicia, definition, vyznam, meaning, poznamka, \
        poznamky, note, notes, comment, komentar, vzorec, formula, vypocet, calculation, ucel, \
        purpose, business definition, business popis, detail, details, vysvetleni, vysvetlenie",
    ),
];

fn role(label: &str) -> Option<Role> {
    let exact = ROLES
        .iter()
        .find(|(_, labels)| is_any(label, labels))
        .map(|(role, _)| *role);
    // "Po anglicky", "Entity (EN)": whatever else it says, it is the name in another language.
    let short = label.split_whitespace().nth(3).is_none();
    let foreign = || {
        normal(label)
            .split(' ')
            .any(|word| is_listed(word, "english, anglicky, angl, eng, en"))
    };
    exact.or_else(|| (short && foreign()).then_some(Role::Alias))
}

fn attribute(label: &str) -> Option<Role> {
    role(label).filter(|role| *role != Role::Name)
}

/// What else is told of an entry, key by key.
const ATTRIBUTES: &str = "source, zdroj, owner, vlastnik, key, klic, kluc, primary key, primarni klic, primarny kluc, \
    business key, attributes, atributy, columns, sloupce, stlpce, grain, granularita, granularity, type, typ, priority, \
    priorita, frequency, frekvence, frekvencia, volume, objem, usage, pouziti, pouzitie, example, priklad, format, system, \
    domain, domena, status, stav, unit, jednotka";

/// Labels over a group of entries, none of them an entry itself.
pub(super) const GROUPS: &str = "dimenze, dimenzie, dimensions, dimension, fakta, fakty, facts, fact, facts and dimensions, \
    fakta a dimenze, master data, kmenova data, kmenove data, kmenove udaje, referencni data, \
    reference data, ciselniky, code lists, codelists, lookups, transakce, transakcni data, \
    transakcne data, transakcie, transactions, transaction data, transactional data, hlavni, \
    hlavne, vedlejsi, vedlajsie, primarni, primarne, sekundarni, sekundarne, primary, secondary, \
    core, other, others, ostatni, ostatne, dalsi, dalsie, povinne, volitelne, mandatory, \
    required, optional, must have, nice to have, should have, could have, hlavni entity, \
    vedlejsi entity, klicove entity, klucove entity, core entities, supporting entities, \
    podpurne entity, podporne entity, key entities, tabulky, tables, popis, description, prehled, \
    prehlad, overview, in scope, v rozsahu";

/// The entries of a section.
pub(super) fn entries(pieces: &[Piece], english: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    let listed = |piece: &Piece| {
        matches!(
            piece,
            Piece::Item { .. } | Piece::Table(_) | Piece::Subheading(_)
        )
    };
    let any_listed = pieces.iter().any(listed);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        let rest = pieces.get(at..).unwrap_or_default();
        match piece {
            Piece::Subheading(text) => {
                let below = rest
                    .iter()
                    .take_while(|piece| !matches!(piece, Piece::Subheading(_)))
                    .count();
                if let Some(entry) = described(text, rest.get(..below).unwrap_or_default()) {
                    entries.push(entry);
                    at += below;
                }
            }
            Piece::Item { depth, text } => {
                let below = rest
                    .iter()
                    .take_while(|piece| depth_of(piece).is_some_and(|inner| inner > *depth))
                    .count();
                // What is nested in a group is entries of its own.
                if below == 0 || !is_any(&text.plain, GROUPS) {
                    let mut entry = Entry::named(text.clone());
                    rest.iter()
                        .take(below)
                        .for_each(|piece| note(&mut entry, piece));
                    entries.push(entry);
                    at += below;
                }
            }
            Piece::Table(rows) => table(rows, &mut entries),
            Piece::Code(lines) => entries.extend(
                lines
                    .iter()
                    .filter(|line| is_identifier(&line.plain))
                    .cloned()
                    .map(Entry::named),
            ),
            Piece::Value(lines) => paragraph(lines, english, &mut entries),
            // Beside a list a paragraph is a remark on it, unless all it does is to name more.
            Piece::Paragraph { lines, .. } if !any_listed || names(&joined(lines), english) => {
                paragraph(lines, english, &mut entries);
            }
            Piece::Paragraph { .. } => {}
        }
    }
    entries
}

/// Whether a text is an enumeration, by itself or behind a colon.
fn names(text: &Text, english: bool) -> bool {
    let (_, behind) = split_description(text, false);
    let names = enumeration(behind.as_ref().unwrap_or(text), english);
    names.is_some_and(|names| names.len() > 2)
}

fn depth_of(piece: &Piece) -> Option<usize> {
    match piece {
        Piece::Item { depth, .. } | Piece::Paragraph { depth, .. } => Some(*depth),
        _ => None,
    }
}

fn note(entry: &mut Entry, piece: &Piece) {
    match piece {
        Piece::Item { text, .. } => entry.detail(text),
        Piece::Paragraph { lines, .. } => {
            let keyed = |line: &Text| attribute(&split_description(line, false).0.plain).is_some();
            if lines.iter().any(keyed) {
                for line in lines {
                    entry.detail(line);
                }
            } else {
                entry.detail(&joined(lines));
            }
        }
        _ => {}
    }
}

/// A subheading with what is below it, if that describes it rather than lists entries of its own.
fn described(text: &Text, below: &[Piece]) -> Option<Entry> {
    let told = match below.first() {
        Some(Piece::Paragraph { lines, .. }) => {
            !lines.last().is_some_and(|line| line.plain.ends_with(':'))
        }
        _ => false,
    };
    let attributes = below.iter().all(|piece| match piece {
        Piece::Paragraph { .. } => true,
        Piece::Item { text, .. } => {
            let (key, _) = split_description(text, false);
            told || attribute(&key.plain).is_some() || is_any(&key.plain, ATTRIBUTES)
        }
        _ => false,
    });
    if !attributes || is_any(&text.plain, GROUPS) {
        return None;
    }
    let mut entry = Entry::named(without_number(text));
    for piece in below {
        note(&mut entry, piece);
    }
    Some(entry)
}

/// "3.1 Dodavatelé" without its number.
fn without_number(text: &Text) -> Text {
    let plain = &text.plain;
    let rest = plain.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ')');
    let numbered = rest.len() < plain.len() && rest.starts_with(' ');
    if numbered {
        text.slice(plain.len() - rest.len()..plain.len())
    } else {
        text.clone()
    }
}

fn table(rows: &[Vec<Text>], entries: &mut Vec<Entry>) {
    let Some(header) = rows.first() else { return };
    let roles: Vec<Option<Role>> = header.iter().map(|cell| role(&cell.plain)).collect();
    let column = |wanted: Role| roles.iter().position(|role| *role == Some(wanted));
    let name = column(Role::Name).unwrap_or_else(|| first_named(rows));
    // Without a column headed so, the next one describes.
    let description = column(Role::Description)
        .or_else(|| (name + 1..header.len()).find(|at| roles.get(*at) == Some(&None)));
    for row in rows.iter().skip(1) {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at));
        let mut tables: Vec<String> = cell(column(Role::Tables))
            .map(table_names)
            .unwrap_or_default();
        tables.extend(cell(description).map(identifiers).unwrap_or_default());
        let alias = cell(column(Role::Alias)).and_then(|cell| value(&cell.plain));
        let notes = cell(description)
            .and_then(|cell| value(&cell.plain))
            .into_iter()
            .collect();
        let text = row.get(name).cloned().unwrap_or_default();
        entries.push(Entry {
            text,
            alias,
            tables,
            notes,
            prose: false,
        });
    }
}

fn paragraph(lines: &[Text], english: bool, entries: &mut Vec<Entry>) {
    if is_list_of_lines(lines) {
        return entries.extend(lines.iter().cloned().map(Entry::named));
    }
    let text = joined(lines);
    if text.plain.ends_with(':') {
        return;
    }
    let sentences = sentences(&text);
    // "We need A, B and C" enumerates as well, but its first part is not "We need A".
    let led = sentences
        .iter()
        .any(|sentence| led_enumeration(sentence, english).is_some());
    if let (false, Some(names)) = (led, enumeration(&text, english)) {
        return entries.extend(names.into_iter().map(Entry::named));
    }
    for sentence in sentences {
        let (head, names) = split_description(&sentence, false);
        // "Jde o tyto objekty: A, B" names after the colon; "Dodavatelé – kdo dodává" before the dash.
        let listed = names
            .and_then(|names| enumeration(&names, english))
            .filter(|_| head.plain.split(' ').nth(2).is_some());
        let led = || led_enumeration(&sentence, english);
        if let Some(names) = listed.or_else(|| led().map(|led| led.names)) {
            entries.extend(names.into_iter().map(|text| Entry {
                prose: true,
                ..Entry::named(text)
            }));
        } else if sentence.code.len() > 1 || sentence.code.len() == 1 && !few_words(&sentence) {
            let code = |range: &std::ops::Range<usize>| sentence.slice(range.clone());
            let tables = sentence
                .code
                .iter()
                .map(code)
                .filter(|code| is_identifier(&code.plain));
            entries.extend(tables.map(|text| Entry {
                prose: true,
                ..Entry::named(text)
            }));
        } else if few_words(&head) {
            entries.push(Entry::named(sentence));
        }
    }
}

/// Whether a text is short enough to be a name with its article and adjectives.
fn few_words(text: &Text) -> bool {
    text.plain.split_whitespace().nth(MAX_NAME_WORDS).is_none()
}

/// Whether a text can be the name of a table.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.$#".contains(c))
}

/// The names of tables that stand in code spans.
pub(super) fn identifiers(text: &Text) -> Vec<String> {
    let code = text
        .code
        .iter()
        .filter_map(|range| text.plain.get(range.clone()));
    code.map(str::trim)
        .filter(|code| is_identifier(code))
        .map(str::to_owned)
        .collect()
}

/// The names in a column of tables, in code spans or not.
fn table_names(cell: &Text) -> Vec<String> {
    let names = parts(cell, true)
        .into_iter()
        .map(|part| bare_name(&part.plain));
    names
        .filter(|name| is_identifier(name) && value(name).is_some())
        .collect()
}

/// Entities of a document that has no section for them: the items of a list without a heading, else the tables that
/// free text names in code, else what it enumerates behind a verb.
pub(super) fn unlabelled(sections: [&[Piece]; 3], english: bool) -> Vec<Entry> {
    let [free, ..] = sections;
    let items: Vec<Piece> = free
        .iter()
        .filter(|piece| matches!(piece, Piece::Item { .. }))
        .cloned()
        .collect();
    let short = |entry: &Entry| few_words(&split_description(&entry.text, false).0);
    let mut named = entries(&items, english);
    if !named.is_empty() && named.iter().all(short) {
        for entry in &mut named {
            entry.prose = true;
        }
        return named;
    }
    let paragraphs = sections
        .into_iter()
        .flatten()
        .filter_map(|piece| match piece {
            Piece::Paragraph { lines, .. } | Piece::Value(lines) => Some(joined(lines)),
            Piece::Item { text, .. } => Some(text.clone()),
            _ => None,
        });
    let paragraphs: Vec<Text> = paragraphs.collect();
    let tables = paragraphs
        .iter()
        .flat_map(identifiers)
        .map(|table| Entry::named(Text::plain(&table)));
    let tables: Vec<Entry> = tables
        .filter(|entry| entry.text.plain.contains('_'))
        .collect();
    if !tables.is_empty() {
        return tables;
    }
    let sentences = paragraphs.iter().flat_map(sentences);
    let led = sentences.filter_map(|sentence| led_enumeration(&sentence, english));
    led.filter(Led::names_things)
        .flat_map(|led| led.names)
        .take(MAX_ENTRIES + 1)
        .map(Entry::named)
        .collect()
}
