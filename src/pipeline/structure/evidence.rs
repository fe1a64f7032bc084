//! What speaks for each class of one table: its clues and their strengths.

use std::collections::HashMap;

use super::Subject;
use super::clues::{Clue, Clues};
use super::convention::Named;
use super::names::NamedClass;
use super::profile::{KeyShape, Profile};
use super::words::{self, Words};
use crate::catalog::{Catalog, TableId};
use crate::text;

/// The most columns of its own that a table of references has "little else" with.
const LITTLE: usize = 4;

/// The clues that a table gives by itself, its neighbours' classes not yet known.
pub(super) fn clues(
    catalog: &Catalog,
    subject: &Subject<'_>,
    profile: &Profile,
    named: Option<&Named>,
    subjects: &HashMap<TableId, &[String]>,
) -> Clues {
    let mut clues = vec![(Clue::Start, 1.0)];
    clues.extend(named.map(|named| (of_convention(named.class), 1.0)));
    add_words(&mut clues, subject, profile, subjects);
    clues.extend(described(catalog, subject.id).map(|clue| (clue, 1.0)));
    if !subject.table.columns.is_empty() {
        add_joins(&mut clues, profile);
        add_columns(&mut clues, profile);
    }
    clues.retain(|(_, strength)| *strength > 0.0);
    clues
}

fn of_convention(class: NamedClass) -> Clue {
    match class {
        NamedClass::Fact => Clue::NamedFact,
        NamedClass::Dimension => Clue::NamedDimension,
        NamedClass::Bridge => Clue::NamedBridge,
        NamedClass::Technical => Clue::NamedTechnical,
    }
}

