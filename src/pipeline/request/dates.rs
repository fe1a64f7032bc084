//! Dates as people write them, to ISO 8601.

use jiff::civil::Date;

use crate::text::fold;

/// A date stands at the beginning of its value, if anywhere.
const MAX_VALUE: usize = 200;
/// No date is longer than `28th of September, 2025`, blanks and all.
const MAX_DATE: usize = 40;

/// Names and abbreviations of the months, folded; Czech, Slovak, English.
const MONTHS: [&[&str]; 12] = [
    &[
        "ledna", "leden", "led", "januara", "januar", "january", "jan",
    ],
    &[
        "unora", "unor", "uno", "februara", "februar", "february", "feb",
    ],
    &["brezna", "brezen", "bre", "marca", "marec", "march", "mar"],
    &["dubna", "duben", "dub", "aprila", "april", "apr"],
    &["kvetna", "kveten", "kve", "maja", "maj", "may"],
    &["cervna", "cerven", "cvn", "juna", "jun", "june"],
    &["cervence", "cervenec", "cvc", "jula", "jul", "july"],
    &["srpna", "srpen", "srp", "augusta", "august", "aug"],
    &["zari", "zar", "septembra", "september", "sept", "sep"],
    &[
        "rijna", "rijen", "rij", "oktobra", "oktober", "okt", "october", "oct",
    ],
    &[
        "listopadu",
        "listopad",
        "lis",
        "novembra",
        "november",
        "nov",
    ],
    &["prosince", "prosinec", "pro", "decembra", "december", "dec"],
];

#[derive(Debug, Clone, Copy)]
enum Part {
    Number { value: i16, digits: usize },
    Month(i16),
    Word,
}

/// A part of a value, and what stands between it and the part before.
#[derive(Debug, Clone, Copy)]
struct Atom<'a> {
    gap: &'a str,
    part: Part,
}

/// The first date in a value that the calendar knows, as `2025-10-28`.
///
/// `05/06/2025` is the fifth of June, as everywhere in Europe; the month comes first only where the second number
/// cannot be one.
pub(super) fn iso(value: &str) -> Option<String> {
    let atoms = atoms(value);
    atoms.windows(3).find_map(|window| {
        let [first, second, third] = window else {
            return None;
        };
        let (year, month, day) = shape(*first, *second, *third)?;
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        Some(date.to_string())
    })
}

/// Whether a text begins with what is meant as a date, and not with the number of a list item.
pub(super) fn starts_with_date(text: &str) -> bool {
    let head = text
        .char_indices()
        .nth(MAX_DATE)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text);
    match atoms(head).get(..3) {
        Some([first, second, third]) => {
            first.gap.is_empty() && shape(*first, *second, *third).is_some()
        }
        _ => false,
    }
}

/// Year, month and day, whether or not there is such a day.
fn shape(first: Atom, second: Atom, third: Atom) -> Option<(i16, i16, i16)> {
    let near = |atom: Atom| atom.gap.len() <= 4 && atom.gap.chars().all(|c| " .,/-–".contains(c));
    if !near(second) || !near(third) {
        return None;
    }
    match (first.part, second.part, third.part) {
        (
            Part::Number {
                value: year,
                digits: 4,
            },
            Part::Number { value: month, .. },
            Part::Number { value: day, .. },
        )
        | (
            Part::Number { value: day, .. },
            Part::Month(month),
            Part::Number {
                value: year,
                digits: 4,
            },
        )
        | (
            Part::Month(month),
            Part::Number { value: day, .. },
            Part::Number {
                value: year,
                digits: 4,
            },
        ) => Some((year, month, day)),
        (
            Part::Number { value: day, .. },
            Part::Number { value: month, .. },
            Part::Number {
                value: year,
                digits,
            },
        ) => {
            let year = match digits {
                4 => year,
                2 if second.gap == third.gap && [".", ". ", "/"].contains(&second.gap) => {
                    2000 + year
                }
                _ => return None,
            };
            Some(if month > 12 {
                (year, day, month)
            } else {
                (year, month, day)
            })
        }
        _ => None,
    }
}

