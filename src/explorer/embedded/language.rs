//! Which language a question is in, however short it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::explorer::Language;
use crate::glossary::Glossary;
use crate::text;

/// More words than these decide nothing new.
const WORDS_MAX: usize = 200;

/// Words of questions that tell the languages apart, without accents, for those may be
/// missing. A word of several lists counts for each.
const WORDS: [&str; 3] = [
    "mosty smaz prejmenuj pridej kolem ohledne dostat a ahoj aby analyzuj bez bude byt cau celeho cely chci co dal dalsi data dekuji dekuju diky dimenze dimenzi \
     dobry den dodavatele do entit entity fakta faktu fakty hlavni hledam hledej i ja jak jaka jake jaky jakou jde je \
     jeho jejich jeji jich jsou jsem k kam katalog katalogu katalogy kde kdo klic klice klici kolik kvalita kvalitu \
     ktera ktere kterou ktery kterych kterem meho mezi mi mit mne moje muj muzu mam mame ma maji mezery na najdi \
     najdu nakup nakupu napis nejvice nejsou neni nenasel nenasla objednavek objednavky odkud opravit o pak po podle \
     pomoc popis popisu popsane porovnej potrebuji prehled pro prosim prvni pochazi pochazeji rozdil rekni s se \
     seznam schema schemata schematu shrn shrnuti sloupce sloupci sloupcich sloupcu spojit spojim spojuje souvisi \
     souhrn tabulka tabulce tabulek tabulky tabulku tabulkach ta te tech to toho tomu treba treti ty \
     umis umite v ve vazba vazby vlastnik vlastnika vlastni vsechny vsechna vsech vypis vypsat vysledek vysvetli z za \
     zadani zdroj zdroje ze zobraz zdravim zjisti znamena zrnitost ukaz ukazte uplnost upravit zacit zavisi existuje \
     nakresli nakreslete druha druhy chybi chybejici najit muzes spocitej takze proc byl byla behu beh stredisko",
    "mosty zmaz premenuj pridaj okolo ohladom dostat a aj ahoj aby ako aka ake aky aku akou analyzuj bez bude byt chcem celeho cely co cim dalsi data \
     dakujem dimenzie dimenzii dobry den dodavatela dodavatelov do entit entity fakty faktov faktu hlavne hladam i ich \
     ja je jeho jej k kam katalog katalogu kde kluc kluca klucov klucove kolko kto kvalita kvalitu ktora ktore ktoru \
     ktory ktorych ktorej ktorom ktori mojho moj medzi mi mat mozem mam mame ma maju mate moja moje na najdi najdem \
     nakup nakupu napis najviac nie nenasiel nenasla nasiel objednavok objednavky odkial opravit o potom po podla pomoc \
     popis opis opisu porovnaj potrebujem prehlad pre prosim prva pochadza pochadzaju rozdiel povedz s so sa sumar \
     zoznam schema schemy schem zhrn zhrnutie stlpce stlpec stlpcov stlpcoch suvisi suvisia spojit spojim spaja su som \
     tabulka tabulke tabuliek tabulky tabulku tabulkach ta tej tie tych to toho tomu treba tretia ti \
     viete vies v vo vazba vazby vlastnik vlastnika vlastni vsetky vsetkych vypis vypisat vysledok vysvetli z za zo \
     zadanie zadania zdroj zdroje zobraz zdravim zisti znamena zrnitost ukaz ukazte uplnost upravit zacat zavisi \
     existuje nakresli nakreslite druha druhy chyba chybaju chybajuce najst mozes spocitaj takze preco bol bola beh \
     behu vsetko tento tato tuto plni idu stredisko sucasne",
    "a about all an analyse analyze and any are as be between bridges but by can catalog columns column come compare \
     contain containing contains could count describe details dimension dimensions do does documented draw \
     each entities entity explain fact facts feeds feed find fix first for from give grain has have hello help hey hi \
     hold holding how i in is it its join joined key keys know large largest like lineage list many map me measures \
     missing most my named need no not of on one or our out owner owns please purchase put quality related relate \
     relationships request result run schemas score second should show source sources suppliers \
     orders summary summarize table tables tell than thank thanks that the their them then there these they things third \
     this those to undocumented up us use used uses using want was we well were what where which who why will with \
     without worst would you your",
];

