//! All figures of all sets: as tables for people, as a record for the check.

use std::collections::BTreeMap;
use std::error::Error;

use mcop_api::catalog::Catalog;
use mcop_api::pipeline::structure::TableType;

use crate::phrases::{self, PhraseScores};
use crate::record::Figures;
use crate::scores::{Forecasts, Share};
use crate::sets::{Asset, EvaluationSet, Truth};
use crate::structure::{self, StructureScores, class_name};
use crate::table::{Cell, Row, Table};
use crate::variants::Variant;

/// The name under which the sets are counted together.
pub(crate) const OVERALL: &str = "overall";

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By set and variant.
    structure: Vec<(String, Variant, StructureScores)>,
    /// By set and language.
    phrases: Vec<(String, String, PhraseScores)>,
    /// By set.
    exclusions: Vec<(String, Share)>,
    /// What is wrong in the structure.
    pub(crate) errors: Vec<String>,
    /// What is wrong in the mapping.
    pub(crate) phrase_errors: Vec<String>,
    /// Where a set contradicts itself.
    pub(crate) problems: Vec<String>,
}

impl Report {
    /// Measures the sets, then counts them together.
    pub(crate) fn measure(sets: &[EvaluationSet]) -> Result<Self, Box<dyn Error>> {
        let mut report = Self::default();
        for set in sets {
            report.measure_structure(set)?;
            report.measure_phrases(set)?;
        }
        report.count_together();
        Ok(report)
    }

    fn measure_structure(&mut self, set: &EvaluationSet) -> Result<(), Box<dyn Error>> {
        let Some(truth) = &set.truth else {
            return Ok(());
        };
        for variant in Variant::ALL {
            let Some((export, truth)) = variant.of(set, truth) else {
                continue;
            };
            let found = structure::judge(&catalog(&export)?, &truth);
            let name = variant.name();
            let line = |line: String| format!("{} ({name}): {line}", set.name);
            self.errors.extend(found.errors.into_iter().map(line));
            if variant == Variant::Flags {
                let line = |line: String| format!("{}: {line}", set.name);
                self.problems.extend(found.problems.into_iter().map(line));
            }
            self.structure
                .push((set.name.clone(), variant, found.scores));
        }
        Ok(())
    }

    fn measure_phrases(&mut self, set: &EvaluationSet) -> Result<(), Box<dyn Error>> {
        if set.phrases.is_empty() && set.sentences.is_empty() {
            return Ok(());
        }
        let found = phrases::judge(&catalog(&set.export)?, &set.phrases, &set.sentences);
        let line = |line: String| format!("{}: {line}", set.name);
        self.phrase_errors
            .extend(found.errors.into_iter().map(line));
        self.problems.extend(found.problems.into_iter().map(line));
        let mut all = PhraseScores::default();
        for (language, scores) in found.by_language {
            all.add(&scores);
            self.phrases.push((set.name.clone(), language, scores));
        }
        if all.phrases > 0 {
            self.phrases.push((set.name.clone(), "all".to_owned(), all));
        }
        if found.exclusions.of > 0 {
            self.exclusions.push((set.name.clone(), found.exclusions));
        }
        Ok(())
    }

    fn count_together(&mut self) {
        let mut structure: BTreeMap<Variant, StructureScores> = BTreeMap::new();
        for (_, variant, scores) in &self.structure {
            structure.entry(*variant).or_default().add(scores);
        }
        for (variant, scores) in structure {
            self.structure.push((OVERALL.to_owned(), variant, scores));
        }
        let mut phrases: BTreeMap<&str, PhraseScores> = BTreeMap::new();
        for (_, language, scores) in &self.phrases {
            phrases.entry(language).or_default().add(scores);
        }
        // "all" last, as it is within a set.
        let all = phrases.remove("all");
        let rows: Vec<(String, String, PhraseScores)> = phrases
            .into_iter()
            .chain(all.map(|all| ("all", all)))
            .map(|(language, scores)| (OVERALL.to_owned(), language.to_owned(), scores))
            .collect();
        self.phrases.extend(rows);
        let mut exclusions = Share::default();
        for (_, share) in &self.exclusions {
            exclusions.add(*share);
        }
        if exclusions.of > 0 {
            self.exclusions.push((OVERALL.to_owned(), exclusions));
        }
    }

