//! How things are said in three languages: phrases with places to fill, counted nouns,
//! names, quotes and shares.

use std::fmt::Write;

use super::Language;
use crate::pipeline::structure::TableType;
use crate::text;

/// The most lines of a list.
pub(crate) const LINES_MAX: usize = 15;
/// The longest description in a list, and of the one thing an answer is about, in characters.
pub(crate) const SHORT: usize = 110;
pub(crate) const LONG: usize = 320;
/// The longest name that is shown whole, in characters.
const NAME_MAX: usize = 120;

/// The longest condition of a join that is shown whole, in characters.
const CONDITION_MAX: usize = 1000;

/// A text in Czech, Slovak and English, with `{0}`, `{1}` … for what it speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phrase(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

impl Phrase {
    /// The text in a language, its places not filled.
    pub(crate) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Czech => self.0,
            Language::Slovak => self.1,
            Language::English => self.2,
        }
    }

    /// The text in a language, with its places filled; what fills one is never itself read
    /// for places.
    pub(crate) fn say(&self, language: Language, filling: &[&str]) -> String {
        fill(self.text(language), filling)
    }
}

/// Fills the places of a template.
pub(crate) fn fill(template: &str, filling: &[&str]) -> String {
    let mut said = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        said.push_str(before);
        let place = from
            .get(1..)
            .and_then(|inside| inside.split_once('}'))
            .and_then(|(number, after)| Some((number.parse::<usize>().ok()?, after)));
        let Some((place, after)) = place else {
            said.push('{');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        said.push_str(filling.get(place).copied().unwrap_or_default());
        rest = after;
    }
    said.push_str(rest);
    said
}

/// Things that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noun {
    Table,
    Column,
    SensitiveColumn,
    Schema,
    Fact,
    Dimension,
    Bridge,
    Unclassified,
    Join,
    Source,
    Entity,
}

/// One, two to four, five and more (and none); English has the first and the last.
type Forms = [&'static str; 3];

/// The forms of a noun in Czech, Slovak and English.
const NOUNS: &[(Noun, Forms, Forms, [&str; 2])] = &[
    (
        Noun::Table,
        ["tabulka", "tabulky", "tabulek"],
        ["tabuľka", "tabuľky", "tabuliek"],
        ["table", "tables"],
    ),
    (
        Noun::Column,
        ["sloupec", "sloupce", "sloupců"],
        ["stĺpec", "stĺpce", "stĺpcov"],
        ["column", "columns"],
    ),
    (
        Noun::SensitiveColumn,
        ["citlivý sloupec", "citlivé sloupce", "citlivých sloupců"],
        ["citlivý stĺpec", "citlivé stĺpce", "citlivých stĺpcov"],
        ["sensitive column", "sensitive columns"],
    ),
    (
        Noun::Schema,
        ["schéma", "schémata", "schémat"],
        ["schéma", "schémy", "schém"],
        ["schema", "schemas"],
    ),
    (
        Noun::Fact,
        ["fakt", "fakty", "faktů"],
        ["fakt", "fakty", "faktov"],
        ["fact", "facts"],
    ),
    (
        Noun::Dimension,
        ["dimenze", "dimenze", "dimenzí"],
        ["dimenzia", "dimenzie", "dimenzií"],
        ["dimension", "dimensions"],
    ),
    (
        Noun::Bridge,
        ["vazební tabulka", "vazební tabulky", "vazebních tabulek"],
        ["väzobná tabuľka", "väzobné tabuľky", "väzobných tabuliek"],
        ["bridge", "bridges"],
    ),
    (
        Noun::Unclassified,
        [
            "nezařazená tabulka",
            "nezařazené tabulky",
            "nezařazených tabulek",
        ],
        [
            "nezaradená tabuľka",
            "nezaradené tabuľky",
            "nezaradených tabuliek",
        ],
        ["unclassified table", "unclassified tables"],
    ),
    (
        Noun::Join,
        ["vazba", "vazby", "vazeb"],
        ["väzba", "väzby", "väzieb"],
        ["join", "joins"],
    ),
    (
        Noun::Source,
        ["zdroj", "zdroje", "zdrojů"],
        ["zdroj", "zdroje", "zdrojov"],
        ["source", "sources"],
    ),
    (
        Noun::Entity,
        ["entita", "entity", "entit"],
        ["entita", "entity", "entít"],
        ["entity", "entities"],
    ),
];

impl Noun {
    /// What tables of a type are called.
    pub(crate) fn of(table_type: Option<TableType>) -> Self {
        match table_type {
            None => Self::Table,
            Some(TableType::Fact) => Self::Fact,
            Some(TableType::Dimension) => Self::Dimension,
            Some(TableType::Bridge) => Self::Bridge,
            Some(TableType::View) => Self::Unclassified,
        }
    }

    /// The form that goes with a number.
    pub(crate) fn form(self, language: Language, count: usize) -> &'static str {
        let slavic = match count {
            1 => 0,
            2..=4 => 1,
            _ => 2,
        };
        let forms = NOUNS.iter().find(|(noun, ..)| *noun == self);
        let form = forms.and_then(|(_, czech, slovak, english)| match language {
            Language::Czech => czech.get(slavic),
            Language::Slovak => slovak.get(slavic),
            Language::English => english.get(usize::from(count != 1)),
        });
        form.copied().unwrap_or_default()
    }
}

/// `38 tabulek`, `1 table`.
pub(crate) fn counted(language: Language, count: usize, noun: Noun) -> String {
    format!("{count} {}", noun.form(language, count))
}

