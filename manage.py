#!/usr/bin/env python
"""Django's command line for AI-GO."""

import os
import sys


def main() -> None:
    """Run one management command with the project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")
    from django.core.management import execute_from_command_line

    from aigo.env import EnvError

    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"aigo: {error}")


if __name__ == "__main__":
    main()
