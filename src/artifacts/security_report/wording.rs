//! What the report calls things, in Czech, Slovak and English.

use crate::pipeline::security::{
    Category, ClassificationStatus, Level, Masking, Reason, Sensitivity, Subject,
};
use crate::wording::Language;
use crate::wording::phrases::{Phrase, quote};

pub(super) fn category(category: Category) -> Phrase {
    match category {
        Category::Credential => Phrase(
            "přihlašovací tajemství",
            "prihlasovacie tajomstvo",
            "credential",
        ),
        Category::Health => Phrase("zdravotní stav", "zdravotný stav", "health"),
        Category::Belief => Phrase(
            "víra, původ, názory",
            "viera, pôvod, názory",
            "belief, origin, opinions",
        ),
        Category::Offence => Phrase("trestní záznam", "trestný záznam", "criminal record"),
        Category::NationalId => Phrase(
            "rodné číslo, číslo dokladu",
            "rodné číslo, číslo dokladu",
            "national id, identity document",
        ),
        Category::CardNumber => Phrase(
            "číslo platební karty",
            "číslo platobnej karty",
            "payment card number",
        ),
        Category::BankAccount => Phrase("bankovní účet", "bankový účet", "bank account"),
        Category::Pay => Phrase("mzda, příjem", "mzda, príjem", "pay, income"),
        Category::PersonName => Phrase("jméno osoby", "meno osoby", "name of a person"),
        Category::Email => Phrase("e-mail", "e-mail", "e-mail"),
        Category::Phone => Phrase("telefon", "telefón", "telephone"),
        Category::BirthDate => Phrase("datum narození", "dátum narodenia", "date of birth"),
        Category::Address => Phrase("adresa", "adresa", "address"),
        Category::Gender => Phrase("pohlaví", "pohlavie", "gender"),
        Category::Nationality => Phrase(
            "státní příslušnost, místo narození",
            "štátna príslušnosť, miesto narodenia",
            "nationality, place of birth",
        ),
        Category::PersonId => Phrase("číslo osoby", "číslo osoby", "number of a person"),
        Category::Login => Phrase("přihlašovací jméno", "prihlasovacie meno", "login"),
        Category::NetworkId => Phrase(
            "IP adresa, zařízení",
            "IP adresa, zariadenie",
            "IP address, device",
        ),
        Category::Location => Phrase("poloha", "poloha", "location"),
        Category::Image => Phrase(
            "fotografie, podpis, otisk",
            "fotografia, podpis, odtlačok",
            "photograph, signature, fingerprint",
        ),
        Category::Profile => Phrase("osobní profil", "osobný profil", "personal profile"),
        Category::TaxId => Phrase("daňové číslo", "daňové číslo", "tax number"),
        Category::FreeText => Phrase("volný text", "voľný text", "free text"),
    }
}

pub(super) fn sensitivity(sensitivity: Sensitivity) -> Phrase {
    match sensitivity {
        Sensitivity::Business => Phrase("firemní", "firemný", "business"),
        Sensitivity::Personal => Phrase("osobní", "osobný", "personal"),
        Sensitivity::Confidential => Phrase("důvěrný", "dôverný", "confidential"),
        Sensitivity::Special => Phrase(
            "zvláštní kategorie",
            "osobitná kategória",
            "special category",
        ),
        Sensitivity::Secret => Phrase("tajný", "tajný", "secret"),
    }
}

