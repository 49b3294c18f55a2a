"""What the board's frames hold: rendered and serialised once per view, whatever the number of listeners."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from aigo.lib.events import Event, LogAhead, LogGap, LogUnavailable, event_log
from aigo.lib.kept import Answer, Unavailable
from aigo.lib.problems import Problem
from aigo.lib.regions import ALL
from news.selectors.lines import NewsLine
from status.board import Board, BoardRow
from status.cards import top_of
from status.filtering import Selection, remains
from status.incidents import IncidentLine
from status.kept import board_of, kept_snapshot
from status.live.frames import Frame, View, framed
from status.rendered import news_html, row_html
from status.rules import State
from status.snapshot import Snapshot

#: After these the rows that were sent may not be those of the board any more.
_ALL_ANEW = ("catalog.changed",)
#: Who missed one of these gets everything: it does not tell which rows it touched.
_UNTOLD = (*_ALL_ANEW, "news.changed")


class BoardSource:
    """Frames cut from the kept snapshot; made once for all listeners of a view."""

    def __init__(self) -> None:
        #: Region → the counts that all its listeners know.
        self._counts: dict[str, dict[str, int]] = {}
        #: View of a part of the rows → the part that all its listeners know.
        self._parts: dict[View, dict[str, Any]] = {}
        #: Model slug → the lines that all listeners know; None = nobody has asked yet.
        self._lines: Mapping[str, Sequence[NewsLine]] | None = None

    def first(self, view: View, since: str) -> Frame:
        """A snapshot, or what changed after `since`. Problem: `since` or a model does not exist."""
        present = _present(timezone.now())
        # What this listener will know, and the others do not: the next news tell it anyhow.
        if present.value.counts(view.region).to_json() != self._counts.get(view.region):
            self._counts.pop(view.region, None)
        if view.limit and Cut(present, "").part(view) != self._parts.get(view):
            self._parts.pop(view, None)
        if self._lines is None:
            self._lines = present.value.news
        return ready_resume(view, since) if since else ready_snapshot(view)

    def news(self, events: Sequence[Event]) -> Callable[[View], Sequence[Frame]]:
        """What these events mean for a view. Unavailable: the present cannot be read."""
        types = {event.type for event in events}
        if types & {*_ALL_ANEW}:
            self._counts.clear()
            self._parts.clear()
            return lambda view: [ready_snapshot(view)]
        changed = changed_slugs(events)
        about_incidents = any(type.startswith("incident.") for type in types)
        about_news = "news.changed" in types
        if not (changed or about_incidents or about_news):
            return lambda view: ()
        cut = Cut(_present(timezone.now()), events[-1].id)
        recounted = {region for region in changed if self._is_news(cut, region)}
        written = self._written_of(cut) if about_news else set()

        known, self._parts = self._parts, {}

        def made(view: View) -> list[Frame]:
            slugs = changed.get(view.region, set()) | written
            frames = [cut.update(view, slugs)] if self._shows(cut, view, slugs, known.get(view)) else []
            frames += [cut.stats(view)] if view.region in recounted else []
            return frames + ([cut.incidents(view)] if about_incidents else [])

        return made

    def _shows(self, cut: "Cut", view: View, slugs: set[str], known: dict[str, Any] | None) -> bool:
        """Whether the view shows anything of these endpoints, or other rows because of them."""
        if not view.limit:
            return cut.shows(view, slugs)
        part = self._parts[view] = cut.part(view)
        return part != known or not slugs.isdisjoint(part["order"])

    def _written_of(self, cut: "Cut") -> set[str]:
        """The endpoints whose rows have other lines than before."""
        before, now = self._lines or {}, cut.kept.value.news
        self._lines = now
        models = {slug for slug in {*before, *now} if before.get(slug) != now.get(slug)}
        return {row.slug for row in cut.kept.value.rows(ALL) if row.model_slug in models}

    def _is_news(self, cut: "Cut", region: str) -> bool:
        counts = cut.kept.value.counts(region).to_json()
        known, self._counts[region] = self._counts.get(region), counts
        return known != counts


class Cut:
    """Frames of one snapshot; `event_id`: the newest event that they hold."""

    def __init__(self, kept: Answer[Snapshot], event_id: str) -> None:
        self.kept, self.event_id = kept, event_id

    def snapshot(self, view: View) -> dict[str, Any]:
        """Everything that the view shows."""
        data = self._rows(view) | _stats(view, self._board(view)) | self._incidents(view)
        return framed("snapshot", self.event_id, view.region, data)

    def shows(self, view: View, slugs: Iterable[str]) -> bool:
        """Whether the view shows any of these endpoints, or did before: a state may have left its filter."""
        wanted = set(slugs)
        if not (view.models or view.filters):
            return bool(wanted)
        others = tuple((name, values) for name, values in view.filters if name != "state")
        rows = self.kept.value.rows(view.region)
        return any(row.slug in wanted and _is_asked(view, row) and remains(row, others) for row in rows)

    def update(self, view: View, slugs: Iterable[str]) -> Frame:
        """The rows of these endpoints, and everybody's order."""
        return Frame(framed("update", self.event_id, view.region, self._changed(view, slugs)))

    def resume(self, view: View, slugs: Iterable[str]) -> Frame:
        """An update that leaves nothing out: counts and incidents, too."""
        data = self._changed(view, slugs) | _stats(view, self._board(view)) | self._incidents(view)
        return Frame(framed("update", self.event_id, view.region, data))

    def stats(self, view: View) -> Frame:
        """The counts of the region."""
        return Frame(framed("stats", self.event_id, view.region, _stats(view, self._board(view))))

    def incidents(self, view: View) -> Frame:
        """All open incidents."""
        return Frame(framed("incident", self.event_id, view.region, self._incidents(view)))

    def _board(self, view: View) -> Board:
        return board_of(self.kept, view.region, view.sort)

    @property
    def _lines(self) -> Sequence[IncidentLine]:
        return self.kept.value.incidents

    def part(self, view: View) -> dict[str, Any]:
        """Which rows the view shows, in their order. For pages also what stands beside them: the cards' rows,
        how many rows there are in all, and how many other choices would leave.
        """
        found = self._found(view)
        asked = [row for row in found.rows if _is_asked(view, row)] if view.models else found.rows
        shown = asked[view.offset : view.offset + view.limit if view.limit else None]
        part: dict[str, Any] = {"order": [row.slug for row in shown]}
        if view.format == "html" and view.limit:
            part |= {
                "ranks": [None if row.state is State.UNKNOWN else row.rank for row in shown],
                "top": [] if view.offset else [row.slug for row in top_of(found.rows)],
                "count": found.count,
                "measured": len(found.rows),
                "facets": _moving(found),
            }
        return part

    def _found(self, view: View) -> Selection:
        return self.kept.value.selection(view.wish)

    def _changed(self, view: View, slugs: Iterable[str]) -> dict[str, Any]:
        return self._rows(view, set(slugs))

    def _rows(self, view: View, slugs: Collection[str] | None = None) -> dict[str, Any]:
        """Of these endpoints (None = all) the rows that the view shows; and the order of all."""
        part = self.part(view)
        shown = {*part["order"]} if slugs is None else {*part["order"]} & {*slugs}
        rows = [self._row(view, row) for row in self._found(view).rows if row.slug in shown]
        return {"rows": rows, **part}

    def _row(self, view: View, row: BoardRow) -> dict[str, Any]:
        """Rendered once for all views that show it alike."""
        key = ("frame row", view.region, view.sort, view.format, view.lang, row.slug)
        return self.kept.value.once(key, lambda: told_row(view, row))

    def _incidents(self, view: View) -> dict[str, Any]:
        return self.kept.value.once(
            ("frame incidents", view.format, view.lang), lambda: _incidents(view, self._lines)
        )