fn atoms(value: &str) -> Vec<Atom<'_>> {
    let value = value
        .char_indices()
        .nth(MAX_VALUE)
        .map_or(value, |(end, _)| value.get(..end).unwrap_or_default());
    let mut atoms = Vec::new();
    let mut gap_from = 0;
    let mut at = 0;
    while let Some(rest) = value.get(at..) {
        let Some(c) = rest.chars().next() else { break };
        let same =
            |next: char| next.is_alphanumeric() && next.is_ascii_digit() == c.is_ascii_digit();
        if !c.is_alphanumeric() {
            at += c.len_utf8();
            continue;
        }
        let length = rest.find(|next| !same(next)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let gap = value.get(gap_from..at).unwrap_or_default();
        let follows_number = matches!(
            atoms.last(),
            Some(Atom {
                part: Part::Number { .. },
                ..
            })
        );
        at += length;
        // The th of "28th of October" belongs to the number, the of to the gap.
        if follows_number
            && (gap.is_empty() && ["st", "nd", "rd", "th"].contains(&word) || word == "of")
        {
            gap_from = at;
            continue;
        }
        gap_from = at;
        atoms.push(Atom {
            gap,
            part: part(word),
        });
    }
    atoms
}

fn part(word: &str) -> Part {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return match word.parse() {
            Ok(value) if word.len() <= 4 => Part::Number {
                value,
                digits: word.len(),
            },
            _ => Part::Word,
        };
    }
    let word = fold(word);
    let month = (1..)
        .zip(MONTHS)
        .find(|(_, names)| names.contains(&word.as_str()));
    month.map_or(Part::Word, |(month, _)| Part::Month(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_date_is_read() {
        for value in [
            "2025-10-28",
            "2025/10/28",
            "28. 10. 2025",
            "28.10.2025",
            "28.10. 2025",
            "28/10/2025",
            "28-10-2025",
            "10/28/2025",
            "28. 10. 25",
            "October 28, 2025",
            "October 28th, 2025",
            "Oct 28, 2025",
            "Oct. 28, 2025",
            "28 October 2025",
            "28th of October 2025",
            "28 Oct 2025",
            "28-Oct-2025",
            "28. října 2025",
            "28. rijna 2025",
            "28. ŘÍJNA 2025",
            "28. októbra 2025",
            "28. okt. 2025",
            "2025-10-28T23:30:00+02:00",
            "2025-10-28T10:30:05.123Z",
            "2025-10-28 10:30",
            "úterý 28. 10. 2025",
            "Tuesday, October 28, 2025",
            "28. 10. 2025 (verze 2)",
            "verze 2 z 28. 10. 2025",
        ] {
            assert_eq!(iso(value).as_deref(), Some("2025-10-28"), "{value}");
        }
        assert_eq!(iso("05/06/2025").as_deref(), Some("2025-06-05"));
        assert_eq!(iso("29. 2. 2024").as_deref(), Some("2024-02-29"));
    }

    #[test]
    fn every_month_is_known_in_three_languages() {
        for (month, name) in (1..).zip([
            ["ledna", "januára", "January"],
            ["února", "februára", "February"],
            ["března", "marca", "March"],
            ["dubna", "apríla", "April"],
            ["května", "mája", "May"],
            ["června", "júna", "June"],
            ["července", "júla", "July"],
            ["srpna", "augusta", "August"],
            ["září", "septembra", "September"],
            ["října", "októbra", "October"],
            ["listopadu", "novembra", "November"],
            ["prosince", "decembra", "December"],
        ]) {
            for name in name {
                assert_eq!(
                    iso(&format!("7. {name} 2025")),
                    Some(format!("2025-{month:02}-07")),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_day_the_calendar_does_not_have_is_no_date() {
        for value in [
            "31. 2. 2025",
            "2025-02-30",
            "29. 2. 2025",
            "32. 1. 2025",
            "0. 1. 2025",
            "2025-13-01",
            "31. dubna 2025",
            "February 30, 2025",
            "Q4 2025",
            "říjen 2025",
            "2025",
            "10:30",
            "99999. 1. 2025",
            "",
            "brzy",
        ] {
            assert_eq!(iso(value), None, "{value}");
        }
    }
}
