//! Czech, Slovak and English words brought to the words that tables are named with.
//!
//! [`Glossary::read`] turns any text, or the words of an identifier, into [`Term`]s whose
//! keys can be compared: `dodavateľov`, `Vendors` and `supplier` share the key
//! `supplier`. Words the glossary does not hold keep their own stems.

use std::collections::{HashMap, HashSet};

use once_cell::sync::Lazy;

use crate::text::{english_stem, fold, identifier_words, slavic_stem, words};

/// What kind of word a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a table is about: supplier, order.
    Entity,
    /// What is counted or summed: amount, delay.
    Measure,
    /// When: date, fiscal year.
    Time,
    /// What describes: name, code.
    Attribute,
    /// What narrows another word: open, planned.
    Modifier,
}

/// A word or phrase of a text, with the keys it is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As it stands in the text.
    pub surface: String,
    /// The glossary's words for it, where they are others than those of the text.
    pub meaning: Option<String>,
    /// One entry per word that a table's name would have for it. A word that is not in
    /// the glossary can have two spellings, its English and its Slavic stem: either counts.
    pub keys: Vec<Vec<String>>,
    /// From the glossary; `None` for a word that is not in it.
    pub kind: Option<Kind>,
    /// The glossary's name of it, whatever the text calls it; `None` for a word not in it.
    pub term: Option<String>,
    /// Whether it is written in Czech or Slovak, as far as its form or letters tell.
    pub slavic: bool,
    /// Place of its first word among all words of the text.
    pub position: usize,
    /// How many words of the text it takes.
    pub length: usize,
}

/// Places of entries by phrase, each with whether the form is Czech or Slovak.
type Phrases = HashMap<Box<str>, (u32, bool)>;

struct Entry {
    term: &'static str,
    kind: Kind,
    keys: Vec<Vec<String>>,
}

/// A word as the glossary writes it.
#[derive(Debug)]
pub struct Form {
    /// With its accents.
    pub written: &'static str,
    /// In lower case, without them.
    pub folded: &'static str,
    /// Its Slavic stem.
    pub stem: &'static str,
    /// `false` of a Czech form, `true` of a Slovak one.
    pub tongue: Option<bool>,
    /// The term that it is a form of, or is a word of a form of.
    pub term: &'static str,
}

/// A term that stands near another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// As `data/related.tsv` writes it.
    pub word: String,
    /// The key it is compared by.
    pub key: String,
}

/// The glossary; see the module's documentation and the head of `data/glossary.tsv`.
pub struct Glossary {
    entries: Vec<Entry>,
    /// Entries by their phrases as written (folded), by phrases of English stems and of
    /// Slavic stems, each with whether the form is Czech or Slovak.
    exact: Phrases,
    english: Phrases,
    slavic: Phrases,
    /// The words of all forms.
    forms: Vec<Form>,
    /// The most words of any phrase, by the first word in each of the three spellings.
    longest: HashMap<Box<str>, usize>,
    /// English words of all forms, and their stems.
    english_words: HashSet<Box<str>>,
    /// What stands near each term; see the head of `data/related.tsv`.
    related: HashMap<String, Vec<Near>>,
}

static EMBEDDED: Lazy<Glossary> = Lazy::new(|| {
    let mut glossary = Glossary::parse(include_str!("../data/glossary.tsv"));
    glossary.relate(include_str!("../data/related.tsv"));
    glossary
});

/// Words that carry no meaning for a search, folded; of all three languages, because the
/// language of a single word is not known.
const STOP_WORDS: &str = "
    a about aby aj ako ale alebo alespon all an and ani any are as aspon at az be between bez
    bude budou budu by byt can co could coz dalsi dalsich dan daneho danej danem danom danou
    danych dat data dataset datova datove datovy dle do each for from has have ho i ich in
    informace informacie information into is it its jak jako je jednotlive jednotlivy
    jednotlivych jeho jej jejich jen jich jsme jsou k kazda kazde kazdeho kazdy kde kdo ke
    kolik kolko ktera ktere kterou ktery kterych ktora ktore ktorou ktory ktorych ku len ma
    maji maju mame medzi mene menej mezi mimo moci musi my na nad nam nas ne nebo need needs
    nejsou neni nich nie nim nimi not nych o od of on or our over pak per po pod podla podle
    potreba potrebuje potrebujeme pre pred prehlad prehled pres pri pro proti s sa se should
    si sme so su such ta tak take taky tato te tej ten tento teto that the their them these
    this those ti tieto to tohto tom tomto toto tu ty tyto u udaj udaje udajich udajov udaju
    us v vcetne ve vo vratane vsak vse vsech vsechny vsetky vsetkych was we were which who
    will with within would z za zda ze zo
