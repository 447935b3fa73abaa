"""The links of a publisher's page, and the newest of them that are wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from ingest.fetching.releases import revision, starts

AMA = re.compile(r"/(?:license/ama|apps/ama/license\.asp)$", re.IGNORECASE)  # CMS's page that asks to accept the licence for CPT

FOLDER = re.compile(r"^/files/[a-z]+/")  # where CMS keeps files


@dataclass(frozen=True)
class Link:
    """A link of a page; `gated`: it leads to the question whether the AMA's licence is accepted, `url` is the file behind it."""

    url: str
    text: str
    gated: bool = False

    @property
    def name(self) -> str:
        """What the file or page is called: the last part of its path. CMS writes some days into names with slashes, which are kept as hyphens."""
        path = unquote(urlsplit(self.url).path).rstrip("/")
        return FOLDER.split(path)[-1].replace("/", "-") if FOLDER.search(path) else path.rpartition("/")[2]

    def starts(self, fiscal: bool) -> date | None:
        """The first day of its release: the name tells, else the text of the link."""
        return starts(self.name, fiscal) or starts(self.text, fiscal)


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append((href, []))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1][1].append(data)


def links(html: str, url: str) -> list[Link]:
    """The links of a page at `url`, in its order; those behind CMS's licence page are unwrapped and marked."""
    anchors = _Anchors()
    anchors.feed(html)
    anchors.close()
    found = (link_of(href, " ".join("".join(words).split()), url) for href, words in anchors.found)
    return [link for link in found if link]


def link_of(href: str, text: str, url: str) -> Link | None:
    """One link as its page writes it; None for one that leads to no page or file of the web."""
    try:
        target = urljoin(url, href.strip())
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        behind = parse_qs(parts.query).get("file") if AMA.search(parts.path) else None
        if behind:
            target = urljoin(target, re.sub(r"(?<!:)//+", "/", behind[0]))
            parts = urlsplit(target)
    except ValueError:  # an address that cannot be one
        return None
    target = parts._replace(scheme="https", fragment="").geturl()
    return Link(target, text, gated=bool(behind))


def catalogue_links(text: str, title: str) -> list[Link]:
    """The csv files of the dataset of a title in a data catalogue (`data.json`, the DCAT-US layout), newest first.

    Raises:
        ValueError: when the text is not such a catalogue.
    """
    listed = json.loads(text)
    sets = listed.get("dataset") if isinstance(listed, dict) else None
    if not isinstance(sets, list):
        raise ValueError("no list of datasets")
    files = [
        (str(entry.get("temporal") or entry.get("modified") or ""), str(entry["downloadURL"]), str(entry.get("title") or title))
        for data in sets
        if isinstance(data, dict) and str(data.get("title", "")).strip().casefold() == title.casefold()
        for entry in data.get("distribution") or []
        if isinstance(entry, dict) and str(entry.get("downloadURL") or "").lower().endswith(".csv")
    ]
    made = (link_of(url, name, url) for _, url, name in sorted(files, reverse=True))
    return [link for link in made if link]


def matching(found: Iterable[Link], pattern: str) -> list[tuple[Link, re.Match[str]]]:
    """The links whose path or text a pattern finds, each address once."""
    seen: dict[str, tuple[Link, re.Match[str]]] = {}
    for link in found:
        hit = re.search(pattern, f"{unquote(urlsplit(link.url).path)} {link.text}", re.IGNORECASE)
        if hit:
            seen.setdefault(link.url, (link, hit))
    return list(seen.values())


def newest(found: Iterable[Link], pattern: str, on: date, fiscal: bool = False) -> list[Link]:
    """The files that a pattern finds, of the release in force on a day and of all later ones; of each the last revision.

    A group named `part` in the pattern tells files of one release that belong together. Files of which nothing tells a release are all
    taken when no other has one.
    """
    dated: dict[date, dict[str, Link]] = {}
    undated: list[Link] = []
    for link, hit in matching(found, pattern):
        day = link.starts(fiscal)
        if day is None:
            undated.append(link)
            continue
        parts = dated.setdefault(day, {})
        part = (hit.groupdict().get("part") or "").lower()
        if part not in parts or revision(link.name) > revision(parts[part].name):
            parts[part] = link
    if not dated:
        return undated
    first = max((day for day in dated if day <= on), default=min(dated))
    return [parts[part] for day, parts in sorted(dated.items()) if day >= first for part in sorted(parts)]
