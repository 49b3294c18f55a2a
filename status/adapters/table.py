"""Which addresses a page of each kind has, and who reads what they answer. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from status.adapters import aws, betterstack, feed, flashduty, google, instatus, onlineornot, statuspage
from status.adapters.reading import Asked, PageReading, Source, Unreadable


class Form(NamedTuple):
    """How pages of a kind are read."""

    sources: Callable[[str], tuple[Source, ...]]
    read: Callable[[Asked], PageReading]


#: The kinds of `catalog/data/providers.json`; "html" and others have no machine-readable form that is known.
FORMS: Final[Mapping[str, Form]] = {
    "statuspage": Form(statuspage.sources, statuspage.read),
    "incident.io": Form(statuspage.sources, statuspage.read),
    "google": Form(google.sources, google.read),
    "instatus": Form(instatus.sources, instatus.read),
    "betterstack": Form(betterstack.sources, betterstack.read),
    "flashduty": Form(flashduty.sources, flashduty.read),
    "onlineornot": Form(onlineornot.sources, onlineornot.read),
    "aws": Form(aws.sources, aws.read),
    "rss": Form(feed.sources, feed.read),
    "azure-rss": Form(feed.azure_sources, feed.read),
}


def sources_of(kind: str, url: str) -> tuple[Source, ...]:
    """The addresses to read of a page; none = no machine-readable form of such a page is known."""
    form = FORMS.get(kind)
    return form.sources(url) if form and url else ()


def read_page(kind: str, bodies: Mapping[str, bytes], scope: Sequence[str] = ()) -> PageReading:
    """What a page says. `bodies`: by their sources' names; `scope`: what of the page is the provider's.

    Raises Unreadable where the answers are not in the form of the kind.
    """
    form = FORMS.get(kind)
    if form is None:
        raise Unreadable(kind, f"nobody reads such pages; known are {', '.join(FORMS)}")
    return form.read(Asked(bodies, scope))
