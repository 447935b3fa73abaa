from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.lock import BusyError, one_at_a_time


def test_a_second_writer_is_told_who_is_at_work(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path), pytest.raises(BusyError, match=rf"process {os.getpid()}"), one_at_a_time(tmp_path):
        pass


def test_it_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError), one_at_a_time(tmp_path):
        raise ValueError
    with one_at_a_time(tmp_path):
        pass
