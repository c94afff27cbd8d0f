"""How often somebody may do what is costly: counted in the cache that all processes share, in windows of fixed length."""

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many times in so many seconds, for each who. name: what is counted."""

    name: str
    times: int
    seconds: int

    def seconds_to_wait(self, who: str, *, cost: int = 1) -> int:
        """Count once more (or cost times), and return 0; or count nothing, and return how long to wait.

        who: a person's id or a network address. Exact, even where requests come at once: one counts after the other.
        """
        window, passed = divmod(int(time.time()), self.seconds)
        key = f"limit:{self.name}:{who}:{window}"
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            counted = cache.get(key, 0) + cost
            if counted > self.times:
                return self.seconds - passed
            cache.set(key, counted, timeout=self.seconds)
        return 0
