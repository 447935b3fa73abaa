"""What can be fetched, from whom, and where its publisher lists the links.

Addresses are those of landing pages: the files are looked up there, because their names drift. Only files whose address tells no release
(the exports of the coverage database, the closed general equivalence mappings) are named themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.fetching.licence import AMA, MCD, Licence

CMS = "https://www.cms.gov"
NCCI = f"{CMS}/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
EXPORTS = "https://downloads.cms.gov/medicare-coverage-database/downloads/exports"
HCUP = "https://hcup-us.ahrq.gov/toolssoftware"
PUBLIC = "public domain (US government)"
CPT = f"{PUBLIC}; CPT codes and descriptors in it are the AMA's"
ICD_PAGE = f"{CMS}/medicare/coding-billing/icd-10-codes"


@dataclass(frozen=True)
class Page:
    """A landing page and what to take from it.

    `files` are patterns over path and text of a link; each gives the newest release of one kind of file, and a group named `part` in it
    tells the files of a release apart. `through` finds pages of single releases, on which the files are linked. `fiscal`: a year alone
    means a federal fiscal year. `dataset`: the page is a data catalogue, and the files are the newest of this title. `itself`: the page
    is what is wanted, kept under this name.
    """

    url: str
    files: tuple[str, ...] = ()
    through: str | None = None
    fiscal: bool = False
    dataset: str | None = None
    itself: str | None = None


@dataclass(frozen=True)
class Publication:
    """Something that can be fetched by name; `megabytes` is about what one release takes to transfer.

    `addresses` are files that lie at a fixed place; `licence` stands before all files, while the AMA's is also told by the links.
    """

    name: str
    title: str
    publisher: str
    terms: str
    megabytes: int
    answers: str
    pages: tuple[Page, ...] = ()
    addresses: tuple[str, ...] = ()
    landing: str = ""
    licence: Licence | None = None
    limit: int = 1024**3  # bytes of one file

    def hosts(self) -> set[str]:
        """The hosts that it may be read from."""
        return {urlsplit(url).hostname or "" for url in (*(page.url for page in self.pages), *self.addresses)}

    def as_json(self) -> dict[str, object]:
        """What the list of things to fetch shows."""
        page = self.landing or self.pages[0].url
        shown = {"what": self.name, "title": self.title, "publisher": self.publisher, "licence": self.terms, "megabytes": self.megabytes}
        return {**shown, "answers": self.answers, "page": page}


def _iom(publication: str, file: str) -> Page:
    """The chapters of a manual that CMS publishes on the web only."""
    return Page(f"{CMS}/medicare/regulations-guidance/manuals/internet-only-manuals-ioms", (file,), rf"\b{publication}\b")


PUBLICATIONS = (
    Publication(
        "pfs", "Physician fee schedule: RVUs, GPCIs, localities, anesthesia factors, OPPS cap", "CMS", f"{CPT} (asked for by CMS)", 9,
        "RVUs, payment, status, global days, indicators, in a locality",
        (Page(f"{CMS}/medicare/payment/fee-schedules/physician/pfs-relative-value-files", (r"/rvu\d\d[a-d][^/]*\.zip",), r"files.*/rvu\d\d[a-d]\b"),),
    ),
    Publication(
        "zip", "ZIP code to carrier and locality", "CMS", PUBLIC, 6, "the locality, and so the payment, of a place",
        (Page(f"{CMS}/medicare/payment/fee-schedules", (r"/zip-?code-(?:to-)?carrier-locality.*\.zip",)),),
    ),
    Publication(
        "ncci", "NCCI: PTP edits and their changes, MUEs, add-on codes", "CMS", f"{CPT} (PTP: asked for by CMS)", 190,
        "which codes go together, how many units, which add-on with which primary",
        (
            Page(f"{NCCI}/medicare-ncci-procedure-procedure-ptp-edits", (
                r"/[^/]*practitioner-ptp-edits[^/]*-(?P<part>f\d+)\.zip",
                r"/[^/]*hospital-ptp-edits[^/]*-(?P<part>f\d+)\.zip",
                r"/[^/]*(?P<part>practitioner|hospital)-quarterly-additions-deletions[^/]*\.zip",
            )),
            Page(f"{NCCI}/medicare-ncci-medically-unlikely-edits-mues", (
                r"/[^/]*(?P<part>practitioner|outpatient-hospital|dme-supplier)-services-mue-table[^/]*\.zip",
            )),
            Page(f"{NCCI}/medicare-ncci-add-code-edits", (r"/add-?(?:on-?)?code-edits[^/]*\.zip",)),
        ),
    ),
    Publication(
        "hcpcs", "HCPCS Level II codes and modifiers", "CMS", PUBLIC, 3, "what a Level II code or modifier means, since when, until when",
        (Page(f"{CMS}/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update",
              (r"/[^/]*alpha-numeric-hcpcs-files?[^/]*\.zip",)),),
    ),
    Publication(
        "icd10cm", "ICD-10-CM: codes, tabular list and index, addenda, POA-exempt list", "CMS and CDC/NCHS", PUBLIC, 30,
        "diagnosis codes with notes and index terms, and what changed",
        (Page(ICD_PAGE, (
            r"/[^/]*code-descriptions[^/]*\.zip", r"/(?!.*pcs)[^/]*code-tables-tabular[^/]*\.zip", r"/(?!.*pcs)[^/]*addendum[^/]*\.zip",
            r"/(?:[^/]*)poa-?exempt[^/]*\.zip",
        ), fiscal=True),),
    ),
    Publication(
        "icd10pcs", "ICD-10-PCS: codes, tables, index, definitions, conversion table, addenda", "CMS", PUBLIC, 15,
        "inpatient procedure codes, character by character",
        (Page(ICD_PAGE, (
            r"/[^/]*pcs-order-file[^/]*\.zip", r"/[^/]*pcs-(?:code-)?tables[^/]*index[^/]*\.zip", r"/[^/]*pcs-conversion-table[^/]*\.zip",
            r"/[^/]*pcs-addend[^/]*\.zip",
        ), fiscal=True),),
    ),
    Publication(
        "gems", "General equivalence mappings, ICD-9-CM to ICD-10 (final, 2018)", "CMS", PUBLIC, 3, "which ICD-10 code an ICD-9-CM code became",
        addresses=(
            f"{CMS}/medicare/coding/icd10/downloads/2018-icd-10-cm-general-equivalence-mappings.zip",
            f"{CMS}/medicare/coding/icd10/downloads/2018-icd-10-pcs-general-equivalence-mappings.zip",
        ),
        landing=ICD_PAGE,
    ),
    Publication(
        "opps", "Hospital outpatient payment: Addendum B", "CMS", f"{CPT} (asked for by CMS)", 3, "status indicator, APC and rate of a code",
        (Page(f"{CMS}/medicare/payment/prospective-payment-systems/hospital-outpatient-pps/quarterly-addenda-updates",
              (r"/[^/]*addendum-b[^/]*\.zip",), r"updates/[^/]*addendum-b[^/]*"),),
    ),
    Publication(
        "asc", "Ambulatory surgical center payment: Addenda AA, BB", "CMS", f"{CPT} (asked for by CMS)", 3, "ASC payment of a code",
        (Page(f"{CMS}/medicare/payment/prospective-payment-systems/ambulatory-surgical-center-asc/asc-payment-rates-addenda",
              (r"/[^/]*asc[^/]*(?:payment-rates|addend)[^/]*\.zip",), r"addenda/[^/]*asc[^/]*|addenda/[a-z]+-\d{4}[^/]*"),),
    ),
    Publication(
        "mcd", "Medicare Coverage Database: LCDs, articles, NCDs in force", "CMS", "AMA, ADA and AHA licences (asked for by CMS)", 120,
        "whether Medicare covers a procedure for a diagnosis, by contractor",
        addresses=tuple(f"{EXPORTS}/{name}.zip" for name in ("current_lcd", "current_article", "ncd")), landing=MCD.url, licence=MCD,
    ),
    Publication(
        "mcd-all", "Medicare Coverage Database with everything retired", "CMS", "AMA, ADA and AHA licences (asked for by CMS)", 600,
        "coverage on past dates of service",
        addresses=tuple(f"{EXPORTS}/{name}.zip" for name in ("all_lcd", "all_article", "ncd")), landing=MCD.url, licence=MCD, limit=4 * 1024**3,
    ),
    Publication(
        "ccsr", "CCSR for diagnoses and procedures, chronic condition indicator", "AHRQ", PUBLIC, 12,
        "clinical category of a diagnosis; chronic or not",
        (
            Page(f"{HCUP}/ccsr/dxccsr.jsp", (r"/DXCCSR[-_]v[^/]*\.zip",), fiscal=True),
            Page(f"{HCUP}/ccsr/prccsr.jsp", (r"/PRCCSR[-_]v[^/]*\.zip",), fiscal=True),
            Page(f"{HCUP}/chronic_icd10/chronic_icd10.jsp", (r"/CCIR[-_]v[^/]*\.(?:zip|csv)",), fiscal=True),
        ),
    ),
    Publication(
        "rbcs", "Restructured BETOS classification", "CMS", PUBLIC, 3, "what kind of service a code is",
        (Page("https://data.cms.gov/data.json", dataset="Restructured BETOS Classification System"),),
    ),
    Publication(
        "hcc", "ICD-10-CM to HCC mappings", "CMS", PUBLIC, 2, "risk adjustment category of a diagnosis",
        (Page(f"{CMS}/medicare/payment/medicare-advantage-rates-statistics/risk-adjustment",
              (r"/[^/]*icd-10(?:-cm)?-mappings[^/]*\.zip",), r"\d{4}-model-software-icd-10-mappings"),),
    ),
    Publication(
        "guidelines", "Official guidelines for coding and reporting, ICD-10-CM and PCS", "CMS and CDC/NCHS", PUBLIC, 3, "how a diagnosis is coded",
        (Page(ICD_PAGE, (r"/[^/]*(?P<part>cm|pcs)[^/]*coding-guidelines[^/]*\.pdf",), fiscal=True),),
    ),
    Publication(
        "manuals", "NCCI Policy Manual; Benefit Policy (100-02), Coverage (100-03), Claims Processing (100-04)", "CMS", CPT, 60,
        "Medicare's rules in full text",
        (
            Page(f"{NCCI}/medicare-ncci-policy-manual", (r"/[^/]*policy-manual[^/]*all-chapters[^/]*\.pdf",)),
            _iom("100-02", r"/bp102c\d\d[^/]*\.pdf"),
            _iom("100-03", r"/ncd103c[^/]*\.pdf"),
            _iom("100-04", r"/clm104c\d\d[^/]*\.pdf"),
        ),
    ),
    Publication(
        "pos", "Place of service codes", "CMS", PUBLIC, 1, "what a place of service code means",
        (Page(f"{CMS}/medicare/coding-billing/place-of-service-codes/code-sets", itself="place-of-service-codes.html"),),
    ),
)  # fmt: skip
NAMES = {publication.name: publication for publication in PUBLICATIONS}
HOSTS = frozenset({host for publication in PUBLICATIONS for host in publication.hosts()} | {"download.cms.gov", "ftp.cdc.gov", "www.cdc.gov"})

__all__ = ["AMA", "HOSTS", "NAMES", "PUBLICATIONS", "Page", "Publication"]
