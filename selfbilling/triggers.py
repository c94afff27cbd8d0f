"""Triggers that more than one table needs: rows that are inserted once, tables that are never emptied."""

import pgtrigger


def never_truncated(name: str) -> pgtrigger.Trigger:
    """TRUNCATE fires no row trigger, so a table whose rows are guarded needs this one too. name: the sentence, in short."""
    return pgtrigger.Trigger(
        name=f"{name}_not_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'table % is never truncated', TG_TABLE_NAME;",
    )


def final(name: str) -> list[pgtrigger.Trigger]:
    """The triggers of a table whose rows are inserted once, then never changed nor deleted. name: what a row is."""
    return [
        pgtrigger.Trigger(
            name=f"{name}_is_final",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func="RAISE EXCEPTION 'a row of % is final: it is neither changed nor deleted', TG_TABLE_NAME;",
        ),
        never_truncated(name),
    ]
