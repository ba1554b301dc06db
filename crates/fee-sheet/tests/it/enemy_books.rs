//! Workbooks that are broken, or meant to break, whatever their format: each
//! is read or refused in a sentence, at once and in little memory.

use fee_sheet::Unreadable;
use proptest::prelude::*;

use crate::dress::{ALL, Book, Page, number, ods, text, xls};
use crate::enemy_open_books::ods_with;
use crate::enemy_xls::xls_with;
use crate::enemy_xlsb::xlsb_with;
use crate::{Folder, Read, read};

pub(crate) fn told(bytes: impl AsRef<[u8]>) -> Result<Read, Unreadable> {
    let folder = Folder::new();
    read(&folder.file("enemy.dat", bytes))
}

pub(crate) fn is_damaged(result: &Result<Read, Unreadable>) -> bool {
    matches!(result, Err(Unreadable::Damaged(_)))
}

pub(crate) fn is_too_large(result: &Result<Read, Unreadable>) -> bool {
    matches!(result, Err(Unreadable::TooLarge { .. }))
}

#[test]
fn a_part_that_is_packed_in_a_way_nobody_knows_is_the_file_s_fault_and_not_the_disk_s() {
    const UNKNOWN: [u8; 2] = 23_117_u16.to_le_bytes();
    for dress in ALL {
        let whole = dress.write(&Book::plain());
        let listed = |at: &usize| whole[*at..].starts_with(b"PK\x01\x02");
        for at in (0..whole.len()).filter(listed) {
            let offset = whole[at + 42..at + 46].try_into().unwrap();
            let head = u32::from_le_bytes(offset) as usize;
            // The way stands twice: in the list, and in front of the part.
            for places in [&[at + 10][..], &[head + 8], &[at + 10, head + 8]] {
                let mut bytes = whole.clone();
                for place in places {
                    bytes[*place..*place + 2].copy_from_slice(&UNKNOWN);
                }
                if let Err(why) = told(&bytes) {
                    assert!(!matches!(why, Unreadable::Io(_)), "{dress:?}: {why}");
                }
            }
        }
    }
}

#[test]
fn a_workbook_with_a_password_is_told_in_every_format() {
    let old = xls_with(|part, records| {
        if part == 0 {
            records.insert(1, (0x002F, vec![1, 0, 1, 0, 1, 0]));
        }
    });
    assert!(matches!(old, Err(Unreadable::Encrypted)), "{old:?}");
    let locked = |all: bool| {
        ods_with(move |name, text| match name {
            "META-INF/manifest.xml" => {
                text.replace("/>", "><manifest:encryption-data/></manifest:file-entry>")
            }
            "content.xml" if all => "\u{7}\u{11}k3<".repeat(500),
            _ => text,
        })
    };
    let open = locked(true);
    assert!(matches!(open, Err(Unreadable::Encrypted)), "{open:?}");
    // The password of a library of macros is none of the sheets'.
    let only_macros = locked(false);
    assert!(only_macros.is_ok(), "{only_macros:?}");
    let new = told(xls::container("EncryptedPackage", &[7; 5_000]));
    assert!(matches!(new, Err(Unreadable::Encrypted)), "{new:?}");
}

#[test]
fn macros_are_mentioned_in_every_format() {
    let book = ods::write_changed(&Book::plain(), |_, text| text);
    let folder = Folder::new();
    let path = folder.file("plain.ods", &book);
    let with = folder.at("macros.ods");
    let mut archive = zip::ZipWriter::new_append(
        std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap(),
    )
    .unwrap();
    let plain = zip::write::SimpleFileOptions::default();
    archive.start_file("Basic/script-lc.xml", plain).unwrap();
    archive.finish().unwrap();
    std::fs::copy(&path, &with).unwrap();
    assert!(read(&with).unwrap().notes[0].contains("macros"));
}

#[test]
fn a_page_of_many_texts_goes_over_several_records() {
    let mut page = Page::new("A");
    page.headings(0);
    for row in 1..400 {
        let title = format!("Ṭālib‑e‑ʿilm {row}, فلاں بن فلاں 💰");
        page.row(
            row,
            [
                text(&title),
                text(&format!("FS-{row}")),
                number("1"),
                number("49373"),
            ],
        );
    }
    for dress in ALL {
        let read = told(dress.write(&Book::of(page.clone()))).unwrap();
        assert_eq!(read.rows.len(), 399, "{dress:?}");
        assert_eq!(read.rows[398].values[0], "Ṭālib‑e‑ʿilm 399, فلاں بن فلاں 💰");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_damage_to_a_workbook_of_any_format_panics(
        dress in prop::sample::select(ALL.to_vec()),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = dress.write(&Book::plain());
        for (at, byte) in damages {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = told(&bytes);
    }

    /// The archive around a part checks its bytes, so parts are damaged before
    /// they are put into it.
    #[test]
    fn no_damage_to_a_part_panics(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        part in prop::sample::select(vec!["xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin", "xl/worksheets/sheet1.bin"]),
    ) {
        let damaged = |mut bytes: Vec<u8>| {
            for (at, byte) in &damages {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes
        };
        let _ = xlsb_with(|name, bytes| if name == part { damaged(bytes) } else { bytes });
        let _ = ods_with(|name, text| {
            if name == "content.xml" {
                String::from_utf8_lossy(&damaged(text.into_bytes())).into_owned()
            } else {
                text
            }
        });
        let mut stream = xls::write(&Book::plain());
        let body = damaged(stream.split_off(1_536));
        stream.extend(body);
        let _ = told(&stream);
    }
}

#[test]
fn sheets_of_macros_that_are_nowhere_are_left_and_the_others_read() {
    let module = "<sheet name=\"Module1\" sheetId=\"90\" state=\"veryHidden\" r:id=\"\"/>";
    let with = |sheets: &str| {
        crate::dress::xlsx::write_changed(&Book::plain(), |name, text| match name {
            "xl/workbook.xml" => text.replace("</sheets>", &format!("{sheets}</sheets>")),
            _ => text,
        })
    };
    let plain = told(with("")).unwrap();
    let read = told(with(module)).unwrap();
    assert_eq!(read.rows, plain.rows);
    assert_eq!(read.left_out.len(), 1);
    assert_eq!(read.left_out[0].sheet, "Module1");
    assert!(
        read.left_out[0].why.contains("macros"),
        "{:?}",
        read.left_out
    );
    // A name that leads to a part which is not there is no sheet of macros.
    let lost = told(with(&module.replace("r:id=\"\"", "r:id=\"rId77\"")));
    assert!(matches!(lost, Err(Unreadable::Damaged(_))), "{lost:?}");
}
