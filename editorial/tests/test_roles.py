"""Roles exist after migrating, with what the table grants and nothing else."""

import pytest
from django.contrib.auth.models import Group, Permission

from editorial.roles import AUTHOR, EDITOR, OPERATOR, PUBLISHER, READER, ROLES, grants
from editorial.services import sync_roles

pytestmark = pytest.mark.django_db


def names(role: str) -> set[str]:
    found = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}


def test_migrating_makes_the_five_roles():
    assert (
        {READER, AUTHOR, EDITOR, PUBLISHER, OPERATOR}
        == set(ROLES)
        == set(Group.objects.values_list("name", flat=True))
    )


def test_roles_hold_what_the_table_grants():
    assert names(READER) == set()
    assert "catalog.change_endpoint" in names(EDITOR)
    assert "catalog.delete_endpoint" not in names(EDITOR)
    assert "aigo.operate" in names(OPERATOR)
    assert "aigo.operate" not in names(PUBLISHER)
    assert "catalog.view_endpoint" in names(AUTHOR)


@pytest.mark.parametrize("role", list(ROLES))
def test_nobody_but_a_superuser_manages_accounts(role):
    assert not any(name.startswith(("auth.", "account.", "sites.")) for name in names(role))


def test_syncing_takes_away_what_the_table_no_longer_grants():
    stray = Permission.objects.get(codename="delete_user")
    Group.objects.get(name=READER).permissions.add(stray)
    sync_roles()
    assert names(READER) == set()


def test_a_pattern_grants_by_action():
    assert grants(AUTHOR, "news.add_article")
    assert not grants(AUTHOR, "news.delete_article")
