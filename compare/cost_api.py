"""What a request costs over models, as JSON and CSV."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import DEFAULT_LIMIT, MAX_LIMIT, json_answer, page, refuse_unknown
from aigo.lib.openapi import PAGING, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.sheets import csv_answer
from aigo.lib.throttles import CountingThrottle
from compare.costing.asking import CHOICES, DEFAULT, NAMES, NUMBERS, Refusal, asked, too_long
from compare.costing.kept import kept_offers
from compare.costing.table import CostTable, cost_table
from compare.costing.telling import counting_json, line_json, sheet_rows

#: A text of 200,000 bytes may be written with six bytes for each letter.
MOST_BODY: Final = 1_300_000
_ABOUT: Final = {
    "models": "Up to four slugs of models or endpoints, joined by commas; unsaid: all that pass the filters.",
    "input_tokens": "Tokens of the input of one request, where no text is counted.",
    "output_tokens": "Tokens of the visible answer.",
    "cache_pct": "Share of the input that is read from a cache, per cent.",
    "requests_per_day": "Requests a day; a month has 30 days.",
    "batch": "1: at batch prices; who states none has no cost.",
    "reasoning": "none: without the reasoning that our probes measured.",
    "sample": "A text that ships is counted: Korean, English or code.",
    "offers": "own: each model where its maker sells it; all: every provider.",
    "free": "1: with what is free of charge.",
    "open_weights": "Only models with (yes) or without (no) open weights.",
    "sort": "cost: the cheapest first; name.",
    "q": "Words that must all occur in a model's, maker's or provider's name, Korean or English.",
    "provider": "The provider's slug.",
    "creator": "The maker's slug.",
    "region": "A region that price lists have rates of their own for; all by default.",
}


def _parameter(name: str) -> OpenApiParameter:
    if name in NUMBERS:
        least, most = NUMBERS[name]
        about = f"{_ABOUT[name]} {least} to {most:,}, {getattr(DEFAULT, name)} by default."
        return OpenApiParameter(name, OpenApiTypes.INT, description=about)
    return text_parameter(name, _ABOUT[name], [choice for choice in CHOICES.get(name, ()) if choice] or None)


PARAMETERS: Final = [_parameter(name) for name in NAMES]


class CostTokensAnswer(serializers.Serializer):
    input = serializers.IntegerField(allow_null=True)
    cached = serializers.IntegerField(help_text="Part of input.")
    output = serializers.IntegerField(help_text="Visible output.")
    reasoning = serializers.IntegerField(help_text="Beside the visible output.")


class TokenCountAnswer(serializers.Serializer):
    how = serializers.ChoiceField(["given", "exact", "estimate"])
    vocabulary = serializers.CharField(allow_null=True)
    error_pct = serializers.FloatField(
        allow_null=True, help_text="Of an estimate: 95 % of them were nearer; null = not measured."
    )
    why = serializers.CharField(allow_null=True, help_text="What the source says of this model's tokenizer.")
    source_url = serializers.CharField(allow_null=True)
    source_version = serializers.CharField(allow_null=True)


class CostReasoningAnswer(serializers.Serializer):
    known = serializers.BooleanField(help_text="false: it reasons, nobody has measured how much.")
    ratio = serializers.FloatField(allow_null=True, help_text="Reasoning tokens for each visible one.")
    counted = serializers.BooleanField()
    provenance = serializers.DictField(allow_null=True)


class CostPartAnswer(serializers.Serializer):
    part = serializers.ChoiceField(["input", "cached", "output", "reasoning"])
    tokens = serializers.IntegerField()
    usd_per_mtok = serializers.CharField(allow_null=True)
    rate = serializers.CharField(help_text="The rate that was taken.")
    usd = serializers.CharField(allow_null=True)


class CostPriceAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    tier = serializers.CharField()
    source_name = serializers.CharField()
    source_url = serializers.CharField(allow_null=True)
    seen_at = serializers.DateTimeField()
    valid_from = serializers.DateTimeField()


class CostLineAnswer(serializers.Serializer):
    """Decimals are strings. Costs are null where a rate that is needed is not stated (`missing`)."""

    endpoint = serializers.CharField()
    model = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    creator = serializers.CharField()
    simulated = serializers.BooleanField()
    request_usd = serializers.CharField(allow_null=True)
    day_usd = serializers.CharField(allow_null=True)
    month_usd = serializers.CharField(allow_null=True, help_text="30 days.")
    request_low_usd = serializers.CharField(allow_null=True, help_text="With the error of the estimate.")
    request_high_usd = serializers.CharField(allow_null=True)
    missing = serializers.ChoiceField(
        ["no-price", "no-rate", "no-batch", "no-batch-step", "not-counted"], allow_null=True
    )
    fits = serializers.BooleanField(
        allow_null=True, help_text="Within the model's limits; null = these are not stated."
    )
    tokens = CostTokensAnswer()
    token_count = TokenCountAnswer()
    reasoning = CostReasoningAnswer()
    parts = CostPartAnswer(many=True)
    fee_usd_per_k_requests = serializers.CharField(allow_null=True)
    prices = CostPriceAnswer(many=True)
    provenance = serializers.DictField()


class CountedAnswer(serializers.Serializer):
    basis = serializers.ChoiceField(["text", "sample"])
    letters = serializers.IntegerField()
    script = serializers.ChoiceField(["ko", "en", "other"])
    by_vocabulary = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    estimate = serializers.IntegerField(allow_null=True)
    estimate_error_pct = serializers.FloatField(allow_null=True)


class RequestCostAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField()
    age_s = serializers.IntegerField(help_text="Seconds since the prices were read from the database.")
    away = serializers.CharField(allow_null=True)
    simulated = serializers.BooleanField(help_text="Any row is of an invented endpoint.")
    currency = serializers.CharField()
    counted = CountedAnswer(allow_null=True, help_text="null: the number of tokens was given.")
    free_left_out = serializers.IntegerField(help_text="Endpoints that are free of charge, left out.")
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CostLineAnswer(many=True)


class RequestCostQuestion(serializers.Serializer):
    """The parameters of the GET request, and a text that is counted and not kept."""

    text = serializers.CharField(required=False, help_text="At most 200,000 bytes of UTF-8.")
    models = serializers.ListField(child=serializers.CharField(), required=False)
    input_tokens = serializers.IntegerField(required=False)
    output_tokens = serializers.IntegerField(required=False)
    cache_pct = serializers.IntegerField(required=False)
    requests_per_day = serializers.IntegerField(required=False)
    batch = serializers.ChoiceField(CHOICES["batch"], required=False)
    reasoning = serializers.ChoiceField(CHOICES["reasoning"], required=False)
    offers = serializers.ChoiceField(CHOICES["offers"], required=False)
    limit = serializers.IntegerField(required=False)
    offset = serializers.IntegerField(required=False)


class RequestCostView(APIView):
    """Requests × tokens × prices in force, per request, day and month, the cheapest first."""

    parser_classes = (JSONParser,)

    def get_throttles(self) -> list[Any]:
        """Who has a text counted waits for others who do."""
        more = [CountingThrottle()] if self.request.method == "POST" else []
        return [*super().get_throttles(), *more]

    @extend_schema(operation_id="cost", parameters=[*PARAMETERS, *PAGING], responses={200: RequestCostAnswer})
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, (*NAMES, "limit", "offset"))
        table, told = _table(dict(request.query_params.lists()))
        body = {**told, **page(request, table.lines, lambda line: line_json(line, table))}
        return json_answer(request, body)

    @extend_schema(
        operation_id="cost_of_text", request=RequestCostQuestion, responses={200: RequestCostAnswer}
    )
    def post(self, request: Request) -> HttpResponse:
        said = _body(request)
        text = said.pop("text", "")
        if not isinstance(text, str):
            raise Problem("text", type(text).__name__, "a text")
        if (refusal := too_long(text)) is not None:
            raise _problem(refusal)
        limit = _whole(said.pop("limit", DEFAULT_LIMIT), "limit", 1, MAX_LIMIT)
        offset = _whole(said.pop("offset", 0), "offset", 0, 10**9)
        table, told = _table({name: _values(name, value) for name, value in said.items()}, text)
        lines = [line_json(line, table) for line in table.lines[offset : offset + limit]]
        pages = {"count": len(table.lines), "next": None, "previous": None, "results": lines}
        response = json_answer(request, {**told, **pages})
        response["Cache-Control"] = "private, no-store"
        return response


class RequestCostSheetView(APIView):
    """The same as a table."""

    @extend_schema(
        operation_id="cost_csv", parameters=PARAMETERS, responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, NAMES)
        table, _told = _table(dict(request.query_params.lists()))
        return csv_answer(request, "ai-go-cost", sheet_rows(table))


def _table(query: Mapping[str, list[str]], text: str = "") -> tuple[CostTable, dict[str, Any]]:
    """The answer, and what it says of itself. Problem (400): the first thing that is not accepted."""
    now = timezone.now()
    wanted = asked(query)
    for refusal in wanted.refusals:
        raise _problem(refusal)
    kept = kept_offers(now=now)
    table = cost_table(wanted, kept.value, text=text, now=now)
    for refusal in table.refusals:
        raise _problem(refusal)
    return table, {
        "generated_at": now.isoformat(),
        "age_s": kept.age_s,
        "away": kept.away or None,
        "simulated": table.simulated,
        "currency": "USD",
        "counted": counting_json(table),
        "free_left_out": table.left_free,
    }


def _problem(refusal: Refusal) -> Problem:
    return Problem(refusal.name, refusal.value, refusal.accepted)


def _body(request: Request) -> dict[str, Any]:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BODY:
        raise Problem("body", f"{length} bytes", f"at most {MOST_BODY:,} bytes", status_code=413)
    said = request.data
    if not isinstance(said, dict):
        raise Problem("body", type(said).__name__, "a JSON object")
    for name in said:
        if name not in (*NAMES, "text", "limit", "offset"):
            raise Problem(
                name, said[name], sorted((*NAMES, "text", "limit", "offset")), title="Unknown parameter"
            )
    return dict(said)


def _values(name: str, value: Any) -> list[str]:
    """A value of a body as an address would say it."""
    if isinstance(value, list) and name == "models" and all(isinstance(one, str) for one in value):
        return value
    if isinstance(value, bool) and name in ("batch", "free"):
        return [str(int(value))]
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return [str(value)]
    raise Problem(name, value, "a text, a whole number or, of models, a list of texts")


def _whole(value: Any, name: str, least: int, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise Problem(name, value, f"a whole number from {least} to {most}")
