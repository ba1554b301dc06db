//! The moments at which the process may die, by their numbers, and a book of the kills that were
//! made there: `cargo xtask torture` names the book, and shows it as a table at its end.

use std::fs::OpenOptions;
use std::io::Write;

use crate::postgres::Engine;
use crate::world::World;

/// The file that each kill is noted in, a line each; without it none is.
const BOOK_VARIABLE: &str = "INGESTD_KILLS";

/// Each moment's number, and the places where a test kills the program to meet it: named moments of
/// the program itself, or what the wire to the hub had carried by then.
const PLACES: [(&str, &[&str]); 20] = [
    ("K1", &["file-seen"]),
    ("K2", &["file-complete"]),
    ("K3", &["copy-synced"]),
    ("K4", &["file-claimed"]),
    ("K5", &["reading-begun"]),
    ("K6", &["rows-partly-stored"]),
    ("K7", &["rows-stored"]),
    ("K8", &["chunks-planned"]),
    ("K9", &["intent-stored", "call-marked"]),
    ("K10", &["connected and nothing sent"]),
    ("K11", &["the body partly sent"]),
    ("K12", &["the body sent and no answer"]),
    ("K13", &["the answer partly read", "answer-read"]),
    ("K14", &["answer-stored"]),
    ("K15", &["callback-received"]),
    ("K16", &["callback-stored"]),
    ("K17", &["report-half-written"]),
    ("K18", &["original-moved"]),
    ("K19", &["decision-carried-out"]),
    ("K20", &["in-migration", "after-migration"]),
];

impl World {
    /// Notes that the program was killed there, for the table of `cargo xtask torture`.
    ///
    /// # Panics
    /// If the book can't be written.
    pub fn was_killed_at(&self, place: &str) {
        let Some(book) = std::env::var_os(BOOK_VARIABLE) else {
            return;
        };
        let line = line_of(place, self.engine());
        // One write to the end of the file: the tests of one program come one after the other.
        let mut book = OpenOptions::new()
            .append(true)
            .create(true)
            .open(book)
            .expect("the book of kills can be opened");
        book.write_all(line.as_bytes())
            .expect("the book of kills can be written");
    }
}

fn line_of(place: &str, engine: Engine) -> String {
    let place = place.split(':').next().unwrap_or(place);
    let number = PLACES
        .iter()
        .find(|(_, places)| places.contains(&place))
        .map_or("–", |(number, _)| number);
    let engine = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    format!("{number}\t{place}\t{engine}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_noted_by_its_number() {
        assert_eq!(
            line_of("answer-read:3", Engine::Sqlite),
            "K13\tanswer-read\tsqlite\n"
        );
        assert_eq!(
            line_of("at a random time", Engine::Postgres),
            "–\tat a random time\tpostgres\n"
        );
    }

    #[test]
    fn the_numbers_are_all_there() {
        let numbers: Vec<String> = PLACES.iter().map(|(number, _)| (*number).into()).collect();
        let expected: Vec<String> = (1..=20).map(|n| format!("K{n}")).collect();
        assert_eq!(numbers, expected);
    }
}
