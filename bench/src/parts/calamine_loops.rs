//! What reading a workbook costs with the parser alone: cell by cell, and as a whole range in
//! memory. Nothing is done with the cells.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use calamine::{Reader, Xlsx, open_workbook};
use serde_json::{Value, json};

use super::micros;

pub(super) fn streaming(path: &Path) -> Result<Value> {
    let began = Instant::now();
    let mut book: Xlsx<_> = open_workbook(path)?;
    let name = first_sheet(&book)?;
    let mut cells = book.worksheet_cells_reader(&name)?;
    let (mut last, mut seen) = (0, 0u64);
    while let Some(cell) = cells.next_cell()? {
        last = cell.get_position().0;
        seen += 1;
    }
    Ok(json!({"rows": last, "micros": micros(began), "cells": seen}))
}

pub(super) fn range(path: &Path) -> Result<Value> {
    let began = Instant::now();
    let mut book: Xlsx<_> = open_workbook(path)?;
    let name = first_sheet(&book)?;
    let range = book.worksheet_range(&name)?;
    let cells: usize = range.rows().map(<[_]>::len).sum();
    Ok(json!({"rows": range.height() - 1, "micros": micros(began), "cells": cells}))
}

fn first_sheet(book: &Xlsx<std::io::BufReader<std::fs::File>>) -> Result<String> {
    let names = book.sheet_names();
    names.first().cloned().context("a workbook has a sheet")
}
