#!/usr/bin/env python
"""Django's command line; where no DATABASE_URL is given, the embedded database starts at the first connection."""

import os
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C among the imports: no traceback; edge.run answers it from then on

from selfbilling import edge

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "selfbilling.settings")
    sys.exit(edge.run(sys.argv))