/// What a sensitivity means, with its source.
pub(super) fn sensitivity_explained(sensitivity: Sensitivity) -> Phrase {
    match sensitivity {
        Sensitivity::Business => Phrase(
            "údaj o firmě; osobním je jen u podnikající fyzické osoby (GDPR, bod 14 odůvodnění)",
            "údaj o firme; osobným je len pri fyzickej osobe podnikateľovi (GDPR, odôvodnenie 14)",
            "data of a company; personal only for a sole trader (GDPR, recital 14)",
        ),
        Sensitivity::Personal => Phrase(
            "osobní údaj (GDPR, čl. 4 odst. 1)",
            "osobný údaj (GDPR, čl. 4 ods. 1)",
            "personal data (GDPR, article 4(1))",
        ),
        Sensitivity::Confidential => Phrase(
            "údaj, jehož únik přímo škodí: identifikační čísla, platby, mzdy (GDPR, čl. 87; PCI DSS, požadavek 3; třída „důvěrné“ podle ISO/IEC 27001, A.5.12)",
            "údaj, ktorého únik priamo škodí: identifikačné čísla, platby, mzdy (GDPR, čl. 87; PCI DSS, požiadavka 3; trieda „dôverné“ podľa ISO/IEC 27001, A.5.12)",
            "its disclosure does direct harm: identity numbers, payments, pay (GDPR, article 87; PCI DSS, requirement 3; the class “confidential” of ISO/IEC 27001, A.5.12)",
        ),
        Sensitivity::Special => Phrase(
            "zvláštní kategorie osobních údajů a údaje o trestných činech (GDPR, čl. 9 a 10)",
            "osobitné kategórie osobných údajov a údaje o trestných činoch (GDPR, čl. 9 a 10)",
            "special categories of personal data and criminal data (GDPR, articles 9 and 10)",
        ),
        Sensitivity::Secret => Phrase(
            "otevírá účet nebo systém (ISO/IEC 27001, A.5.17; PCI DSS, požadavek 3.3)",
            "otvára účet alebo systém (ISO/IEC 27001, A.5.17; PCI DSS, požiadavka 3.3)",
            "opens an account or a system (ISO/IEC 27001, A.5.17; PCI DSS, requirement 3.3)",
        ),
    }
}

pub(super) fn masking(masking: Masking, category: Category) -> Phrase {
    match (masking, category) {
        (Masking::KeyedHash, _) => Phrase(
            "hash s tajným klíčem",
            "hash s tajným kľúčom",
            "hash with a secret key",
        ),
        (Masking::Partial, Category::Email) => Phrase("jen doména", "len doména", "domain only"),
        (Masking::Partial, Category::Phone) => Phrase(
            "jen poslední 3 číslice",
            "len posledné 3 číslice",
            "last 3 digits only",
        ),
        (Masking::Partial, Category::CardNumber) => Phrase(
            "jen poslední 4 číslice",
            "len posledné 4 číslice",
            "last 4 digits only",
        ),
        (Masking::Partial, Category::BankAccount) => Phrase(
            "jen země a poslední 4 znaky",
            "len krajina a posledné 4 znaky",
            "country and last 4 characters only",
        ),
        (Masking::Partial, _) => Phrase("jen část", "len časť", "a part only"),
        (Masking::Generalise, Category::BirthDate) => Phrase("jen rok", "len rok", "year only"),
        (Masking::Generalise, Category::Address) => Phrase(
            "jen obec nebo okres",
            "len obec alebo okres",
            "town or district only",
        ),
        (Masking::Generalise, Category::Pay) => Phrase("jen pásmo", "len pásmo", "band only"),
        (Masking::Generalise, _) => Phrase("zhrubit", "zhrubiť", "coarsen"),
        (Masking::Null, Category::FreeText) => Phrase(
            "nezobrazovat, dokud text někdo neprojde",
            "nezobrazovať, kým text niekto neprejde",
            "hide until somebody has read it",
        ),
        (Masking::Null, _) => Phrase("nezobrazovat (NULL)", "nezobrazovať (NULL)", "hide (NULL)"),
        (Masking::Drop, _) => Phrase(
            "do modelu nepřebírat",
            "do modelu nepreberať",
            "leave out of the model",
        ),
    }
}

pub(super) fn level(level: Level) -> Phrase {
    match level {
        Level::Public => Phrase("veřejné", "verejné", "public"),
        Level::Internal => Phrase("interní", "interné", "internal"),
        Level::Confidential => Phrase("důvěrné", "dôverné", "confidential"),
        Level::Restricted => Phrase("přísně důvěrné", "prísne dôverné", "restricted"),
    }
}

pub(super) fn status(status: ClassificationStatus) -> Phrase {
    match status {
        ClassificationStatus::Own => Phrase("vlastní", "vlastná", "its own"),
        ClassificationStatus::Inherited => Phrase(
            "zděděná ze schématu",
            "zdedená zo schémy",
            "inherited from the schema",
        ),
        ClassificationStatus::Missing => Phrase("chybí", "chýba", "missing"),
    }
}

