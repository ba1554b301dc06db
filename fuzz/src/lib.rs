//! What every target shares: how fuzz bytes become a file, the laws that a
//! reading must keep whatever the file holds, and the sheets that a corpus
//! begins with. `cargo xtask torture fuzz` builds and runs the targets.

pub mod archives;
pub mod breaks;
pub mod digits;
pub mod frames;
pub mod reading;
pub mod records;
pub mod seeds;

/// The writers that the reader's own tests have.
#[allow(dead_code, unreachable_pub, unused_imports, clippy::unwrap_used)]
#[path = "../../crates/fee-sheet/tests/it"]
mod written {
    pub(crate) mod dress;
}

/// What a reading may hold at once: the service and its reader together stay
/// below it.
pub const MEMORY_BYTES_MAX: usize = 256 << 20;

/// Refuses to give more, which ends the process, and is a finding.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, MEMORY_BYTES_MAX);
