//! What a trial found, as a table for a document.

use std::fmt;
use std::time::Duration;

/// Lines of what was measured and what came out.
#[derive(Clone, Debug, Default)]
pub struct Table {
    lines: Vec<(String, String)>,
}

impl Table {
    /// Adds a line.
    pub fn line(&mut self, measured: impl Into<String>, found: impl fmt::Display) -> &mut Table {
        self.lines.push((measured.into(), found.to_string()));
        self
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (measured, found) in &self.lines {
            writeln!(f, "| {measured} | {found} |")?;
        }
        Ok(())
    }
}

/// Seconds with two decimals.
pub(super) fn seconds(time: Duration) -> String {
    format!("{}.{:02} s", time.as_secs(), time.subsec_millis() / 10)
}

/// Milliseconds.
pub(super) fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// Of sorted times the median, the 99th of a hundred, and the largest.
pub(super) fn spread(mut times: Vec<Duration>, shown: impl Fn(Duration) -> String) -> String {
    times.sort();
    let at = |part: usize| {
        let last = times.len().saturating_sub(1);
        times.get(last * part / 100).copied().unwrap_or_default()
    };
    format!(
        "p50 {}, p99 {}, slowest {}",
        shown(at(50)),
        shown(at(99)),
        shown(at(100))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_the_middle_and_the_worst() {
        let times = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(spread(times, ms), "p50 50 ms, p99 99 ms, slowest 100 ms");
        assert_eq!(seconds(Duration::from_millis(8_049)), "8.04 s");
    }
}
