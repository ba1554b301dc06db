//! How many calls a sheet takes: its rows in order, cut into requests.

use std::num::NonZeroU16;
use std::ops::Range;

/// The most rows one `add-bulk` takes (guide, section 3).
pub const ROWS_PER_REQUEST_MAX: u16 = 5000;

/// Ranges that cover `0..rows`, each row once and in order, each at most
/// `per_request` long, and never over [`ROWS_PER_REQUEST_MAX`].
///
/// ```
/// use std::num::NonZeroU16;
/// use asaanbill_core::chunks;
///
/// let cut: Vec<_> = chunks(12_000, NonZeroU16::MAX).collect();
/// assert_eq!(cut, [0..5000, 5000..10_000, 10_000..12_000]);
/// ```
pub fn chunks(rows: u64, per_request: NonZeroU16) -> impl Iterator<Item = Range<u64>> {
    let step = u64::from(per_request.get().min(ROWS_PER_REQUEST_MAX));
    (0..rows.div_ceil(step)).map(move |n| n * step..rows.min((n + 1).saturating_mul(step)))
}
