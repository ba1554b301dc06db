//! How texts are told to be quoted, and what is made of them.

#![allow(clippy::unwrap_used)]

use std::io::Read;

use super::{Quoting, Tight, lone_mark, swallowed};

fn told(text: &str) -> Quoting {
    Quoting::told(text, true, b',')
}

#[test]
fn the_usual_way_is_taken_unless_it_tears_the_lines() {
    for text in [
        "Name,No\nAli,1\n",
        "Name,No\n\"Ali, Khan\",1\n\"Sana \"\"S\"\"\",2\n",
        "Name,No\nO'Neil,1\n'Ali,2\nSana','3\n",
        "Name,No\nAli,'0300\nSana,'0301\n",
        "Name,No\n'Ali',1\nSana,2\n",
        "Name,Path\nAli,\"C:\\fees\\\"\nSana,\"D:\\\"\n",
        "Name,No\n \"Ali,1\n",
    ] {
        assert_eq!(told(text), Quoting::USUAL, "{text:?}");
    }
}

#[test]
fn another_way_is_taken_where_only_it_keeps_the_lines_whole() {
    let single = told("Name,No\n'Khan, Ali',1\nO'Neil,2\n");
    assert_eq!((single.mark, single.escape), (b'\'', None));
    let letters = told("Name,No\n'Khan, Ali',1\n\"Ali\" Khan,2\n");
    assert_eq!(letters.mark, b'\'');
    let single = told("'Name','No'\n'Ali','1'\n");
    assert_eq!(single.mark, b'\'');
    let escaped = told("Name,No\n\"Ali, \\\"A\\\" Khan\",1\nSana,2\n");
    assert_eq!((escaped.mark, escaped.escape), (b'"', Some(b'\\')));
    let tight = told("Name, No\n\"Khan, Ali\", 1\nSana, \"2\"\n");
    assert!(tight.after_blanks && tight.mark == b'"');
}

#[test]
fn blanks_before_a_mark_are_taken_away_and_no_others() {
    let quoting = Quoting {
        after_blanks: true,
        ..Quoting::USUAL
    };
    let text = "a,  \"b, \"\"c\"\", \" , d e,   f\n \"g\",\"  \"h, \n   ";
    let wanted = "a,\"b, \"\"c\"\", \" , d e,   f\n\"g\",\"  \"h, \n   ";
    let mut tight = String::new();
    let mut reader = Tight::new(text.as_bytes(), b',', quoting);
    // However the bytes come.
    let mut one = [0; 1];
    while reader.read(&mut one).unwrap() == 1 {
        tight.push(char::from(one[0]));
    }
    assert_eq!(tight, wanted);
}

#[test]
fn a_mark_without_a_partner_is_found_in_its_line() {
    let lone = |text: &str| lone_mark(text.as_bytes(), b',', Quoting::USUAL);
    for fine in [
        "Ali,\"Khan, A\",1",
        "\"Ali\" Khan,1",
        "5\" pipe,\"\",1",
        "\"a\nb\" ,1",
        "\"a \"\"b, c\"\"\",1",
    ] {
        assert_eq!(lone(fine), None, "{fine}");
    }
    assert_eq!(lone("\"Ali,1,\"Khan, A\",2"), Some(0));
    assert_eq!(lone("\"\"Ali, Khan\",1"), Some(0));
    assert_eq!(lone("\"a\nb\",\"c\nd\"e,1"), Some(1));
    assert_eq!(lone("a,\"b"), Some(0));
    assert_eq!(lone("1,\"Bilal \"Bobby\" K\",2"), Some(0));
    assert_eq!(lone("1,\"a\nb\",\"Ali \"A\" Khan\""), Some(1));
    assert_eq!(lone("\"Ali\" \"Khan\",2"), Some(0));
}

#[test]
fn a_mark_that_took_a_row_along_is_found_and_an_address_of_two_lines_is_none() {
    let swallowed = |text: &str| swallowed(text.as_bytes(), b',', b'"');
    for (text, line) in [
        ("1,\"Ali,2000,25/12/2026\n2,Bilal\",2000,25/12/2026\n", 0),
        ("1,\"Ali,2000,25/12/2026\r\n2,Bilal\",500,1/2/2026\r\n", 0),
        ("\"1,Ali,2000\n2\",Bilal,300", 0),
        ("1,\"note\nx,Ali,2,3/4\ny,b\",6,7/8", 1),
    ] {
        assert_eq!(swallowed(text), Some(line), "{text}");
    }
    for fine in [
        "1,\"House 5, Street 2, Block C\nLahore, Pakistan\",2000,25/12/2026",
        "1,\"Ali\nKhan\",2000,25/12/2026",
        "1,\"a, b\nc, d\",2000",
        "\"Ali\n1\",2",
        "\"Fee\n(Rs, Ps)\",Name,Due\n",
    ] {
        assert_eq!(swallowed(fine), None, "{fine}");
    }
}
