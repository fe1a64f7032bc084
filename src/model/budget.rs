//! The tokens that the model may read and write in one day, by UTC (OWASP LLM10, "unbounded
//! consumption").
//!
//! What a call may take is set aside before it is made, and settled when it has ended: by what the
//! server says that it took, or by an estimate. So calls at one time cannot together spend what each of
//! them found there.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::Usage;
use super::error::ModelError;

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// What a token has in bytes, on average: English has about four, other languages and JSON fewer, so
/// that an estimate is rather too low than too high.
const BYTES_A_TOKEN: usize = 4;

/// A day's tokens. Copies spend from the same.
#[derive(Clone)]
pub struct TokenBudget {
    shared: Arc<Shared>,
}

type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;
type Keep = Box<dyn Fn(Vec<u8>) + Send + Sync>;

struct Shared {
    limit: Option<NonZeroU64>,
    now: Clock,
    ledger: Mutex<Ledger>,
    /// Who keeps the figures over a restart.
    keep: Mutex<Option<Keep>>,
}

/// What became of one day's tokens.
#[derive(Debug, Clone, Copy)]
struct Ledger {
    day: Date,
    spent: u64,
    /// Set aside for calls that are under way.
    reserved: u64,
}

/// A ledger as it is kept over a restart. Nothing is under way after one.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    day: String,
    spent: u64,
}

/// What one call may take. Dropped, it is settled by the best that is known.
#[derive(Debug)]
pub(super) struct Spending {
    /// `None` where there is no limit to spend from.
    budget: Option<TokenBudget>,
    reserved: u64,
    /// What it will have taken.
    cost: u64,
    /// Of that, what was sent.
    prompt: u64,
}

impl TokenBudget {
    /// As many tokens a day as this; `None`: any number, and none are counted.
    #[must_use]
    pub fn new(limit: Option<NonZeroU64>) -> Self {
        Self::with_clock(limit, Timestamp::now)
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(
        limit: Option<NonZeroU64>,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let ledger = Ledger {
            day: day_of(now()),
            spent: 0,
            reserved: 0,
        };
        Self {
            shared: Arc::new(Shared {
                limit,
                now: Box::new(now),
                ledger: Mutex::new(ledger),
                keep: Mutex::new(None),
            }),
        }
    }

    /// How many tokens are left for this day but for those set aside; `None`: any number.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        let limit = self.shared.limit?;
        let ledger = self.ledger();
        Some(limit.get().saturating_sub(ledger.taken()))
    }

