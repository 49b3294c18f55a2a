"""Django creates permissions after all migrations, app by app; roles get theirs after the last app."""

from typing import Any

from django.apps import apps
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from editorial.services import sync_roles


@receiver(post_migrate, dispatch_uid="editorial.sync_roles")
def grant_roles(sender: Any, **kwargs: Any) -> None:
    """Sync the roles when the last app's permissions have been made."""
    with_models = [config for config in apps.get_app_configs() if config.models_module]
    if sender is with_models[-1]:
        sync_roles()
