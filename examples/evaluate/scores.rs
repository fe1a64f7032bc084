//! Counting: shares, sets found and wanted, and how far confidences can be believed.

/// What is sure enough to be used without asking, 0–1.
pub(crate) const SURE: f64 = 0.9;
/// How many bins a calibration has.
const BINS: usize = 10;

/// A share of two counts; `None` of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of tables, columns and phrases"
)]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How many of some are right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) right: usize,
    pub(crate) of: usize,
}

impl Share {
    pub(crate) fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.right += other.right;
        self.of += other.of;
    }

    pub(crate) fn value(self) -> Option<f64> {
        share(self.right, self.of)
    }
}

/// A set that was found against the one that is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Retrieval {
    pub(crate) found: usize,
    pub(crate) wanted: usize,
    /// How many of those found are wanted.
    pub(crate) right: usize,
}

impl Retrieval {
    pub(crate) fn add(&mut self, other: Self) {
        self.found += other.found;
        self.wanted += other.wanted;
        self.right += other.right;
    }

    pub(crate) fn precision(self) -> Option<f64> {
        share(self.right, self.found)
    }

    pub(crate) fn recall(self) -> Option<f64> {
        share(self.right, self.wanted)
    }

    /// The harmonic mean of the two, which is defined wherever anything is found or wanted.
    pub(crate) fn f1(self) -> Option<f64> {
        share(2 * self.right, self.found + self.wanted)
    }
}

/// Claims, each with its confidence and whether it was right.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Forecasts(Vec<(f64, bool)>);

/// The claims of one range of confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bin {
    /// The least confidence.
    pub(crate) from: f64,
    /// The confidence of the next bin.
    pub(crate) to: f64,
    pub(crate) count: usize,
    pub(crate) mean_confidence: f64,
    pub(crate) right: f64,
}

impl Forecasts {
    /// Adds a claim, its confidence with the two decimals that clients see.
    pub(crate) fn claim(&mut self, confidence: f64, right: bool) {
        self.0.push(((confidence * 100.0).round() / 100.0, right));
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The mean squared distance between confidence and outcome: 0 is best, and 0.25 is
    /// what saying 0.5 each time gets.
    pub(crate) fn brier(&self) -> Option<f64> {
        mean(self.0.iter().map(|(confidence, right)| {
            let distance = confidence - outcome(*right);
            distance * distance
        }))
    }

    /// How many of the sure claims are right.
    pub(crate) fn sure(&self) -> Share {
        let mut sure = Share::default();
        for (confidence, right) in &self.0 {
            if *confidence >= SURE {
                sure.count(*right);
            }
        }
        sure
    }

    /// The bins that hold anything, by confidence; the last one holds 1, too.
    pub(crate) fn bins(&self) -> Vec<Bin> {
        (0..BINS).filter_map(|place| self.bin(place)).collect()
    }

    fn bin(&self, place: usize) -> Option<Bin> {
        let (from, to) = (share(place, BINS)?, share(place + 1, BINS)?);
        let last = place + 1 == BINS;
        let within: Vec<(f64, bool)> = self
            .0
            .iter()
            .copied()
            .filter(|(confidence, _)| *confidence >= from && (*confidence < to || last))
            .collect();
        Some(Bin {
            from,
            to,
            count: within.len(),
            mean_confidence: mean(within.iter().map(|(confidence, _)| *confidence))?,
            right: mean(within.iter().map(|(_, right)| outcome(*right)))?,
        })
    }
}

fn outcome(right: bool) -> f64 {
    f64::from(u8::from(right))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of tables, columns and phrases"
)]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Option<f64>, b: f64) -> bool {
        a.is_some_and(|a| (a - b).abs() < 1e-9)
    }

    #[test]
    fn precision_recall_and_their_mean() {
        let some = Retrieval {
            found: 4,
            wanted: 6,
            right: 3,
        };
        assert!(near(some.precision(), 0.75));
        assert!(near(some.recall(), 0.5));
        assert!(near(some.f1(), 0.6));
        assert_eq!(Retrieval::default().f1(), None);
        let none_found = Retrieval {
            wanted: 2,
            ..Retrieval::default()
        };
        assert_eq!(none_found.precision(), None);
        assert!(near(none_found.f1(), 0.0));
    }

    #[test]
    fn the_brier_score_punishes_sure_mistakes_most() {
        let mut claims = Forecasts::default();
        assert_eq!(claims.brier(), None);
        claims.claim(1.0, true);
        claims.claim(0.8, false);
        claims.claim(0.5, true);
        assert!(near(claims.brier(), (0.0 + 0.64 + 0.25) / 3.0));
    }

    #[test]
    fn every_claim_is_in_one_bin() {
        let mut claims = Forecasts::default();
        for confidence in [0.0, 0.05, 0.1, 0.3, 0.6, 0.7, 0.89, 0.9, 0.99, 1.0] {
            claims.claim(confidence, confidence > 0.9);
        }
        let bins = claims.bins();
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), 10);
        let last = bins.last().unwrap();
        assert_eq!(last.count, 3);
        assert!(near(Some(last.right), 2.0 / 3.0));
        assert_eq!(bins[0].count, 2);
        assert_eq!(claims.sure(), Share { right: 2, of: 3 });
    }
}
