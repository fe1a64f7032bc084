//! Drives the real server on a real port.

mod catalog_files;
mod cross_origin;
mod rest;
mod runs;
mod sample_requests;
mod seed;
mod support;
