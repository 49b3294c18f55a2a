"""The one reader of environment variables.

    EnvError    ours (the operator's setting), permanent until the variable is changed

Every message names the variable, the value it had and what would be accepted. Values of variables
that can hold a secret are never repeated in a message.
"""

import json
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aigo.lib.networks import IpNetwork
from aigo.lib.networks import networks as ip_networks

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}

ENGINES = {
    "sqlite": "django.db.backends.sqlite3",
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "timescale": "timescale.db.backends.postgresql",
}


#: The watched providers and the variables that hold their keys.
PROVIDERS = Path(__file__).resolve().parent.parent / "catalog" / "data" / "providers.json"
#: What pages use of the npm packages: (folder below static/vendor/, folder below node_modules).
VENDORED: tuple[tuple[str, str], ...] = (
    ("inter", "@fontsource-variable/inter"),
    ("pretendard", "pretendard/dist/web/variable"),
)


class EnvError(Exception):
    """An environment variable has a value the program cannot work with."""


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding blanks, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """A yes/no variable: 1 true yes on / 0 false no off, in any case."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise EnvError(f"{name}={value!r} is not a yes or no. Use 1 or 0.")


def program(name: str) -> str:
    """A program of the machine: "" = none, "1" = where it is usually found, else its absolute path."""
    value = text(name)
    if value.lower() in TRUE | FALSE | {""}:
        return "1" if value.lower() in TRUE else ""
    if not value.startswith("/"):
        raise EnvError(f"{name}={value!r} is no program. Use 1, 0 or an absolute path.")
    return value


def integer(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`, both included."""
    value = text(name)
    if not value:
        return default
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return int(value)
    raise EnvError(f"{name}={value!r} is not accepted. Use a whole number from {least} to {most}.")


def decimal(name: str, default: str, *, most: str) -> Decimal:
    """An amount from 0 to `most`, both included, written with digits and a point."""
    value = text(name, default)
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,8})?", value) and Decimal(value) <= Decimal(most):
        return Decimal(value)
    raise EnvError(f"{name}={value!r} is not accepted. Use an amount from 0 to {most}, like {default}.")


