"""A judge that does what a file says, as if that file had found a way to make it: for the tests of what ends it."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from invoices.sealing import confined, verification
from invoices.sealing.verdicts import Verdict


def obeying(pdf: bytes, **known: Any) -> Verdict:
    """Judge a file, unless it orders something else."""
    order, _, argument = pdf.decode("latin-1").partition(" ")
    if order == "loop":
        while True:
            pass
    if order == "take":
        until = time.process_time() + float(argument)
        while time.process_time() < until:
            pass
    if order == "hang":
        threading.Event().wait()
    if order == "grow":
        len(bytearray(int(argument)))
    if order == "write":
        Path(argument).write_bytes(b"%PDF-1.7")
    if order == "say":
        sys.stdout.write(argument)
        sys.exit()
    if order == "raise":
        raise RuntimeError(argument)
    if order == "die":
        os.kill(os.getpid(), signal.Signals[argument])
    if order == "tell":
        raise RuntimeError(str(sorted(os.environ)))
    return verification.verify(pdf, **known)


if __name__ == "__main__":
    vars(confined)["verify"] = obeying
    confined._judge_until_nobody_asks(sys.stdin.buffer, sys.stdout.buffer)
