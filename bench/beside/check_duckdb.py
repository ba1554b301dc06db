"""The rules in DuckDB."""

import time

import duckdb
from judged import AMOUNT, AMOUNT_PATTERN, DUE, IDENTIFIER, LATE, TITLE, TODAY, sheet, tell


def main():
    began = time.perf_counter()
    decimal = lambda text: f"try_cast({text} as decimal(15, 2))"
    rows, valid = duckdb.sql(
        f"""
        with sheet as (
            select coalesce(trim("{TITLE}"), '') as title, coalesce(trim("{IDENTIFIER}"), '') as identifier,
                coalesce(trim("{AMOUNT}"), '') as amount, coalesce(trim("{DUE}"), '') as due,
                coalesce(trim("{LATE}"), '') as late
            from read_csv('{sheet()}', header = true, all_varchar = true)
        ), twice as (
            select identifier from sheet group by identifier having count(*) > 1
        )
        select count(*), count(*) filter (
            title <> '' and identifier <> '' and identifier not in (from twice)
            and regexp_matches(amount, '{AMOUNT_PATTERN}') and {decimal('amount')} > 0
            and try_strptime(due, '%Y-%m-%d')::date >= date '{TODAY}'
            and (late = '' or (regexp_matches(late, '{AMOUNT_PATTERN}') and {decimal('late')} >= {decimal('amount')}))
        ) from sheet
        """
    ).fetchall()[0]
    tell(rows, valid, began)


main()
