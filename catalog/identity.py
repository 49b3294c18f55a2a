"""Which model is it, and who made it? Pure: no Django, no network, no clock.

models.dev names a model once per provider (`openai/gpt-4o`, `accounts/fireworks/models/glm-4p7`,
`anthropic.claude-opus-4-6-v1`) and gives no reference that joins them, so this module does, by the tables of
`catalog/data/identity.json`. The order of the rules:

1. Drop what a host puts before every id (`@cf/`, `accounts/fireworks/models/`, a Bedrock region).
2. What stands before the last slash names the creator (`meta-llama/…` → Meta), unless it names a host or a
   tier. An unlisted namespace is itself the creator: somebody's fine-tune is never the base model's maker's.
3. Without one, the whole id decides (`claude-…`); open-weight families only if just known words follow.
4. One spelling per creator (`4p5`, `4-5`, `@20241022`, `:free`), then the aliases that a host documents.
5. What is still nobody's stays with its provider: creator `unknown`, slug `<provider>-<id>`. So does an alias
   that moves (`~openai/gpt-latest`) and an id whose display name states another version. Two ids are joined
   only when they are surely the same model.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TABLES = Path(__file__).parent / "data" / "identity.json"
UNKNOWN = "unknown"

# One digit, with or without a minor one: 4, 4.5, 4-5; not a size (8b), a date or a longer number.
_VERSION_IN_SLUG = re.compile(r"(?<![\d.])(\d)(?:[._-](\d)(?![\dbkmte.]))?(?![\dbkmte])")
_VERSION_IN_NAME = re.compile(r"(?<![\d.])(\d)\.(\d)(?!\d|\.\d|\s?[bkm]\b)", re.IGNORECASE)


class Identity(NamedTuple):
    """Slug and display name of the creator (`unknown` where no rule names one), slug of the model."""

    creator: str
    creator_name: str
    model: str


@dataclass(frozen=True, slots=True)
class _Creator:
    slug: str
    name: str
    providers: tuple[str, ...]
    whole: re.Pattern[str]

    def claims(self, ident: str) -> bool:
        return self.whole.fullmatch(ident) is not None


@dataclass(frozen=True, slots=True)
class _Spelling:
    pattern: re.Pattern[str]
    to: str
    providers: frozenset[str]
    creators: frozenset[str]
    not_creators: frozenset[str]

    def apply(self, ident: str, provider: str, creator: str) -> str:
        wrong_place = (self.providers and provider not in self.providers) or creator in self.not_creators
        if wrong_place or (self.creators and creator not in self.creators):
            return ident
        match = self.pattern.fullmatch(ident)
        return match.expand(self.to) if match else ident


@dataclass(frozen=True, slots=True)
class _Tables:
    creators: dict[str, _Creator]
    by_namespace: dict[str, _Creator]
    transparent: frozenset[str]
    unsure: frozenset[str]
    path_prefix: re.Pattern[str]
    region_prefix: re.Pattern[str]
    creator_prefix: re.Pattern[str]
    host_spellings: tuple[_Spelling, ...]
    spellings: tuple[_Spelling, ...]
    aliases: dict[tuple[str, str], str]
    pointer: re.Pattern[str]


def identify(provider: str, provider_model_id: str, name: str = "") -> Identity:
    """The creator and the model that `provider` serves under `provider_model_id`; see the module's rules.

    `name` is the source's display name, used only to keep apart what it contradicts; "" = none known.
    """
    tables = _tables()
    ident = _drop_path(provider_model_id.strip().lower(), tables)
    namespace, tail = _split(tables.region_prefix.sub("", ident, count=1))
    tail = _spell(tail, provider, tables.host_spellings)
    creator = _creator_of(namespace, tail, tables)
    if creator is None:
        tail, creator = _creator_after_prefix(tail, tables)
    if creator is None:
        return _nobodys(provider, namespace, tail, tables)
    model = tables.aliases.get((provider, tail)) or _spell(tail, provider, tables.spellings, creator.slug)
    moving = namespace.startswith("~") or tables.pointer.fullmatch(model) is not None
    unsure = namespace if namespace in tables.unsure else ""
    if unsure or (moving and provider not in creator.providers) or contradicts(name, model):
        model = f"{provider}-{unsure}-{model}"
    return Identity(creator.slug, creator.name, slug_of(model))


def contradicts(name: str, model: str) -> bool:
    """Whether the name states another minor version than the slug ("Claude Sonnet 4.5", claude-sonnet-4).

    "DeepSeek V3.1" contradicts deepseek-v3 and deepseek-v3.2, but not deepseek-v3.1; "Nova Lite 1.0" does not
    contradict nova-lite-v1, and "Mistral Small 3.2" not mistral-small-2506, which states no such version.
    """
    claimed = set(_VERSION_IN_SLUG.findall(model))
    majors = {major for major, _ in claimed}
    stated = {(major, minor) for major, minor in _VERSION_IN_NAME.findall(name) if minor != "0"}
    return any(major in majors and (major, minor) not in claimed for major, minor in stated)


def own_providers(creator: str) -> tuple[str, ...]:
    """Providers through which the creator serves its models itself, the main one first; empty = not known."""
    known = _tables().creators.get(creator)
    return known.providers if known else ()


def serves_its_own(provider: str, creator: str) -> bool:
    """Whether the provider is the creator itself, under whichever name."""
    return provider == creator or provider in own_providers(creator)


def seller_rank(provider: str, creator: str) -> int:
    """The lower, the more the model's slug stands for its offer: 0 = the creator's main provider, then its
    others, then one of the creator's name, then everybody else.
    """
    own = own_providers(creator)
    return own.index(provider) if provider in own else len(own) + (provider != creator)


def endpoint_slug(provider: str, provider_model_id: str) -> str:
    """`<provider>--<id>`: the provider's own id in lower case, without the path all its ids share."""
    bare = _drop_path(provider_model_id.strip().lower(), _tables())
    return f"{slug_of(provider)}--{slug_of(bare)}"


