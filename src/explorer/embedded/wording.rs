//! What the look-ups found, in words.

mod details;
mod joins;
mod lineage;
mod mapping;
mod marked;
mod quality;
mod tables;

pub(super) use crate::wording::reasons::translated as reason;
pub(super) use crate::wording::terms::risk;

use super::intent::{Intent, Shown, Unable};
use super::phrases::{LINES_MAX, Noun, Phrase, code, codes, counted, percent, quote};

use super::reading::Note;
use super::{Understood, Worded, of_run};
use crate::catalog::{Documentation, SchemaId, TableId};
use crate::explorer::tools::{Outcome, ToolFailure};
use crate::explorer::{Focus, Language, RunFindings, Topic};
use crate::pipeline::structure::TableType;
use crate::pipeline::{Knowledge, mapping as schemas};
use crate::wording::reasons as evidence;

/// The most tables that an answer hands on to the next question.
const FOCUS_MAX: usize = 200;

const HELLO: Phrase = Phrase("Dobrý den!", "Dobrý deň!", "Hello!");
const ABILITIES: Phrase = Phrase(
    "Odpovídám na otázky o datovém katalogu. Můžete se ptát třeba na:\n\
     - tabulky, fakty, dimenze a schémata: „fakty v {0}“, „kolik tabulek je v katalogu“\n\
     - jednu tabulku: „co je {1}“, „zrnitost {1}“, „sloupce {1}“\n\
     - sloupce podle názvu: „které sloupce obsahují datum“, „sloupce *_key“\n\
     - vazby: „jak spojím {1} s …“, a ER diagram: „nakresli diagram {0}“\n\
     - původ dat (lineage): „odkud je {1}“\n\
     - kvalitu dokumentace: „co opravit jako první v {0}“\n\
     - obchodní pojmy: „kde najdu dodavatele“",
    "Odpovedám na otázky o dátovom katalógu. Môžete sa pýtať napríklad na:\n\
     - tabuľky, fakty, dimenzie a schémy: „fakty v {0}“, „koľko tabuliek je v katalógu“\n\
     - jednu tabuľku: „čo je {1}“, „zrnitosť {1}“, „stĺpce {1}“\n\
     - stĺpce podľa názvu: „ktoré stĺpce obsahujú dátum“, „stĺpce *_key“\n\
     - väzby: „ako spojím {1} s …“, a ER diagram: „nakresli diagram {0}“\n\
     - pôvod dát (lineage): „odkiaľ je {1}“\n\
     - kvalitu dokumentácie: „čo opraviť ako prvé v {0}“\n\
     - obchodné pojmy: „kde nájdem dodávateľov“",
    "I answer questions about the data catalog. You can ask, for example, about:\n\
     - tables, facts, dimensions and schemas: \"facts in {0}\", \"how many tables are there\"\n\
     - one table: \"what is {1}\", \"grain of {1}\", \"columns of {1}\"\n\
     - columns by name: \"which columns contain date\", \"columns *_key\"\n\
     - joins: \"how do I join {1} with …\", and an ER diagram: \"draw the diagram of {0}\"\n\
     - lineage: \"where does {1} come from\"\n\
     - quality of the documentation: \"what to fix first in {0}\"\n\
     - business terms: \"where can I find suppliers\"",
);
const REQUESTS: Phrase = Phrase(
    "Celé obchodní zadání analyzuje pipeline: pošlete ho na `POST /api/pipeline/run`.",
    "Celé obchodné zadanie analyzuje pipeline: pošlite ho na `POST /api/pipeline/run`.",
    "A whole business request is analysed by the pipeline: send it to `POST /api/pipeline/run`.",
);
const NOT_UNDERSTOOD: Phrase = Phrase(
    "Této otázce nerozumím, a proto na ni neodpovím odhadem.",
    "Tejto otázke nerozumiem, a preto na ňu neodpoviem odhadom.",
    "I do not understand this question, and I will not guess an answer.",
);
const NO_ROWS: Phrase = Phrase(
    "To nevím: vidím jen katalog, tedy metadata, a žádné řádky dat ani jejich počty. Mohu říct, co tabulka obsahuje, \
     například „co je {0}“.",
    "To neviem: vidím len katalóg, teda metadáta, a žiadne riadky dát ani ich počty. Môžem povedať, čo tabuľka obsahuje, \
     napríklad „čo je {0}“.",
    "I cannot tell: I only see the catalog, that is metadata, and no rows of data nor how many there are. I can tell what a \
     table holds, for example \"what is {0}\".",
);
const NO_CHANGE: Phrase = Phrase(
    "To neumím: katalog jen čtu, nic v něm ani v datech neměním, nemažu a nevytvářím.",
    "To neviem urobiť: katalóg len čítam, nič v ňom ani v dátach nemením, nemažem a nevytváram.",
    "I cannot do that: I only read the catalog, and change, delete or create nothing in it or in the data.",
);
const NO_SQL: Phrase = Phrase(
    "Dotazy ani programy nepíšu. Mohu ale říct, které sloupce tabulka má („sloupce {0}“) a přes co se spojuje („jak spojím {0} s …“).",
    "Dopyty ani programy nepíšem. Môžem ale povedať, ktoré stĺpce tabuľka má („stĺpce {0}“) a cez čo sa spája („ako spojím {0} s …“).",
    "I do not write queries or programs. I can tell which columns a table has (\"columns of {0}\") and how it joins others \
     (\"how do I join {0} with …\").",
);
const NOT_EACH: Phrase = Phrase(
    "Odpověď je za první tabulky seznamu ({0}); zbývá jich {1}, zeptejte se na ně jménem.",
    "Odpoveď je za prvé tabuľky zoznamu ({0}); zostáva ich {1}, spýtajte sa na ne menom.",
    "This is the answer for the first tables of the list ({0}); {1} remain, ask about them by name.",
);
const THANKS: Phrase = Phrase(
    "Rádo se stalo. Kdykoli se můžete na katalog zeptat znovu.",
    "Rado sa stalo. Kedykoľvek sa môžete na katalóg spýtať znova.",
    "You are welcome. Ask me about the catalog any time.",
);
const ANALYSIS: Phrase = Phrase(
    "Toto vypadá na zadání k analýze. Pošlete ho jako `{\"document\": \"…\"}` na `POST /api/pipeline/run`: pipeline najde \
     tabulky, vazby a problémy v metadatech a nakreslí ER diagram. S id toho běhu se mě pak můžete ptát na jeho výsledek.",
    "Toto vyzerá ako zadanie na analýzu. Pošlite ho ako `{\"document\": \"…\"}` na `POST /api/pipeline/run`: pipeline nájde \
     tabuľky, väzby a problémy v metadátach a nakreslí ER diagram. S id toho behu sa ma potom môžete pýtať na jeho výsledok.",
    "This looks like a request to analyse. Send it as `{\"document\": \"…\"}` to `POST /api/pipeline/run`: the pipeline finds the \
     tables, joins and metadata problems and draws the ER diagram. With the id of that run you can then ask me about its result.",
);
const NO_RUN: Phrase = Phrase(
    "V této relaci žádný dokončený běh není. Zadání pošlete na `POST /api/pipeline/run` a ptejte se s `session_id`, které vrátí.",
    "V tejto relácii žiadny dokončený beh nie je. Zadanie pošlite na `POST /api/pipeline/run` a pýtajte sa so `session_id`, ktoré vráti.",
    "There is no finished run in this session. Send the request to `POST /api/pipeline/run` and ask with the `session_id` it returns.",
);
const WHICH_TABLE: Phrase = Phrase(
    "Které tabulky se otázka týká? Napište její název, například {0}.",
    "Ktorej tabuľky sa otázka týka? Napíšte jej názov, napríklad {0}.",
    "Which table is the question about? Please give its name, for example {0}.",
);
const NO_SUCH_PLACE: Phrase = Phrase(
    "Tolik tabulek v poslední odpovědi nebylo.",
    "Toľko tabuliek v poslednej odpovedi nebolo.",
    "The last answer did not have that many tables.",
);
const NEARLY: Phrase = Phrase(
    "Výraz {0} beru jako {1}.",
    "Výraz {0} beriem ako {1}.",
    "I took {0} for {1}.",
);
const WORDS: Phrase = Phrase(
    "Výraz {0} beru jako tabulku {1} (jistota {2}).",
    "Výraz {0} beriem ako tabuľku {1} (istota {2}).",
    "I took {0} for the table {1} ({2} sure).",
);
const ALSO_IN: Phrase = Phrase(
    "Tabulku tohoto názvu mají i jiná schémata: {0}; tady je řeč o {1}.",
    "Tabuľku s týmto názvom majú aj iné schémy: {0}; tu je reč o {1}.",
    "Other schemas have a table of that name too: {0}; this is about {1}.",
);
const NO_TABLE: Phrase = Phrase(
    "Tabulka {0} v katalogu není.",
    "Tabuľka {0} v katalógu nie je.",
    "There is no table {0} in the catalog.",
);
const NO_SCHEMA: Phrase = Phrase(
    "Schéma {0} v katalogu není. Jsou v něm: {1}.",
    "Schéma {0} v katalógu nie je. Sú v ňom: {1}.",
    "There is no schema {0} in the catalog. There are: {1}.",
);
const CLOSE: Phrase = Phrase(
    "Podobné názvy: {0}.",
    "Podobné názvy: {0}.",
    "Close names: {0}.",
);
const BAD_ARGUMENTS: Phrase = Phrase(
    "Takhle hledat neumím: text je prázdný nebo příliš dlouhý.",
    "Takto hľadať neviem: text je prázdny alebo príliš dlhý.",
    "I cannot search for that: the text is empty or too long.",
);
const BROKEN: Phrase = Phrase(
    "Vyhledání selhalo vnitřní chybou, odpověď tedy nemám. Zkuste to prosím znovu.",
    "Vyhľadanie zlyhalo vnútornou chybou, odpoveď teda nemám. Skúste to prosím znova.",
    "The look-up failed with an internal error, so I have no answer. Please try again.",
);

