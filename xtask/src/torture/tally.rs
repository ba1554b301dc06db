//! The book of kills (`tests/src/kills.rs` writes it, a line a kill), counted.

use std::collections::BTreeMap;
use std::fmt;

/// Each moment at which the process may die, and what had been done by then.
const MOMENTS: [(&str, &str); 20] = [
    ("K1", "file seen"),
    ("K2", "found stable"),
    ("K3", "spool copy synced"),
    ("K4", "file claimed by its hash"),
    ("K5", "reading begun"),
    ("K6", "some rows stored"),
    ("K7", "all rows stored"),
    ("K8", "chunks planned"),
    ("K9", "intent committed"),
    ("K10", "connected, nothing sent"),
    ("K11", "body partly sent"),
    ("K12", "body sent, no answer"),
    ("K13", "answer read, not stored"),
    ("K14", "answer stored"),
    ("K15", "callback received, not stored"),
    ("K16", "callback stored, not answered"),
    ("K17", "result sheet half written"),
    ("K18", "original moved"),
    ("K19", "retry stored, not sent"),
    ("K20", "in a migration, or right after one"),
];

const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// Kills by moment, place and engine.
pub(super) struct Tally(BTreeMap<(String, String), [usize; 2]>);

impl Tally {
    pub(super) fn of(book: &str) -> Tally {
        let mut kills: BTreeMap<_, [usize; 2]> = BTreeMap::new();
        for line in book.lines() {
            let mut cells = line.split('\t').map(str::to_owned);
            if let (Some(moment), Some(place), Some(engine)) =
                (cells.next(), cells.next(), cells.next())
                && let Some(which) = ENGINES.iter().position(|known| *known == engine)
            {
                kills.entry((moment, place)).or_default()[which] += 1;
            }
        }
        Tally(kills)
    }

    fn at(&self, moment: &str) -> Vec<(&str, [usize; 2])> {
        let here = self.0.iter().filter(|((known, _), _)| known == moment);
        here.map(|((_, place), kills)| (place.as_str(), *kills))
            .collect()
    }

    /// The moments at which the program was killed less often than that, on one engine or both.
    pub(super) fn fewer_than(&self, rounds: usize) -> Vec<String> {
        let mut fewer = Vec::new();
        for (moment, _) in MOMENTS {
            for (which, engine) in ENGINES.iter().enumerate() {
                let kills: usize = self.at(moment).iter().map(|(_, kills)| kills[which]).sum();
                if kills < rounds {
                    fewer.push(format!("{kills} at {moment} on {engine}"));
                }
            }
        }
        fewer
    }
}

/// As a table for a document.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| moment | killed at | SQLite | PostgreSQL |")?;
        writeln!(f, "|---|---|---|---|")?;
        let elsewhere = ("–", "elsewhere");
        for (moment, what) in MOMENTS.into_iter().chain([elsewhere]) {
            for (place, [sqlite, postgres]) in self.at(moment) {
                writeln!(f, "| {moment} {what} | {place} | {sqlite} | {postgres} |")?;
            }
        }
        let sum = |which: usize| self.0.values().map(|kills| kills[which]).sum::<usize>();
        write!(f, "| all | | {} | {} |", sum(0), sum(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_are_counted_by_moment_place_and_engine() {
        let book = "K9\tintent-stored\tsqlite\nK9\tintent-stored\tsqlite\nK9\tcall-marked\tpostgres\n\
                    –\tat a random time\tsqlite\n";
        let tally = Tally::of(book);
        let table = tally.to_string();
        assert!(table.contains("| K9 intent committed | intent-stored | 2 | 0 |"));
        assert!(table.contains("| K9 intent committed | call-marked | 0 | 1 |"));
        assert!(table.contains("| – elsewhere | at a random time | 1 | 0 |"));
        assert!(table.ends_with("| all | | 3 | 1 |"));
        let fewer = tally.fewer_than(1);
        assert_eq!(fewer.len(), 2 * 19);
        assert!(!fewer.iter().any(|moment| moment.contains("K9")));
        assert!(fewer.contains(&"0 at K20 on postgres".to_owned()));
        let fewer = tally.fewer_than(2);
        assert!(fewer.contains(&"1 at K9 on postgres".to_owned()));
        assert!(!fewer.iter().any(|moment| moment.ends_with("K9 on sqlite")));
    }
}
