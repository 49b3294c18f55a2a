"""Sessions of people who are signed in without a password. For processes in which Django is set up."""

from django.contrib.auth.models import User
from django.test import Client


def new_session(user: User) -> str:
    """The key of a new one: the value of the session cookie."""
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)
