//! Workbooks of Excel since 2007: their parts, packed.

#![no_main]

use ingestd_fuzz::{archives, reading, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::sow(seeds::xlsx), |bytes: &[u8]| {
    let _ = reading::hold(&archives::packed(bytes));
});
