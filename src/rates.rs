//! How often one client may ask for what costs something.
//!
//! A client has a bucket for each kind of thing. Full, it holds as much as is allowed in a minute; each
//! ask takes one, and it fills evenly. All that is kept of a bucket is the moment when it will be full
//! again: the virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A), which
//! decides as a leaky bucket does (Turner, "New directions in communications", 1986).

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use warp::Filter;

use crate::client::{ClientAddress, ClientAddresses, caller};
use crate::config::RateLimits;
use crate::error::Error;
use crate::metrics::{Metrics, Refused};

/// How many clients are remembered for each kind of ask: some 1.3 MB for each where that many come.
pub const CLIENTS_MAX: usize = 20_000;
/// How many are left where that many have come: as room is made for a quarter at a time, making it
/// costs a constant time per client.
const CLIENTS_KEPT: usize = CLIENTS_MAX / 4 * 3;
/// Failed authentications in a minute: more than slips of the hand make.
const GUESSES: Option<NonZeroU32> = NonZeroU32::new(30);
const MINUTE: Duration = Duration::from_secs(60);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateKind {
    /// A run of the pipeline.
    Run,
    /// An answer: to a message over a socket or by itself, or a document in a model's words.
    Message,
    /// A socket.
    Upgrade,
    /// To be let in with a token that is none. Counted, not guarded by: the right token always
    /// passes, or whoever shares its address could lock its holder out.
    Guess,
}

impl RateKind {
    fn refused(self) -> Refused {
        match self {
            Self::Run => Refused::Run,
            Self::Message => Refused::Message,
            Self::Upgrade => Refused::Upgrade,
            Self::Guess => Refused::Guess,
        }
    }
}

/// A refusal: so long until the next is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// Whole seconds, at least 1.
    pub seconds: u64,
}

impl RetryAfter {
    fn waiting(time: Duration) -> Self {
        let begun = u64::from(time.subsec_nanos() > 0);
        Self {
            seconds: (time.as_secs() + begun).max(1),
        }
    }
}

impl From<RetryAfter> for Error {
    fn from(RetryAfter { seconds }: RetryAfter) -> Self {
        Self::RateLimited { seconds }
    }
}

/// Counts what clients ask for. Copies count together.
#[derive(Clone)]
pub struct Rates {
    buckets: Arc<Kinds>,
    metrics: Metrics,
}

struct Kinds {
    runs: Buckets,
    messages: Buckets,
    upgrades: Buckets,
    guesses: Buckets,
}

impl Rates {
    /// Admits as much as these limits say, and counts what it refuses.
    #[must_use]
    pub fn new(limits: RateLimits, metrics: Metrics) -> Self {
        Self {
            buckets: Arc::new(Kinds {
                runs: Buckets::new(limits.runs),
                messages: Buckets::new(limits.messages),
                upgrades: Buckets::new(limits.upgrades),
                guesses: Buckets::new(GUESSES),
            }),
            metrics,
        }
    }

    /// Counts an ask of this client; those of whom nothing is known count as one.
    ///
    /// # Errors
    /// It has asked too often; the refusal itself does not count.
    pub fn admit(&self, kind: RateKind, who: Option<ClientAddress>) -> Result<(), RetryAfter> {
        let buckets = match kind {
            RateKind::Run => &self.buckets.runs,
            RateKind::Message => &self.buckets.messages,
            RateKind::Upgrade => &self.buckets.upgrades,
            RateKind::Guess => &self.buckets.guesses,
        };
        buckets.take(who).inspect_err(|_| {
            self.metrics.refused(kind.refused());
        })
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rates").finish_non_exhaustive()
    }
}

/// The buckets of one kind.
struct Buckets {
    /// In how much time one more fits in; `None`: any number does.
    interval: Option<Duration>,
    /// When each will be full again. Those that are full are as good as none.
    full_at: Mutex<HashMap<Option<ClientAddress>, Instant>>,
}

impl Buckets {
    fn new(per_minute: Option<NonZeroU32>) -> Self {
        Self {
            interval: per_minute.map(|most| MINUTE / most.get()),
            full_at: Mutex::default(),
        }
    }

    fn take(&self, who: Option<ClientAddress>) -> Result<(), RetryAfter> {
        let Some(interval) = self.interval else {
            return Ok(());
        };
        let now = Instant::now();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = full_at.get(&who).copied();
        let missing = known.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let missing = missing + interval;
        let wait = missing.saturating_sub(MINUTE);
        if !wait.is_zero() {
            return Err(RetryAfter::waiting(wait));
        }
        if known.is_none() && full_at.len() >= CLIENTS_MAX {
            make_room(&mut full_at, now);
        }
        full_at.insert(who, now + missing);
        Ok(())
    }
}

/// Forgets the full buckets and then, where these are too few, those nearest to full: whoever wants to
/// have their own forgotten has to keep thousands of others emptier.
fn make_room(full_at: &mut HashMap<Option<ClientAddress>, Instant>, now: Instant) {
    full_at.retain(|_, at| *at > now);
    let Some(last) = full_at
        .len()
        .checked_sub(CLIENTS_KEPT)
        .and_then(|surplus| surplus.checked_sub(1))
    else {
        return;
    };
    let mut moments: Vec<Instant> = full_at.values().copied().collect();
    let (_, &mut last, _) = moments.select_nth_unstable(last);
    full_at.retain(|_, at| *at > last);
}

