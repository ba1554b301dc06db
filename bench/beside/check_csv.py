"""The rules by hand, with Python's csv module and Decimal-free amounts."""

import csv
import re
import time
from collections import Counter
from datetime import date

from judged import AMOUNT_PATTERN, TODAY, sheet, tell

IS_AMOUNT = re.compile(AMOUNT_PATTERN)


def paisa(text):
    """Exact paisa, or None."""
    if not IS_AMOUNT.match(text):
        return None
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def bill(title, identifier, amount, due, late):
    """The row's values if it is valid by itself, else None."""
    amount = paisa(amount.strip())
    late = paisa(late.strip()) if late.strip() else amount
    try:
        day = date.fromisoformat(due.strip())
    except ValueError:
        return None
    if not title.strip() or not identifier.strip() or not amount or late is None or late < amount or day < TODAY:
        return None
    return title.strip(), identifier.strip(), amount, day, late


def main():
    began = time.perf_counter()
    seen, good = Counter(), []
    rows = 0
    with open(sheet(), newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        for line in lines:
            rows += 1
            seen[line[1].strip()] += 1
            if bill(*line):
                good.append(line[1].strip())
    tell(rows, sum(seen[identifier] == 1 for identifier in good), began)


if __name__ == "__main__":
    main()
