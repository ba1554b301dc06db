"""The whole job as it is usually written: pandas, requests, executemany; a commit a chunk.

SHEET DATABASE BASE_URL USERNAME PASSWORD
"""

import sqlite3
import sys
import time

import pandas as pd
from check_pandas import judge
from hub import ROWS_PER_CALL, Hub
from judged import DUE, IDENTIFIER, TITLE, tell

TABLE = """create table bills (
    row_no bigint primary key, title text, identifier text, amount bigint, due_date text, late bigint,
    state text, request_id text, psid text)"""
INDEXES = ["create index bills_by_identifier on bills (identifier)", "create index bills_by_state on bills (state)"]


def connect(url):
    """A connection, and how it writes a parameter."""
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(url.removeprefix("sqlite:"))
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        return connection, "?"
    import psycopg

    return psycopg.connect(url), "%s"


def main():
    began = time.perf_counter()
    sheet, url, base_url, username, password = sys.argv[1:]
    connection, p = connect(url)
    cursor = connection.cursor()
    for statement in [TABLE, *INDEXES]:
        cursor.execute(statement)

    frame = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    valid = judge(frame)
    state = valid.map({True: "ready", False: "invalid"})
    whole = lambda column: [None if pd.isna(value) else int(value) for value in column]
    rows = zip(
        range(1, len(frame) + 1),
        frame[TITLE].str.strip(),
        frame[IDENTIFIER].str.strip(),
        whole(frame["paisa"]),
        frame[DUE],
        whole(frame["late_paisa"]),
        state,
    )
    cursor.executemany(
        f"insert into bills (row_no, title, identifier, amount, due_date, late, state) values ({', '.join([p] * 7)})",
        list(rows),
    )
    connection.commit()

    hub = Hub(base_url, username, password)
    cursor.execute("select row_no, title, identifier, amount, due_date, late from bills where state = 'ready' order by row_no")
    ready = cursor.fetchall()
    numbers = []
    for start in range(0, len(ready), ROWS_PER_CALL):
        chunk = ready[start : start + ROWS_PER_CALL]
        set_state = f"update bills set state = {p}, request_id = {p} where row_no = {p}"
        # The intent first: who died here must not send it again.
        cursor.executemany(set_state, [("sending", None, row[0]) for row in chunk])
        connection.commit()
        number = hub.add_bulk([row[1:] for row in chunk])
        cursor.executemany(set_state, [("accepted", str(number), row[0]) for row in chunk])
        connection.commit()
        numbers.append((number, chunk))

    for number, chunk in numbers:
        places = {row[2]: row[0] for row in chunk}
        while True:
            payments = hub.payments(number)
            if all(psid for _, _, psid in payments):
                break
            time.sleep(0.1)
        cursor.executemany(
            f"update bills set state = 'billed', psid = {p} where row_no = {p}",
            [(psid, places[identifier]) for identifier, _, psid in payments],
        )
        connection.commit()

    cursor.execute("select count(*) from bills where state = 'billed'")
    billed = cursor.fetchone()[0]
    tell(len(frame), billed, began)


main()
