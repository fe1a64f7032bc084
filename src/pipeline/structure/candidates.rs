//! Which tables a column may point at.
//!
//! Candidates come out of the look-ups of the [`Index`], never from comparing all pairs, so
//! time grows with the number of columns.

use std::cmp::Reverse;

use super::Subject;
use super::index::{Index, PEOPLE};
use super::keys::Origin;
use super::names::{self, ColumnName, KeyWord, NamedClass};
use super::reference::{self, Naming, Said};
use super::weighing::{self, Evidence};
use super::weights::{self, Signal};
use crate::catalog::{Column, TypeFamily};
use crate::text;

/// How many tables that a column is named after are weighed: the best named, of equals the
/// nearest.
const NAMED_MAX: usize = 16;
/// A table a column may point at.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) parent: usize,
    pub(super) parent_column: usize,
    /// Words of the column's name that say in which role the parent is meant.
    pub(super) role: Vec<String>,
    pub(super) origin: Origin,
    pub(super) confidence: f64,
    pub(super) signals: Vec<(Signal, f64)>,
    /// How well the names meet, to compare candidates of one column.
    pub(super) standing: i64,
    pub(super) lead: Lead,
}

/// How a column came to a candidate.
#[derive(Debug, Clone)]
pub(super) enum Lead {
    /// The description says so, in these words.
    Stated(String),
    /// Named after it.
    Named(Naming),
    /// Called as its key.
    SameKeyName,
    /// The column's name ends in the key's, behind so many words.
    KeyNameAtEnd(usize),
    /// A word that points at another row of the same table.
    SelfWord,
    /// A word for someone who acts, and a table of people.
    Agent,
    /// A word that sounds like someone who acts, and a table of people.
    AgentBySound,
    /// A date key, and a calendar.
    Calendar,
}

/// Stems that end the name of a date key.
const DATE_WORDS: &[&str] = &["dat", "date", "day", "dt"];

/// Words (stems) for someone who acts.
const AGENTS: &[&str] = &[
    "by",
    "owner",
    "author",
    "creator",
    "editor",
    "assigne",
    "reviewer",
    "approver",
    "sender",
    "recipient",
    "receiver",
    "requester",
    "requestor",
    "reporter",
    "submitter",
    "uploader",
    "modifier",
    "updater",
    "inviter",
    "operator",
    "manager",
    "supervisor",
    "moderator",
    "responsibl",
    "assigner",
    "publisher",
    "follower",
    "liker",
    "voter",
    "writer",
    "signer",
    "buyer",
    "seller",
    "salesperson",
    "actor",
    "caller",
    "teacher",
    "student",
    "leader",
    "boss",
];

/// Words (stems) by which a row points at another row of its table.
const SELF_WORDS: &[&str] = &[
    "parent",
    "ancestor",
    "root",
    "superior",
    "predecessor",
    "successor",
    "previou",
    "previous",
    "prev",
    "next",
    "original",
    "nadrizeny",
    "nadrizeneho",
    "nadriadeny",
    "nadriadeneho",
    "rodic",
    "rodice",
    "report",
    "replac",
    "supersed",
    "duplicat",
    "sibling",
    "child",
    "reply",
];
/// The same between people.
const SUPERIORS: &[&str] = &["manager", "supervisor", "mgr", "boss", "leader"];

impl Index<'_, '_> {
    /// The tables a column may point at, each with what speaks for it.
    pub(super) fn candidates(&self, child: usize, place: usize) -> Vec<Candidate> {
        let found = || {
            let table = self.tables.get(child)?;
            let column = table.table.columns.get(place)?;
            let name = table.columns.get(place)?;
            Some((table, column, name))
        };
        let Some((table, column, name)) = found() else {
            return Vec::new();
        };
        let mut leads = self.stated(child, column);
        if may_refer(table, place, column, name) {
            self.named(child, place, name, &mut leads);
            self.named_with_name(child, place, name, &mut leads);
            // Tables whose keys are called alike are siblings; a subtype is called after its base.
            if table.single_key() != Some(place) {
                self.same_key_name(child, place, column, name, &mut leads);
                self.by_meaning(child, column, name, &mut leads);
            }
        }
        let mut candidates: Vec<Candidate> = leads
            .into_iter()
            .filter_map(|(parent, lead)| {
                weighing::candidate(self, child, place, parent, lead, &mut Evidence::default())
            })
            .collect();
        Self::compare(&mut candidates);
        candidates
    }

