//! How many calls of the model go on at one time, and how long others wait.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::error::ModelError;
use crate::metrics::Metrics;

/// How long a call waits for its place: past it a person is better served by another answer.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Places for calls; as many calls as there are places may wait for one.
#[derive(Debug, Clone)]
pub(super) struct CallPlaces {
    /// Under way and waiting.
    admitted: Arc<Semaphore>,
    under_way: Arc<Semaphore>,
}

/// The place of one call; dropping it lets the next one begin.
#[derive(Debug)]
pub(super) struct CallPlace {
    _admitted: OwnedSemaphorePermit,
    _under_way: OwnedSemaphorePermit,
    metrics: Metrics,
}

impl CallPlaces {
    pub(super) fn new(most: NonZeroUsize) -> Self {
        let places = |number: usize| Arc::new(Semaphore::new(number.min(Semaphore::MAX_PERMITS)));
        Self {
            admitted: places(most.get().saturating_mul(2)),
            under_way: places(most.get()),
        }
    }

    /// Waits for a place, first come, first served.
    ///
    /// # Errors
    /// [`ModelError::Busy`] at once where too many wait already, or where none becomes free in time.
    pub(super) async fn take(&self, metrics: &Metrics) -> Result<CallPlace, ModelError> {
        let asked = Instant::now();
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| ModelError::Busy)?;
        let under_way = timeout(WAIT_MAX, Arc::clone(&self.under_way).acquire_owned());
        let Ok(Ok(under_way)) = under_way.await else {
            return Err(ModelError::Busy);
        };
        metrics.upstream_began(asked.elapsed());
        Ok(CallPlace {
            _admitted: admitted,
            _under_way: under_way,
            metrics: metrics.clone(),
        })
    }
}

impl Drop for CallPlace {
    fn drop(&mut self) {
        self.metrics.upstream_ended();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_may_wait_as_are_under_way_and_none_for_longer_than_ten_seconds() {
        let metrics = Metrics::default();
        let places = CallPlaces::new(NonZeroUsize::new(2).unwrap());
        let first = places.take(&metrics).await.unwrap();
        let _second = places.take(&metrics).await.unwrap();
        let asked = Instant::now();
        let (third, fourth, fifth) = tokio::join!(
            async { (places.take(&metrics).await, asked.elapsed()) },
            async { (places.take(&metrics).await, asked.elapsed()) },
            async {
                let refused = (places.take(&metrics).await.unwrap_err(), asked.elapsed());
                tokio::time::sleep(Duration::from_secs(3)).await;
                drop(first);
                refused
            },
        );
        assert!(third.0.is_ok());
        assert_eq!(third.1, Duration::from_secs(3), "first come");
        assert_eq!(fourth.0.unwrap_err(), ModelError::Busy);
        assert_eq!(fourth.1, WAIT_MAX);
        assert_eq!(fifth, (ModelError::Busy, Duration::ZERO));
    }

    #[tokio::test]
    async fn the_largest_number_is_no_limit_and_no_panic() {
        let places = CallPlaces::new(NonZeroUsize::MAX);
        assert!(places.take(&Metrics::default()).await.is_ok());
    }
}
