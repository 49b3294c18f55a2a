"""What readers are shown: the selectors' answers, kept until an event or the time overtakes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from news.kept import NEWS
from probes.history import WINDOWS_S, grid_of
from probes.servers import Servers, load_servers
from status.board import SORTS, Board
from status.cards import Spark, course_of, load_sparks
from status.chronicle import IncidentStory, Wish, find_incidents, load_story, stories_of
from status.filtering import BoardWish, Selection
from status.history import History, load_asked_history
from status.leads import LeadLine, MonthlyLeads, lead_of, monthly_leads
from status.maintenance import MaintenanceLine, maintenance_lines
from status.selectors import load_snapshot
from status.snapshot import Snapshot, Stats
from status.story import Story, load_past
from status.trend import WINDOWS, Trend, load_trend
from status.uptime import MOST_DAYS, Uptime, load_uptime

#: Servers are read once a minute, and on an operator's word.
SERVERS_KEPT = timedelta(seconds=2)
#: What the catalogue says changes seldom, and events tell of it and of every change of state.
STORIES_KEPT = timedelta(seconds=60)
#: Ninety days of every endpoint move slowly; whoever reads them is told of when they are.
UPTIME_KEPT = timedelta(seconds=60)
#: An hour in points of five minutes: the newest is a minute old at most.
SPARKS_KEPT = timedelta(seconds=60)
#: Key of what all boards are cut from.
SNAPSHOT = "snapshot"
#: Topic of whatever the board shows of any endpoint.
BOARD = "board"
#: Topic of whatever is told of incidents.
INCIDENTS = "incidents"
#: Topic of the suites that the search finds.
SUITES = "suites"
#: Topic of the counts over time.
TREND = "trend"


def topics_of(event: Event) -> Iterable[str] | None:
    """What an event touches: the board, its endpoints by slug, the counts over time; None = everything."""
    if event.type in ("results.stored", "article.published"):
        return ()
    if event.type == "scores.changed":
        return (SUITES,)
    if event.type == "news.changed":
        return (NEWS,)
    if event.type == "stats":
        return (TREND,)
    if event.type.startswith("incident."):
        return {BOARD, INCIDENTS, *event.data["slugs"]}
    if event.type == "status.update":
        return {BOARD, *(slug for slugs in event.data["changed"].values() for slug in slugs)}
    if event.type == "status.changed":
        return {BOARD, event.data["slug"]}
    return {event.data["slug"]} if event.type == "model.swapped" else None


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the incidents that were asked for, and how many there are."""

    stories: tuple[IncidentStory, ...]
    count: int


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, always=SNAPSHOT)


def _untold(value: object) -> tuple[str, ...]:
    """No event tells when this changes; it is merely kept for its time."""
    return ()


def kept_board(region: str, *, sort: str = SORTS[0], now: datetime) -> Board:
    """The whole board of a region ("all" = over all regions), ranked. Raises Unavailable."""
    return board_of(kept_snapshot(now=now), region, sort)


def board_of(kept: Answer[Snapshot], region: str, sort: str) -> Board:
    """A region's board, cut from a kept snapshot."""
    board = kept.value.board(region, sort)
    return board.known_at(kept.event_id, age_s=kept.age_s, away=kept.away)


def selection_of(kept: Answer[Snapshot], wish: BoardWish) -> Selection:
    """What a wish leaves, cut from a kept snapshot."""
    return kept.value.selection(wish).known_at(board_of(kept, wish.region, wish.sort))


def kept_stats(*, now: datetime) -> Stats:
    """The counts of every region, of the same snapshot as the boards. Raises Unavailable."""
    kept = kept_snapshot(now=now)
    return kept.value.stats().known_at(age_s=kept.age_s, away=kept.away)


def kept_story(slug: str, *, now: datetime) -> Answer[Story]:
    """Everything about a model, its states of the same snapshot as the board's rows.

    Raises Unavailable, NoSuchModel. The age is that of the oldest part.
    """
    past = keeper().answer(
        ("story", slug), lambda: load_past(slug), now=now, topics=lambda past: past.slugs, keep=STORIES_KEPT
    )
    present = kept_snapshot(now=now)
    story = Story.of(past.value, present.value)
    at, age = min((past.at, past.age), (present.at, present.age))
    return Answer(story, at, age, present.event_id, past.away or present.away)


