//! How many sockets, and how many messages.

use std::time::Duration;

use tokio::time::Instant;

use super::Refusal;
use crate::client::ClientAddress;
use crate::config::ChatLimits;
use crate::error::Error;
use crate::metrics::{Metrics, Refused};
use crate::places::{Full, Place, Places};
use crate::rates::{CallerRates, RateKind, Rates, RetryAfter};

/// Admits sockets: so many open in all and of one client, and so many opened in a minute.
#[derive(Debug, Clone)]
pub struct Admission {
    places: Places,
    rates: Rates,
    metrics: Metrics,
}

/// The place of one socket; dropping it makes room for another.
#[derive(Debug)]
pub struct SocketPlace {
    _place: Place,
    caller: CallerRates,
}

impl Admission {
    /// Admits as many as these limits say, and counts what it refuses.
    #[must_use]
    pub fn new(limits: &ChatLimits, rates: Rates, metrics: Metrics) -> Self {
        Self {
            places: Places::new(limits.sockets, limits.sockets_per_address),
            rates,
            metrics,
        }
    }

    /// A place for a socket of this client.
    ///
    /// # Errors
    /// [`Error::RateLimited`], [`Error::TooManySockets`], [`Error::TooManySocketsOfClient`].
    pub fn place(&self, who: Option<ClientAddress>) -> Result<SocketPlace, Error> {
        let caller = CallerRates::new(self.rates.clone(), who);
        caller.admit(RateKind::Upgrade)?;
        let place = self.places.take(who).map_err(|full| {
            self.metrics.refused(Refused::Socket);
            match full {
                Full::InAll => Error::TooManySockets,
                Full::OfClient => Error::TooManySocketsOfClient,
            }
        })?;
        Ok(SocketPlace {
            _place: place,
            caller,
        })
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.places.taken()
    }
}

impl SocketPlace {
    /// Counts a wrong token of the socket's client, wherever in a call it stood.
    ///
    /// # Errors
    /// The client goes on guessing.
    pub fn count_guess(&self) -> Result<(), RetryAfter> {
        self.caller.admit(RateKind::Guess)
    }

    /// What the socket's messages are counted by.
    pub(super) fn message_rate(&self, limits: &ChatLimits) -> MessageRate {
        MessageRate::new(limits, self.caller.clone())
    }
}

/// How many messages one after another may be refused before the socket is closed.
const REFUSALS_MAX: u32 = 20;

/// Messages of one socket: a bucket that holds a burst and fills at a steady rate. What it lets through
/// counts among those of the socket's client, which may have other sockets.
#[derive(Debug)]
pub(super) struct MessageRate {
    caller: CallerRates,
    burst: f64,
    per_second: f64,
    left: f64,
    counted: Instant,
    refused: u32,
}

impl MessageRate {
    fn new(limits: &ChatLimits, caller: CallerRates) -> Self {
        let burst = f64::from(limits.message_burst.get());
        Self {
            caller,
            burst,
            per_second: f64::from(limits.messages_per_minute.get()) / 60.0,
            left: burst,
            counted: Instant::now(),
            refused: 0,
        }
    }

    /// Counts a message.
    pub(super) fn admit(&mut self) -> Result<(), Refusal> {
        let admitted = self.take();
        self.refused = match admitted {
            Ok(()) => 0,
            Err(_) => self.refused + 1,
        };
        admitted.map_err(|RetryAfter { seconds }| Refusal::RateLimited(seconds))
    }

    fn take(&mut self) -> Result<(), RetryAfter> {
        let now = Instant::now();
        let passed = now.duration_since(self.counted).as_secs_f64();
        self.counted = now;
        self.left = (self.left + passed * self.per_second).min(self.burst);
        if self.left < 1.0 {
            let wait = Duration::from_secs_f64((1.0 - self.left) / self.per_second);
            let seconds = wait.as_secs() + 1;
            return Err(RetryAfter { seconds });
        }
        self.caller.admit(RateKind::Message)?;
        self.left -= 1.0;
        Ok(())
    }

    /// Whether the client goes on sending although it was told not to.
    pub(super) fn is_flooding(&self) -> bool {
        self.refused > REFUSALS_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::RateLimits;

    fn admission(limits: &ChatLimits, rates: RateLimits) -> Admission {
        let rates = Rates::new(rates, Metrics::default());
        Admission::new(limits, rates, Metrics::default())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_admitted_then_a_steady_rate_and_a_flood_is_noticed() {
        let limits = ChatLimits::default();
        let place = admission(&limits, RateLimits::NONE).place(None).unwrap();
        let mut rate = place.message_rate(&limits);
        for _ in 0..10 {
            assert_eq!(rate.admit(), Ok(()));
        }
        assert_eq!(rate.admit(), Err(Refusal::RateLimited(3)));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(rate.admit(), Ok(()), "30 a minute are one in two seconds");
        for _ in 0..20 {
            assert!(rate.admit().is_err() && !rate.is_flooding());
        }
        assert!(rate.admit().is_err() && rate.is_flooding());
    }

    #[tokio::test(start_paused = true)]
    async fn messages_of_one_client_count_together_over_all_its_sockets() {
        let limits = ChatLimits::default();
        let rates = RateLimits {
            messages: NonZeroU32::new(3),
            ..RateLimits::NONE
        };
        let admission = admission(&limits, rates);
        let places = [
            admission.place(None).unwrap(),
            admission.place(None).unwrap(),
        ];
        let [mut one, mut other] = places.each_ref().map(|place| place.message_rate(&limits));
        assert_eq!(one.admit(), Ok(()));
        assert_eq!(other.admit(), Ok(()));
        assert_eq!(one.admit(), Ok(()));
        assert_eq!(other.admit(), Err(Refusal::RateLimited(20)));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(other.admit(), Ok(()));
        for _ in 0..21 {
            assert!(other.admit().is_err());
        }
        assert!(other.is_flooding(), "whoever refuses");
    }
}
