"""How accounts behave where allauth lets a project decide."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractUser, Group
from django.http import HttpRequest

from editorial.roles import READER


class AccountAdapter(DefaultAccountAdapter):
    """Who signs up is a Reader."""

    def save_user(
        self, request: HttpRequest, user: AbstractUser, form: Any, commit: bool = True
    ) -> AbstractUser:
        saved: AbstractUser = super().save_user(request, user, form, commit=commit)
        if commit:
            saved.groups.add(Group.objects.get(name=READER))
        return saved
