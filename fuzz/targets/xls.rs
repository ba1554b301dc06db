//! Workbooks of Excel 97 to 2003: their records in a container, and containers as they are.

#![no_main]

use ingestd_fuzz::{reading, records, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::sow(seeds::xls), |bytes: &[u8]| {
    let _ = reading::hold(&records::xls(bytes));
});
