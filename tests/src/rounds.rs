//! How often a scenario lives through its faults.

/// Once, or as often as `cargo xtask torture` says (`INGESTD_TORTURE`).
pub fn rounds_of_torture() -> u32 {
    std::env::var("INGESTD_TORTURE")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(1)
}