/// What an answer is made from.
struct Answer<'a> {
    knowledge: &'a Knowledge,
    language: Language,
    understood: &'a Understood,
}

/// See [`super::word`].
pub(super) fn word(
    knowledge: &Knowledge,
    run: Option<&RunFindings>,
    understood: &Understood,
    outcomes: &[Result<Outcome, ToolFailure>],
) -> Worded {
    let answer = Answer {
        knowledge,
        language: understood.language,
        understood,
    };
    let said = match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        Some(failure) => answer.failure(failure),
        None => answer.success(run, outcomes),
    };
    let (text, mut focus) = said;
    focus.tables.truncate(FOCUS_MAX);
    focus.topic = understood.topic;
    focus.language = understood.language;
    let notes = answer.notes();
    let text = if notes.is_empty() {
        text
    } else {
        format!("{}\n\n{text}", notes.join(" "))
    };
    Worded { text, focus }
}

/// A text, and what it is about.
type Said = (String, Focus);

impl Answer<'_> {
    fn full_name(&self, id: TableId) -> String {
        self.knowledge.catalog.full_name(id)
    }

    fn say(&self, phrase: &Phrase, filling: &[&str]) -> String {
        phrase.say(self.language, filling)
    }

    fn counted(&self, count: usize, noun: Noun) -> String {
        counted(self.language, count, noun)
    }

    /// The description that the asker reads best.
    fn description<'c>(&self, documentation: &'c Documentation) -> Option<&'c str> {
        let czech = match self.language {
            Language::English => None,
            Language::Czech | Language::Slovak => documentation.czech_description.as_deref(),
        };
        czech.or_else(|| documentation.best_description())
    }

    fn table_type(&self, id: TableId) -> TableType {
        self.knowledge.structure.table_type(id)
    }

    fn schemas_called(&self, label: Option<&str>) -> Vec<SchemaId> {
        label
            .map(|label| schemas::schemas_called(&self.knowledge.catalog, label))
            .unwrap_or_default()
    }

    fn notes(&self) -> Vec<String> {
        let own = |id: TableId| code(&self.full_name(id));
        self.understood
            .notes
            .iter()
            .map(|note| match note {
                Note::Nearly { asked, table } => self.say(&NEARLY, &[&code(asked), &own(*table)]),
                Note::Schema { asked, schema } => self.say(&NEARLY, &[&code(asked), &code(schema)]),
                Note::NoRows => self.unable(Unable::Rows),
                Note::Word { asked, word } => {
                    let (asked, word) = (
                        quote(self.language, asked, 80),
                        quote(self.language, word, 80),
                    );
                    self.say(&NEARLY, &[&asked, &word])
                }
                Note::Words {
                    asked,
                    table,
                    confidence,
                } => {
                    let asked = quote(self.language, asked, 80);
                    let sure = percent(self.language, *confidence);
                    self.say(&WORDS, &[&asked, &own(*table), &sure])
                }
                Note::AlsoIn { table, others } => {
                    let names: Vec<String> =
                        others.iter().take(LINES_MAX).map(|id| own(*id)).collect();
                    self.say(&ALSO_IN, &[&names.join(", "), &own(*table)])
                }
            })
            .collect()
    }

    fn failure(&self, failure: &ToolFailure) -> Said {
        let text = match failure {
            ToolFailure::NoTable { name, suggestions } => {
                let mut text = self.say(&NO_TABLE, &[&code(name)]);
                if !suggestions.is_empty() {
                    text.push(' ');
                    text.push_str(&self.say(&CLOSE, &[&codes(suggestions)]));
                }
                text
            }
            ToolFailure::NoSchema { name, suggestions } => {
                self.say(&NO_SCHEMA, &[&code(name), &codes(suggestions)])
            }
            ToolFailure::BadArguments { .. } => self.say(&BAD_ARGUMENTS, &[]),
            ToolFailure::UnknownTool { .. } | ToolFailure::Broken => self.say(&BROKEN, &[]),
        };
        (text, Focus::default())
    }

    fn success(
        &self,
        run: Option<&RunFindings>,
        outcomes: &[Result<Outcome, ToolFailure>],
    ) -> Said {
        let found: Vec<&Outcome> = outcomes
            .iter()
            .filter_map(|one| one.as_ref().ok())
            .collect();
        match (&self.understood.intent, found.as_slice()) {
            (Intent::Diagram(shown), found) => self.diagram(shown, found),
            (Intent::Each { intents, more }, found) => self.each(intents, *more, found),
            (Intent::FedBy { source, tables }, _) => self.fed_by(source, tables),
            (intent, []) => self.without_look_up(intent, run),
            (intent, [one]) => self.of_one(intent, one),
            (_, [Outcome::Tables(one), Outcome::Tables(two)]) => self.compare_schemas(one, two),
            (_, [Outcome::Details(one), Outcome::Details(two)]) => self.compare_tables(one, two),
            _ => (self.say(&BROKEN, &[]), Focus::default()),
        }
    }

    fn of_one(&self, intent: &Intent, found: &Outcome) -> Said {
        match (intent, found) {
            (Intent::Schemas, Outcome::Tables(_)) => self.schemas(),
            (Intent::Overview { schema }, Outcome::Tables(answer)) => {
                self.overview(schema.as_deref(), answer)
            }
            (Intent::List { count, widest, .. }, Outcome::Tables(answer)) => {
                self.tables(answer, *count, *widest)
            }
            (Intent::Details { aspect, .. }, Outcome::Details(details)) => {
                self.details(details, *aspect)
            }
            (
                Intent::SearchColumns {
                    pattern,
                    count,
                    within,
                },
                Outcome::Columns(page),
            ) => match within {
                Some(table) => self.columns_within(pattern, *table, page),
                None => self.columns(pattern, *count, page),
            },
            (Intent::Joins { table_type, .. }, Outcome::Relationships(answer)) => {
                self.joins(answer, *table_type)
            }
            (Intent::Lineage { direction, .. }, Outcome::Lineage(answer)) => {
                self.lineage(answer, *direction)
            }
            (
                Intent::Quality {
                    gap,
                    table,
                    among,
                    table_type,
                    ..
                },
                Outcome::Quality(answer),
            ) => self.quality(answer, (*gap, *table_type), *table, among),
            (Intent::Mapping(wanted), Outcome::Mapping(answer)) => self.mapping(wanted, answer),
            _ => self.of_marked(intent, found),
        }
    }

    fn of_marked(&self, intent: &Intent, found: &Outcome) -> Said {
        match (intent, found) {
            (Intent::Gone { schema, columns }, Outcome::Quality(_)) => {
                self.gone(schema.as_deref(), *columns)
            }
            (
                Intent::Classified {
                    schema,
                    classes,
                    columns,
                    table_type,
                },
                Outcome::Tables(_),
            ) => self.classified(schema.as_deref(), classes, *columns, *table_type),
            (Intent::Column(wanted), Outcome::Details(details)) => {
                self.column_of(wanted, details.id)
            }
            (Intent::Column(wanted), Outcome::Lineage(answer)) => match answer.tables.first() {
                Some(id) => self.column_of(wanted, *id),
                None => (self.say(&BROKEN, &[]), Focus::default()),
            },
            _ => (self.say(&BROKEN, &[]), Focus::default()),
        }
    }

    /// The answers for each table; what is spoken of stays the list.
    fn each(&self, intents: &[Intent], more: usize, found: &[&Outcome]) -> Said {
        let mut parts: Vec<String> = Vec::new();
        let mut tables: Vec<TableId> = Vec::new();
        for (intent, outcome) in intents.iter().zip(found) {
            let (text, focus) = self.of_one(intent, outcome);
            parts.push(text);
            let first = focus.tables.first();
            tables.extend(first.filter(|id| !tables.contains(id)));
        }
        if more > 0 {
            let (answered, more) = (parts.len().to_string(), more.to_string());
            parts.push(self.say(&NOT_EACH, &[&answered, &more]));
        }
        (parts.join("\n\n"), about(tables, Vec::new(), None))
    }

    fn without_look_up(&self, intent: &Intent, run: Option<&RunFindings>) -> Said {
        let text = match intent {
            Intent::CountColumns { schemas } => return self.count_columns(schemas),
            Intent::Spoken { tables, table_type } => return self.spoken(tables, *table_type),
            Intent::Run(aspect) => {
                return match run {
                    Some(run) => of_run::word(self.knowledge, self.language, run, *aspect),
                    None => (self.say(&NO_RUN, &[]), Focus::default()),
                };
            }
            Intent::NoRun => self.say(&NO_RUN, &[]),
            Intent::WhichTable(_) => self.say(&WHICH_TABLE, &[&code(&self.example().1)]),
            Intent::NoSuchPlace => self.say(&NO_SUCH_PLACE, &[]),
            Intent::Analysis => ANALYSIS.text(self.language).to_owned(),
            Intent::Unable(what) => self.unable(*what),
            Intent::Help => self.abilities(),
            Intent::Greeting => format!("{} {}", self.say(&HELLO, &[]), self.abilities()),
            Intent::Thanks => self.say(&THANKS, &[]),
            _ => format!("{} {}", self.say(&NOT_UNDERSTOOD, &[]), self.abilities()),
        };
        (text, Focus::default())
    }

    fn unable(&self, what: Unable) -> String {
        let phrase = match what {
            Unable::Rows => NO_ROWS,
            Unable::Change => NO_CHANGE,
            Unable::Sql => NO_SQL,
        };
        let (_, table) = self.example();
        phrase.say(self.language, &[&table])
    }

    /// What can be asked, with names of this catalog.
    fn abilities(&self) -> String {
        let (schema, table) = self.example();
        let can = self.say(&ABILITIES, &[&schema, &table]);
        format!("{can}\n\n{}", REQUESTS.text(self.language))
    }

    /// A schema and a table to show what questions look like: a fact, where there is one.
    fn example(&self) -> (String, String) {
        let catalog = &self.knowledge.catalog;
        let fact = catalog
            .tables()
            .map(|(id, _)| id)
            .find(|id| self.table_type(*id) == TableType::Fact);
        let example = fact.or_else(|| catalog.tables().next().map(|(id, _)| id));
        example.map_or_else(Default::default, |id| {
            let table = catalog.table(id).name.to_string();
            (catalog.schema_name(id).to_owned(), table)
        })
    }

    fn diagram(&self, shown: &Shown, found: &[&Outcome]) -> Said {
        let tables: Vec<TableId> = match (shown, found) {
            (Shown::Spoken(tables), _) => tables.clone(),
            (_, [outcome]) => outcome.tables(),
            _ => Vec::new(),
        };
        match shown {
            Shown::Schemas(label) => {
                let schemas = self.schemas_called(label.as_deref());
                self.diagram_of_schemas(schemas)
            }
            Shown::Terms(text) if tables.is_empty() => self.nothing_holds(text),
            Shown::Table(_) | Shown::Spoken(_) | Shown::Terms(_) => {
                self.diagram_of(tables, Vec::new())
            }
        }
    }
}

/// The focus of an answer about tables.
fn about(tables: Vec<TableId>, schemas: Vec<SchemaId>, table_type: Option<TableType>) -> Focus {
    Focus {
        topic: None::<Topic>,
        tables,
        schemas,
        table_type,
        language: Language::default(),
    }
}
