//! Any bytes through `rcompose::fuzz::dotenv`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| rcompose::fuzz::dotenv(bytes));
