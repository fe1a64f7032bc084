//! The sample requests.
