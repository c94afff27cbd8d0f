"""The two families of errors that a person or a later try can mend; everything else is our bug and keeps its traceback."""


class Refused(Exception):  # noqa: N818  (the trade's word)
    """A rule says no: nothing was written; the message says what happened and what to do. One subclass per refusal."""


class Unavailable(Exception):  # noqa: N818
    """Something outside (key, disk, mail server, timestamp) did not answer: the same act is tried again later."""
