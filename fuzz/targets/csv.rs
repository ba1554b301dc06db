//! Sheets as text, in every encoding and with every delimiter.

#![no_main]

use ingestd_fuzz::{reading, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::sow(seeds::csv), |bytes: &[u8]| {
    let _ = reading::hold(bytes);
});
