"""Celery: it only hurries what rows in PostgreSQL say is due; a lost message costs a minute, until the next sweep.

Tasks are declared with `@app.task(name="…")` in an app's tasks.py. Doors call `hurry`; deeds never do.
"""

import logging
import os
import time
from functools import partial
from typing import Any

from celery import Celery
from celery.platforms import set_pdeathsig  # type: ignore[attr-defined]
from celery.schedules import crontab
from celery.signals import beat_embedded_init
from django.conf import settings
from django.db import transaction
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from selfbilling.embedded import use
from selfbilling.errors import Unavailable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "selfbilling.settings")
log = logging.getLogger(__name__)

WHAT_RUNS_WHEN = {
    "sweep": {"task": "invoices.tasks.sweep", "schedule": 60.0},  # seconds
    "post": {"task": "invoices.tasks.post", "schedule": crontab(hour="5", minute="10")},  # before the post is fetched
    "announce": {"task": "invoices.tasks.announce", "schedule": crontab(hour="6", minute="20")},
    "accept": {"task": "invoices.tasks.accept", "schedule": crontab(hour="4", minute="40")},  # in Paris
}
"""The one table of what runs by the clock (`celery -A selfbilling worker -B`)."""
_DEAD = (OperationalError, RedisError, OSError, Unavailable)
_QUIET_SECONDS = 30.0
"""How long no message is tried after one that failed: a deed on 15,000 rows must not wait 15,000 times."""
_quiet_until = 0.0


class App(Celery):
    """Celery, on BROKER_URL, or on the embedded broker, which is started at the first connection."""

    def connection_for_read(self, url: str | None = None, **options: Any) -> Connection:
        """A connection to receive."""
        return super().connection_for_read(url or _broker_url(), **options)

    def connection_for_write(self, url: str | None = None, **options: Any) -> Connection:
        """A connection to send: it gives up after seconds."""
        given = options.pop("transport_options", None) or {}
        patience = {"socket_timeout": 5, "max_retries": 1, "interval_start": 0, "interval_step": 0}
        return super().connection_for_write(url or _broker_url(), transport_options=patience | given, **options)


def _broker_url() -> str:
    """Raises Unavailable where the embedded broker cannot be started."""
    return settings.BROKER_URL or f"redis+socket://{use.broker(settings.DATA_DIR)}"


app = App("selfbilling")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_connect_timeout": 2},
    task_default_queue="selfbilling",
    timezone=settings.TIME_ZONE,
    beat_schedule=WHAT_RUNS_WHEN,
    beat_schedule_filename=str(settings.DATA_DIR / "beat"),
)
app.autodiscover_tasks()


@beat_embedded_init.connect
def _end_with_its_worker(**_details: Any) -> None:
    """The clock of `worker --beat` would outlive a worker that is killed; its other processes end with it already."""
    set_pdeathsig("SIGKILL")


def hurry(task: str, *arguments: Any) -> None:
    """Once this transaction is committed, ask a worker to do it now. A dead broker is logged, and fails nothing.

    task: its name ("invoices.tasks.produce"). arguments: ids, as JSON values.
    """
    transaction.on_commit(partial(_send, task, arguments))


def _send(task: str, arguments: tuple[Any, ...]) -> None:
    global _quiet_until  # noqa: PLW0603  (of this process)
    if time.monotonic() < _quiet_until:
        return
    try:
        app.send_task(task, args=arguments, retry=False)
    except _DEAD as error:
        _quiet_until = time.monotonic() + _QUIET_SECONDS
        log.warning("The broker does not answer (%s); what is due waits for the next sweep", error)


def workers_answer(timeout: float = 1.0) -> bool:
    """Whether a worker answers within so many seconds; starts no broker."""
    if not settings.BROKER_URL and not use.broker_answers(settings.DATA_DIR):
        return False
    try:
        return bool(app.control.ping(timeout=timeout, limit=1))
    except _DEAD:
        return False
