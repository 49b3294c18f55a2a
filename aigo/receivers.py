"""What apps tell each other that do not import each other, and accounts of the server's own command line."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.dispatch import receiver

from benchmarks.models import Suite
from news.signals import words_wanted
from news.tagging import Word


@receiver(post_save, sender=User, dispatch_uid="aigo.confirm_superuser")
def confirm_superuser(sender: Any, instance: User, created: bool, **kwargs: Any) -> None:
    """Who can run `createsuperuser` here has shown more than a link in a letter: no confirmation is asked."""
    if created and instance.is_superuser and instance.email:
        EmailAddress.objects.get_or_create(
            user=instance, email=instance.email, defaults={"verified": True, "primary": True}
        )


@receiver(words_wanted, dispatch_uid="aigo.suites_as_words")
def suites_as_words(sender: Any, **kwargs: Any) -> list[Word]:
    """Suites, by which news is tagged."""
    rows = Suite.objects.order_by("slug").values_list("slug", "name", "full_name")
    return [Word("suite", slug, (name, full)) for slug, name, full in rows]
