"""Work on all cores: processes that never outlive their parent, whatever ends it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process

from selfbilling.errors import Unavailable


class ProcessKilled(Unavailable):
    """A process of the pool was killed, by the kernel for want of memory perhaps."""


@contextmanager
def all_cores(*, tasks: int, prepare: Callable[[], object] | None = None) -> Iterator[ProcessPoolExecutor]:
    """A pool of at most one process a core and a task. prepare: called first in each process.

    Processes are spawned, not forked: a fork would share database connections and the locks of embedded services.
    Left by an exception, what has not started never starts. Raises ProcessKilled if one of them is killed.
    """
    pool = ProcessPoolExecutor(
        max(1, min(os.cpu_count() or 1, tasks)), mp_context=get_context("spawn"), initializer=_begin, initargs=(prepare,)
    )
    try:
        yield pool
    except BrokenProcessPool as error:
        raise ProcessKilled("A process that did a part of the work was killed (out of memory?). Run the same command again.") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(prepare: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if prepare is not None:
        prepare()


def _end_with_parent() -> None:
    """A parent that was killed cannot say so: wait for its end, then end."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
