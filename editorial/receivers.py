"""Django creates permissions after all migrations; roles get theirs right after that."""

from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from editorial.services import sync_roles

#: post_migrate is sent once per app, in INSTALLED_APPS order; permissions of all apps exist after the last.
LAST_APP = "compare"


@receiver(post_migrate, dispatch_uid="editorial.sync_roles")
def grant_roles(sender: Any, **kwargs: Any) -> None:
    """Sync the roles when the last app's permissions have been made."""
    if sender.label == LAST_APP:
        sync_roles()
