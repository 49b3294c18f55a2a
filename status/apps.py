from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatusConfig(AppConfig):
    name = "status"
    verbose_name = _("Server Status")

    def ready(self) -> None:
        from status import receivers  # noqa: F401  (connects the receivers)
