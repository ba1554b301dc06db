//! Medians, spreads and ratios, in whole numbers: a ratio is so many thousandths.

use std::fmt;

/// So many thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ratio(pub(crate) u64);

impl Ratio {
    /// `one` by `other`; nothing by nothing is nothing.
    pub(crate) fn of(one: u64, other: u64) -> Ratio {
        let thousandths = u128::from(one) * 1000 / u128::from(other.max(1));
        Ratio(u64::try_from(thousandths).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            large @ 100_000.. => write!(f, "{}", large / 1000),
            middle @ 10_000.. => write!(f, "{}.{}", middle / 1000, middle % 1000 / 100),
            small => write!(f, "{}.{:02}", small / 1000, small % 1000 / 10),
        }
    }
}

/// The middle one; of an even number the lower of the two.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

/// How far apart the least and the largest are, in parts of the median.
pub(crate) fn spread(values: &[u64]) -> Ratio {
    let least = values.iter().min().copied().unwrap_or_default();
    let largest = values.iter().max().copied().unwrap_or_default();
    Ratio::of(largest - least, median(values.to_vec()))
}

/// The value that so many of a hundred do not exceed.
pub(crate) fn of_hundred(values: &[u64], part: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * part / 100).copied().unwrap_or_default()
}

/// Rows in a second.
pub(crate) fn per_second(rows: u64, micros: u64) -> u64 {
    let rate = u128::from(rows) * 1_000_000 / u128::from(micros.max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// `1234567` as `1.23 M`, `12345` as `12.3 k`.
pub(crate) fn short(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{}.{} k", n / 1000, n % 1000 / 100),
        _ => format!("{}.{:02} M", n / 1_000_000, n % 1_000_000 / 10_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_shows_as_many_digits_as_say_something() {
        assert_eq!(Ratio::of(1, 3).to_string(), "0.33");
        assert_eq!(Ratio::of(47, 4).to_string(), "11.7");
        assert_eq!(Ratio::of(1234, 1).to_string(), "1234");
        assert_eq!(Ratio::of(0, 0), Ratio(0));
    }

    #[test]
    fn the_middle_one_is_the_median_whatever_the_order() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![4, 2]), 2);
        assert_eq!(median(Vec::new()), 0);
        assert_eq!(spread(&[80, 100, 120]), Ratio(400));
        assert_eq!(of_hundred(&[3, 1, 2], 50), 2);
        assert_eq!(of_hundred(&[3, 1, 2], 100), 3);
    }

    #[test]
    fn rates_are_short_to_read() {
        assert_eq!(short(per_second(1_000_000, 400_000)), "2.50 M");
        assert_eq!(short(12_345), "12.3 k");
        assert_eq!(short(940), "940");
    }
}
