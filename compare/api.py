"""The REST API of comparisons, of the same kept answers as the page."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, refuse_unknown
from aigo.lib.moments import moment_text
from aigo.lib.openapi import WordsAnswer, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.regions import BY_SLUG
from benchmarks.filtering import NORMS
from compare.asking import MOST, PATH, CompareWish, Refusal
from compare.kept import kept_asked, kept_comparison, kept_lines, load_frozen
from compare.lines import SECTIONS, Line
from compare.table import Cell, Comparison, Row, column_json
from compare.tongues import in_each, lazily
from news.selectors.lines import NewsLine
from status.api import NewsLineAnswer

PARAMETERS: Final = ("ids", "region", "norm")
KINDS: Final = ("number", "money", "tokens", "percent", "ms", "date", "text", "list", "flag", "link", "state")


class CompareColumnAnswer(serializers.Serializer):
    """A model as it was asked for, and the endpoint that it stands for."""

    slug = serializers.CharField()
    model = serializers.CharField()
    endpoint = serializers.CharField(allow_null=True, help_text="null: nobody serves it.")
    name = serializers.CharField()
    provider = serializers.CharField(allow_null=True)
    provider_name = serializers.CharField(allow_null=True)
    creator_name = serializers.CharField()
    state = serializers.CharField(allow_null=True, help_text="null: nobody probes it.")
    lifecycle = serializers.CharField()
    simulated = serializers.BooleanField()
    url = serializers.CharField()
    news = NewsLineAnswer(
        many=True,
        allow_null=True,
        help_text="The newest articles about the model; null: frozen.",
    )


class CompareCellAnswer(serializers.Serializer):
    """value: JSON by the row's kind (money: a decimal string), null = unknown, for the reason `missing`."""

    value = serializers.JSONField(allow_null=True)
    written = WordsAnswer(help_text="As the page writes it, without the unit.")
    missing = serializers.CharField(allow_null=True)
    why = WordsAnswer(allow_null=True, help_text="The reason in words.")
    best = serializers.BooleanField()
    comparable = serializers.BooleanField(
        help_text="false: known, but of another tier, setting or currency than the others."
    )
    extra = serializers.DictField(help_text="What else is known, such as a score's setting and evidence.")
    provenance = serializers.DictField(allow_null=True)


class CompareRowAnswer(serializers.Serializer):
    key = serializers.CharField()
    section = serializers.ChoiceField([section.key for section in SECTIONS])
    label = WordsAnswer()  # type: ignore[assignment]  # a field's own attribute of that name
    definition = WordsAnswer()
    unit = WordsAnswer(allow_null=True)
    kind = serializers.ChoiceField(KINDS)
    better = serializers.ChoiceField(["higher", "lower"], allow_null=True, help_text="null: neither.")
    differs = serializers.BooleanField()
    cells = CompareCellAnswer(many=True, help_text="One for each column, in their order.")


class CompareSectionAnswer(serializers.Serializer):
    key = serializers.ChoiceField([section.key for section in SECTIONS])
    title = WordsAnswer()
    rows = serializers.ListField(child=serializers.CharField(), help_text="Keys of its rows, in order.")


class FrozenAnswer(serializers.Serializer):
    token = serializers.CharField()
    made_at = serializers.DateTimeField()
    url = serializers.CharField()


class CompareAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField(help_text="The moment of its oldest figures.")
    age_s = serializers.IntegerField(help_text="Seconds since then; of frozen ones always 0.")
    away = serializers.CharField(allow_null=True, help_text="As in /api/v1/status.")
    frozen = FrozenAnswer(allow_null=True, help_text="null: these are the present figures.")
    region = serializers.CharField()
    norm = serializers.ChoiceField(NORMS)
    simulated = serializers.BooleanField()
    address = serializers.CharField(help_text="The page of the same comparison, with today's figures.")
    notes = WordsAnswer(many=True)
    columns = CompareColumnAnswer(many=True)
    sections = CompareSectionAnswer(many=True)
    rows = CompareRowAnswer(many=True)


