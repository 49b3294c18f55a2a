"""What the admin's index says of editorial work."""

from typing import Any

from django import template

from editorial.selectors import editorial_models, name_of, right_name, waiting_total

register = template.Library()


@register.filter
def person(user: Any) -> str:
    """What people are called everywhere in editorial work; "—" where there is nobody."""
    return name_of(user) if user else "—"


@register.simple_tag(takes_context=True)
def editorial_waiting(context: Any) -> int | None:
    """How many pieces wait for whoever looks; None: their roles have no part in it."""
    user = context["request"].user
    rights = ("submit", "approve", "publish")
    if not any(user.has_perm(right_name(model, right)) for model in editorial_models() for right in rights):
        return None
    return waiting_total(user)
