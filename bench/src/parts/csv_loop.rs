//! What reading a CSV costs at the least: its records, one after the other, and nothing done with
//! them.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::micros;

pub(super) fn bare(path: &Path) -> Result<Value> {
    let began = Instant::now();
    let mut reader = csv::ReaderBuilder::new().from_path(path)?;
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut bytes) = (0u64, 0usize);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
        bytes += record.as_slice().len();
    }
    Ok(json!({"rows": rows, "micros": micros(began), "bytes": bytes}))
}
