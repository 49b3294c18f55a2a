"""The reader's own views, for the toolbar that shows them."""

from typing import Any

from django import template
from django.template.context import Context

from status.filtering import BoardWish
from status.saved import SavedViews, saved_views_of

register = template.Library()


@register.simple_tag(takes_context=True)
def saved_views(context: Context) -> SavedViews | None:
    """Theirs beside the board of `wish`; None where nobody asks (a part that is rendered for all alike)."""
    request: Any = context.get("request")
    wish = context.get("wish")
    if request is None or not hasattr(request, "user"):
        return None
    return saved_views_of(request.user, wish if isinstance(wish, BoardWish) else BoardWish())
