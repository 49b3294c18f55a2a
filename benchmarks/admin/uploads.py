"""Reading a source in two steps: what it would change is looked at, then applied.

Between the two steps the bytes wait in the cache, each person's own, for an hour; what is applied is compared
with the database anew, so that nothing is applied that somebody else has changed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aigo.lib import waiting as store
from benchmarks.models import ScoreSource
from benchmarks.services.fetching import Read, TooLarge, format_of, read_file


class UploadForm(forms.Form):
    """A file of the source's format, and where everybody can see it."""

    file = forms.FileField(label=_("File"))
    url = forms.URLField(
        label=_("Its address"), required=False, max_length=300, assume_scheme="https",
        help_text=_("Where everybody can see this file; figures that have no address of their own cite it"),
    )  # fmt: skip

    def __init__(self, source: ScoreSource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        known = format_of(source)
        self.fields["file"].help_text = gettext("%(title)s, at most %(limit)s MB") % {
            "title": known.title, "limit": f"{known.max_bytes / 1_000_000:g}",
        }  # fmt: skip
        self.fields["url"].required = not (known.cited or source.data_url or source.url)

    def clean_file(self) -> Any:
        """Its bytes, read no further than the format's limit."""
        file = self.cleaned_data["file"]
        try:
            return read_file(self.source, file, file.name).data
        except TooLarge as error:
            text = gettext("The file is larger than %(wanted)s.")
            raise ValidationError(text % {"wanted": error.fault.wanted}) from None

    def read(self) -> Read:
        """What was sent."""
        file: Any = self.files["file"]
        return Read(self.cleaned_data["file"], file.name[:300], self.cleaned_data["url"])


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was looked at and may be applied. `uploaded`: by the person, who is its author then."""

    read: Read
    uploaded: bool


def keep(source: ScoreSource, waiting: Waiting, *, user: Any) -> str:
    """Keep it for the second step; its token."""
    read = waiting.read
    return store.keep(_name(source), read.data, (read.origin, read.url, waiting.uploaded), user=user)


def kept(source: ScoreSource, token: str, *, user: Any) -> Waiting | None:
    """None: nothing of this person's waits under the token (any more)."""
    found = store.kept(_name(source), token, user=user)
    if found is None:
        return None
    data, (origin, url, uploaded) = found
    return Waiting(Read(data, origin, url), uploaded)


def _name(source: ScoreSource) -> str:
    return f"benchmarks-read:{source.pk}"
