#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mcop_fuzz::trace_headers(input));