";

static STOP_WORD_SET: Lazy<HashSet<&'static str>> =
    Lazy::new(|| STOP_WORDS.split_whitespace().collect());

impl Glossary {
    /// The glossary that is built into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads the tab-separated form: `term`, `kind`, English, Czech and Slovak forms, the
    /// forms separated by `;`. Lines that are empty, comments or the header are passed over.
    fn parse(table: &'static str) -> Self {
        let mut spellings = Spellings::default();
        let mut glossary = Self {
            entries: Vec::new(),
            exact: HashMap::new(),
            english: HashMap::new(),
            slavic: HashMap::new(),
            forms: Vec::new(),
            longest: HashMap::new(),
            english_words: HashSet::new(),
            related: HashMap::new(),
        };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(term), Some(kind)) = (fields.next(), fields.next().and_then(kind_of)) else {
                continue;
            };
            let keys = words(term)
                .map(|word| vec![english_stem(&fold(word))])
                .collect();
            let entry = u32::try_from(glossary.entries.len()).unwrap_or(u32::MAX);
            glossary.entries.push(Entry { term, kind, keys });
            let forms = |list: Option<&'static str>| {
                let forms = list.unwrap_or_default().split(';').map(str::trim);
                forms.filter(|form| !form.is_empty())
            };
            let english = forms(fields.next());
            for form in std::iter::once(term).chain(english) {
                glossary.add(form, entry, english_stem, None);
                spellings.note(form, term, None);
            }
            for tongue in [false, true] {
                for form in forms(fields.next()) {
                    glossary.add(form, entry, slavic_stem, Some(tongue));
                    spellings.note(form, term, Some(tongue));
                }
            }
        }
        glossary.forms = spellings.forms();
        glossary
    }

    /// Reads the rows of `data/related.tsv`: a term, and terms that stand near it.
    fn relate(&mut self, table: &str) {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let Some((term, near)) = line.split_once('\t') else {
                continue;
            };
            let mut found: Vec<Near> = Vec::new();
            for near in near.split(';').map(str::trim) {
                let terms = self.read(near);
                let [only] = terms.as_slice() else { continue };
                if let Some(key) = only.keys.last().and_then(|key| key.first())
                    && !found.iter().any(|known| known.key == *key)
                {
                    found.push(Near {
                        word: near.to_owned(),
                        key: key.clone(),
                    });
                }
            }
            self.related.insert(term.trim().to_owned(), found);
        }
    }

    fn add(&mut self, form: &str, entry: u32, stem: fn(&str) -> String, tongue: Option<bool>) {
        let slavic = tongue.is_some();
        let folded: Vec<String> = words(form).map(fold).collect();
        let stems: Vec<String> = folded.iter().map(|word| stem(word)).collect();
        for first in [folded.first(), stems.first()].into_iter().flatten() {
            let longest = self.longest.entry(first.as_str().into()).or_default();
            *longest = (*longest).max(folded.len());
        }
        if !slavic {
            self.english_words
                .extend(folded.iter().chain(&stems).map(|word| word.as_str().into()));
        }
        // The first row that claims a form keeps it.
        self.exact
            .entry(folded.join(" ").into())
            .or_insert((entry, slavic));
        let by_stem = if slavic {
            &mut self.slavic
        } else {
            &mut self.english
        };
        by_stem
            .entry(stems.join(" ").into())
            .or_insert((entry, slavic));
    }

    fn entry(&self, place: u32) -> Option<&Entry> {
        self.entries.get(place as usize)
    }

    /// Every word of every form.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// The English words of all forms, folded, each once, in order.
    #[must_use]
    pub fn english_words(&self) -> Vec<&str> {
        let english = self.forms.iter().filter(|form| form.tongue.is_none());
        let mut words: Vec<&str> = english.map(|form| form.folded).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Whether a folded word is, or inflects, an English word that a term is written with.
    #[must_use]
    pub fn is_english(&self, word: &str) -> bool {
        self.english_words.contains(word) || self.english_words.contains(&*english_stem(word))
    }

    /// The terms that stand near this one of the glossary, the nearest first.
    #[must_use]
    pub fn related(&self, term: &str) -> &[Near] {
        self.related.get(term).map_or(&[], Vec::as_slice)
    }

    /// The terms of a text in any of the three languages, in order, words without meaning
    /// left out.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Term> {
        let surfaces: Vec<&str> = words(text).collect();
        let folded: Vec<String> = surfaces.iter().map(|word| fold(word)).collect();
        self.terms(&surfaces, &folded)
    }

    /// The terms of an identifier: the same for `snake_case` and `CamelCase`.
    #[must_use]
    pub fn read_identifier(&self, name: &str) -> Vec<Term> {
        let folded = identifier_words(name);
        let surfaces: Vec<&str> = folded.iter().map(String::as_str).collect();
        self.terms(&surfaces, &folded)
    }

    fn terms(&self, surfaces: &[&str], folded: &[String]) -> Vec<Term> {
        let english: Vec<String> = folded.iter().map(|word| english_stem(word)).collect();
        let slavic: Vec<String> = folded.iter().map(|word| slavic_stem(word)).collect();
        let mut terms = Vec::new();
        let mut at = 0;
        while let (Some(word), Some(by_english), Some(by_slavic)) =
            (folded.get(at), english.get(at), slavic.get(at))
        {
            let (found, length) = self.longest_phrase(folded, &english, &slavic, at);
            let surface = surfaces.get(at..at + length).unwrap_or_default().join(" ");
            if let Some((entry, slavic)) = found {
                let as_written: Vec<&String> = english.iter().skip(at).take(length).collect();
                let same_words = as_written
                    .iter()
                    .map(|word| word.as_str())
                    .eq(entry.keys.iter().flatten());
                let meaning = (!same_words).then(|| entry.term.to_owned());
                let (keys, kind) = (entry.keys.clone(), Some(entry.kind));
                terms.push(Term {
                    surface,
                    meaning,
                    keys,
                    kind,
                    term: Some(entry.term.to_owned()),
                    slavic,
                    position: at,
                    length,
                });
            } else if !STOP_WORD_SET.contains(word.as_str()) {
                let mut spellings = vec![by_english.clone()];
                if by_slavic != by_english {
                    spellings.push(by_slavic.clone());
                }
                let slavic = !surface.is_ascii();
                terms.push(Term {
                    surface,
                    meaning: None,
                    keys: vec![spellings],
                    kind: None,
                    term: None,
                    slavic,
                    position: at,
                    length,
                });
            }
            at += length;
        }
        terms
    }

    /// The longest glossary phrase that begins at a word, whether it is Czech or Slovak,
    /// and how many words it takes; a word without one takes one.
    fn longest_phrase(
        &self,
        folded: &[String],
        english: &[String],
        slavic: &[String],
        at: usize,
    ) -> (Option<(&Entry, bool)>, usize) {
        let spellings = [
            (folded, &self.exact),
            (english, &self.english),
            (slavic, &self.slavic),
        ];
        let most = spellings
            .iter()
            .filter_map(|(words, _)| self.longest.get(words.get(at)?.as_str()))
            .max()
            .map_or(0, |longest| (*longest).min(folded.len() - at));
        for length in (1..=most).rev() {
            // A stop word stands in a phrase as it is written ("unit of measure"), never by
            // its stem: `not` is no note.
            let stop = folded
                .get(at..at + length)
                .into_iter()
                .flatten()
                .any(|word| STOP_WORD_SET.contains(word.as_str()));
            for (words, phrases) in spellings.into_iter().take(if stop { 1 } else { 3 }) {
                let phrase = words.get(at..at + length).unwrap_or_default().join(" ");
                let Some((entry, slavic)) = phrases.get(phrase.as_str()) else {
                    continue;
                };
                if let Some(entry) = self.entry(*entry) {
                    return (Some((entry, *slavic)), length);
                }
            }
        }
        (None, 1)
    }
}

