#!/usr/bin/env python
"""Django's command line; where no DATABASE_URL is given, the embedded services are started first."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "selfbilling.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (after the settings' name is known)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
