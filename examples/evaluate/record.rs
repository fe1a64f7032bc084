//! The record of figures, and what is worse than it says.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use crate::report::OVERALL;

/// Figures by set, part of it and name.
pub(crate) type Figures = BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>;

/// Smaller differences are none.
const TOLERANCE: f64 = 0.0005;

/// Keeps the figures, four decimals of each.
pub(crate) fn write(path: &Path, figures: &Figures) -> Result<(), Box<dyn Error>> {
    let mut kept = figures.clone();
    let values = kept.values_mut().flat_map(BTreeMap::values_mut);
    for value in values.flat_map(BTreeMap::values_mut) {
        *value = (*value * 10_000.0).round() / 10_000.0;
    }
    let text = serde_json::to_string_pretty(&kept)? + "\n";
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("recorded: {}", path.display());
    Ok(())
}

/// Whether no figure is worse than recorded; says on the error stream which are. Of one
/// set alone only that set is compared.
pub(crate) fn check(
    path: &Path,
    figures: &Figures,
    only: Option<&str>,
) -> Result<bool, Box<dyn Error>> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let recorded = serde_json::from_str(&text)?;
    let compared = |set: &str| only.is_none_or(|only| only == set && set != OVERALL);
    let found = compare(&recorded, figures, compared);
    for line in &found.worse {
        eprintln!("worse than recorded: {line}");
    }
    let (worse, better) = (found.worse.len(), found.better);
    eprintln!("{worse} figures worse than recorded, {better} better");
    Ok(worse == 0)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Comparison {
    worse: Vec<String>,
    better: usize,
}

fn compare(recorded: &Figures, now: &Figures, compared: impl Fn(&str) -> bool) -> Comparison {
    let (old, new) = (flat(recorded, &compared), flat(now, &compared));
    let mut found = Comparison::default();
    for (name, was) in &old {
        let label = name.join(" / ");
        let Some(is) = new.get(name) else {
            found.worse.push(format!("{label} is gone, was {was:.4}"));
            continue;
        };
        let gain = if lower_is_better(name) {
            was - is
        } else {
            is - was
        };
        if gain < -TOLERANCE {
            let line = format!("{label} is {is:.4}, was {was:.4}");
            found.worse.push(line);
        }
        found.better += usize::from(gain > TOLERANCE);
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        let label = name.join(" / ");
        found.worse.push(format!("{label} is not recorded"));
    }
    found
}

fn lower_is_better([_, _, name]: &[&str; 3]) -> bool {
    name.ends_with("Brier")
}

fn flat(figures: &Figures, compared: impl Fn(&str) -> bool) -> BTreeMap<[&str; 3], f64> {
    let mut flat = BTreeMap::new();
    for (set, parts) in figures.iter().filter(|(set, _)| compared(set)) {
        for (part, values) in parts {
            for (name, value) in values {
                flat.insert([set.as_str(), part.as_str(), name.as_str()], *value);
            }
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(values: &[(&str, &str, f64)]) -> Figures {
        let mut figures = Figures::new();
        for (set, name, value) in values {
            let part = figures.entry((*set).to_owned()).or_default();
            let known = part.entry("flags".to_owned()).or_default();
            known.insert((*name).to_owned(), *value);
        }
        figures
    }

    #[test]
    fn what_fell_is_gone_or_is_new_is_listed() {
        let recorded = figures(&[
            ("a", "join P", 0.9),
            ("a", "join R", 0.9),
            ("a", "join F1", 0.9),
            ("a", "join Brier", 0.1),
            ("a", "class Brier", 0.1),
            ("b", "join P", 0.5),
        ]);
        let now = figures(&[
            ("a", "join P", 0.8996),
            ("a", "join R", 0.899),
            ("a", "join F1", 0.95),
            ("a", "join Brier", 0.2),
            ("a", "class Brier", 0.05),
            ("c", "join P", 0.5),
        ]);
        let found = compare(&recorded, &now, |_| true);
        let expected = [
            "a / flags / join Brier is 0.2000, was 0.1000",
            "a / flags / join R is 0.8990, was 0.9000",
            "b / flags / join P is gone, was 0.5000",
            "c / flags / join P is not recorded",
        ];
        assert_eq!(found.worse, expected);
        assert_eq!(found.better, 2);
        let one = compare(&recorded, &now, |set| set == "b");
        assert_eq!(one.worse.len(), 1);
    }
}
