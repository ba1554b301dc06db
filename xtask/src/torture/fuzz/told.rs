//! What the engine told of a run, as a line of a table.

use std::fmt;
use std::path::PathBuf;

/// One target's run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    executions: u64,
    /// Places of the program that were reached.
    places: u64,
    /// Inputs that are kept, since each reaches what the others do not.
    corpus: usize,
    pub(super) findings: Vec<PathBuf>,
}

impl Told {
    pub(super) const HEAD: &str = "target     executions    places    corpus  findings";

    /// Out of the engine's lines: `#8192  pulse  cov: 5230 ft: 15000 corp: …`.
    pub(super) fn of(said: &str, corpus: usize) -> Self {
        let mut told = Self {
            corpus,
            ..Self::default()
        };
        for line in said.lines().filter(|line| line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let count = words.next().and_then(|word| word[1..].parse().ok());
            told.executions = told.executions.max(count.unwrap_or(0));
            let places = words.skip_while(|word| *word != "cov:").nth(1);
            told.places = places
                .and_then(|places| places.parse().ok())
                .unwrap_or(told.places);
        }
        told
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>11} {:>9} {:>9} {:>9}",
            self.executions,
            self.places,
            self.corpus,
            self.findings.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn the_engine_s_lines_are_counted() {
        let said = "INFO: Seed: 1\n#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0\n#4096\tpulse  cov: 88 ft: 140 corp: 20/1Kb lim: 43 exec/s: 2048 rss: 41Mb\n==1== ERROR: libFuzzer: deadly signal\n";
        let told = Told::of(said, 21);
        assert_eq!(
            told,
            Told {
                executions: 4_096,
                places: 88,
                corpus: 21,
                findings: Vec::new(),
            }
        );
        assert_eq!(
            told.to_string(),
            "       4096        88        21         0"
        );
        assert_eq!(Told::of("", 0), Told::default());
    }
}
