from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetching.catalogue import NAMES, PUBLICATIONS, Page
from ingest.fetching.pages import Link, catalogue_links, links, matching, newest
from ingest.fetching.releases import revision, starts
from tests.ingest.cms_server import anchor, body

CMS = "https://www.cms.gov"
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("rvu26d.zip", "2026-10-01"),
        ("rvu26d-updated-08-26-2026.zip", "2026-10-01"),  # the day of the update is not the release
        ("rvu26ar_1.zip", "2026-01-01"),
        ("medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f1.zip", "2026-10-01"),
        ("medicare-ncci-2026-q4-practitioner-services-mue-table.zip", "2026-10-01"),
        ("medicaid-ncci-q2-2026-ptp-edits-practitioner-services.zip", "2026-04-01"),
        ("add-code-edits-medicare-effective-06012026.zip", "2026-06-01"),
        ("october-2026-alpha-numeric-hcpcs-file.zip", "2026-10-01"),
        ("HCPC2026_OCT_ANWEB.zip", "2026-10-01"),
        ("HCPC2026x.zip", None),  # a year that is part of a word tells nothing
        ("cy-2026-april-opps-addendum-b.zip", "2026-04-01"),
        ("july-2025-opps-addendum.zip", "2025-07-01"),
        ("april-1-2026-code-tables-tabular-index.zip", "2026-04-01"),
        ("2026_nfrm_addenda.11.25.2025.zip", "2025-11-25"),
        ("zip-code-carrier-locality-file-revised-08-14-2025.zip", "2025-08-14"),  # nothing else tells
        ("2024-alpha-numeric-hcpcs-file.zip", "2024-01-01"),
        ("DXCCSR-v2026-1.zip", "2026-01-01"),
        ("Practitioner PTP Edits v322r0 (675,037 Records) 0001A/0591T -- 25441/G0471", None),
        ("clm104c12.pdf", None),
        ("february-31-2026-x.zip", "2026-01-01"),
        ("", None),
    ],
)
def test_the_release_in_a_name(text: str, day: str | None) -> None:
    assert starts(text) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-code-descriptions-tabular-order.zip", "2026-10-01"),
        ("april-1-2026-code-descriptions-tabular-order.zip", "2026-04-01"),
        ("fy-2026-icd-10-cm-coding-guidelines.pdf", "2025-10-01"),
        ("POAexemptCodesFY26.zip", "2025-10-01"),
        ("DXCCSR-v2026-1.zip", "2025-10-01"),
    ],
)
def test_the_release_of_a_fiscal_year(text: str, day: str) -> None:
    assert starts(text, fiscal=True) == date.fromisoformat(day)


@given(st.text(max_size=60), st.booleans())
def test_any_text_has_a_release_or_none(text: str, fiscal: bool) -> None:
    assert starts(text, fiscal) is None or isinstance(starts(text, fiscal), date)
    assert revision(text) >= (date.min, -1)


@given(st.dates(date(2015, 1, 1), date(2039, 12, 31)))
def test_a_day_written_out_is_read_back(day: date) -> None:
    assert starts(f"list-effective-{day:%m%d%Y}.zip") == day
    assert starts(f"list-effective-{day:%B}-{day.day}-{day.year}.zip") == day
    assert starts(f"list.{day:%m.%d.%Y}.zip") == day
    assert starts(f"rvu-x-q{(day.month + 2) // 3}-{day.year}.zip") == date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def test_links_are_found_and_unwrapped() -> None:
    html = body(
        anchor("/license/ama?file=/files/zip//x-f1.zip", "One\n &amp; only"),
        anchor("/apps/ama/license.asp?file=/files/zip/y.zip", "Two"),
        anchor("http://www.cms.gov/files/zip/z.zip#top", "Three"),
        anchor("https://elsewhere.example/q.zip", "Four"),
        '<a href="javascript:void(0)">no</a><a>no</a><a href="">no</a><a href="http://[bad">no</a>',
    )
    found = [link for link in links(html, f"{CMS}/a/b") if link.url.endswith(".zip")]
    assert found == [
        Link(f"{CMS}/files/zip/x-f1.zip", "One & only (ZIP)", gated=True),
        Link(f"{CMS}/files/zip/y.zip", "Two (ZIP)", gated=True),
        Link(f"{CMS}/files/zip/z.zip", "Three (ZIP)"),
        Link("https://elsewhere.example/q.zip", "Four (ZIP)"),  # it is the client that refuses foreign hosts
    ]


@given(st.text(max_size=300))
def test_any_text_is_a_page(html: str) -> None:
    assert all(link.url.startswith("https://") for link in links(html, CMS))


