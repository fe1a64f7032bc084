//! Which tables a column may point at, and what speaks for each.
//!
//! Candidates come out of indexes on words, initials and key names, never from comparing
//! all pairs, so time grows with the number of columns.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use super::Subject;
use super::keys::{self, EVERYWHERE_TABLES, Origin};
use super::names::{self, ColumnName, KeyWord, NamedClass};
use super::reference::{self, Naming, Said};
use super::vocabulary::Vocabulary;
use super::weights::{self, Signal};
use crate::catalog::{Catalog, Column, SchemaId, TableId, TypeFamily};
use crate::text;

/// How many tables are weighed for one word of a column: a word that stands in more names
/// than that says nothing by itself, and without a bound a catalog of a thousand marts of
/// the same tables would be compared mart by mart.
const TABLES_OF_A_WORD_MAX: usize = 64;

/// How many tables that a column is named after are weighed, the best named first.
const NAMED_MAX: usize = 16;
/// As many signals as hardly a candidate has.
const SIGNALS_MOST: usize = 16;

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
    standing: i64,
    lead: Lead,
}

/// What speaks for a candidate in words: put together for the few that are claimed.
#[derive(Default)]
struct Evidence {
    wanted: bool,
    said: Vec<String>,
}

impl Evidence {
    fn push(&mut self, reason: fmt::Arguments<'_>) {
        if self.wanted {
            self.said.push(reason.to_string());
        }
    }
}

/// How a column came to a candidate.
#[derive(Debug, Clone)]
enum Lead {
    Stated(String),
    Named(Naming),
    SameKeyName,
    /// The column's name ends in the key's, behind so many words.
    KeyNameAtEnd(usize),
    SelfWord,
    Agent,
    AgentBySound,
    Calendar,
}

/// The look-ups over the tables of the scope.
pub(super) struct Index<'t, 'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) tables: &'t [Subject<'c>],
    vocabulary: &'t Vocabulary,
    /// Tables by what they are about, the words joined by spaces.
    by_subject: HashMap<String, Vec<usize>>,
    /// Tables by what they are about, written in one word.
    by_fused_subject: HashMap<String, Vec<usize>>,
    /// Tables by the last word of what they are about, and by each of its words.
    by_last_word: HashMap<&'t str, Vec<usize>>,
    by_word: HashMap<&'t str, Vec<usize>>,
    by_initials: HashMap<String, Vec<usize>>,
    /// Tables by the lower-cased name of their single-column key, and by that name without
    /// the prefix of its table.
    by_key_name: HashMap<String, Vec<usize>>,
    by_plain_key_name: HashMap<&'t str, Vec<usize>>,
    /// Names of columns, without the prefix of their table, that most tables have.
    everywhere: HashSet<&'t str>,
    /// Words that the names of several tables begin with, as modules of an application.
    modules: HashSet<&'t str>,
    /// Whether hardly a column of the scope has a key word.
    terse: bool,
    calendars: Vec<usize>,
    people: Vec<usize>,
    /// The words of the names of schemas that tell them from others: not those of all.
    schema_words: HashMap<SchemaId, BTreeSet<String>>,
    /// The places of the tables in `tables`, by id.
    place: HashMap<TableId, usize>,
}

/// Stems that end the name of a calendar.
const CALENDAR_WORDS: &[&str] = &["dat", "date", "calendar", "day"];
/// Stems that end the name of a date key.
const DATE_WORDS: &[&str] = &["dat", "date", "day", "dt"];

/// Tables of people, the likelier first.
const PEOPLE: &[&str] = &[
    "user", "person", "employe", "member", "people", "staff", "account",
];

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