    /// The figures as Markdown; the details are what each class was taken for, calibration
    /// of every variant, and phrases by language.
    pub(crate) fn markdown(&self, details: bool) -> String {
        let mut blocks = vec![self.joins(), self.keys_and_classes()];
        blocks.extend(details.then(|| self.confusion()));
        blocks.push(self.calibration(details));
        blocks.push(self.phrase_table(details));
        blocks.push(self.exclusion_table());
        blocks.iter().map(Table::markdown).collect()
    }

    /// The figures that are recorded and compared.
    pub(crate) fn figures(&self) -> Figures {
        let mut figures = Figures::new();
        for table in [
            self.joins(),
            self.keys_and_classes(),
            self.phrase_table(true),
            self.exclusion_table(),
        ] {
            for row in table.rows {
                let set = figures.entry(row.set).or_default();
                let known = set.entry(row.part).or_default();
                for (name, cell) in row.cells {
                    if let Cell::Figure(Some(value)) = cell {
                        known.insert(name.to_owned(), value);
                    }
                }
            }
        }
        figures
    }

    fn joins(&self) -> Table {
        let row = |(set, variant, scores): &(String, Variant, StructureScores)| {
            let (columns, pairs) = (scores.columns, scores.pairs);
            let mut cells = vec![
                ("tables", Cell::Count(scores.tables)),
                ("keys", Cell::Count(columns.wanted)),
                ("found", Cell::Count(columns.found)),
                ("join P", Cell::Figure(columns.precision())),
                ("join R", Cell::Figure(columns.recall())),
                ("join F1", Cell::Figure(columns.f1())),
                ("pair P", Cell::Figure(pairs.precision())),
                ("pair R", Cell::Figure(pairs.recall())),
                ("pair F1", Cell::Figure(pairs.f1())),
            ];
            let names = ["join Brier", "sure joins", "sure join P"];
            cells.extend(confidence(names, &scores.joins));
            Row::new(set, variant.name(), cells)
        };
        let rows = self.structure.iter().map(row).collect();
        Table::new("Foreign keys by column and by pair of tables", rows)
    }

    fn keys_and_classes(&self) -> Table {
        let row = |(set, variant, scores): &(String, Variant, StructureScores)| {
            let mut cells = vec![
                ("primary keys", Cell::Count(scores.keys.of)),
                ("key accuracy", Cell::Figure(scores.keys.value())),
                ("classes", Cell::Count(scores.classes.of)),
                ("class accuracy", Cell::Figure(scores.classes.value())),
            ];
            let names = ["class Brier", "sure classes", "sure class P"];
            cells.extend(confidence(names, &scores.class_claims));
            Row::new(set, variant.name(), cells)
        };
        let rows = self.structure.iter().map(row).collect();
        Table::new("Primary keys and classes", rows)
    }

    /// What tables of each class were taken for, all sets together.
    fn confusion(&self) -> Table {
        let classes = [TableType::Fact, TableType::Dimension, TableType::Bridge];
        let overall = || self.structure.iter().filter(|(set, _, _)| set == OVERALL);
        let mut rows = Vec::new();
        for (_, variant, scores) in overall().filter(|(_, _, scores)| scores.classes.of > 0) {
            for wanted in classes {
                let cells = classes
                    .into_iter()
                    .chain([TableType::View])
                    .map(|found| {
                        let count = scores.confusion.get(&(wanted, found));
                        (class_name(found), Cell::Count(count.copied().unwrap_or(0)))
                    })
                    .collect();
                rows.push(Row::new(class_name(wanted), variant.name(), cells));
            }
        }
        Table::new("Classes and what they were taken for, overall", rows)
    }

