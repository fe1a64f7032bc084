//! The lock and the counters of the store. In tests of schedules (feature `schedules`) a scheduler
//! decides at each of their uses which thread goes on; the service itself never holds those.

#[cfg(all(test, feature = "schedules"))]
pub(super) use shuttle::sync::{
    RwLock, RwLockReadGuard, RwLockWriteGuard,
    atomic::{AtomicU64, Ordering},
};
#[cfg(not(all(test, feature = "schedules")))]
pub(super) use std::sync::{
    RwLock, RwLockReadGuard, RwLockWriteGuard,
    atomic::{AtomicU64, Ordering},
};