/// The rates as they are for one caller.
#[derive(Debug, Clone)]
pub struct CallerRates {
    rates: Rates,
    who: Option<ClientAddress>,
}

impl CallerRates {
    /// Of this caller.
    #[must_use]
    pub fn new(rates: Rates, who: Option<ClientAddress>) -> Self {
        Self { rates, who }
    }

    /// Counts an ask.
    ///
    /// # Errors
    /// See [`Rates::admit`].
    pub fn admit(&self, kind: RateKind) -> Result<(), RetryAfter> {
        self.rates.admit(kind, self.who)
    }
}

/// Hands a handler the rates of its caller.
pub fn of_caller(
    rates: Rates,
    clients: ClientAddresses,
) -> impl Filter<Extract = (CallerRates,), Error = Infallible> + Clone {
    caller(clients).map(move |who| CallerRates::new(rates.clone(), who))
}

/// Counts a call as this kind of ask, and says whether it is one too many.
pub fn admitted(
    kind: RateKind,
    rates: Rates,
    clients: ClientAddresses,
) -> impl Filter<Extract = (Result<(), Error>,), Error = Infallible> + Clone {
    of_caller(rates, clients).map(move |caller: CallerRates| Ok(caller.admit(kind)?))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn client(number: u32) -> ClientAddress {
        IpAddr::V4(Ipv4Addr::from_bits(number)).into()
    }

    fn rates(runs: u32) -> Rates {
        let limits = RateLimits {
            runs: NonZeroU32::new(runs),
            ..RateLimits::default()
        };
        Rates::new(limits, Metrics::default())
    }

    fn run(rates: &Rates, who: impl Into<Option<ClientAddress>>) -> Result<(), u64> {
        let admitted = rates.admit(RateKind::Run, who.into());
        admitted.map_err(|RetryAfter { seconds }| seconds)
    }

    fn remembered(rates: &Rates) -> usize {
        rates.buckets.runs.full_at.lock().unwrap().len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_minutes_worth_is_admitted_at_once_and_then_one_each_time_another_has_filled_in() {
        let rates = rates(4);
        for _ in 0..4 {
            assert_eq!(run(&rates, client(1)), Ok(()));
        }
        assert_eq!(run(&rates, client(1)), Err(15));
        assert_eq!(run(&rates, client(1)), Err(15), "refusals do not count");
        assert_eq!(run(&rates, client(2)), Ok(()), "each has its own");
        tokio::time::advance(Duration::from_millis(14_001)).await;
        assert_eq!(run(&rates, client(1)), Err(1), "never 0");
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(run(&rates, client(1)), Ok(()));
        assert_eq!(run(&rates, client(1)), Err(15));
        // Never more than a minute's worth, however long nobody asked.
        tokio::time::advance(MINUTE * 60).await;
        for _ in 0..4 {
            assert_eq!(run(&rates, client(1)), Ok(()));
        }
        assert_eq!(run(&rates, client(1)), Err(15));
    }

    #[tokio::test(start_paused = true)]
    async fn kinds_are_counted_apart_and_clients_nobody_knows_together() {
        let rates = rates(1);
        assert_eq!(run(&rates, None), Ok(()));
        assert_eq!(run(&rates, None), Err(60));
        assert_eq!(rates.admit(RateKind::Upgrade, None), Ok(()));
        for _ in 0..30 {
            assert_eq!(rates.admit(RateKind::Guess, Some(client(1))), Ok(()));
        }
        let refused = Err(RetryAfter { seconds: 2 });
        assert_eq!(rates.admit(RateKind::Guess, Some(client(1))), refused);
    }

    #[tokio::test]
    async fn no_limit_is_none() {
        let rates = Rates::new(RateLimits::NONE, Metrics::default());
        for _ in 0..100_000 {
            assert_eq!(run(&rates, client(1)), Ok(()));
        }
        assert_eq!(remembered(&rates), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_million_clients_cost_bounded_memory_and_free_none_that_has_had_its_share() {
        let rates = rates(2);
        let culprit = client(0);
        for _ in 0..2 {
            run(&rates, culprit).unwrap();
        }
        let began = std::time::Instant::now();
        for number in 1..=1_000_000 {
            assert_eq!(run(&rates, client(number)), Ok(()));
            if number % 1000 == 0 {
                // Their buckets differ, as they do in life.
                tokio::time::advance(Duration::from_micros(1)).await;
                assert!(remembered(&rates) <= CLIENTS_MAX);
            }
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "1,000,000 took {took:?}");
        assert_eq!(run(&rates, culprit), Err(30), "its bucket is emptier");
    }

    #[tokio::test(start_paused = true)]
    async fn buckets_that_are_full_again_are_the_first_to_be_forgotten() {
        let rates = rates(2);
        for number in 0..15_000 {
            run(&rates, client(number)).unwrap();
        }
        tokio::time::advance(MINUTE).await;
        for number in 15_000..20_001 {
            run(&rates, client(number)).unwrap();
        }
        assert_eq!(remembered(&rates), 5_001);
    }
}
