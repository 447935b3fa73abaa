"""What a code is seen to do from one fee schedule to the next: first and last listed, status, global days, descriptor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Listing:
    """What history compares: the row of a code without modifier. `descriptor` is empty where it is not known."""

    status: str
    global_days: str
    descriptor: str


@dataclass(frozen=True)
class Snapshot:
    """One release of the fee schedule. `whole` tells that a code it lacks is not in it; else only listed codes are known."""

    release: str
    valid_from: date
    listings: dict[str, Listing]
    whole: bool = True


@dataclass(frozen=True, order=True)
class Change:
    """An event of a code; `release` is the fee schedule that shows it. Descriptors are never repeated."""

    code: str
    date: date
    event: str  # "first seen", "last seen", "status", "global days", "revised"
    text: str
    release: str


def baseline(snapshots: list[Snapshot]) -> list[Change]:
    """The codes of the earliest snapshot, which is whole: listed there, and nothing is known of the time before."""
    first = min(snapshots, key=lambda snapshot: snapshot.valid_from)
    text = f"Listed in {first.release}, the earliest fee schedule compared."
    return [Change(code, first.valid_from, "first seen", text, first.release) for code in sorted(first.listings)]


def changes(snapshots: list[Snapshot]) -> list[Change]:
    """Every event that the snapshots show, sorted by code and date.

    A code is seen first only where a whole snapshot before lacks it: being in the earliest one says nothing about its age.
    """
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.valid_from)
    codes = sorted({code for snapshot in ordered for code in snapshot.listings})
    return [change for code in codes for change in sorted(_of_code(code, ordered))]


def _of_code(code: str, snapshots: list[Snapshot]) -> Iterator[Change]:
    before: Snapshot | None = None
    for snapshot in snapshots:
        now = snapshot.listings.get(code)
        if now is None and not snapshot.whole:
            continue
        then = before.listings.get(code) if before else None

        def change(event: str, text: str, at: Snapshot) -> Change:
            return Change(code, at.valid_from, event, text, at.release)

        if now and before and not then:
            yield change("first seen", f"First listed in {snapshot.release}; not in {before.release}.", snapshot)
        elif then and before and not now:
            yield change("last seen", f"Last listed in {before.release}; {snapshot.release} no longer has it.", before)
        elif now and then and before:
            between = f"between {before.release} and {snapshot.release}"
            if now.status != then.status:
                yield change("status", f"Status {then.status} to {now.status} {between}.", snapshot)
            if now.global_days != then.global_days:
                yield change("global days", f"Global days {then.global_days} to {now.global_days} {between}.", snapshot)
            if now.descriptor and then.descriptor and _plain(now.descriptor) != _plain(then.descriptor):
                yield change("revised", f"Short descriptor changed {between}.", snapshot)
        before = snapshot


def _plain(descriptor: str) -> str:
    """Without blanks and case, which reshaped files do not keep."""
    return "".join(descriptor.split()).casefold()
