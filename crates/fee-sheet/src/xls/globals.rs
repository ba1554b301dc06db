//! What an old workbook says once for all its sheets: their names and places,
//! the texts of its cells, number formats, the day on which its days begin.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::container::{u16_at, u32_at};
use super::records::{Records, Run};
use crate::limits::Limits;
use crate::number_formats::{NumberFormat, PLAIN};
use crate::texts::Texts;
use crate::unreadable::Unreadable;

pub(super) const BEGIN: u16 = 0x0809;
pub(super) const END: u16 = 0x000A;

/// How texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// Excel 97 and later.
    Unicode,
    /// Excel 5 and 95: in the letters of one part of the world.
    Bytes(&'static Encoding),
}

/// A sheet, as it is listed.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) place: u32,
    pub(super) hidden: bool,
}

/// What holds for the whole workbook.
#[derive(Debug)]
pub(super) struct Globals {
    pub(super) writing: Writing,
    pub(super) sheets: Vec<Sheet>,
    pub(super) texts: Texts,
    pub(super) epoch_1904: bool,
    /// A program that calculates has saved it, so that an empty result is one.
    pub(super) calculated: bool,
    /// By the number that a cell names, the place of its format.
    looks: Vec<u16>,
    /// By the same number, whether its font strikes out.
    struck: Vec<bool>,
    fonts: Vec<bool>,
    formats: HashMap<u16, NumberFormat>,
}

impl Globals {
    pub(super) fn read(records: &mut Records, limits: &Limits) -> Result<Self, Unreadable> {
        let mut globals = Self {
            writing: writing(records)?,
            sheets: Vec::new(),
            texts: Texts::default(),
            epoch_1904: false,
            calculated: false,
            looks: Vec::new(),
            struck: Vec::new(),
            fonts: Vec::new(),
            formats: (0..=58)
                .map(|number| (number, NumberFormat::known(number)))
                .collect(),
        };
        let mut ended = false;
        // Names of sheets may come before it is said how bytes are to be read.
        let mut names = Vec::new();
        while let Some(record) = records.next()? {
            match record {
                END => {
                    ended = true;
                    break;
                }
                0x002F => return Err(Unreadable::Encrypted),
                0x0022 => globals.epoch_1904 = u16_at(records.data(), 0) == 1,
                0x0042 => globals.code_page(u16_at(records.data(), 0)),
                0x01C1 => globals.calculated = true,
                0x0085 => names.push(records.data().to_vec()),
                0x041E => globals.format(records.data(), limits)?,
                0x0031 => {
                    globals.fonts.push(u16_at(records.data(), 2) & 8 != 0);
                    limit(globals.fonts.len(), limits)?;
                }
                0x00E0 => {
                    let font = usize::from(u16_at(records.data(), 0));
                    // There is no font of the number 4.
                    let font = font - usize::from(font > 4);
                    let struck = globals.fonts.get(font).copied();
                    globals.struck.push(struck.unwrap_or(false));
                    globals.looks.push(u16_at(records.data(), 2));
                    limit(globals.looks.len(), limits)?;
                }
                0x00FC => globals.read_texts(records, limits)?,
                _ => {}
            }
        }
        if !ended {
            return Err(Unreadable::damaged("it ends too early"));
        }
        for listed in names {
            globals.list(&listed);
            if globals.sheets.len() > limits.sheets {
                let limit = format!("{} sheets", limits.sheets);
                return Err(Unreadable::too_large("it has too many sheets", limit));
            }
        }
        Ok(globals)
    }

    /// The format of a cell.
    pub(super) fn format_of(&self, look: u16) -> &NumberFormat {
        let Some(number) = self.looks.get(usize::from(look)) else {
            return PLAIN;
        };
        self.formats.get(number).unwrap_or(PLAIN)
    }

    /// Whether a cell is struck through.
    pub(super) fn is_struck(&self, look: u16) -> bool {
        self.struck.get(usize::from(look)) == Some(&true)
    }

    fn code_page(&mut self, page: u16) {
        if let Writing::Bytes(encoding) = &mut self.writing {
            *encoding = by_code_page(page);
        }
    }