/// Words that only their accents tell apart.
const CZECH_SPELT: &[&str] = &[
    "ukaž", "její", "jsou", "dané", "řekni", "těch", "věci", "mají",
];
const SLOVAK_SPELT: &[&str] = &[
    "čo",
    "čom",
    "čomu",
    "ukáž",
    "popíš",
    "ukážte",
    "tá",
    "tú",
    "tých",
    "sú",
    "dát",
    "dáta",
    "môj",
    "majú",
    "akú",
    "niečo",
    "každá",
    "vymenuj",
    "nejaký",
    "vzťah",
    "vzťahy",
    "vzťahov",
    "väzby",
    "nejaká",
    "nejaké",
    "nejakého",
    "nejakú",
    "nejakej",
    "nejakých",
];

/// Endings that only one of the two has where accents are missing.
const CZECH_ENDINGS: &[&str] = &[
    "uji", "aji", "eji", "ejsi", "ovani", "elem", "ikem", "ovem", "elu", "ich",
];
const SLOVAK_ENDINGS: &[&str] = &[
    "uju", "aju", "iek", "iach", "iami", "och", "atov", "elov", "ikov", "ovanie", "enie", "anie",
    "enia", "ania", "cie", "cia", "cii", "ciu", "zie", "zia", "ziu", "ike", "vke", "bulke", "kej",
    "ovej", "pnej", "elom", "ikom", "ovom",
];

/// Letters that of Czech and Slovak only one has.
const CZECH_LETTERS: &str = "ěřů";
const SLOVAK_LETTERS: &str = "ľĺŕôä";
const SHARED_LETTERS: &str = "áéíóúýčďňšťž";

/// A letter of one language alone, a word of its list, a shared letter or an ending.
const LETTER: u32 = 6;
const WORD: u32 = 4;
const HINT: u32 = 2;

static KNOWN: LazyLock<HashMap<&'static str, [bool; 3]>> = LazyLock::new(|| {
    let mut known: HashMap<&str, [bool; 3]> = HashMap::new();
    for (place, list) in WORDS.iter().enumerate() {
        for word in list.split_whitespace() {
            if let Some(mark) = known.entry(word).or_default().get_mut(place) {
                *mark = true;
            }
        }
    }
    known
});

/// Whether a folded word is a common one of the three languages.
pub(super) fn is_common(folded: &str) -> bool {
    KNOWN.contains_key(folded)
}

/// The language of a question; where it does not tell, that of the thread, else English.
#[must_use]
pub fn language_of(question: &str, before: Option<Language>) -> Language {
    let mut points = [0_u32; 3];
    // Names of tables are English in every language.
    let words = question
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '*')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty() && !word.contains(['_', '.', '*']));
    for word in words.take(WORDS_MAX) {
        for (sum, more) in points.iter_mut().zip(points_of(word)) {
            *sum += more;
        }
    }
    let [czech, slovak, english] = points;
    if english > czech.max(slovak) {
        return Language::English;
    }
    if czech != slovak {
        return if czech > slovak {
            Language::Czech
        } else {
            Language::Slovak
        };
    }
    match before {
        Some(before) => before,
        None if czech > english => Language::Czech,
        None => Language::English,
    }
}

/// Beginnings of the glossary's Czech and Slovak words, with their accents, by stem.
static STEMS: LazyLock<HashMap<&'static str, [Vec<String>; 2]>> = LazyLock::new(|| {
    let mut stems: HashMap<&str, [Vec<String>; 2]> = HashMap::new();
    for form in Glossary::embedded().forms() {
        let Some(slot) = form.tongue.map(usize::from) else {
            continue;
        };
        let beginnings = stems.entry(form.stem).or_default();
        if let Some(known) = beginnings.get_mut(slot) {
            known.push(beginning(form.written, form.stem));
        }
    }
    stems
});

