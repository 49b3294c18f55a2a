"""Validators of forms and model fields."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aigo.lib.addresses import MAX_CHARS, BadAddress, ForbiddenAddress, Form, check_url
from aigo.lib.networks import Policy, is_address, why_refused

_WORDS: Final = {
    Form.CHARACTERS: _("The address holds a character that no address may have. Percent-encode it."),
    Form.SCHEME: _("Enter an http(s) address like https://example.com/path."),
    Form.USER: _("Leave the user name and password out of the address."),
    Form.HOST: _("The address names no host. Write one like api.example.com, in plain letters and dots."),
    Form.PORT: _("The port is not one. Use a number from 1 to 65535, or none."),
    Form.LONG: _("The address is too long; %(most)d characters are accepted."),
}
_DISGUISED: Final = _(
    "The host is an IP address in an odd form. Write four decimal numbers like 192.0.2.1, or an IPv6 address."
)
_NOT_PUBLIC: Final = _(
    "%(host)s is not a public address. Use a public one, or name its network in FETCH_ALLOWED_NETWORKS."
)


def validate_address(value: str) -> None:
    """ValidationError: not an http(s) address that may be fetched from. Names are not resolved here.

    What a name leads to is judged when it is asked, each time anew.
    """
    try:
        host = check_url(value).hostname or ""
    except BadAddress as error:
        raise ValidationError(_WORDS[error.form], code=error.form, params={"most": MAX_CHARS}) from None
    except ForbiddenAddress:
        raise ValidationError(_DISGUISED, code="disguised") from None
    inside = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host  # RFC 6761
    if is_address(inside) and why_refused(inside, Policy.PUBLIC, settings.FETCH_ALLOWED_NETWORKS):
        raise ValidationError(_NOT_PUBLIC, code="not_public", params={"host": host})
