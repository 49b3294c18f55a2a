"""Writing by API key: `Authorization: Bearer aigo_…`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from aigo.lib.throttles import OpenAnonRateThrottle
from editorial.models import ApiKey
from editorial.services.keys import SCOPES, key_of, may_write


class KeyAuthentication(BaseAuthentication):
    """The account that a key writes for; `request.auth` is the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() != "bearer":
            return None
        key = key_of(text.strip(), now=timezone.now())
        if key is None:
            raise exceptions.AuthenticationFailed("The API key is not known, or was revoked.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ScoresScope(BasePermission):
    """A key with the scope `scores:write`."""

    message = f"The API key lacks the scope {SCOPES[0]}."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            raise exceptions.NotAuthenticated("Give an API key: Authorization: Bearer aigo_…")
        return may_write(request.auth, SCOPES[0])


class KeyThrottle(OpenAnonRateThrottle):
    """So many writes by one key; whoever has none is sent away before anything is counted."""

    scope = "key"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        assert isinstance(request.auth, ApiKey)  # noqa: S101  (the permission has asked)
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}
