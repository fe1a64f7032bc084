//! Finds the columns that hold protected data: by name, type, description and table.

use once_cell::sync::Lazy;

use super::category::Category;
use super::context::{self, Subject};
use super::lexicon::{Hit, Lexicon, Strength, Word, WordSet};
use super::reason::Reason;
use super::weights;
use crate::catalog::{Column, Table, TypeFamily};
use crate::text::shorten;

/// The longest description that is quoted, in characters.
const QUOTE_MAX: usize = 80;
/// A phrase is what a description begins with while it starts within so many words.
const HEAD_WORDS: usize = 3;
/// The longest description that is read, in characters.
const DESCRIPTION_MAX: usize = 600;

/// What a column seems to hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    /// Place of the column.
    pub(super) column: usize,
    pub(super) category: Category,
    pub(super) confidence: f64,
    pub(super) reasons: Vec<Reason>,
}

/// Words after (or before) a phrase that make it something about the data.
static ABOUT: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "type kind format template subject count counter ratio verified verification valid \
         validation status state provider length batch category class rule policy setting preference \
         budget cost costs average avg percent pct rank score attempts expiry expires reason bounced bounce opt",
        "typ druh formát šablona šablóna předmět predmet počet stav platnost platnosť kategorie \
         kategória nákladů nákladov náklady pravidlo",
    )
});
/// Words of a yes or no, at either end of a name.
static FLAG: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "is has can flag indicator ind yn",
        "je má ma příznak príznak",
    )
});
/// Words before a phrase that count it.
static COUNTING: Lazy<WordSet> = Lazy::new(|| WordSet::new("count number num nr of", "počet"));
/// Words that may follow a phrase and leave it what it is.
static HARMLESS: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "line number no nr num value text txt hash salt encrypted raw clean home work private primary \
         secondary main new old alternate natural business key address addr name code hours days date \
         amount total eur czk usd cs sk en first last full current content concept source sk hk bk short long",
        "číslo hodnota text kód hlavní hlavný nové staré",
    )
});
/// Words that end the name of a key made by the warehouse, and those that make it another.
static SURROGATE: Lazy<WordSet> = Lazy::new(|| WordSet::new("key sk hk skey", ""));
static NATURAL: Lazy<WordSet> = Lazy::new(|| WordSet::new("alternate natural business api", ""));
/// Words of a mailbox or a telephone that several use.
static SHARED: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "shared generic hotline switchboard functional",
        "sdílená sdílený sdílené zdieľaná zdieľaný spoločná společná schránka ústředna ústredňa",
    )
});
/// First words of descriptions that are not about what the phrase after them says.
static OTHERWISE: Lazy<WordSet> = Lazy::new(|| {
    WordSet::new(
        "key foreign surrogate number count true false flag indicator whether type kind identifier id \
         list share ratio date status",
        "klíč kľúč cizí cudzí počet příznak príznak typ druh zda či datum dátum stav",
    )
});

/// The findings of a table, by column.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let lexicon = Lexicon::embedded();
    let names: Vec<Vec<Word>> = table
        .columns
        .iter()
        .map(|column| Word::of_name(&column.name))
        .collect();
    let hits: Vec<Vec<Hit>> = names.iter().map(|words| lexicon.find(words)).collect();
    let (subject, said) = context::subject_of(table, &hits);
    let own_name = lexicon.find(&Word::of_name(&table.name));
    let place = Place {
        subject,
        said,
        called: own_name
            .iter()
            .filter(|hit| hit.strength != Strength::Role)
            .map(|hit| hit.category)
            .collect(),
        name: &table.name,
    };
    let columns = table.columns.iter().zip(names.iter().zip(&hits));
    columns
        .enumerate()
        .filter_map(|(at, (column, (words, hits)))| {
            let read = Read::new(lexicon, column, words, hits);
            let best = read
                .categories()
                .into_iter()
                .map(|category| read.weigh(category, &place))
                // The first of equals: the order of categories is that of their protection.
                .reduce(|best, other| if other.0 > best.0 { other } else { best });
            let (log_odds, category, reasons) = best?;
            Some(Finding {
                column: at,
                category,
                confidence: weights::probability(log_odds),
                reasons,
            })
        })
        .collect()
}

/// The table a column stands in.
struct Place<'t> {
    subject: Subject,
    /// The word that says so.
    said: Option<String>,
    /// What the table's own name speaks of.
    called: Vec<Category>,
    name: &'t str,
}

/// A column, read.
struct Read<'c> {
    column: &'c Column,
    words: &'c [Word],
    hits: &'c [Hit],
    /// What its name, or the name of its source, is in SAP.
    field: Option<(String, Category, Strength)>,
    /// The descriptions with their words and phrases.
    descriptions: Vec<(&'c str, Vec<Word>, Vec<Hit>)>,
}

