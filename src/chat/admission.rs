//! How many sockets, and how many messages.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Refusal;
use crate::config::ChatLimits;

/// Counts sockets, in all and by address.
#[derive(Debug, Clone)]
pub struct Admission {
    open: Arc<Mutex<Open>>,
    sockets: NonZeroUsize,
    sockets_per_address: Option<NonZeroUsize>,
}

#[derive(Debug, Default)]
struct Open {
    sockets: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one socket; dropping it makes room for another.
#[derive(Debug)]
pub struct SocketPlace {
    open: Arc<Mutex<Open>>,
    address: Option<IpAddr>,
}

impl Admission {
    /// Admits as many as these limits say.
    #[must_use]
    pub fn new(limits: &ChatLimits) -> Self {
        Self {
            open: Arc::default(),
            sockets: limits.sockets,
            sockets_per_address: limits.sockets_per_address,
        }
    }

    /// A place for a socket from this address, where there is one.
    #[must_use]
    pub fn place(&self, address: Option<IpAddr>) -> Option<SocketPlace> {
        let mut open = lock(&self.open);
        if open.sockets >= self.sockets.get() {
            return None;
        }
        if let (Some(address), Some(most)) = (address, self.sockets_per_address) {
            let of_address = open.by_address.entry(address).or_default();
            if *of_address >= most.get() {
                return None;
            }
            *of_address += 1;
        }
        open.sockets += 1;
        Some(SocketPlace {
            open: Arc::clone(&self.open),
            address: address.filter(|_| self.sockets_per_address.is_some()),
        })
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open(&self) -> usize {
        lock(&self.open).sockets
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.sockets -= 1;
        if let Some(address) = self.address
            && let Some(of_address) = open.by_address.get_mut(&address)
        {
            *of_address -= 1;
            if *of_address == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

/// How many messages one after another may be refused before the socket is closed.
const REFUSALS_MAX: u32 = 20;

/// Messages of one socket: a bucket that holds a burst and fills at a steady rate.
#[derive(Debug)]
pub(super) struct MessageRate {
    burst: f64,
    per_second: f64,
    left: f64,
    counted: Instant,
    refused: u32,
}

impl MessageRate {
    pub(super) fn new(limits: &ChatLimits) -> Self {
        let burst = f64::from(limits.message_burst.get());
        Self {
            burst,
            per_second: f64::from(limits.messages_per_minute.get()) / 60.0,
            left: burst,
            counted: Instant::now(),
            refused: 0,
        }
    }

    /// Counts a message.
    pub(super) fn admit(&mut self) -> Result<(), Refusal> {
        let now = Instant::now();
        let passed = now.duration_since(self.counted).as_secs_f64();
        self.counted = now;
        self.left = (self.left + passed * self.per_second).min(self.burst);
        if self.left >= 1.0 {
            self.left -= 1.0;
            self.refused = 0;
            return Ok(());
        }
        self.refused += 1;
        let wait = Duration::from_secs_f64((1.0 - self.left) / self.per_second);
        Err(Refusal::RateLimited(wait.as_secs() + 1))
    }

    /// Whether the client goes on sending although it was told not to.
    pub(super) fn is_flooding(&self) -> bool {
        self.refused > REFUSALS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(sockets: usize, per_address: Option<usize>) -> ChatLimits {
        ChatLimits {
            sockets: NonZeroUsize::new(sockets).unwrap(),
            sockets_per_address: per_address.and_then(NonZeroUsize::new),
            ..ChatLimits::default()
        }
    }

    #[test]
    fn places_are_counted_in_all_and_by_address_and_come_back() {
        let (here, there): (IpAddr, IpAddr) =
            ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let admission = Admission::new(&limits(3, Some(2)));
        let first = admission.place(Some(here)).unwrap();
        let _second = admission.place(Some(here)).unwrap();
        assert!(admission.place(Some(here)).is_none(), "two of one address");
        let _third = admission.place(Some(there)).unwrap();
        assert!(admission.place(None).is_none(), "three in all");
        drop(first);
        assert!(admission.place(Some(here)).is_some());
        assert_eq!(admission.open(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_admitted_then_a_steady_rate_and_a_flood_is_noticed() {
        let mut rate = MessageRate::new(&ChatLimits::default());
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
}
