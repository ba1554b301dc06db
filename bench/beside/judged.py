"""The rules that every reference judges by: those of `ingestd check`, for sheets as the bench makes them.

A title and an identifier that are not blank; amounts of digits with at most two decimals, above zero; a day
that exists and has not passed; a late amount, if there is one, not below the amount; no identifier twice in
the file, whichever rows it stands in.
"""

import json
import sys
import time
from datetime import date

TITLE, IDENTIFIER, AMOUNT, DUE, LATE = "Title", "Identifier", "Amount", "Due Date", "Amount After Due Date"
AMOUNT_PATTERN = r"^[0-9]{1,13}(\.[0-9]{1,2})?$"
TODAY = date.today()


def tell(rows, valid, began, **more):
    """The last line: what the bench reads."""
    micros = int((time.perf_counter() - began) * 1_000_000)
    print(json.dumps({"rows": int(rows), "valid": int(valid), "micros": micros, **more}))


def sheet():
    return sys.argv[1]
