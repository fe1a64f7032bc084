//! What is asked for on the command line.

use std::path::{Path, PathBuf};

/// How to call the program.
const USAGE: &str = "usage: evaluate [--sets DIRECTORY] [--only NAME] [--record | --check] [--details] [--errors] [--phrases-errors] [--signals | --clues]";

/// What to do with the figures beside printing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Nothing.
    Print,
    /// Keep them to compare with.
    Record,
    /// Compare them with the recorded ones.
    Check,
}

/// What weights are fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Every join that was considered.
    Joins,
    /// The class of every table whose class is known.
    Classes,
}

/// The command line, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// The folder of the sets.
    pub(crate) sets: PathBuf,
    /// The only set to look at.
    pub(crate) only: Option<String>,
    pub(crate) task: Task,
    /// Print what each class was taken for, all calibration bins, and phrases by language.
    pub(crate) details: bool,
    /// List what is wrong in the structure.
    pub(crate) errors: bool,
    /// List what is wrong in the mapping.
    pub(crate) phrases_errors: bool,
    /// Print what speaks for these, and nothing else.
    pub(crate) evidence: Option<Evidence>,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            sets: Path::new(env!("CARGO_MANIFEST_DIR")).join("evaluation"),
            only: None,
            task: Task::Print,
            details: false,
            errors: false,
            phrases_errors: false,
            evidence: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(USAGE);
            match argument.as_str() {
                "--sets" => options.sets = value()?.into(),
                "--only" => options.only = Some(value()?),
                "--record" => options.task = Task::Record,
                "--check" => options.task = Task::Check,
                "--details" => options.details = true,
                "--errors" => options.errors = true,
                "--phrases-errors" => options.phrases_errors = true,
                "--signals" => options.evidence = Some(Evidence::Joins),
                "--clues" => options.evidence = Some(Evidence::Classes),
                _ => return Err(format!("unknown argument {argument}\n{USAGE}")),
            }
        }
        if options.task == Task::Record && options.only.is_some() {
            return Err("--record keeps the figures of all sets: not with --only".to_owned());
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_is_read_or_refused() {
        let options = parse("--sets there --only tpch --check --errors").unwrap();
        assert_eq!(options.sets, Path::new("there"));
        assert_eq!(options.only.as_deref(), Some("tpch"));
        assert_eq!(options.task, Task::Check);
        assert!(options.errors && !options.phrases_errors);
        assert!(parse("").unwrap().sets.ends_with("evaluation"));
        for refused in ["--sets", "--nonsense", "--record --only tpch"] {
            assert!(parse(refused).is_err(), "{refused}");
        }
    }
}
