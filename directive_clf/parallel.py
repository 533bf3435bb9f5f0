"""A function over an iterator, with processes, in order, and never far ahead of what is taken."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from .exceptions import DirectiveClfError

__all__ = ["iter_mapped"]

T = TypeVar("T")
R = TypeVar("R")


class _Fault(NamedTuple):
    """What went wrong in reading the items: joblib reads them in a thread that nobody hears."""

    error: BaseException


def iter_mapped(function: Callable[[T], R], items: Iterable[T], jobs: int) -> Iterator[R]:
    """Yield ``function(item)`` for each item, in order.

    Parameters
    ----------
    function : callable
        It is sent to the other processes, with its items: a function of a module, or a partial.
    items : iterable
        Read as results are taken, two a process ahead at most.
    jobs : int
        Processes, as joblib counts: -1 for all cores. With 1, all happens in this one.

    Raises
    ------
    DirectiveClfError
        If a process is killed, for memory or by hand.
    """
    if jobs == 1:
        yield from map(function, items)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    parallel = Parallel(n_jobs=jobs, return_as="generator", batch_size=1, pre_dispatch="2 * n_jobs")
    try:
        pid = os.getpid()
        for result in parallel(delayed(_call)(function, item, pid) for item in _hearing(items)):
            if isinstance(result, _Fault):
                raise result.error
            yield result
    except TerminatedWorkerError:
        raise DirectiveClfError(
            "a process of --jobs was killed, perhaps for want of memory; go on with --resume and"
            " fewer of them"
        ) from None


def _hearing(items: Iterable[T]) -> Iterator[T | _Fault]:
    try:
        yield from items
    except BaseException as error:
        yield _Fault(error)


def _call(function: Callable[[Any], Any], item: Any, parent: int) -> Any:
    _follow(parent)
    return item if isinstance(item, _Fault) else function(item)


@functools.cache
def _follow(parent: int) -> None:
    """End this process soon after its parent does: a parent that is killed tells nobody."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if os.getppid() == parent:  # not so on Windows behind a launcher
        threading.Thread(target=watch, daemon=True).start()
