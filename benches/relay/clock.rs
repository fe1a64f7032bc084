//! The clock of this process, which both ends of the relay are in.

use std::time::Instant;

use once_cell::sync::Lazy;

static START: Lazy<Instant> = Lazy::new(Instant::now);

/// Nanoseconds since the clock was first read.
pub(crate) fn now() -> u64 {
    // Enough for 500 years.
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
