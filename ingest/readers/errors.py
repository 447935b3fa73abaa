"""What can be wrong with an official file.

ReadError      the file cannot be read, or a line of it is not what its format says
└─ RefusedError     the file was recognised but must not be loaded; the message says why
"""

from __future__ import annotations

import csv
import errno
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from corpus.errors import CodebookError

DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, csv.Error, ValueError)
TOLD = 100  # characters of a library's message that are repeated


class ReadError(CodebookError):
    """What is wrong, where (file, line, value) and what to do, in one line."""


class RefusedError(ReadError):
    """The file is known and left out on purpose."""


@contextmanager
def damage(file: object, line: Callable[[], int] | None = None) -> Iterator[None]:
    """Say in one line what is wrong with a file that cannot be unpacked or parsed. `line`: the last line that was read."""
    try:
        yield
    except (*DAMAGE, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and error.errno != errno.EINVAL:  # a place before the start
            raise
        where = f"{file}:{line()}" if line and line() else f"{file}"
        raise ReadError(f"{where}: {_why(error)}") from error


def reason(error: ReadError, file: object) -> str:
    """What is wrong with a file, to be shown behind its name: the message does not repeat the name."""
    told = str(error)
    found = re.match(rf"{re.escape(str(file))}(?::(\d+))?: ", told)
    if not found:
        return told
    return (f"line {found[1]}: " if found[1] else "") + told[found.end() :]


def _why(error: Exception) -> str:
    """What became of the file, and what to do."""
    told = " ".join(str(error).split())[:TOLD]
    if isinstance(error, EOFError):
        return "the packed file is cut off; download it again"
    if isinstance(error, NotImplementedError):
        return f"packed in a way that cannot be undone here ({told}); unpack it and add what is inside"
    if isinstance(error, RuntimeError):  # zipfile: the member is encrypted
        return f"cannot be unpacked ({told}); unpack it and add what is inside"
    if isinstance(error, csv.Error | ValueError):
        return f"not what its format says ({told}); download it again"
    return f"the packed file is damaged ({told}); download it again"
