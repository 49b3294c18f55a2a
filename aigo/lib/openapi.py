"""How parameters and what every answer has are described in the API's schema, the same in every app."""

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from aigo.lib.answers import DEFAULT_LIMIT, MAX_LIMIT

#: The parameters of every list.
PAGING = [
    OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MAX_LIMIT}, {DEFAULT_LIMIT} by default."),
    OpenApiParameter("offset", OpenApiTypes.INT, description="How many to pass over."),
]


def text_parameter(name: str, description: str, accepted: Iterable[str] | None = None) -> OpenApiParameter:
    """A text parameter; `accepted`: the closed list of its values, None = open."""
    return OpenApiParameter(
        name, OpenApiTypes.STR, description=description, enum=None if accepted is None else list(accepted)
    )


def several_parameter(name: str, description: str) -> OpenApiParameter:
    """A text parameter that may be given several times."""
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, many=True, explode=True)


AGE = serializers.IntegerField(help_text="Seconds since generated_at; 0 = computed for this request.")
AWAY = serializers.CharField(
    allow_null=True,
    help_text="The part that does not answer, so that this is the last answer there was; null = the present.",
)


class ToldAnswer(serializers.Serializer):
    """What `aigo.lib.answers.told` says."""

    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY


class ListedAnswer(ToldAnswer):
    """A page of a list."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class WordsAnswer(serializers.Serializer):
    """A text in both languages, each filled from the other where it was not given."""

    en = serializers.CharField()
    ko = serializers.CharField()
