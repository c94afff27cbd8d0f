#!/usr/bin/env python
"""Django's command line; where no DATABASE_URL is given, the embedded database starts at the first connection."""

import os
import sys

from selfbilling import edge

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "selfbilling.settings")
    sys.exit(edge.run(sys.argv))
