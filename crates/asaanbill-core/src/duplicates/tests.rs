//! Identifiers met twice, against a plain map of all of them.

use super::*;
use std::collections::HashMap;

/// The same answers, from maps that take ten times the memory.
#[derive(Default)]
struct Plain {
    exact: HashMap<String, (u32, bool)>,
    leaders: HashMap<String, (u32, bool)>,
}

impl Plain {
    fn add(&mut self, identifier: &str, row: u32) -> Sighting {
        let report = |earlier: &mut (u32, bool)| {
            let unreported = !std::mem::replace(&mut earlier.1, true);
            Earlier {
                row: earlier.0,
                unreported,
            }
        };
        if let Some(earlier) = self.exact.get_mut(identifier) {
            return Sighting {
                same: Some(report(earlier)),
                twin: None,
            };
        }
        self.exact.insert(identifier.to_owned(), (row, false));
        let mut folded = String::new();
        fold(identifier, &mut folded);
        let twin = self.leaders.get_mut(&folded).map(report);
        self.leaders.entry(folded).or_insert((row, false));
        Sighting { same: None, twin }
    }
}

#[test]
fn agrees_with_plain_maps_across_many_growths() {
    let mut seen = Seen::new();
    let mut plain = Plain::default();
    for n in 0..40_000u32 {
        let number = n.wrapping_mul(2_654_435_761) % 15_000;
        let identifier = match n % 4 {
            0 => format!("FS-{number}"),
            1 => format!("fs-{number}"),
            2 => format!("Fs-{number}-عائشہ"),
            _ => format!("strasse-{number}-ß"),
        };
        assert_eq!(
            seen.add(&identifier, n),
            plain.add(&identifier, n),
            "{identifier}"
        );
    }
    assert_eq!(seen.len(), plain.exact.len());
}

#[test]
fn a_group_names_all_its_rows() {
    let mut seen = Seen::new();
    for (row, identifier) in ["a", "b", "a", "A", "c", "b", "a", ""]
        .into_iter()
        .enumerate()
    {
        seen.add(identifier, u32::try_from(row).unwrap_or(u32::MAX));
    }
    assert_eq!(seen.duplicate_groups(), [vec![0, 2, 6], vec![1, 5]]);
    assert_eq!(seen.twin_groups(), [vec![0, 3]]);
    assert!(!seen.is_empty());
}

#[test]
fn long_identifiers_are_told_apart_to_the_last_byte() {
    let mut seen = Seen::new();
    let long = |end: &str| "X".repeat(70_000) + end;
    for (n, length) in [253, 254, 255, 256].into_iter().enumerate() {
        assert!(
            seen.add(&"Y".repeat(length), u32::try_from(n).unwrap_or(u32::MAX))
                .is_first()
        );
    }
    assert!(seen.add(&long("1"), 10).is_first());
    assert!(seen.add(&long("2"), 11).is_first());
    assert_eq!(
        seen.add(&long("1"), 12).same.map(|earlier| earlier.row),
        Some(10)
    );
    assert_eq!(
        seen.add(&"Y".repeat(255), 13)
            .same
            .map(|earlier| earlier.row),
        Some(2)
    );
}

#[test]
fn a_word_in_fifty_thousand_spellings_is_one_group() {
    let mut seen = Seen::new();
    let mut plain = Plain::default();
    for round in 0..2u32 {
        for n in 0..50_000u32 {
            let spelled: String = (0..16)
                .map(|bit| if n >> bit & 1 == 1 { 'A' } else { 'a' })
                .collect();
            let row = round * 50_000 + n;
            assert_eq!(
                seen.add(&spelled, row),
                plain.add(&spelled, row),
                "{spelled}"
            );
        }
    }
    assert_eq!(
        seen.twin_groups().iter().map(Vec::len).collect::<Vec<_>>(),
        [50_000]
    );
    assert_eq!(seen.duplicate_groups().len(), 50_000);
}

#[test]
fn a_million_identifiers_fit_into_forty_megabytes() {
    use std::fmt::Write;
    let mut seen = Seen::new();
    let mut identifier = String::new();
    for row in 0..1_000_000u32 {
        identifier.clear();
        write!(identifier, "GF-2035-{row:07}").unwrap_or_default();
        assert!(seen.add(&identifier, row).is_first());
    }
    let bytes = seen.arena.capacity()
        + seen.entries.capacity() * size_of::<Entry>()
        + seen.marks.capacity()
        + seen.slots.capacity() * size_of::<u32>()
        + seen.tags.capacity();
    assert!(bytes < 40_000_000, "{bytes} bytes");
}

#[test]
fn the_first_spelling_of_each_identifier_is_known_at_the_end() {
    let mut seen = Seen::new();
    for (row, identifier) in ["GF-1", "GF-2", "gf-2", "Gf-1", "gf-1", "GF-2", "Ä-3", "ä-3"]
        .into_iter()
        .enumerate()
    {
        seen.add(identifier, u32::try_from(row).unwrap_or(u32::MAX));
    }
    let first = |row, identifier, next_row| FirstSpelling {
        row,
        identifier,
        next_row,
    };
    assert_eq!(
        seen.first_spellings(),
        [first(0, "GF-1", 3), first(1, "GF-2", 2), first(6, "Ä-3", 7)]
    );
}

#[test]
fn letters_and_digits_that_arabic_and_urdu_write_differently_are_twins() {
    for (one, other) in [
        ("علی-۱۲", "علي-١٢"),
        ("کلاس-5", "كلاس-5"),
        ("GR-۱۲۳", "gr-123"),
        ("محمّد ـ7", "محمد 7"),
    ] {
        let mut seen = Seen::new();
        assert!(seen.add(one, 1).is_first());
        let sighting = seen.add(other, 2);
        assert_eq!(sighting.same, None, "{one} {other}");
        assert_eq!(sighting.twin.map(|twin| twin.row), Some(1), "{one} {other}");
    }
    let mut seen = Seen::new();
    assert!(seen.add("علی-۱۲", 1).is_first());
    assert!(seen.add("علی-۱۳", 2).is_first());
}

#[test]
fn what_was_met_twice_is_known_when_the_search_is_over() {
    let mut seen = Seen::new();
    for (row, identifier) in ["GF-1", "GF-2", "gf-2", "GF-1", "GF-2", "Gf-2", "GF-1"]
        .into_iter()
        .enumerate()
    {
        seen.add(identifier, u32::try_from(row).unwrap_or(u32::MAX));
    }
    let met = seen.into_met();
    let told: Vec<_> = met
        .repeats()
        .iter()
        .map(|(number, row)| (met.identifier(*number), met.first_row(*number), *row))
        .collect();
    assert_eq!(
        told,
        [
            ("GF-1", Some(0), 3),
            ("GF-1", Some(0), 6),
            ("GF-2", Some(1), 4)
        ]
    );
    assert_eq!(met.spellings(), [(1, 2)]);
    assert_eq!((met.first_row(9), met.identifier(9)), (None, ""));
}
