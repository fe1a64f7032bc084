//! Running text taken apart: sentences, enumerations, a name and what is said of it.

use std::ops::Range;

use super::sections::MAX_ITEMS;
use super::text::Text;
use super::vocabulary::{is_listed, is_missing, word_ranges};
use crate::text::fold;

/// Words of one part of an enumeration; with more it is a sentence that happens to hold commas.
const MAX_PART_WORDS: usize = 4;
/// The same where a conjunction is all that joins the parts, "nákup a prodej", or a full stop ends them.
const MAX_PAIR_WORDS: usize = 3;

/// Words among which the verb stands that leads in an enumeration.
const MAX_LEAD_WORDS: usize = 6;

/// Words that join the last two parts, folded.
const CONJUNCTIONS: &str = "and, &, +, i, aj, a";
const ENGLISH: &str = "and, &, +";
/// Words at the head of a part that are no part of it, folded.
const CONNECTORS: &str = "a, and, i, aj, take, taky, tiez, also, dale, dalej, pripadne, plus";
/// Parts that only say that there are more.
const ETCETERA: &str = "atd, apod, a podobne, podobne, etc, dalsi, others, more";

/// Verbs that lead in an enumeration: "zajímají nás …", "we need …". Folded.
const LEADS: &str = "analyse, analyze, analyzovat, budeme, chceme, chci, chcem, come, comes, compare, compares, cover, covers, \
    include, includes, monitor, need, needs, obsahovat, obsahuje, obsahuji, porovnat, potrebovali, potreboval, \
    potrebujeme, potrebujem, potrebuji, pracovat, reportovat, sledovat, sledujeme, track, tracks, vyhodnocovat, \
    vyhodnotit, vychazi, vychadza, want, zahrnout, zahrnuje, zahrnut, zahrna, zajima, zajimaji, zaujima, zaujimaju";
/// Words that begin what is said of a name rather than the name: "za poslední rok", "by month". Folded.
const TAILS: &str = "za, od, do, v, ve, podle, podla, dle, by, per, in, since, over, during, until, with, from, \
    within, at, kde, where, ktere, ktery, ktera, ktore, ktory, ktora, which, that, aby, so";
/// Words that begin a clause, so that its sentence enumerates nothing. Folded.
const CLAUSES: &str = "kdo, co, kdy, jak, kolik, zda, jestli, ze, aby, protoze, ale, kto, kedy, ako, kolko, ci, lebo, \
    who, what, when, how, whether, because, but";
/// What may stand between such a verb and the first part. Folded.
const FILLERS: &str = "a, about, ako, all, an, by, bychom, byste, cely, dashboard, dashboardu, dat, data, for, \
    from, hlavne, ho, jako, jeden, jeho, k, know, me, my, na, nad, nam, namely, nas, nase, new, \
    nove, novy, o, od, of, ohledne, on, one, our, overview, podla, podle, pre, predevsim, \
    predovsetkym, prehlad, prehled, prehledy, pro, radi, report, reports, reportu, reporty, s, \
    sa, se, si, sme, so, table, tables, tabulka, tabulku, tabulky, the, these, tieto, to, tyto, \
    udaje, us, v, ve, view, vsechny, vsetky, we, z, ze, zejmena, zo";
/// Words after which a full stop ends nothing. Folded.
const ABBREVIATIONS: &str = "napr, tj, tzn, tzv, mj, resp, popr, prip, vc, cca, min, max, atd, c, cl, str, odst, ing, mgr, \
    dr, vs, eg, e, g, ie, approx, no, mr, mrs, ms, sv, mil, mld, tis";

/// The sentences of a text, without the marks that end them.
pub(super) fn sentences(text: &Text) -> Vec<Text> {
    let plain = &text.plain;
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, c) in text.top_level() {
        let ends = match c {
            '\n' => true,
            '.' | '!' | '?' => ends_sentence(
                plain.get(from..at).unwrap_or_default(),
                plain.get(at + 1..).unwrap_or_default(),
            ),
            _ => false,
        };
        if ends {
            sentences.push(unpunctuated(text, from..at));
            from = at + c.len_utf8();
        }
    }
    sentences.push(unpunctuated(text, from..plain.len()));
    sentences.retain(|sentence| !sentence.is_blank());
    sentences
}

/// Whether a full stop between the two ends a sentence: "např. X", "28. 10." and "v2.1" go on.
fn ends_sentence(before: &str, after: &str) -> bool {
    let Some(next) = after.strip_prefix(' ') else {
        return after.is_empty();
    };
    let word = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let ordinal = word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    let goes_on = ordinal && !before.trim_end_matches(word).ends_with('.')
        || word.chars().nth(1).is_none() && !ordinal
        || word.len() < 10 && is_listed(&fold(word), ABBREVIATIONS);
    !goes_on && !next.starts_with(char::is_lowercase)
}

