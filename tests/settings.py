"""The product's settings on an installation of this test run's own, under build/tests: never the developer's var/."""

import os
from pathlib import Path

if "TESTS_INSTALLATION" not in os.environ:  # else we are a process of a run that has begun
    os.environ["TESTS_INSTALLATION"] = str(os.getpid())
    os.environ["DATA_DIR"] = str(Path(__file__).resolve().parent.parent / "build" / "tests" / str(os.getpid()))

# ruff: noqa: I001
from selfbilling.settings import *  # noqa: F403
from selfbilling.settings import DATA_DIR, DATABASE_URL
from selfbilling.embedded import database

if not DATABASE_URL:
    DATABASES = {"default": database(DATA_DIR, durable=False)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for people who do not exist
