//! The governance report: what was asked against what the catalog holds, for the people
//! who decide whether a project can start and who has to do what before.
//!
//! Markdown in the language of the request. Every figure stands in the outputs of the run;
//! names and sentences of the catalog and the request are text, whatever they hold.

mod mart;
mod quality;
mod request;
#[cfg(test)]
mod tests;
mod verdict;

use std::fmt::Write;

use super::markdown;
use crate::pipeline::Outputs;
use crate::pipeline::request::UNKNOWN;
use crate::wording::Language;
use crate::wording::phrases::{Noun, Phrase, counted};
use crate::wording::reasons;

/// The longest name and the longest sentence of people that are shown whole, in characters.
const NAME_MAX: usize = 120;
const SENTENCE_MAX: usize = 300;
/// The longest goal, in characters.
const GOAL_MAX: usize = 900;
/// The most rows of a table and points of a list; the JSON documents hold the rest.
const ROWS_MAX: usize = 200;
/// The most other keys of the request's head.
const EXTRA_MAX: usize = 12;
/// The most constraints and warnings.
const LINES_MAX: usize = 30;

/// Confidences from here on are called high, and those below the other low.
const HIGH: f64 = 0.9;
const LOW: f64 = 0.6;

const TITLE: Phrase = Phrase(
    "Zpráva pro řízení dat",
    "Správa pre riadenie dát",
    "Data governance report",
);
const PROJECT: Phrase = Phrase("Projekt", "Projekt", "Project");
const SPONSOR: Phrase = Phrase("Sponzor", "Sponzor", "Sponsor");
const SUBMITTED: Phrase = Phrase("Datum zadání", "Dátum zadania", "Date of the request");
const SCOPE: Phrase = Phrase("Rozsah", "Rozsah", "Scope");
const NOT_SAID: Phrase = Phrase("neuvedeno", "neuvedené", "not stated");
const GOAL: Phrase = Phrase(
    "Cíl podle zadání",
    "Cieľ podľa zadania",
    "Goal, as requested",
);

