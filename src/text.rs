//! Words of people and of identifiers, brought to a common form.
//!
//! Requests are written in Czech, Slovak or English, catalogs mostly in English and in
//! `snake_case` or `CamelCase`. Nothing here knows which language a word is in: language
//! detection is unreliable on single words, so both stemmers are offered and the caller
//! accepts a meeting of either.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `text` in lower case and without accents: `Dodávateľ` becomes `dodavatel`.
///
/// Compatibility decomposition (Unicode Annex 15, NFKD) with the combining marks dropped,
/// so letters of other scripts stay letters.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a sentence, in order, as they stand: runs of letters and digits.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The words an identifier is made of, folded: `FactInternetSales`, `fact_internet_sales`
/// and `FACT INTERNET SALES` all give `fact`, `internet`, `sales`; digits stand alone.
#[must_use]
pub fn identifier_words(name: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Kind {
        Lower,
        Upper,
        Digit,
    }
    let mut found = Vec::new();
    for run in words(name) {
        let mut word = String::new();
        let mut last: Option<Kind> = None;
        let mut letters = run.chars().peekable();
        while let Some(c) = letters.next() {
            let kind = if c.is_numeric() {
                Kind::Digit
            } else if c.is_uppercase() {
                Kind::Upper
            } else {
                Kind::Lower
            };
            let starts_word = match (last, kind) {
                (Some(Kind::Digit), now) => now != Kind::Digit,
                (Some(_), Kind::Digit) | (Some(Kind::Lower), Kind::Upper) => true,
                // `SKUCode`: the last capital belongs to the word that follows.
                (Some(Kind::Upper), Kind::Upper) => {
                    letters.peek().is_some_and(|n| n.is_lowercase())
                }
                (None | Some(_), _) => false,
            };
            if starts_word {
                found.push(fold(&word));
                word.clear();
            }
            word.push(c);
            last = Some(kind);
        }
        found.push(fold(&word));
    }
    found.retain(|word| !word.is_empty());
    found
}

/// The stem of a folded English word: plural, `-ing` and `-ed` taken off.
///
/// Step 1 of Porter (1980) with the final `e` dropped everywhere, so that `invoice`,
/// `invoices` and `invoicing` meet. Deliberately light: `order` and `orderly` stay apart.
#[must_use]
pub fn english_stem(word: &str) -> String {
    let mut stem = word.to_owned();
    if let Some(base) = word.strip_suffix("ies").filter(|b| b.len() >= 3) {
        stem = format!("{base}y");
    } else if ["sses", "shes", "ches", "xes", "zes"]
        .iter()
        .any(|e| word.ends_with(e))
    {
        stem.truncate(word.len() - 2);
    } else if word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|e| word.ends_with(e))
    {
        stem.truncate(word.len() - 1);
    } else if let Some(base) = word
        .strip_suffix("ing")
        .or_else(|| word.strip_suffix("ed"))
        .filter(|b| b.len() >= 4)
    {
        base.clone_into(&mut stem);
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    stem
}

/// Case endings of Czech and Slovak nouns and adjectives, accents folded.
const SLAVIC_ENDINGS: &[&str] = &[
    "oveho", "ovemu", "ovych", "ovymi", "iach", "iami", "ieho", "iemi", "iemu", "ovej", "ovem",
    "ovia", "ovom", "ovou", "ovym", "ach", "ami", "ech", "eho", "emi", "emu", "iam", "ich", "iho",
    "iich", "iim", "imi", "imu", "iom", "iou", "och", "ova", "ove", "ovi", "ovu", "ovy", "ych",
    "ymi", "am", "ej", "em", "ia", "ie", "ii", "im", "iu", "mi", "om", "ou", "ov", "um", "ym", "a",
    "e", "i", "o", "u", "y",
];

/// The shortest stem an ending may leave behind.
const SLAVIC_STEM_MIN: usize = 3;

