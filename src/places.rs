//! Places for what stays open: so many in all, and so many for one client.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client::ClientAddress;

/// Places, counted in all and by client. Copies count together.
#[derive(Debug, Clone)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    most: NonZeroUsize,
    most_of_client: Option<NonZeroUsize>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_client: HashMap<Option<ClientAddress>, usize>,
}

/// A place; dropping it makes room for another.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    client: Option<ClientAddress>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    InAll,
    /// The client has as many as one may have.
    OfClient,
}

impl Places {
    /// As many as this in all, and of them as many for one client.
    #[must_use]
    pub fn new(most: NonZeroUsize, most_of_client: Option<NonZeroUsize>) -> Self {
        Self {
            taken: Arc::default(),
            most,
            most_of_client,
        }
    }

    /// A place for this client; those of whom nothing is known count as one.
    ///
    /// # Errors
    /// See [`Full`].
    pub fn take(&self, client: Option<ClientAddress>) -> Result<Place, Full> {
        let mut taken = lock(&self.taken);
        if taken.all >= self.most.get() {
            return Err(Full::InAll);
        }
        // No longer than the places that are taken.
        let of_client = taken.by_client.get(&client).copied().unwrap_or(0);
        if self
            .most_of_client
            .is_some_and(|most| of_client >= most.get())
        {
            return Err(Full::OfClient);
        }
        taken.by_client.insert(client, of_client + 1);
        taken.all += 1;
        Ok(Place {
            taken: Arc::clone(&self.taken),
            client,
        })
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        lock(&self.taken).all
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.all -= 1;
        if let Some(of_client) = taken.by_client.get_mut(&self.client) {
            *of_client -= 1;
            if *of_client == 0 {
                taken.by_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(address: &str) -> ClientAddress {
        let address: IpAddr = address.parse().unwrap();
        address.into()
    }

    #[test]
    fn places_are_counted_in_all_and_by_client_and_come_back() {
        let here = Some(client("192.0.2.1"));
        let there = Some(client("192.0.2.2"));
        let places = Places::new(NonZeroUsize::new(4).unwrap(), NonZeroUsize::new(2));
        let first = places.take(here).unwrap();
        let _second = places.take(here).unwrap();
        assert_eq!(places.take(here).unwrap_err(), Full::OfClient);
        let unknown = [places.take(None).unwrap(), places.take(None).unwrap()];
        assert_eq!(places.take(there).unwrap_err(), Full::InAll);
        drop(first);
        assert_eq!(places.take(None).unwrap_err(), Full::OfClient);
        assert!(places.take(there).is_ok());
        drop(unknown);
        assert_eq!(places.taken(), 1);
        assert_eq!(lock(&places.taken).by_client.len(), 1, "none lingers");
    }

    #[test]
    fn a_64_network_of_ipv6_is_one_client() {
        let places = Places::new(NonZeroUsize::new(4).unwrap(), NonZeroUsize::new(1));
        let _place = places.take(Some(client("2001:db8:1:2::3"))).unwrap();
        let neighbour = Some(client("2001:db8:1:2:ffff::4"));
        assert_eq!(places.take(neighbour).unwrap_err(), Full::OfClient);
        assert!(places.take(Some(client("2001:db8:1:3::3"))).is_ok());
    }
}
