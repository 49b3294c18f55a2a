"""Putting a comparison together: of the board, the catalogue, the scores and what is kept of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aigo.lib.writing import window
from benchmarks.matrix import NORM_NOTES, NORM_WORDS
from benchmarks.store import Store
from catalog.selectors import near_slugs
from compare.asking import Asked, CompareWish, asked, named
from compare.sections import groups_of
from compare.subjects import PAST, Past, Subject, load_past, scores_of, subjects_of
from compare.table import Column, Comparison
from compare.tongues import Text, lazily
from status.snapshot import Snapshot
from status.uptime import Uptime

#: Names that are offered for one that is not known.
NEAR = 3


def load_subjects(wish: CompareWish, *, now: datetime) -> Past:
    """What the columns of a wish are read of, beside the snapshot, the days and the scores."""
    return load_past(wish.models, region=wish.region, now=now)


def asked_of(
    query: Mapping[str, Sequence[str]], stands_for: Mapping[str, str], *, parameter: str = "models"
) -> Asked:
    """The wish of an address. `stands_for`: what the catalogue knows of the slugs that it names; two queries
    for each that it does not know."""
    return asked(query, stands_for, near=lambda slug: near_slugs(slug, most=NEAR), parameter=parameter)


def comparison_of(
    wish: CompareWish, past: Past, *, snapshot: Snapshot, uptime: Uptime, store: Store, at: datetime
) -> Comparison:
    """Cut from what is kept, no query. `at`: the moment of the oldest part."""
    matrix = scores_of(wish, past, store)
    subjects = subjects_of(wish, past, snapshot=snapshot, uptime=uptime, matrix=matrix)
    groups = groups_of(subjects, matrix)
    return Comparison(
        wish=wish,
        columns=tuple(_column(subject) for subject in subjects),
        groups=groups,
        notes=_notes(wish, subjects, any(group.section.key == "benchmarks" for group in groups)),
        generated_at=at,
    )


def _column(subject: Subject) -> Column:
    endpoint, provider = subject.endpoint, subject.provider
    return Column(
        slug=subject.slug,
        endpoint=endpoint.slug if endpoint else "",
        name=subject.model.name,
        provider=provider.name if provider else "",
        creator=subject.model.creator.name,
        icon=dict(provider.icon) if provider else {},
        state=subject.row.state.value if subject.row else "",
        simulated=subject.simulated,
        url=reverse("model", args=[subject.slug]),
        lifecycle=(endpoint or subject.model).lifecycle,
        model=subject.model.slug,
        provider_slug=provider.slug if provider else "",
    )


def _notes(wish: CompareWish, subjects: Sequence[Subject], scored: bool) -> tuple[Text, ...]:
    """What a reader must know of the whole."""
    norm, past_s = wish.norm, int(PAST.total_seconds())
    notes: list[Text] = []
    if scored:
        notes.append(lazily(lambda: f"{NORM_WORDS[norm]}: {NORM_NOTES[norm]}"))
    if any(subject.row for subject in subjects):
        past = lazily(
            lambda: str(_("Incidents and availability: the last %(past)s.")) % {"past": window(past_s)}
        )
        notes.append(past)
    if any(subject.simulated for subject in subjects):
        notes.append(_("Simulated providers and models are invented, and so are their figures."))
    return tuple(notes)


__all__ = ["asked_of", "comparison_of", "load_subjects", "named"]