def told_apart(slug: str, provider_model_id: str) -> str:
    """A slug that is taken (or too long), told apart by the id it stands for."""
    return f"{slug}-{hashlib.sha256(provider_model_id.encode()).hexdigest()[:6]}"


def slug_of(text: str) -> str:
    """Lower-case letters, digits, dots, underscores and single dashes; never "--", which marks endpoints."""
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9._]+", "-", text.lower())).strip("-.")


def _drop_path(ident: str, tables: _Tables) -> str:
    while match := tables.path_prefix.match(ident):
        ident = ident[match.end() :]
    return ident


def _split(ident: str) -> tuple[str, str]:
    """("meta-llama", "llama-3.3-70b") of an id with slashes or of Bedrock's dots; ("", id) of a bare one."""
    if "/" in ident:
        parts = ident.split("/")
        return re.sub(r"\s\d+$", "", parts[0]), parts[-1]
    head, dot, rest = ident.partition(".")
    if dot and head.isalnum() and head.isalpha() and rest:
        return head, rest
    return "", ident


def _creator_of(namespace: str, tail: str, tables: _Tables) -> _Creator | None:
    name = namespace.removeprefix("~")
    if name and name not in tables.transparent:
        return tables.by_namespace.get(name)
    return next((creator for creator in tables.creators.values() if creator.claims(tail)), None)


def _creator_after_prefix(tail: str, tables: _Tables) -> tuple[str, _Creator | None]:
    """`openai-gpt-4.1`, `anthropic--claude-3-haiku`: the prefix goes if a known creator claims the rest."""
    match = tables.creator_prefix.match(tail)
    if match is None:
        return tail, None
    rest = tail[match.end() :]
    creator = _creator_of("", rest, tables)
    return (rest, creator) if creator else (tail, None)


def _nobodys(provider: str, namespace: str, tail: str, tables: _Tables) -> Identity:
    if namespace and namespace not in tables.transparent and slug_of(namespace):
        owner = slug_of(namespace)
        model = slug_of(tail)
        return Identity(owner, namespace, model if model.startswith(owner) else f"{owner}-{model}")
    return Identity(UNKNOWN, "Unknown", slug_of(f"{provider}-{namespace}-{tail}"))


def _spell(ident: str, provider: str, spellings: tuple[_Spelling, ...], creator: str = "") -> str:
    for spelling in spellings:
        ident = spelling.apply(ident, provider, creator)
    return ident


@cache
def _tables() -> _Tables:
    raw: dict[str, Any] = json.loads(TABLES.read_text(encoding="utf-8"))
    tokens = "|".join(raw["tokens"])
    creators = {row["slug"]: _creator(row, tokens) for row in raw["creators"]}
    return _Tables(
        creators=creators,
        by_namespace={
            ns: creators[row["slug"]] for row in raw["creators"] for ns in row.get("namespaces", ())
        },
        transparent=frozenset(raw["transparent_namespaces"]),
        unsure=frozenset(raw["unsure_namespaces"]),
        path_prefix=re.compile("|".join(raw["path_prefixes"])),
        region_prefix=re.compile("^" + raw["region_prefix"]),
        creator_prefix=re.compile(f"(?:{'|'.join(raw['creator_prefixes'])})-{{1,2}}"),
        host_spellings=tuple(_spelling(row) for row in raw["spellings"] if not _by_creator(row)),
        spellings=tuple(_spelling(row) for row in raw["spellings"] if _by_creator(row)),
        aliases={(row["provider"], row["id"]): row["model"] for row in raw["aliases"]},
        pointer=re.compile("|".join(row["ids"] for row in raw["pointers"])),
    )


def _creator(row: dict[str, Any], tokens: str) -> _Creator:
    alternatives = [*row.get("ids", ()), *(f"{stem}([-:_]({tokens}))*" for stem in row.get("token_ids", ()))]
    never = "(?!)"
    return _Creator(
        slug=row["slug"],
        name=row["name"],
        providers=tuple(row.get("providers", ())),
        whole=re.compile("|".join(alternatives) or never),
    )


def _by_creator(row: dict[str, Any]) -> bool:
    return bool(row.get("creators") or row.get("not_creators"))


def _spelling(row: dict[str, Any]) -> _Spelling:
    return _Spelling(
        pattern=re.compile(row["ids"]),
        to=row["to"],
        providers=frozenset(row.get("providers", ())),
        creators=frozenset(row.get("creators", ())),
        not_creators=frozenset(row.get("not_creators", ())),
    )
