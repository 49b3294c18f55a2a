"""What people fill in on public pages."""

from typing import Any

from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from catalog.models import AIModel, Provider
from status.models import Subscription
from status.services.subscriptions import Wish

#: More than so many choices are a wish for everything.
MOST_CHOSEN = 100


class WishForm(forms.Form):
    """What a subscriber wants to be told; nothing chosen = everything."""

    min_severity = forms.ChoiceField(
        label=_("Tell me of"),
        choices=Subscription.MinSeverity.choices,
        initial=Subscription.MinSeverity.MINOR,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of the e-mails"), choices=Subscription.Language.choices, widget=forms.RadioSelect
    )
    providers = forms.MultipleChoiceField(
        label=_("Only some providers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    models = forms.MultipleChoiceField(
        label=_("Only some models"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        watched = Provider.objects.filter(endpoints__watched=True).distinct().order_by("simulated", "name")
        _offer(self.fields["providers"], [(row.slug, row.name, row.simulated) for row in watched])
        models = AIModel.objects.filter(endpoints__watched=True).distinct().order_by("simulated", "name")
        _offer(self.fields["models"], [(row.slug, row.name, row.simulated) for row in models])

    def wish(self) -> Wish:
        """Of a valid form."""
        chosen = self.cleaned_data
        return Wish(
            language=chosen["language"],
            min_severity=chosen["min_severity"],
            providers=tuple(sorted(chosen["providers"])),
            models=tuple(sorted(chosen["models"])),
        )


class SubscribeForm(WishForm):
    """A wish, and whose it is."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_email(self) -> str:
        """One that a letter can be sent to: a domain that has no form for DNS (IDNA) has no mailboxes."""
        address: str = self.cleaned_data["email"]
        try:
            address.rpartition("@")[2].encode("idna")
        except UnicodeError:
            raise forms.ValidationError(EmailValidator.message, code="invalid") from None
        return address

    field_order = ("email", "min_severity", "language", "providers", "models")


def _offer(field: forms.Field, rows: list[tuple[str, str, bool]]) -> None:
    """Names as choices; simulated ones say so."""
    assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (for the type checker)
    field.choices = [
        (slug, _("%(name)s (simulated)") % {"name": name} if simulated else name)
        for slug, name, simulated in rows
    ]
    field.validators.append(MaxLengthValidator(MOST_CHOSEN))
