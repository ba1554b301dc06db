//! What a binary workbook says once for all its sheets: their names and parts,
//! the texts of its cells, number formats, the day on which its days begin.

use std::collections::HashMap;
use std::io::Read;

use super::records::{Records, read_text};
use crate::archive::Archive;
use crate::limits::Limits;
use crate::number_formats::{NumberFormat, PLAIN};
use crate::texts::Texts;
use crate::unreadable::Unreadable;
use crate::workbook_check::attribute;
use crate::xls::container::{u16_at, u32_at};

/// A sheet, as it is listed.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
    pub(super) hidden: bool,
}

/// What holds for the whole workbook.
pub(super) struct Globals {
    pub(super) sheets: Vec<Sheet>,
    pub(super) texts: Texts,
    pub(super) epoch_1904: bool,
    /// By the number that a cell names, the number of its format.
    looks: Vec<u16>,
    /// By the same number, whether its font strikes out.
    struck: Vec<bool>,
    fonts: Vec<bool>,
    formats: HashMap<u16, NumberFormat>,
}

impl Globals {
    pub(super) fn read(archive: &mut Archive, limits: &Limits) -> Result<Self, Unreadable> {
        let mut globals = Self {
            sheets: Vec::new(),
            texts: Texts::default(),
            epoch_1904: false,
            looks: Vec::new(),
            struck: Vec::new(),
            fonts: Vec::new(),
            formats: (0..=58)
                .map(|number| (number, NumberFormat::known(number)))
                .collect(),
        };
        let targets = relations(archive)?;
        globals.read_sheets(archive, &targets, limits)?;
        globals.read_formats(archive, limits)?;
        globals.read_texts(archive, limits)?;
        Ok(globals)
    }

    /// The format of a cell.
    pub(super) fn format_of(&self, look: u32) -> &NumberFormat {
        let number = usize::try_from(look)
            .ok()
            .and_then(|look| self.looks.get(look));
        number
            .and_then(|number| self.formats.get(number))
            .unwrap_or(PLAIN)
    }

    /// Whether a cell is struck through.
    pub(super) fn is_struck(&self, look: u32) -> bool {
        let look = usize::try_from(look).ok();
        look.and_then(|look| self.struck.get(look)) == Some(&true)
    }

    fn read_sheets(
        &mut self,
        archive: &mut Archive,
        targets: &HashMap<String, String>,
        limits: &Limits,
    ) -> Result<(), Unreadable> {
        let place = archive
            .place("xl/workbook.bin")
            .ok_or_else(|| Unreadable::damaged("there is no workbook in it"))?;
        let mut records = Records::new(archive.part(place)?);
        while let Some(record) = records.next()? {
            match record {
                0x0099 => self.epoch_1904 = u32_at(records.data(4)?, 0) & 1 != 0,
                0x009C => {
                    let data = records.data(12)?;
                    let (mut relation, mut name) = (String::new(), String::new());
                    let end = read_text(data, 8, &mut relation)?;
                    read_text(data, end, &mut name)?;
                    let part = targets.get(&relation).cloned().unwrap_or_default();
                    // Charts and sheets of macros have no rows.
                    if self.sheets.iter().any(|sheet| sheet.part == part) {
                        return Err(Unreadable::damaged("two of its sheets are the same"));
                    }
                    if part.contains("worksheets/") {
                        let hidden = u32_at(data, 0) != 0;
                        self.sheets.push(Sheet { name, part, hidden });
                    }
                    if self.sheets.len() > limits.sheets {
                        let limit = format!("{} sheets", limits.sheets);
                        return Err(Unreadable::too_large("it has too many sheets", limit));
                    }
                }
                0x0090 => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_formats(&mut self, archive: &mut Archive, limits: &Limits) -> Result<(), Unreadable> {
        let Some(place) = archive.place("xl/styles.bin") else {
            return Ok(());
        };
        let mut records = Records::new(archive.part(place)?);
        let mut of_cells = false;
        while let Some(record) = records.next()? {
            match record {
                0x002C => {
                    let data = records.data(6)?;
                    let mut code = String::new();
                    read_text(data, 2, &mut code)?;
                    let number = u16_at(data, 0);
                    self.formats.insert(number, NumberFormat::of(number, &code));
                }
                0x0269 => of_cells = true,
                0x026A => break,
                0x002B => self.fonts.push(u16_at(records.data(4)?, 2) & 8 != 0),
                0x002F if of_cells => {
                    let data = records.data(6)?;
                    self.looks.push(u16_at(data, 2));
                    let font = self.fonts.get(usize::from(u16_at(data, 4)));
                    self.struck.push(font == Some(&true));
                }
                _ => {}
            }
            let most = self.looks.len().max(self.formats.len());
            if most.max(self.fonts.len()) as u64 > limits.cell_formats {
                let limit = format!("{} cell formats", limits.cell_formats);
                return Err(Unreadable::too_large("it has too many cell formats", limit));
            }
        }
        Ok(())
    }

    fn read_texts(&mut self, archive: &mut Archive, limits: &Limits) -> Result<(), Unreadable> {
        let Some(place) = archive.place("xl/sharedStrings.bin") else {
            return Ok(());
        };
        let mut records = Records::new(archive.part(place)?);
        while let Some(record) = records.next()? {
            match record {
                // A byte before the text says whether more comes behind it.
                0x0013 => {
                    read_text(records.data(5)?, 1, self.texts.next())?;
                    self.texts.end(limits)?;
                }
                0x00A0 => break,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The parts that the workbook names, by the names it gives them.
fn relations(archive: &mut Archive) -> Result<HashMap<String, String>, Unreadable> {
    const BYTES: u64 = 4 << 20;
    let mut targets = HashMap::new();
    let Some(place) = archive.place("xl/_rels/workbook.bin.rels") else {
        return Ok(targets);
    };
    let mut text = Vec::new();
    archive
        .part(place)?
        .take(BYTES)
        .read_to_end(&mut text)
        .map_err(Unreadable::from_reading)?;
    for tag in text.split(|byte| *byte == b'<') {
        if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
            let part = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, part);
        }
    }
    Ok(targets)
}
