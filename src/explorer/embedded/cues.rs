//! The words that say what a question asks for, in three languages.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::tokens::Token;
use crate::text;

/// What a word or phrase of a question hints at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cue {
    List,
    Count,
    Tables,
    Schemas,
    Facts,
    Dimensions,
    Bridges,
    Unclassified,
    Columns,
    Describe,
    Grain,
    Keys,
    Measures,
    Owner,
    Security,
    Joins,
    Uses,
    LineageUp,
    LineageDown,
    Lineage,
    Diagram,
    Quality,
    Fix,
    Gap,
    Description,
    Where,
    Contains,
    Named,
    Catalog,
    Compare,
    Most,
    Run,
    My,
    Request,
    Excluded,
    Missed,
    Found,
    Summary,
    Warnings,
    Analyse,
    Help,
    Greeting,
    Thanks,
    It,
    Them,
    And,
    Why,
    First,
    Second,
    Third,
    Fourth,
    Fifth,
    Last,
    /// Carries nothing: "please", "me", "tell".
    Filler,
}

/// Phrases by cue, without accents. A word stands for all its inflections, `word*` for
/// all words that begin so, `=word` for itself alone; words of three letters and fewer
/// always stand for themselves. The longest phrase at a place wins.
const CUES: &[(Cue, &str)] = &[
    (
        Cue::List,
        "seznam, zoznam, vypis*, vyjmenuj*, vymenuj*, zobraz*, ukaz*, list, show, display, enumerate, vsechny, vsetky, \
         vsechna, vsech, vsetkych, all, ktere, ktera, ktery, ktore, ktora, ktory, jake, jaka, ake, aka, which",
    ),
    (
        Cue::Count,
        "kolik, kolko, pocet, poctu, poctem, how many, number of, count, spocitej, spocitaj, how large, how big, jak velky, aky velky",
    ),
    (
        Cue::Tables,
        "tabulk*, tabulek, tabuliek, table, tables, datova sada, dataset, datasets, tablulk*, tabulce",
    ),
    (
        Cue::Schemas,
        "schema, schemat*, schemata, schemy, schem, schemas, schemach, schemami, datamart, datamarty, datamartu, mart, marts, marty, \
         martu, martov, vrstva, vrstvy, vrstev, layer, layers",
    ),
    (
        Cue::Facts,
        "fakt, fakty, fakta, faktu, faktov, faktova, faktove, faktovych, faktovou, fact, facts, =facty, tabulky faktu, tabulka faktu, \
         tabulky faktov, fact table, fact tables",
    ),
    (
        Cue::Dimensions,
        "dimenz*, dimension, dimensions, =dim, dims, ciselnik, ciselniky, ciselniku, ciselnikov, dimension tables",
    ),
    (
        Cue::Bridges,
        "bridge, bridges, =bridgu, =bridgov, mustek, mustky, mustku, mostik, mostiky, mostikov, vazebni tabulk*, vazobn* tabulk*, vazobne tabulky, \
         prepojovac* tabulk*, spojovaci tabulk*, link table, link tables, bridge table, bridge tables, bridgove tabulky, bridgovych tabul*",
    ),
    (
        Cue::Unclassified,
        "nezarazen*, neklasifikovan*, nezaraden*, unclassified",
    ),
    (
        Cue::Columns,
        "sloup*, slopec, slopce, stlp*, column, columns, cols, field, fields, pole, poli, polia, poliach, atribut*, attribute, attributes",
    ),
    (
        Cue::Describe,
        "co je, co je to, co to je, cim je, co znamena, co presne je, what is, what s, =whats, what are, popis mi, popiste, popisz, describe, explain, \
         vysvetli*, detail, details, detaily, detailu, tell me about, tell me more about, about, co obsahuje, co vies o, co vite o, co viete o, \
         co je v, k cemu je, k cemu slouzi, na co je, na co sluzi, na co slouzi, o cem je, o com je, what does it contain, \
         podrobnost*, informace o, informacie o, povedz mi o, rekni mi o, neco o, nieco o, opis mi, opiste, what do you know about, =info, info o, popis, \
         opis, purpose, ucel, vyznam, meaning",
    ),
    (
        Cue::Grain,
        "zrnitost*, granularit*, grain, granularity, jeden radek, jeden riadok, jeden zaznam, one row, a row, each row, radek tabulky, riadok tabulky",
    ),
    (
        Cue::Keys,
        "klic, klice, klici, klicem, kluc, kluce, kluca, klucom, klicove sloupce, klucove stlpce, key, keys, primary key, primary keys, =pk, primarni klic, \
         primarny kluc, business key, unique key, identifik*, jednoznacn*",
    ),
    (
        Cue::Measures,
        "measure, measures, metrik*, metric, metrics, ukazatel*, ukazovatel*, =mery, =miery, =miry, =mir, mier, meritka, kpi, =miru",
    ),
    (
        Cue::Owner,
        "vlastni*, owner, owners, owned, owns, ownership, zodpovida, zodpoveda, odpovida za, zodpovedny, odpovedny, odpovedna, zodpovedna, responsible, \
         spravce, spravca, steward, stewards, komu patri, =majitel, majitele, garant*",
    ),
    (
        Cue::Security,
        "klasifikac*, security classification, security, classification, duvern*, dovern*, citliv*, confidential, sensitive, sensitivity, utajen*, tajn*",
    ),
    (
        Cue::Joins,
        "spoj*, spaj*, join*, zjoin*, prijoin*, napoj*, napaj*, pripoj*, combin*, kombin*, merge*, vazb*, vazieb, vztah*, relation*, relate, relates, related, relates to, propoj*, prepoj*, navaz*, nadvaz*, naviaz*, foreign key, \
         foreign keys, cizi klic*, cudzi kluc*, cudzie kluce, =fk, odkazuj*, reference, references, referencing, linked, link, connect, connects, connected, souvis*, suvis*, kardinalit*, \
         cardinality, points to, point to",
    ),
    (
        Cue::Uses,
        "pouziva, pouzivaji, pouzivaju, vyuziva, vyuzivaji, vyuzivaju, use, uses, using",
    ),
    (
        Cue::LineageUp,
        "odkud, odkial, zdroj*, source, sources, upstream, come from, comes from, coming from, what feeds, which feeds, plni, naplnen*, pochaz*, pochadz*, origin, originate, \
         origins, puvod*, povod*, vznika, vznikla, vznikol, derived from, loaded from, based on, built from, z =ceho, z =coho, fed by, feeding, feeds, co plni, na cem stoji, na com stoji, where does it come from",
    ),
    (
        Cue::LineageDown,
        "kam, downstream, where used, where is used, used by, used in, is used, are used, go to, goes to, flow to, flows to, impact, dopad*, zavis*, depends on, depend on, dependent, kde se pouziva, \
         kde se pouzivaji, kde sa pouziva, kde sa pouzivaju, kto pouziva, kdo pouziva, who uses, what uses, co z ni vznika, co z nej vznika, vychaz*, vychadz*, konzument*, consumers, consumer, \
         made from, built on, does feed, kde vsude",
    ),
    (
        Cue::Lineage,
        "lineage, linage, linege, rodokmen, data flow, datovy tok, datove toky, tok dat, toky dat, tok udajov, puvod dat, povod dat",
    ),
    (
        Cue::Diagram,
        "diagram*, er diagram, er diagram*, =erd, er model, er schema, er schemat*, er schemu, nakresl*, vykresl*, draw, drawing, picture, obrazek, obrazok, mermaid, vizualiz*, visuali*, graf, graph, chart, model dat, datovy model, data model",
    ),
    (
        Cue::Quality,
        "kvalit*, quality, pokryt*, coverage, dokumentac*, documentation, documented, zdokumentovan*, dokumentovan*, skore, score, rizik*, risk, risks, \
         risky, anomal*, audit*, uplnost*, completeness, jak dobre, ako dobre, how well, how good, =dq, mezery, medzery, gaps",
    ),
    (
        Cue::Fix,
        "opravit, opravime, opravim, fix, fixed, fixing, improve, improved, improvement*, zlepsi*, vylepsi*, napravit, doporuc*, odporuc*, odporucan*, recommend*, priorit*, prioritu, \
         problem*, issue, issues, wrong, spatne, zle, doplnit, doresit, doriesit, to do, todo, nejhorsi, najhorsie, najhorsi, worst, spatnou, nedostatk*, what should we do, what to do",
    ),
    (
        Cue::Gap,
        "chybi, chybej*, chyba, chybaju, chybajuc*, chybaj*, missing, lack*, bez, nemaji, nemaju, nema, without, undocumented, nezdokumentovan*, nedokumentovan*, nepopsan*, nepopisan*, neopisan*, have no, has no, \
         with no, no, unknown, not documented, not described, neni popsan*, nejsou popsan*, nie su opisane, nie su zdokumentovane, nejsou zdokumentovan*, neznam*",
    ),
    (
        Cue::Description,
        "popisu, popisek, popisky, popiskem, opisu, popisem, popisom, popisy, opisy, description, descriptions, described, popsan*, opisan*",
    ),
    (
        Cue::Where,
        "kde, where, najdi, najdu, najdem, najdeme, najit, najst, find, hledam, hledame, hladam, hladame, vyhledej*, vyhladaj*, looking for, search, locate, v =ktere =tabulce, v =jake =tabulce, ve =ktere =tabulce, \
         v =ktorej =tabulke, v =akej =tabulke, which =table, what =table, =ktera =tabulka, =ktora =tabulka, namapuj*, mapuj*, map, mapping, zmapuj*, =jaka =tabulka, =aka =tabulka, in which tables, \
         v kterych tabulkach, ve kterych tabulkach, v ktorych tabulkach, mame data o, mame udaje o, mame nejaka data o, is there, are there any, =existuje, do we have, mame nejakou, mame nejaku",
    ),
    (
        Cue::Contains,
        "obsahuj*, contain, contains, containing, hold, holds, holding, drzi, drzia, zahrn*, include, includes, store, stores, stored, ulozen*, uchovav*, track, tracks, eviduj*, mention*, zmin*, spomin*",
    ),
    (
        Cue::Named,
        "nazev, nazvu, nazvem, nazov, nazvom, named, called, name contains, jmenuj*, volaj*, nazyv*, pojmenovan*, pomenovan*, matching, match, matches, like, odpovidaj*, zodpovedaj*, zacinaj*, zacinajuc*, koncic*, konciac*, \
         starting with, ending with, end with, start with, vzor*, pattern, slovo, slovom, slovem, word, =v nazvu, v nazve",
    ),
    (
        Cue::Catalog,
        "katalog*, catalog, catalogue, overview, prehled, prehlad, celkem, celkom, celkove, in total, total, altogether, celeho, cely, cele, whole, entire, everything, warehouse, datovy sklad, datoveho skladu, datovem skladu, datovom sklade",
    ),
    (
        Cue::Compare,
        "porovn*, compare, comparison, srovn*, rozdil*, rozdiel*, differ, differs, difference, differences, versus, =vs, lisi, odlisu*, spolecn*, spolocn*, in common, shared, common",
    ),
    (
        Cue::Most,
        "nejvic, nejvice, najviac, most, largest, biggest, nejvetsi, najvacsi*, nejsirsi, najsirsi*, widest, najvacsiu",
    ),
    (
        Cue::Run,
        "beh, behu, behem, behom, =run, runs, pipeline, pipelina, pipeliny, pipelinu",
    ),
    (
        Cue::My,
        "=muj, meho, =mem, memu, mym, =moje, moji, =moj, mojho, mojom, mojmu, mojej, =my, nas, naseho, nasho, our, this session, tato session, teto session, tejto session, tohto behu, tohoto behu, posledniho, posledneho, last",
    ),
    (
        Cue::Request,
        "zadani, zadanie, zadania, request, pozadavek, pozadavku, pozadavkem, poziadavka, poziadavky, poziadavke, dokument, dokumentu, dokumente, document, projekt, projektu, project, entita, entity, entit, \
         entitu, entities, entitach",
    ),
    (
        Cue::Excluded,
        "vyloucen*, vyloucil*, vylucen*, vylucil*, vyrazen*, vyraden*, excluded, exclude, out of scope, mimo rozsah, mimo scope, left out, vynechan*",
    ),
    (
        Cue::Missed,
        "nenasel, nenasla, nenaslo, nenasli, nenalez*, nenajden*, nebyly nalezen*, nebyla nalezen*, nebylo nalezen*, neboli najden*, nebola najden*, nebolo najden*, nenasiel, not found, not find, not matched, unmatched, no match, \
         were missed, could not be found, weren t found, wasn t found",
    ),
    (
        Cue::Found,
        "nasel, nasla, naslo, nasli, nasiel, nalezen*, najdene, najdeny, najdena, found, matched, mapped, namapovan*, zmapovan*",
    ),
    (
        Cue::Summary,
        "shrn*, souhrn*, zhrn*, suhrn*, sumar*, summary, summarize, summarise, vysledek, vysledku, vysledky, vysledok, vysledkov, vysledkom, vysledkem, result, results, dopadl, dopadla, dopadol, outcome",
    ),
    (
        Cue::Warnings,
        "varovan*, upozorn*, warning, warnings, remarks, poznamk*",
    ),
    (
        Cue::Analyse,
        "analyzuj*, zanalyzuj*, rozanalyzuj*, analyse, analyze, spust, spusti, spustte, start, zpracuj*, spracuj*, spustit, analyzovat, zanalyzovat",
    ),
    (
        Cue::Help,
        "help, pomoc*, pomoz*, napoved*, co umis, co umite, co vies, co viete, co dokaz*, co muzes, co mozes, what can you do, what can i ask, co se muzu zeptat, co se mohu zeptat, na co se muzu, \
         na co sa mozem, co sa mozem, jak te pouzit, what do you do, who are you, kdo jsi, kto si, jak to funguje, ako to funguje, how does it work, how does this work, what can you, can you help, s cim muzes, s cim mozes, s cim pomuzes, s cim pomozes, co vsechno umis, co vsetko vies",
    ),
    (
        Cue::Greeting,
        "ahoj, ahojte, dobry den, dobry, dobre rano, dobry vecer, hello, hi, hey, =cau, =cus, nazdar, zdravim, good morning, good afternoon, good evening, servus, den, zdar",
    ),
    (
        Cue::Thanks,
        "dekuj*, diky, dik, dakuj*, vdaka, thanks, thank you, thank, =thx, cheers, skvele, super, great, perfect, parada, vyborne, to je vse, to je vsetko, that s all, that is all, bye, nashle, na shledanou, dovidenia",
    ),
    (
        Cue::It,
        "=it, its, jeji, =jej, =jeho, =ni, =nej, =nim, =nou, this table, that table, tato tabulka, teto tabulky, tuto tabulku, tejto tabulky, tato, tuto, teto, tejto, tahle, teto tabulce, tejto tabulke, tam, this one, that one, the same, stejne, \
         =ta, =te, =tu, =tej, =tou, toho, this, that, touto, tento, tohto, tohoto, ona, =on, there",
    ),
    (
        Cue::Them,
        "z nich, z nej, jich, ich, =nich, =nimi, them, of them, of these, of those, these, those, they, their, jejich, tech, tych, techto, tychto, tyto, tieto, =ty, =tie, je to hodne, between them, mezi nimi, medzi nimi, tyhle",
    ),
    (
        Cue::And,
        "a co, a co tak, what about, how about, and what about, a pro, a pre, a v, and for, and in, a u, a ta, a ten, same for, to same pro, to iste pre, totez pro, and, a, a jak, a ako, co takhle, a jake, a ake",
    ),
    (Cue::Why, "proc, preco, why"),
    (
        Cue::First,
        "prvni, prvou, prva, prvu, =prve, prvy, =first, 1st",
    ),
    (
        Cue::Second,
        "druhou, druha, druhu, druhe, druhy, druhej, second, 2nd",
    ),
    (Cue::Third, "treti, tretia, tretiu, tretej, third, 3rd"),
    (
        Cue::Fourth,
        "ctvrta, ctvrtou, ctvrty, stvrta, stvrtu, stvrty, fourth, 4th",
    ),
    (
        Cue::Fifth,
        "pata, patou, paty, piata, piatu, piaty, fifth, 5th",
    ),
    (
        Cue::Last,
        "=posledni, =posledna, =poslednu, =posledny, the last one, last one",
    ),
    (
        Cue::Filler,
        "prosim, please, mi, me, mne, pls, chci, chcem, chtel, chtela, rad, bych, by, want, would, like to, i, want to, need to, can, could, you, muzes, muzete, mozes, mozete, rekni, reknete, povedz, povedzte, tell, give, dej, daj, \
         vlastne, actually, jeste, este, also, take, tiez, taky, ok, okay, tak, dobre, now, ted, teraz, nejak*, nejake, nejaka, any, some, few, nekolik, niekolko, konkretn*, presne, exactly, just, jen, iba, only, \
         potrebuj*, potrebova*, nekde, niekde, somewhere, anywhere, everything, something, anything, vsechno, vsetko, neco, nieco, vubec, vobec, nahodou, hlavne, mainly, zajima*, zaujima*, interested, interest, sem, tam, vlastnost*, skus*, zkus*, try, prosimte,  vedet, vediet, know, see, videt, vidiet, look, podivat, pozriet, zaznam, zaznamy, data, dat, udaj, udaje, udajov, udaju, information, informace, informacie, info, business, mit, mat, \
         jde, da, dat, daji, daju, lze, mozne, possible, muzu, mozem, budou, budu, bude, jsme, som, jsem, su, jsou, je, is, are, was, were, do, does, did, got, have, has, had, ma, maji, maju, mame, mam, what, who, whose, how, \
         jak, ako, kdo, kto, co, cim, cem, com, kdy, kedy, when, while, whether, jestli, ci, if, then, pak, potom, tedy, teda, well, here, tady, tu, zde, exist, exists, existuj*, keep, kept, work, works, query, report*, represent*, reprezent*, predstav*, pouzit, pracuj*, pracov*, start, zacat, zacit, zaciname, important, dulezit*, dolezit*, main, current, aktual*, available, dostupn*, k dispozici, k dispozicii, mate, majte, each, every, kazd*, one, ones, other, others, thing, things, veci, vec, veci, \
         patri, patria, lezi, nachaz*, nachadz*, stands, stand, used, get, getting, let, us, them, more, vic, vice, viac, =db, databaz*, database, both, oba, obe, obou, oboch, moc, very, velmi, hodne, vela, lot, much, together, spolu, dohromady, work, funguje, really, opravdu, naozaj, \
         s, se, so, sa, si, na, do, od, po, za, ze, zo, z, ve, vo, v, u, o, k, ke, ku, pro, pre, pri, mezi, medzi, between, podle, podla, from, to, in, of, on, at, by, for, with, and, or, the, an, a, i, aj, nebo, alebo, ani, ale, but, any, into, within, inside, uvnitr, nad, pod, as, than, nez, nie, ne, not, don, t, s, re, m, ll, ve, tedy",
    ),
];

