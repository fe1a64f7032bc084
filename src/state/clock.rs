//! Times that outlive the process: by the clock on the wall, in milliseconds since 1970.
//!
//! That clock can jump while the service is down, by an hour where somebody mistook a time zone. So it
//! decides little: a session that was there when the service ended is there again, unless its time was
//! over by more than such a jump explains.

use std::time::Duration;

use jiff::Timestamp;

/// How far the clock may have been put forward or back while the service was down.
const JUMP: Duration = Duration::from_secs(60 * 60);
/// How long a session is kept after a start at least, for a client that is in the middle of something.
const LEFT_MIN: Duration = Duration::from_secs(60);

/// Now.
pub(super) fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// The moment so long before now.
pub(super) fn ago(now: u64, time: Duration) -> u64 {
    now.saturating_sub(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// How long before now a moment was; a moment to come is now.
pub(super) fn since(then: u64, now: u64) -> Duration {
    Duration::from_millis(now.saturating_sub(then))
}

/// For how long a session counts as unused that was used last at that moment; `None` where it has
/// expired.
pub(super) fn idle(last_use: u64, now: u64, time_to_live: Duration) -> Option<Duration> {
    let idle = since(last_use, now);
    let left_min = LEFT_MIN.min(time_to_live / 10);
    (idle <= time_to_live.saturating_add(JUMP))
        .then(|| idle.min(time_to_live.saturating_sub(left_min)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1000;
    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn a_clock_that_jumps_an_hour_neither_loses_live_sessions_nor_keeps_them_for_ever() {
        let hours = |hours: f64| Duration::from_secs_f64(hours * 3600.0);
        let day = hours(24.0);
        let cases = [
            // Used 2 h ago; the clock as it was, an hour forward, an hour back.
            (NOW - 2 * HOUR, day, Some(hours(2.0))),
            (NOW - 3 * HOUR, day, Some(hours(3.0))),
            (NOW - HOUR, day, Some(hours(1.0))),
            // Just used, and then an hour forward, where half an hour is all that it had.
            (NOW - HOUR, hours(0.5), Some(hours(0.5 - 1.0 / 60.0))),
            // Just used, and then an hour back: used in the future.
            (NOW + HOUR, hours(0.5), Some(hours(0.0))),
            (NOW - 25 * HOUR, day, Some(hours(24.0 - 1.0 / 60.0))),
            (NOW - 25 * HOUR - 1, day, None),
            (0, day, None),
        ];
        for (last_use, time_to_live, wanted) in cases {
            assert_eq!(idle(last_use, NOW, time_to_live), wanted, "{last_use}");
        }
    }

    #[test]
    fn no_moment_is_out_of_reach() {
        assert_eq!(ago(5, Duration::MAX), 0);
        assert_eq!(since(u64::MAX, 0), Duration::ZERO);
        assert!(idle(0, u64::MAX, Duration::MAX).is_some());
        assert!(now() > NOW / 2);
    }
}
