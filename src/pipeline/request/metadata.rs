//! The head of a request: who asks for what, and when.

use std::collections::BTreeMap;

use super::outline::Fact;
use super::prose::{bare_name, value};
use super::sections::{MAX_TEXT, cut};
use super::text::Text;
use super::vocabulary::{Field, is_listed, normal};
use super::warnings::Warnings;
use super::{ProjectMetadata, UNKNOWN, dates};

/// Keys of the head beside the known ones.
const MAX_EXTRA: usize = 50;

/// Words that say what a document is and not what it is about, folded.
const GENERIC: &str = "a, analytics, brd, brief, business, charter, data, datamart, dataset, datova, datove, \
    datoveho, datovy, document, dokument, for, form, formular, na, novy, new, o, of, pozadavek, \
    pozadavku, poziadavka, poziadavky, project, projekt, projektova, projektu, reporting, \
    request, requirement, requirements, sablona, specification, specifikace, specifikacia, \
    template, the, zadani, zadanie, zadost, ziadost";

/// The head, from its title and its facts.
pub(super) fn metadata(
    title: Option<&Text>,
    facts: Vec<Fact>,
    warnings: &mut Warnings,
) -> ProjectMetadata {
    let mut head = Head::default();
    for fact in facts {
        head.add(fact, warnings);
    }
    let [name, sponsor, date] = head.fields.map(|slot| slot.map(|slot| slot.value));
    let unknown = || UNKNOWN.to_owned();
    let name = name.or_else(|| title.and_then(|title| project_name(&title.plain)));
    ProjectMetadata {
        project_name: name.map_or_else(unknown, |name| cut(name, MAX_TEXT, warnings)),
        sponsor: sponsor.map_or_else(unknown, |sponsor| cut(sponsor, MAX_TEXT, warnings)),
        submitted_at: date.unwrap_or_else(unknown),
        extra: head.extra,
    }
}

/// A field with its value so far, and how strong a name for it stood there.
struct Slot {
    value: String,
    order: usize,
    key: String,
    raw: String,
}

#[derive(Default)]
struct Head {
    /// Project name, sponsor, date.
    fields: [Option<Slot>; 3],
    extra: BTreeMap<String, String>,
}

impl Head {
    fn add(&mut self, fact: Fact, warnings: &mut Warnings) {
        let Some(raw) = value(&fact.value.plain) else {
            return;
        };
        let Some((field, order)) = fact.field else {
            return self.add_extra(fact.key, raw, warnings);
        };
        let read = match field {
            Field::SubmittedAt => dates::iso(&raw),
            Field::ProjectName | Field::Sponsor => {
                Some(raw.trim_end_matches([';', ',']).to_owned())
            }
        };
        let Some(value) = read else {
            warnings.add("The date of the request is not one the calendar has; it stands in `extra` as written.");
            return self.add_extra(fact.key, raw, warnings);
        };
        let [name, sponsor, date] = &mut self.fields;
        let slot = match field {
            Field::ProjectName => name,
            Field::Sponsor => sponsor,
            Field::SubmittedAt => date,
        };
        let new = Slot {
            value,
            order,
            key: fact.key,
            raw,
        };
        let weaker = match slot {
            Some(old) if old.order <= new.order => Some(new),
            _ => slot.replace(new),
        };
        // What a stronger name for the same field displaced is not lost, unless it says the same.
        let kept = slot.as_ref().map(|slot| slot.value.clone());
        if let Some(weaker) = weaker.filter(|weaker| Some(&weaker.value) != kept.as_ref()) {
            self.add_extra(weaker.key, weaker.raw, warnings);
        }
    }

    fn add_extra(&mut self, key: String, value: String, warnings: &mut Warnings) {
        if let Some(known) = self.extra.get_mut(&key) {
            if *known != value && known.len() + value.len() < MAX_TEXT {
                known.push_str("; ");
                known.push_str(&value);
            }
        } else if self.extra.len() < MAX_EXTRA {
            self.extra.insert(key, cut(value, MAX_TEXT, warnings));
        } else {
            warnings.add(format!(
                "The other keys of the head were cut to the first {MAX_EXTRA}."
            ));
        }
    }
}

