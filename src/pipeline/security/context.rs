//! What the rows of a table are about: persons, companies, things. The same column name
//! (`name`, `street`) is personal in one and not in the other.

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::category::Category;
use super::lexicon::{Hit, Strength, Word, WordSet};
use crate::catalog::Table;
use crate::text::fold;

/// What a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TableSubject, example = "persons")]
pub enum Subject {
    /// Natural persons.
    Persons,
    /// Customers, clients, members: persons or companies.
    Partners,
    /// Companies, their sites and units.
    Organisations,
    /// Materials, documents, machines, settings.
    Things,
    /// Nothing says.
    Unknown,
}

/// Words of natural persons.
pub(super) static PERSONS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "person persons people employee employees staff worker workers patient patients user users \
         contact contacts driver dispatcher manager approver requester holder cardholder student \
         teacher doctor nurse physician agent candidate applicant citizen passenger \
         spouse caregiver personnel individual visitor author assignee salesperson payroll \
         prospect",
        "osoba osoby zaměstnanec zaměstnanci zaměstnance zamestnanec zamestnanca zamestnanci \
         pracovník pracovníka pacient pacienta pacientů uživatel uživatele používateľ používateľa \
         řidič vodič žadatel žiadateľ student studenta lékař lekár občan občana kontaktní kontaktná \
         schvalovatel schvaľovateľ držitel držiteľ mzdy personál",
    )
});
/// Words of those who are a person here and a company there.
pub(super) static PARTNERS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "customer customers client clients guest subscriber member members tenant buyer beneficiary \
         owner household donor debtor partner",
        "zákazník zákazníka zákazníci klient klienta klienti člen členové odběratel odberateľ \
         dlužník dlžník nájemce nájomca vlastník majitel majiteľ pojištěnec poistenec partner",
    )
});
/// Words of companies, their sites and units.
pub(super) static ORGANISATIONS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "supplier suppliers vendor vendors carrier shipper company companies bank banks reseller plant \
         plants warehouse warehouses store stores shop branch branches organization organisation \
         manufacturer department departments division site facility location locations office \
         region regions country countries territory center centre hospital school legal entity payer payers insurer insurers",
        "dodavatel dodavatele dodavatelé dodávateľ dodávatelia dopravce dopravca společnost \
         spoločnosť firma firmy banka banky závod závodu závody sklad skladu sklady pobočka \
         prodejna predajňa organizace organizácia výrobce výrobca oddělení oddelenie středisko \
         stredisko region kraj stát krajina",
    )
});
/// Words of everything else that has a name, an address or a number.
pub(super) static THINGS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "product products material materials article item items part file files column columns table \
         tables schema host domain server page job step process module machine equipment device \
         category group class unit currency calendar date month day week quarter fiscal period type \
         status code project campaign promotion scenario model brand color event field city cities course courses lesson \
         template document invoice order delivery credit debit contract payment budget cost account ledger movement route \
         inventory stock bin memory slot shelf config setting parameter culture language reason \
         attribute object report dashboard database service system incoterm asset sensor connector",
        "produkt produktu produkty výrobek výrobok materiál zboží tovar soubor súbor souboru súboru \
         sloupec stĺpec tabulka tabuľka stroj zařízení zariadenie kategorie kategória skupina měna \
         mena kalendář kalendár měsíc mesiac položka dokument faktura faktúra objednávka smlouva \
         zmluva rozpočet náklad náklady účet účtu účty kniha knihy typ druh stav produkt projekt",
    )
});

/// Tables of SAP by what they are about; HR's infotypes (`PA0002`) are told by their form.
const SAP_TABLES: [(Subject, &[&str]); 4] = [
    (
        Subject::Persons,
        &["knvk", "usr01", "usr02", "usr21", "adrp"],
    ),
    (
        Subject::Partners,
        &["kna1", "knb1", "but000", "kvbk", "knbk"],
    ),
    (
        Subject::Organisations,
        &[
            "lfa1", "lfb1", "lfbk", "lfm1", "t001", "t001w", "bnka", "t024e",
        ],
    ),
    (
        Subject::Things,
        &["mara", "makt", "marc", "mbew", "skat", "ska1"],
    ),
];

/// What a table is about, and the word that says so, where one does.
pub(super) fn subject_of(table: &Table, hits: &[Vec<Hit>]) -> (Subject, Option<String>) {
    let sources = [Some(&*table.name), table.source_name.as_deref()];
    for name in sources.into_iter().flatten() {
        if let Some(subject) = of_sap(name) {
            return (subject, Some(name.to_owned()));
        }
    }
    let words = Word::of_name(&table.name);
    let said = |set: &WordSet| words.iter().find(|word| set.holds(word));
    let written = |word: &Word| Some(word.written.clone());
    let names_persons = table
        .columns
        .iter()
        .zip(hits)
        .find(|(column, hits)| of_a_person_by_itself(&column.name, hits));
    let has_company_name = table.columns.iter().any(|column| {
        let words = Word::of_name(&column.name);
        matches!(words.as_slice(), [.., of, name] if ORGANISATIONS.holds(of) && name.written == "name")
    });
    if let Some(word) = said(&PERSONS) {
        return (Subject::Persons, written(word));
    }
    if let Some(word) = said(&ORGANISATIONS) {
        return (Subject::Organisations, written(word));
    }
    if let Some((column, _)) = names_persons {
        return (Subject::Persons, Some(column.name.to_string()));
    }
    if let Some(word) = said(&PARTNERS) {
        let subject = if has_company_name {
            Subject::Organisations
        } else {
            Subject::Partners
        };
        return (subject, written(word));
    }
    if let Some(word) = said(&THINGS) {
        return (Subject::Things, written(word));
    }
    (Subject::Unknown, None)
}

/// Whether a column names the person that the row is about: a surname, a birth date; not a
/// contact person, whom any table can have.
fn of_a_person_by_itself(name: &str, hits: &[Hit]) -> bool {
    let others = Word::of_name(name).iter().any(|word| PERSONS.holds(word));
    !others
        && hits.iter().any(|hit| {
            hit.strength == Strength::Outright
                && matches!(
                    hit.category,
                    Category::PersonName | Category::BirthDate | Category::NationalId
                )
        })
}

fn of_sap(name: &str) -> Option<Subject> {
    let name = fold(name);
    let infotype = name
        .strip_prefix("pa")
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
    if infotype {
        return Some(Subject::Persons);
    }
    SAP_TABLES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(subject, _)| *subject)
}