/// A word, where its two spellings end in the text, its tongue and its term.
type Spelt = (&'static str, [usize; 2], Option<bool>, &'static str);

/// The words of all forms, while they are read. Their spellings are one text: thousands of short texts of
/// their own take the memory of as many longer ones.
#[derive(Default)]
struct Spellings {
    words: Vec<Spelt>,
    text: String,
}

impl Spellings {
    fn note(&mut self, form: &'static str, term: &'static str, tongue: Option<bool>) {
        for word in words(form) {
            let folded = fold(word);
            self.text += &folded;
            let middle = self.text.len();
            self.text += &slavic_stem(&folded);
            self.words
                .push((word, [middle, self.text.len()], tongue, term));
        }
    }

    /// The forms. Their text is never let go: the one glossary lives as long as the program.
    fn forms(self) -> Vec<Form> {
        let text: &'static str = Box::leak(self.text.into_boxed_str());
        let mut start = 0;
        let form = |(written, [middle, end], tongue, term): Spelt| {
            let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
            let (folded, stem) = (part(start, middle), part(middle, end));
            start = end;
            Form {
                written,
                folded,
                stem,
                tongue,
                term,
            }
        };
        self.words.into_iter().map(form).collect()
    }
}

fn kind_of(word: &str) -> Option<Kind> {
    match word {
        "entity" => Some(Kind::Entity),
        "measure" => Some(Kind::Measure),
        "time" => Some(Kind::Time),
        "attribute" => Some(Kind::Attribute),
        "modifier" => Some(Kind::Modifier),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> String {
        let terms = Glossary::embedded().read(text);
        terms
            .iter()
            .flat_map(|term| &term.keys)
            .map(|key| key.join("/"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn three_languages_and_their_inflections_meet_in_one_key() {
        for word in [
            "dodavatelé",
            "dodavateľov",
            "dodávateľov",
            "suppliers",
            "Vendor",
            "dodavatelům",
            "DODAVATEL",
        ] {
            assert_eq!(keys(word), "supplier", "{word}");
        }
        for word in [
            "nákupní objednávky",
            "nákupných objednávok",
            "purchase orders",
            "nákupních objednávek",
        ] {
            assert_eq!(keys(word), keys("purchase order"), "{word}");
        }
    }

    #[test]
    fn phrases_win_over_their_words_and_stop_words_vanish() {
        assert_eq!(keys("unit of measure"), keys("měrná jednotka"));
        assert_eq!(keys("the suppliers of all materials"), "supplier material");
        assert_eq!(keys(""), "");
    }

    #[test]
    fn identifiers_read_like_sentences() {
        let of = |name: &str| -> Vec<Term> { Glossary::embedded().read_identifier(name) };
        let keys = |name: &str| -> Vec<Vec<String>> {
            of(name).into_iter().flat_map(|term| term.keys).collect()
        };
        assert_eq!(keys("VendorContract"), keys("supplier_contract"));
    }

    #[test]
    fn every_form_of_the_glossary_is_found_again() {
        let table = include_str!("../data/glossary.tsv");
        let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
        let mut checked = 0;
        for row in rows {
            let fields: Vec<&str> = row.split('\t').collect();
            assert_eq!(fields.len(), 5, "{row}");
            for form in fields[2..]
                .iter()
                .flat_map(|list| list.split(';'))
                .map(str::trim)
                .filter(|f| !f.is_empty())
            {
                assert_eq!(keys(form), keys(fields[0]), "{form} in: {row}");
                checked += 1;
            }
        }
        assert!(checked > 900, "{checked}");
    }
}
