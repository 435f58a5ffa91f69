//! Any bytes through `rcompose::fuzz::interpolation`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| rcompose::fuzz::interpolation(bytes));
