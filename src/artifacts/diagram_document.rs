//! The diagram in Markdown that GitHub and wikis draw, with a legend and its joins.

use super::joins;
use super::markdown::{fenced, text};
use crate::pipeline::Outputs;
use crate::pipeline::request::UNKNOWN;
use crate::wording::Language;
use crate::wording::phrases::Phrase;

/// The most joins that are listed.
const JOINS_MAX: usize = 500;
/// The longest name of a project, in characters.
const NAME_MAX: usize = 120;

const TITLE: Phrase = Phrase("ER diagram", "ER diagram", "ER diagram");
const LEGEND: Phrase = Phrase("Jak diagram číst", "Ako diagram čítať", "How to read it");
const DRAWN: Phrase = Phrase(
    "Obdélník je tabulka; nakreslené jsou tabulky ze zadání a ty, na které odkazují.",
    "Obdĺžnik je tabuľka; nakreslené sú tabuľky zo zadania a tie, na ktoré odkazujú.",
    "A box is a table; drawn are the tables of the request and those they point at.",
);
const DRAWN_OF_SCOPE: Phrase = Phrase(
    "Obdélník je tabulka; zadání nepotřebuje žádnou určitě, nakreslené jsou proto tabulky celého rozsahu, nejdřív fakty.",
    "Obdĺžnik je tabuľka; zadanie nepotrebuje žiadnu určite, nakreslené sú preto tabuľky celého rozsahu, najskôr fakty.",
    "A box is a table; the request needs no certain one, so those of the whole scope are drawn, facts first.",
);
const LINES: [Phrase; 4] = [
    Phrase(
        "`PK` je primární klíč, `FK` cizí klíč. Další sloupce mohou být pro přehlednost vynechány.",
        "`PK` je primárny kľúč, `FK` cudzí kľúč. Ďalšie stĺpce môžu byť pre prehľadnosť vynechané.",
        "`PK` is a primary key, `FK` a foreign key. Other columns may be left out to keep it readable.",
    ),
    Phrase(
        "Plná čára je vazba deklarovaná v katalogu; přerušovaná je odvozená a má ji někdo potvrdit.",
        "Plná čiara je väzba deklarovaná v katalógu; prerušovaná je odvodená a má ju niekto potvrdiť.",
        "A solid line is a join that the catalog declares; a dashed one is inferred and to be confirmed.",
    ),
    Phrase(
        "`A ||--o{ B`: k jednomu řádku A patří libovolně mnoho řádků B. `|o` místo `||`: odkaz v B může chybět.",
        "`A ||--o{ B`: k jednému riadku A patrí ľubovoľne veľa riadkov B. `|o` namiesto `||`: odkaz v B môže chýbať.",
        "`A ||--o{ B`: any number of rows of B belong to one row of A. `|o` instead of `||`: the reference in B may be missing.",
    ),
    Phrase(
        "U čáry stojí sloupec cizího klíče.",
        "Pri čiare stojí stĺpec cudzieho kľúča.",
        "The label of a line is the column of the foreign key.",
    ),
];
const JOINS: Phrase = Phrase(
    "Vazby požadovaných tabulek",
    "Väzby požadovaných tabuliek",
    "Joins of the tables requested",
);
const JOINS_OF_SCOPE: Phrase = Phrase(
    "Vazby celého rozsahu",
    "Väzby celého rozsahu",
    "Joins of the whole scope",
);
const NO_JOINS: Phrase = Phrase(
    "Žádná vazba se nenašla.",
    "Žiadna väzba sa nenašla.",
    "No join was found.",
);
const FIRST_OF: Phrase = Phrase(
    "Uvedeno je prvních {0} z {1}; úplný seznam je v `structure.json`.",
    "Uvedených je prvých {0} z {1}; úplný zoznam je v `structure.json`.",
    "These are the first {0} of {1}; the whole list is in `structure.json`.",
);

/// The whole document.
pub(super) fn render(outputs: &Outputs) -> String {
    let language = Language::from(outputs.tool0_output.language);
    let name = &outputs.tool0_output.project_metadata.project_name;
    let name = if name == UNKNOWN {
        String::new()
    } else {
        format!(": {}", text(name, NAME_MAX))
    };
    let (drawn, heading) = if joins::are_of_whole_scope(outputs) {
        (DRAWN_OF_SCOPE, JOINS_OF_SCOPE)
    } else {
        (DRAWN, JOINS)
    };
    let legend: Vec<String> = std::iter::once(&drawn)
        .chain(&LINES)
        .map(|line| format!("- {}\n", line.text(language)))
        .collect();
    let joins = joins::of(outputs);
    let excluded = joins::note_on_excluded(language, outputs);
    let mut listed = if joins.is_empty() {
        format!("{}\n", NO_JOINS.text(language))
    } else {
        joins::listed(language, joins.iter().take(JOINS_MAX))
    };
    if joins.len() > JOINS_MAX {
        let (shown, all) = (JOINS_MAX.to_string(), joins.len().to_string());
        listed.push('\n');
        listed.push_str(&FIRST_OF.say(language, &[&shown, &all]));
        listed.push('\n');
    }
    format!(
        "# {}{name}\n\n{}\n## {}\n\n{}\n## {}\n\n{excluded}{listed}",
        TITLE.text(language),
        fenced("mermaid", &outputs.diagram),
        LEGEND.text(language),
        legend.concat(),
        heading.text(language),
    )
}