    fn list(&mut self, listed: &[u8]) {
        // Charts, and sheets of macros and dialogs, have no rows.
        if listed.len() < 7 || listed[5] != 0 {
            return;
        }
        self.sheets.push(Sheet {
            name: self
                .writing
                .text(&listed[7..], usize::from(listed[6]))
                .replace('\0', ""),
            place: u32_at(listed, 0),
            hidden: listed[4] & 3 != 0,
        });
    }

    fn format(&mut self, data: &[u8], limits: &Limits) -> Result<(), Unreadable> {
        let (count, rest) = match self.writing {
            Writing::Unicode => (usize::from(u16_at(data, 2)), data.get(4..)),
            Writing::Bytes(_) => (data.get(2).copied().unwrap_or(0).into(), data.get(3..)),
        };
        let code = self.writing.text(rest.unwrap_or_default(), count);
        let number = u16_at(data, 0);
        self.formats.insert(number, NumberFormat::of(number, &code));
        limit(self.formats.len(), limits)
    }

    fn read_texts(&mut self, records: &mut Records, limits: &Limits) -> Result<(), Unreadable> {
        // Of the two counts at its start the second is that of the texts. It
        // only says whether what can't be read is one of them, or what some
        // programs leave behind the last.
        let said = u32_at(records.data(), 4) as usize;
        let mut run = Run::new(records, 8);
        while run.more()? {
            match self.read_one(&mut run, limits) {
                Ok(()) => {}
                Err(Unreadable::Damaged(_)) if self.texts.len() >= said => {
                    self.texts.drop_open();
                    break;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    fn read_one(&mut self, run: &mut Run<'_>, limits: &Limits) -> Result<(), Unreadable> {
        let count = usize::from(run.short()?);
        let how = run.byte()?;
        let runs = if how & 8 != 0 { run.short()? } else { 0 };
        let more = if how & 4 != 0 { run.long()? } else { 0 };
        run.letters(count, how & 1 != 0, self.texts.next())?;
        self.texts.end(limits)?;
        run.skip(4 * u64::from(runs) + u64::from(more))
    }
}

impl Writing {
    /// A text of so many letters; in Unicode a byte before it says how wide
    /// they are. What is not there is left out.
    pub(super) fn text(self, bytes: &[u8], count: usize) -> String {
        match self {
            Self::Bytes(encoding) => {
                let bytes = &bytes[..count.min(bytes.len())];
                encoding.decode_without_bom_handling(bytes).0.into_owned()
            }
            Self::Unicode => {
                let Some((how, letters)) = bytes.split_first() else {
                    return String::new();
                };
                if how & 1 == 0 {
                    return letters
                        .iter()
                        .take(count)
                        .copied()
                        .map(char::from)
                        .collect();
                }
                let units = letters.chunks_exact(2).take(count);
                char::decode_utf16(units.map(|pair| u16_at(pair, 0)))
                    .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect()
            }
        }
    }
}

/// Which Excel wrote the workbook: the first record says it.
fn writing(records: &mut Records) -> Result<Writing, Unreadable> {
    let first = records.next()?;
    match (first, u16_at(records.data(), 0)) {
        (Some(BEGIN), 0x0600) => Ok(Writing::Unicode),
        (Some(BEGIN), 0x0500) => Ok(Writing::Bytes(encoding_rs::WINDOWS_1252)),
        (Some(0x0009 | 0x0209 | 0x0409), _) => Err(Unreadable::OldExcel),
        _ => Err(Unreadable::damaged("it does not begin as a workbook")),
    }
}

fn by_code_page(page: u16) -> &'static Encoding {
    let label: &[u8] = match page {
        874 => b"windows-874",
        932 => b"shift_jis",
        936 => b"gbk",
        949 => b"euc-kr",
        950 => b"big5",
        1250 => b"windows-1250",
        1251 => b"windows-1251",
        1253 => b"windows-1253",
        1254 => b"windows-1254",
        1255 => b"windows-1255",
        1256 => b"windows-1256",
        1257 => b"windows-1257",
        1258 => b"windows-1258",
        10_000 | 0x8000 => b"macintosh",
        _ => b"windows-1252",
    };
    Encoding::for_label(label).unwrap_or(encoding_rs::WINDOWS_1252)
}

fn limit(formats: usize, limits: &Limits) -> Result<(), Unreadable> {
    if formats as u64 > limits.cell_formats {
        let limit = format!("{} cell formats", limits.cell_formats);
        return Err(Unreadable::too_large("it has too many cell formats", limit));
    }
    Ok(())
}
