"""The whole job as somebody writes it who knows the database: rows streamed, COPY, PSIDs by one statement a
chunk from a temporary table, connections kept open, the next chunk's answer stored while the hub works.

SHEET DATABASE BASE_URL USERNAME PASSWORD
"""

import csv
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from check_csv import bill
from hub import ROWS_PER_CALL, Hub
from judged import tell

COLUMNS = "row_no, title, identifier, amount, due_date, late, state"


class Postgres:
    def __init__(self, url):
        import psycopg

        self.connection = psycopg.connect(url)
        self.cursor = self.connection.cursor()
        self.cursor.execute(
            "create table bills (row_no bigint primary key, title text, identifier text, amount bigint, due_date date,"
            " late bigint, state text not null, chunk_no bigint, psid text)"
        )
        self.cursor.execute(
            "create table chunks (chunk_no bigint primary key, state text not null, request_id text)"
        )
        self.cursor.execute("create temporary table told (row_no bigint, psid text)")
        self.connection.commit()

    def store(self, rows):
        with self.cursor.copy(f"copy bills ({COLUMNS}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def stored(self):
        self.cursor.execute("create index bills_by_identifier on bills (identifier)")
        twice = "(select identifier from bills where identifier <> '' group by identifier having count(*) > 1)"
        self.cursor.execute(f"update bills set state = 'invalid' where identifier in {twice}")
        self.connection.commit()

    def ready(self):
        with self.connection.cursor(name="ready") as cursor:
            cursor.itersize = ROWS_PER_CALL
            cursor.execute(
                "select row_no, title, identifier, amount, due_date, late from bills where state = 'ready' order by row_no"
            )
            # Read whole before the first commit ends the cursor.
            rows = cursor.fetchall()
        return rows

    def chunk(self, chunk_no, state, request_id):
        self.cursor.execute(
            "insert into chunks values (%s, %s, %s) on conflict (chunk_no)"
            " do update set state = excluded.state, request_id = excluded.request_id",
            (chunk_no, state, request_id),
        )
        self.connection.commit()

    def psids(self, pairs):
        self.cursor.execute("truncate told")
        with self.cursor.copy("copy told from stdin") as copy:
            for pair in pairs:
                copy.write_row(pair)
        self.cursor.execute("update bills b set state = 'billed', psid = t.psid from told t where b.row_no = t.row_no")
        self.connection.commit()

    def billed(self):
        self.cursor.execute("select count(*) from bills where state = 'billed'")
        return self.cursor.fetchone()[0]


class Sqlite:
    def __init__(self, url):
        self.connection = sqlite3.connect(url.removeprefix("sqlite:"), check_same_thread=False)
        for setting in ("journal_mode = wal", "synchronous = full"):
            self.connection.execute(f"pragma {setting}")
        self.connection.execute(
            "create table bills (row_no integer primary key, title text, identifier text, amount integer,"
            " due_date text, late integer, state text not null, chunk_no integer, psid text)"
        )
        self.connection.execute(
            "create table chunks (chunk_no integer primary key, state text not null, request_id text)"
        )
        self.connection.commit()

    def store(self, rows):
        rows = ((*row[:4], row[4] and str(row[4]), *row[5:]) for row in rows)
        self.connection.executemany(f"insert into bills ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)", rows)

    def stored(self):
        self.connection.execute("create index bills_by_identifier on bills (identifier)")
        twice = "(select identifier from bills where identifier <> '' group by identifier having count(*) > 1)"
        self.connection.execute(f"update bills set state = 'invalid' where identifier in {twice}")
        self.connection.commit()

    def ready(self):
        return self.connection.execute(
            "select row_no, title, identifier, amount, due_date, late from bills where state = 'ready' order by row_no"
        ).fetchall()

    def chunk(self, chunk_no, state, request_id):
        self.connection.execute("insert or replace into chunks values (?, ?, ?)", (chunk_no, state, request_id))
        self.connection.commit()

    def psids(self, pairs):
        self.connection.executemany(
            "update bills set psid = ?2, state = 'billed' where row_no = ?1", pairs
        )
        self.connection.commit()

    def billed(self):
        return self.connection.execute("select count(*) from bills where state = 'billed'").fetchone()[0]


def judged(sheet):
    """Every row as it is stored, one at a time."""
    with open(sheet, newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        for row_no, line in enumerate(lines, 1):
            values = bill(*line)
            if values:
                title, identifier, amount, due, late = values
                yield row_no, title, identifier, amount, due, late, "ready"
            else:
                yield row_no, line[0], line[1].strip(), None, None, None, "invalid"


def main():
    began = time.perf_counter()
    sheet, url, base_url, username, password = sys.argv[1:]
    database = Sqlite(url) if url.startswith("sqlite:") else Postgres(url)
    rows = 0

    def counted():
        nonlocal rows
        for row in judged(sheet):
            rows += 1
            yield row

    database.store(counted())
    database.stored()
    hub = Hub(base_url, username, password)
    reader = Hub(base_url, username, password)

    def told(number, places):
        """Asks until every PSID is there."""
        while True:
            payments = reader.payments(number)
            if all(psid for _, _, psid in payments):
                return [(places[identifier], psid) for identifier, _, psid in payments]
            time.sleep(0.05)

    ready = database.ready()
    with ThreadPoolExecutor(1) as pool:
        asked = []
        for chunk_no, start in enumerate(range(0, len(ready), ROWS_PER_CALL)):
            chunk = ready[start : start + ROWS_PER_CALL]
            database.chunk(chunk_no, "sending", None)
            number = hub.add_bulk([row[1:] for row in chunk])
            database.chunk(chunk_no, "accepted", str(number))
            asked.append(pool.submit(told, number, {row[2]: row[0] for row in chunk}))
            while asked and asked[0].done():
                database.psids(asked.pop(0).result())
        for answer in asked:
            database.psids(answer.result())
    tell(rows, database.billed(), began)


main()
