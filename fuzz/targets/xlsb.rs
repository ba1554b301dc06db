//! Workbooks of Excel in their binary writing: their records, packed.

#![no_main]

use ingestd_fuzz::{archives, reading, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::sow(seeds::xlsb), |bytes: &[u8]| {
    let _ = reading::hold(&archives::packed(bytes));
});