const METHOD: Phrase = Phrase(
    "9. Metoda a meze",
    "9. Metóda a hranice",
    "9. Method and limits",
);
const METHOD_TEXT: &[Phrase] = &[
    Phrase(
        "Zpráva vznikla výhradně z textu zadání a z metadat katalogu. Žádný řádek dat nebyl čten: o obsahu, úplnosti a správnosti dat proto nic neříká.",
        "Správa vznikla výhradne z textu zadania a z metadát katalógu. Žiadny riadok dát nebol čítaný: o obsahu, úplnosti a správnosti dát preto nič nehovorí.",
        "This report was made from the text of the request and the metadata of the catalog only. No row of data was read, so it says nothing about what the data holds, how complete it is or whether it is right.",
    ),
    Phrase(
        "**Jistota entity** je odhad pravděpodobnosti, že je míněna právě tato tabulka: z deseti přiřazení s jistotou 90 % jich má platit zhruba devět. Vysoká je od 90 %, střední od 60 %, nízká pod 60 %; pod 30 % se tabulka nepřiřazuje.",
        "**Istota entity** je odhad pravdepodobnosti, že je myslená práve táto tabuľka: z desiatich priradení s istotou 90 % ich má platiť zhruba deväť. Vysoká je od 90 %, stredná od 60 %, nízka pod 60 %; pod 30 % sa tabuľka nepriraďuje.",
        "The **confidence of an entity** estimates how probably this very table is meant: of ten mappings at 90% about nine should hold. It is high from 90%, medium from 60%, low below 60%; below 30% no table is assigned.",
    ),
    Phrase(
        "**Jistota metriky** není kalibrovaná a nikdy nepřesahuje 85 %: sloupce metriky má vždy potvrdit ten, kdo ji definuje.",
        "**Istota metriky** nie je kalibrovaná a nikdy nepresahuje 85 %: stĺpce metriky má vždy potvrdiť ten, kto ju definuje.",
        "The **confidence of a metric** is not calibrated and never above 85%: whoever defines the metric should confirm its columns.",
    ),
    Phrase(
        "**Vazba** je deklarovaná, uvádí-li ji katalog, jinak je odvozená z názvů, typů a popisů. Odvozená vazba je tvrzení s pravděpodobností; potvrdí ji vlastník tabulky nebo kontrola dat.",
        "**Väzba** je deklarovaná, ak ju uvádza katalóg, inak je odvodená z názvov, typov a opisov. Odvodená väzba je tvrdenie s pravdepodobnosťou; potvrdí ju vlastník tabuľky alebo kontrola dát.",
        "A **join** is declared where the catalog states it, else inferred from names, types and descriptions. An inferred join is a claim with a probability; the owner of the table or a check of the data confirms it.",
    ),
    Phrase(
        "**Skóre kvality** (0–1) měří, jak úplně jsou tabulky zdokumentovány, ne kvalitu dat. Složky a váhy jsou v kapitole 1. **Artikulace** (0–100) je úplnost dokumentace, jak ji u tabulky uvádí katalog.",
        "**Skóre kvality** (0–1) meria, ako úplne sú tabuľky zdokumentované, nie kvalitu dát. Zložky a váhy sú v kapitole 1. **Artikulácia** (0–100) je úplnosť dokumentácie, ako ju pri tabuľke uvádza katalóg.",
        "The **quality score** (0–1) measures how completely the tables are documented, not the quality of the data. Its terms and weights are in chapter 1. **Articulation** (0–100) is the completeness that the catalog states for a table.",
    ),
    Phrase(
        "**Riziko** je kritické, nenašla-li se žádná požadovaná entita; vysoké, stojí-li něco požadavku v cestě nebo je skóre pod 0,4; střední, zbývá-li doporučení P1 nebo je skóre pod 0,7; jinak nízké.",
        "**Riziko** je kritické, ak sa nenašla žiadna požadovaná entita; vysoké, ak niečo stojí požiadavke v ceste alebo je skóre pod 0,4; stredné, ak zostáva odporúčanie P1 alebo je skóre pod 0,7; inak nízke.",
        "The **risk** is critical where none of the requested entities was found; high where something blocks the request or the score is below 0.4; medium where a P1 recommendation remains or the score is below 0.7; else low.",
    ),
];
const CONSTRAINTS: Phrase = Phrase(
    "Tato omezení ze zadání katalog neověří, je třeba je ohlídat v projektu:",
    "Tieto obmedzenia zo zadania katalóg neoverí, treba ich ustrážiť v projekte:",
    "The catalog cannot verify these constraints of the request; the project has to see to them:",
);
const JOINS: Phrase = Phrase("Příloha A: vazby", "Príloha A: väzby", "Appendix A: joins");
const WARNINGS: Phrase = Phrase(
    "Příloha B: upozornění běhu",
    "Príloha B: upozornenia behu",
    "Appendix B: warnings of the run",
);
const NO_WARNINGS: Phrase = Phrase(
    "Běh nemá žádná upozornění.",
    "Beh nemá žiadne upozornenia.",
    "The run has no warnings.",
);
const FIRST_OF: Phrase = Phrase(
    "Uvedeno je prvních {0} z {1}; úplný seznam je v `{2}`.",
    "Uvedených je prvých {0} z {1}; úplný zoznam je v `{2}`.",
    "These are the first {0} of {1}; the whole list is in `{2}`.",
);

/// The report in two parts, between which a summary can stand.
pub(crate) struct Report {
    /// Title, head and goal.
    pub(crate) head: String,
    /// All chapters.
    pub(crate) body: String,
}

/// The whole report.
pub(super) fn render(outputs: &Outputs) -> String {
    let Report { head, body } = parts(outputs);
    head + &body
}

/// The report, its parts apart.
pub(crate) fn parts(outputs: &Outputs) -> Report {
    let page = Page {
        outputs,
        language: Language::from(outputs.tool0_output.language),
    };
    let chapters = [
        verdict::verdict(&page),
        request::entities(&page),
        request::metrics(&page),
        request::excluded(&page),
        request::gaps(&page),
        mart::mart(&page),
        quality::tables(&page),
        quality::recommendations(&page),
        page.method(),
        mart::all_joins(&page),
        page.warnings(),
    ];
    Report {
        head: page.head(),
        body: chapters.join("\n"),
    }
}

/// What the chapters are written from.
struct Page<'a> {
    outputs: &'a Outputs,
    language: Language,
}

