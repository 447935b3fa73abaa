from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import descriptors as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import PTP_HEADER, archive, put
from tests.ingest.official_hcpcs import AMA, descriptors, workbook

UNDATED = AMA.replace("CPT® {edition}", "CPT copyright 2025 American Medical Association. All rights reserved.")
LONG = [
    ("63044", "Invented operation, each additional level (list it after the first one)"),
    ("0001U", "Invented test"),
    ("99213", "Invented visit; short"),
]
CAPITALS = [("63044", "INVENTED OPERATION EACH ADDITIONAL LEVEL"), ("0001U", "INVENTED TEST"), ("99213", "INVENTED VISIT")]
SHORT = [("63044", "INVENTED OPERATION ADDL"), ("0001U", "INVENTED TEST"), ("99213", "INVENTED VISIT")]
CONSUMER = 'Concept Id\tCPT Code\tConsumer Friendly Descriptor\n1002798\t63044\tAn "invented" operation\n1002799\t99213\tInvented visit\n'
CLINICIAN = (
    "Concept Id\tCPT Code\tClinician Descriptor Id\tClinician Descriptor\n1002798\t63044\t10000002\tInvented operation at one level\n"
    "1002798\t63044\t10031990\tInvented operation at two levels\n1002799\t00100\t10031991\tInvented anesthesia\n"
)


def records(file: OfficialFile) -> list[tuple[object, ...]]:
    return [record for _, batch in reader.read(file).batches for record in batch]


@pytest.mark.parametrize(
    ("rows", "separator", "width", "kind"),
    [
        (LONG, "\t", 0, "long"),
        (LONG, " ", 0, "long"),
        (CAPITALS, " ", 0, "medium"),
        (CAPITALS, " ", 106, "medium"),
        (CAPITALS, "\t", 0, "medium"),
        (SHORT, " ", 0, "short"),
        (SHORT, " ", 80, "short"),
        (SHORT, "\t", 0, "short"),
        ([*SHORT, ("63042", "INVENTED OPERATION AT A LEVEL THAT IS THE FIRST ONE OF ITS KIND")], "\t", 0, "long"),
    ],
)
def test_the_standard_files(tmp_path: Path, rows: list[tuple[str, str]], separator: str, width: int, kind: str) -> None:
    file = OfficialFile(put(tmp_path, "ANY.txt", descriptors(rows, separator, width) + b"\x1a"))
    assert recognise(file) is reader
    assert records(file) == [(code, kind, 0, text) for code, text in rows]
    release = reader.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == (f"descriptors/{kind}/2026", date(2026, 1, 1), date(2026, 12, 31))


def test_consumer_descriptors(tmp_path: Path) -> None:
    wanted = [("63044", "consumer", 0, 'An "invented" operation'), ("99213", "consumer", 0, "Invented visit")]
    file = OfficialFile(put(tmp_path, "ConsumerDescriptor_2026.txt", CONSUMER))
    assert recognise(file) is reader
    assert records(file) == wanted
    sheet = workbook(tmp_path / "ConsumerDescriptor_2026.xlsx", [line.split("\t") for line in CONSUMER.splitlines()])
    assert recognise(OfficialFile(sheet)) is reader
    assert records(OfficialFile(sheet)) == wanted


def test_a_code_may_have_several_clinician_descriptors(tmp_path: Path) -> None:
    wanted = [
        ("63044", "clinician", 0, "Invented operation at one level"),
        ("63044", "clinician", 1, "Invented operation at two levels"),
        ("00100", "clinician", 0, "Invented anesthesia"),
    ]
    assert records(OfficialFile(put(tmp_path, "ClinicianDescriptor_2026.txt", CLINICIAN))) == wanted
    rows: list[list[object]] = [list(line.split("\t")) for line in CLINICIAN.splitlines()]
    rows[-1][1] = 100  # a spreadsheet that ate the zeros
    assert records(OfficialFile(workbook(tmp_path / "clinician 2026.xlsx", rows))) == wanted


