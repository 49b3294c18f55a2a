"""What the board's frames hold: rendered and serialised once per view, whatever the number of listeners."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from aigo.lib.events import Event, LogAhead, LogGap, LogUnavailable, event_log
from aigo.lib.kept import Answer, Unavailable
from aigo.lib.problems import Problem
from status.board import Board, BoardRow
from status.incidents import IncidentLine
from status.kept import board_of, kept_snapshot
from status.live.frames import Frame, View, framed
from status.snapshot import Snapshot

#: After these the rows that were sent may not be those of the board any more.
_ALL_ANEW = ("catalog.changed",)


class BoardSource:
    """Frames cut from the kept snapshot; made once for all listeners of a view."""

    def __init__(self) -> None:
        #: Region → the counts that all its listeners know.
        self._counts: dict[str, dict[str, int]] = {}

    def first(self, view: View, since: str) -> Frame:
        """A snapshot, or what changed after `since`. Problem: `since` or a model does not exist."""
        if _present(timezone.now()).value.counts(view.region).to_json() != self._counts.get(view.region):
            self._counts.pop(view.region, None)  # this listener will know others: the next are told anyhow
        return ready_resume(view, since) if since else ready_snapshot(view)

    def news(self, events: Sequence[Event]) -> Callable[[View], Sequence[Frame]]:
        """What these events mean for a view. Unavailable: the present cannot be read."""
        types = {event.type for event in events}
        if types & {*_ALL_ANEW}:
            self._counts.clear()
            return lambda view: [ready_snapshot(view)]
        changed = changed_slugs(events)
        about_incidents = any(type.startswith("incident.") for type in types)
        if not (changed or about_incidents):
            return lambda view: ()
        cut = Cut(_present(timezone.now()), events[-1].id)
        recounted = {region for region in changed if self._is_news(cut, region)}

        def made(view: View) -> list[Frame]:
            slugs = changed.get(view.region, set())
            frames = [cut.update(view, slugs)] if cut.shows(view, slugs) else []
            frames += [cut.stats(view)] if view.region in recounted else []
            return frames + ([cut.incidents(view)] if about_incidents else [])

        return made

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
        board = self._board(view)
        data = self._rows(view, board, board.rows) | _stats(view, board) | self._incidents(view)
        return framed("snapshot", self.event_id, view.region, data)

    def shows(self, view: View, slugs: Iterable[str]) -> bool:
        """Whether any of these endpoints is among those that the view picks."""
        wanted = set(slugs)
        if not view.models:
            return bool(wanted)
        return any(row.slug in wanted and _is_asked(view, row) for row in self._board(view).rows)

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

    @property
    def _lines(self) -> Sequence[IncidentLine]:
        return self.kept.value.incidents

    def _board(self, view: View) -> Board:
        return board_of(self.kept, view.region, view.sort)

    def _changed(self, view: View, slugs: Iterable[str]) -> dict[str, Any]:
        board, wanted = self._board(view), set(slugs)
        return self._rows(view, board, [row for row in board.rows if row.slug in wanted])

    def _rows(self, view: View, board: Board, rows: Iterable[BoardRow]) -> dict[str, Any]:
        shown = [row for row in rows if _is_asked(view, row)]
        order_ = [row.slug for row in board.rows if _is_asked(view, row)]
        return {"rows": [self._row(view, row) for row in shown], "order": order_}

    def _row(self, view: View, row: BoardRow) -> dict[str, Any]:
        """Rendered once for all views that show it alike."""
        key = ("frame row", view.region, view.sort, view.format, view.lang, row.slug)
        return self.kept.value.once(key, lambda: _row(view, row))

    def _incidents(self, view: View) -> dict[str, Any]:
        return self.kept.value.once(
            ("frame incidents", view.format, view.lang), lambda: _incidents(view, self._lines)
        )


def snapshot_of(view: View) -> dict[str, Any]:
    """The whole view as a frame, of the present or the last answer there is. Problem, Unavailable."""
    kept = kept_snapshot(now=timezone.now())
    _refuse_unknown_models(view, kept.value)
    return Cut(kept, kept.event_id).snapshot(view)


def ready_snapshot(view: View) -> Frame:
    """The snapshot, serialised once for all who come before the next. Unavailable: there is none of now."""
    kept = _present(timezone.now())
    _refuse_unknown_models(view, kept.value)
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
    if any(event.type in _ALL_ANEW for event in events):
        return ready_snapshot(view)
    kept = _present(timezone.now())
    _refuse_unknown_models(view, kept.value)
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


def _refuse_unknown_models(view: View, snapshot: Snapshot) -> None:
    if not view.models:
        return
    rows = snapshot.rows(view.region)
    known = snapshot.once(
        "frame names", lambda: {name for row in rows for name in (row.slug, row.model_slug)}
    )
    for name in view.models:
        if name not in known:
            raise Problem("models", name, "slugs of endpoints or models on the board (/api/v1/status)")


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


def _row(view: View, row: BoardRow) -> dict[str, Any]:
    if view.format == "json":
        return row.to_json()
    with translation.override(view.lang):
        html = render_to_string("status/_row.html", {"row": row})
    return {"slug": row.slug, "state": row.state.value, "rank": row.rank, "html": html}
