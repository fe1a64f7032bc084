//! Fact, dimension, bridge or unclassified, and what each column is for.

use std::collections::{HashMap, HashSet};

use super::names::{self, NamedClass};
use super::{Analysis, Class, Classified, ColumnRole, DimensionKind, Subject};
use crate::catalog::{Catalog, SchemaId, TableId, TypeFamily, Via};
use crate::text;

/// How sure a class is, 0–1, by what speaks for it.
mod sure {
    /// The name follows a convention and the structure agrees.
    pub(super) const NAME_AND_STRUCTURE: f64 = 0.97;
    /// The name follows a convention; the structure says nothing.
    pub(super) const NAME: f64 = 0.85;
    /// The name follows a convention and the structure speaks against it.
    pub(super) const NAME_AGAINST_STRUCTURE: f64 = 0.65;
    /// The structure alone.
    pub(super) const STRUCTURE: f64 = 0.75;
    /// Nothing decides.
    pub(super) const NOTHING: f64 = 0.3;
}

/// A lookup has no more business columns than this.
const LOOKUP_COLUMNS_MAX: usize = 5;
/// A bridge has no more columns of its own, keys apart, than this.
const BRIDGE_ATTRIBUTES_MAX: usize = 3;
/// The share of a view's columns its base must have, for it to be a role of that base.
const ROLE_OVERLAP: f64 = 0.6;
/// Different parts of a date (year, month …) that make a table a calendar.
const CALENDAR_PARTS: usize = 2;

/// What the structure of one table amounts to.
struct Profile {
    roles: Vec<ColumnRole>,
    /// Different tables it points at, and tables that point at it.
    parents: usize,
    children: usize,
    measures: usize,
    attributes: usize,
}

/// Classifies every table of the scope.
pub(super) fn classify(
    catalog: &Catalog,
    subjects: &[Subject<'_>],
    analysis: &Analysis,
) -> HashMap<TableId, Classified> {
    let bases = Bases::new(subjects);
    subjects
        .iter()
        .map(|subject| {
            let profile = profile(subject, analysis);
            let (class, confidence, rationale) = class_of(catalog, subject, &profile, &bases);
            let classified = Classified {
                roles: final_roles(class, profile.roles),
                grain: grain(catalog, subject, class),
                class,
                confidence,
                rationale,
                key: subject.key.clone(),
                business_key: subject.business_key.clone(),
            };
            (subject.id, classified)
        })
        .collect()
}

fn profile(subject: &Subject<'_>, analysis: &Analysis) -> Profile {
    let foreign: HashSet<usize> = analysis
        .joins_from(subject.id)
        .map(|join| join.from_column)
        .collect();
    let key = subject
        .key
        .as_ref()
        .map(|key| key.columns.as_slice())
        .unwrap_or_default();
    let roles: Vec<ColumnRole> = subject
        .table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let stems = names::stems(&column.name);
            let keyed = subject
                .columns
                .get(place)
                .is_some_and(|name| name.key_word.is_some());
            match column.family {
                _ if foreign.contains(&place) && !key.contains(&place) => ColumnRole::ForeignKey,
                _ if key.contains(&place) => ColumnRole::Key,
                _ if names::sounds_technical(&stems) => ColumnRole::Technical,
                TypeFamily::Date | TypeFamily::Timestamp => ColumnRole::Date,
                TypeFamily::Decimal if !keyed && !names::sounds_like_no_measure(&stems) => {
                    ColumnRole::Measure
                }
                TypeFamily::Integer | TypeFamily::Unknown
                    if !keyed && names::sounds_like_measure(&stems) =>
                {
                    ColumnRole::Measure
                }
                _ => ColumnRole::Attribute,
            }
        })
        .collect();
    let count = |role| roles.iter().filter(|known| **known == role).count();
    let different = |ids: HashSet<TableId>| ids.into_iter().filter(|id| *id != subject.id).count();
    Profile {
        parents: different(
            analysis
                .joins_from(subject.id)
                .map(|join| join.to)
                .collect(),
        ),
        children: different(
            analysis
                .joins_to(subject.id)
                .map(|join| join.from)
                .collect(),
        ),
        measures: count(ColumnRole::Measure),
        attributes: count(ColumnRole::Attribute) + count(ColumnRole::Date),
        roles,
    }
}

/// Numbers in a dimension describe its members; only facts are measured.
fn final_roles(class: Class, mut roles: Vec<ColumnRole>) -> Vec<ColumnRole> {
    if matches!(class, Class::Dimension(_)) {
        for role in roles
            .iter_mut()
            .filter(|role| **role == ColumnRole::Measure)
        {
            *role = ColumnRole::Attribute;
        }
    }
    roles
}

