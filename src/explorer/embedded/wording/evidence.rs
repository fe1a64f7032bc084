//! The tools give their reasons in English; here they are said in the asker's language.
//!
//! A reason is recognised by its template, in which `{}` stands for any text. A reason of
//! no known template stays as it is: better in English than lost.

use super::super::phrases::{Phrase, fill};
use crate::explorer::Language;

/// The tools' templates, and what they are in Czech and Slovak, places by number. Of two
/// that fit, the first counts.
const TEMPLATES: &[(&str, &str, &str)] = &[
    // Tool 1: why a table holds a term.
    (
        "the request names {}",
        "zadání uvádí {0}",
        "zadanie uvádza {0}",
    ),
    (
        "{} is in the table's name",
        "{0} je v názvu tabulky",
        "{0} je v názve tabuľky",
    ),
    (
        "{} is in its business name",
        "{0} je v jejím obchodním názvu",
        "{0} je v jej obchodnom názve",
    ),
    (
        "{} is in the schema's name",
        "{0} je v názvu schématu",
        "{0} je v názve schémy",
    ),
    (
        "{} is what its description is about",
        "popis tabulky mluví o {0}",
        "opis tabuľky hovorí o {0}",
    ),
    (
        "{} is in its description",
        "{0} je v jejím popisu",
        "{0} je v jej opise",
    ),
    (
        "{} is in the description of column {}",
        "{0} je v popisu sloupce {1}",
        "{0} je v opise stĺpca {1}",
    ),
    (
        "{} is in column {}",
        "{0} je ve sloupci {1}",
        "{0} je v stĺpci {1}",
    ),
    (
        "the entity's description speaks of it too",
        "mluví o ní i popis entity",
        "hovorí o nej aj opis entity",
    ),
    (
        "{} of {} words of {} met nothing",
        "{0} z {1} slov výrazu {2} nic neodpovídá",
        "{0} z {1} slov výrazu {2} nič nezodpovedá",
    ),
    (
        "{} is in the name of {}, one join away",
        "{0} je v názvu tabulky {1}, vzdálené jednu vazbu",
        "{0} je v názve tabuľky {1}, vzdialenej jednu väzbu",
    ),
    (
        "{} can be computed from {}: {}",
        "{0} lze spočítat z {1}: {2}",
        "{0} sa dá vypočítať z {1}: {2}",
    ),
    (
        "column {} has words of {}",
        "sloupec {0} má slova výrazu {1}",
        "stĺpec {0} má slová výrazu {1}",
    ),
    ("out of scope: {}", "mimo rozsah: {0}", "mimo rozsahu: {0}"),
    // Tool 2: why tables join.
    ("description: {}", "popis: {0}", "opis: {0}"),
    (
        "column {} is named after {}",
        "sloupec {0} nese jméno {1}",
        "stĺpec {0} nesie meno {1}",
    ),
    (
        "no table is called after column {}",
        "podle sloupce {0} se žádná tabulka nejmenuje",
        "podľa stĺpca {0} sa žiadna tabuľka nevolá",
    ),
    (
        "column {} is called as the key of {}, in a role",
        "sloupec {0} se jmenuje jako klíč {1}, v roli",
        "stĺpec {0} sa volá ako kľúč {1}, v role",
    ),
    (
        "column {} points at a row of the same table",
        "sloupec {0} odkazuje na řádek téže tabulky",
        "stĺpec {0} odkazuje na riadok tej istej tabuľky",
    ),
    (
        "column {} says who, and {} holds people",
        "sloupec {0} říká kdo a {1} obsahuje osoby",
        "stĺpec {0} hovorí kto a {1} obsahuje osoby",
    ),
    (
        "{} points back, more surely",
        "{0} odkazuje zpět, jistěji",
        "{0} odkazuje späť, istejšie",
    ),
    (
        "column {} is a date key",
        "sloupec {0} je klíč data",
        "stĺpec {0} je kľúč dátumu",
    ),
    (
        "same name as the key of {}",
        "stejný název jako klíč {0}",
        "rovnaký názov ako kľúč {0}",
    ),
    ("key of {} is {}", "klíč {0} je {1}", "kľúč {0} je {1}"),
    ("type unknown", "typ neznámý", "typ neznámy"),
    ("type {} fits", "typ {0} odpovídá", "typ {0} zodpovedá"),
    (
        "joins on a business key",
        "spojuje se obchodním klíčem",
        "spája sa obchodným kľúčom",
    ),
    (
        "in another schema, {}",
        "v jiném schématu, {0}",
        "v inej schéme, {0}",
    ),
    ("in another schema", "v jiném schématu", "v inej schéme"),
    (
        "holds all {} columns of the key of {}",
        "má všechny sloupce ({0}) klíče {1}",
        "má všetky stĺpce ({0}) kľúča {1}",
    ),
    // Tool 2: why a table is of its class.
    (
        "name starts with {}",
        "název začíná na {0}",
        "názov sa začína na {0}",
    ),
    (
        "{}, although name starts with {}",
        "{0}, ačkoli název začíná na {1}",
        "{0}, hoci sa názov začína na {1}",
    ),
    (
        "{}, although name ends with {}",
        "{0}, ačkoli název končí na {1}",
        "{0}, hoci sa názov končí na {1}",
    ),
    (
        "{}, although its schema is called {}",
        "{0}, ačkoli se její schéma jmenuje {1}",
        "{0}, hoci sa jej schéma volá {1}",
    ),
    (
        "name ends with {}",
        "název končí na {0}",
        "názov sa končí na {0}",
    ),
    (
        "its schema is called {}",
        "její schéma se jmenuje {0}",
        "jej schéma sa volá {0}",
    ),
    (
        "a technical table, name starts with {}",
        "technická tabulka, název začíná na {0}",
        "technická tabuľka, názov sa začína na {0}",
    ),
    (
        "a technical table, name ends with {}",
        "technická tabulka, název končí na {0}",
        "technická tabuľka, názov sa končí na {0}",
    ),
    (
        "a technical table, its schema is called {}",
        "technická tabulka, její schéma se jmenuje {0}",
        "technická tabuľka, jej schéma sa volá {0}",
    ),
    (
        "a technical table by its words",
        "technická tabulka podle svých slov",
        "technická tabuľka podľa svojich slov",
    ),
    (
        "a copy of {}: its name and columns",
        "kopie {0} podle názvu a sloupců",
        "kópia {0} podľa názvu a stĺpcov",
    ),
    ("measures", "míry", "miery"),
    (
        "events that point at context",
        "události s odkazy na kontext",
        "udalosti s odkazmi na kontext",
    ),
    (
        "describes people, places or things",
        "popisuje osoby, místa nebo věci",
        "opisuje osoby, miesta alebo veci",
    ),
    (
        "joins tables and has little else",
        "spojuje tabulky a má málo dalšího",
        "spája tabuľky a má málo ďalšieho",
    ),
    (
        "its name is that of events",
        "její název označuje události",
        "jej názov označuje udalosti",
    ),
    (
        "its name is that of people, places or things",
        "její název označuje osoby, místa nebo věci",
        "jej názov označuje osoby, miesta alebo veci",
    ),
    (
        "its name is that of a list of codes",
        "její název označuje číselník",
        "jej názov označuje číselník",
    ),
    (
        "its name is that of a relation",
        "její název označuje vazbu",
        "jej názov označuje väzbu",
    ),
    (
        "its name is put together from two that it points at",
        "její název je složen z názvů dvou tabulek, na které odkazuje",
        "jej názov je zložený z názvov dvoch tabuliek, na ktoré odkazuje",
    ),
    (
        "its name continues one that it points at",
        "její název rozvíjí název tabulky, na kterou odkazuje",
        "jej názov rozvíja názov tabuľky, na ktorú odkazuje",
    ),
    (
        "its description says so",
        "říká to její popis",
        "hovorí to jej opis",
    ),
    (
        "a column names its members",
        "sloupec pojmenovává její členy",
        "stĺpec pomenúva jej členov",
    ),
    (
        "columns say what its members are like",
        "sloupce říkají, jací její členové jsou",
        "stĺpce hovoria, akí jej členovia sú",
    ),
    (
        "its rows are dated",
        "její řádky nesou datum",
        "jej riadky nesú dátum",
    ),
    (
        "its key is made of references",
        "její klíč se skládá z odkazů",
        "jej kľúč sa skladá z odkazov",
    ),
    (
        "its key is made of references and a date",
        "její klíč se skládá z odkazů a data",
        "jej kľúč sa skladá z odkazov a dátumu",
    ),
    (
        "its rows are pairs of rows of one table",
        "její řádky jsou dvojice řádků jedné tabulky",
        "jej riadky sú dvojice riadkov jednej tabuľky",
    ),
    (
        "joins tables and measures nothing",
        "spojuje tabulky a nic neměří",
        "spája tabuľky a nič nemeria",
    ),
    (
        "measures that point at context",
        "míry s odkazy na kontext",
        "miery s odkazmi na kontext",
    ),
    (
        "other tables point at it",
        "odkazují na ni jiné tabulky",
        "odkazujú na ňu iné tabuľky",
    ),
    (
        "neither its name nor its joins decide",
        "nerozhoduje název ani vazby",
        "nerozhoduje názov ani väzby",
    ),
    (
        "no columns are listed and the name follows no convention",
        "sloupce nejsou uvedeny a název neodpovídá žádné konvenci",
        "stĺpce nie sú uvedené a názov nezodpovedá žiadnej konvencii",
    ),
    (
        "no columns are listed",
        "sloupce nejsou uvedeny",
        "stĺpce nie sú uvedené",
    ),
    (
        "{} numeric {}, points at {} {}, {} {} at it",
        "číselné míry: {0}, odkazuje na tabulky: {2}, na ni odkazuje: {4}",
        "číselné miery: {0}, odkazuje na tabuľky: {2}, na ňu odkazuje: {4}",
    ),
    (
        "role of {}, as its description says",
        "role {0}, jak říká její popis",
        "rola {0}, ako hovorí jej opis",
    ),
    (
        "role of {}: its name and columns",
        "role {0} podle názvu a sloupců",
        "rola {0} podľa názvu a stĺpcov",
    ),
    ("role: {}", "role: {0}", "rola: {0}"),
    (
        "columns are parts of a date",
        "sloupce jsou části data",
        "stĺpce sú časti dátumu",
    ),
    ("a calendar", "kalendář", "kalendár"),
    (
        "a list of codes: one column beside the key",
        "číselník: vedle klíče jeden sloupec",
        "číselník: popri kľúči jeden stĺpec",
    ),
    (
        "a list of codes: {} columns beside the key",
        "číselník: sloupců vedle klíče {0}",
        "číselník: stĺpcov popri kľúči {0}",
    ),
    (
        "a dimension of its own",
        "samostatná dimenze",
        "samostatná dimenzia",
    ),
    // Tool 3: anomalies.
    (
        "requested entities that no table in scope holds",
        "požadované entity, které nemá žádná tabulka v rozsahu",
        "požadované entity, ktoré nemá žiadna tabuľka v rozsahu",
    ),
    (
        "tables that the catalog marks as missing from their source",
        "tabulky, které podle katalogu ve zdroji chybí",
        "tabuľky, ktoré podľa katalógu v zdroji chýbajú",
    ),
    (
        "columns that the catalog marks as missing from their source",
        "sloupce, které podle katalogu ve zdroji chybí",
        "stĺpce, ktoré podľa katalógu v zdroji chýbajú",
    ),
    (
        "tables of which the catalog lists no column, so nothing can be said about their content",
        "tabulky, u nichž katalog neuvádí žádný sloupec, takže o jejich obsahu nelze nic říct",
        "tabuľky, pri ktorých katalóg neuvádza žiadny stĺpec, takže o ich obsahu sa nedá nič povedať",
    ),
    (
        "facts that join no dimension in scope",
        "fakty bez vazby na dimenzi v rozsahu",
        "fakty bez väzby na dimenziu v rozsahu",
    ),
    (
        "columns named as the key of another table, with no table in scope to point at",
        "sloupce pojmenované jako klíč jiné tabulky, která v rozsahu není",
        "stĺpce pomenované ako kľúč inej tabuľky, ktorá v rozsahu nie je",
    ),
    (
        "tables whose name stands in several schemas; say which one is meant",
        "tabulky, jejichž název je ve více schématech; je třeba říct, která se myslí",
        "tabuľky, ktorých názov je vo viacerých schémach; treba povedať, ktorá sa myslí",
    ),
    (
        "tables with an articulation score below {}",
        "tabulky se skóre artikulace pod {0}",
        "tabuľky so skóre artikulácie pod {0}",
    ),
    // Tool 3: what to do.
    ("{} (other tables in scope).", "{0}.", "{0}."),
    (
        "{} (tables the request needs).",
        "{0} (tabulky potřebné pro zadání).",
        "{0} (tabuľky potrebné pre zadanie).",
    ),
    ("Name an owner", "Určete vlastníka", "Určte vlastníka"),
    ("Write a description", "Napište popis", "Napíšte opis"),
    (
        "Complete the documentation: articulation is low or unknown",
        "Doplňte dokumentaci: artikulace je nízká nebo neznámá",
        "Doplňte dokumentáciu: artikulácia je nízka alebo neznáma",
    ),
    (
        "Set a security classification",
        "Nastavte bezpečnostní klasifikaci",
        "Nastavte bezpečnostnú klasifikáciu",
    ),
    (
        "Record the source system and table",
        "Zapište zdrojový systém a tabulku",
        "Zapíšte zdrojový systém a tabuľku",
    ),
    (
        "Add a business description to the technical one",
        "Doplňte k technickému popisu obchodní",
        "Doplňte k technickému opisu obchodný",
    ),
    (
        "Have a steward validate the asset",
        "Nechte položku validovat stewardem",
        "Nechajte položku validovať stewardom",
    ),
    (
        "Describe the columns of the tables the request needs.",
        "Popište sloupce tabulek potřebných pro zadání.",
        "Opíšte stĺpce tabuliek potrebných pre zadanie.",
    ),
    (
        "Find a source for entities that no table holds, or take them out of the request.",
        "Najděte zdroj entit, které žádná tabulka nemá, nebo je ze zadání vypusťte.",
        "Nájdite zdroj entít, ktoré žiadna tabuľka nemá, alebo ich zo zadania vypustite.",
    ),
    (
        "Ask the owner whether assets missing from their source were renamed, moved or dropped.",
        "Zeptejte se vlastníka, zda byly položky chybějící ve zdroji přejmenovány, přesunuty, nebo zrušeny.",
        "Spýtajte sa vlastníka, či boli položky chýbajúce v zdroji premenované, presunuté alebo zrušené.",
    ),
    (
        "Harvest the columns of tables listed without any.",
        "Načtěte sloupce tabulek, které jsou uvedeny bez nich.",
        "Načítajte stĺpce tabuliek, ktoré sú uvedené bez nich.",
    ),
    (
        "Clarify the keys of facts that join no dimension.",
        "Vyjasněte klíče faktů bez vazby na dimenzi.",
        "Vyjasnite kľúče faktov bez väzby na dimenziu.",
    ),
    (
        "Say in the descriptions what unresolved keys point at, or bring the table into scope.",
        "Uveďte v popisech, kam míří nevyřešené klíče, nebo tabulku zahrňte do rozsahu.",
        "Uveďte v opisoch, kam mieria nevyriešené kľúče, alebo tabuľku zahrňte do rozsahu.",
    ),
    (
        "Say in the descriptions how tables of one name in several schemas differ.",
        "Uveďte v popisech, čím se liší stejnojmenné tabulky různých schémat.",
        "Uveďte v opisoch, čím sa líšia rovnomenné tabuľky rôznych schém.",
    ),
    // Tool 3: the risk.
    (
        "the quality score is {}, below {}",
        "skóre kvality je {0}, pod {1}",
        "skóre kvality je {0}, pod {1}",
    ),
    (
        "the quality score is {}, and {} recommendations are P1",
        "skóre kvality je {0}, doporučení P1: {1}",
        "skóre kvality je {0}, odporúčania P1: {1}",
    ),
    (
        "the quality score is {} and nothing is urgent",
        "skóre kvality je {0} a nic nespěchá",
        "skóre kvality je {0} a nič nie je naliehavé",
    ),
    (
        "what was requested meets {}",
        "požadavku stojí v cestě: {0}",
        "požiadavke stojí v ceste: {0}",
    ),
    (
        "none of the requested entities was found",
        "nenašla se žádná požadovaná entita",
        "nenašla sa žiadna požadovaná entita",
    ),
    (
        "no schema is in scope",
        "v rozsahu není žádné schéma",
        "v rozsahu nie je žiadna schéma",
    ),
];

/// How deep texts inside texts are translated.
const DEPTH_MAX: usize = 4;

/// A tool's reason in a language.
pub(in super::super) fn translated(language: Language, reason: &str) -> String {
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
                    inner(language, hole, depth - 1)
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

/// The reasons for a table's class, which stand one after the other.
pub(super) fn rationale(language: Language, stated: &str) -> String {
    let parts: Vec<String> = stated
        .split("; ")
        .map(|part| translated(language, part))
        .collect();
    parts.join("; ")
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
pub(super) fn grain(language: Language, stated: &str) -> String {
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
}