def snapshot_of(view: View) -> dict[str, Any]:
    """The whole view as a frame, of the present or the last answer there is. Problem, Unavailable."""
    kept = kept_snapshot(now=timezone.now())
    _refuse_unknown(view, kept.value)
    return Cut(kept, kept.event_id).snapshot(view)


def ready_snapshot(view: View) -> Frame:
    """The snapshot, serialised once for all who come before the next. Unavailable: there is none of now."""
    kept = _present(timezone.now())
    _refuse_unknown(view, kept.value)
    key = ("frame", view, kept.event_id)
    return kept.value.once(key, lambda: Frame(Cut(kept, kept.event_id).snapshot(view)))


def ready_resume(view: View, since: str) -> Frame:
    """What changed after the event `since` as an update; a snapshot where the log no longer reaches back.

    Problem for an id that the log has not given yet.
    """
    try:
        events = event_log().read_after(since)
    except LogAhead:
        raise Problem("since", since, "the id of an event that has happened") from None
    except LogGap:
        return ready_snapshot(view)
    except LogUnavailable as error:
        raise Unavailable("event log") from error
    if any(event.type in _UNTOLD for event in events):
        return ready_snapshot(view)
    kept = _present(timezone.now())
    _refuse_unknown(view, kept.value)
    slugs = frozenset(changed_slugs(events).get(view.region, ()))
    cut = Cut(kept, events[-1].id if events else since)
    return kept.value.once(("resume", view, cut.event_id, slugs), lambda: cut.resume(view, slugs))


