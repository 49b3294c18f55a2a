"""Where this installation stands, as readers elsewhere reach it."""

from django.conf import settings


def absolute(path: str) -> str:
    """SITE_URL followed by a path of ours: "/news/" → "https://ai-go.example/news/"; "" → without a path.

    A path begins with its slash, so SITE_URL means the same with one at its end and without.
    """
    return f"{settings.SITE_URL.rstrip('/')}{path}"
