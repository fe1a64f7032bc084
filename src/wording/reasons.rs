//! The tools give their reasons in English; here they are said in the reader's language.
//!
//! A reason is recognised by its template, in which `{}` stands for any text. A reason of
//! no known template stays as it is: better in English than lost.

use super::Language;
use super::phrases::{Phrase, fill};
use super::templates::TEMPLATES;

/// How deep texts inside texts are translated.
const DEPTH_MAX: usize = 4;
/// What stands between texts of a list.
const BETWEEN: &str = "; ";

/// A tool's reason in a language.
pub(crate) fn translated(language: Language, reason: &str) -> String {
    match language {
        Language::English => reason.to_owned(),
        Language::Czech | Language::Slovak => slavic_marks(&inner(language, reason, DEPTH_MAX)),
    }
}

/// Quotes and decimals as Czech and Slovak write them; what stands in quotes stays.
fn slavic_marks(said: &str) -> String {
    let mut marked = String::new();
    let mut open = false;
    let mut rest = said.chars().peekable();
    while let Some(c) = rest.next() {
        let between_digits = marked.ends_with(|c: char| c.is_ascii_digit())
            && rest.peek().is_some_and(char::is_ascii_digit);
        marked.push(match c {
            '"' => {
                open = !open;
                if open { '„' } else { '“' }
            }
            '.' if !open && between_digits => ',',
            other => other,
        });
    }
    marked
}

fn inner(language: Language, reason: &str, depth: usize) -> String {
    if depth == 0 {
        return reason.to_owned();
    }
    for (template, czech, slovak) in TEMPLATES {
        let Some(holes) = holes(template, reason) else {
            continue;
        };
        let holes: Vec<String> = holes
            .into_iter()
            .map(|hole| {
                // What stands in quotes are people's words, not the tools'.
                if hole.contains('"') || !hole.contains(' ') {
                    hole.to_owned()
                } else {
                    listed(language, hole, depth - 1)
                }
            })
            .collect();
        let filling: Vec<&str> = holes.iter().map(String::as_str).collect();
        let said = if language == Language::Czech {
            czech
        } else {
            slovak
        };
        return fill(said, &filling);
    }
    reason.to_owned()
}

/// Texts that stand one after the other, each translated. One that itself holds the mark
/// between them is tried before its halves; no template holds it twice.
fn listed(language: Language, texts: &str, depth: usize) -> String {
    let parts: Vec<&str> = texts.split(BETWEEN).collect();
    let mut said: Vec<String> = Vec::new();
    let mut rest = parts.as_slice();
    while let [first, others @ ..] = rest {
        let pair = others.split_first().and_then(|(second, after)| {
            let pair = [*first, *second].join(BETWEEN);
            let is_one = TEMPLATES.iter().any(|(template, ..)| {
                template.contains(BETWEEN) && holes(template, &pair).is_some()
            });
            is_one.then_some((pair, after))
        });
        let (text, after) = pair.unwrap_or_else(|| ((*first).to_owned(), others));
        said.push(inner(language, &text, depth));
        rest = after;
    }
    said.join(BETWEEN)
}

/// The reasons for a table's class, which stand one after the other.
pub(crate) fn rationale(language: Language, stated: &str) -> String {
    let parts: Vec<String> = stated
        .split("; ")
        .map(|part| translated(language, part))
        .collect();
    parts.join("; ")
}

/// The sentence of the request in the reason why a table is left out.
pub(crate) fn sentence_of(reason: &str) -> &str {
    let quoted = reason.strip_prefix("out of scope: ").unwrap_or(reason);
    let inside = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or(quoted)
}

/// What stands in the holes of a template, where the text is made from it.
fn holes<'t>(template: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = template.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = if parts.peek().is_none() {
            rest.strip_suffix(part)?.len()
        } else {
            rest.find(part)?
        };
        found.push(rest.get(..end)?);
        rest = rest.get(end + part.len()..)?;
    }
    (rest.is_empty() && found.iter().all(|hole| !hole.is_empty())).then_some(found)
}