/// The name of the project in a title, without the "Business Request:" before it; `None` where that is all.
fn project_name(title: &str) -> Option<String> {
    let mut name = title.trim();
    while let Some((lead, rest)) = divided(name) {
        if !is_generic(lead) {
            break;
        }
        name = rest;
    }
    let name =
        bare_name(name.trim_start_matches(|c: char| !c.is_alphanumeric() && !"„\"'(".contains(c)));
    value(&name).filter(|name| !is_generic(name))
}

/// What stands before and behind the first mark in a title.
fn divided(title: &str) -> Option<(&str, &str)> {
    let marks = [": ", " – ", " — ", " - ", " | ", "– ", "— "];
    let at = marks
        .iter()
        .filter_map(|mark| title.find(mark).map(|at| (at, mark.len())))
        .min()?;
    Some((title.get(..at.0)?, title.get(at.0 + at.1..)?))
}

fn is_generic(title: &str) -> bool {
    normal(title)
        .split(' ')
        .all(|word| is_listed(word, GENERIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_stripped_to_the_name_of_the_project() {
        for (title, name) in [
            ("Test", Some("Test")),
            (
                "Business Request: Supplier Scorecard",
                Some("Supplier Scorecard"),
            ),
            (
                "Žádost o datový projekt: Nákupní datamart",
                Some("Nákupní datamart"),
            ),
            ("Požiadavka: Prehľad dodávok", Some("Prehľad dodávok")),
            ("Projekt – Nákup 2025", Some("Nákup 2025")),
            ("Business Request – Projekt: Nákup", Some("Nákup")),
            ("📊 Projekt Nákup: fáze 2", Some("Projekt Nákup: fáze 2")),
            ("Nákup – přehled", Some("Nákup – přehled")),
            ("Business Request", None),
            ("Žádost o datový projekt", None),
            ("Projekt:", None),
        ] {
            assert_eq!(project_name(title).as_deref(), name, "{title}");
        }
    }

    fn fact(key: &str, field: Option<(Field, usize)>, value: &str) -> Fact {
        Fact {
            key: key.to_owned(),
            field,
            value: Text::plain(value),
        }
    }

    #[test]
    fn the_stronger_name_for_a_field_wins_and_the_other_is_kept() {
        let mut warnings = Warnings::default();
        let facts = vec![
            fact("Zadavatel", Some((Field::Sponsor, 7)), "IT"),
            fact("Sponzor", Some((Field::Sponsor, 0)), "Jan Novák"),
            fact("Datum", Some((Field::SubmittedAt, 100)), "31. 2. 2025"),
            fact("Priorita", None, "vysoká"),
            fact("Priorita", None, "P1"),
            fact("Název", Some((Field::ProjectName, 102)), "TBD"),
        ];
        let extra = [
            ("Datum", "31. 2. 2025"),
            ("Priorita", "vysoká; P1"),
            ("Zadavatel", "IT"),
        ];
        assert_eq!(
            metadata(Some(&Text::plain("Projekt: Nákup")), facts, &mut warnings),
            ProjectMetadata {
                project_name: "Nákup".to_owned(),
                sponsor: "Jan Novák".to_owned(),
                submitted_at: UNKNOWN.to_owned(),
                extra: extra
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
            }
        );
        assert_eq!(
            warnings.into_vec(),
            [
                "The date of the request is not one the calendar has; it stands in `extra` as written."
            ]
        );
    }

    #[test]
    fn extra_keys_are_bounded() {
        let mut warnings = Warnings::default();
        let facts = (0..1_000)
            .map(|i| fact(&format!("K{i}"), None, "v"))
            .collect();
        assert_eq!(metadata(None, facts, &mut warnings).extra.len(), MAX_EXTRA);
        assert_eq!(
            warnings.into_vec(),
            ["The other keys of the head were cut to the first 50."]
        );
    }
}
