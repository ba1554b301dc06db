//! The headings that a school uses itself, as its sheets were read last: what a template for it is
//! headed by.

use std::collections::BTreeMap;

use super::SheetSeen;

/// The headings of an account's sheets by their fields, in the order in which they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsualHeadings {
    /// A field's name, and its heading.
    pub columns: Vec<(String, String)>,
}

impl UsualHeadings {
    /// Of a mapping that is remembered, and what was seen of the file that brought it: a mapping
    /// has no order of its own. A field that no column of that file served (the due date stood
    /// above, say) comes last.
    #[must_use]
    pub fn of(mapping: &BTreeMap<String, String>, seen: &[SheetSeen]) -> UsualHeadings {
        let is_it = |sheet: &&SheetSeen| {
            let mut read = sheet.mapping.iter();
            read.all(|(field, heading)| mapping.get(field) == Some(heading))
        };
        let sheet = seen.iter().find(is_it);
        let place = |field: &str| {
            let mut columns = sheet.into_iter().flat_map(|sheet| &sheet.columns);
            let column = columns.find(|column| column.field == field)?;
            // `Z` stands before `AA`.
            Some((column.column.len(), column.column.clone()))
        };
        let mut columns: Vec<(String, String)> = mapping
            .iter()
            .map(|(field, heading)| (field.clone(), heading.clone()))
            .collect();
        columns.sort_by_key(|(field, _)| {
            let place = place(field);
            (place.is_none(), place)
        });
        UsualHeadings { columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::SeenColumn;

    #[test]
    fn the_order_is_that_of_the_sheet_and_what_stood_above_comes_last() {
        let pairs = [
            ("amount", "Fee", "B"),
            ("identifier", "Roll No", "AA"),
            ("title", "Child", "Z"),
        ];
        let pair =
            |(field, heading, _): &(&str, &str, &str)| ((*field).to_owned(), (*heading).to_owned());
        let sheet = SheetSeen {
            name: "Class 5".to_owned(),
            header_row: 3,
            mapping: pairs.iter().map(pair).collect(),
            columns: pairs
                .iter()
                .map(|(field, heading, column)| SeenColumn {
                    field: (*field).to_owned(),
                    column: (*column).to_owned(),
                    heading: (*heading).to_owned(),
                    how: "synonym".to_owned(),
                    guess: false,
                    other: None,
                    examples: Vec::new(),
                })
                .collect(),
            guesses: Vec::new(),
            unused: Vec::new(),
            notes: Vec::new(),
        };
        let mut mapping: BTreeMap<String, String> = pairs.iter().map(pair).collect();
        mapping.insert("due_date".to_owned(), "Due Date".to_owned());
        let fields = |usual: UsualHeadings| -> Vec<String> {
            usual.columns.into_iter().map(|(field, _)| field).collect()
        };
        let usual = UsualHeadings::of(&mapping, &[sheet]);
        assert_eq!(usual.columns[1], ("title".to_owned(), "Child".to_owned()));
        assert_eq!(fields(usual), ["amount", "title", "identifier", "due_date"]);
        // Nothing is known of the file any more.
        assert_eq!(UsualHeadings::of(&mapping, &[]).columns.len(), 4);
    }
}
