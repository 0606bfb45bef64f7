"""When was each step of every complaint of a base taken? In columns, as `ComplaintProcess` folds it for one customer.

Customers whose complaints are told plainly, each under an id of its own with its steps after it, are read in columns;
those with a recovery task, a step without its complaint or two facts of one instant are named, to be folded.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.columns import FactTable
from relmkt.facts import Complaint, ComplaintSettled, Fact
from relmkt.satisfaction._standing import cases_of, texts

__all__ = ["NEVER", "CaseColumns", "case_columns"]

Ints = NDArray[np.int64]
NEVER = 1 << 62


@frozen(eq=False)
class CaseColumns:
    """The complaints told plainly, and whose are not.

    stream: whose each is; at: when it was opened; reached: by when each step was taken, shape (complaints, steps),
    `NEVER` where it was not. folded: customers (rows of the table's ids) who are to be folded one by one.
    """

    stream: Ints
    at: Ints
    reached: Ints
    folded: Ints


def case_columns(
    table: FactTable, now: int, step_kind: type[Fact], task_kind: type[Fact], steps: tuple[str, ...], most: int
) -> CaseColumns:
    """The complaints of a table up to an instant.

    step_kind, task_kind: of the steps and the recovery tasks. steps: their names in order, the last but one of them the
    close. most: how many complaints a customer's state keeps.
    """
    opened, taken, settled, tasks = (
        _until(table.only(kind), now) for kind in (Complaint, step_kind, ComplaintSettled, task_kind)
    )
    ids = texts(opened, "id")
    number, by_step, by_settling = cases_of(opened, taken, settled, ids=ids)
    several, unnamed = np.bincount(number)[number] > 1, np.array([not id for id in ids], np.bool_)
    crowded = np.bincount(opened.stream, minlength=len(table.ids)) > most
    odd = [tasks.stream, opened.stream[several | unnamed], np.flatnonzero(crowded)]
    at = np.zeros(int(number.max(initial=-1)) + 1, np.int64)
    at[number] = opened.at
    told = np.full((len(at), len(steps)), NEVER)
    place = np.array([*(steps.index(name) if name in steps else -1 for name in taken.labels), -1], np.int64)
    close = np.full(len(settled), len(steps) - 2)
    for facts, case, step in ((taken, by_step, place[taken.label]), (settled, by_settling, close)):
        plain = (case >= 0) & (step >= 0)
        plain[plain] = facts.at[plain] > at[case[plain]]
        odd.append(facts.stream[~plain])
        np.minimum.at(told, (case[plain], step[plain]), facts.at[plain])
    for row in reversed(range(len(steps) - 2)):  # a later step stands for those before it, but learning for none
        told[:, row] = np.minimum(told[:, row], told[:, row + 1])
    folded = np.unique(np.concatenate(odd))
    rows = ~np.isin(opened.stream, folded)
    return CaseColumns(opened.stream[rows], opened.at[rows], told[number[rows]], folded)


def _until(table: FactTable, now: int) -> FactTable:
    return table.taken(table.at <= now) if (table.at > now).any() else table
