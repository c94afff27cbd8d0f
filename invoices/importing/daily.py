"""What activity.csv and adjustments.csv share: rows of a relay and a day, by the million, compared in PostgreSQL.

The rows are copied into a temporary table with their lines, and every check is one statement over all of them: memory
stays bounded, whether all rows are good or all are bad. The temporary tables end with the transaction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from selfbilling.tabular.importing import BadRow, Change, Counts
from selfbilling.tabular.reading import Problem, Record, Table, Watch

_A_BATCH = 20_000  # rows in memory at once
_STAGED = """
    DROP TABLE IF EXISTS staged, judged, bad;
    CREATE TEMPORARY TABLE staged (
        line bigint, relay_code text COLLATE "C", day date, what text COLLATE "C", value numeric
    ) ON COMMIT DROP;
    CREATE TEMPORARY TABLE bad (
        line bigint, position int, column_name text, value text, reason text, remedy text
    ) ON COMMIT DROP;
"""
# Beside each row: its relay, what the database has for its key, how often the key is in the file, whether the relay's
# month has its invoice.
_JUDGED = """
    ANALYZE staged;
    SET LOCAL work_mem = '128MB';
    CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
    SELECT s.*, r.id AS relay_id, k.{value} AS known, i.relay_id IS NOT NULL AS is_invoiced,
        count(*) OVER same_key AS times, min(s.line) OVER same_key AS first_line, max(s.line) OVER same_key AS last_line
    FROM staged s
    LEFT JOIN relays_relay r ON r.code = s.relay_code
    LEFT JOIN {target} k ON k.relay_id = r.id AND k.day = s.day AND k.{what} = s.what {and_same_sign}
    LEFT JOIN invoices_invoice i
        ON i.relay_id = r.id AND i.period = date_trunc('month', s.day::timestamp)::date AND i.type_code = '389'
    WINDOW same_key AS (PARTITION BY s.relay_code, s.day, s.what {by_sign});
"""
_UNKNOWN_RELAY = """
    INSERT INTO bad
    SELECT line, 11, 'relay_code', relay_code, 'is no imported relay', 'import it first, or mend the code'
    FROM judged WHERE relay_id IS NULL
"""
_TWICE = """
    INSERT INTO bad
    SELECT line, 12, {key}, concat_ws(' ', relay_code, day, left(what, 30)),
        format('is there %s times (lines %s to %s)', times, first_line, last_line), 'keep one row of them'
    FROM judged WHERE times > 1
"""
_ANOTHER_VALUE = """
    INSERT INTO bad
    SELECT line, 13, {value_name}, value::text, format('is %s in what was imported before', known), {remedy}
    FROM judged WHERE known <> value
"""
_INVOICED = """
    INSERT INTO bad
    SELECT line, 14, 'day', day::text, 'is in a month of which this relay has its invoice',
        'make it an adjustment in an open month'
    FROM judged WHERE known IS NULL AND is_invoiced
"""
_GOOD = "NOT EXISTS (SELECT 1 FROM bad b WHERE b.line = j.line)"
_COUNTS = f"""
    SELECT (SELECT count(*) FROM judged j WHERE known IS NULL AND {_GOOD}),
        (SELECT count(*) FROM judged j WHERE known IS NOT NULL AND {_GOOD}),
        (SELECT count(DISTINCT line) FROM bad)
"""  # noqa: S608  (constants)
_WRITE = f"""
    INSERT INTO {{target}} (relay_id, day, {{what}}, {{value}})
    SELECT relay_id, day, what, value FROM judged j WHERE known IS NULL AND {_GOOD} ORDER BY relay_id, day
"""  # noqa: S608  (constants)
_BAD_ROWS = "SELECT line, column_name, value, reason, remedy FROM bad ORDER BY line, position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """One kind of file. what: the key's third column; value: what the key is worth; sign_in_key: of the value.

    more_checks: statements that insert into bad from judged. other_value_remedy: what to do where the database has
    another value for a key.
    """

    table: Table[Any]
    target: str
    what: str
    value: str
    sign_in_key: bool
    other_value_remedy: str
    more_checks: tuple[str, ...] = ()


class JudgedDaily:
    """A file that was read into temporary tables and compared with the database there."""

    def __init__(self, daily: Daily, path: Path, *, watch: Watch) -> None:
        self._daily = daily
        self.file = daily.table.file(path, watch=watch)
        with connection.cursor() as cursor:
            cursor.execute(_STAGED)
            _stage(daily, daily.table.records(self.file), cursor)
            for statement in (_JUDGED, _UNKNOWN_RELAY, _TWICE, _ANOTHER_VALUE, _INVOICED, *daily.more_checks):
                cursor.execute(_composed(statement, daily))
            cursor.execute("ANALYZE bad")
            cursor.execute(_COUNTS)
            new, same, bad = cursor.fetchone()
        self.counts = Counts(new=new, same=same, bad=bad)

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order, from a cursor of the server."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(_BAD_ROWS)
            for line, rows in groupby(cursor, key=lambda row: int(row[0])):
                yield BadRow(line, [Problem(*row[1:]) for row in rows])

    def changes(self) -> Iterator[Change]:
        """Nothing: what is imported stays."""
        return iter(())

    def write(self) -> None:
        """Insert the good rows that are new."""
        with connection.cursor() as cursor:
            cursor.execute(_composed(_WRITE, self._daily))


def _composed(statement: str, daily: Daily) -> sql.Composed:
    key = ["relay_code", "day", daily.what, *(["sign"] if daily.sign_in_key else [])]
    value = sql.Identifier(daily.value)
    return sql.SQL(statement).format(
        target=sql.Identifier(daily.target),
        what=sql.Identifier(daily.what),
        value=value,
        and_same_sign=sql.SQL("AND (k.{} > 0) = (s.value > 0)").format(value) if daily.sign_in_key else sql.SQL(""),
        by_sign=sql.SQL(", s.value > 0" if daily.sign_in_key else ""),
        key=sql.Literal(", ".join(key)),
        value_name=sql.Literal(daily.value),
        remedy=sql.Literal(daily.other_value_remedy),
    )


def _stage(daily: Daily, records: Iterator[Record[Any]], cursor: Any) -> None:
    """Copy the rows whose key can be read, good or bad, and the problems of the bad ones."""
    while batch := list(islice(records, _A_BATCH)):
        _copy(cursor, "staged", _with_key(daily, batch))
        _copy(cursor, "bad", ((r.line, at, *problem) for r in batch for at, problem in enumerate(r.problems)))


def _with_key(daily: Daily, records: Iterable[Record[Any]]) -> Iterator[tuple[Any, ...]]:
    """line, relay_code, day, what, value: a good row's own four columns, in this order; of a bad row what there is."""
    for record in records:
        if record.row is not None:
            yield (record.line, *record.row)
        elif (key := record.part("relay_code", "day", daily.what)) is not None:
            value = record.known.get(daily.value)
            if value is not None or not daily.sign_in_key:
                yield (record.line, *key, value)


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
