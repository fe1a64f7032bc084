//! The language of a document, by its letters and its most frequent words.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Language;
use super::blocks::Block;
use super::text::Text;
use super::vocabulary::word_ranges;
use crate::text::fold;

/// More words than these decide nothing new.
const MAX_WORDS: usize = 20_000;
/// A heading was written to be read first.
const HEADING: u64 = 3;

/// Letters that of Czech and Slovak only one has.
const CZECH: &str = "ěřů";
const SLOVAK: &str = "ľĺŕôä";

/// Words that tell the languages apart, spelt as each writes them; a word of two lists counts for both.
const CZECH_WORDS: &str = "a, aby, analýza, až, bude, budou, cíl, cíle, co, dat, datum, dle, do, dodavatelé, i, je, \
    jeho, jejich, jen, jsou, k, kde, klíčové, který, které, která, mezi, metriky, mimo, na, nad, \
    název, nebo, není, o, od, omezení, osobní, po, podle, pouze, pro, projekt, projektu, při, \
    přehled, požadavek, potřebujeme, rozsah, s, se, sponzor, také, tak, ukazatele, v, ve, všech, \
    všechny, výstupy, z, zadavatel, za, ze, zdroje, žádost, chceme, objednávky, součástí, datový, \
    nákup, nákupu, být, jako, již";
const SLOVAK_WORDS: &str = "a, aby, aj, ako, alebo, analýza, až, bude, budú, byť, chceme, cieľ, ciele, čo, dát, dátový, \
    dátum, do, dodávatelia, i, iba, ich, je, jeho, k, kde, kľúčové, ktorý, ktoré, ktorá, medzi, \
    metriky, mimo, na, nad, názov, nie, o, obmedzenia, objednávky, od, osobné, po, podľa, \
    potrebujeme, požiadavka, prehľad, pre, pri, projekt, projektu, rozsah, s, sa, sú, súčasťou, \
    sponzor, tak, tiež, ukazovatele, v, vo, všetky, výstupy, z, za, zadávateľ, zdroje, zo, \
    žiadosť, nákup, nákupu, len, už";
const ENGLISH_WORDS: &str = "all, an, and, are, as, at, be, business, by, constraints, date, deliverables, entities, for, \
    from, goal, have, in, is, it, key, metrics, must, name, need, not, of, on, only, or, orders, \
    our, out, per, project, purchase, request, scope, should, sources, sponsor, suppliers, that, \
    the, their, this, to, we, which, will, with";

/// Points for Czech, Slovak, English.
type Points = [u64; 3];

static WORDS: LazyLock<HashMap<String, Points>> = LazyLock::new(|| {
    let mut words: HashMap<String, Points> = HashMap::new();
    for (at, list) in [CZECH_WORDS, SLOVAK_WORDS, ENGLISH_WORDS]
        .into_iter()
        .enumerate()
    {
        for word in list.split(", ") {
            // Folded, for accents may be missing in the document too.
            if let Some(points) = words.entry(fold(word)).or_default().get_mut(at) {
                *points = 2;
            }
        }
    }
    words
});

/// The language most of the document is written in; unknown where two have the same claim.
pub(super) fn detect(blocks: &[Block]) -> Language {
    let mut total = Points::default();
    let mut words = 0;
    for block in blocks {
        let (weight, texts): (u64, Vec<&Text>) = match block {
            Block::Heading { text, .. } => (HEADING, vec![text]),
            Block::Item { text, .. } | Block::Line { text, .. } => (1, vec![text]),
            Block::Table { rows, .. } => (1, rows.iter().flatten().collect()),
            Block::Code { .. } | Block::Rule => continue,
        };
        for text in texts {
            for range in word_ranges(&text.plain) {
                words += 1;
                if words > MAX_WORDS {
                    return winner(total);
                }
                let points = points(text.plain.get(range).unwrap_or_default());
                total
                    .iter_mut()
                    .zip(points)
                    .for_each(|(total, points)| *total += weight * points);
            }
        }
    }
    winner(total)
}

fn points(word: &str) -> Points {
    // No word of the lists, and no accented word that matters, is longer.
    if word.len() > 40 {
        return Points::default();
    }
    let mut points = WORDS.get(&fold(word)).copied().unwrap_or_default();
    let lower = word.to_lowercase();
    let [czech, slovak, _] = &mut points;
    if lower.contains(|c| CZECH.contains(c)) {
        *czech += 3;
    }
    if lower.contains(|c| SLOVAK.contains(c)) {
        *slovak += 3;
    }
    if lower.contains(|c| "áéíóúýčďňšťž".contains(c)) {
        *czech += 1;
        *slovak += 1;
    }
    points
}

fn winner([czech, slovak, english]: Points) -> Language {
    if czech > slovak.max(english) {
        Language::Cs
    } else if slovak > czech.max(english) {
        Language::Sk
    } else if english > czech.max(slovak) {
        Language::En
    } else {
        Language::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str) -> Language {
        detect(&[Block::Line {
            depth: 0,
            first: true,
            text: Text::plain(text),
        }])
    }

    #[test]
    fn three_languages_are_told_apart_with_and_without_accents() {
        for (text, expected) in [
            (
                "Potřebujeme přehled objednávek podle dodavatelů, které nejsou uzavřené.",
                Language::Cs,
            ),
            (
                "Potrebujeme prehled objednavek, ktere jsou nebo nejsou podle planu pro nakup.",
                Language::Cs,
            ),
            (
                "Potrebujeme prehľad objednávok podľa dodávateľov, ktoré sú otvorené.",
                Language::Sk,
            ),
            (
                "Chceme prehlad objednavok, ktore su alebo nie su podla planu pre nakup.",
                Language::Sk,
            ),
            (
                "We need an overview of the orders by supplier.",
                Language::En,
            ),
            ("SAP 2025 KPI", Language::Unknown),
            ("", Language::Unknown),
        ] {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn a_heading_says_more_than_a_line_of_text() {
        let heading = Block::Heading {
            level: 2,
            text: Text::plain("Cíl"),
        };
        let line = Block::Line {
            depth: 0,
            first: true,
            text: Text::plain("The goal"),
        };
        assert_eq!(detect(&[heading, line]), Language::Cs);
    }
}