/// What has been found for one category.
struct Tally {
    /// What the name, the source and the descriptions say.
    claims: Vec<f64>,
    strength: Strength,
    rest: f64,
    reasons: Vec<Reason>,
}

impl Tally {
    fn add(&mut self, weight: f64, reason: Reason) {
        self.rest += weight;
        self.reasons.push(reason);
    }

    fn claim(&mut self, weight: f64, strength: Strength, reason: Reason) {
        self.claims.push(weight);
        self.strength = self.strength.max(strength);
        self.reasons.push(reason);
    }

    fn log_odds(&self) -> f64 {
        let most = self.claims.iter().copied().fold(0.0, f64::max);
        let all: f64 = self.claims.iter().sum();
        weights::PRIOR + most + (all - most) * weights::REPEATED + self.rest
    }
}

impl<'c> Read<'c> {
    fn new(lexicon: &Lexicon, column: &'c Column, words: &'c [Word], hits: &'c [Hit]) -> Self {
        let source = column
            .source
            .as_ref()
            .and_then(|from| from.column.as_deref());
        let field = [Some(&*column.name), source]
            .into_iter()
            .flatten()
            .find_map(|name| {
                let (category, strength) = lexicon.field(name)?;
                let name = name.trim_matches(|c: char| !c.is_alphanumeric());
                Some((name.to_owned(), category, strength))
            });
        let documentation = &column.documentation;
        let descriptions = [
            &documentation.business_name,
            &documentation.description,
            &documentation.source_description,
            &documentation.czech_description,
        ];
        let descriptions = descriptions
            .into_iter()
            .flatten()
            .map(|text| {
                let end = text.char_indices().nth(DESCRIPTION_MAX);
                let text = end.map_or(&**text, |(end, _)| text.get(..end).unwrap_or_default());
                let words = Word::of_text(text);
                let hits = lexicon.find(&words);
                (text, words, hits)
            })
            .collect();
        Self {
            column,
            words,
            hits,
            field,
            descriptions,
        }
    }

