"""Up to four models side by side; the only app that may see all the others."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompareConfig(AppConfig):
    name = "compare"
    verbose_name = _("Compare")

    def ready(self) -> None:
        from compare import receivers  # noqa: F401  (connects the receivers)