/// A name as code, on one line whatever it holds.
pub(crate) fn code(name: &str) -> String {
    format!("`{}`", one_line(name, NAME_MAX).replace('`', "'"))
}

/// A condition of a join as code.
pub(crate) fn condition(written: &str) -> String {
    format!("`{}`", one_line(written, CONDITION_MAX).replace('`', "'"))
}

/// Names as code, one after the other; the first of them where there are many.
pub(crate) fn codes<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(LINES_MAX)
        .map(|name| code(name.as_ref()))
        .collect();
    let more = if names.len() > LINES_MAX { " …" } else { "" };
    shown.join(", ") + more
}

/// What people wrote, in quotes, so that nobody takes it for the explorer's own words.
pub(crate) fn quote(language: Language, written: &str, max: usize) -> String {
    let written = one_line(written, max).replace(['"', '“', '„', '”'], "'");
    match language {
        Language::Czech | Language::Slovak => format!("„{written}“"),
        Language::English => format!("\"{written}\""),
    }
}

fn one_line(written: &str, max: usize) -> String {
    let joined: Vec<&str> = written.split_whitespace().collect();
    text::shorten(&joined.join(" "), max)
}

/// `85 %` (`85%` in English), of a share between 0 and 1.
pub(crate) fn percent(language: Language, share: f64) -> String {
    let number = (share.clamp(0.0, 1.0) * 100.0).round();
    match language {
        Language::English => format!("{number:.0}%"),
        Language::Czech | Language::Slovak => format!("{number:.0} %"),
    }
}

/// [`percent`] of a share that means something else below each of some limits; one below a
/// limit is not rounded up to it.
pub(crate) fn percent_below(language: Language, share: f64, limits: &[f64]) -> String {
    let rounded = |share: f64| (share * 100.0).round();
    let mut limits = limits.iter().copied();
    let reached = limits.find(|limit| share < *limit && rounded(share) >= rounded(*limit));
    percent(language, reached.map_or(share, |limit| limit - 0.01))
}

/// A list of lines that says what is missing.
pub(crate) fn listed(
    language: Language,
    lines: impl IntoIterator<Item = String>,
    total: usize,
    hint: &Phrase,
) -> String {
    let mut said = String::new();
    let mut shown = 0;
    for line in lines.into_iter().take(LINES_MAX) {
        // Writing to a string cannot fail.
        let _ = write!(said, "\n- {line}");
        shown += 1;
    }
    if total > shown {
        let missing = (total - shown).to_string();
        let _ = write!(
            said,
            "\n- {}",
            AND_MORE.say(language, &[&missing, hint.text(language)])
        );
    }
    said
}

const AND_MORE: Phrase = Phrase(
    "… a {0} dalších{1}",
    "… a ďalších {0}{1}",
    "… and {0} more{1}",
);
pub(crate) const NARROW: Phrase = Phrase(
    "; zužte výběr schématem nebo typem",
    "; zúžte výber schémou alebo typom",
    "; narrow by schema or type",
);
pub(crate) const NO_HINT: Phrase = Phrase("", "", "");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_take_the_form_that_goes_with_their_number() {
        use Language::{Czech, English, Slovak};
        for (language, noun, forms) in [
            (
                Czech,
                Noun::Table,
                "0 tabulek, 1 tabulka, 2 tabulky, 4 tabulky, 5 tabulek, 22 tabulek",
            ),
            (
                Slovak,
                Noun::Table,
                "0 tabuliek, 1 tabuľka, 2 tabuľky, 4 tabuľky, 5 tabuliek, 101 tabuliek",
            ),
            (
                English,
                Noun::Table,
                "0 tables, 1 table, 2 tables, 5 tables, 21 tables",
            ),
            (
                Czech,
                Noun::Schema,
                "1 schéma, 2 schémata, 4 schémata, 5 schémat, 11 schémat",
            ),
            (
                Slovak,
                Noun::Column,
                "1 stĺpec, 2 stĺpce, 5 stĺpcov, 12 stĺpcov",
            ),
            (Slovak, Noun::Entity, "1 entita, 3 entity, 6 entít"),
            (
                Czech,
                Noun::Bridge,
                "1 vazební tabulka, 3 vazební tabulky, 7 vazebních tabulek",
            ),
        ] {
            for form in forms.split(", ") {
                let count = form.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(counted(language, count, noun), form);
            }
        }
    }

    #[test]
    fn a_share_below_a_limit_is_not_rounded_up_to_it() {
        for (share, said) in [
            (0.296, "29%"),
            (0.3, "30%"),
            (0.304, "30%"),
            (0.8951, "89%"),
            (0.5, "50%"),
            (0.1, "10%"),
        ] {
            assert_eq!(percent_below(Language::English, share, &[0.3, 0.9]), said);
        }
        assert_eq!(percent(Language::English, 0.296), "30%");
    }

    #[test]
    fn what_fills_a_place_is_not_read_for_places() {
        assert_eq!(fill("{1} a {0} {x} {", &["{1}", "b"]), "b a {1} {x} {");
    }

    #[test]
    fn names_and_quotes_stay_on_their_line() {
        assert_eq!(code("a`b\n# c"), "`a'b # c`");
        assert_eq!(quote(Language::Czech, "x \"y\"\n- z", 50), "„x 'y' - z“");
    }

    #[test]
    fn long_lists_say_how_much_is_missing() {
        let lines = (0..20).map(|n| n.to_string());
        let said = listed(Language::English, lines, 40, &NARROW);
        assert_eq!(said.matches("\n- ").count(), LINES_MAX + 1);
        assert!(said.ends_with("… and 25 more; narrow by schema or type"));
    }
}