def changed_slugs(events: Iterable[Event]) -> dict[str, set[str]]:
    """Region → slugs of the endpoints whose row changed in these events."""
    changed: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.type == "status.update":
            for region, slugs in event.data["changed"].items():
                changed[region] |= set(slugs)
    return changed


def _present(now: datetime) -> Answer[Snapshot]:
    """The present: what stands in for it while the database is away is for pages, which say so."""
    kept = kept_snapshot(now=now)
    if kept.away:
        raise Unavailable(kept.away)
    if not kept.event_id:
        raise Unavailable("event log")
    return kept


def _refuse_unknown(view: View, snapshot: Snapshot) -> None:
    accepted = snapshot.known_values()
    for filter_, values in view.filters:
        for value in values:
            if value not in accepted[filter_]:
                raise Problem(filter_, value, sorted(accepted[filter_]))
    if not view.models:
        return
    rows = snapshot.rows(view.region)
    known = snapshot.once(
        "frame names", lambda: {name for row in rows for name in (row.slug, row.model_slug)}
    )
    for name in view.models:
        if name not in known:
            raise Problem("models", name, "slugs of endpoints or models on the board (/api/v1/status)")


def _moving(found: Selection) -> dict[str, dict[str, int]]:
    """The facets that can change while pages are open: only states do, and what is counted of chosen ones."""
    if found.wish.state:
        return {name: dict(counts) for name, counts in found.facets.items()}
    return {"state": dict(found.facets["state"])}


def _is_asked(view: View, row: BoardRow) -> bool:
    return not view.models or row.slug in view.models or row.model_slug in view.models


def _stats(view: View, board: Board) -> dict[str, Any]:
    stats: dict[str, Any] = {"counts": board.counts.to_json(), "simulated": board.simulated}
    if view.format == "html":
        with translation.override(view.lang):
            stats["cards"] = render_to_string("status/_cards.html", {"board": board, "counts": board.counts})
    return stats


def _incidents(view: View, lines: Sequence[IncidentLine]) -> dict[str, Any]:
    data: dict[str, Any] = {"incidents": [line.to_json() for line in lines]}
    if view.format == "html":
        with translation.override(view.lang):
            data["strip"] = render_to_string("status/_incidents.html", {"incidents": lines}).strip()
    return data


def told_row(view: View, row: BoardRow) -> dict[str, Any]:
    """A row as frames of that view carry it."""
    if view.format == "json":
        return row.to_json()
    told = {"slug": row.slug, "state": row.state.value, "rank": row.rank, "html": row_html(row, view.lang)}
    return told | ({"news": news_html(row, view.lang)} if row.news else {})