    /// How often claims of a confidence are right, all sets together; without key flags
    /// only, where no details are asked for.
    fn calibration(&self, details: bool) -> Table {
        let mut rows = Vec::new();
        let wanted = |variant: Variant| details || variant == Variant::NoFlags;
        let overall = || {
            let all = self.structure.iter();
            all.filter(move |(set, variant, _)| set == OVERALL && wanted(*variant))
        };
        for (_, variant, scores) in overall() {
            rows.extend(bins("joins", variant.name(), &scores.joins));
        }
        for (_, variant, scores) in overall() {
            rows.extend(bins("classes", variant.name(), &scores.class_claims));
        }
        for (set, language, scores) in &self.phrases {
            if set == OVERALL && language == "all" {
                rows.extend(bins("phrases", Variant::Flags.name(), &scores.claims));
            }
        }
        Table::new("Calibration, overall", rows)
    }

    fn phrase_table(&self, details: bool) -> Table {
        let row = |(set, language, scores): &(String, String, PhraseScores)| {
            let mut cells = vec![
                ("phrases", Cell::Count(scores.phrases)),
                ("hit@1", Cell::Figure(scores.first.value())),
                ("hit@5", Cell::Figure(scores.offered.value())),
                ("no match", Cell::Count(scores.no_match_recall.of)),
                (
                    "no match P",
                    Cell::Figure(scores.no_match_precision.value()),
                ),
                ("no match R", Cell::Figure(scores.no_match_recall.value())),
                ("columns", Cell::Count(scores.first_column.of)),
                ("column hit@1", Cell::Figure(scores.first_column.value())),
                ("column hit", Cell::Figure(scores.offered_column.value())),
            ];
            let names = ["phrase Brier", "sure answers", "sure answer P"];
            cells.extend(confidence(names, &scores.claims));
            Row::new(set, &format!("phrases, {language}"), cells)
        };
        let shown =
            |(_, language, _): &&(String, String, PhraseScores)| details || language == "all";
        let rows = self.phrases.iter().filter(shown).map(row).collect();
        Table::new("Phrases", rows)
    }

    fn exclusion_table(&self) -> Table {
        let row = |(set, share): &(String, Share)| {
            let cells = vec![
                ("sentences", Cell::Count(share.of)),
                ("right", Cell::Figure(share.value())),
            ];
            Row::new(set, "scope out", cells)
        };
        let rows = self.exclusions.iter().map(row).collect();
        Table::new("Sentences that rule tables out", rows)
    }
}

/// Prints what weights are fitted on: set, variant and the fields of each line that
/// `evidence` writes about a catalog, separated by tabs.
pub(crate) fn print_evidence(
    sets: &[EvaluationSet],
    evidence: fn(&Catalog, &Truth) -> Vec<String>,
) -> Result<(), Box<dyn Error>> {
    for set in sets {
        let Some(truth) = &set.truth else { continue };
        for variant in Variant::ALL {
            let Some((export, truth)) = variant.of(set, truth) else {
                continue;
            };
            for line in evidence(&catalog(&export)?, &truth) {
                println!("{}\t{}\t{line}", set.name, variant.name());
            }
        }
    }
    Ok(())
}

fn catalog(export: &[Asset]) -> Result<Catalog, Box<dyn Error>> {
    Ok(Catalog::from_export(&serde_json::to_vec(export)?)?.0)
}

/// How far confidences can be believed: the score, how many are sure, how many of these
/// are right.
fn confidence(names: [&'static str; 3], claims: &Forecasts) -> [(&'static str, Cell); 3] {
    let [brier, sure, precision] = names;
    [
        (brier, Cell::Figure(claims.brier())),
        (sure, Cell::Count(claims.sure().of)),
        (precision, Cell::Figure(claims.sure().value())),
    ]
}

fn bins(of: &str, part: &str, claims: &Forecasts) -> Vec<Row> {
    let bins = claims.bins().into_iter();
    bins.map(|bin| {
        let cells = vec![
            ("confidence from", Cell::Figure(Some(bin.from))),
            ("to", Cell::Figure(Some(bin.to))),
            ("count", Cell::Count(bin.count)),
            ("mean confidence", Cell::Figure(Some(bin.mean_confidence))),
            ("right", Cell::Figure(Some(bin.right))),
        ];
        Row::new(of, part, cells)
    })
    .collect()
}
