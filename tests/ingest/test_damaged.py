"""Files that cannot be unpacked or parsed: one line that names the file, exit 1, and the edition stays as it was."""

from __future__ import annotations

import gzip
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.editions import current
from ingest.__main__ import app
from tests.ingest.official import archive, derived_ptp, fee_row, fee_schedule, ptp, put

DICE = random.Random(1)
CODES = DICE.sample(range(10000, 99999), 4000)
FEES = fee_schedule([fee_row(str(code), work=f"{DICE.random():.4f}") for code in CODES])  # packed, far more than recognition looks at
PAIRS = [(str(a), str(b), "9999-12-31", 1, "Standards") for a, b in zip(CODES, reversed(CODES), strict=True)]


def cut(folder: Path) -> Path:
    packed = gzip.compress(FEES.encode())
    return put(folder, "fees.csv", packed[: len(packed) * 3 // 4]).rename(folder / "bad.csv.gz")


def cut_at_once(folder: Path) -> Path:
    return put(folder, "fees.csv", gzip.compress(FEES.encode())[:40]).rename(folder / "bad.csv.gz")


def scrambled(folder: Path) -> Path:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(FEES.encode()) + packer.flush(zlib.Z_FULL_FLUSH) + b"\x07" * 100  # a block of a type that does not exist
    return put(folder, "fees.csv", packed).rename(folder / "bad.csv.gz")


def changed_member(folder: Path) -> Path:
    path = archive(folder, "bad.zip", {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("fees.csv", FEES)
    data = path.read_bytes()
    path.write_bytes(data.replace(f"Invented {CODES[-1]}".encode(), f"Tampered {CODES[-1]}".encode()))  # the checksum is wrong
    return path


def with_header(field: int, central: int, value: int) -> Callable[[Path], Path]:
    """A zip with a number changed in the local header of its first member, and in the central directory."""

    def make(folder: Path) -> Path:
        path = archive(folder, "bad.zip", {"fees.csv": FEES})
        data = bytearray(path.read_bytes())
        data[field] = value
        data[data.index(b"PK\x01\x02") + central] = value
        path.write_bytes(data)
        return path

    return make


def long_field(folder: Path) -> Path:
    pairs = [*PAIRS[:2], ("20610", "99213", "9999-12-31", 1, "x" * 200_000)]  # beyond the limit of a csv field
    return put(folder, "bad_ptp_practitioner_2024Q3.csv", derived_ptp(pairs))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (cut, ": the packed file is cut off"),
        (cut_at_once, ": the packed file is cut off"),
        (scrambled, ": the packed file is damaged"),
        (changed_member, ": the packed file is damaged (Bad CRC-32"),
        (with_header(6, 8, 1), "bad.zip/fees.csv: cannot be unpacked (File 'fees.csv' is encrypted"),
        (with_header(8, 10, 9), "bad.zip/fees.csv: packed in a way that cannot be undone here (That compression method"),
        (long_field, "bad_ptp_practitioner_2024Q3.csv:4: not what its format says (field larger than field limit"),
        (lambda folder: put(folder, "bad.csv", fee_schedule([fee_row("99213", factor="3x")])), "bad.csv:11: conversion_factor '3x' is not a number"),
        (lambda folder: put(folder, "bad-ccipra-v322r0.txt", ptp([("20610", "99213", "20201399", "*", "1", "x")])), "is no PTP edit"),
    ],
)
def test_it_is_told_in_one_line(edition: object, tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    before = current()
    good = put(tmp_path, "good.csv", fee_schedule([fee_row("99213")], 2019))
    done = CliRunner().invoke(app, ["add", str(good), str(make(tmp_path))])
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("error: bad")
    assert message in done.stderr
    assert len(done.stderr) < 300
    assert current() == before