    /// What was spent on this day, for [`TokenBudget::restore`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let Ledger { day, spent, .. } = *self.ledger();
        let day = day.to_string();
        // A text and a number: writing them cannot fail.
        serde_json::to_vec(&Kept { day, spent }).unwrap_or_default()
    }

    /// Takes over what was spent before a restart, where that was on this day. What is no snapshot is
    /// said in the log and otherwise passed over.
    pub fn restore(&self, snapshot: &[u8]) {
        let kept = serde_json::from_slice::<Kept>(snapshot).map_err(|error| error.to_string());
        let kept = kept.and_then(|Kept { day, spent }| {
            let day: Date = day
                .parse()
                .map_err(|error: jiff::Error| error.to_string())?;
            Ok((day, spent))
        });
        match kept {
            Ok((day, spent)) => {
                let mut ledger = self.ledger();
                if ledger.day == day {
                    ledger.spent = ledger.spent.saturating_add(spent);
                }
            }
            Err(problem) => {
                log::warn!("the tokens spent before the start are not known: {problem}");
            }
        }
    }

    /// Hands every new snapshot to `keep`, in their order. It is called in the middle of calls of the
    /// model, so it must neither wait nor come back here.
    pub fn kept_by(&self, keep: impl Fn(Vec<u8>) + Send + Sync + 'static) {
        *self.keeper() = Some(Box::new(keep));
    }

    /// Sets aside what a call with a request of so many bytes may take.
    ///
    /// # Errors
    /// [`ModelError::BudgetSpent`] where the request alone takes more than is left of the day,
    /// [`ModelError::Busy`] where it does only as long as others are under way.
    pub(super) fn reserve(
        &self,
        request_bytes: usize,
        completion_tokens: u32,
    ) -> Result<Spending, ModelError> {
        let prompt = estimated(request_bytes);
        let reserved = prompt.saturating_add(completion_tokens.into());
        let Some(limit) = self.shared.limit.map(NonZeroU64::get) else {
            return Ok(Spending {
                budget: None,
                reserved,
                cost: prompt,
                prompt,
            });
        };
        let mut ledger = self.ledger();
        if ledger.spent.saturating_add(prompt) > limit {
            return Err(ModelError::BudgetSpent);
        }
        if ledger.taken().saturating_add(prompt) > limit {
            return Err(ModelError::Busy);
        }
        ledger.reserved = ledger.reserved.saturating_add(reserved);
        Ok(Spending {
            budget: Some(self.clone()),
            reserved,
            cost: prompt,
            prompt,
        })
    }

    fn settle(&self, reserved: u64, cost: u64) {
        {
            let mut ledger = self.ledger();
            ledger.reserved = ledger.reserved.saturating_sub(reserved);
            ledger.spent = ledger.spent.saturating_add(cost);
        }
        // Taken before the snapshot is: two that end together hand theirs on one after the other.
        if let Some(keep) = &*self.keeper() {
            keep(self.snapshot());
        }
    }

    /// The ledger of this day.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        let today = day_of((self.shared.now)());
        let ledger = &self.shared.ledger;
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back over midnight must not give the day's tokens out twice; one that was
        // wrong by more than a day is not waited for.
        let was_wrong = today.tomorrow().is_ok_and(|tomorrow| ledger.day > tomorrow);
        if today > ledger.day || was_wrong {
            ledger.day = today;
            ledger.spent = 0;
        }
        ledger
    }

    fn keeper(&self) -> MutexGuard<'_, Option<Keep>> {
        let keep = &self.shared.keep;
        keep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenBudget({:?})", self.shared.limit)
    }
}

impl Ledger {
    /// Spent and set aside.
    fn taken(&self) -> u64 {
        self.spent.saturating_add(self.reserved)
    }
}

impl Spending {
    /// The server has refused the request, or has never got it: it takes nothing.
    pub(super) fn free(&mut self) {
        self.cost = 0;
    }

    /// The model has written so many bytes.
    pub(super) fn written(&mut self, bytes: usize) {
        self.cost = self.prompt.saturating_add(estimated(bytes));
    }

    /// The server says what it took. Some say zero where they do not count.
    pub(super) fn said(&mut self, usage: Usage) {
        let tokens = usage.prompt_tokens.saturating_add(usage.completion_tokens);
        if tokens > 0 {
            self.cost = tokens;
        }
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.settle(self.reserved, self.cost);
        }
    }
}

fn estimated(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(BYTES_A_TOKEN)).unwrap_or(u64::MAX)
}

fn day_of(moment: Timestamp) -> Date {
    Offset::UTC.to_datetime(moment).date()
}