def test_a_name_with_slashes() -> None:
    link = Link(f"{CMS}/files/zip/zip-code-carrier-locality-file-revised-08/14/2025.zip", "")
    assert (link.name, link.starts(False)) == ("zip-code-carrier-locality-file-revised-08-14-2025.zip", date(2025, 8, 14))


def _links(*names: str) -> list[Link]:
    return [Link(f"{CMS}/files/zip/{name}", "") for name in names]


def _names(found: list[Link]) -> list[str]:
    return [link.name for link in found]


def test_the_newest_in_force_with_all_its_parts_and_what_comes() -> None:
    parts = [f"medicare-ncci-2026q{q}-practitioner-ptp-edits-ccipra-v32{q - 1}r0-f{n}.zip" for q in (3, 4) for n in (1, 2, 3, 4)]
    seen = _links(*parts, "medicare-ncci-2027q1-practitioner-ptp-edits-ccipra-v330r0-f1.zip", "2026q4-hospital-ptp-edits-f1.zip")
    pattern = NAMES["ncci"].pages[0].files[0]
    assert _names(newest(seen, pattern, TODAY)) == [*parts[4:], "medicare-ncci-2027q1-practitioner-ptp-edits-ccipra-v330r0-f1.zip"]
    assert _names(newest(seen, pattern, date(2026, 8, 1)))[:4] == parts[:4]
    assert len(newest(seen, pattern, date(2020, 1, 1))) == 9  # older than any: from the first on


def test_of_each_release_the_last_revision() -> None:
    seen = _links("rvu26b.zip", "rvu26b-updated-03-10-2026.zip", "rvu26b-updated-05-01-2026.zip", "rvu25d-0.zip", "rvu25d.zip")
    assert _names(newest(seen, r"/rvu", date(2025, 12, 1))) == ["rvu25d-0.zip", "rvu26b-updated-05-01-2026.zip"]


def test_a_text_tells_the_release_where_the_name_does_not() -> None:
    seen = [
        Link(f"{CMS}/files/zip/a-b.zip", "July 2026 list"),
        Link(f"{CMS}/files/zip/a-c.zip", "October 2026 list"),
        Link(f"{CMS}/files/zip/a.zip", ""),
    ]
    assert _names(newest(seen, "/a", TODAY)) == ["a-c.zip"]


def test_files_without_a_release_are_all_taken() -> None:
    seen = _links("clm104c12.pdf", "clm104c23.pdf", "clm104c12.pdf", "crosswalk.pdf")
    assert _names(newest(seen, r"/clm104c\d\d", TODAY)) == ["clm104c12.pdf", "clm104c23.pdf"]


REAL = [
    ("pfs", "/files/zip/rvu26d-updated-08-26-2026.zip", True),
    ("pfs", "/files/zip/rvu26ar_1.zip", True),
    ("pfs", "/files/zip/pfrev26c-posted-06-30-2026.zip", False),
    ("ncci", "/files/zip/medicare-ncci-2026-q4-practitioner-ptp-edits-ccipra-v323r0-f1.zip", True),
    ("ncci", "/files/zip/2026-q4-hospital-ptp-edits-ccioph-v323r0-f3.zip", True),
    ("ncci", "/files/zip/medicare-ncci-2026q2-practitioner-quarterly-additions-deletions-revisions-ptp.zip", True),
    ("ncci", "/files/zip/medicare-ncci-2026-q4-facility-outpatient-hospital-services-mue-table.zip", True),
    ("ncci", "/files/zip/medicare-ncci-2026-q4-dme-supplier-services-mue-table.zip", True),
    ("ncci", "/files/zip/add-code-edits-medicare-effective-06012026.zip", True),
    ("ncci", "/files/document/2026-ncci-medicare-policy-manual-all-chapters.pdf", False),
    ("hcpcs", "/files/zip/october-2026-alpha-numeric-hcpcs-file.zip", True),
    ("hcpcs", "/files/zip/january-2024-alpha-numeric-hcpcs-files.zip", True),
    ("icd10cm", "/files/zip/2027-code-descriptions-tabular-order.zip", True),
    ("icd10cm", "/files/zip/april-1-2026-code-tables-tabular-index.zip", True),
    ("icd10cm", "/files/zip/2026-code-tables-tabular-and-index.zip", True),
    ("icd10cm", "/files/zip/2026-addendum.zip", True),
    ("icd10cm", "/files/zip/2026-pcs-tables-index.zip", False),
    ("icd10pcs", "/files/zip/2026-pcs-tables-index.zip", True),
    ("icd10pcs", "/files/zip/2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip", True),
    ("icd10pcs", "/files/zip/2026-icd-pcs-conversion-table.zip", True),
    ("icd10pcs", "/files/zip/2026-icd-10-pcs-addendum.zip", True),
    ("opps", "/files/zip/october-2026-opps-addendum-b.zip", True),
    ("opps", "/files/zip/cy-2026-april-opps-addendum-b.zip", True),
    ("opps", "/files/zip/july-2026-opps-addendum-a.zip", False),
    ("asc", "/files/zip/october-2026-asc-approved-hcpcs-code-payment-rates.zip", True),
    ("asc", "/files/zip/july-2025-asc-approved-hcpcs-code-and-payment-rates.zip", True),
    ("ccsr", "/toolssoftware/ccsr/DXCCSR-v2026-1.zip", True),
    ("ccsr", "/toolssoftware/ccsr/DXCCSR_v2025-1.zip", True),
    ("ccsr", "/toolssoftware/ccsr/PRCCSR_v2026-1.zip", True),
    ("ccsr", "/toolssoftware/chronic_icd10/CCIR_v2026-1.zip", True),
    ("hcc", "/files/zip/2026-midyear-final-icd-10-mappings.zip", True),
    ("hcc", "/files/zip/2027-initial-icd-10-cm-mappings.zip", True),
    ("hcc", "/files/zip/2026-midyear-final-model-software.zip", False),
    ("guidelines", "/files/document/fy-2026-icd-10-cm-coding-guidelines.pdf", True),
    ("manuals", "/files/document/2026-ncci-medicare-policy-manual-all-chapters.pdf", True),
    ("manuals", "/regulations-and-guidance/guidance/manuals/downloads/clm104c12.pdf", True),
    ("manuals", "/regulations-and-guidance/guidance/manuals/downloads/bp102c03pdf.pdf", True),
    ("manuals", "/regulations-and-guidance/guidance/manuals/downloads/pim83c03.pdf", False),
    ("zip", "/files/zip/zip-code-carrier-locality-file-revised-08/14/2025.zip", True),
]


