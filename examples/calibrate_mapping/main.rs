//! Fits the probability of a mapping to labelled phrases, and shows what the search ranks.
//!
//!     cargo run --release --example calibrate_mapping -- DIRECTORY [--ranks]
//!
//! `DIRECTORY` holds folders with `export.json` and `phrases.tsv`, as `evaluate` reads
//! them (without an export: the sample catalog). Prints the coefficients for `mod
//! calibration` of the mapping, fitted by Newton's method to whether the first candidate of
//! each phrase is right (Platt 1999, with his smoothed targets), and how well they hold on
//! each set when fitted on the others. `--ranks` lists where the right answer stands.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::needless_range_loop,
    reason = "a tool of developers may stop where something cannot be"
)]

use std::path::Path;

use mcop_api::catalog::Catalog;
use mcop_api::glossary::Glossary;
use mcop_api::pipeline::Knowledge;
use mcop_api::pipeline::mapping::{self, Signals, Sources};

/// Intercept and signals.
const FEATURES: usize = Signals::COUNT + 1;
/// Keeps coefficients of signals that hardly vary small.
const RIDGE: f64 = 0.2;
const STEPS: usize = 50;

/// The first candidate of a phrase.
struct Sample {
    set: usize,
    signals: [f64; FEATURES],
    right: bool,
    /// Whether anything is right, and whether it is among the first five.
    means: bool,
    offered: bool,
}

#[derive(Default)]
struct Ranks {
    phrases: usize,
    first: usize,
    fifth: usize,
    /// Phrases that mean nothing.
    nothing: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let directory = arguments.first().expect("a directory");
    let show = arguments.iter().any(|argument| argument == "--ranks");
    let mut folders: Vec<_> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("phrases.tsv").exists())
        .collect();
    folders.sort();
    let mut samples = Vec::new();
    let mut all = Ranks::default();
    println!("| set | phrases | hit@1 | hit@5 |\n|---|---:|---:|---:|");
    for (set, folder) in folders.iter().enumerate() {
        let ranks = read(set, folder, show, &mut samples);
        print(
            &folder.file_name().expect("a name").to_string_lossy(),
            &ranks,
        );
        all.phrases += ranks.phrases;
        all.first += ranks.first;
        all.fifth += ranks.fifth;
        all.nothing += ranks.nothing;
    }
    print("all", &all);
    let fitted = fit(&samples.iter().collect::<Vec<_>>());
    println!(
        "\ncoefficients (intercept, {}): {fitted:.3?}",
        Signals::NAMES.join(", ")
    );
    let mut held_out = Vec::new();
    let mut judged: Vec<(f64, &Sample)> = Vec::new();
    for set in 0..folders.len() {
        let (inside, outside): (Vec<&Sample>, Vec<&Sample>) =
            samples.iter().partition(|sample| sample.set == set);
        let fitted = fit(&outside);
        judged.extend(
            inside
                .iter()
                .map(|sample| (probability(&fitted, &sample.signals), *sample)),
        );
        held_out.extend(
            inside
                .into_iter()
                .map(|sample| (probability(&fitted, &sample.signals), sample.right)),
        );
    }
    held_out.sort_by(|a, b| b.0.total_cmp(&a.0));
    let brier = held_out
        .iter()
        .map(|(p, right)| (p - f64::from(u8::from(*right))).powi(2))
        .sum::<f64>()
        / held_out.len() as f64;
    println!(
        "left-one-set-out: {} answers, Brier score {brier:.3}",
        held_out.len()
    );
    println!("| threshold | hit@1 | hit@5 | no match: precision | recall |");
    let nothing = all.nothing;
    for threshold in [0.0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55] {
        let kept: Vec<_> = judged.iter().filter(|(p, _)| *p >= threshold).collect();
        let first = kept.iter().filter(|(_, sample)| sample.right).count();
        let fifth = kept.iter().filter(|(_, sample)| sample.offered).count();
        let answered = kept.iter().filter(|(_, sample)| sample.means).count();
        let wrongly = kept.len() - answered;
        let (missed, found) = (all.phrases - answered, nothing - wrongly);
        let of = |a: usize, b: usize| a as f64 / b.max(1) as f64;
        println!(
            "| {threshold} | {:.3} | {:.3} | {:.3} | {:.3} |",
            of(first, all.phrases),
            of(fifth, all.phrases),
            of(found, found + missed),
            of(found, nothing)
        );
    }
    for bin in (0..10).rev() {
        let (from, to) = (f64::from(bin) / 10.0, f64::from(bin + 1) / 10.0);
        let inside: Vec<_> = held_out
            .iter()
            .filter(|(p, _)| (from..to).contains(p))
            .collect();
        let right = inside.iter().filter(|(_, right)| *right).count();
        println!(
            "  {from:.1}–{to:.1}: {} answers, {right} right",
            inside.len()
        );
    }
}