/// A part of a text without the full stop or semicolon at its end.
fn unpunctuated(text: &Text, range: Range<usize>) -> Text {
    let part = text.slice(range);
    let end = part.plain.trim_end_matches(['.', ';', ',', ' ']).len();
    part.slice(0..end)
}

/// The parts of "A, B; C a D", split outside brackets and code.
///
/// `english` tells whether `a` is the article rather than the Czech and Slovak *and*.
pub(super) fn parts(text: &Text, english: bool) -> Vec<Text> {
    let conjunctions = if english { ENGLISH } else { CONJUNCTIONS };
    let bytes = text.plain.as_bytes();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, c) in text.top_level() {
        if at < from {
            continue;
        }
        let next = match c {
            ';' | '\n' => at + 1,
            // The comma of 2,5 separates nothing.
            ',' if !(digit(bytes, at.wrapping_sub(1)) && digit(bytes, at + 1)) => at + 1,
            ' ' => {
                let rest = text.plain.get(at + 1..).unwrap_or_default();
                let Some((word, _)) = rest.split_once(' ') else {
                    continue;
                };
                if word.len() > 3 || !is_listed(&fold(word), conjunctions) {
                    continue;
                }
                at + 1 + word.len()
            }
            _ => continue,
        };
        parts.push(text.slice(from..at));
        from = next;
    }
    parts.push(text.slice(from..text.plain.len()));
    parts
        .into_iter()
        .map(|part| without_connectors(&part, english))
        .filter(|part| !part.is_blank())
        .collect()
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// A part without the "and also" before it, the full stop behind it; blank where it only says "etc.".
fn without_connectors(part: &Text, english: bool) -> Text {
    let part = unpunctuated(part, 0..part.plain.len());
    if part.plain.len() <= 20 && is_listed(fold(&part.plain).trim_end_matches('.'), ETCETERA) {
        return Text::default();
    }
    let mut from = 0;
    while let Some((word, _)) = part.plain.get(from..).and_then(|rest| rest.split_once(' ')) {
        if word.len() > 10 || english && word == "a" || !is_listed(&fold(word), CONNECTORS) {
            break;
        }
        from += word.len() + 1;
    }
    let last = part.plain.rsplit(' ').next().unwrap_or_default();
    let etcetera = last.len() <= 5 && is_listed(&fold(last), ETCETERA);
    let end = part.plain.len() - if etcetera { last.len() } else { 0 };
    part.slice(from..end)
}

/// The parts of a text that is an enumeration and nothing else, at least two of them.
pub(super) fn enumeration(text: &Text, english: bool) -> Option<Vec<Text>> {
    let sentence = text.plain.ends_with('.');
    let text = unpunctuated(text, 0..text.plain.len());
    if separator(&text, false).is_some() {
        return None;
    }
    let parts = parts(&text, english);
    let joined = text.top_level().any(|(_, c)| matches!(c, ',' | ';' | '\n'));
    let most = if joined && !sentence {
        MAX_PART_WORDS
    } else {
        MAX_PAIR_WORDS
    };
    let short = |part: &Text| {
        let mut within = false;
        let words = part.top_level().filter(|(_, c)| {
            let before = std::mem::replace(&mut within, c.is_alphanumeric());
            within && !before
        });
        words.take(most + 1).count() <= most
    };
    (parts.len() > 1 && parts.iter().all(short)).then_some(parts)
}

/// Prepositions behind which a name stands rather than an action. Folded.
const PREPOSITIONS: &str = "about, by, for, from, k, na, nad, o, od, of, ohledne, on, podla, podle, pre, pro, s, so, z, ze, zo";

/// What a sentence enumerates behind its verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Led {
    pub(super) names: Vec<Text>,
    /// The folded word before the first name.
    behind: String,
}

impl Led {
    /// Whether things are named, and not "snížit náklady a zrychlit reporting" or "to reduce costs".
    pub(super) fn names_things(&self) -> bool {
        let action = |name: &Text| {
            let word = fold(name.plain.split(' ').next().unwrap_or_default());
            word.len() > 3
                && ["it", "at", "et", "ut"]
                    .iter()
                    .any(|ending| word.ends_with(ending))
        };
        let about = is_listed(&self.behind, PREPOSITIONS);
        self.behind != "to" && (about || self.names.len() > 1) && !self.names.iter().any(action)
    }
}

