"""What tests need not pay for again and again, in the test process only: servers that tests start do pay."""

from typing import Any

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware


def quicken() -> None:
    """Called once, when Django is set up.

    Passwords: a million rounds of PBKDF2 take 0.24 s for each account that a test makes and for each sign-in.
    Static files: every test client loads the middleware anew, which looks up 350 files for 0.02 s.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    _look_up_static_files_once()


def _look_up_static_files_once() -> None:
    look_up = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def look_up_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look_up(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = look_up_once