/// One word of a phrase.
enum Word {
    Inflected {
        folded: String,
        slavic: String,
        english: String,
    },
    Prefix(String),
    Exact(String),
}

impl Word {
    fn new(word: &str) -> Self {
        if let Some(prefix) = word.strip_suffix('*') {
            return Self::Prefix(prefix.to_owned());
        }
        if let Some(exact) = word.strip_prefix('=') {
            return Self::Exact(exact.to_owned());
        }
        if word.len() <= 3 {
            return Self::Exact(word.to_owned());
        }
        Self::Inflected {
            folded: word.to_owned(),
            slavic: text::slavic_stem(word),
            english: text::english_stem(word),
        }
    }

    fn fits(&self, token: &Token<'_>) -> bool {
        match self {
            Self::Inflected {
                folded,
                slavic,
                english,
            } => {
                token.folded == *folded
                    || (token.folded.len() > 3
                        && (token.slavic == *slavic || token.english == *english))
            }
            Self::Prefix(prefix) => token.folded.starts_with(prefix.as_str()),
            Self::Exact(word) => token.folded == *word,
        }
    }

    /// Whether a token is the word with one letter wrong.
    fn nearly(&self, token: &Token<'_>) -> bool {
        let (wanted, beginning) = match self {
            Self::Inflected { folded, .. } => (folded, false),
            Self::Prefix(prefix) => (prefix, true),
            Self::Exact(_) => return false,
        };
        let letters = wanted.chars().count();
        if letters < TYPO_LETTERS_MIN || token.folded.chars().next() != wanted.chars().next() {
            return false;
        }
        if !beginning {
            return strsim::osa_distance(&token.folded, wanted) <= 1;
        }
        [letters - 1, letters, letters + 1]
            .into_iter()
            .any(|length| {
                let start: String = token.folded.chars().take(length).collect();
                strsim::osa_distance(&start, wanted) <= 1
            })
    }
}

