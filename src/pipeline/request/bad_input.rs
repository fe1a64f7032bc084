//! Documents made to be slow, large or deep: read in linear time, and cut where they are without end.

use std::time::{Duration, Instant};

use super::*;

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

/// Bad documents of about a size, by what their lines hold.
fn adversarial_lines(size: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let under = |heading: &str, piece: &str| format!("{heading}\n{}", fill(piece));
    vec![
        ("one word", fill("a")),
        ("one line", fill("slovo, ")),
        ("one line of entities", under("## Entity", "Slovo a jiné, ")),
        ("one line of brackets", under("## Entity", "(")),
        ("one line of pairs of brackets", under("## Entity", "(a)")),
        (
            "lines of enumerated code",
            under("## Entity", &format!("- {}\n", "`a_b`, ".repeat(2_500))),
        ),
        (
            "lines of code",
            under("## KPI", &format!("- {}\n", "`a` ".repeat(4_500))),
        ),
        (
            "lines of led enumerations",
            fill(&format!("Chceme {}x.\n\n", "a, b, ".repeat(3_000))),
        ),
        (
            "lines of keys and bars",
            fill(&format!("{}\n\n", "**a:** `b` | ".repeat(1_900))),
        ),
        ("one line of code", under("## Entity", "`a` ")),
        ("one line of bold", under("## Entity", "**a** ")),
        ("one line of bold brackets", under("## Entity", "**[**")),
        ("one line of colons", fill("a: ")),
        ("one line of stops", under("## Omezení", "A. ")),
        ("one line of dates", fill("1. 1. ")),
        ("lines of dates", fill("1. 1. 2025\n")),
        ("bars", fill("a: b | ")),
        ("quotes", fill("> ")),
        ("quotes without blanks", fill(">")),
        ("lists", fill("- ")),
        ("numbers", fill("1. ")),
        (
            "deep, then lazy lines",
            format!("{}a\n{}", "> ".repeat(10_000), fill("b\n")),
        ),
        (
            "deep list, then lazy lines",
            format!("{}a\n{}", "- ".repeat(10_000), fill("b\n")),
        ),
        (
            "lists by indentation",
            lines(size.isqrt(), |i| format!("{}- a", " ".repeat(i))),
        ),
        ("bullets", fill("- položka\n")),
        (
            "bullets of entities",
            under("## Entity", "- položka (item) – popis\n"),
        ),
        (
            "distinct entities",
            format!("## Entity\n{}", lines(size / 8, |i| format!("- E{i}"))),
        ),
        ("keys", fill("Klíč: hodnota\n")),
        ("headings", fill("## Cíl\n")),
        ("unknown headings", fill("## Nic\n")),
        ("subheadings", under("## Entity", "### A\n")),
        ("labels", fill("In scope:\n")),
        ("sentences", fill("Mimo rozsah jsou platby.\n")),
    ]
}

/// The same, by what blocks are made of.
fn adversarial_blocks(size: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let under = |heading: &str, piece: &str| format!("{heading}\n{}", fill(piece));
    vec![
        ("fences", fill("```\n")),
        ("an open fence", under("```", "## Cíl\n")),
        ("scripts", fill("<script>\n")),
        ("open tags", fill("<div \n")),
        ("open comments", fill("<!-- \n")),
        (
            "a wide table",
            format!(
                "{}\n{}\n{}",
                "|a".repeat(size / 6),
                "|-".repeat(size / 6),
                "|b".repeat(size / 6)
            ),
        ),
        (
            "a long table",
            under("## Entity\n\n|a|b|\n|-|-|", "|x|y|\n"),
        ),
        (
            "a ragged table",
            under("## Entity\n\n|a|b|c|\n|-|-|-|", "|x|\n||||||\n"),
        ),
        ("opening brackets", fill("[")),
        ("links", fill("[a](")),
        ("emphasis", fill("*a ")),
        ("nuls", fill("\0")),
        ("accents", fill("\u{301}")),
        ("front matter", under("---", "a: b\n")),
        ("blank lines", fill("\n")),
    ]
}

/// Optimised, a megabyte has to be read in the time the service has for it; without optimisation a tenth of it in a
/// time that only says that the reading is not quadratic.
#[test]
fn no_document_is_too_bad_to_be_read() {
    let (size, most) = if cfg!(debug_assertions) {
        (100_000, 2_000)
    } else {
        (1_000_000, 200)
    };
    for (name, document) in adversarial_lines(size)
        .into_iter()
        .chain(adversarial_blocks(size))
    {
        let started = Instant::now();
        let request = read(&document);
        let took = started.elapsed();
        println!("{took:>8.1?} {name}: {:?}", request.warnings);
        assert!(took < Duration::from_millis(most), "{name}: {took:?}");
        for length in [
            request.entities.len(),
            request.metrics.len(),
            request.scope_in.len(),
            request.scope_out.len(),
            request.constraints.len(),
        ] {
            assert!(length <= sections::MAX_ITEMS, "{name}");
        }
        assert!(request.goal.chars().count() <= 10_000, "{name}");
        assert!(request.project_metadata.extra.len() <= 50, "{name}");
        let long = |entry: &String| entry.chars().count() > sections::MAX_TEXT;
        assert!(!request.constraints.iter().any(long), "{name}");
    }
}

#[test]
fn what_is_cut_is_said() {
    let warnings = |document: &str| read(document).warnings;
    assert_eq!(
        warnings(&format!("## Entity\n{}", lines(600, |i| format!("- E{i}")))),
        ["The list of entities was cut to its first 500 entries."]
    );
    assert_eq!(
        warnings(&format!("## Mimo rozsah\n{}", "- A\n".repeat(600))),
        ["The list of exclusions was cut to its first 500 entries."]
    );
    assert_eq!(
        warnings(&format!("## Omezení\n- {}\n", "a ".repeat(1_500))),
        ["Texts longer than 2000 characters were cut."]
    );
    assert_eq!(
        warnings(&"- a\n".repeat(100_000)),
        [
            "The document was read up to its first 20,000 headings, items, rows and lines.",
            "Of the entities only the first 5000 mentions were read.",
        ]
    );
}
