"""Price, quality and speed, as JSON and CSV, of the same kept answers as the page."""

from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, page, refuse_unknown
from aigo.lib.moments import moment_text
from aigo.lib.openapi import PAGING, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.regions import BY_SLUG
from aigo.lib.sheets import csv_answer
from benchmarks.kept import kept_store
from catalog.tagging import FUNCTIONS
from compare.value.asking import ACCEPTED_BANDS, CHOICES, NAMES
from compare.value.kept import kept_asked, kept_value
from compare.value.points import LEFT, Value
from compare.value.telling import point_json, sheet_rows, value_json
from compare.value.toolbar import quality_name

_ABOUT: Final = {
    "quality": "Slug of a composite or of a suite; the first composite by default.",
    "settings": "The front over figures of the suite’s reference setting alone (same), or over all.",
    "price": "Blended: three tokens in, one out.",
    "speed": "Measured at the endpoint whose price is told; unsaid: speed is left out.",
    "region": "Where speed is measured from.",
    "offers": "own: each model at one offer (its maker’s, else a watched, else the cheapest); all: each.",
    "simulated": "1: with invented models, which compete with nothing real.",
    "q": "Words that must all occur in a model’s or maker’s name, Korean or English.",
    "open": "Only models with (yes) or without (no) open weights.",
    "creator": "Makers’ slugs, joined by commas.",
    "provider": "Providers’ slugs, joined by commas.",
    "function": "Functions, joined by commas.",
    "band": "Bands of the blended price, joined by commas.",
}
_VALUES: Final = {**CHOICES, "region": tuple(BY_SLUG), "function": FUNCTIONS, "band": ACCEPTED_BANDS}


def _parameter(name: str) -> OpenApiParameter:
    several = name in ("function", "band")  # joined by commas: no closed list of values
    accepted = [value for value in _VALUES.get(name, ()) if value]
    about = f"{_ABOUT[name]} Of: {', '.join(accepted)}." if several else _ABOUT[name]
    return text_parameter(name, about, None if several else accepted or None)


#: Of too many values to tell each.
_SLUGS: Final = {
    "creator": "a maker's slug that has a model with a score, such as openai",
    "provider": "a provider's slug as /api/v1/providers names them",
}
PARAMETERS: Final = [_parameter(name) for name in NAMES]


class ValueQualityAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(["composite", "suite"])
    slug = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True, help_text="null: a composite, or a figure without a unit.")
    higher_is_better = serializers.BooleanField()
    settings = serializers.ChoiceField(CHOICES["settings"])


class ValuePriceAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(CHOICES["price"])
    unit = serializers.CharField()


class ValueSpeedAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(CHOICES["speed"][1:])
    unit = serializers.CharField()
    region = serializers.CharField()


class ValueLeftAnswer(serializers.Serializer):
    """Models with a score that have no point, by reason."""

    not_served = serializers.IntegerField()
    no_price = serializers.IntegerField()
    free = serializers.IntegerField(help_text="Listed free of charge: no place on an axis of ratios.")
    filtered = serializers.IntegerField(help_text="By the filters of provider and band.")


class ValueCountsAnswer(serializers.Serializer):
    models_with_a_score = serializers.IntegerField(help_text=f"Those drawn and {', '.join(LEFT)} together.")
    models_drawn = serializers.IntegerField()
    left_out = ValueLeftAnswer()
    points = serializers.IntegerField()
    points_of_another_setting = serializers.IntegerField()
    points_without_speed = serializers.IntegerField()
    on_front = serializers.IntegerField()


class ValueSuitesAnswer(serializers.Serializer):
    used = serializers.IntegerField()
    of = serializers.IntegerField()
    in_another_setting = serializers.IntegerField()


class ValueProvenanceAnswer(serializers.Serializer):
    price = serializers.DictField(allow_null=True)
    quality = serializers.DictField(allow_null=True)
    speed = serializers.DictField(allow_null=True)


class ValuePointAnswer(serializers.Serializer):
    """A model where it is sold."""

    endpoint = serializers.CharField()
    model = serializers.CharField()
    name = serializers.CharField()
    creator = serializers.CharField()
    provider = serializers.CharField()
    simulated = serializers.BooleanField()
    open_weights = serializers.BooleanField(allow_null=True)
    on_front = serializers.BooleanField(help_text="Nothing comparable beats it in all that is asked for.")
    on_front_without_speed = serializers.BooleanField()
    price_usd_per_mtok = serializers.CharField()
    quality = serializers.FloatField()
    quality_setting = serializers.CharField(allow_null=True)
    quality_comparable = serializers.BooleanField(help_text="In the suite's reference setting.")
    quality_suites = ValueSuitesAnswer(allow_null=True, help_text="Of a composite.")
    score = serializers.IntegerField(allow_null=True, help_text="Of a suite: the published score.")
    speed = serializers.FloatField(allow_null=True)
    speed_missing = serializers.CharField(allow_null=True)
    provenance = ValueProvenanceAnswer()


class ValueAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField(help_text="The moment of the oldest part.")
    age_s = serializers.IntegerField()
    away = serializers.CharField(allow_null=True)
    simulated = serializers.BooleanField()
    quality = ValueQualityAnswer()
    price = ValuePriceAnswer()
    speed = ValueSpeedAnswer(allow_null=True)
    offers = serializers.ChoiceField(CHOICES["offers"])
    counts = ValueCountsAnswer()
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ValuePointAnswer(many=True)


class ValueView(APIView):
    """Models by price, quality and speed: the front first, then the better before the cheaper."""

    @extend_schema(operation_id="value", parameters=[*PARAMETERS, *PAGING], responses={200: ValueAnswer})
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, (*NAMES, "limit", "offset"))
        value, name, told = _asked(request)
        body = {
            **told,
            **value_json(value, name),
            **page(request, value.points, lambda point: point_json(point, value)),
        }
        return json_answer(request, body)


class ValueSheetView(APIView):
    """The same as a table."""

    @extend_schema(
        operation_id="value_csv", parameters=PARAMETERS, responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, NAMES)
        value, name, _told = _asked(request)
        return csv_answer(request, "ai-go-value", sheet_rows(value, name))


def _asked(request: Request) -> tuple[Value, str, dict[str, Any]]:
    """The answer, the name of its quality, and what it says of itself. Raises Problem (400)."""
    now = timezone.now()
    wanted = kept_asked(dict(request.query_params.lists()), now=now)
    for refusal in wanted.refusals:
        raise Problem(refusal.name, refusal.value, _SLUGS.get(refusal.name) or refusal.accepted)
    kept = kept_value(wanted.wish, now=now)
    name = quality_name(wanted.wish, kept_store(now=now).value)
    about = {"generated_at": moment_text(kept.at), "age_s": kept.age_s, "away": kept.away or None}
    return kept.value, name, about
