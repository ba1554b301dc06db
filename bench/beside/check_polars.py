"""The rules in polars, lazily, by its streaming engine."""

import time

import polars as pl
from judged import AMOUNT, AMOUNT_PATTERN, DUE, IDENTIFIER, LATE, TITLE, TODAY, sheet, tell


def main():
    began = time.perf_counter()
    text = lambda name: pl.col(name).fill_null("").str.strip_chars()
    amount, late = text(AMOUNT), text(LATE)
    paisa = lambda column: (column.cast(pl.Decimal(15, 2), strict=False) * 100).cast(pl.Int64, strict=False)
    due = text(DUE).str.to_date("%Y-%m-%d", strict=False)
    good = (
        (text(TITLE) != "")
        & (text(IDENTIFIER) != "")
        & text(IDENTIFIER).is_unique()
        & amount.str.contains(AMOUNT_PATTERN)
        & (paisa(amount) > 0)
        & (due >= TODAY)
        & ((late == "") | (late.str.contains(AMOUNT_PATTERN) & (paisa(late) >= paisa(amount))))
    ).fill_null(False)
    frame = pl.scan_csv(sheet(), infer_schema=False)
    found = frame.select(pl.len().alias("rows"), good.sum().alias("valid")).collect(engine="streaming")
    tell(found["rows"][0], found["valid"][0], began)


main()
