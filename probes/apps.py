from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProbesConfig(AppConfig):
    name = "probes"
    verbose_name = _("Probes")

    def ready(self) -> None:
        from probes import receivers  # noqa: F401  (connects the receivers)