/// The parts of a sentence like "Zajímají nás především dodavatelé a materiály"; `None` where no verb leads in.
pub(super) fn led_enumeration(sentence: &Text, english: bool) -> Option<Led> {
    let parts = parts(sentence, english);
    let (first, others) = parts.split_first()?;
    let words: Vec<(String, usize)> = word_ranges(&first.plain)
        .filter_map(|range| Some((fold(first.plain.get(range.clone())?), range.end)))
        .collect();
    let leads = |word: &str| is_listed(word, LEADS);
    // The verb stands at the head of the sentence; the names begin behind what follows it.
    let (verb, _) = words
        .iter()
        .enumerate()
        .take(MAX_LEAD_WORDS)
        .find(|(_, (word, _))| leads(word))?;
    let tail = |word: &str| is_listed(word, TAILS);
    let led = words
        .iter()
        .skip(verb)
        .take_while(|(word, _)| !tail(word) || is_listed(word, FILLERS));
    let last = led
        .filter(|(word, _)| leads(word) || is_listed(word, FILLERS))
        .last()?;
    let first = first.slice(last.1..first.plain.len());
    let names: Vec<Text> = std::iter::once(&first)
        .chain(others.iter().take(MAX_ITEMS))
        .map(without_tail)
        .collect();
    let short = |part: &Text| word_ranges(&part.plain).nth(MAX_PART_WORDS).is_none();
    let clause = |part: &Text| {
        let word = part.plain.split(' ').next().unwrap_or_default();
        word.len() < 12 && is_listed(&fold(word), CLAUSES)
    };
    let sane = names
        .iter()
        .all(|name| !name.is_blank() && short(name) && !clause(name));
    sane.then(|| Led {
        names,
        behind: last.0.clone(),
    })
}

/// "Dodací termíny za poslední rok" without what begins at "za".
fn without_tail(part: &Text) -> Text {
    let tail = |range: &Range<usize>| {
        let word = part.plain.get(range.clone()).unwrap_or_default();
        word.len() < 12 && is_listed(&fold(word), TAILS)
    };
    let end = word_ranges(&part.plain)
        .skip(1)
        .find(tail)
        .map_or(part.plain.len(), |range| range.start);
    part.slice(0..end)
}

/// Where the first mark stands that divides a name from what is said of it: `–`, `: `, ` - `, with `equals` also `=`.
pub(super) fn separator(text: &Text, equals: bool) -> Option<Range<usize>> {
    separator_from(text, 1, equals)
}

/// The same, from some place in the text on.
pub(super) fn separator_from(text: &Text, from: usize, equals: bool) -> Option<Range<usize>> {
    let plain = &text.plain;
    text.top_level()
        .skip_while(|(at, _)| *at < from)
        .find_map(|(at, c)| {
            let end = at + c.len_utf8();
            let before = plain.get(..at).unwrap_or_default();
            let after = plain.get(end..).unwrap_or_default();
            let apart = |text: &str| text.is_empty() || text.starts_with([' ', '\n']);
            let spaced = u8::from(before.ends_with([' ', '\n'])) + u8::from(apart(after));
            let divides = match c {
                ':' => apart(after),
                '–' | '—' => spaced > 0 && !(ends_in_digit(before) && starts_with_digit(after)),
                '→' => true,
                '-' => {
                    spaced == 2 && !(ends_in_digit(before) && starts_with_digit(after))
                        || after.starts_with("- ")
                }
                '=' => equals && !before.ends_with(['<', '>', '!', '=']),
                _ => false,
            };
            let doubled =
                c == '-' && after.starts_with('-') || c == '=' && after.starts_with(['=', '>']);
            divides.then_some(at..end + usize::from(doubled))
        })
}

fn ends_in_digit(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| c.is_ascii_digit())
}

