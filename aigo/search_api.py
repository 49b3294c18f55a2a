"""The REST API of the search."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, part, part_asked, refuse_unknown
from aigo.lib.matching import MOST_LETTERS, Grade
from aigo.lib.openapi import AGE, AWAY, PAGING, WordsAnswer, text_parameter
from aigo.lib.problems import Problem
from aigo.search import KIND_NAMES, Hit, kept_search
from status.rules import State


class HitAnswer(serializers.Serializer):
    """Something that has a page."""

    kind = serializers.ChoiceField(KIND_NAMES)
    slug = serializers.CharField(help_text="A function's tag, an incident's id, else a slug.")
    title = WordsAnswer()
    by = serializers.CharField(allow_null=True, help_text="Who makes or serves it.")
    url = serializers.CharField(help_text="Its page.")
    match = serializers.ChoiceField(
        [grade.name.lower() for grade in Grade],
        help_text="How well it fits; several words: the worst of them.",
    )
    state = serializers.ChoiceField(
        [state.value for state in State],
        allow_null=True,
        help_text="Of an endpoint on the board, or of a model whose only endpoint is there.",
    )
    simulated = serializers.BooleanField()


class SearchAnswer(serializers.Serializer):
    q = serializers.CharField()
    by_kind = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many of each kind were found, whichever are asked for.",
    )
    simulated = serializers.BooleanField(help_text="Any of the results below is invented.")
    generated_at = serializers.DateTimeField(help_text="Of the states.")
    age_s = AGE
    away = AWAY
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = HitAnswer(many=True)


class SearchView(APIView):
    """Whatever is called so, the best first: parts of words, several words, English or Korean."""

    @extend_schema(
        operation_id="search",
        parameters=[
            text_parameter("q", f"What to look for: 1 to {MOST_LETTERS} characters; all words must occur."),
            text_parameter("kinds", f"Only these, separated by commas: {', '.join(KIND_NAMES)}."),
            *PAGING,
        ],
        responses={200: SearchAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("q", "kinds", "limit", "offset"))
        typed = query.get("q", "").strip()
        if not 1 <= len(typed) <= MOST_LETTERS:
            raise Problem("q", typed, f"a text of 1 to {MOST_LETTERS} characters")
        found = kept_search(typed, now=timezone.now())
        wanted = found.of(*_kinds(query.get("kinds", "")))
        limit, offset = part_asked(request)
        hits = wanted[offset : offset + limit]
        body = {
            "q": typed,
            "by_kind": found.by_kind,
            "simulated": any(hit.thing.simulated for hit in hits),
            "generated_at": found.at.isoformat(),
            "age_s": found.age_s,
            "away": found.away or None,
            **part(request, len(wanted), [Hit.to_json(hit) for hit in hits]),
        }
        return json_answer(request, body)


def _kinds(asked: str) -> list[str]:
    kinds = [kind.strip() for kind in asked.split(",") if kind.strip()]
    for kind in kinds:
        if kind not in KIND_NAMES:
            raise Problem("kinds", kind, KIND_NAMES)
    return kinds