def test_what_repeats_is_counted(tmp_path: Path) -> None:
    reading = reader.read(OfficialFile(put(tmp_path, "LONGULT.txt", descriptors([*LONG, LONG[0]]))))
    assert sum(len(batch) for _, batch in reading.batches) == 3
    assert reading.skipped == {"repeated": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_old_and_new_encodings(tmp_path: Path, encoding: str) -> None:
    text = AMA.format(edition=2026) + "63044\tInvented Ménière operation\r\n99213\tInvented visit\r\n"
    found = records(OfficialFile(put(tmp_path, "LONGULT.txt", text.encode(encoding))))
    assert found[0] == ("63044", "long", 0, "Invented Ménière operation")


def test_the_edition(tmp_path: Path) -> None:
    """From the notice, else from the name of the file or its archive; never the year of the copyright."""
    undated = descriptors(LONG, notice=UNDATED)
    with pytest.raises(ReadError, match=r"^LONGULT\.txt: the edition .* put it into the name, as in LONGULT_2026\.txt"):
        reader.read(OfficialFile(put(tmp_path, "LONGULT.txt", undated)))
    assert reader.read(OfficialFile(put(tmp_path, "LONGULT_2024.txt", undated))).release.release == "2024"
    path = archive(tmp_path, "cpt-2023.zip", {"LONGULT.txt": undated})
    assert reader.read(OfficialFile(path, "LONGULT.txt")).release.release == "2023"
    assert reader.read(OfficialFile(put(tmp_path, "LONGULT_2024.txt", descriptors(LONG)))).release.release == "2026"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "SHORTU.txt",
            descriptors([*SHORT] * 3000) + b"63045 " + b"X" * 29,
            ":9007: the descriptor of 63045 has 29 characters; a short one has at most 28",
        ),
        ("LONGULT.txt", descriptors([*LONG] * 3000) + b"A0021\tInvented", ":9007: 'A0021.*Invented' is not a CPT code"),
        ("consumer 2026.txt", CONSUMER + "1\t2\n", ":4: 2 columns, wanted 3"),
        ("consumer 2026.txt", CONSUMER + "1\tA0021\tInvented\n", ":4: CPT Code 'A0021' .* wanted a CPT code"),
        ("clinician 2026.txt", CLINICIAN + "1\t63044\t5\t\n", ":5: CPT Code '63044' with descriptor ''"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(OfficialFile(put(tmp_path, name, content)))


@pytest.mark.parametrize(
    "content",
    [
        descriptors(LONG, notice=""),  # no notice
        descriptors(LONG[:1]),  # one line is no file
        descriptors([*LONG, ("A0021", "Invented")]),  # not CPT alone
        descriptors([(code, f"{text}\tmore") for code, text in LONG]),  # a column more
        descriptors([("0010", "A000   10000"), ("0011", "A001   10000")], " "),  # equivalence mappings
        AMA.format(edition=2026) + "00581 A051    00000\r\n00589 A058    00000\r\n00581 A051\r\n0059 A059 10000\r\n",
        PTP_HEADER.replace("CPT only copyright", "CPT copyright American Medical Association") + "0001A\t0591T\t\t20210101\t*\t1\tInvented\n" * 3,
        CONSUMER.replace("CPT Code", "Code"),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert not reader.sniff(OfficialFile(put(tmp_path, "LONGULT.txt", content)).head())


codes = st.from_regex(r"\A[0-9]{4}[0-9AFTUM]\Z")
wordings = st.text("abcdefghij ,.;()/-", min_size=1, max_size=400).map(lambda t: "Invented " + " ".join(t.split()) + "x")


@settings(deadline=None)
@given(st.dictionaries(codes, wordings, min_size=2, max_size=30), st.sampled_from("\t "), st.sampled_from([0, 120]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, str], separator: str, width: int) -> None:
    file = OfficialFile(put(tmp_path_factory.mktemp("cpt"), "LONGULT.txt", descriptors(list(rows.items()), separator, width)))
    assert records(file) == [(code, "long", 0, text) for code, text in rows.items()]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_one_error(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for name, good in (("LONGULT_2026.txt", descriptors(LONG)), ("consumer 2026.txt", CONSUMER.encode())):
        file = OfficialFile(put(folder, name, good + junk))
        if not reader.sniff(file.head()):
            continue
        try:
            records(file)
        except ReadError as error:
            assert str(error).startswith(name)  # noqa: PT017


@pytest.mark.data
def test_no_file_at_hand_is_taken_for_the_ama_s(data: Path) -> None:
    """None of the official files at hand is one of the AMA's, though many hold CPT codes and its notice."""
    files = [path for path in data.rglob("*") if path.suffix in (".csv", ".txt", ".gz", ".xml", ".md")]
    assert len(files) > 20
    assert [path.name for path in files if reader.sniff(OfficialFile(path).head())] == []
