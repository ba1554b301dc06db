//! Names of files we write beside a sheet. A sheet's own name may be as long as a name can be, so
//! that nothing fits behind it: then it is cut, and the file's number keeps it one of its kind.

use std::ffi::{OsStr, OsString};

/// Bytes a name may have, on every file system that matters here.
pub const NAME_MAX: usize = 255;

/// The longest of our endings, and what it is called while it is being written.
const REPORT_ENDING_MAX: usize = ".results.xlsx.tmp".len();
/// An ending of a sheet's name that is kept when the name is cut.
const EXTENSION_MAX: usize = 8;

/// A name as it is shown, stored, and used for what is written beside the sheet: in it nothing
/// breaks a line, turns the direction of what follows, or can't be seen. Such characters, and what
/// is no text at all, become the sign for a character that can't be shown. The file itself keeps
/// its name.
pub fn shown(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let plain = |c: char| match unseen(c) {
        true => char::REPLACEMENT_CHARACTER,
        false => c,
    };
    name.chars().map(plain).collect()
}

/// Controls, the ends of lines and paragraphs, and what steers the direction of writing. The
/// joiners of Urdu and of emoji are part of words.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `NAME` and an ending, or `NAM-ID` and the ending where the whole does not fit.
pub fn name_with(name: &str, ending: &str, file_id: i64) -> String {
    if name.len() + ending.len() <= NAME_MAX {
        return format!("{name}{ending}");
    }
    let tag = format!("-{file_id}");
    let room = NAME_MAX.saturating_sub(tag.len() + ending.len());
    format!("{}{tag}{ending}", cut(name, room))
}

/// What the names of a file's reports begin with: its name, if all of them fit.
pub fn report_stem(name: &str) -> Option<&str> {
    (name.len() + REPORT_ENDING_MAX <= NAME_MAX).then_some(name)
}

/// The same with the file's number, which no other file has; it always fits.
pub fn numbered_report_stem(name: &str, file_id: i64) -> String {
    let tag = format!("-{file_id}");
    let room = NAME_MAX - REPORT_ENDING_MAX - tag.len();
    format!("{}{tag}", cut(name, room))
}

/// A name with a tag before its ending (`fees-7.csv`), cut where it would be too long.
pub(super) fn tagged(name: &OsStr, tag: &str) -> OsString {
    let path = std::path::Path::new(name);
    let mut whole = path.file_stem().unwrap_or_default().to_os_string();
    whole.push(tag);
    if let Some(extension) = path.extension() {
        whole.push(".");
        whole.push(extension);
    }
    if whole.len() <= NAME_MAX {
        return whole;
    }
    let name = name.to_string_lossy();
    let (stem, extension) = split(&name);
    let room = NAME_MAX.saturating_sub(tag.len() + extension.len());
    format!("{}{tag}{extension}", cut(stem, room)).into()
}

/// A name in so many bytes: letters stay whole, and a short ending (`.csv`) stays.
fn cut(name: &str, room: usize) -> String {
    if name.len() <= room {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    let room = room.saturating_sub(extension.len());
    format!("{}{extension}", &stem[..stem.floor_char_boundary(room)])
}

fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= EXTENSION_MAX => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_shown_in_one_line_and_in_its_own_direction() {
        let plain = [
            "fees.csv",
            "فیس مارچ.xlsx",
            "می\u{200c}خواهم.csv",
            "a  b.csv",
        ];
        for name in plain {
            assert_eq!(shown(OsStr::new(name)), name);
        }
        let odd = "a\nb\r\tc\u{202e}vsc.xlsx\u{2029}\u{7f}";
        assert_eq!(shown(OsStr::new(odd)), "a�b��c�vsc.xlsx��");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert_eq!(shown(OsStr::from_bytes(b"f\xe9es.csv")), "f�es.csv");
        }
    }

    #[test]
    fn names_of_every_length_and_script_fit_and_stay_apart() {
        for letter in ["x", "ف", "💰"] {
            for bytes in [8, 60, 180, 200, 237, 238, 239, 254, 255] {
                let name = format!("{}.csv", letter.repeat((bytes - 1) / letter.len()));
                for ending in ["results.xlsx", "held.txt.tmp"] {
                    let plain = report_stem(&name).map(|stem| format!("{stem}.{ending}"));
                    let numbered = |id| format!("{}.{ending}", numbered_report_stem(&name, id));
                    assert!(plain.is_none_or(|plain| plain.len() <= NAME_MAX));
                    assert!(numbered(i64::MAX).len() <= NAME_MAX);
                    assert_ne!(numbered(1), numbered(2));
                    assert!(numbered(7).contains(".csv-7."), "{}", numbered(7));
                }
                let note = name_with(&name, ".duplicate.txt", 12);
                assert!(note.len() <= NAME_MAX && note.ends_with(".duplicate.txt"));
                let moved = tagged(OsStr::new(&name), "-12-3");
                let moved = moved.to_str().unwrap();
                assert!(moved.len() <= NAME_MAX && moved.ends_with("-12-3.csv"));
            }
        }
        assert_eq!(tagged(OsStr::new("fees.csv"), "-7"), "fees-7.csv");
        assert_eq!(name_with("fees.csv", ".why.txt", 7), "fees.csv.why.txt");
        assert_eq!(report_stem("fees.csv"), Some("fees.csv"));
        assert_eq!(numbered_report_stem("fees.csv", 7), "fees.csv-7");
    }
}