    /// What anything about the column speaks of, each once.
    fn categories(&self) -> Vec<Category> {
        let described = self.descriptions.iter().flat_map(|(_, _, hits)| hits);
        let field = self.field.iter().map(|(_, category, _)| *category);
        let mut all: Vec<Category> = self
            .hits
            .iter()
            .chain(described)
            .map(|hit| hit.category)
            .chain(field)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn weigh(&self, category: Category, place: &Place<'_>) -> (f64, Category, Vec<Reason>) {
        let mut tally = Tally {
            claims: Vec::new(),
            strength: Strength::Weak,
            rest: 0.0,
            reasons: Vec::new(),
        };
        self.weigh_name(category, &mut tally);
        self.weigh_field(category, &mut tally);
        self.weigh_descriptions(category, &mut tally);
        if tally.claims.is_empty() {
            return (f64::NEG_INFINITY, category, Vec::new());
        }
        self.weigh_type(category, &mut tally);
        weigh_place(category, place, &mut tally);
        if let Some(class) = &self.column.documentation.security_classification {
            tally.add(
                weights::IS_CLASSIFIED,
                Reason::Classified(shorten(class, QUOTE_MAX)),
            );
        }
        (tally.log_odds(), category, tally.reasons)
    }

    fn weigh_name(&self, category: Category, tally: &mut Tally) {
        let strongest = self
            .hits
            .iter()
            .filter(|hit| hit.category == category)
            .reduce(|best, hit| {
                if hit.strength > best.strength {
                    hit
                } else {
                    best
                }
            });
        let Some(hit) = strongest else { return };
        let said = written(self.words.get(hit.start..hit.start + hit.length));
        tally.claim(
            weights::named(hit.strength),
            hit.strength,
            Reason::Named(said),
        );
        let before = self.words.get(..hit.start).unwrap_or_default();
        let after = self.words.get(hit.start + hit.length..).unwrap_or_default();
        weigh_company(hit, before, after, tally);
        self.weigh_remainder(hit, before, after, tally);
    }

    /// What the rest of the name makes of the phrase: a flag, a count, a key, another thing.
    fn weigh_remainder(&self, hit: &Hit, before: &[Word], after: &[Word], tally: &mut Tally) {
        let flag = before.first().into_iter().chain(after.last());
        if let Some(word) = flag.into_iter().find(|word| FLAG.holds(word))
            && !hit.category.fits_a_flag()
        {
            tally.add(weights::IS_A_FLAG, Reason::AboutIt(word.written.clone()));
            return;
        }
        let counted = before.first().filter(|word| COUNTING.holds(word));
        let about = after.iter().find(|word| is_about(hit.category, word));
        if let Some(word) = about.or(counted)
            && hit.category != Category::Profile
        {
            tally.add(weights::IS_ABOUT_IT, Reason::AboutIt(word.written.clone()));
            return;
        }
        let ends = self.words.last().is_some_and(|word| SURROGATE.holds(word));
        let natural = self.words.iter().any(|word| NATURAL.holds(word));
        if ends && !natural && !after.is_empty() {
            tally.add(weights::IS_SURROGATE, Reason::Surrogate);
            return;
        }
        // The last word names an English thing: the address of a comment's author is no author.
        let other = self
            .hits
            .iter()
            .find(|other| other.start > hit.start && other.category != hit.category && !hit.slavic);
        if let Some(word) = other.and_then(|other| self.words.get(other.start)) {
            tally.add(weights::GOES_ON, Reason::GoesOn(word.written.clone()));
            return;
        }
        let foreign = after.iter().find(|word| {
            let digits = word.written.chars().all(char::is_numeric);
            !digits && !HARMLESS.holds(word) && !FLAG.holds(word) && !context::PERSONS.holds(word)
        });
        if let Some(word) = foreign.filter(|_| !hit.slavic) {
            tally.add(weights::GOES_ON, Reason::GoesOn(word.written.clone()));
        }
    }

    fn weigh_field(&self, category: Category, tally: &mut Tally) {
        if let Some((name, known, strength)) = &self.field
            && *known == category
        {
            tally.claim(
                weights::named(*strength),
                *strength,
                Reason::SapField(shorten(name, QUOTE_MAX)),
            );
        }
    }

    fn weigh_descriptions(&self, category: Category, tally: &mut Tally) {
        for (text, words, hits) in &self.descriptions {
            let shared = || words.iter().chain(self.words).find(|w| SHARED.holds(w));
            if matches!(category, Category::Email | Category::Phone)
                && let Some(word) = shared()
                && !tally.reasons.iter().any(|r| matches!(r, Reason::Shared(_)))
            {
                tally.add(weights::IS_SHARED, Reason::Shared(word.written.clone()));
            }
            let otherwise = words.first().is_some_and(|word| OTHERWISE.holds(word));
            let follows = |hit: &Hit| words.get(hit.start + hit.length);
            let itself = |hit: &&Hit| {
                hit.category == category
                    && (hit.start == 0 || !otherwise)
                    && !follows(hit).is_some_and(|word| is_about(category, word))
            };
            let Some(hit) = hits.iter().find(itself) else {
                continue;
            };
            let quote = Reason::Described(shorten(text.trim(), QUOTE_MAX));
            if hit.start < HEAD_WORDS {
                tally.claim(weights::described(hit.strength), hit.strength, quote);
                weigh_company_of_description(hit, words, tally);
            } else if !tally.claims.is_empty() {
                tally.add(weights::MENTIONED, quote);
            }
        }
    }

    fn weigh_type(&self, category: Category, tally: &mut Tally) {
        let Some(name) = self.column.data_type.as_deref() else {
            return;
        };
        let name = shorten(name, QUOTE_MAX);
        match fit(category, self.column.family) {
            Some(true) => tally.add(weights::TYPE_FITS, Reason::Type(name)),
            Some(false) => tally.add(weights::TYPE_IS_WRONG, Reason::WrongType(name)),
            None => {}
        }
    }
}

/// Whose it is: words of the name beside the phrase.
fn weigh_company(hit: &Hit, before: &[Word], after: &[Word], tally: &mut Tally) {
    if hit.strength == Strength::Outright {
        return;
    }
    // In English what it is of stands before, in Czech and Slovak after.
    let beside = || before.iter().chain(after.iter().filter(|_| hit.slavic));
    let said = |set: &WordSet| beside().find(|word| set.holds(word));
    if let Some(word) = said(&context::PERSONS) {
        tally.add(
            weights::OF_A_PERSON,
            Reason::OfAPerson(word.written.clone()),
        );
    } else if let Some(word) = said(&context::PARTNERS) {
        tally.add(
            weights::OF_A_PARTNER,
            Reason::OfAPerson(word.written.clone()),
        );
    } else if hit.strength != Strength::Role
        && let Some(word) = said(&context::ORGANISATIONS).or_else(|| said(&context::THINGS))
    {
        tally.add(
            weights::OF_SOMETHING_ELSE,
            Reason::OfSomethingElse(word.written.clone()),
        );
    }
}

/// Whether a word after a phrase makes it something about the data. An address's number is
/// the key of a table of addresses.
fn is_about(category: Category, word: &Word) -> bool {
    let key = ["number", "id", "code", "key"].contains(&word.written.as_str());
    ABOUT.holds(word) || category == Category::Address && key
}

/// Whose it is, going by a description.
fn weigh_company_of_description(hit: &Hit, words: &[Word], tally: &mut Tally) {
    if hit.strength == Strength::Outright {
        return;
    }
    let outside = |at: usize| at < hit.start || at >= hit.start + hit.length;
    let said = |set: &WordSet| {
        let others = words.iter().enumerate().filter(|(at, _)| outside(*at));
        others.map(|(_, word)| word).find(|word| set.holds(word))
    };
    let known = |reasons: &[Reason]| {
        reasons
            .iter()
            .any(|reason| matches!(reason, Reason::OfAPerson(_) | Reason::OfSomethingElse(_)))
    };
    if known(&tally.reasons) {
        return;
    }
    if let Some(word) = said(&context::PERSONS).or_else(|| said(&context::PARTNERS)) {
        tally.add(
            weights::SAID_OF_A_PERSON,
            Reason::OfAPerson(word.written.clone()),
        );
    } else if hit.strength != Strength::Role
        && let Some(word) = said(&context::ORGANISATIONS).or_else(|| said(&context::THINGS))
    {
        tally.add(
            weights::SAID_OF_SOMETHING_ELSE,
            Reason::OfSomethingElse(word.written.clone()),
        );
    }
}

fn weigh_place(category: Category, place: &Place<'_>, tally: &mut Tally) {
    let said = || place.said.clone().unwrap_or_default();
    let clear = matches!(tally.strength, Strength::Outright);
    match place.subject {
        Subject::Persons => tally.add(
            weights::of_persons(tally.strength),
            Reason::InTableOf(Subject::Persons, said()),
        ),
        Subject::Partners if !clear => tally.add(
            weights::OF_PARTNERS,
            Reason::InTableOf(Subject::Partners, said()),
        ),
        Subject::Organisations if category == Category::TaxId => tally.add(
            weights::TAX_OF_ORGANISATIONS,
            Reason::InTableOf(Subject::Organisations, said()),
        ),
        Subject::Organisations
            if tally.strength < Strength::Role && category != Category::FreeText =>
        {
            let of_a_person = tally
                .reasons
                .iter()
                .any(|r| matches!(r, Reason::OfAPerson(_)));
            if !of_a_person {
                tally.add(
                    weights::OF_ORGANISATIONS,
                    Reason::InTableOf(Subject::Organisations, said()),
                );
            }
        }
        // People write remarks on orders and materials as they do on persons.
        Subject::Things
            if tally.strength < Strength::Role
                && (category, tally.strength) != (Category::FreeText, Strength::Likely) =>
        {
            tally.add(
                weights::OF_THINGS,
                Reason::InTableOf(Subject::Things, said()),
            );
        }
        Subject::Partners | Subject::Organisations | Subject::Things | Subject::Unknown => {}
    }
    if !clear && place.called.contains(&category) {
        tally.add(
            weights::TABLE_IS_CALLED_SO,
            Reason::TableIsCalledSo(place.name.to_owned()),
        );
    }
}

/// Whether a type can hold such data; null where that says nothing.
fn fit(category: Category, family: TypeFamily) -> Option<bool> {
    use TypeFamily::{Boolean, Date, Decimal, Integer, Text, Timestamp, Unknown};
    let (right, wrong): (&[TypeFamily], &[TypeFamily]) = match category {
        _ if family == Unknown => (&[], &[]),
        Category::PersonName
        | Category::Email
        | Category::Login
        | Category::NetworkId
        | Category::Image
        | Category::FreeText => (&[Text], &[Integer, Decimal, Date, Timestamp, Boolean]),
        Category::Address => (&[Text], &[Decimal, Date, Timestamp, Boolean]),
        Category::Credential
        | Category::NationalId
        | Category::CardNumber
        | Category::BankAccount
        | Category::Phone
        | Category::PersonId
        | Category::TaxId => (&[Text], &[Date, Timestamp, Boolean]),
        Category::BirthDate => (&[Date, Timestamp], &[Boolean]),
        Category::Pay => (&[Decimal, Integer], &[Date, Timestamp, Boolean]),
        Category::Location => (&[Decimal], &[Date, Timestamp, Boolean]),
        Category::Gender | Category::Nationality => (&[Text], &[Date, Timestamp]),
        Category::Health | Category::Belief | Category::Offence | Category::Profile => (&[], &[]),
    };
    if right.contains(&family) {
        Some(true)
    } else if wrong.contains(&family) {
        Some(false)
    } else {
        None
    }
}

fn written(words: Option<&[Word]>) -> String {
    let words = words.unwrap_or_default().iter();
    let words: Vec<&str> = words.map(|word| word.written.as_str()).collect();
    shorten(&words.join(" "), QUOTE_MAX)
}
