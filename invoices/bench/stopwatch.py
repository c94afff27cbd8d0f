"""CPU time, in milliseconds, of what is to be measured and nothing else."""

from collections import defaultdict
from collections.abc import Callable
from time import process_time
from typing import TypeVar

Made = TypeVar("Made")


class Stopwatch:
    """Adds up what several acts cost this process; other things may be done in between."""

    def __init__(self) -> None:
        self.ms = 0.0

    def of(self, act: Callable[[], Made]) -> Made:
        """Do it and count it."""
        start = process_time()
        made = act()
        self.ms += (process_time() - start) * 1000
        return made


class Spent(defaultdict[str, list[float]]):
    """Milliseconds by name, one for each time."""

    def __init__(self) -> None:
        super().__init__(list)

    def on(self, name: str, act: Callable[[], Made]) -> Made:
        """Do it once and keep what it cost."""
        watch = Stopwatch()
        made = watch.of(act)
        self[name].append(watch.ms)
        return made