/// The lead of a grain, in the languages that descriptions state it in.
const GRAIN_LEADS: &[&str] = &["one row per ", "one record per "];
const ROW_PER: Phrase = Phrase(
    "jeden řádek na „{0}“",
    "jeden riadok na „{0}“",
    "one row per {0}",
);

/// What one row stands for; the catalog's own words are quoted.
pub(crate) fn grain(language: Language, stated: &str) -> String {
    GRAIN_LEADS
        .iter()
        .find_map(|lead| stated.strip_prefix(lead))
        .map_or_else(|| stated.to_owned(), |what| ROW_PER.say(language, &[what]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_for_classes_are_said_in_czech_and_slovak() {
        for (stated, czech, slovak) in [
            (
                "other tables point at it, although name starts with \"fact\"; a column names its members",
                "odkazují na ni jiné tabulky, ačkoli název začíná na „fact“; sloupec pojmenovává její členy",
                "odkazujú na ňu iné tabuľky, hoci sa názov začína na „fact“; stĺpec pomenúva jej členov",
            ),
            (
                "a technical table, its schema is called \"staging\"; its rows are dated",
                "technická tabulka, její schéma se jmenuje „staging“; její řádky nesou datum",
                "technická tabuľka, jej schéma sa volá „staging“; jej riadky nesú dátum",
            ),
            (
                "a copy of sales: its name and columns",
                "kopie sales podle názvu a sloupců",
                "kópia sales podľa názvu a stĺpcov",
            ),
            (
                "events that point at context; its key is made of references and a date",
                "události s odkazy na kontext; její klíč se skládá z odkazů a data",
                "udalosti s odkazmi na kontext; jej kľúč sa skladá z odkazov a dátumu",
            ),
        ] {
            assert_eq!(rationale(Language::Czech, stated), czech);
            assert_eq!(rationale(Language::Slovak, stated), slovak);
        }
    }

    #[test]
    fn every_way_that_metrics_are_computed_in_is_said_in_czech_and_slovak() {
        for said in crate::pipeline::mapping::computations() {
            for language in [Language::Czech, Language::Slovak] {
                assert_ne!(translated(language, said), said, "{language:?}");
            }
        }
    }

    #[test]
    fn reasons_are_said_in_the_language_and_quotes_left_alone() {
        for (reason, czech) in [
            (
                "\"dodavatel\" (supplier) is in the table's name",
                "„dodavatel“ (supplier) je v názvu tabulky",
            ),
            (
                "1 numeric measure, points at 8 tables, 0 tables point at it",
                "číselné míry: 1, odkazuje na tabulky: 8, na ni odkazuje: 0",
            ),
            (
                "Name an owner (other tables in scope).",
                "Určete vlastníka.",
            ),
            ("something new", "something new"),
        ] {
            assert_eq!(translated(Language::Czech, reason), czech);
        }
        assert_eq!(
            translated(Language::English, "type LONG fits"),
            "type LONG fits"
        );
    }

    #[test]
    fn every_one_of_several_reasons_is_said_in_the_language() {
        let missing = "requested entities that no table in scope holds";
        let twins = "tables whose name stands in several schemas; say which one is meant";
        let orphans = "facts that join no dimension in scope";
        for (stated, slovak) in [
            (
                format!("in the way of the request stand {missing}; {orphans}"),
                "požiadavke stojí v ceste: požadované entity, ktoré nemá žiadna tabuľka v rozsahu; \
                 fakty bez väzby na dimenziu v rozsahu",
            ),
            (
                format!("in the way of the request stand {twins}; {orphans}; {twins}"),
                "požiadavke stojí v ceste: tabuľky, ktorých názov je vo viacerých schémach; treba \
                 povedať, ktorá sa myslí; fakty bez väzby na dimenziu v rozsahu; tabuľky, ktorých \
                 názov je vo viacerých schémach; treba povedať, ktorá sa myslí",
            ),
        ] {
            assert_eq!(translated(Language::Slovak, &stated), slovak);
        }
        for (template, ..) in TEMPLATES {
            assert!(template.matches(BETWEEN).count() <= 1, "{template}");
        }
    }
}