def choice(name: str, default: str, *, accepted: tuple[str, ...]) -> str:
    """One of the `accepted` words."""
    value = text(name, default)
    if value not in accepted:
        raise EnvError(f"{name}={value!r} is not known. Use one of: {', '.join(accepted)}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def subset(name: str, default: list[str], *, accepted: tuple[str, ...]) -> list[str]:
    """A comma-separated list of the `accepted` words."""
    values = words(name) or default
    for value in values:
        if value not in accepted:
            raise EnvError(f"{name}: {value!r} is not known. Use some of: {', '.join(accepted)}.")
    return values


def secret(name: str, *, least_chars: int) -> str:
    """A key or password of at least so many characters; "" where unset."""
    value = text(name)
    if value and len(value) < least_chars:
        raise EnvError(f"{name} is too short to be a key. Use at least {least_chars} random characters.")
    return value


def secrets_by_name(name: str, *, accepted: tuple[str, ...], least_chars: int) -> dict[str, str]:
    """A comma-separated list of <name>:<key>, each name one of the `accepted`."""
    found = {}
    for number, part in enumerate(words(name), start=1):
        owner, _, key = part.partition(":")
        if owner not in accepted or len(key) < least_chars:
            raise EnvError(
                f"{name}: entry {number} is not <name>:<key>. Use one of {', '.join(accepted)}, "
                f"a colon and at least {least_chars} random characters."
            )
        found[owner] = key
    return found


def networks(name: str) -> tuple[IpNetwork, ...]:
    """A comma-separated list of IP networks (10.0.0.0/8) and addresses; () where unset."""
    found: list[IpNetwork] = []
    for value in words(name):
        try:
            found += ip_networks([value])
        except ValueError as error:
            raise EnvError(
                f"{name}: {value!r} is no network ({error}). Write networks like 10.20.0.0/16, fd12::/64 or "
                "127.0.0.1, with commas between them."
            ) from None
    return tuple(found)


def url(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    """A URL whose scheme is one of `schemes` and that names a host; "" where unset."""
    value = text(name, default)
    if value and not _is_url(value, schemes):
        forms = " or ".join(f"{scheme}://host:port" for scheme in schemes)
        raise EnvError(f"{name} is not a URL this program can use. Write {forms}.")
    return value


def event_log(name: str, default: str) -> str:
    """redis://host:port, rediss://host:port or, several of a cluster's nodes, redis+cluster://host:port,…."""
    value = text(name, default)
    scheme, _, rest = value.partition("://")
    if scheme != "redis+cluster":
        return url(name, default, schemes=("redis", "rediss"))
    nodes = rest.rpartition("@")[2].rstrip("/").split(",")
    if not all(re.fullmatch(r"[^/?#@,]+:\d{1,5}", node) for node in nodes):
        raise EnvError(
            f"{name} does not name a cluster's nodes. Write redis+cluster://host:port,host:port or "
            "redis+cluster://user:password@host:port,host:port."
        )
    return value


def database(name: str, *, default: str) -> dict[str, Any]:
    """`DATABASES["default"]` from a URL.

    sqlite:///relative/or//absolute/path, postgres://user:password@host:port/name?sslmode=… (plain
    PostgreSQL) or timescale://… (PostgreSQL with the TimescaleDB extension, through
    django-timescaledb's backend, which needs the extension to exist).
    """
    return _database(name, text(name, default))


def replicas(name: str, *, engine: str) -> dict[str, dict[str, Any]]:
    """Alias (replica1, replica2, …) → connection, from a comma-separated list of database URLs.

    engine: the primary's; SQLite has no replicas.
    """
    found = {}
    for number, value in enumerate(words(name), start=1):
        database = _database(name, value)
        if "sqlite" in database["ENGINE"] or "sqlite" in engine:
            raise EnvError(f"{name}: SQLite has no replicas. Set DATABASE_URL and {name} to PostgreSQL.")
        found[f"replica{number}"] = database
    return found


def _database(name: str, value: str) -> dict[str, Any]:
    parts = urlsplit(value)
    if parts.scheme not in ENGINES or not parts.path.strip("/"):
        raise EnvError(
            f"{name} is not a database URL (scheme {parts.scheme!r}). Use sqlite:///path/file.sqlite3, "
            "postgres://user:password@host:5432/name or timescale://user:password@host:5432/name."
        )
    if parts.scheme == "sqlite":
        return {"ENGINE": ENGINES["sqlite"], "NAME": unquote(parts.path[1:])}
    return {
        "ENGINE": ENGINES[parts.scheme],
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(_port(name, parts.netloc) or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def archive(name: str) -> dict[str, str]:
    """Where old raw rows go, {} where unset: scheme, root (path, or bucket/prefix), endpoint, region, url.

    file:///absolute/folder, or s3://bucket/prefix?endpoint=https://host:port&region=…; credentials stand in
    variables of their own and never in the URL.
    """
    value = text(name)
    if not value:
        return {}
    forms = "file:///folder or s3://bucket/prefix?endpoint=https://host:port&region=name"
    parts = urlsplit(value)
    options = dict(parse_qsl(parts.query))
    endpoint = options.get("endpoint", "").rstrip("/")
    if "@" in parts.netloc or "@" in endpoint:
        raise EnvError(
            f"{name} holds credentials. Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if parts.scheme == "file" and not parts.netloc and not parts.query and parts.path.strip("/"):
        return {"scheme": "file", "root": unquote(parts.path.rstrip("/")), "url": value}
    if parts.scheme != "s3" or not parts.netloc or options.keys() - {"endpoint", "region"}:
        raise EnvError(f"{name}={value!r} is not accepted. Use {forms}.")
    if endpoint and not _is_url(endpoint, ("http", "https")):
        raise EnvError(f"{name}: endpoint={endpoint!r} is not accepted. Use https://host:port.")
    root = "/".join(part for part in (parts.netloc, unquote(parts.path.strip("/"))) if part)
    return {
        "scheme": "s3",
        "root": root,
        "endpoint": endpoint,
        "region": options.get("region", ""),
        "url": value,
    }


def _port(name: str, netloc: str) -> int | None:
    try:
        return urlsplit(f"//{netloc}").port
    except ValueError:
        raise EnvError(f"{name}: the port is not a number from 1 to 65535.") from None


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def provider_keys() -> list[str]:
    """Names (never values) of the variables set here that hold a watched provider's key."""
    providers = json.loads(PROVIDERS.read_text())["providers"]
    return sorted({p["key_env"] for p in providers if p.get("key_env") and text(p["key_env"])})


def vendored_static(node_modules: Path) -> list[tuple[str, Path]]:
    """(prefix, folder) of the third-party files that npm installed and pages use, where installed."""
    folders = [(f"vendor/{name}", node_modules / folder) for name, folder in VENDORED]
    return [(prefix, folder) for prefix, folder in folders if folder.is_dir()]
