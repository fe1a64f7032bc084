//! Measures the pipeline on schemas whose truth is known: joins, keys, classes, the phrases
//! that people use, and what they rule out.
//!
//!     cargo run --release --example evaluate -- [--sets DIRECTORY] [--only NAME]
//!         [--record | --check] [--details] [--errors] [--phrases-errors] [--signals | --clues]
//!
//! Every folder of DIRECTORY (`evaluation/` of this crate) is a set. `--record` writes the
//! figures to `recorded.json` beside the sets, `--check` fails where one is worse than
//! recorded. `--details` prints more tables, `--errors` lists what is wrong in the structure, `--phrases-errors` what is
//! wrong in the mapping. `--signals` prints what speaks for and against every join that was
//! considered, `--clues` the same of every table's class: `scripts/fit_weights.py` and
//! `scripts/fit_class_weights.py` read them. The same code and sets print the same bytes.

mod options;
mod phrases;
mod record;
mod report;
mod scores;
mod sets;
mod structure;
mod table;
mod variants;

use std::error::Error;
use std::process::ExitCode;

use options::{Evidence, Options, Task};
use report::Report;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("evaluate: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything is as it should be.
fn run() -> Result<bool, Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    let sets = sets::load(&options.sets, options.only.as_deref())?;
    if sets.is_empty() {
        return Err(format!("no set in {}", options.sets.display()).into());
    }
    if let Some(evidence) = options.evidence {
        let lines = match evidence {
            Evidence::Joins => structure::evidence::of_joins,
            Evidence::Classes => structure::evidence::of_classes,
        };
        report::print_evidence(&sets, lines)?;
        return Ok(true);
    }
    let report = Report::measure(&sets)?;
    print!("{}", report.markdown(options.details));
    if options.errors {
        table::print_list("Wrong in the structure", &report.errors);
    }
    if options.phrases_errors {
        table::print_list("Wrong in the mapping", &report.phrase_errors);
    }
    for problem in &report.problems {
        eprintln!("truth and export disagree: {problem}");
    }
    let recorded = options.sets.join("recorded.json");
    let figures = report.figures();
    let holds = match options.task {
        Task::Print => true,
        Task::Record => {
            record::write(&recorded, &figures)?;
            true
        }
        Task::Check => record::check(&recorded, &figures, options.only.as_deref())?,
    };
    Ok(holds && report.problems.is_empty())
}
