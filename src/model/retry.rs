//! When a call is made again, as openai-python's `_base_client.py` decides it.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::settings::Retries;

/// A server that asks for a longer wait has no answer for who waits now.
const ASKED_WAIT_MAX: Duration = Duration::from_secs(120);

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// It would fail again, or too late to be of use.
    Never,
    /// Ask again after our own wait.
    Backoff,
    /// Ask again after the server's.
    After(Duration),
}

/// What an error status means for a retry.
pub(super) fn after_status(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Retry {
    let passing = matches!(status.as_u16(), 408 | 409 | 429 | 500..);
    let wanted = match header(headers, "x-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => passing,
    };
    if !wanted {
        return Retry::Never;
    }
    match asked_wait(headers, now) {
        Some(wait) if wait > ASKED_WAIT_MAX => Retry::Never,
        Some(wait) => Retry::After(wait),
        None => Retry::Backoff,
    }
}

/// The wait that the server asks for: the most exact of the headers that say one.
fn asked_wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let number = |name| header(headers, name).and_then(|text| text.trim().parse::<f64>().ok());
    let seconds = number("retry-after-ms")
        .map(|milliseconds| milliseconds / 1000.0)
        .or_else(|| number("retry-after"))
        .or_else(|| {
            let date = header(headers, "retry-after")?;
            let date = DateTimeParser::new().parse_timestamp(date).ok()?;
            Some(date.duration_since(now).as_secs_f64())
        })?;
    // Also for a number that no `Duration` holds: it is far over the limit.
    if seconds > ASKED_WAIT_MAX.as_secs_f64() {
        return Some(Duration::MAX);
    }
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl Retries {
    /// Our own wait before the next attempt: twice as long after each, less up to a quarter,
    /// `chance` (0–1) of it, so that many who failed together do not come back together.
    pub(super) fn wait(&self, made: u32, chance: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(made);
        let wait = self
            .first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait);
        wait.mul_f64(1.0 - 0.25 * chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn retry(status: u16, headers: &[(&'static str, &str)]) -> Retry {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let now = "2026-01-31T10:30:05Z".parse().unwrap();
        after_status(StatusCode::from_u16(status).unwrap(), &headers, now)
    }

    fn milliseconds(milliseconds: u64) -> Retry {
        Retry::After(Duration::from_millis(milliseconds))
    }

    #[test]
    fn what_passes_is_tried_again() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(retry(status, &[]), Retry::Backoff, "{status}");
            assert_eq!(retry(status, &[("x-should-retry", "false")]), Retry::Never);
        }
        for status in [300, 307, 400, 401, 403, 404, 422] {
            assert_eq!(retry(status, &[]), Retry::Never, "{status}");
            assert_eq!(retry(status, &[("x-should-retry", "true")]), Retry::Backoff);
        }
    }

    #[test]
    fn the_server_says_how_long_to_wait() {
        let rows: &[(&[(&'static str, &str)], Retry)] = &[
            (
                &[("retry-after-ms", "250"), ("retry-after", "9")],
                milliseconds(250),
            ),
            (
                &[("retry-after-ms", "soon"), ("retry-after", "9")],
                milliseconds(9000),
            ),
            (&[("retry-after", "1.5")], milliseconds(1500)),
            (&[("retry-after", "120")], milliseconds(120_000)),
            (
                &[("retry-after", "Sat, 31 Jan 2026 10:30:35 GMT")],
                milliseconds(30_000),
            ),
            (
                &[("retry-after", "Sat, 31 Jan 2026 10:00:00 GMT")],
                Retry::Backoff,
            ),
            (
                &[("retry-after", "Sun, 01 Feb 2026 10:00:00 GMT")],
                Retry::Never,
            ),
            (&[("retry-after", "121")], Retry::Never),
            (&[("retry-after", "86400")], Retry::Never),
            (&[("retry-after-ms", "1e300")], Retry::Never),
            (&[("retry-after", "inf")], Retry::Never),
            (&[("retry-after", "NaN")], Retry::Backoff),
            (&[("retry-after", "-1")], Retry::Backoff),
            (&[("retry-after", "0")], Retry::Backoff),
            (&[("retry-after", "later")], Retry::Backoff),
            (
                &[("retry-after", "0.1"), ("x-should-retry", "false")],
                Retry::Never,
            ),
        ];
        for (headers, expected) in rows {
            assert_eq!(retry(429, headers), *expected, "{headers:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_vary() {
        let retries = Retries::default();
        let waits: Vec<u128> = (0..6)
            .map(|made| retries.wait(made, 0.0).as_millis())
            .collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!(retries.wait(0, 1.0).as_millis(), 375);
        assert_eq!(retries.wait(u32::MAX, 1.0).as_millis(), 6000);
    }
}
