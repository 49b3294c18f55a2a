"""Counts of scores that lead to the lists they count."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString


def linked_scores(count: int | None, **query: str | int) -> SafeString | int:
    """`query`: the filters of the list that holds exactly these; 0 leads nowhere."""
    if not count:
        return 0
    address = reverse("admin:benchmarks_score_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(query), count)