fn class_of(
    catalog: &Catalog,
    subject: &Subject<'_>,
    profile: &Profile,
    bases: &Bases<'_, '_>,
) -> (Class, f64, String) {
    let counts = counts_in_words(subject, profile);
    let Some((named, word)) = &subject.name.class else {
        return class_by_structure(catalog, subject, profile, bases, &counts);
    };
    let says = format!("name starts with \"{word}\"; {counts}");
    let listed = !subject.table.columns.is_empty();
    let sure = |agrees: bool, contradicts: bool| match (agrees, contradicts) {
        _ if !listed => sure::NAME,
        (true, _) => sure::NAME_AND_STRUCTURE,
        (false, true) => sure::NAME_AGAINST_STRUCTURE,
        (false, false) => sure::NAME,
    };
    match named {
        NamedClass::Fact => {
            let agrees = profile.parents > 0 && profile.measures > 0;
            (
                Class::Fact,
                sure(agrees, profile.parents == 0 && profile.measures == 0),
                says,
            )
        }
        NamedClass::Dimension => {
            let (kind, why) = dimension_kind(catalog, subject, profile, bases);
            let agrees = profile.children > 0 || subject.key.is_some();
            (
                Class::Dimension(kind),
                sure(agrees, profile.parents > 3 && profile.measures > 3),
                format!("{says}; {why}"),
            )
        }
        NamedClass::Bridge => (
            Class::Bridge,
            sure(profile.parents >= 2, profile.measures > 3),
            says,
        ),
        NamedClass::Technical => (
            Class::Unclassified,
            sure::STRUCTURE,
            format!("a technical table by its name (\"{word}\"); {counts}"),
        ),
    }
}

fn class_by_structure(
    catalog: &Catalog,
    subject: &Subject<'_>,
    profile: &Profile,
    bases: &Bases<'_, '_>,
    counts: &str,
) -> (Class, f64, String) {
    if subject.table.columns.is_empty() {
        let why = "no columns are listed and the name follows no convention";
        return (Class::Unclassified, sure::NOTHING, why.to_owned());
    }
    let calendar = calendar_parts(subject) >= CALENDAR_PARTS && profile.measures == 0;
    if profile.parents >= 2
        && profile.measures == 0
        && profile.attributes <= BRIDGE_ATTRIBUTES_MAX
        && profile.children == 0
    {
        return (
            Class::Bridge,
            sure::STRUCTURE,
            format!("joins tables and measures nothing; {counts}"),
        );
    }
    if profile.measures > 0
        && (profile.parents >= 2 || (profile.parents >= 1 && profile.children == 0))
    {
        return (
            Class::Fact,
            sure::STRUCTURE,
            format!("measures that point at context; {counts}"),
        );
    }
    if profile.children > 0 || calendar {
        let (kind, why) = dimension_kind(catalog, subject, profile, bases);
        return (
            Class::Dimension(kind),
            sure::STRUCTURE,
            format!("other tables point at it; {counts}; {why}"),
        );
    }
    (
        Class::Unclassified,
        sure::NOTHING,
        format!("neither its name nor its joins decide; {counts}"),
    )
}

fn counts_in_words(subject: &Subject<'_>, profile: &Profile) -> String {
    let number = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    if subject.table.columns.is_empty() {
        return "no columns are listed".to_owned();
    }
    format!(
        "{}, points at {}, {} at it",
        number(profile.measures, "numeric measure", "numeric measures"),
        number(profile.parents, "table", "tables"),
        number(profile.children, "table points", "tables point"),
    )
}

fn dimension_kind(
    catalog: &Catalog,
    subject: &Subject<'_>,
    profile: &Profile,
    bases: &Bases<'_, '_>,
) -> (DimensionKind, String) {
    if let Some((base, why)) = bases.base_of(catalog, subject) {
        return (DimensionKind::RolePlaying { of: base }, why);
    }
    let named_calendar = subject
        .name
        .subject
        .last()
        .is_some_and(|last| CALENDAR_NAMES.contains(&last.as_str()));
    if calendar_parts(subject) >= CALENDAR_PARTS
        && (named_calendar || calendar_parts(subject) > CALENDAR_PARTS)
    {
        return (
            DimensionKind::Calendar,
            "columns are parts of a date".to_owned(),
        );
    }
    let business = profile.attributes + profile.measures;
    if business > 0 && business <= LOOKUP_COLUMNS_MAX && profile.parents == 0 {
        return (
            DimensionKind::Lookup,
            format!("a list of codes: {business} columns beside the key"),
        );
    }
    (DimensionKind::Master, "a dimension of its own".to_owned())
}

