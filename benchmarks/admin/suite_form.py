"""The form of a suite: what the database and the import would refuse is said in words, at its field."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benchmarks.models import Unit
from benchmarks.setting import FIELDS, UNSTATED, parts_of, setting_of

#: Pages under /benchmarks/ that are no suites.
RESERVED: Final = frozenset({"rows", "scores", "export"})
#: Rows of the box of a text, in either language.
_ROWS: Final = {
    **dict.fromkeys(("task_type", "metric", "items", "human_baseline"), 2),
    **{"summary": 3, "detail": 9, "caveats": 5},
}


class SourcesField(forms.CharField):
    """One source a line, its name and its address: `hendrycks/test README https://github.com/hendrycks/test`."""

    widget = forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{source['name']} {source['url']}".strip() for source in value)

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return [self._source(number, line) for number, line in enumerate(lines, 1) if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except forms.ValidationError:
            return True

    def _source(self, number: int, line: str) -> dict[str, str]:
        name, _space, address = line.rpartition(" ")
        parts = urlsplit(address)
        if not name.strip() or parts.scheme not in ("https", "http") or not parts.netloc:
            raise forms.ValidationError(
                _(
                    "Line %(number)s: expected a name and, after a space, an address that begins with https://."
                ),
                params={"number": number},
                code="no_source",
            )
        return {"name": name.strip(), "url": address}


class SuiteForm(forms.ModelForm):
    sources = SourcesField(
        label=_("sources"),
        help_text=_("Where the facts of this suite were read. One a line: its name, a space, its address."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in _ROWS.items():
            for field in filter(None, (self.fields.get(name), self.fields.get(f"{name}_ko"))):
                field.widget = forms.Textarea(attrs={"rows": rows, "cols": 40 if rows < 3 else 90})

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise forms.ValidationError(
                _("/benchmarks/%(slug)s/ is a page of its own. Choose another slug."), params={"slug": slug}
            )
        return slug

    def clean_reference_setting(self) -> str:
        """A key as settings are read to; anything else would mark every cell as taken in another setting."""
        key = str(self.cleaned_data["reference_setting"]).strip()
        try:
            known = setting_of(dict(parts_of(key))).key
        except ValueError:
            known = ""
        if key and key not in (known, UNSTATED):
            raise forms.ValidationError(
                _("Expected parts such as shots=5;prompt=cot, in the order %(fields)s."),
                params={"fields": ", ".join(FIELDS)},
            )
        return key

    def clean(self) -> dict[str, Any]:
        found = {**forms.model_to_dict(self.instance), **(super().clean() or {})}
        low, high, guess = (found.get(name) for name in ("scale_min", "scale_max", "random_baseline"))
        if found.get("unit") == Unit.PERCENT and (low, high) != (0, 100):
            self.add_error("scale_max", gettext("Per cent go from 0 to 100."))
        elif low is not None and high is not None and low >= high:
            self.add_error("scale_max", gettext("The highest value must be above the lowest."))
        if guess is not None and ((low is not None and guess < low) or (high is not None and guess >= high)):
            self.add_error("random_baseline", gettext("It must lie within the scale."))
        if (guess is None) != (not found.get("random_basis")):
            self.add_error(
                "random_basis", gettext("Say how the value of guessing is known, or give neither.")
            )
        return self.cleaned_data
