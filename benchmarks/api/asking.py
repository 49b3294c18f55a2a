"""What the parameters of a wish are, and how a bad one is refused."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from rest_framework import serializers
from rest_framework.request import Request

from aigo.lib.answers import refuse_unknown
from aigo.lib.openapi import text_parameter
from aigo.lib.problems import Problem
from benchmarks.choosing import EVIDENCE
from benchmarks.composites import mixes
from benchmarks.filtering import MOST_TYPED, NAMES, NO_COMPOSITE, NORMS, OPEN, ORDERS, SORTS, BenchmarkWish
from benchmarks.kept import kept_store
from benchmarks.selectors import known_values, wish_of

#: What an open parameter accepts.
_SENTENCES: Final = {
    "models": "slugs of models or endpoints as /api/v1/models names them",
    "families": "a family as /api/v1/models names it, of a model with scores",
    "q": f"a text of at most {MOST_TYPED} characters",
    "as_of": "a day as YYYY-MM-DD",
    "sort": f"one of {', '.join(SORTS)}, or a suite’s slug",
    "suites": "all, or slugs as /api/v1/benchmarks/suites names them",
}
WISH_PARAMETERS = [
    text_parameter(
        "suites",
        "Slugs or names, joined by commas; all = each with a score; unsaid: those of most models.",
    ),
    text_parameter("models", "Only these (slugs of models or endpoints, joined by commas)."),
    text_parameter("creators", "Only models of these makers (slugs, joined by commas)."),
    text_parameter("families", "Only models of this family; may be repeated."),
    text_parameter("evidence", f"Only scores of these classes: {', '.join(EVIDENCE)}."),
    text_parameter("q", "Words that must all occur in a model's name, slug, family or maker."),
    text_parameter("open", "yes: only models with open weights; no: only those known to be without.", OPEN),
    text_parameter("norm", "How values are normalised; 1 = sota, 0 = raw.", (*NORMS, "1", "0")),
    text_parameter("composite", "The composite beside the suites.", (*mixes(), NO_COMPOSITE)),
    text_parameter("sort", "composite, coverage, name, released or a suite's slug; the best first."),
    text_parameter("order", "asc turns it round; what has no value stays last.", ORDERS),
    text_parameter("as_of", "YYYY-MM-DD: what readers saw at the end of that day, UTC."),
]


def asked_wish(request: Request, *, also: Iterable[str] = (), now: datetime) -> BenchmarkWish:
    """The wish of a request. Problem (400): the first parameter that is not accepted, with what would be."""
    query = request.query_params
    refuse_unknown(query, (*NAMES, *also))
    store = kept_store(now=now).value
    asked = wish_of(dict(query.lists()), store)
    for name, value in asked.refused:
        accepted = _SENTENCES.get(name) or list(known_values(store)[name])
        raise Problem(name, value, accepted)
    return asked.wish


class ScoreCountsAnswer(serializers.Serializer):
    """Published scores of models in the catalogue; the same on every page."""

    scores = serializers.IntegerField()
    models = serializers.IntegerField()
    suites = serializers.IntegerField()
    sources = serializers.IntegerField(help_text="Cited sources, by name.")
    by_evidence = serializers.DictField(child=serializers.IntegerField())


class ScoredModelAnswer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    creator = serializers.CharField()
    creator_name = serializers.CharField()
    family = serializers.CharField(allow_null=True)
    released_on = serializers.DateField(allow_null=True)
    released_precision = serializers.ChoiceField(
        ["day", "month"], help_text="month: the source names no day, and the date is the first of the month."
    )
    open_weights = serializers.BooleanField(allow_null=True)