/// As much of a word as its stem has letters, but for the last, which stems change.
fn beginning(word: &str, stem: &str) -> String {
    let length = stem.chars().count().saturating_sub(1);
    word.to_lowercase().chars().take(length).collect()
}

/// Whether the glossary has a word in Czech, and in Slovak; where both have its stem, the
/// accents tell.
fn spelt_in(lower: &str, folded: &str) -> [bool; 2] {
    let stem = text::slavic_stem(folded);
    let Some([czech, slovak]) = STEMS.get(stem.as_str()) else {
        return [false; 2];
    };
    if czech.is_empty() || slovak.is_empty() || lower.is_ascii() {
        return [!czech.is_empty(), !slovak.is_empty()];
    }
    let written = beginning(lower, &stem);
    [czech.contains(&written), slovak.contains(&written)]
}

fn points_of(word: &str) -> [u32; 3] {
    // No word of the lists is longer.
    if word.len() > 40 {
        return [0; 3];
    }
    let folded = text::fold(word);
    let known = KNOWN.get(folded.as_str()).copied().unwrap_or_default();
    let mut points = known.map(|known| if known { WORD } else { 0 });
    let [czech, slovak, _] = &mut points;
    let lower = word.to_lowercase();
    if lower.contains(|c| CZECH_LETTERS.contains(c)) {
        *czech += LETTER;
    }
    if lower.contains(|c| SLOVAK_LETTERS.contains(c)) {
        *slovak += LETTER;
    }
    if lower.contains(|c| SHARED_LETTERS.contains(c)) {
        *czech += HINT;
        *slovak += HINT;
    }
    if CZECH_SPELT.contains(&lower.as_str()) {
        *czech += WORD;
    }
    if SLOVAK_SPELT.contains(&lower.as_str()) {
        *slovak += WORD;
    }
    // No Czech infinitive ends so, and few other words do.
    if lower.ends_with('ť') {
        *slovak += HINT;
    }
    let [in_czech, in_slovak] = spelt_in(&lower, &folded);
    if in_czech != in_slovak {
        *(if in_czech { czech } else { slovak }) += WORD;
    }
    let [czech, slovak, _] = &mut points;
    // A business term in Czech or Slovak.
    let terms = Glossary::embedded().read(word);
    if known == [false; 3] && terms.iter().any(|term| term.slavic && term.kind.is_some()) {
        *czech += HINT;
        *slovak += HINT;
    }
    if CZECH_ENDINGS.iter().any(|ending| folded.ends_with(ending)) {
        *czech += HINT;
    }
    if SLOVAK_ENDINGS.iter().any(|ending| folded.ends_with(ending)) {
        *slovak += HINT;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_questions_are_told_apart_with_and_without_accents() {
        for (question, expected) in [
            ("zoznam tabuliek", Language::Slovak),
            ("seznam faktu", Language::Czech),
            ("vypis tabulky dm_bs_purchase", Language::Czech),
            ("ktore stlpce obsahuju dodavatela", Language::Slovak),
            ("které sloupce", Language::Czech),
            ("list tables", Language::English),
            ("facts in dm_bs_purchase", Language::English),
            ("odkial je factv_contract", Language::Slovak),
            ("odkud je factv_contract", Language::Czech),
            ("a její sloupce?", Language::Czech),
            ("a jej stĺpce?", Language::Slovak),
            ("dimv_supplier", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(language_of(question, None), expected, "{question}");
        }
    }

    #[test]
    fn what_does_not_tell_is_in_the_language_of_the_thread() {
        for before in [Language::Czech, Language::Slovak, Language::English] {
            assert_eq!(language_of("dimv_supplier", Some(before)), before);
        }
        assert_eq!(
            language_of("vypis tabulky", Some(Language::Slovak)),
            Language::Slovak
        );
    }
}
