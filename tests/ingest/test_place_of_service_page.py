from __future__ import annotations

from contextlib import suppress
from datetime import date
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from ingest.readers.place_of_service_page import read, sniff

CODES = {f"{number:02}": f"Invented place {number}" for number in (1, 2, *range(10, 28), *range(31, 50), 66)}
HEADER = "<tr><th>Place of Service Code(s)</th><th>Place of Service <br>Name</th><th>Place of Service Description</th></tr>"


def page(codes: dict[str, str], header: str = HEADER, title: str = "Place of Service Code Set | CMS") -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(code)}</th><td>\n <p>{escape(name)}</p></td><td>Invented &amp; long.</td></tr>' for code, name in codes.items()
    )
    menu = "<table><tr><td>01</td><td>Not this one</td><td>x</td></tr></table>"
    body = f"{menu}<table>{header}{rows}</table><table><tr><td>After</td></tr></table>"
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{body}</body></html>"


def saved(folder: Path, text: str) -> OfficialFile:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return OfficialFile(path)


def rows(file: OfficialFile) -> list[tuple[str, ...]]:
    return [record for _, batch in read(file).batches for record in batch]


def test_the_codes_in_use(tmp_path: Path) -> None:
    file = saved(tmp_path, page({**CODES, "28-30": "Unassigned", "67": "Unassigned", "99": "Other\n  Place"}))
    assert recognise(file) is not None
    reading = read(file)
    records = [record for _, batch in reading.batches for record in batch]
    assert records == [*((code, name, "") for code, name in CODES.items()), ("99", "Other Place", "")]
    assert reading.skipped == {"unassigned": 4}
    assert (reading.release.key, reading.release.valid_from, reading.release.valid_to) == ("place-of-service/2024-08-01", date(2024, 8, 1), None)


def test_an_older_page_ends_before_the_code_that_it_lacks(tmp_path: Path) -> None:
    release = read(saved(tmp_path, page({code: name for code, name in CODES.items() if code != "66"}))).release
    assert (release.release, release.valid_to) == ("2023-10-01", date(2024, 7, 31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (page(CODES, header="<tr><th>Code</th><th>Name</th><th>Description</th></tr>"), "no table with the columns"),
        (page(dict(list(CODES.items())[:20])), "20 codes"),
        (page(CODES)[:1500], "codes, and the set"),
        (page({**CODES, "X1": "Invented"}), "code 'X1' with the name 'Invented'"),
        (page({**CODES, "77": ""}), "code '77' with the name ''"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        rows(saved(tmp_path, text))


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><html><title>Accept the licence | CMS</title>",
        b"<!DOCTYPE html><html><title>How place of service codes are paid</title>",
        b"<html><body>Place of Service Codes</body>",
        b'{"title": "<title>Place of Service Code Set |"}',
        b"",
    ],
)
def test_other_pages_are_not_taken(head: bytes) -> None:
    assert not sniff(head)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20).filter(
    lambda name: not name.lower().startswith("un")
)
TABLES = st.dictionaries(st.from_regex(r"[0-9]{2}", fullmatch=True), NAMES, min_size=30, max_size=99)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(TABLES)
def test_what_is_written_is_read(tmp_path: Path, codes: dict[str, str]) -> None:
    assert rows(saved(tmp_path, page(codes))) == [(code, name, "") for code, name in codes.items()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_any_table_is_read_or_refused(tmp_path: Path, text: str) -> None:
    with suppress(ReadError):
        rows(saved(tmp_path, page({}, HEADER + text)))
