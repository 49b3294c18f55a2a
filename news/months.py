"""English names of months, as pages and texts write them. Pure."""

from typing import Final

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
#: "jan" to "dec".
SHORT_MONTHS: Final = tuple(name[:3] for name in MONTHS)


def month_number(name: str) -> int:
    """1 to 12: "March", "mar" and "Mar." are 3. ValueError: it begins like no month."""
    return SHORT_MONTHS.index(name[:3].lower()) + 1