    /// What speaks for a candidate of a column, in words a person can check.
    pub(super) fn evidence(&self, child: usize, place: usize, best: &Candidate) -> Vec<String> {
        let mut evidence = Evidence::wanted();
        let lead = best.lead.clone();
        weighing::candidate(self, child, place, best.parent, lead, &mut evidence);
        evidence.said()
    }

    /// Says of every candidate how many others fit better, and how many as well.
    fn compare(candidates: &mut [Candidate]) {
        let mut standings: Vec<i64> = candidates
            .iter()
            .map(|candidate| candidate.standing)
            .collect();
        standings.sort_unstable();
        for candidate in candidates.iter_mut() {
            let own = candidate.standing;
            let below = standings.partition_point(|other| *other < own - EQUAL_STANDING);
            let not_better = standings.partition_point(|other| *other <= own + EQUAL_STANDING);
            let (better, equal) = (standings.len() - not_better, not_better - below);
            if standings.len() == 1 {
                candidate.signals.push((Signal::Alone, 1.0));
                let keyed = |(signal, _): &(Signal, f64)| *signal == Signal::WarehouseKeyWord;
                if candidate.signals.iter().any(keyed) {
                    candidate.signals.push((Signal::OnlyChoice, 1.0));
                    // What stands before the name is a role then, and no other name.
                    candidate
                        .signals
                        .retain(|(signal, _)| *signal != Signal::Replaced);
                }
            }
            if better > 0 {
                candidate.signals.push((Signal::Outranked, 1.0));
            }
            if equal > 1 {
                #[expect(clippy::cast_precision_loss, reason = "a handful of tables")]
                candidate
                    .signals
                    .push((Signal::Rivals, (equal as f64).ln()));
            }
            candidate.confidence = weights::confidence(&candidate.signals);
        }
    }

    /// Parents that the column's own description names.
    fn stated(&self, child: usize, column: &Column) -> Vec<(usize, Lead)> {
        let texts = [
            &column.documentation.description,
            &column.documentation.source_description,
        ];
        let mut found: Vec<(usize, Lead)> = Vec::new();
        for description in texts.into_iter().flatten() {
            let meant = referenced_tables(description)
                .into_iter()
                .find_map(|named| {
                    let mut parents: Vec<usize> = self
                        .catalog
                        .named(named)
                        .iter()
                        .filter_map(|id| self.place.get(id).copied())
                        .collect();
                    parents.sort_unstable();
                    let near = self.few(child, Some(&parents));
                    (!near.is_empty()).then(|| near.to_vec())
                });
            for parent in meant.into_iter().flatten() {
                if !found.iter().any(|(known, _)| *known == parent) {
                    let quote = text::shorten(description, QUOTE_LETTERS);
                    found.push((parent, Lead::Stated(quote)));
                }
            }
        }
        found
    }

