//! Cells whose text is struck through: by the font of their style, or by that of a
//! run of their text. Whoever strikes a row out on paper does it so in a workbook,
//! and the parser hands its values on as if nothing were.

use std::collections::HashSet;

use super::attribute;

/// What is struck through, learnt of the styles and of the texts before the sheets.
#[derive(Debug, Default)]
pub(super) struct Struck {
    fonts: Vec<bool>,
    /// By the style's number.
    styles: Vec<bool>,
    /// The places of shared texts of which a part is.
    texts: HashSet<u32>,
    within: Within,
    /// The shared texts so far.
    count: u32,
    any: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Within {
    Fonts,
    CellFormats,
    #[default]
    Else,
}

impl Struck {
    /// The start of an element of the styles.
    pub(super) fn style_tag(&mut self, tag: &[u8], local: &[u8]) {
        match (self.within, local) {
            (_, b"fonts") => self.within = Within::Fonts,
            (_, b"cellXfs") => self.within = Within::CellFormats,
            (_, b"fills" | b"borders" | b"cellStyleXfs" | b"cellStyles" | b"dxfs") => {
                self.within = Within::Else;
            }
            (Within::Fonts, b"font") => self.fonts.push(false),
            (Within::Fonts, b"strike") => {
                if let Some(font) = self.fonts.last_mut() {
                    *font = is_on(tag);
                }
            }
            (Within::CellFormats, b"xf") => {
                let font = attribute(tag, "fontId").and_then(|font| font.parse::<usize>().ok());
                let struck = font.and_then(|font| self.fonts.get(font)).copied();
                self.styles.push(struck.unwrap_or(false));
                self.any |= struck.unwrap_or(false);
            }
            _ => {}
        }
    }

    /// The start of an element of the shared texts.
    pub(super) fn text_tag(&mut self, tag: &[u8], local: &[u8]) {
        match local {
            b"si" => self.count = self.count.saturating_add(1),
            b"strike" if is_on(tag) => {
                self.texts.insert(self.count.saturating_sub(1));
                self.any = true;
            }
            _ => {}
        }
    }

    /// Whether any cell can be.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Whether a cell is, by its tag and its value.
    pub(super) fn is_cell(&self, cell: &[u8], value: &[u8]) -> bool {
        let style = || attribute(cell, "s")?.parse::<usize>().ok();
        let place = || {
            let shared = attribute(cell, "t")? == "s";
            let place = std::str::from_utf8(value).ok()?.trim().parse::<u32>();
            place.ok().filter(|_| shared)
        };
        let by_style = || style().and_then(|style| self.styles.get(style)) == Some(&true);
        let by_text = || place().is_some_and(|place| self.texts.contains(&place));
        by_style() || !self.texts.is_empty() && by_text()
    }
}

/// The places of all parts, those first that say what the cells of sheets look like.
pub(super) fn styles_first(names: &[String]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..names.len()).collect();
    places.sort_by_key(|place| {
        let name = names[*place].to_lowercase();
        !(name.ends_with("styles.xml") || name.ends_with("sharedstrings.xml"))
    });
    places
}

/// Whether an element switches on what it names.
pub(super) fn is_on(tag: &[u8]) -> bool {
    !matches!(
        attribute(tag, "val").as_deref(),
        Some("0" | "false" | "off")
    )
}