fn print(name: &str, ranks: &Ranks) {
    let of = |count: usize| count as f64 / ranks.phrases.max(1) as f64;
    println!(
        "| {name} | {} | {:.3} | {:.3} |",
        ranks.phrases,
        of(ranks.first),
        of(ranks.fifth)
    );
}

fn read(set: usize, folder: &Path, show: bool, samples: &mut Vec<Sample>) -> Ranks {
    let export = std::fs::read(folder.join("export.json"))
        .or_else(|_| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/catalog.json")))
        .expect("an export");
    let (catalog, _) = Catalog::from_export(&export).expect("an export in our format");
    let knowledge = Knowledge::new(catalog);
    let catalog = &knowledge.catalog;
    let sources = Sources {
        catalog,
        index: &knowledge.index,
        glossary: Glossary::embedded(),
    };
    let text = std::fs::read_to_string(folder.join("phrases.tsv")).expect("phrases");
    let mut ranks = Ranks::default();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .skip(1)
    {
        let fields: Vec<&str> = line.split('\t').collect();
        let [phrase, language, tables, ..] = fields[..] else {
            continue;
        };
        let wanted: Vec<_> = tables
            .split('|')
            .map(str::trim)
            .filter(|name| *name != "-")
            .flat_map(|name| catalog.named(name))
            .collect();
        let found = mapping::ranked(sources, phrase);
        let place = found.iter().position(|(table, _)| wanted.contains(table));
        if let Some((table, signals)) = found.first() {
            let mut features = [1.0; FEATURES];
            features[1..].copy_from_slice(&signals.values());
            samples.push(Sample {
                set,
                signals: features,
                right: wanted.contains(table),
                means: !wanted.is_empty(),
                offered: place.is_some_and(|place| place < 5),
            });
        }
        if show && place != Some(0) {
            let best: Vec<String> = found
                .iter()
                .take(3)
                .map(|(table, signals)| {
                    format!("{} {:.2}", catalog.full_name(*table), signals.score)
                })
                .collect();
            let place = place.map_or("-".to_owned(), |place| (place + 1).to_string());
            println!(
                "{place}\t{language}\t{phrase}\t[{tables}]\t{}",
                best.join(", ")
            );
        }
        if wanted.is_empty() {
            ranks.nothing += 1;
        } else {
            ranks.phrases += 1;
            ranks.first += usize::from(place == Some(0));
            ranks.fifth += usize::from(place.is_some_and(|place| place < 5));
        }
    }
    ranks
}

fn probability(coefficients: &[f64; FEATURES], signals: &[f64; FEATURES]) -> f64 {
    let sum: f64 = coefficients.iter().zip(signals).map(|(a, b)| a * b).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Logistic regression by Newton's method with a small ridge.
fn fit(samples: &[&Sample]) -> [f64; FEATURES] {
    let right = samples.iter().filter(|sample| sample.right).count() as f64;
    let wrong = samples.len() as f64 - right;
    let (high, low) = ((right + 1.0) / (right + 2.0), 1.0 / (wrong + 2.0));
    let mut coefficients = [0.0; FEATURES];
    for _ in 0..STEPS {
        let mut gradient = [0.0; FEATURES];
        let mut hessian = [[0.0; FEATURES]; FEATURES];
        for place in 1..FEATURES {
            gradient[place] = -RIDGE * coefficients[place];
            hessian[place][place] = RIDGE;
        }
        for sample in samples {
            let p = probability(&coefficients, &sample.signals);
            let target = if sample.right { high } else { low };
            for a in 0..FEATURES {
                gradient[a] += (target - p) * sample.signals[a];
                for b in 0..FEATURES {
                    hessian[a][b] += p * (1.0 - p) * sample.signals[a] * sample.signals[b];
                }
            }
        }
        let step = solve(hessian, gradient);
        for (coefficient, step) in coefficients.iter_mut().zip(step) {
            *coefficient += step;
        }
    }
    coefficients
}

/// Gaussian elimination with the largest pivot.
fn solve(mut matrix: [[f64; FEATURES]; FEATURES], mut vector: [f64; FEATURES]) -> [f64; FEATURES] {
    for column in 0..FEATURES {
        let pivot = (column..FEATURES)
            .max_by(|a, b| {
                matrix[*a][column]
                    .abs()
                    .total_cmp(&matrix[*b][column].abs())
            })
            .expect("a row");
        matrix.swap(column, pivot);
        vector.swap(column, pivot);
        for row in 0..FEATURES {
            if row != column {
                let factor = matrix[row][column] / matrix[column][column];
                for place in column..FEATURES {
                    matrix[row][place] -= factor * matrix[column][place];
                }
                vector[row] -= factor * vector[column];
            }
        }
    }
    let mut solution = [0.0; FEATURES];
    for (place, value) in solution.iter_mut().enumerate() {
        *value = vector[place] / matrix[place][place];
    }
    solution
}
