"""The rules in pandas."""

import time

import pandas as pd
from judged import AMOUNT, AMOUNT_PATTERN, DUE, IDENTIFIER, LATE, TITLE, TODAY, sheet, tell


def judge(frame):
    """Which rows are valid; adds amounts in paisa."""
    text = {name: frame[name].str.strip() for name in (TITLE, IDENTIFIER, AMOUNT, DUE, LATE)}
    due = pd.to_datetime(text[DUE], format="%Y-%m-%d", errors="coerce")
    is_amount = text[AMOUNT].str.match(AMOUNT_PATTERN)
    is_late = text[LATE].str.match(AMOUNT_PATTERN)
    # Thirteen digits and two decimals are exact in 64 bits once the point is gone.
    frame["paisa"] = (pd.to_numeric(text[AMOUNT].where(is_amount)) * 100).round()
    frame["late_paisa"] = (pd.to_numeric(text[LATE].where(is_late)) * 100).round()
    blank = text[LATE] == ""
    frame.loc[blank, "late_paisa"] = frame.loc[blank, "paisa"]
    return (
        (text[TITLE] != "")
        & (text[IDENTIFIER] != "")
        & ~text[IDENTIFIER].duplicated(keep=False)
        & (frame["paisa"] > 0)
        & (due >= pd.Timestamp(TODAY))
        & (frame["late_paisa"] >= frame["paisa"])
    )


def main():
    began = time.perf_counter()
    frame = pd.read_csv(sheet(), dtype=str, keep_default_na=False)
    tell(len(frame), judge(frame).sum(), began)


if __name__ == "__main__":
    main()