@pytest.mark.parametrize(("what", "path", "taken"), REAL)
def test_names_as_they_were_published(what: str, path: str, taken: bool) -> None:
    patterns = [pattern for page in NAMES[what].pages for pattern in page.files]
    hits = [pattern for pattern in patterns if matching([Link(CMS + path, "")], pattern)]
    assert len(hits) == int(taken), hits


@pytest.mark.parametrize(
    ("what", "path"),
    [
        ("pfs", "/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu26d"),
        ("opps", "/medicare/payment/prospective-payment-systems/hospital-outpatient-pps/quarterly-addenda-updates/october-2026-addendum-b"),
        ("hcc", "/medicare/payment/medicare-advantage-rates-statistics/risk-adjustment/2026-model-software-icd-10-mappings"),
    ],
)
def test_pages_of_single_releases(what: str, path: str) -> None:
    (page,) = NAMES[what].pages
    assert page.through
    assert matching([Link(CMS + path, "")], page.through)
    assert not matching([Link(page.url, "")], page.through)


def test_the_links_of_the_published_page(data: Path) -> None:
    html = (data / "ncci" / "ptp_page.links.excerpt.html").read_text(encoding="utf-8")
    found = newest(links(html, NAMES["ncci"].pages[0].url), NAMES["ncci"].pages[0].files[0], TODAY)
    assert [link.name[-6:] for link in found] == ["f1.zip", "f2.zip", "f3.zip", "f4.zip"]
    assert all(link.gated and link.starts(False) == date(2026, 7, 1) for link in found)


def test_a_dataset_of_a_catalogue() -> None:
    def file(year: int, kind: str = "csv") -> dict[str, str]:
        return {"downloadURL": f"https://data.cms.gov/{year}/rbcs.{kind}", "temporal": f"{year}-01-01/{year}-12-31", "title": f"RBCS {year}"}

    listed = {"dataset": [{"title": "Other"}, {"title": "Restructured BETOS ", "distribution": [file(2023), file(2024), file(2025, "zip"), {}]}]}
    assert [link.url[-13:] for link in catalogue_links(json.dumps(listed), "Restructured BETOS")] == ["2024/rbcs.csv", "2023/rbcs.csv"]
    assert catalogue_links(json.dumps(listed), "None") == []
    for bad in ("[]", "{}", "<html>", '{"dataset": 3}'):
        with pytest.raises(ValueError):
            catalogue_links(bad, "x")


def test_the_catalogue_is_whole() -> None:
    assert len(NAMES) == len(PUBLICATIONS)
    wanted = "pfs ncci hcpcs icd10cm icd10pcs gems opps asc mcd ccsr rbcs manuals guidelines pos hcc".split()
    assert set(wanted) <= set(NAMES)
    for publication in PUBLICATIONS:
        assert publication.pages or (publication.addresses and publication.landing)
        assert all(host.endswith((".cms.gov", ".ahrq.gov")) for host in publication.hosts())
        assert all(page.files or page.dataset or page.itself for page in publication.pages)
        assert publication.as_json()["page"]
    assert Page("x").files == ()
