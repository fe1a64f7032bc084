//! What `/metrics` says, read.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Server, within};

/// An exposition, read by the rules of the text format.
#[derive(Debug, Default)]
pub struct Scrape {
    /// Families by name, with their type.
    pub families: BTreeMap<String, String>,
    /// Values by name and labels as they are written.
    pub samples: BTreeMap<String, String>,
}

impl Scrape {
    pub async fn of(server: &Server) -> Self {
        let response = server.get("/metrics").await;
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        );
        Self::read(&response.text().await.unwrap())
    }

    /// The first one that is so, where no event tells when.
    pub async fn when(server: &Server, is_so: impl Fn(&Self) -> bool) -> Self {
        within(async {
            loop {
                let scrape = Self::of(server).await;
                if is_so(&scrape) {
                    return scrape;
                }
            }
        })
        .await
    }

    /// Reads what keeps to the format, and fails what does not (`OpenMetrics` 1.0, "Text Format").
    fn read(text: &str) -> Self {
        let mut scrape = Self::default();
        let lines = text.strip_suffix("# EOF\n").expect("the end is marked");
        let mut family = String::new();
        for line in lines.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family = help.split(' ').take(1).collect();
                assert!(!scrape.families.contains_key(&family), "twice: {line}");
                scrape.families.insert(family.clone(), String::new());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, family, "{line}");
                scrape.families.insert(family.clone(), kind.to_owned());
            } else if let Some(unit) = line.strip_prefix("# UNIT ") {
                let (name, unit) = unit.split_once(' ').unwrap();
                assert!(
                    name == family && name.ends_with(&format!("_{unit}")),
                    "{line}"
                );
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let name = series.split('{').next().unwrap();
                let suffixes: &[&str] = match &*scrape.families[&family] {
                    "counter" => &["_total"],
                    "histogram" => &["_bucket", "_sum", "_count"],
                    "info" => &["_info"],
                    "gauge" => &[""],
                    kind => panic!("{family} is a {kind}"),
                };
                let suffix = name.strip_prefix(&family).expect(line);
                assert!(suffixes.contains(&suffix), "{line}");
                let number: f64 = value.parse().unwrap();
                assert!(number >= 0.0 && number.is_finite(), "{line}");
                let (series, value) = (series.to_owned(), value.to_owned());
                assert!(
                    scrape.samples.insert(series, value).is_none(),
                    "twice: {line}"
                );
            }
        }
        scrape.histograms_add_up();
        scrape
    }

    /// Buckets never fall, and the last one is the count.
    fn histograms_add_up(&self) {
        let mut by_series: BTreeMap<String, Vec<(f64, u64)>> = BTreeMap::new();
        for series in self.samples.keys() {
            if let Some((name, labels)) = series.split_once("_bucket{le=\"") {
                let (bound, labels) = labels.split_once('"').unwrap();
                let labels = labels.trim_start_matches(',').trim_end_matches('}');
                let count = match labels {
                    "" => format!("{name}_count"),
                    labels => format!("{name}_count{{{labels}}}"),
                };
                let bound = bound.replace("+Inf", "inf").parse().unwrap();
                let buckets = by_series.entry(count).or_default();
                buckets.push((bound, self.value(series)));
            }
        }
        assert!(!by_series.is_empty());
        for (count, mut buckets) in by_series {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by_key(|bucket| bucket.1), "{count}");
            let (bound, all) = *buckets.last().unwrap();
            assert!(bound.is_infinite(), "{count}");
            assert_eq!(all, self.value(&count), "{count}");
        }
    }

    /// A whole number.
    #[track_caller]
    pub fn value(&self, series: &str) -> u64 {
        let value = self.samples.get(series);
        let value = value.unwrap_or_else(|| panic!("no {series} among {:#?}", self.samples));
        value.parse().unwrap()
    }

    /// The series that have counted something, by what is in their braces.
    pub fn counted(&self, name: &str) -> BTreeMap<&str, u64> {
        self.samples
            .keys()
            .filter_map(|series| {
                let labels = series.strip_prefix(name)?.strip_prefix('{')?;
                Some((labels.strip_suffix('}')?, self.value(series)))
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    pub fn series(&self) -> BTreeSet<&String> {
        self.samples.keys().collect()
    }
}