/// Why a column is taken for sensitive, or why not; `escape` makes text of the catalog's words.
pub(super) fn reason(
    language: Language,
    reason: &Reason,
    escape: fn(&str, usize) -> String,
) -> String {
    const SAID_MAX: usize = 81;
    let said = match reason {
        Reason::Type(said) | Reason::WrongType(said) => escape(said, SAID_MAX),
        Reason::Named(said)
        | Reason::SapField(said)
        | Reason::Described(said)
        | Reason::OfAPerson(said)
        | Reason::InTableOf(_, said)
        | Reason::TableIsCalledSo(said)
        | Reason::Classified(said)
        | Reason::OfSomethingElse(said)
        | Reason::AboutIt(said)
        | Reason::GoesOn(said)
        | Reason::Shared(said) => quote(language, &escape(said, SAID_MAX), usize::MAX),
        Reason::Surrogate => String::new(),
    };
    let phrase = if reason.speaks_for() {
        reason_for(reason)
    } else {
        reason_against(reason)
    };
    phrase.say(language, &[&said])
}

fn reason_for(reason: &Reason) -> Phrase {
    match reason {
        Reason::Named(_) => Phrase(
            "název obsahuje {0}",
            "názov obsahuje {0}",
            "its name says {0}",
        ),
        Reason::SapField(_) => Phrase("pole SAP {0}", "pole SAP {0}", "SAP's field {0}"),
        Reason::Described(_) => Phrase("popis: {0}", "opis: {0}", "described as {0}"),
        Reason::Type(_) => Phrase("typ {0}", "typ {0}", "type {0}"),
        Reason::OfAPerson(_) => Phrase("{0} je osoba", "{0} je osoba", "{0} is a person"),
        Reason::InTableOf(Subject::Persons, _) => Phrase(
            "tabulka je o osobách ({0})",
            "tabuľka je o osobách ({0})",
            "the table is about persons ({0})",
        ),
        Reason::TableIsCalledSo(_) => Phrase(
            "říká to i název tabulky ({0})",
            "hovorí to aj názov tabuľky ({0})",
            "the table's name says so, too ({0})",
        ),
        Reason::Classified(_) => Phrase(
            "sloupec je klasifikován {0}",
            "stĺpec je klasifikovaný {0}",
            "the column is classified {0}",
        ),
        _ => Phrase(
            "tabulka je o partnerech, kteří mohou být osobami ({0})",
            "tabuľka je o partneroch, ktorí môžu byť osobami ({0})",
            "the table is about partners, who may be persons ({0})",
        ),
    }
}

fn reason_against(reason: &Reason) -> Phrase {
    match reason {
        Reason::InTableOf(Subject::Organisations, _) => Phrase(
            "ale tabulka je o firmách ({0})",
            "ale tabuľka je o firmách ({0})",
            "but the table is about companies ({0})",
        ),
        Reason::OfSomethingElse(_) => Phrase(
            "ale týká se to {0}",
            "ale týka sa to {0}",
            "but it is of {0}",
        ),
        Reason::WrongType(_) => Phrase(
            "ale typ {0} tomu neodpovídá",
            "ale typ {0} tomu nezodpovedá",
            "but type {0} does not fit",
        ),
        Reason::AboutIt(_) => Phrase(
            "ale podle {0} jde jen o vlastnost údaje",
            "ale podľa {0} ide len o vlastnosť údaja",
            "but {0} is about it and not it",
        ),
        Reason::GoesOn(_) => Phrase(
            "ale název pokračuje {0}",
            "ale názov pokračuje {0}",
            "but its name goes on with {0}",
        ),
        Reason::Surrogate => Phrase(
            "ale jde o technický klíč",
            "ale ide o technický kľúč",
            "but it is a key made by the warehouse",
        ),
        Reason::Shared(_) => Phrase(
            "ale jde o sdílený kontakt ({0})",
            "ale ide o zdieľaný kontakt ({0})",
            "but it is shared ({0})",
        ),
        _ => Phrase(
            "ale tabulka je o věcech ({0})",
            "ale tabuľka je o veciach ({0})",
            "but the table is about things ({0})",
        ),
    }
}