/// Stems that end the name of a calendar.
const CALENDAR_NAMES: &[&str] = &["dat", "date", "calendar", "day", "tim", "period", "month"];
/// Stems of the parts of a date.
const DATE_PARTS: &[&str] = &[
    "year", "quarter", "month", "week", "day", "weekday", "weekend", "holiday",
];

/// How many different parts of a date the columns name.
fn calendar_parts(subject: &Subject<'_>) -> usize {
    let parts: HashSet<&str> = subject
        .table
        .columns
        .iter()
        .flat_map(|column| names::stems(&column.name))
        .filter_map(|stem| DATE_PARTS.iter().find(|part| **part == stem).copied())
        .collect();
    parts.len()
}

/// The tables of the scope by schema and subject, to find the base of a role-playing view.
struct Bases<'s, 'c> {
    by_subject: HashMap<(SchemaId, String), Vec<&'s Subject<'c>>>,
    by_id: HashMap<TableId, &'s Subject<'c>>,
}

impl<'s, 'c> Bases<'s, 'c> {
    fn new(subjects: &'s [Subject<'c>]) -> Self {
        let mut by_subject: HashMap<(SchemaId, String), Vec<&Subject<'c>>> = HashMap::new();
        for subject in subjects {
            let key = (subject.table.schema, subject.name.subject.join(" "));
            by_subject.entry(key).or_default().push(subject);
        }
        let by_id = subjects
            .iter()
            .map(|subject| (subject.id, subject))
            .collect();
        Self { by_subject, by_id }
    }

    /// The dimension that `view` is a role of, and why: its description says so, or its
    /// name ends in the base's and it has the base's columns.
    fn base_of(&self, catalog: &Catalog, view: &Subject<'c>) -> Option<(TableId, String)> {
        let stated = catalog
            .upstream(view.id)
            .iter()
            .filter(|source| source.via.contains(&Via::Description))
            .filter_map(|source| self.by_id.get(&source.table?).copied())
            .find(|base| is_role_name(view, base));
        if let Some(base) = stated {
            // Where that is itself a role of something, the something.
            let first = self
                .shorter_names(base)
                .find(|other| overlap(base, other) >= ROLE_OVERLAP)
                .unwrap_or(base);
            let why = format!("role of {}, as its description says", first.table.name);
            return Some((first.id, why));
        }
        let base = self
            .shorter_names(view)
            .find(|base| view.table.columns.is_empty() || overlap(view, base) >= ROLE_OVERLAP)?;
        let why = format!("role of {}: its name and columns", base.table.name);
        Some((base.id, why))
    }

    /// Tables of the same schema that the view's name ends in, the longest name first.
    fn shorter_names(&self, view: &Subject<'c>) -> impl Iterator<Item = &'s Subject<'c>> {
        let subject = view.name.subject.as_slice();
        (1..subject.len())
            .filter_map(move |cut| {
                let ending = subject.get(cut..)?.join(" ");
                self.by_subject.get(&(view.table.schema, ending))
            })
            .flatten()
            .copied()
            .filter(move |base| is_role_name(view, base))
    }
}

/// A role is the base's name with words before it, in the same convention.
fn is_role_name(view: &Subject<'_>, base: &Subject<'_>) -> bool {
    view.id != base.id
        && view.name.named_class() == base.name.named_class()
        && view.name.subject.len() > base.name.subject.len()
        && view.name.subject.ends_with(&base.name.subject)
}

/// The share of the view's columns that the base has too, role words not counted.
fn overlap(view: &Subject<'_>, base: &Subject<'_>) -> f64 {
    let words = view
        .name
        .subject
        .len()
        .saturating_sub(base.name.subject.len());
    let role: &[String] = view.name.subject.get(..words).unwrap_or_default();
    let plain = |name: &str| -> String {
        let kept: Vec<String> = names::stems(name)
            .into_iter()
            .filter(|stem| !role.contains(stem))
            .collect();
        kept.join(" ")
    };
    let known: HashSet<String> = base
        .table
        .columns
        .iter()
        .map(|column| plain(&column.name))
        .collect();
    let shared = view
        .table
        .columns
        .iter()
        .filter(|column| known.contains(&plain(&column.name)))
        .count();
    if view.table.columns.is_empty() {
        return 0.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "tables have thousands of columns at most"
    )]
    let share = shared as f64 / view.table.columns.len() as f64;
    share
}

/// What one row stands for: in the words of a description, else by the key.
fn grain(catalog: &Catalog, subject: &Subject<'_>, class: Class) -> Option<String> {
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
    let names: Vec<&str> = key
        .columns
        .iter()
        .filter_map(|place| subject.table.columns.get(*place))
        .map(|column| &*column.name)
        .collect();
    Some(format!("one row per {}", names.join(" and ")))
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
