//! Lines that go out and come in again, and lines that nobody sent.

#![allow(clippy::unwrap_used)]

use super::*;

fn row(number: u32, cells: Cells) -> SheetRow {
    SheetRow {
        number,
        cells,
        ..SheetRow::default()
    }
}

fn grid_of(cells: &[(u16, CellKind, &str, &str)]) -> Cells {
    let mut grid = Grid::default();
    for (column, kind, shown, plain) in cells {
        let start = short(grid.text.len());
        grid.text.push_str(shown);
        let shown_end = short(grid.text.len());
        grid.text.push_str(plain);
        grid.cells.push(GridCell {
            column: *column,
            kind: *kind,
            start,
            shown_end,
            plain_end: short(grid.text.len()),
        });
    }
    Cells::Grid(grid)
}

fn frame_of(rows: &[SheetRow]) -> Vec<u8> {
    let mut out = LinesOut::default();
    for row in rows {
        out.push(row, &Limits::default());
    }
    let mut frame = Vec::new();
    out.flush(|parts| {
        frame = parts.concat();
        Ok(())
    })
    .unwrap();
    assert_eq!(out.bytes(), 0);
    frame
}

/// Number and cells of every line, as they show themselves.
fn lines_of(frame: &[u8]) -> Result<Vec<(u32, Vec<String>)>, Lie> {
    let mut lines = LinesIn::default();
    lines.take(frame)?;
    let mut row = SheetRow::default();
    let mut seen = Vec::new();
    while lines.next(&mut row, &Limits::default())? {
        let cells = row.filled().map(|cell| format!("{cell:?}")).collect();
        seen.push((row.number, cells));
    }
    Ok(seen)
}

fn every_kind() -> Vec<SheetRow> {
    let mut wide = StringRecord::from(vec!["علی", "", "1500", "=\"007\""]);
    wide.extend(std::iter::repeat_n("", 5_000));
    vec![
        row(2, Cells::Text(wide)),
        row(
            3,
            grid_of(&[
                (0, CellKind::Text, "ہما", ""),
                (1, CellKind::Number, "000123", "123"),
                (7, CellKind::Date, "2035-03-05", ""),
                (8, CellKind::Truth, "TRUE", ""),
                (9, CellKind::Error, "#REF!", ""),
                (10, CellKind::Masked, "15", "15000"),
                (1_023, CellKind::Uncalculated, "", ""),
            ]),
        ),
        row(4, Cells::Text(StringRecord::new())),
        row(2_000_000, grid_of(&[])),
    ]
}

#[test]
fn every_cell_comes_in_as_it_went_out() {
    let rows = every_kind();
    let went: Vec<_> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row.filled().map(|cell| format!("{cell:?}")).collect();
            (row.number, cells)
        })
        .collect();
    assert_eq!(lines_of(&frame_of(&rows)).unwrap(), went);
}

#[test]
fn a_frame_that_is_cut_or_goes_on_is_a_lie() {
    let frame = frame_of(&every_kind());
    for length in 0..frame.len() {
        assert!(lines_of(&frame[..length]).is_err(), "cut after {length}");
    }
    let mut longer = frame.clone();
    longer.push(b'x');
    assert!(lines_of(&longer).is_err());
}

#[test]
fn no_byte_of_a_frame_that_is_changed_is_trusted_to_be_in_bounds() {
    let frame = frame_of(&every_kind());
    for at in 0..frame.len() {
        for bits in [0x01, 0x80, 0xff] {
            let mut changed = frame.clone();
            changed[at] ^= bits;
            // Other texts are no lie; everything else must be told, and nothing may panic.
            if let Ok(lines) = lines_of(&changed) {
                assert_eq!(lines.len(), 4, "byte {at} changed by {bits:#x}");
            }
        }
    }
}

#[test]
fn cells_that_no_sheet_has_are_refused() {
    let twice = [(4, CellKind::Text, "a", ""), (4, CellKind::Text, "b", "")];
    assert_eq!(
        lines_of(&frame_of(&[row(1, grid_of(&twice))])),
        Err("cells out of order")
    );
    let beyond = [(1_024, CellKind::Text, "a", "")];
    assert_eq!(
        lines_of(&frame_of(&[row(1, grid_of(&beyond))])),
        Err("a cell beyond the last column")
    );
    let long = "x".repeat(line_bytes_max(&Limits::default()) + 1);
    let long = [(0, CellKind::Text, long.as_str(), "")];
    assert_eq!(
        lines_of(&frame_of(&[row(1, grid_of(&long))])),
        Err("a line that is too long")
    );
}

#[test]
fn every_kind_of_cell_has_its_number() {
    for kind in KINDS {
        assert_eq!(kind_of(number_of(kind)), Some(kind));
    }
    assert_eq!(kind_of(7), None);
}