/// The stem of a folded Czech or Slovak word: one case ending cut, the fleeting vowel
/// before a final `k` dropped (`objednávek`, `objednávok`, `objednávka` meet) and the
/// alternation of `k` and `c` undone (`dodávce`, `dodávka`).
///
/// In the manner of Dolamic and Savoy (2009), light stemmer for Czech, widened by the
/// Slovak endings.
#[must_use]
pub fn slavic_stem(word: &str) -> String {
    if !word.is_ascii() {
        return word.to_owned();
    }
    let mut stem = SLAVIC_ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .filter(|base| base.len() >= SLAVIC_STEM_MIN)
        .min_by_key(|base| base.len())
        .unwrap_or(word)
        .to_owned();
    if stem.len() > 4 {
        for fleeting in ["iek", "ek", "ok"] {
            if let Some(base) = stem
                .strip_suffix(fleeting)
                .filter(|b| b.len() >= SLAVIC_STEM_MIN)
            {
                stem = format!("{base}k");
                break;
            }
        }
    }
    if stem.len() > 3 && stem.ends_with('c') {
        stem.pop();
        stem.push('k');
    }
    stem
}

/// At most `max` characters of `text`, with an ellipsis where something was cut.
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
    }
}

/// The text as one line of a log: whoever wrote it begins no line of their own.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_accents_and_case_and_keeps_other_scripts() {
        assert_eq!(fold("Dodávateľ ČÍSLO"), "dodavatel cislo");
        assert_eq!(fold("Поставщик"), "поставщик");
        assert_eq!(fold("ﬁnance"), "finance");
    }

    #[test]
    fn a_line_has_no_end_inside() {
        assert_eq!(
            one_line("Číslo\r\n[ERROR] a\u{1b}[2K\t\\"),
            "Číslo\\r\\n[ERROR] a\\u{1b}[2K\\t\\"
        );
    }

    #[test]
    fn identifiers_split_by_case_digits_and_separators() {
        let cases = [
            ("factv_purchase_order", "factv purchase order"),
            ("FactInternetSales", "fact internet sales"),
            ("dimv_approver_1_person", "dimv approver 1 person"),
            ("SKUCode", "sku code"),
            ("customer2address", "customer 2 address"),
            ("Order Details", "order details"),
            ("Číslo-objednávky", "cislo objednavky"),
            ("__", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(identifier_words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn inflected_forms_of_a_czech_or_slovak_word_share_one_stem() {
        let families = [
            "dodavatel dodavatele dodavatelé dodavatelů dodavatelům dodavatelích dodavateli \
             dodávateľ dodávatelia dodávateľov dodávateľom dodávateľmi dodávateľovi dodávateľoch",
            "objednávka objednávky objednávek objednávkách objednávkami objednávce objednávok objednávke objednávkou",
            "položka položky položek položiek položkách položkami položce",
            "faktura faktury faktur fakturách faktúra faktúr faktúrach faktúrami",
            "organizace organizaci organizací organizacím organizácia organizácie organizáciou organizáciách",
            "materiál materiálu materiály materiálů materiálov materiáloch",
            "závod závodu závody závodů závodech závodov závodoch závodom",
            "cena ceny cen cenách cenami cenová cenové",
        ];
        for family in families {
            let stems: std::collections::BTreeSet<String> = family
                .split_whitespace()
                .map(|word| slavic_stem(&fold(word)))
                .collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
    }

    #[test]
    fn english_forms_share_one_stem() {
        for family in [
            "supplier suppliers",
            "delivery deliveries",
            "invoice invoices invoicing",
            "purchase purchasing purchased",
            "branch branches",
        ] {
            let stems: std::collections::BTreeSet<String> =
                family.split(' ').map(english_stem).collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
        assert_eq!(english_stem("status"), "status");
        assert_eq!(english_stem("address"), "address");
    }

    #[test]
    fn shortening_cuts_at_characters_and_says_so() {
        assert_eq!(shorten("příliš", 6), "příliš");
        assert_eq!(shorten("příliš žluťoučký", 7), "příliš…");
    }
}
