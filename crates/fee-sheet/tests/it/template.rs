//! The workbook to hand to a school: what it has in it, and what the reader
//! makes of it.

use fee_sheet::{
    CellRule, FieldKind, Template, TemplateColumn, TemplateNotes, Unreadable, write_template_xlsx,
};

use crate::fixes::{first_sheet, part};
use crate::{Folder, options, read};

/// A template of the five fields.
fn template() -> Template {
    let headings = ["Student Name", "Roll No", "Fee", "Due Date", "Late Amount"];
    let rules = [
        CellRule::Filled,
        CellRule::FilledOnce,
        CellRule::Amount,
        CellRule::DayFromToday,
        CellRule::AmountFrom(2),
    ];
    let fields = options().fields;
    let columns = fields.iter().zip(headings).zip(rules);
    Template {
        sheet: "Fees".to_owned(),
        columns: columns
            .map(|((field, heading), rule)| TemplateColumn {
                heading: heading.to_owned(),
                kind: field.kind,
                rule,
                advice: format!("Write the {heading}."),
                example: match field.kind {
                    FieldKind::Date => "2035-03-05".to_owned(),
                    FieldKind::Money => "1500".to_owned(),
                    _ => "GF-1".to_owned(),
                },
            })
            .collect(),
        notes: TemplateNotes {
            sheet: "How to".to_owned(),
            title: "How to fill it in".to_owned(),
            lines: vec!["One row for each payer.".to_owned()],
            headings: ["Column", "What to write", "Example"].map(str::to_owned),
        },
        right_to_left: false,
    }
}

#[test]
fn a_template_that_nobody_filled_in_has_no_rows_and_its_example_is_none() {
    let folder = Folder::new();
    let out = folder.at("template.xlsx");
    write_template_xlsx(&template(), &out).unwrap();
    assert!(matches!(read(&out), Err(Unreadable::NoRows)));
}

#[test]
fn its_cells_refuse_what_can_not_be_billed_and_keep_what_is_typed() {
    let folder = Folder::new();
    let out = folder.at("template.xlsx");
    write_template_xlsx(&template(), &out).unwrap();
    let sheet = first_sheet(&out);
    assert!(sheet.contains("<dataValidations count=\"5\">"), "{sheet}");
    for rule in [
        "LEN(TRIM(A2))&gt;0",
        "SUMPRODUCT(--EXACT($B$2:$B$20001,B2))&lt;=1",
        "ISNUMBER(C2),C2&gt;0",
        "D2&gt;=TODAY()",
        "E2&gt;=C2",
    ] {
        assert!(sheet.contains(rule), "{rule} is not in {sheet}");
    }
    for column in ["A", "B", "C", "D", "E"] {
        let range = format!("sqref=\"{column}2:{column}1048576\"");
        assert!(sheet.contains(&range), "{range}");
    }
    assert!(sheet.contains("ySplit=\"1\"") && sheet.contains("state=\"frozen\""));
    let styles = part(&out, "xl/styles.xml");
    for format in ["numFmtId=\"49\"", "yyyy-mm-dd", "numFmtId=\"4\""] {
        assert!(styles.contains(format), "{format} is not in {styles}");
    }
    let notes = part(&out, "xl/worksheets/sheet2.xml");
    assert!(!notes.contains("dataValidation"), "{notes}");
}
