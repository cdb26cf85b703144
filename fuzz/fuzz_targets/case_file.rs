//! See the README.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| essaim_fuzz::case_file(bytes));