/// Shorter words are too like each other to be taken for misspelt ones.
const TYPO_LETTERS_MIN: usize = 5;

static PHRASES: LazyLock<Vec<(Cue, Vec<Word>)>> = LazyLock::new(|| {
    CUES.iter()
        .flat_map(|(cue, phrases)| phrases.split(", ").map(|phrase| (*cue, phrase)))
        .map(|(cue, phrase)| (cue, phrase.split_whitespace().map(Word::new).collect()))
        .collect()
});

/// The cues of a question, and which of its tokens they take.
pub(super) struct Cues {
    found: HashSet<Cue>,
    /// Per token, whether a phrase takes it.
    pub(super) taken: Vec<bool>,
    /// Per token, the cue that takes it.
    by_place: Vec<Option<Cue>>,
}

impl Cues {
    pub(super) fn has(&self, cue: Cue) -> bool {
        self.found.contains(&cue)
    }

    pub(super) fn any(&self, cues: &[Cue]) -> bool {
        cues.iter().any(|cue| self.has(*cue))
    }

    /// The cue that takes a token.
    pub(super) fn at(&self, place: usize) -> Option<Cue> {
        self.by_place.get(place).copied().flatten()
    }
}

/// Finds the cues among tokens; names and quoted text are none.
pub(super) fn find(tokens: &[Token<'_>]) -> Cues {
    let free = |place: usize| {
        tokens
            .get(place)
            .is_some_and(|token| !token.quoted && !token.is_identifier())
    };
    let mut cues = Cues {
        found: HashSet::new(),
        taken: vec![false; tokens.len()],
        by_place: vec![None; tokens.len()],
    };
    let mut at = 0;
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        let fitting = |words: &[Word]| {
            words.len() <= rest.len()
                && words
                    .iter()
                    .zip(rest)
                    .enumerate()
                    .all(|(offset, (word, token))| free(at + offset) && word.fits(token))
        };
        let here: Vec<&(Cue, Vec<Word>)> =
            PHRASES.iter().filter(|(_, words)| fitting(words)).collect();
        let longest = here.iter().map(|(_, words)| words.len()).max().unwrap_or(0);
        for (cue, words) in here {
            if words.len() == longest {
                cues.take(*cue, at, longest);
            }
        }
        at += longest.max(1);
    }
    cues
}

