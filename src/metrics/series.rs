//! A family of time series that differ in their labels.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Series by their labels, in the order of these, so that an exposition does not change unless
/// a figure does; the crate's own family has the order of a hash map. Copies share the series.
pub(super) struct Series<L, M> {
    by_labels: Arc<RwLock<BTreeMap<L, M>>>,
    begin: fn() -> M,
}

impl<L: Ord + Clone, M: Clone> Series<L, M> {
    /// No series yet; each begins as `begin` makes it.
    pub(super) fn new(begin: fn() -> M) -> Self {
        Self {
            by_labels: Arc::default(),
            begin,
        }
    }

    /// The same with series that are there from the start: one that first appears with a 1 has
    /// no rise that a query could see.
    pub(super) fn with(self, labels: impl IntoIterator<Item = L>) -> Self {
        for labels in labels {
            self.of(&labels);
        }
        self
    }

    /// The series of these labels. Metrics are handles: the copy counts on the original.
    pub(super) fn of(&self, labels: &L) -> M {
        let known = self
            .by_labels
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(metric) = known.get(labels) {
            return metric.clone();
        }
        drop(known);
        self.by_labels
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(labels.clone())
            .or_insert_with(self.begin)
            .clone()
    }

    /// All series as they are; the lock is held for the copies of the handles only.
    fn all(&self) -> Vec<(L, M)> {
        let known = self
            .by_labels
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(|(labels, metric)| (labels.clone(), metric.clone()))
            .collect()
    }
}

impl<L, M> Clone for Series<L, M> {
    fn clone(&self) -> Self {
        Self {
            by_labels: Arc::clone(&self.by_labels),
            begin: self.begin,
        }
    }
}

impl<L, M> fmt::Debug for Series<L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series").finish_non_exhaustive()
    }
}

impl<L, M> EncodeMetric for Series<L, M>
where
    L: Ord + Clone + EncodeLabelSet,
    M: Clone + EncodeMetric + TypedMetric,
{
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, metric) in self.all() {
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }

    fn is_empty(&self) -> bool {
        self.all().is_empty()
    }
}