    /// Parents that the column is named after.
    fn named(&self, child: usize, place: usize, name: &ColumnName, leads: &mut Vec<(usize, Lead)>) {
        let Some(table) = self.tables.get(child) else {
            return;
        };
        let own_key = table.single_key() == Some(place);
        let context = table.name.subject.as_slice();
        let parents = self.with_words_of(child, context, name);
        // A table that is meant and listed without columns has no key to point at, and no
        // other table is meant instead.
        let unlisted = |parent: &usize| {
            self.tables.get(*parent).is_some_and(|target| {
                target.table.columns.is_empty() && target.name.subject == name.subject
            })
        };
        if parents.iter().any(unlisted) {
            return;
        }
        let said = Said::new(self.vocabulary, name);
        let named = parents.into_iter().filter_map(|parent| {
            let target = self.tables.get(parent)?;
            let naming = said.naming(&target.name.subject, context)?;
            // Its own name is its key; another row is meant only in a role.
            let itself = (parent == child && naming.role == 0 && name.tail.is_empty())
                || (own_key && !naming.is_whole());
            let plain = name.key_word.is_none()
                && (naming.missing_tail > 0 || naming.missing_head > 1 || naming.initials);
            (!itself && !plain).then_some((parent, naming))
        });
        let mut named: Vec<(usize, Naming)> = named.collect();
        if named.len() > NAMED_MAX {
            let schema = |place: usize| self.tables.get(place).map(|table| table.table.schema);
            let far = |parent: usize| (schema(parent) != schema(child), parent != child);
            named.sort_by_key(|(parent, naming)| (Reverse(naming.rank()), far(*parent)));
            named.truncate(NAMED_MAX);
            named.sort_by_key(|(parent, _)| *parent);
        }
        leads.extend(
            named
                .into_iter()
                .map(|(parent, naming)| (parent, Lead::Named(naming))),
        );
    }

    /// The tables whose names share words or initials with a column's, in their order;
    /// `context` are the words of the table that holds it.
    fn with_words_of(&self, child: usize, context: &[String], name: &ColumnName) -> Vec<usize> {
        let mut parents: Vec<usize> = Vec::new();
        let mut add = |tables: Option<&Vec<usize>>| {
            parents.extend(self.few(child, tables));
            // A row's parent is in its own table, whatever is called like it elsewhere.
            let itself = tables.is_some_and(|tables| tables.binary_search(&child).is_ok());
            parents.extend(itself.then_some(child));
        };
        for said in (0..name.subject.len()).filter_map(|role| reference::without_role(name, role)) {
            add(self.by_subject.get(&said.join(" ")));
            add(self.by_fused_subject.get(&said.concat()));
            for words in 1..=context.len() {
                let lead = context.get(..words).unwrap_or_default();
                add(self.by_subject.get(&[lead, said].concat().join(" ")));
            }
        }
        let ends = if name.key_first {
            name.subject.as_slice()
        } else {
            name.subject
                .last()
                .map(std::slice::from_ref)
                .unwrap_or_default()
        };
        for end in ends {
            let meanings = self.vocabulary.meanings(end);
            for (word, _) in &*meanings {
                add(self.by_last_word.get(&**word));
                add(self.by_word.get(&**word));
            }
            if name.key_word.is_some() {
                let longest = end.len().min(reference::INITIALS_MAX);
                for start in (1..longest).filter_map(|last| end.get(..=last)) {
                    add(self.by_initials.get(start));
                }
            }
        }
        parents.sort_unstable();
        parents.dedup();
        parents
    }

    /// Parents whose key is `name`, for a column such as `team_name`.
    fn named_with_name(
        &self,
        child: usize,
        place: usize,
        name: &ColumnName,
        leads: &mut Vec<(usize, Lead)>,
    ) {
        let Some((last, subject)) = name.subject.split_last() else {
            return;
        };
        if last != "nam" || subject.is_empty() || name.key_word.is_some() {
            return;
        }
        let keyed = ColumnName {
            subject: subject.to_vec(),
            key_word: Some(KeyWord::Natural),
            key: Some("name".to_owned()),
            ..name.clone()
        };
        let mut found = Vec::new();
        self.named(child, place, &keyed, &mut found);
        found.retain(|(parent, _)| {
            let key = self.tables.get(*parent).and_then(|table| {
                let key = table.columns.get(table.single_key()?)?;
                Some(key.subject == ["nam"] && key.key_word.is_none())
            });
            key == Some(true)
        });
        leads.extend(found);
    }

