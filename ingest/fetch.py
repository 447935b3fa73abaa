"""Fetch official files: the newest links from the publishers' pages, downloaded with care, then loaded.

This is the only command that uses the network. What it downloads lies in `<CODEBOOK_HOME>/downloads/<publication>/`, each file with a note
of its address and checksum, so that a later call asks only for what has changed and goes on with what was interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from corpus.editions import current, home
from ingest.build import Result, add
from ingest.fetching.catalogue import HOSTS, NAMES, PUBLICATIONS, Page, Publication
from ingest.fetching.licence import AMA, Agreement, Licence, refusal
from ingest.fetching.pages import Link, catalogue_links, links, matching, newest
from ingest.fetching.web import FetchError, Request, Web
from ingest.lock import one_at_a_time
from ingest.progress import Report, Silent
from ingest.readers.base import ReadError

PAGES = 20  # of a list that a publisher breaks into pages
NEXT = re.compile(r"[?&]page=\d+$")


@dataclass(frozen=True)
class Download:
    """A file that is here now; `url` is where it came from."""

    what: str
    file: Path
    url: str
    size: int
    sha256: str


@dataclass
class Fetched:
    """What became of a fetch: files that are here, what failed with the reason, and what was loaded."""

    files: list[Download] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    loaded: list[Result] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The files and failures; what was loaded is shown by the command line as after `add`."""
        files = [{"what": f.what, "file": str(f.file), "url": f.url, "bytes": f.size, "sha256": f.sha256} for f in self.files]
        return {"files": files, "failed": [{"what": what, "reason": reason} for what, reason in self.failed]}


@dataclass(frozen=True)
class _Wanted:
    """A file to download, and the licence that stands before it."""

    what: Publication
    link: Link
    landing: str
    name: str
    web_page: bool = False

    @property
    def licence(self) -> Licence | None:
        return self.what.licence or (AMA if self.link.gated else None)


def offer() -> list[dict[str, object]]:
    """What can be fetched: name, title, publisher, licence, about how many megabytes a release takes, what it answers, landing page."""
    return [publication.as_json() for publication in PUBLICATIONS]


def fetch(
    names: Sequence[str],
    *,
    since: date | None = None,
    load: bool = True,
    accepted: frozenset[str] = frozenset(),
    report: Report | None = None,
    web: Web | None = None,
) -> Fetched:
    """Fetch publications by name, `all` for every one, and load them.

    `since`: the releases in force from this day on, by default today; `accepted`: licences that the user accepts by a switch ("ama", "mcd").
    What fails does not keep the rest.

    Raises:
        FetchError: for a name that is not in the catalogue.
        EditionError: when there is no edition to load into.
        BusyError: when another fetch is at work.
    """
    chosen = _chosen(names)
    if load:
        current()  # without an edition to load into, nothing is asked of anybody
    report, result, day, folder = report or Silent(), Fetched(), since or date.today(), home() / "downloads"
    with one_at_a_time(folder):
        client = web or Web(HOSTS)
        with client:
            wanted = [item for publication in chosen for item in _look_up(client, publication, day, result, report)]
            for item in _allowed(wanted, Agreement(home(), accepted), result):
                with _kept_going(item.what.name, item.name, result):
                    result.files.append(_download(client, item, folder, report))
    if load and result.files:
        _load(result, report)
    return result


def _chosen(names: Sequence[str]) -> list[Publication]:
    if "all" in names:
        return list(PUBLICATIONS)
    unknown = [name for name in names if name.lower() not in NAMES]
    if unknown:
        raise FetchError(f"{', '.join(unknown)}: not something to fetch; there are {', '.join(NAMES)} and all")
    return [NAMES[name] for name in dict.fromkeys(name.lower() for name in names)]


@contextmanager
def _kept_going(what: str, name: str, result: Fetched) -> Iterator[None]:
    """Write down what failed, and go on."""
    try:
        yield
    except FetchError as error:
        result.failed.append((f"{what}: {name}" if name else what, " ".join(str(error).split())))


def _look_up(web: Web, publication: Publication, day: date, result: Fetched, report: Report) -> list[_Wanted]:
    """The files of a publication, as its pages link them today."""
    advance = report.task(f"looking up {publication.name}", len(publication.pages))
    found = [_Wanted(publication, Link(url, ""), publication.landing or url, Link(url, "").name) for url in publication.addresses]
    for page in publication.pages:
        with _kept_going(publication.name, "", result):
            found += _of_page(web, publication, page, day, result)
        advance(1)
    return found


