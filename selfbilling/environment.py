"""The process's environment, as settings read it: `NAME_FILE` may stand for `NAME`; an error names the variable."""

from environs import FileAwareEnv

env = FileAwareEnv(strip_whitespace=True)