    /// Parents whose key is called exactly as the column, or as its end.
    fn same_key_name(
        &self,
        child: usize,
        place: usize,
        column: &Column,
        name: &ColumnName,
        leads: &mut Vec<(usize, Lead)>,
    ) {
        let plain = self
            .tables
            .get(child)
            .and_then(|table| table.plain_names.get(place));
        let Some(plain) = plain.filter(|plain| !self.everywhere.contains(plain.as_str())) else {
            return;
        };
        let known = |leads: &[(usize, Lead)], parent: usize| {
            leads.iter().any(|(known, _)| *known == parent)
        };
        let same = self.by_key_name.get(&column.name.to_lowercase());
        let alike = self.by_plain_key_name.get(plain.as_str());
        for tables in [same, alike] {
            for parent in self.few(child, tables) {
                if *parent != child && !known(leads, *parent) {
                    leads.push((*parent, Lead::SameKeyName));
                }
            }
        }
        // Words are cut off one side: behind `bill_`, or before `_vystaveni` of `id_dne_vystaveni`.
        let words: Vec<&str> = plain.split(' ').collect();
        for cut in 1..words.len().saturating_sub(1).min(names::WORDS_MAX) {
            let part = if name.key_first {
                words.get(..words.len() - cut)
            } else {
                words.get(cut..)
            };
            let part = part.unwrap_or_default().join(" ");
            let tables = self.by_plain_key_name.get(part.as_str());
            for parent in self.few(child, tables) {
                if !known(leads, *parent) {
                    leads.push((*parent, Lead::KeyNameAtEnd(cut)));
                }
            }
        }
    }

    /// Parents that the column's words mean without naming them.
    fn by_meaning(
        &self,
        child: usize,
        column: &Column,
        name: &ColumnName,
        leads: &mut Vec<(usize, Lead)>,
    ) {
        let Some(last) = name.subject.last() else {
            return;
        };
        let known = |leads: &[(usize, Lead)], parent: usize| {
            leads.iter().any(|(known, _)| *known == parent)
        };
        let number = matches!(column.family, TypeFamily::Integer | TypeFamily::Unknown);
        let own = self
            .tables
            .get(child)
            .is_some_and(|table| points_at_its_own(table, name));
        // `parent_code` is the parent's code, not the parent.
        let plainly = name.subject.iter().all(|word| {
            SELF_WORDS.contains(&word.as_str())
                || SUPERIORS.contains(&word.as_str())
                || ["in", "to", "of", "by"].contains(&word.as_str())
        });
        if own && plainly && (name.key_word.is_some() || number) && !known(leads, child) {
            leads.push((child, Lead::SelfWord));
        }
        // `date_received_key` is a date key as `received_date_key` is.
        let first = name.subject.first().filter(|_| name.key_word.is_some());
        if [Some(last), first]
            .into_iter()
            .flatten()
            .any(|word| DATE_WORDS.contains(&word.as_str()))
            && (name.key_word.is_some() || last != "day")
        {
            for parent in self.few(child, Some(&self.calendars)) {
                if *parent != child && !known(leads, *parent) {
                    leads.push((*parent, Lead::Calendar));
                }
            }
        }
        let said = AGENTS.contains(&last.as_str());
        let sounds = name.key_word.is_some()
            && last.len() >= 5
            && ["er", "or"].iter().any(|ending| last.ends_with(ending));
        if (said || sounds) && leads.is_empty() {
            leads.extend(self.people_for(child).map(|parent| {
                (
                    parent,
                    if said {
                        Lead::Agent
                    } else {
                        Lead::AgentBySound
                    },
                )
            }));
        }
    }

    /// The table of people that someone who acts is most likely found in.
    fn people_for(&self, child: usize) -> Option<usize> {
        let rank = |place: &usize| {
            let subject = self
                .tables
                .get(*place)
                .map(|table| table.name.subject.as_slice())
                .unwrap_or_default();
            let likelier = PEOPLE
                .iter()
                .position(|word| subject.last().is_some_and(|last| last == word));
            (subject.len(), likelier)
        };
        self.nearest(child, &self.people)
            .iter()
            .copied()
            .min_by_key(rank)
    }
}

