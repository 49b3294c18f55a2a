"""Accounts made on the server's own command line."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.dispatch import receiver


@receiver(post_save, sender=User, dispatch_uid="aigo.confirm_superuser")
def confirm_superuser(sender: Any, instance: User, created: bool, **kwargs: Any) -> None:
    """Who can run `createsuperuser` here has shown more than a link in a letter: no confirmation is asked."""
    if created and instance.is_superuser and instance.email:
        EmailAddress.objects.get_or_create(
            user=instance, email=instance.email, defaults={"verified": True, "primary": True}
        )
