//! Identifiers that a spreadsheet or a program has changed before they were written
//! into a text file.

use crate::{Folder, read};

/// Why a sheet of these identifiers is held.
fn held(identifiers: &[&str]) -> Option<String> {
    let folder = Folder::new();
    let mut text = "Roll No,Name,Fee,Due Date\n".to_owned();
    for identifier in identifiers {
        text.push_str(&format!("{identifier},Ali,1500,2035-03-05\n"));
    }
    read(&folder.file("fees.csv", text)).unwrap().held
}

#[test]
fn identifiers_that_may_have_been_changed_are_asked_about() {
    for (identifiers, said) in [
        (
            &["5-Jan", "5-Feb", "5-13"][..],
            "look like dates (5-Jan, row 2; 2 in all)",
        ),
        (
            &["3520212345670000", "3520212345680000"],
            "all end in noughts",
        ),
        (&["3520210000000", "3520220000000"], "all end in noughts"),
        (&["1001.0", "1002.0"], "all end in .0"),
        (&["'0012", "'0013"], "have a quotation mark at an end"),
        (&["R-1", "ZN-1333\""], "(ZN-1333\", row 3; 1 in all)"),
    ] {
        let why = held(identifiers).unwrap_or_else(|| panic!("{identifiers:?}"));
        assert!(
            why.contains("column A “Roll No”") && why.contains(said),
            "{why}"
        );
    }
}

#[test]
fn identifiers_that_only_look_a_little_like_it_are_not() {
    for identifiers in [
        &["5-A", "5-13"][..],
        &["3520212345670", "3520212345671"],
        &["3520212345670000", "3520212345680001"],
        &["1.0", "1.1"],
        &["GF-JAN-5", "12-DEC"],
        &["1000", "2000", "20000"],
    ] {
        assert_eq!(held(identifiers), None, "{identifiers:?}");
    }
}
