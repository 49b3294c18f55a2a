"""When the troubles of several endpoints are one trouble of their provider."""

from collections.abc import Mapping
from datetime import datetime

from status.rules.table import GROUP_WITHIN, PROVIDER_ENDPOINTS, PROVIDER_SHARE


def together(began_at: Mapping[int, datetime], reporting: int) -> frozenset[int]:
    """The endpoints whose troubles are their provider's; empty where these are too few or too far apart.

    `began_at`: of every endpoint that fails; `reporting`: how many endpoints of the provider report.
    The largest group that began within 10 minutes decides, of equally large ones the earliest: two of four
    endpoints that began 10 minutes apart are one trouble, 10 minutes and 1 second apart are two.
    """
    in_turn = sorted(began_at.items(), key=lambda item: (item[1], item[0]))
    groups = [[pk for pk, at in in_turn if first <= at <= first + GROUP_WITHIN] for _pk, first in in_turn]
    largest = max(groups, key=len, default=[])
    return frozenset(largest) if is_provider_wide(len(largest), reporting) else frozenset()


def is_provider_wide(endpoints: int, reporting: int) -> bool:
    """2 of 4 and 2 of 2 are; 1 of 1 and 2 of 5 are not."""
    return endpoints >= PROVIDER_ENDPOINTS and endpoints >= PROVIDER_SHARE * reporting