fn starts_with_digit(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

/// Whether each line of a paragraph stands for itself: all are short, and none goes on in lower case.
pub(super) fn is_list_of_lines(lines: &[Text]) -> bool {
    let own = |line: &Text| {
        let end_open = line.plain.ends_with(',') || line.plain.ends_with('-');
        line.plain.len() <= 80 && !line.plain.starts_with(char::is_lowercase) && !end_open
    };
    lines.len() > 1 && lines.iter().all(own)
}

/// Lines joined to one text.
pub(super) fn joined(lines: &[Text]) -> Text {
    let mut joined = Text::default();
    for line in lines {
        joined.append(line);
    }
    joined.trimmed()
}

/// A name without the punctuation and the left-over marks around it.
pub(super) fn bare_name(name: &str) -> String {
    let around = |c: char| c.is_whitespace() || "*_`~\"'„“”‚‘’,;:–—-/|".contains(c);
    name.trim_matches(around)
        .trim_end_matches(['.', '!', '?'])
        .trim_end_matches(around)
        .to_owned()
}

/// A text as a value: `None` where it says that there is none.
pub(super) fn value(text: &str) -> Option<String> {
    let value = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!is_missing(&value)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(texts: Vec<Text>) -> Vec<String> {
        texts.into_iter().map(|text| text.plain).collect()
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        assert_eq!(
            plain(sentences(&Text::plain(
                "Data z r. 2025, např. SAP. Nic víc! Do 28. 10. 2025 (viz. Pozn.) v1.2. Konec."
            ))),
            [
                "Data z r. 2025, např. SAP",
                "Nic víc",
                "Do 28. 10. 2025 (viz. Pozn.) v1.2",
                "Konec"
            ]
        );
    }

    #[test]
    fn every_separator_divides_an_enumeration() {
        let three = ["Suppliers", "Materials", "Orders"];
        for text in [
            "Suppliers, Materials and Orders",
            "Suppliers; Materials; Orders.",
            "Suppliers, Materials, and Orders",
            "Suppliers & Materials & Orders",
            "Suppliers, Materials, Orders, etc.",
            "Suppliers\nMaterials\nOrders",
        ] {
            assert_eq!(
                enumeration(&Text::plain(text), true).map(plain),
                Some(three.map(str::to_owned).to_vec()),
                "{text}"
            );
        }
        for text in [
            "Objednávky, faktury a také platby",
            "objednávky i faktury, platby atd.",
            "objednávky a faktury; platby",
        ] {
            let parts = enumeration(&Text::plain(text), false)
                .map(plain)
                .expect("an enumeration");
            assert_eq!(
                parts.join("|").to_lowercase(),
                "objednávky|faktury|platby",
                "{text}"
            );
        }
    }

    #[test]
    fn sentences_numbers_and_brackets_are_no_enumerations() {
        for text in [
            "Dodavatelé",
            "Dodavatelé – kmenová data, hodnocení",
            "Objem 2,5 mil. Kč",
            "Dodavatelé (hlavní, vedlejší)",
            "Osobní údaje nesmí opustit Evropskou unii, a to ani anonymizovaně a souhrnně",
        ] {
            assert_eq!(enumeration(&Text::plain(text), false), None, "{text}");
        }
        assert_eq!(enumeration(&Text::plain("Rate of a supplier"), true), None);
    }

    #[test]
    fn a_verb_may_lead_in_an_enumeration() {
        let led = |text| led_enumeration(&Text::plain(text), false).map(|led| plain(led.names));
        let names = |names: &[&str]| {
            Some(
                names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            led("Zajímají nás především dodavatelé, materiály a objednávky"),
            names(&["dodavatelé", "materiály", "objednávky"])
        );
        assert_eq!(
            led("We need data about suppliers and orders"),
            names(&["suppliers", "orders"])
        );
        assert_eq!(led("Sledujeme OTIF"), names(&["OTIF"]));
        assert_eq!(
            led("Zajímají nás objednávky a dodací termíny za poslední 2 roky"),
            names(&["objednávky", "dodací termíny"])
        );
        assert_eq!(led("Chceme zjistit, kdo dodává pozdě"), None);
        assert_eq!(led("Počet objednávek na dodavatele, podíl reklamací"), None);
    }

    #[test]
    fn actions_are_told_from_things() {
        let things =
            |text| led_enumeration(&Text::plain(text), true).is_some_and(|led| led.names_things());
        for text in [
            "We need orders and suppliers",
            "Potřebuji tabulku s objednávkami",
            "Chceme report nad nákupem",
        ] {
            assert!(things(text), "{text}");
        }
        for text in [
            "Chceme snížit náklady, zrychlit reporting",
            "We want to reduce costs and delays",
            "Chceme lepší report",
        ] {
            assert!(!things(text), "{text}");
        }
    }

    #[test]
    fn a_mark_divides_name_and_description() {
        let split = |text: &str| {
            separator(&Text::plain(text), true).map(|at| text[at.end..].trim().to_owned())
        };
        for text in [
            "A – b",
            "A — b",
            "A - b",
            "A: b",
            "A -- b",
            "A = b",
            "A => b",
            "A → b",
            "A– b",
            "A (x: y): b",
        ] {
            assert_eq!(split(text).as_deref(), Some("b"), "{text}");
        }
        for text in ["A-b", "2023 – 2025", "10:30", "(x: y)", "A >= b"] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