impl Cues {
    fn take(&mut self, cue: Cue, at: usize, length: usize) {
        self.found.insert(cue);
        for taken in self.taken.iter_mut().skip(at).take(length) {
            *taken = true;
        }
        for known in self.by_place.iter_mut().skip(at).take(length) {
            // A word can hint at two things; what carries meaning counts.
            if known.is_none_or(|known| known == Cue::Filler) {
                *known = Some(cue);
            }
        }
    }

    /// Whether a word that names tables stands before a place.
    pub(super) fn follows_a_list(&self, place: usize) -> bool {
        let listed = [Cue::Tables, Cue::Facts, Cue::Dimensions, Cue::Bridges];
        self.by_place
            .iter()
            .take(place)
            .flatten()
            .any(|cue| listed.contains(cue))
    }

    /// Takes a word that nothing else is known of for a misspelt cue.
    pub(super) fn take_misspelt(&mut self, tokens: &[Token<'_>], place: usize) {
        let Some(token) = tokens.get(place) else {
            return;
        };
        let meant = PHRASES.iter().find(|(cue, words)| match words.as_slice() {
            [only] => *cue != Cue::Filler && only.nearly(token),
            _ => false,
        });
        if let Some((cue, _)) = meant {
            self.take(*cue, place, 1);
        }
    }
}
