//! What sentences of free text leave out: "but not stock levels", "Sklad neriešime".

use crate::text::fold;

/// Phrases after which follows what is left out, folded.
const BEFORE: &[&str] = &[
    "leave out anything about",
    "leave out",
    "leaving out",
    "but not",
    "not needed",
    "do not need",
    "don't need",
    "do not want",
    "don't want",
    "no need for",
    "not interested in",
    "do not include",
    "don't include",
    "exclude",
    "excluding",
    "except for",
    "except",
    "out of scope",
    "ne vsak",
    "nikoli",
    "vynechat",
    "vynechte",
    "vynechajte",
    "vyjma",
    "krome",
    "okrem",
    "s vyjimkou",
    "s vynimkou",
    "nezahrnovat",
    "nezahrnujte",
    "nezahrnat",
    "nepotrebujeme",
    "nechceme",
    "neresime",
    "neriesime",
    "nezajima nas",
    "nezajimaji nas",
    "nezaujima nas",
    "nezaujimaju nas",
    "nejsou potreba",
    "neni potreba",
    "nie je potrebne",
    "nie su potrebne",
];

/// A sentence in two: what it asks for and what it leaves out, either of which can be
/// empty. What is left out follows the phrase that says so, or comes before one that ends
/// the sentence.
pub(super) fn split(sentence: &str) -> (String, Option<String>) {
    // Words are compared, so that "nechceme" is not found in "nechcemelo".
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let folded: Vec<String> = words
        .iter()
        .map(|word| fold(word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')))
        .collect();
    let phrase_at = |at: usize| {
        let fits = |phrase: &&&str| {
            let mut found = folded.iter().skip(at);
            phrase
                .split(' ')
                .all(|part| found.next().is_some_and(|word| word == part))
        };
        BEFORE
            .iter()
            .filter(fits)
            .map(|phrase| phrase.split(' ').count())
            .max()
    };
    let Some((at, length)) = (0..words.len()).find_map(|at| Some((at, phrase_at(at)?))) else {
        return (sentence.to_owned(), None);
    };
    let before = words.get(..at).unwrap_or_default();
    let after = words.get(at + length..).unwrap_or_default();
    let text = |words: &[&str]| {
        let joined = words.join(" ");
        joined
            .trim_matches(|c: char| {
                matches!(c, ',' | ';' | ':' | '.' | '!' | '–' | '-') || c.is_whitespace()
            })
            .to_owned()
    };
    let (wanted, left_out) = if after.is_empty() {
        // Of "Chceme objednávky, sklad nechceme" only the last clause is left out.
        let clause = before
            .iter()
            .rposition(|word| word.ends_with([',', ';']))
            .map_or(0, |comma| comma + 1);
        (
            before.get(..clause).unwrap_or_default(),
            before.get(clause..).unwrap_or_default(),
        )
    } else {
        (before, after)
    };
    (
        text(wanted),
        Some(text(left_out)).filter(|text| !text.is_empty()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_leaves_out_is_told_from_what_it_asks_for() {
        let cases = [
            (
                "We need orders, but not stock levels or bank accounts",
                "We need orders",
                Some("stock levels or bank accounts"),
            ),
            (
                "Please leave out anything about bank details",
                "Please",
                Some("bank details"),
            ),
            (
                "We don't need inventory levels",
                "We",
                Some("inventory levels"),
            ),
            ("Bankovní účty nechceme", "", Some("Bankovní účty")),
            (
                "Chceme objednávky, sklad neřešíme",
                "Chceme objednávky",
                Some("sklad"),
            ),
            ("Všetko okrem faktúr", "Všetko", Some("faktúr")),
            (
                "Nechceme data o zaměstnancích",
                "",
                Some("data o zaměstnancích"),
            ),
            ("Orders by supplier", "Orders by supplier", None),
        ];
        for (sentence, wanted, left_out) in cases {
            assert_eq!(
                split(sentence),
                (wanted.to_owned(), left_out.map(str::to_owned)),
                "{sentence}"
            );
        }
    }
}
