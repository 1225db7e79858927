"""Accounts beside each other: each in a process of its own, so many at the same time."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar

from sellerkit.unattended.steps import Event, Say

Result = TypeVar("Result")


class Task(Protocol):
    """What is done for one account."""

    @property
    def name(self) -> str:
        """The account's."""


Some = TypeVar("Some", bound=Task)


def for_each(
    tasks: Sequence[Some],
    work: Callable[[Some, Say], Result],
    lost: Callable[[Some, str, Say], Result],
    *,
    parallel: int,
    say: Say,
) -> list[Result]:
    """Do a piece of work for each account and return the results in the order of the tasks.

    Parameters
    ----------
    tasks : sequence of Task
    work : callable
        A function of a module, since another process has to find it.
    lost : callable
        Gives the result of a task whose process ended before its work did (no memory left, a
        fault in a native library): the others go on.
    parallel : int
        So many at the same time. One alone, and one after the other, need no other process.
    say : callable
        Told the events of all; never of two at once.
    """
    if parallel == 1 or len(tasks) < 2:
        return [work(task, say) for task in tasks]
    one_at_a_time = threading.Lock()

    def said(event: Event) -> None:
        with one_at_a_time:
            say(event)

    def done(task: Some) -> Result:
        try:
            result: Result = _beside(task, work, said)
        except _Lost as error:
            return lost(task, str(error), said)
        return result

    with ThreadPoolExecutor(min(parallel, len(tasks))) as waiting:
        return list(waiting.map(done, tasks))


class _Lost(Exception):
    """A process that ended before its work did."""


def _beside(task: Any, work: Callable[[Any, Say], Any], say: Say) -> Any:
    """Do a task in a process of its own; nothing of ours is inherited but the task."""
    # a forked process would inherit the lock of the run, and hold it when the run was killed
    fresh = multiprocessing.get_context("spawn")
    here, there = fresh.Pipe(duplex=False)
    process = fresh.Process(target=_work, args=(there, task, work), name=task.name)
    process.start()
    there.close()
    try:
        while True:
            what = here.recv()
            if not isinstance(what, Event):
                return what[0]
            say(what)
    except EOFError:
        process.join()
        how = process.exitcode or 0
        ended = f"by signal {-how}" if how < 0 else f"with {how}"
        raise _Lost(f"its process ended {ended} before its work did") from None
    finally:
        here.close()
        process.join()


def _work(there: Connection, task: Any, work: Callable[[Any, Say], Any]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    there.send((work(task, there.send),))
    there.close()
    # as the command line does: native threads now and then abort a process that is torn down
    os._exit(0)


def _end_with_parent() -> None:
    """End this process when the run is killed: what it does, the next run will do."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
