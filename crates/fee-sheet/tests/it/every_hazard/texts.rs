//! Text files: their letters, their delimiters, and where their lines end.

use encoding_rs::{WINDOWS_1252, WINDOWS_1256};

use super::{Hazard, Must, PLAIN, hazard, plain, refused, rows};

const SHEET: &str = "Name,Roll No,Fee,Due Date\nAli,FS-1,1500,2035-03-05\n";
const HEADINGS: &str = "Name,Roll No,Fee,Due Date\n";

fn utf16(text: &str, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// A sheet with a name in it.
fn named(name: &str) -> String {
    format!("{HEADINGS}{name},FS-1,1500,2035-03-05\nAli,FS-2,1500,2035-03-05\n")
}

fn read_as(name: &str) -> Must {
    let named = format!("2|{name}|FS-1|1500.00|2035-03-05|");
    Must::Read(rows(&[&named, "3|Ali|FS-2|1500.00|2035-03-05|"]), &[])
}

fn delimited(by: &str) -> String {
    ["Name", "Roll No", "Fee", "Due Date"].join(by)
        + "\n"
        + &["Ali", "FS-1", "1,500", "2035-03-05"].join(by)
        + "\n"
}

pub(super) fn all() -> Vec<Hazard> {
    let urdu = "عائشہ صدیقہ";
    let mark = |text: &str| ["\u{feff}", text].concat();
    vec![
        hazard("UTF-8", named(urdu), read_as(urdu)),
        hazard("UTF-8 with its mark", mark(&named(urdu)), read_as(urdu)),
        hazard(
            "UTF-16, the low byte first",
            utf16(&mark(&named(urdu)), u16::to_le_bytes),
            read_as(urdu),
        ),
        hazard(
            "UTF-16, the high byte first",
            utf16(&mark(&named(urdu)), u16::to_be_bytes),
            read_as(urdu),
        ),
        hazard(
            "UTF-16 without its mark",
            utf16(&named("Zoë"), u16::to_le_bytes),
            read_as("Zoë"),
        ),
        hazard(
            "Windows-1252",
            WINDOWS_1252.encode(&named("Zoë Müller")).0.into_owned(),
            read_as("Zoë Müller"),
        ),
        hazard(
            "Windows-1256",
            WINDOWS_1256.encode(&named("فاطمہ محمد")).0.into_owned(),
            read_as("فاطمہ محمد"),
        ),
        hazard("semicolons", delimited(";"), plain()),
        hazard("tabs", delimited("\t"), plain()),
        hazard("upright strokes", delimited("|"), plain()),
        hazard(
            "an unbalanced quote",
            format!(
                "{SHEET}\"Sana,FS-2,1500,2035-03-05\n{}",
                "Zain,FS-3,1500,2035-03-05\n".repeat(50)
            ),
            refused("marks of line 3"),
        ),
        hazard(
            "NULs",
            format!("{SHEET}\0\0\0\0\0\0\0\0\0\0Sana,FS-2,1600,2035-03-05\n"),
            // What can't be seen is taken out of titles where a bill is made of them.
            Must::Read(
                rows(&[PLAIN, "3|\0\0\0\0\0\0\0\0\0\0Sana|FS-2|1600.00|2035-03-05|"]),
                &[],
            ),
        ),
        hazard("nothing but NULs", vec![0; 5_000], refused("damaged")),
        hazard(
            "an endless line",
            format!("{HEADINGS}{}", "x".repeat(32 << 20)),
            refused("too large"),
        ),
        hazard(
            "a hundred million commas",
            [HEADINGS.as_bytes(), &vec![b','; 100_000_000]].concat(),
            refused("too large"),
        ),
        hazard(
            "ragged rows",
            format!("{SHEET}Sana,FS-2\nZain,FS-3,1500,2035-03-05,more,and more\n"),
            Must::Read(
                rows(&[
                    PLAIN,
                    "3|Sana|FS-2|||",
                    "4|Zain|FS-3|MoreCells { cells: 6, headings: 4 }|2035-03-05|",
                ]),
                &[],
            ),
        ),
        hazard("bare CR", SHEET.replace('\n', "\r"), plain()),
        hazard(
            "embedded newlines",
            format!("{HEADINGS}\"Ali\nKhan\",FS-1,1500,2035-03-05\n"),
            Must::Read(rows(&["2|Ali\nKhan|FS-1|1500.00|2035-03-05|"]), &[]),
        ),
    ]
}
