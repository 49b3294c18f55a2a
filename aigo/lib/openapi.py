"""How query parameters are described in the API's schema, the same in every app."""

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

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