/// One where it holds, else nothing.
fn holds(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// Much more of something says little more.
fn many(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of columns or tables")]
    let count = count as f64;
    count.ln_1p()
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of columns")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// The noun of a name: the first word of a Czech or Slovak one, the last of another.
fn noun(subject: &[String]) -> Option<Clue> {
    let kinds: [(Clue, &Words); 4] = [
        (Clue::CodeNoun, &words::CODES),
        (Clue::LinkNoun, &words::LINKS),
        (Clue::EventNoun, &words::EVENTS),
        (Clue::MasterNoun, &words::MASTERS),
    ];
    let first = subject.first()?;
    if let Some((clue, _)) = kinds.iter().find(|(_, words)| words.hold_slavic(first)) {
        return Some(*clue);
    }
    // A number or a period at the end is not the noun: `sales_2023`.
    let last = subject
        .iter()
        .rev()
        .find(|word| !word.chars().all(char::is_numeric))?;
    kinds
        .iter()
        .find(|(_, words)| words.hold(last))
        .map(|(clue, _)| *clue)
}

fn add_words(
    clues: &mut Clues,
    subject: &Subject<'_>,
    profile: &Profile,
    subjects: &HashMap<TableId, &[String]>,
) {
    let name = subject.name.subject.as_slice();
    clues.extend(noun(name).map(|clue| (clue, 1.0)));
    clues.push((Clue::TechnicalNoun, holds(words::TECHNICAL.hold_any(name))));
    let parents: Vec<&[String]> = profile
        .parents
        .iter()
        .filter_map(|parent| subjects.get(parent).copied())
        .filter(|parent| !parent.is_empty())
        .collect();
    clues.push((
        Clue::NamedAfterParents,
        holds(is_put_together(name, &parents)),
    ));
    let continues = parents
        .iter()
        .any(|parent| name.len() > parent.len() && name.starts_with(parent));
    clues.push((Clue::PartOfParent, holds(continues)));
}

/// Whether a name is nothing but the names of two tables, the second perhaps cut short.
fn is_put_together(name: &[String], parents: &[&[String]]) -> bool {
    let fused = name.concat();
    parents.iter().any(|first| {
        let head = first.concat();
        fused
            .strip_prefix(head.as_str())
            .filter(|rest| rest.len() >= SHORTENED_MIN)
            .is_some_and(|rest| {
                parents.iter().any(|second| {
                    let tail = second.concat();
                    second != first && (tail.starts_with(rest) || rest.starts_with(&tail))
                })
            })
    })
}

/// The shortest that the name of a table is cut to in the name of another.
const SHORTENED_MIN: usize = 3;

fn add_joins(clues: &mut Clues, profile: &Profile) {
    let (parents, children) = (profile.parents.len(), profile.children.len());
    let own = profile.own();
    clues.extend([
        (Clue::Contexts, many(profile.contexts)),
        (Clue::Children, many(children)),
        (Clue::Sink, holds(parents == 0 && children > 0)),
        (Clue::Source, holds(parents > 1 && children == 0)),
        (Clue::Alone, holds(parents == 0 && children == 0)),
        (
            Clue::ReferenceShare,
            share(profile.references, profile.business),
        ),
    ]);
    if profile.references > 1 && own < LITTLE {
        clues.push((Clue::LittleElse, 1.0 - share(own, LITTLE)));
        clues.push((Clue::Weighting, holds(profile.weightings > 0)));
    }
    clues.push((Clue::Pairs, holds(profile.pairs)));
    clues.extend(match profile.key {
        KeyShape::None => Some((Clue::NoKey, 1.0)),
        KeyShape::Own => Some((Clue::OwnKey, 1.0)),
        KeyShape::Shared => Some((Clue::SharedKey, 1.0)),
        KeyShape::References => Some((Clue::KeyOfReferences, 1.0)),
        KeyShape::DatedReferences => Some((Clue::KeyOfDatedReferences, 1.0)),
        KeyShape::Part => Some((Clue::KeyOfBoth, 1.0)),
        KeyShape::Several => None,
    });
}

fn add_columns(clues: &mut Clues, profile: &Profile) {
    let all = profile.roles.len();
    if profile.calendar {
        clues.push((Clue::CalendarParts, 1.0));
    } else {
        clues.push((Clue::Additive, many(profile.additive)));
        clues.push((Clue::Measures, many(profile.measures)));
    }
    clues.extend([
        (
            Clue::MeasureShare,
            share(profile.measures, profile.business),
        ),
        (Clue::Naming, holds(profile.namings > 0)),
        (Clue::Texts, many(profile.texts)),
        (Clue::Traits, many(profile.traits)),
        (Clue::Events, many(profile.events)),
        (Clue::Lifetimes, many(profile.lifetimes)),
        (Clue::Loading, share(profile.loading, all)),
    ]);
}

/// What the classes of its neighbours say of a table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Neighbours {
    /// How many of the tables that point at it are facts and dimensions, as far as known.
    pub(super) facts_below: f64,
    pub(super) dimensions_below: f64,
    /// How many facts it points at.
    pub(super) facts_above: f64,
    /// How likely what it plays a role of is a dimension.
    pub(super) role_of_dimension: f64,
}

impl Neighbours {
    /// The clues that neighbours give.
    pub(super) const GIVE: [Clue; 4] = [
        Clue::FactsPointHere,
        Clue::DimensionsPointHere,
        Clue::PointsAtFacts,
        Clue::RoleOfDimension,
    ];

    pub(super) fn clues(self) -> impl Iterator<Item = (Clue, f64)> {
        [
            (Clue::FactsPointHere, self.facts_below.ln_1p()),
            (Clue::DimensionsPointHere, self.dimensions_below.ln_1p()),
            (Clue::PointsAtFacts, self.facts_above.ln_1p()),
            (Clue::RoleOfDimension, self.role_of_dimension),
        ]
        .into_iter()
    }
}

/// Phrases of descriptions, folded, that say what a table is; the first that is met counts.
const PHRASES: &[(Clue, &[&str])] = &[
    (
        Clue::DescribedBridge,
        &[
            "bridge",
            "many-to-many",
            "many to many",
            "row-level security",
            "resolves the relation",
            "vazebni tabulka",
            "vazobna tabulka",
            "m:n",
        ],
    ),
    (
        Clue::DescribedTechnical,
        &[
            "log of",
            "load log",
            "staging",
            "etl run",
            "loading process",
            "backup of",
            "temporary table",
            "technical table",
            "zaloha",
            "technicka tabulka",
        ],
    ),
    (
        Clue::DescribedDimension,
        &[
            "dimension",
            "dimenze",
            "dimenzia",
            "code list",
            "lookup",
            "look-up",
            "master data",
            "ciselnik",
            "kmenova data",
            "calendar",
        ],
    ),
    (
        Clue::DescribedFact,
        &[
            "fact table",
            "faktova tabulka",
            "one row per",
            "one record per",
            "jeden radek na",
            "jeden riadok na",
            "snapshot",
            "measurements of",
        ],
    ),
];

fn described(catalog: &Catalog, table: TableId) -> Option<Clue> {
    let documentation = &catalog.table(table).documentation;
    let texts = [
        &documentation.description,
        &documentation.source_description,
        &documentation.czech_description,
    ];
    let said: Vec<String> = texts
        .into_iter()
        .flatten()
        .map(|text| text::fold(text))
        .collect();
    PHRASES
        .iter()
        .find(|(_, phrases)| {
            phrases
                .iter()
                .any(|phrase| said.iter().any(|text| text.contains(phrase)))
        })
        .map(|(clue, _)| *clue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_noun_of_a_name_says_what_kind_of_thing_it_holds() {
        for (words, clue) in [
            ("stor sal", Some(Clue::EventNoun)),
            ("inventory transaction typ", Some(Clue::CodeNoun)),
            ("customer", Some(Clue::MasterNoun)),
            ("segment zakaznika", Some(Clue::CodeNoun)),
            ("faktura polozka", Some(Clue::EventNoun)),
            ("user rol assignment", Some(Clue::LinkNoun)),
            ("sal 2023", Some(Clue::EventNoun)),
            ("xyz", None),
        ] {
            assert_eq!(noun(&name(words)), clue, "{words}");
        }
    }

    #[test]
    fn a_name_is_put_together_from_those_of_two_parents() {
        let parents = [name("customer"), name("customer demographic"), name("part")];
        let parents: Vec<&[String]> = parents.iter().map(Vec::as_slice).collect();
        assert!(is_put_together(&name("part customer"), &parents));
        assert!(is_put_together(&name("partcust"), &parents));
        assert!(!is_put_together(&name("customer"), &parents));
        assert!(!is_put_together(&name("customer address"), &parents));
    }
}