class CompareView(APIView):
    """Up to four models side by side: what they are, cost, do and score, each with where it is from."""

    @extend_schema(
        operation_id="compare",
        parameters=[
            text_parameter("ids", "One to four slugs of models or endpoints, joined by commas."),
            text_parameter("region", "Where figures are measured from.", tuple(BY_SLUG)),
            text_parameter("norm", "How scores are made comparable.", NORMS),
        ],
        responses={200: CompareAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        kept = kept_comparison(asked_wish(request, now=now), now=now)
        news = kept_lines(kept.value, now=now)
        return json_answer(request, comparison_answer(kept.value, age_s=kept.age_s, news=news))


class FrozenCompareView(APIView):
    """A comparison as it was frozen: the same figures for ever."""

    @extend_schema(operation_id="compare_as_of", responses={200: CompareAnswer})
    def get(self, request: Request, token: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        found = load_frozen(token)
        if found is None:
            raise Http404(f"There is no frozen comparison {token[:40]}.")
        return json_answer(request, comparison_answer(found, age_s=0))


def asked_wish(request: Request, *, now: Any) -> CompareWish:
    """The wish of a request. Problem (400): the first thing that is not accepted, with what would be."""
    query = request.query_params
    refuse_unknown(query, PARAMETERS)
    asked = kept_asked(dict(query.lists()), parameter="ids", now=now)
    for refusal in asked.refusals:
        raise _problem(refusal)
    if not asked.wish.models:
        raise Problem("ids", query.get("ids", ""), f"one to {MOST} slugs as /api/v1/models names them")
    return asked.wish


def _problem(refusal: Refusal) -> Problem:
    if refusal.why == "too_many":
        return Problem(refusal.parameter, refusal.value, f"at most {MOST} models", title="Too many models")
    if refusal.why == "unknown":
        near = ", ".join(slug for slug, _name in refusal.near)
        accepted = "a model's or an endpoint's slug as /api/v1/models names them"
        words = f"{accepted}, for instance {near}" if near else accepted
        return Problem(refusal.parameter, refusal.value, words, title="No such model")
    return Problem(refusal.parameter, refusal.value, {"region": tuple(BY_SLUG), "norm": NORMS}[refusal.why])


def comparison_answer(
    comparison: Comparison, *, age_s: int, news: Sequence[tuple[NewsLine, ...]] = ()
) -> dict[str, Any]:
    """The comparison as the API tells it. news: of each column; () = of former figures, which have none."""
    frozen = comparison.frozen
    columns = zip_longest(comparison.columns, news)
    return {
        "generated_at": moment_text(comparison.generated_at),
        "age_s": age_s,
        "away": comparison.away or None,
        "frozen": frozen
        and {"token": frozen.token, "made_at": moment_text(frozen.made_at), "url": frozen.url},
        "region": comparison.wish.region,
        "norm": comparison.wish.norm,
        "simulated": comparison.simulated,
        "address": comparison.wish.address(PATH),
        "notes": [in_each(note) for note in comparison.notes],
        "columns": [_column(column_json(column), lines) for column, lines in columns],
        "sections": [
            {
                "key": group.section.key,
                "title": in_each(group.section.title),
                "rows": [row.line.key for row in group.rows],
            }
            for group in comparison.groups
        ],
        "rows": [_row(row) for row in comparison.rows],
    }


def _column(told: Mapping[str, Any], news: tuple[NewsLine, ...] | None) -> dict[str, Any]:
    names = ("slug", "model", "name", "lifecycle", "simulated", "url")
    return {name: told[name] for name in names} | {
        "endpoint": told["endpoint"] or None,
        "provider": told["provider_slug"] or None,
        "provider_name": told["provider"] or None,
        "creator_name": told["creator"],
        "state": told["state"] or None,
        "news": None if news is None else [line.to_json() for line in news],
    }


def _row(row: Row) -> dict[str, Any]:
    line: Line = row.line
    return {
        "key": line.key,
        "section": line.section,
        "label": in_each(line.label),
        "definition": in_each(line.definition),
        "unit": in_each(line.unit) if str(line.unit) else None,
        "kind": line.kind,
        "better": line.better or None,
        "differs": row.differs,
        "cells": [_cell(cell, best, apart) for cell, best, apart in row.marked],
    }


def _cell(cell: Cell, best: bool, apart: bool) -> dict[str, Any]:
    return {
        "value": cell.value,
        "written": in_each(cell.written),
        "missing": cell.missing or None,
        "why": in_each(lazily(lambda: cell.why)) if cell.missing else None,
        "best": best,
        "comparable": not apart,
        "extra": dict(cell.extra),
        "provenance": cell.provenance.to_json() if cell.provenance else None,
    }
