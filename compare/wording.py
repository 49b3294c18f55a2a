"""The words for what the list of models and the table's toolbar offer, lazily translated."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compare.choosing import UNSTATED

Words = str | Promise

FILTER_WORDS: Final[dict[str, Words]] = {
    "function": pgettext_lazy("filter", "Function"),
    "provider": pgettext_lazy("filter", "Provider"),
    "family": _("Family"),
    "creator": _("Maker"),
    "year": _("Released"),
    "price": _("Price"),
    "open": _("Weights"),
    "measured": pgettext_lazy("filter", "Measured"),
}
#: What is not stated, in the lists of the filters that have it.
UNSTATED_WORDS: Final[Words] = _("not stated")
OPEN_WORDS: Final[dict[str, Words]] = {
    "yes": _("Open weights"),
    "no": _("Closed weights"),
    UNSTATED: UNSTATED_WORDS,
}
MEASURED_WORDS: Final[dict[str, Words]] = {
    "yes": _("Measured by us"),
    "no": _("Not measured"),
}
SORT_WORDS: Final[dict[str, Words]] = {
    "measured": _("Measured, newest"),
    "released": _("Release date"),
    "price": _("Lowest price"),
    "context": _("Context window"),
    "name": _("Name"),
}