/// Whether a column can be a foreign key by what it is, whatever the tables are.
fn may_refer(table: &Subject<'_>, place: usize, column: &Column, name: &ColumnName) -> bool {
    if column.family == TypeFamily::Boolean || name.subject.is_empty() {
        return false;
    }
    if name.key_word.is_none() && names::counts_things(&column.name) {
        return false;
    }
    // A table's own key points nowhere: views over one base share its name. A subtype's
    // key is called after the table that it specialises.
    if table.single_key() == Some(place)
        && (name.key_word.is_none() || table.name.subject.ends_with(&name.subject))
    {
        return false;
    }
    name.key_word.is_none() || !names_own_table(table, name)
}

/// How close two standings are equal.
const EQUAL_STANDING: i64 = 10;

/// Whether the words (stems) of a column say that it points at another row of its table.
pub(super) fn points_at_its_own(table: &Subject<'_>, name: &ColumnName) -> bool {
    let of_people = table
        .name
        .subject
        .last()
        .is_some_and(|last| PEOPLE.contains(&last.as_str()));
    let ends = [name.subject.first(), name.subject.last()];
    ends.into_iter().flatten().any(|word| {
        SELF_WORDS.contains(&word.as_str()) || (of_people && SUPERIORS.contains(&word.as_str()))
    })
}

/// Whether a column identifies its own table: `supplier_number` in `dimv_supplier`, and in
/// its role `dimv_invoicing_supplier`.
fn names_own_table(table: &Subject<'_>, name: &ColumnName) -> bool {
    let of_other_class = name.class.is_some() && name.class != table.name.named_class();
    let of_base = name.key_word == Some(KeyWord::Natural)
        && table.name.named_class() != Some(NamedClass::Bridge)
        && table.name.subject.ends_with(&name.subject);
    !of_other_class && name.tail.is_empty() && (name.subject == table.name.subject || of_base)
}

/// Phrases by which a description declares a reference, folded.
const REFERENCE_LEADS: &[&str] = &[
    "foreign key to",
    "foreign key of",
    "foreign key for",
    "fk to",
    "references",
    "reference to",
    "refers to",
    "points to",
    "cizi klic na",
    "cizi klic do",
    "cudzi kluc na",
    "cudzi kluc do",
    "odkaz na",
    "odkazuje na",
    "joins to",
    "key to",
];

/// How much of a description is quoted, in letters.
const QUOTE_LETTERS: usize = 120;
/// How many words behind a lead can name the table, and how many can do so without looking
/// like an identifier, articles and the like counted.
const NAMED_WITHIN_WORDS: usize = 8;
const PLAINLY_WITHIN_WORDS: usize = 3;

/// The words by which a description may name the table that the column refers to: those
/// that follow a lead in its clause.
pub(super) fn referenced_tables(description: &str) -> Vec<&str> {
    let words: Vec<&str> = description
        .split_whitespace()
        .filter(|word| !trimmed(word).is_empty())
        .collect();
    let folded: Vec<String> = words.iter().map(|word| text::fold(trimmed(word))).collect();
    let lead_end = REFERENCE_LEADS
        .iter()
        .filter_map(|lead| {
            let lead: Vec<&str> = lead.split(' ').collect();
            let start = folded.windows(lead.len()).position(|said| *said == *lead)?;
            Some(start + lead.len())
        })
        .max();
    let behind = lead_end
        .and_then(|end| words.get(end..))
        .unwrap_or_default();
    let mut named = Vec::new();
    for (place, word) in behind.iter().take(NAMED_WITHIN_WORDS).enumerate() {
        let name = trimmed(word);
        if place < PLAINLY_WITHIN_WORDS || name.contains('_') || name.contains('.') {
            named.push(name);
            // `dimv_supplier.dim_supplier_key` names the key with its table.
            named.extend(name.rsplit_once('.').map(|(table, _)| table));
        }
        if word.ends_with(['.', ';']) {
            break;
        }
    }
    named
}

/// A word without the marks around it.
fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'))
}