def kept_history(slug: str, *, region: str, window: str, points: int, now: datetime) -> Answer[History]:
    """What the endpoint that a slug stands for did over a window. Raises Unavailable, NoSuchModel.

    Every change of its states is seen at once, its newest attempts after half a minute.
    """
    width_s = grid_of(WINDOWS_S[window], points, now.timestamp()).width_s
    return keeper().answer(
        ("history", slug, region, window, width_s),
        lambda: load_asked_history(slug, region=region, window=window, points=points, now=now),
        now=now,
        topics=lambda history: (history.endpoint.slug,),
    )


def kept_sparks(slugs: Iterable[str], *, region: str, now: datetime) -> Answer[dict[str, Spark]]:
    """Slug → its last hour, as the top cards draw it; those nobody judged left out. Raises Unavailable."""
    snapshot, wanted = kept_snapshot(now=now).value, sorted(set(slugs))
    standings = [snapshot.standings_of(slug).get(region) for slug in wanted]
    courses = [course for standing in standings if standing and (course := course_of(standing))]
    return keeper().answer(
        ("sparks", region, tuple(courses)),
        lambda: load_sparks(courses, region=region, now=now),
        now=now,
        topics=_untold,
        keep=SPARKS_KEPT,
    )


def kept_trend(region: str, *, window: str, points: int, now: datetime) -> Answer[Trend]:
    """The counts of a region over a window. Raises Unavailable."""
    width_s = grid_of(WINDOWS[window], points, now.timestamp()).width_s
    return keeper().answer(
        ("trend", region, window, width_s),
        lambda: load_trend(region, window=window, points=points, now=now),
        now=now,
        topics=lambda _trend: (TREND,),
    )


def kept_stories(
    wish: Wish, *, offset: int = 0, limit: int, newest: str = "started_at", now: datetime
) -> Answer[Found]:
    """The incidents that a wish finds, the newest first by `newest`: "started_at" | "updated_at".

    Raises Unavailable.
    """

    def load() -> Found:
        found = find_incidents(wish).order_by(f"-{newest}", "-pk")
        return Found(tuple(stories_of(found[offset : offset + limit])), find_incidents(wish).count())

    key = ("incidents", wish, offset, limit, newest)
    return keeper().answer(key, load, now=now, topics=lambda _found: (INCIDENTS,))


def kept_incident(pk: int, *, now: datetime) -> Answer[IncidentStory | None]:
    """One incident with all that was told of it; None = there is none. Raises Unavailable."""
    return keeper().answer(
        ("incident", pk), lambda: load_story(pk), now=now, topics=lambda _story: (INCIDENTS,)
    )


def kept_lead_of(incidents: frozenset[int], *, now: datetime) -> Answer[dict[int, LeadLine]]:
    """Our incident's id → what came of it beside the official page; without: no entry. Raises Unavailable."""
    return keeper().answer(
        ("lead of", incidents), lambda: lead_of(incidents), now=now, topics=lambda _found: (INCIDENTS,)
    )


def kept_leads(month: datetime, provider: str = "", *, now: datetime) -> Answer[list[MonthlyLeads]]:
    """What a month of detection leads amounts to; provider: slug, "" = all. Raises Unavailable."""
    return keeper().answer(
        ("leads", month, provider), lambda: monthly_leads(month, provider), now=now, topics=_untold
    )


def kept_maintenance(*, past: timedelta, ahead: timedelta, now: datetime) -> Answer[list[MaintenanceLine]]:
    """Planned maintenance from `past` before now until `ahead` after it. Raises Unavailable."""
    return keeper().answer(
        ("maintenance", past, ahead),
        lambda: maintenance_lines(since=now - past, until=now + ahead, now=now),
        now=now,
        topics=_untold,
    )


def kept_uptime(*, days: int = MOST_DAYS, now: datetime) -> Answer[Uptime]:
    """Every watched endpoint's availability day by day. Raises Unavailable."""
    return keeper().answer(
        ("uptime", days),
        lambda: load_uptime(days=days, now=now),
        now=now,
        topics=_untold,
        keep=UPTIME_KEPT,
    )


def kept_servers(*, now: datetime) -> Answer[Servers]:
    """The self-hosted servers; no event tells of their readings. Raises Unavailable."""
    return keeper().answer(
        "servers", lambda: load_servers(now=now), now=now, topics=_untold, keep=SERVERS_KEPT
    )


def kept_snapshot(*, now: datetime) -> Answer[Snapshot]:
    """What every page, answer and push of this process is cut from. Raises Unavailable."""
    return keeper().answer(
        SNAPSHOT,
        lambda: load_snapshot(now=now),
        now=now,
        topics=lambda _snapshot: (BOARD, NEWS),
        until=lambda snapshot: snapshot.holds_until,
        mend=lambda snapshot, changed: load_snapshot(now=now, former=snapshot, changed=changed),
    )
