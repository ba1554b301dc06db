//! The distinct texts of a workbook, which its cells name by number: one long
//! text and the places where they end, in a quarter of the memory of as many
//! texts.

use crate::limits::Limits;
use crate::unreadable::Unreadable;

/// The distinct texts of a workbook.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Where the next text is to be written; [`Texts::end`] ends it.
    pub(crate) fn next(&mut self) -> &mut String {
        &mut self.text
    }

    /// Ends a text. What is counted are texts that are there, whatever the
    /// workbook says of their number.
    pub(crate) fn end(&mut self, limits: &Limits) -> Result<(), Unreadable> {
        let end = u32::try_from(self.text.len())
            .ok()
            .filter(|end| u64::from(*end) <= limits.shared_string_bytes);
        let (Some(end), true) = (end, (self.ends.len() as u64) < limits.shared_strings) else {
            return Err(Unreadable::too_large(
                "it has too many texts",
                format!(
                    "{} texts, {} MB",
                    limits.shared_strings,
                    limits.shared_string_bytes >> 20
                ),
            ));
        };
        self.ends.push(end);
        Ok(())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Takes away what was written of a text that does not end.
    pub(crate) fn drop_open(&mut self) {
        let end = self.ends.last().copied().unwrap_or(0);
        self.text.truncate(end as usize);
    }

    /// The text of this number.
    pub(crate) fn get(&self, number: u32) -> Result<&str, Unreadable> {
        let place = number as usize;
        let text = self.ends.get(place).and_then(|end| {
            let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            self.text.get(start as usize..*end as usize)
        });
        text.ok_or_else(|| {
            Unreadable::damaged(format!(
                "a cell of it names text {number}, and there are {}",
                self.ends.len()
            ))
        })
    }
}