impl<'t, 'c> Index<'t, 'c> {
    pub(super) fn new(
        catalog: &'c Catalog,
        tables: &'t [Subject<'c>],
        vocabulary: &'t Vocabulary,
    ) -> Self {
        let place = tables
            .iter()
            .enumerate()
            .map(|(place, table)| (table.id, place))
            .collect();
        let mut index = Self {
            catalog,
            tables,
            vocabulary,
            by_subject: HashMap::new(),
            by_fused_subject: HashMap::new(),
            by_last_word: HashMap::new(),
            by_word: HashMap::new(),
            by_initials: HashMap::new(),
            by_key_name: HashMap::new(),
            by_plain_key_name: HashMap::new(),
            everywhere: everywhere(tables),
            modules: modules(tables),
            terse: keys::is_terse(tables),
            calendars: Vec::new(),
            people: Vec::new(),
            schema_words: telling_words(catalog),
            place,
        };
        for (place, table) in tables
            .iter()
            .enumerate()
            .filter(|(_, table)| table.copy_of.is_none())
        {
            index.add_names(place, table);
            index.add_key(place, table);
        }
        index
    }

    fn add_names(&mut self, place: usize, table: &'t Subject<'c>) {
        let subject = table.name.subject.as_slice();
        let Some(last) = subject.last() else { return };
        self.by_subject
            .entry(subject.join(" "))
            .or_default()
            .push(place);
        self.by_fused_subject
            .entry(subject.concat())
            .or_default()
            .push(place);
        self.by_last_word.entry(last).or_default().push(place);
        for word in subject.iter().collect::<BTreeSet<_>>() {
            self.by_word.entry(word).or_default().push(place);
        }
        for form in reference::initial_forms(subject) {
            self.by_initials.entry(form).or_default().push(place);
        }
        let dates = || {
            let parts = table.columns.iter();
            parts
                .filter(|name| names::is_part_of_date(&name.subject))
                .count()
        };
        if CALENDAR_WORDS.contains(&last.as_str()) && (subject.len() == 1 || dates() > 2) {
            self.calendars.push(place);
        }
        if PEOPLE.contains(&last.as_str()) {
            self.people.push(place);
        }
    }

    fn add_key(&mut self, place: usize, table: &'t Subject<'c>) {
        let Some(key) = table.single_key() else {
            return;
        };
        let bare = table.columns.get(key).is_none_or(ColumnName::is_bare_key);
        if let Some(column) = table.table.columns.get(key).filter(|_| !bare) {
            self.by_key_name
                .entry(column.name.to_lowercase())
                .or_default()
                .push(place);
        }
        if let Some(plain) = table.plain_names.get(key).filter(|_| !bare) {
            self.by_plain_key_name.entry(plain).or_default().push(place);
        }
    }

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
        if self.may_refer(table, place, column, name) {
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
                self.candidate(child, place, parent, lead, &mut Evidence::default())
            })
            .collect();
        Self::compare(&mut candidates);
        candidates
    }

    /// What speaks for a candidate of a column, in words a person can check.
    pub(super) fn evidence(&self, child: usize, place: usize, best: &Candidate) -> Vec<String> {
        let mut evidence = Evidence {
            wanted: true,
            said: Vec::new(),
        };
        self.candidate(child, place, best.parent, best.lead.clone(), &mut evidence);
        evidence.said
    }

    /// Whether a column can be a foreign key by what it is, whatever the tables are.
    fn may_refer(
        &self,
        table: &Subject<'_>,
        place: usize,
        column: &Column,
        name: &ColumnName,
    ) -> bool {
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

    /// Of tables of one name the ones that a child can mean: those of its own schema, else
    /// the first [`TABLES_OF_A_WORD_MAX`] of others. Lists of places are in the order of the
    /// scope, and so by schema.
    pub(super) fn nearest<'l>(&self, child: usize, parents: &'l [usize]) -> &'l [usize] {
        let schema_of = |place: &usize| self.tables.get(*place).map(|table| table.table.schema);
        let own = schema_of(&child);
        let start = parents.partition_point(|place| schema_of(place) < own);
        let end = parents.partition_point(|place| schema_of(place) <= own);
        match parents.get(start..end) {
            Some(near) if near.iter().any(|place| *place != child) => near,
            _ => parents.get(..TABLES_OF_A_WORD_MAX).unwrap_or(parents),
        }
    }

    /// The [`Self::nearest`] of the tables of a list, where they are few enough to tell
    /// anything: of a hundred tables of one name none is meant.
    fn few<'l>(&self, child: usize, tables: Option<&'l Vec<usize>>) -> &'l [usize] {
        let near = tables.map(|tables| self.nearest(child, tables));
        near.filter(|near| near.len() <= TABLES_OF_A_WORD_MAX)
            .unwrap_or_default()
    }

    /// Parents that the column's own description names.
    fn stated(&self, child: usize, column: &Column) -> Vec<(usize, Lead)> {
        let texts = [
            &column.documentation.description,
            &column.documentation.source_description,
        ];
        let mut found = Vec::new();
        for description in texts.into_iter().flatten() {
            for named in referenced_tables(description) {
                let mut parents: Vec<usize> = self
                    .catalog
                    .named(named)
                    .iter()
                    .filter_map(|id| self.place.get(id).copied())
                    .collect();
                parents.sort_unstable();
                found.extend(
                    self.nearest(child, &parents)
                        .iter()
                        .map(|parent| (*parent, Lead::Stated(description.to_string()))),
                );
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
            named.sort_by_key(|(_, naming)| std::cmp::Reverse(naming.rank()));
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

    /// Weighs one pair; `None` where the parent has no key or the types cannot meet.
    fn candidate(
        &self,
        child: usize,
        place: usize,
        parent: usize,
        lead: Lead,
        evidence: &mut Evidence,
    ) -> Option<Candidate> {
        let (from, target) = (self.tables.get(child)?, self.tables.get(parent)?);
        let (column, name) = (from.table.columns.get(place)?, from.columns.get(place)?);
        let parent_column = key_for(target, from, place)?;
        if parent == child && parent_column == place {
            return None;
        }
        let key = target.table.columns.get(parent_column)?;
        if !column.family.can_join(key.family) {
            return None;
        }
        let mut signals = Vec::with_capacity(SIGNALS_MOST);
        signals.push((Signal::Start, 1.0));
        let mut origin = Origin::Inferred;
        let mut role: Vec<String> = Vec::new();
        let mut rank = 0;
        let target_name = &target.table.name;
        match &lead {
            Lead::Stated(description) => {
                origin = Origin::Declared;
                signals.push((Signal::Stated, 1.0));
                evidence.push(format_args!(
                    "description: \"{}\"",
                    text::shorten(description, 120)
                ));
            }
            Lead::Named(naming) => {
                let last = target.name.subject.last();
                let alike = last.and_then(|last| self.by_last_word.get(last.as_str()));
                if naming.missing_tail == 0
                    && !naming.is_whole()
                    && alike.is_some_and(|tables| tables.len() == 1)
                {
                    signals.push((Signal::OnlyEnding, 1.0));
                }
                rank = naming.rank();
                let first = target.name.subject.first();
                let module = first.is_some_and(|first| self.modules.contains(first.as_str()))
                    && !name.subject.iter().any(|word| first == Some(word));
                signals_of_naming(naming, module, &mut signals);
                role = if name.key_first {
                    name.subject
                        .get(name.subject.len().checked_sub(naming.role)?..)?
                        .to_vec()
                } else {
                    name.subject.get(..naming.role)?.to_vec()
                };
                let (whole, part) = (&target.name.subject, &from.name.subject);
                if part.len() > whole.len() && part.starts_with(whole) {
                    signals.push((Signal::Extends, 1.0));
                }
                evidence.push(format_args!(
                    "column {} is named after {target_name}",
                    column.name
                ));
            }
            Lead::SameKeyName => {
                signals.push((Signal::Unnamed, 1.0));
                evidence.push(format_args!(
                    "no table is called after column {}",
                    column.name
                ));
            }
            Lead::KeyNameAtEnd(words) => {
                signals.push((Signal::Unnamed, 1.0));
                let (before, after) = if name.key_first {
                    (
                        name.subject.len().saturating_sub(*words),
                        name.subject.len(),
                    )
                } else {
                    (0, *words)
                };
                role = name.subject.get(before..after).unwrap_or_default().to_vec();
                evidence.push(format_args!(
                    "column {} is called as the key of {target_name}, in a role",
                    column.name
                ));
            }
            Lead::SelfWord => {
                signals.push((Signal::SelfWord, 1.0));
                role.clone_from(&name.subject);
                evidence.push(format_args!(
                    "column {} points at a row of the same table",
                    column.name
                ));
            }
            Lead::Agent | Lead::AgentBySound => {
                signals.push((
                    if matches!(lead, Lead::Agent) {
                        Signal::Agent
                    } else {
                        Signal::AgentBySound
                    },
                    1.0,
                ));
                role.clone_from(&name.subject);
                evidence.push(format_args!(
                    "column {} says who, and {target_name} holds people",
                    column.name
                ));
            }
            Lead::Calendar => {
                signals.push((Signal::Calendar, 1.0));
                role = name.subject.split_last()?.1.to_vec();
                evidence.push(format_args!("column {} is a date key", column.name));
            }
        }
        if parent == child
            && !signals
                .iter()
                .any(|(signal, _)| *signal == Signal::SelfWord)
        {
            let meant = points_at_its_own(from, name);
            signals.push((
                if meant {
                    Signal::SelfWord
                } else {
                    Signal::Itself
                },
                1.0,
            ));
        }
        self.signals_of_keys(from, place, target, parent_column, &mut signals, evidence);
        self.signals_of_types(column, key, &mut signals, evidence);
        self.signals_of_places(from, target, name, &mut signals, evidence);
        role.extend(name.tail.iter().cloned());
        if evidence.wanted && !role.is_empty() {
            evidence.push(format_args!(
                "role: {}",
                role_words(&column.name, &role, name)
            ));
        }
        Some(Candidate {
            parent,
            parent_column,
            role,
            origin,
            confidence: 0.0,
            standing: rank + standing(&signals),
            signals,
            lead,
        })
    }

    fn signals_of_keys(
        &self,
        from: &Subject<'_>,
        place: usize,
        target: &Subject<'_>,
        parent_column: usize,
        signals: &mut Vec<(Signal, f64)>,
        evidence: &mut Evidence,
    ) {
        let found = || {
            Some((
                from.table.columns.get(place)?,
                from.columns.get(place)?,
                target.table.columns.get(parent_column)?,
                target.columns.get(parent_column)?,
            ))
        };
        let Some((column, name, key, key_name)) = found() else {
            return;
        };
        let bare = key_name.is_bare_key();
        if column.name.eq_ignore_ascii_case(&key.name) && !bare {
            signals.push((Signal::SameName, 1.0));
            if self.terse && name.key_word.is_none() {
                signals.push((Signal::SameTerseName, 1.0));
            }
            evidence.push(format_args!(
                "same name as the key of {}",
                target.table.name
            ));
        } else {
            let mut beside = target.places_called_as(from, place);
            if from.id != target.id && beside.any(|other| other != parent_column) {
                signals.push((Signal::SameNameBeside, 1.0));
            }
            let (said, key_said) = (from.plain_name(place), target.plain_name(parent_column));
            let in_a_role = if name.key_first {
                said.strip_prefix(key_said)
                    .is_some_and(|rest| rest.starts_with(' '))
            } else {
                said.strip_suffix(key_said)
                    .is_some_and(|rest| rest.ends_with(' '))
            };
            if in_a_role && key_said.contains(' ') {
                signals.push((Signal::SameNameEnd, 1.0));
            }
            if !bare && from.plain_names.get(place) == target.plain_names.get(parent_column) {
                signals.push((Signal::SameNameButPrefix, 1.0));
            }
            evidence.push(format_args!("key of {} is {}", target.table.name, key.name));
        }
        if bare {
            signals.push((Signal::BareKey, 1.0));
        }
        if name.key.is_some() && name.key == key_name.key {
            signals.push((Signal::SameKeyWord, 1.0));
        }
        // Applications call many things an id; warehouses call nothing else a key.
        if name
            .key
            .as_deref()
            .is_some_and(|key| ["key", "sk", "wid", "hk", "fk"].contains(&key))
        {
            signals.push((Signal::WarehouseKeyWord, 1.0));
        }
        match name.key_word {
            Some(KeyWord::Surrogate) => {}
            Some(KeyWord::Natural) => signals.push((Signal::NaturalWord, 1.0)),
            None => signals.push((
                match column.family {
                    TypeFamily::Integer => Signal::PlainNumber,
                    TypeFamily::Text => Signal::PlainText,
                    _ => Signal::PlainOther,
                },
                1.0,
            )),
        }
        let other_kind = name.key_word.is_some() && key_name.key_word != name.key_word;
        let not_the_key = target.single_key() != Some(parent_column);
        if other_kind {
            signals.push((Signal::OtherKindOfKey, 1.0));
        }
        if not_the_key {
            signals.push((Signal::NotTheKey, 1.0));
        }
        if name.key_word.is_some() && (other_kind || not_the_key) {
            evidence.push(format_args!("joins on a business key"));
        }
        if target
            .key
            .as_ref()
            .is_some_and(|key| key.origin == Origin::Declared)
        {
            signals.push((Signal::FlaggedKey, 1.0));
        }
        if from.single_key() == Some(place) {
            signals.push((Signal::OwnKey, 1.0));
        } else if from
            .key
            .as_ref()
            .is_some_and(|key| key.columns.binary_search(&place).is_ok())
        {
            signals.push((Signal::OwnKeyPart, 1.0));
        }
        if from.sounds_measured.contains(&place) {
            signals.push((Signal::Measure, 1.0));
        }
        if !name.tail.is_empty() {
            signals.push((Signal::Tail, 1.0));
        }
    }

    #[expect(clippy::unused_self, reason = "one of three of a kind")]
    fn signals_of_types(
        &self,
        column: &Column,
        key: &Column,
        signals: &mut Vec<(Signal, f64)>,
        evidence: &mut Evidence,
    ) {
        if column.family == TypeFamily::Unknown || key.family == TypeFamily::Unknown {
            signals.push((Signal::UnknownType, 1.0));
            evidence.push(format_args!("type unknown"));
        } else if let Some(data_type) = &column.data_type {
            let same = key
                .data_type
                .as_ref()
                .is_some_and(|other| other.eq_ignore_ascii_case(data_type));
            if same {
                signals.push((Signal::SameType, 1.0));
            }
            evidence.push(format_args!("type {data_type} fits"));
        }
    }

    fn signals_of_places(
        &self,
        from: &Subject<'_>,
        target: &Subject<'_>,
        name: &ColumnName,
        signals: &mut Vec<(Signal, f64)>,
        evidence: &mut Evidence,
    ) {
        match (name.class, target.name.named_class()) {
            (Some(a), Some(b)) if a == b => signals.push((Signal::ClassAgrees, 1.0)),
            (Some(_), Some(_)) => signals.push((Signal::ClassContradicts, 1.0)),
            _ => {}
        }
        let technical =
            |table: &Subject<'_>| table.name.named_class() == Some(NamedClass::Technical);
        match (technical(from), technical(target)) {
            (true, true) => signals.push((Signal::SameLayer, 1.0)),
            (false, true) => signals.push((Signal::Technical, 1.0)),
            _ => {}
        }
        if let Some(distance) = self.distance(from, target) {
            signals.push((distance, 1.0));
            evidence.push(format_args!(
                "in another schema, {}",
                self.catalog.schema_name(target.id)
            ));
        }
    }

    /// The table of an id; `None` for one out of scope.
    pub(super) fn subject_of(&self, id: TableId) -> Option<&'t Subject<'c>> {
        self.tables.get(*self.place.get(&id)?)
    }

    /// What it means for a join to lead from one schema to another: less where their names
    /// share a word that not all schemas bear, nothing within one.
    pub(super) fn distance(&self, child: &Subject<'_>, parent: &Subject<'_>) -> Option<Signal> {
        if child.table.schema == parent.table.schema {
            return None;
        }
        let words = |table: &Subject<'_>| self.schema_words.get(&table.table.schema);
        let alike = words(child)
            .zip(words(parent))
            .is_some_and(|(a, b)| !a.is_disjoint(b));
        Some(if alike {
            Signal::OtherSchema
        } else {
            Signal::OtherScope
        })
    }
}

/// The words of the name of every schema, without those that the names of all hold.
fn telling_words(catalog: &Catalog) -> HashMap<SchemaId, BTreeSet<String>> {
    let mut words: HashMap<SchemaId, BTreeSet<String>> = catalog
        .schemas_with_ids()
        .map(|(id, schema)| {
            let words = text::identifier_words(&schema.name);
            (id, words.into_iter().collect())
        })
        .collect();
    let common = words
        .values()
        .cloned()
        .reduce(|shared, next| shared.intersection(&next).cloned().collect())
        .unwrap_or_default();
    for words in words.values_mut() {
        words.retain(|word| !common.contains(word));
    }
    words
}

/// Names of columns, without the prefix of their table, that more than half of the tables
/// have: who loaded the row and when says nothing about any other table.
fn everywhere<'t>(tables: &'t [Subject<'_>]) -> HashSet<&'t str> {
    let mut tables_with: HashMap<&str, usize> = HashMap::new();
    for table in tables {
        for name in table
            .plain_names
            .iter()
            .map(String::as_str)
            .collect::<HashSet<_>>()
        {
            *tables_with.entry(name).or_default() += 1;
        }
    }
    tables_with
        .into_iter()
        .filter(|(_, with)| tables.len() >= EVERYWHERE_TABLES && with * 2 > tables.len())
        .map(|(name, _)| name)
        .collect()
}

/// The fewest tables whose names begin with a word, for it to be a module's.
const MODULE_TABLES: usize = 3;

/// Words that the names of several tables begin with.
fn modules<'t>(tables: &'t [Subject<'_>]) -> HashSet<&'t str> {
    let mut beginnings: HashMap<&str, usize> = HashMap::new();
    for table in tables {
        if let Some(first) = table.name.subject.first() {
            *beginnings.entry(first).or_default() += 1;
        }
    }
    beginnings
        .into_iter()
        .filter(|(_, tables)| *tables >= MODULE_TABLES)
        .map(|(word, _)| word)
        .collect()
}

/// How close two standings are equal.
const EQUAL_STANDING: i64 = 10;

/// How well names meet beside the naming itself, in the units of [`Naming::rank`].
fn standing(signals: &[(Signal, f64)]) -> i64 {
    signals
        .iter()
        .map(|(signal, _)| match signal {
            Signal::Stated => 500,
            Signal::SameName => 60,
            Signal::SameNameButPrefix | Signal::Extends => 40,
            Signal::SameNameEnd | Signal::Calendar | Signal::SelfWord => 30,
            Signal::SameKeyWord => 15,
            Signal::SameType => 12,
            Signal::OtherSchema | Signal::Technical | Signal::ClassContradicts => -40,
            Signal::OtherScope => -60,
            Signal::SameNameBeside | Signal::NotTheKey => -50,
            _ => 0,
        })
        .sum()
}

fn signals_of_naming(naming: &Naming, module: bool, signals: &mut Vec<(Signal, f64)>) {
    let missing_module = usize::from(module && naming.missing_head > 0);
    let missing_head = naming.missing_head - missing_module;
    signals.push((
        if naming.initials {
            Signal::NamedByInitials
        } else if naming.like > 0 {
            Signal::NamedAlike
        } else {
            Signal::Named
        },
        1.0,
    ));
    let left_out = naming.given + naming.missing_head + naming.missing_tail;
    if naming.like > 0 && left_out > 0 {
        signals.push((Signal::VaguelyAlike, 1.0));
    }
    for (signal, words) in [
        (Signal::Given, naming.given),
        (Signal::MissingModule, missing_module),
        (Signal::MissingHead, missing_head),
        (Signal::MissingTail, naming.missing_tail),
        (Signal::Role, naming.role),
        (Signal::Replaced, naming.role.min(missing_head)),
    ] {
        if words > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a name has a handful of words")]
            signals.push((signal, words as f64));
        }
    }
}

/// Whether the words (stems) of a column say that it points at another row of its table.
fn points_at_its_own(table: &Subject<'_>, name: &ColumnName) -> bool {
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

/// The column of the parent that the child's column must equal: its key; for a business
/// key beside a surrogate the column of the very same name.
fn key_for(parent: &Subject<'_>, from: &Subject<'_>, place: usize) -> Option<usize> {
    let same_name = || {
        let place = parent.places_called_as(from, place).next()?;
        parent.business_key.contains(&place).then_some(place)
    };
    let Some(key) = parent.single_key() else {
        return same_name();
    };
    let word = parent.columns.get(key).and_then(|key| key.key_word);
    match from.columns.get(place)?.key_word {
        Some(KeyWord::Natural) if word == Some(KeyWord::Surrogate) => same_name(),
        _ => Some(key),
    }
}

/// The role as written: `invoicing` of `dim_invoicing_supplier_key`.
fn role_words(column: &str, role: &[String], name: &ColumnName) -> String {
    let before = role.len() - name.tail.len();
    let skipped = usize::from(name.class.is_some());
    let words = text::identifier_words(column);
    let written: Vec<&str> = words
        .iter()
        .skip(skipped)
        .filter(|word| {
            role.get(..before)
                .unwrap_or_default()
                .contains(&text::english_stem(word))
        })
        .map(String::as_str)
        .chain(name.tail.iter().map(String::as_str))
        .collect();
    if written.is_empty() {
        role.join(" ")
    } else {
        written.join(" ")
    }
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

/// How many words behind a lead are taken for a table's name, articles and the like
/// counted.
const NAMED_WITHIN_WORDS: usize = 3;

/// The words by which a description may name the table that the column refers to: those
/// that follow a lead, and all that look like identifiers.
fn referenced_tables(description: &str) -> Vec<&str> {
    let words: Vec<&str> = description
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_')))
        .filter(|word| !word.is_empty())
        .collect();
    let folded: Vec<String> = words.iter().map(|word| text::fold(word)).collect();
    let ends: Vec<usize> = REFERENCE_LEADS
        .iter()
        .filter_map(|lead| {
            let lead: Vec<&str> = lead.split(' ').collect();
            let start = folded.windows(lead.len()).position(|said| *said == *lead)?;
            Some(start + lead.len())
        })
        .collect();
    let Some(end) = ends.iter().max() else {
        return Vec::new();
    };
    let follows = |place: usize| (*end..end + NAMED_WITHIN_WORDS).contains(&place);
    let mut named = Vec::new();
    for (place, word) in words.into_iter().enumerate() {
        if word.contains('_') || word.contains('.') || follows(place) {
            named.push(word);
            // `dimv_supplier.dim_supplier_key` names the key with its table.
            named.extend(word.rsplit_once('.').map(|(table, _)| table));
        }
    }
    named
}
