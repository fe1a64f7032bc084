//! Why a table has its class, in words a person can check.

use super::Subject;
use super::clues::{Clue, Likely};
use super::convention::Named;
use super::profile::Profile;

/// What decided, in words: the convention, or else what the structure is like.
pub(super) fn reasons(
    named: Option<&Named>,
    profile: &Profile,
    clues: &[(Clue, f64)],
    class: Likely,
    counts: &str,
) -> String {
    let agrees = |named: &Named| Likely::named(named.class) == class;
    let lead = match named {
        Some(named) if agrees(named) && class == Likely::Technical => {
            format!("a technical table, {}", named.says)
        }
        Some(named) if agrees(named) => named.says.clone(),
        Some(named) => format!("{}, although {}", by_structure(profile, class), named.says),
        None => by_structure(profile, class).to_owned(),
    };
    let further = further(clues, class);
    [lead, counts.to_owned()]
        .into_iter()
        .chain(further.map(str::to_owned))
        .collect::<Vec<_>>()
        .join("; ")
}

fn by_structure(profile: &Profile, class: Likely) -> &'static str {
    match class {
        Likely::Fact if profile.measures > 0 && profile.parents.is_empty() => "measures",
        Likely::Fact if profile.measures > 0 => "measures that point at context",
        Likely::Fact => "events that point at context",
        Likely::Dimension if !profile.children.is_empty() => "other tables point at it",
        Likely::Dimension if profile.calendar => "a calendar",
        Likely::Dimension => "describes people, places or things",
        Likely::Bridge if profile.measures == 0 => "joins tables and measures nothing",
        Likely::Bridge => "joins tables and has little else",
        Likely::Technical => "a technical table by its words",
    }
}

/// What a clue says in words, where the counts do not say it.
fn in_words(clue: Clue) -> Option<&'static str> {
    Some(match clue {
        Clue::EventNoun => "its name is that of events",
        Clue::MasterNoun => "its name is that of people, places or things",
        Clue::CodeNoun => "its name is that of a list of codes",
        Clue::LinkNoun => "its name is that of a relation",
        Clue::NamedAfterParents => "its name is put together from two that it points at",
        Clue::PartOfParent => "its name continues one that it points at",
        Clue::DescribedFact
        | Clue::DescribedDimension
        | Clue::DescribedBridge
        | Clue::DescribedTechnical => "its description says so",
        Clue::Naming => "a column names its members",
        Clue::Traits => "columns say what its members are like",
        Clue::Events => "its rows are dated",
        Clue::KeyOfReferences => "its key is made of references",
        Clue::KeyOfDatedReferences => "its key is made of references and a date",
        Clue::Pairs => "its rows are pairs of rows of one table",
        _ => return None,
    })
}

/// The clue that speaks most for a class, of those that can be said in words.
fn further(clues: &[(Clue, f64)], class: Likely) -> Option<&'static str> {
    let gain = |clue: Clue, strength: f64| {
        let weights = Likely::ALL.into_iter().zip(clue.weights());
        let (own, others): (Vec<_>, Vec<_>) = weights.partition(|(known, _)| *known == class);
        let own: f64 = own.iter().map(|(_, weight)| weight).sum();
        let highest = others
            .iter()
            .map(|(_, weight)| *weight)
            .fold(f64::NEG_INFINITY, f64::max);
        (own - highest) * strength
    };
    clues
        .iter()
        .filter_map(|(clue, strength)| Some((in_words(*clue)?, gain(*clue, *strength))))
        .filter(|(_, gain)| *gain > 0.0)
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(words, _)| words)
}

/// How many measures, parents and children a table has, in words.
pub(super) fn counts(subject: &Subject<'_>, profile: &Profile) -> String {
    let number = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    if subject.table.columns.is_empty() {
        return "no columns are listed".to_owned();
    }
    format!(
        "{}, points at {}, {} at it",
        number(profile.measures, "numeric measure", "numeric measures"),
        number(profile.parents.len(), "table", "tables"),
        number(profile.children.len(), "table points", "tables point"),
    )
}