impl Page<'_> {
    fn say(&self, phrase: &Phrase, filling: &[&str]) -> String {
        phrase.say(self.language, filling)
    }

    fn text(&self, phrase: &Phrase) -> &'static str {
        phrase.text(self.language)
    }

    fn texts<const N: usize>(&self, phrases: &[Phrase; N]) -> [&'static str; N] {
        phrases.each_ref().map(|phrase| phrase.text(self.language))
    }

    fn counted(&self, count: usize, noun: Noun) -> String {
        counted(self.language, count, noun)
    }

    fn heading(&self, phrase: &Phrase) -> String {
        format!("## {}\n\n", self.text(phrase))
    }

    fn subheading(&self, phrase: &Phrase) -> String {
        format!("### {}\n\n", self.text(phrase))
    }

    /// A tool's reason in the language, as text.
    fn reason(&self, reason: &str) -> String {
        markdown::text(&reasons::translated(self.language, reason), SENTENCE_MAX)
    }

    /// A share between 0 and 1 as a number of so many decimals.
    fn decimal(&self, number: f64, decimals: usize) -> String {
        let written = format!("{number:.decimals$}");
        match self.language {
            Language::English => written,
            Language::Czech | Language::Slovak => written.replace('.', ","),
        }
    }

    /// What was cut off a table, and where it stands.
    fn rest(&self, total: usize, document: &str) -> String {
        if total > ROWS_MAX {
            let (shown, total) = (ROWS_MAX.to_string(), total.to_string());
            format!("\n{}\n", self.say(&FIRST_OF, &[&shown, &total, document]))
        } else {
            String::new()
        }
    }

    /// What people wrote where they wrote something.
    fn said(&self, written: &str) -> String {
        if written == UNKNOWN || written.trim().is_empty() {
            self.text(&NOT_SAID).to_owned()
        } else {
            markdown::text(written, SENTENCE_MAX)
        }
    }

    fn head(&self) -> String {
        let request = &self.outputs.tool0_output;
        let project = &request.project_metadata;
        let label = |phrase: &Phrase| format!("**{}**", self.text(phrase));
        let mut rows = vec![
            [label(&SPONSOR), self.said(&project.sponsor)],
            [label(&SUBMITTED), self.date(&project.submitted_at)],
        ];
        for (key, value) in project.extra.iter().take(EXTRA_MAX) {
            let key = markdown::text(key, NAME_MAX);
            rows.push([format!("**{key}**"), self.said(value)]);
        }
        rows.push([label(&SCOPE), verdict::scope(self)]);
        let name = self.said(&project.project_name);
        let mut head = format!("# {}: {name}\n\n", self.text(&TITLE));
        head.push_str(&markdown::table([self.text(&PROJECT), &name], &rows));
        if request.goal != UNKNOWN {
            let goal = markdown::text(&request.goal, GOAL_MAX);
            // Writing to a string cannot fail.
            let _ = write!(head, "\n> **{}:** {goal}\n", self.text(&GOAL));
        }
        head.push('\n');
        head
    }

    /// `28. 10. 2025`; English keeps the form of ISO 8601.
    fn date(&self, submitted_at: &str) -> String {
        let parts: Vec<&str> = submitted_at.split('-').collect();
        match (self.language, parts.as_slice()) {
            (Language::Czech | Language::Slovak, [year, month, day])
                if [year, month, day]
                    .iter()
                    .all(|part| part.parse::<u16>().is_ok()) =>
            {
                let plain = |part: &str| part.trim_start_matches('0').to_owned();
                format!("{}. {}. {year}", plain(day), plain(month))
            }
            _ => self.said(submitted_at),
        }
    }

    fn method(&self) -> String {
        let mut said = self.heading(&METHOD);
        for line in METHOD_TEXT {
            // Writing to a string cannot fail.
            let _ = writeln!(said, "- {}", self.text(line));
        }
        let constraints = &self.outputs.tool0_output.constraints;
        if !constraints.is_empty() {
            let _ = writeln!(said, "\n{}\n", self.text(&CONSTRAINTS));
            for constraint in constraints.iter().take(LINES_MAX) {
                let _ = writeln!(said, "- {}", markdown::text(constraint, SENTENCE_MAX));
            }
        }
        said
    }

    fn warnings(&self) -> String {
        let mut said = self.heading(&WARNINGS);
        let warnings = &self.outputs.warnings;
        if warnings.is_empty() {
            said.push_str(self.text(&NO_WARNINGS));
            said.push('\n');
        }
        for warning in warnings.iter().take(ROWS_MAX) {
            // Writing to a string cannot fail.
            let _ = writeln!(said, "- {}", self.reason(warning));
        }
        said.push_str(&self.rest(warnings.len(), "result.json"));
        said
    }
}
