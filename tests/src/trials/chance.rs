//! Chance from a number: the same in every run, so that a trial that went wrong can be looked at again.

/// A stream of numbers (SplitMix64).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn from(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `parts`, which is at least 1.
    pub(super) fn below(&mut self, parts: usize) -> usize {
        let parts = u64::try_from(parts.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % parts).unwrap_or(0)
    }
}
