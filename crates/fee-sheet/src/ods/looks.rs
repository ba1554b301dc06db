//! What the styles of an OpenDocument workbook make of its texts: some are struck
//! through, and some are not shown at all.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::events::BytesStart;

use super::xml::attribute;
use crate::limits::Limits;
use crate::unreadable::Unreadable;

/// A program numbers its styles, and all their names are kept.
const NAME_BYTES: usize = 200;

/// The styles that matter, by their names, and the one that is being described.
#[derive(Debug, Default)]
pub(super) struct Looks {
    style: Option<String>,
    struck: HashSet<String>,
    hiding: HashSet<String>,
    /// The format of texts that is being described.
    format: Option<String>,
    /// Formats that show nothing of a text.
    empty: HashSet<String>,
}

impl Looks {
    /// The start of an element around the sheets.
    pub(super) fn start(
        &mut self,
        start: &BytesStart<'_>,
        limits: &Limits,
    ) -> Result<(), Unreadable> {
        let most = self.struck.len().max(self.hiding.len());
        if most.max(self.empty.len()) as u64 > limits.cell_formats {
            let limit = format!("{} cell formats", limits.cell_formats);
            return Err(Unreadable::too_large("it has too many cell formats", limit));
        }
        let said = |name| -> Result<Option<String>, Unreadable> {
            let said = attribute(start, name)?.filter(|said| said.len() <= NAME_BYTES);
            Ok(said.map(Cow::into_owned))
        };
        match start.name().as_ref() {
            "number:text-style" => {
                self.format = said("style:name")?;
                self.empty.extend(self.format.clone());
            }
            "number:text-content" => {
                if let Some(format) = self.format.take() {
                    self.empty.remove(&format);
                }
            }
            "style:style" => {
                self.style = said("style:name")?;
                let format = said("style:data-style-name")?;
                if format.is_some_and(|format| self.empty.contains(&format)) {
                    self.hiding.extend(self.style.clone());
                }
            }
            "style:default-style" => self.style = None,
            "style:text-properties" => {
                let is_line = |line: Option<String>| line.is_some_and(|line| line != "none");
                if is_line(said("style:text-line-through-style")?)
                    || is_line(said("style:text-line-through-type")?)
                {
                    self.struck.extend(self.style.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a text of this style is struck through.
    pub(super) fn strikes(&self, style: &str) -> bool {
        !self.struck.is_empty() && self.struck.contains(style)
    }

    /// Whether a text of this style is not shown.
    pub(super) fn hides(&self, style: &str) -> bool {
        !self.hiding.is_empty() && self.hiding.contains(style)
    }
}
