"""Accounts beside each other: a few processes, each with one account at a time."""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from sellerkit.unattended.steps import Event, Say


class Task(Protocol):
    """What is done for one account."""

    @property
    def name(self) -> str:
        """The account's."""


Some = TypeVar("Some", bound=Task)
Result = TypeVar("Result")


class LostError(Exception):
    """A process that ended before its work did."""


class Crew:
    """Some processes for the accounts of a run; where one is enough, this one.

    Parameters
    ----------
    size : int
        So many at the same time.
    say : callable
        Told the events of all; never of two at once.
    """

    def __init__(self, size: int, say: Say) -> None:
        self._size, self._say = size, say
        self._one_at_a_time = threading.Lock()
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for _ in range(size):
            self._idle.put(_Worker())

    def for_each(
        self,
        tasks: Sequence[Some],
        work: Callable[[Some, Say], Result],
        lost: Callable[[Some, str, Say], Result],
    ) -> list[Result]:
        """Do a piece of work for each account; the results are in the order of the tasks.

        Parameters
        ----------
        tasks : sequence of Task
        work : callable
            A function of a module, since another process has to find it.
        lost : callable
            Gives the result of a task whose process ended before its work did (no memory left, a
            fault in a native library): the others go on.
        """
        if self._size == 1:
            return [work(task, self._say) for task in tasks]

        def done(task: Some) -> Result:
            worker = self._idle.get()
            try:
                result: Result = worker.do(task, work, self._said)
            except LostError as error:
                worker = _Worker()
                return lost(task, str(error), self._said)
            finally:
                self._idle.put(worker)
            return result

        with ThreadPoolExecutor(self._size) as waiting:
            return list(waiting.map(done, tasks))

    def _said(self, event: Event) -> None:
        with self._one_at_a_time:
            self._say(event)

    def close(self) -> None:
        """Let the processes go."""
        while not self._idle.empty():
            self._idle.get().close()


@contextmanager
def crew(size: int, say: Say) -> Iterator[Crew]:
    """Give processes, and let them go in the end."""
    made = Crew(size, say)
    try:
        yield made
    finally:
        made.close()


class _Worker:
    """One process, started when there is work for it; nothing of ours is inherited by it."""

    _process: BaseProcess
    _line: Connection | None = None

    def do(self, task: Any, work: Callable[[Any, Say], Any], say: Say) -> Any:
        line = self._line or self._start()
        try:
            line.send((work, task))
            while isinstance(said := line.recv(), Event):
                say(said)
        except (EOFError, ConnectionError):
            raise LostError(f"its process {self._ended()} before its work did") from None
        return said[0]

    def _start(self) -> Connection:
        # a forked process would inherit the lock of the run, and hold it when the run was killed
        fresh = multiprocessing.get_context("spawn")
        self._line, there = fresh.Pipe()
        self._process = fresh.Process(target=_work, args=(there,))
        self._process.start()
        there.close()
        return self._line

    def _ended(self) -> str:
        self.close()
        code = self._process.exitcode or 0
        return f"ended by signal {-code}" if code < 0 else f"ended with {code}"

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._process.join()


def _work(line: Connection) -> None:
    """Do one piece of work after the other, until nobody asks for more."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while True:
            work, task = line.recv()
            line.send((work(task, line.send),))
    except (EOFError, ConnectionError):
        # as the command line does: native threads now and then abort a process that is torn down
        os._exit(0)


def _end_with_parent() -> None:
    """End this process when the run is killed: what it was doing, the next run will do."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
