"""Which addresses a page of each kind has, and who reads what they answer. Pure."""

from collections.abc import Mapping, Sequence

from status.adapters.reading import PageReading, Source, Unreadable


def sources_of(kind: str, url: str) -> tuple[Source, ...]:
    """The addresses to read of a page; none = no machine-readable form of such a page is known."""
    raise NotImplementedError


def read_page(kind: str, bodies: Mapping[str, bytes], scope: Sequence[str] = ()) -> PageReading:
    """What a page says. `bodies`: by their sources' names; `scope`: what of the page is the provider's.

    Raises Unreadable where the answers are not in the form of the kind.
    """
    raise Unreadable(kind, "nobody reads such pages yet")
