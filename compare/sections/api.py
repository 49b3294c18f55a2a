"""How an endpoint is called: where, in which format, with which headers, how often."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aigo.lib.provenance import Provenance
from aigo.lib.writing import whole
from catalog.models import DocRef, Endpoint
from compare.lines import lines_of
from compare.sections.rows import Make, absent, listed, rows_of, text
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import Text, lazily
from probes.protocols import PROTOCOLS
from probes.protocols.description import AUTH_HEADERS, ProtocolDescription
from probes.protocols.questions import Question
from status.dossier import Limit, limits_told_once
from status.wording import region_names

#: What stands for the reader's own key.
KEY: Final = "<key>"
_SIMULATOR: Final = _("AI-GO’s built-in simulator")
_LIMIT_WORDS: Final[dict[str, Text]] = {
    "requests": pgettext_lazy("limit", "requests"),
    "tokens": pgettext_lazy("limit", "tokens"),
    "input_tokens": pgettext_lazy("limit", "input tokens"),
    "output_tokens": pgettext_lazy("limit", "output tokens"),
}
_WINDOW_WORDS: Final[dict[str, Text]] = {
    "minute": pgettext_lazy("limit", "a minute"),
    "day": pgettext_lazy("limit", "a day"),
    "unknown": pgettext_lazy("limit", "in a time that is not told"),
}


def rows(subjects: Sequence[Subject]) -> Iterable[Row]:
    return rows_of(lines_of("api"), subjects, _MAKERS)


def _source(subject: Subject) -> Provenance:
    """The provider's own documentation, as our editors have read it."""
    provider = subject.provider
    if provider is None or subject.simulated:
        return Provenance("cited", source_name=_SIMULATOR, simulated=subject.simulated)
    curated = provider.docs_url or next((ref.url for ref in subject.docs if ref.kind == "docs"), "")
    note = _("From the provider’s documentation, as AI-GO’s editors read it.")
    return Provenance("cited", source_name=provider.name, source_url=curated, note=note if curated else "")


def _provider(subject: Subject) -> Cell:
    provider = subject.provider
    if provider is None:
        return absent("not_served")
    return text(provider.slug, None, written=provider.name, href=f"/providers/{provider.slug}/")


def _model_id(subject: Subject) -> Cell:
    endpoint = subject.endpoint
    if endpoint is None:
        return absent("not_served")
    seen = Provenance(
        "cited",
        source_name=endpoint.source_name or _("AI-GO’s editors"),
        seen_at=endpoint.last_seen_in_source_at,
        simulated=subject.simulated,
    )
    return text(endpoint.provider_model_id, seen)


def _described(subject: Subject) -> tuple[Endpoint, ProtocolDescription] | Cell:
    """The endpoint and how it is spoken to, or why that is not known."""
    endpoint = subject.endpoint
    if endpoint is None:
        return absent("not_served")
    protocol = PROTOCOLS.get(endpoint.protocol)
    return (endpoint, protocol) if protocol else absent("no_protocol", _source(subject))


def _protocol(subject: Subject) -> Cell:
    found = _described(subject)
    return found if isinstance(found, Cell) else text(found[1].name, _source(subject))


def _address(subject: Subject) -> Cell:
    """The documented one; a simulated endpoint has none on the web."""
    found = _described(subject)
    if isinstance(found, Cell):
        return found
    endpoint, protocol = found
    if not endpoint.base_url.startswith("http"):
        return Cell("simulator", _SIMULATOR, _source(subject))
    asked = Question(endpoint.base_url, endpoint.provider_model_id, "B", "", 1)
    return text(f"POST {protocol.url(asked, protocol.ask_path)}", _source(subject))


def _auth(subject: Subject) -> Cell:
    found = _described(subject)
    if isinstance(found, Cell):
        return found
    endpoint, protocol = found
    name, before = AUTH_HEADERS.get(str(endpoint.probe_options.get("auth") or protocol.auth), ("", ""))
    if not name:
        return Cell("none", pgettext_lazy("compare", "no key is asked for"), _source(subject))
    return text(f"{name}: {before}{KEY}", _source(subject))


def _headers(subject: Subject) -> Cell:
    """Those of the protocol; an operator's own extra headers are nobody else's."""
    found = _described(subject)
    if isinstance(found, Cell):
        return found
    told = [f"{name}: {value}" for name, value in found[1].headers.items()]
    if not told:
        return Cell([], pgettext_lazy("compare", "none"), _source(subject), extra={"items": []})
    return listed(told, [(one, "", "") for one in told], _source(subject))


def _limits(subject: Subject) -> Cell:
    if subject.served is None:
        return absent("not_served")
    found = limits_told_once(subject.limits)
    if not found:
        return absent("no_limits")
    values = [
        {
            "kind": one.newest.kind,
            "window": one.newest.window,
            "limit": one.newest.limit,
            "tier": one.newest.tier,
            "source": one.newest.source,
            "regions": list(one.regions),
        }
        for one in found
    ]
    newest = max(found, key=lambda one: one.newest.last_seen_at).newest
    about = Provenance(
        "cited",
        source_name=newest.get_source_display(),
        source_url=newest.source_url,
        seen_at=newest.last_seen_at,
        simulated=subject.simulated,
        note=_("Limits read from headers are those of our own account; yours may differ."),
    )
    return listed(values, [(_limit(one), one.newest.source_url, _from(one)) for one in found], about)


def _limit(limit: Limit) -> Text:
    """ "60 requests a minute", with the account's tier where one is told."""
    row = limit.newest
    tier = f" ({row.tier})" if row.tier else ""
    return lazily(lambda: f"{whole(row.limit)} {_LIMIT_WORDS[row.kind]} {_WINDOW_WORDS[row.window]}{tier}")


def _from(limit: Limit) -> Text:
    """Where it was told: the regions whose headers did, or the documentation."""
    regions = limit.regions
    source = limit.newest.source
    return lazily(lambda: region_names(regions) if regions else str(dict(_SOURCES)[source]))


def _retry(subject: Subject) -> Cell:
    if subject.served is None:
        return absent("not_served")
    found = next((one for one in subject.limits if one.retry_advice), None)
    if found is None:
        return absent("no_advice")
    about = Provenance(
        "cited",
        source_name=found.get_source_display(),
        source_url=found.source_url,
        seen_at=found.last_seen_at,
        simulated=subject.simulated,
    )
    return text(found.retry_advice, about)


def links(subject: Subject, kinds: Sequence[str]) -> Cell:
    """The provider's curated links of some kinds."""
    if subject.served is None:
        return absent("not_served")
    found = [ref for ref in subject.docs if ref.kind in kinds]
    if not found:
        return absent("no_links")
    words = dict(DocRef.Kind.choices)
    return listed([ref.url for ref in found], [(words[ref.kind], ref.url, "") for ref in found], None)


_SOURCES: Final = (
    ("documentation", _("documentation")),
    ("headers", _("headers of an answer")),
)
_MAKERS: Final[dict[str, Make]] = {
    "provider": _provider,
    "model_id": _model_id,
    "protocol": _protocol,
    "address": _address,
    "auth": _auth,
    "headers": _headers,
    "limits": _limits,
    "retry": _retry,
    "docs": lambda one: links(one, ("docs", "quickstart", "pricing")),
}
