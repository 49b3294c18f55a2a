"""Writing roles."""

from django.contrib.auth.models import Group, Permission

from editorial.roles import ROLES, grants


def sync_roles() -> None:
    """Make every role's group exist with exactly the permissions that the table grants it."""
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set(found for name, found in permissions.items() if grants(role, name))