def _of_page(web: Web, publication: Publication, page: Page, day: date, result: Fetched) -> list[_Wanted]:
    """The files that a landing page leads to; a pattern that finds none is a failure of its own."""
    if page.itself:
        return [_Wanted(publication, Link(page.url, ""), page.url, page.itself, web_page=True)]
    if page.dataset:
        return [_of_catalogue(web, publication, page, page.dataset)]
    seen = _links(web, page, day)
    wanted: list[_Wanted] = []
    for pattern in page.files:
        chosen = newest(seen, pattern, day, page.fiscal)
        if not chosen:
            kind = re.sub(r"\[[^\]]*\][*?]?|\(\?P?<?\w*>?|[\\/()?*|+!.]+|d\+", " ", pattern)
            reason = (
                f"no link to such a file ({' '.join(kind.split())}) on {page.url}; look there, download it and load it with `python -m ingest add`"
            )
            result.failed.append((publication.name, reason))
        wanted += [_Wanted(publication, link, page.url, link.name) for link in chosen]
    return wanted


def _of_catalogue(web: Web, publication: Publication, page: Page, title: str) -> _Wanted:
    """The newest file of a dataset in a data catalogue."""
    try:
        listed = catalogue_links(web.page(page.url), title)
    except ValueError as error:
        raise FetchError(f"{page.url}: not a data catalogue ({error})") from error
    if not listed:
        raise FetchError(f"{page.url}: has no file of the dataset {title!r}")
    return _Wanted(publication, listed[0], page.url, listed[0].name)


def _links(web: Web, page: Page, day: date) -> list[Link]:
    """The links of a landing page, of its further pages as far back as the day needs, and of the pages of single releases that it leads to."""
    found = _listed(web, page, day)
    if page.through:
        single = [link for link in newest(found, page.through, day, page.fiscal) if not re.search(r"\.(zip|pdf|xlsx|csv)$", link.url)]
        for link in single:
            found += links(web.page(link.url, page.url), link.url)
    return found


def _listed(web: Web, page: Page, day: date) -> list[Link]:
    found = links(web.page(page.url), page.url)
    read = {page.url}
    while len(read) < PAGES and not _reaches(found, page, day):
        further = next((link.url for link in found if NEXT.search(link.url) and _same_page(link.url, page.url) and link.url not in read), None)
        if further is None:
            break
        read.add(further)
        found += links(web.page(further, page.url), further)
    return found


def _reaches(found: list[Link], page: Page, day: date) -> bool:
    """Whether each kind of file, or page of a release, is listed with a release that began by the day."""
    patterns = (page.through,) if page.through else page.files
    return all(any((start := link.starts(page.fiscal)) and start <= day for link, _ in matching(found, pattern)) for pattern in patterns if pattern)


def _same_page(one: str, other: str) -> bool:
    return one.partition("?")[0].rstrip("/").lower() == other.partition("?")[0].rstrip("/").lower()


def _allowed(wanted: list[_Wanted], agreement: Agreement, result: Fetched) -> Iterator[_Wanted]:
    """The files without a licence first, then those whose licence the user accepts; the others are failures."""
    behind: dict[str, list[_Wanted]] = {}
    for item in {item.link.url: item for item in wanted}.values():
        if item.licence is None:
            yield item
        else:
            behind.setdefault(item.licence.id, []).append(item)
    for items in behind.values():
        licence = items[0].licence
        assert licence is not None
        if agreement.given(licence, len(items)):
            yield from items
        else:
            result.failed += [(f"{item.what.name}: {item.name}", refusal(licence)) for item in items]


def _download(web: Web, item: _Wanted, folder: Path, report: Report) -> Download:
    url = item.link.url
    agreed = ("&" if "?" in url else "?") + "agree=yes" if item.link.gated else ""
    request = Request(url, item.landing, item.what.limit, agreed, item.web_page)
    target = folder / item.what.name / _file_name(item.name)
    note = web.download(request, target, _counted(report, item.name))
    return Download(item.what.name, target, url, note.size or 0, note.sha256 or "")


def _counted(report: Report, name: str) -> Callable[[int], object]:
    """Bytes of a file as they come."""
    return report.task(f"{name} (bytes)")


def _file_name(name: str) -> str:
    """A name that is one file in a folder, whatever an address says."""
    return re.sub(r"[^\w.() +-]", "_", name).lstrip(". ")[:150] or "file"


def _load(result: Fetched, report: Report) -> None:
    """Load all files at once; when one of them is faulty, each publication on its own, so that it keeps only its own from being loaded."""
    try:
        result.loaded.append(add([item.file for item in result.files], report))
        return
    except ReadError:
        pass
    for what in dict.fromkeys(item.what for item in result.files):
        try:
            result.loaded.append(add([item.file for item in result.files if item.what == what], report))
        except ReadError as error:
            result.failed.append((what, " ".join(str(error).split())))