/// How many seconds of the day are left, by UTC; at least 1.
#[must_use]
pub fn seconds_left_of_day(now: Timestamp) -> u64 {
    (DAY_SECONDS - now.as_second().rem_euclid(DAY_SECONDS)).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const NOON: &str = "2026-01-31T12:00:00Z";

    /// A budget, and the clock it goes by, in seconds since 1970.
    fn budget(tokens: u64) -> (TokenBudget, Arc<AtomicI64>) {
        let noon: Timestamp = NOON.parse().unwrap();
        let clock = Arc::new(AtomicI64::new(noon.as_second()));
        let now = Arc::clone(&clock);
        let budget = TokenBudget::with_clock(NonZeroU64::new(tokens), move || {
            Timestamp::from_second(now.load(Ordering::Relaxed)).unwrap()
        });
        (budget, clock)
    }

    /// A call that takes so many tokens.
    fn spend(budget: &TokenBudget, tokens: u64) {
        let mut spending = budget.reserve(0, 1).unwrap();
        spending.said(Usage {
            prompt_tokens: tokens,
            completion_tokens: 0,
        });
    }

    #[test]
    fn a_call_takes_what_the_server_says_or_what_is_estimated_or_nothing() {
        let (budget, _) = budget(1000);
        let left = || budget.left().unwrap();
        let mut spending = budget.reserve(401, 100).unwrap();
        assert_eq!(left(), 1000 - 101 - 100, "set aside");
        spending.written(7);
        let usage = |prompt_tokens, completion_tokens| Usage {
            prompt_tokens,
            completion_tokens,
        };
        spending.said(usage(90, 20));
        drop(spending);
        assert_eq!(left(), 890);

        let mut spending = budget.reserve(401, 100).unwrap();
        spending.written(7);
        spending.said(usage(0, 0));
        drop(spending);
        assert_eq!(left(), 890 - 101 - 2);

        drop(budget.reserve(401, 100).unwrap());
        assert_eq!(
            left(),
            787 - 101,
            "sent, and nobody knows what became of it"
        );

        budget.reserve(401, 100).unwrap().free();
        assert_eq!(left(), 686);
    }

    #[test]
    fn calls_at_one_time_cannot_spend_the_same_tokens() {
        let (budget, _) = budget(1000);
        let first = budget.reserve(400, 700).unwrap();
        let second = budget.reserve(400, 700).unwrap();
        assert_eq!(budget.left(), Some(0));
        let busy = budget.reserve(400, 700).unwrap_err();
        assert_eq!(busy, ModelError::Busy, "more may be left in a moment");
        drop((first, second));
        assert_eq!(budget.left(), Some(800));
        spend(&budget, 701);
        let spent = budget.reserve(400, 700).unwrap_err();
        assert_eq!(spent, ModelError::BudgetSpent);
        assert!(budget.reserve(396, 700).is_ok(), "a shorter one fits");
        spend(&budget, u64::MAX);
        assert_eq!(budget.left(), Some(0));
    }

    #[test]
    fn the_next_day_has_its_own_and_a_clock_set_back_gives_nothing_twice() {
        let (budget, clock) = budget(1000);
        spend(&budget, 600);
        let under_way = budget.reserve(0, 100).unwrap();
        clock.fetch_add(12 * 3600, Ordering::Relaxed);
        assert_eq!(budget.left(), Some(900), "that which is under way goes on");
        drop(under_way);
        spend(&budget, 300);
        clock.fetch_sub(3600, Ordering::Relaxed);
        assert_eq!(budget.left(), Some(700));
        clock.fetch_add(3600, Ordering::Relaxed);
        assert_eq!(budget.left(), Some(700));
        clock.fetch_sub(30 * 24 * 3600, Ordering::Relaxed);
        assert_eq!(budget.left(), Some(1000), "it was wrong before");
    }

    #[test]
    fn what_was_spent_is_kept_over_a_restart_on_the_same_day() {
        let (before, _) = budget(1000);
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeper = Arc::clone(&kept);
        before.kept_by(move |snapshot| *keeper.lock().unwrap() = snapshot);
        spend(&before, 600);
        let kept = kept.lock().unwrap().clone();
        assert_eq!(kept, before.snapshot());
        assert_eq!(kept, br#"{"day":"2026-01-31","spent":600}"#);

        let (after, _) = budget(1000);
        after.restore(&kept);
        assert_eq!(after.left(), Some(400));
        for nothing in [
            &b""[..],
            b"{",
            b"{}",
            br#"{"day":"yesterday","spent":600}"#,
            br#"{"day":"2026-01-31","spent":-1}"#,
            br#"{"day":"2026-01-30","spent":600}"#,
        ] {
            let (after, _) = budget(1000);
            after.restore(nothing);
            assert_eq!(after.left(), Some(1000));
        }
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let budget = TokenBudget::new(None);
        spend(&budget, u64::MAX);
        assert!(budget.reserve(usize::MAX, u32::MAX).is_ok());
        assert_eq!(budget.left(), None);
    }

    #[test]
    fn the_day_ends_at_midnight_by_utc() {
        for (now, left) in [
            ("2026-01-31T00:00:00Z", 86_400),
            ("2026-01-31T18:00:00.5Z", 21_600),
            ("2026-01-31T23:59:59.999Z", 1),
            ("1969-12-31T23:59:59Z", 1),
        ] {
            assert_eq!(seconds_left_of_day(now.parse().unwrap()), left, "{now}");
        }
    }
}
