"""Setting what was seen of a drill against what had to follow: what is false, and what was missed. Pure."""

from collections.abc import Mapping, Sequence

from status.drills.faults import PAGE_EVERY_S, Lead, News, Opening, Page, Turn
from status.drills.plan import Plan
from status.drills.seen import Change, IncidentSeen, LeadSeen, NoticeSeen


def account_changes(
    plan: Plan, changes: Sequence[Change]
) -> tuple[list[Change], list[str], list[tuple[Turn, float]]]:
    """The changes that are no part of any turn, the turns that did not come, and how long each took."""
    of_pair: dict[tuple[str, str], list[Change]] = {}
    for change in sorted(changes, key=lambda change: change.at_s):
        of_pair.setdefault((change.slug, change.region), []).append(change)
    expected: Mapping[tuple[str, str], tuple[Turn, ...]] = plan.expected()
    false: list[Change] = []
    missed: list[str] = []
    delays: list[tuple[Turn, float]] = []
    for pair in sorted({*of_pair, *expected}):
        left = of_pair.get(pair, [])
        for turn in expected.get(pair, ()):
            part = _part_of(turn, left)
            left = [change for change in left if change not in part]
            if part and part[-1].after is turn.to:
                delays.append((turn, part[-1].at_s - turn.at_s))
            else:
                missed.append(f"{' '.join(pair)} → {turn.to} within {turn.within_s:g} s of {turn.at_s:g} s")
        false += left
    return false, missed, delays


def _part_of(turn: Turn, changes: Sequence[Change]) -> list[Change]:
    """The changes in the turn's time that lead to its state, up to the one that reaches it."""
    part: list[Change] = []
    for change in changes:
        if not turn.at_s <= change.at_s <= turn.at_s + turn.within_s:
            continue
        if change.after is not turn.to and change.after not in turn.via:
            continue
        part.append(change)
        if change.after is turn.to:
            break
    return part


def account_incidents(
    expected: Sequence[Opening], seen: Sequence[IncidentSeen]
) -> tuple[list[str], list[str]]:
    """Incidents that had no reason, and those that did not come, or not as they had to."""
    left, missed = list(seen), []
    for opening in expected:
        fitting = next((incident for incident in left if _fits(opening, incident)), None)
        if fitting is None:
            missed.append(str(opening))
        else:
            left.remove(fitting)
    return [str(incident) for incident in left], missed


def _fits(opening: Opening, incident: IncidentSeen) -> bool:
    words = (incident.kind, incident.scope, incident.severity, incident.flapped)
    opened = opening.at_s <= incident.opened_at_s <= opening.at_s + opening.within_s
    closed_at_s = incident.closed_at_s
    closed = (
        closed_at_s is not None
        and opening.over_at_s <= closed_at_s <= opening.over_at_s + opening.closes_within_s
    )
    return words == (opening.kind, opening.scope, opening.severity, opening.flaps) and opened and closed


def account_notices(
    expected: Sequence[News], seen: Sequence[NoticeSeen]
) -> tuple[list[NoticeSeen], list[str]]:
    """Notices that had no reason, and those that did not come in time. An end is told of what was begun."""
    left, missed = sorted(seen, key=lambda notice: notice.at_s), []
    begun: set[str] = set()
    for news in expected:
        fitting = next((notice for notice in left if _is_news(news, notice, begun)), None)
        if fitting is None:
            missed.append(str(news))
        else:
            begun.add(fitting.subject)
            left.remove(fitting)
    return left, missed


def _is_news(news: News, notice: NoticeSeen, begun: set[str]) -> bool:
    words = (notice.topic, notice.kind, notice.severity) == (news.topic, news.kind, news.severity)
    in_time = news.at_s <= notice.at_s <= news.at_s + news.within_s
    follows = news.kind in ("opened", "burn", "unreadable") or notice.subject in begun
    return words and in_time and follows


def account_leads(expected: Sequence[Lead], seen: Sequence[LeadSeen]) -> tuple[list[str], list[str]]:
    """Findings about who told first that are wrong, and those that are missing."""
    left, missed = list(seen), []
    for lead in expected:
        fitting = next((found for found in left if _is_right(lead, found)), None)
        if fitting is None:
            missed.append(str(lead))
        else:
            left.remove(fitting)
    return [str(found) for found in left], missed


def _is_right(lead: Lead, found: LeadSeen) -> bool:
    if found.verdict != lead.verdict:
        return False
    scripted = scripted_lead_s(lead, found)
    if scripted is None:
        return lead.says_at_s is None
    return found.lead_s is not None and abs(found.lead_s - scripted) <= (found.error_s or 0.0)


def scripted_lead_s(lead: Lead, found: LeadSeen) -> float | None:
    """What the lead must be by the script, None where it says none."""
    if lead.says_at_s is None or found.detected_at_s is None:
        return None
    return lead.says_at_s - found.detected_at_s


def account_page(page: Page | None, seen: Sequence[tuple[float, bool]]) -> list[str]:
    """Readings after which the page passed for what it was not. The first after a change may be either's."""
    if page is None:
        return []
    return [
        f"the official page passes for {'unreadable' if unreadable else 'readable'} at {at_s:.0f} s"
        for at_s, unreadable in seen
        if unreadable != page.unreadable_at(at_s) == page.unreadable_at(at_s - PAGE_EVERY_S)
    ]
