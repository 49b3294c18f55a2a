"""What the search can find: a line of KINDS for each kind of thing, with how its entries are read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Final, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.matching import Entry, Text, names_of
from aigo.lib.words import Words
from aigo.templatetags.figures import FUNCTIONS as FUNCTION_WORDS
from benchmarks.models import Suite
from catalog.identity import UNKNOWN, own_providers
from catalog.korean import korean, spellings_of
from catalog.models import AIModel, Endpoint, Lifecycle, Provider
from catalog.tagging import FUNCTIONS
from news.kept import NEWS
from news.models import Article
from news.selectors.cards import lines_of_tags
from status.chronicle import Wish, find_incidents
from status.kept import INCIDENTS, SUITES
from status.told import titles_of
from status.wording import in_both

_Row = TypeVar("_Row", bound=Model)
#: The newest incidents that can be found; older ones stand on the incidents page.
MOST_INCIDENTS: Final = 2_000
#: The newest articles that can be found; older ones stand on the news page, which has a search of its own.
MOST_ARTICLES: Final = 2_000
#: Of two that fit alike, the watched one comes first, the retired one last.
WATCHED, UNWATCHED, RETIRED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has a page.

    `slug`: a model's, endpoint's, provider's or article's, a function's tag, an incident's number. `by`: the
    name of who makes or serves it, "" = nobody is named. `sole`: the slug of a model's only endpoint,
    `model`: that of an endpoint's model; "" = several or none. `endpoints`: how many live ones serve a model,
    or a provider has. `at`: when an incident began or an article was published, UTC; `open`: an incident that
    has not ended.
    """

    kind: str
    slug: str
    title: Words
    url: str
    by: str = ""
    model: str = ""
    sole: str = ""
    endpoints: int = 0
    simulated: bool = False
    retired: bool = False
    at: datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """`label`: of several; `entries`: reads them all; `topic`: of status.kept, what they change with besides
    the catalogue. Kinds of one topic are read together."""

    name: str
    label: str | Promise
    entries: Callable[[], Iterable[Entry[Thing]]]
    topic: str = SUITES


def model_url(slug: str) -> str:
    """The page of a model, or of an endpoint."""
    return reverse("model", args=[slug])


def provider_url(slug: str) -> str:
    return reverse("provider", args=[slug])


@lru_cache(maxsize=40_000)
def _named(*names: str) -> tuple[Text, ...]:
    """Folded, with their Korean spellings; the same names stand on thousands of endpoints."""
    return names_of(*names, *chain.from_iterable(map(spellings_of, names)))


def function_entries() -> Iterator[Entry[Thing]]:
    """Each function is the board of its endpoints."""
    for tag in FUNCTIONS:
        title = in_both(FUNCTION_WORDS[tag])
        called = names_of(tag, title.en, title.ko, *korean().functions.get(tag, ()))
        yield Entry(Thing("function", tag, title, f"/?function={tag}"), "function", called)


def provider_entries() -> Iterator[Entry[Thing]]:
    """Those that serve anything."""
    live = _shown(Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED))
    endpoints: Counter[int] = Counter()
    watched = set()
    for pk, is_watched in live.values_list("provider", "watched"):
        endpoints[pk] += 1
        if is_watched:
            watched.add(pk)
    rows = Provider.objects.filter(pk__in=endpoints).values_list("pk", "slug", "name", "simulated")
    for pk, slug, name, simulated in rows:
        thing = Thing(
            *("provider", slug, Words(name), provider_url(slug)), endpoints=endpoints[pk], simulated=simulated
        )
        weight = WATCHED if pk in watched else UNWATCHED
        yield Entry(thing, "provider", _named(name), about=names_of(slug), weight=weight)


def model_entries() -> Iterator[Entry[Thing]]:
    """Every model that the catalogue knows, retired ones behind all others."""
    served: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    live = _shown(Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED))
    for model, slug, watched in live.values_list("model__slug", "slug", "watched"):
        served[model].append((slug, watched))
    columns = (
        "slug",
        "name",
        "creator__slug",
        "creator__name",
        "family",
        "functions",
        "simulated",
        "lifecycle",
    )
    for slug, name, maker, maker_name, family, functions, simulated, lifecycle in _shown(
        AIModel.objects.all()
    ).values_list(*columns):
        own, by = served.get(slug, []), "" if maker == UNKNOWN else maker_name
        retired = lifecycle == Lifecycle.RETIRED
        thing = Thing(
            *("model", slug, Words(name), model_url(slug), by),
            sole=own[0][0] if len(own) == 1 else "",
            endpoints=len(own),
            simulated=simulated,
            retired=retired,
        )
        watched = any(watched for _slug, watched in own)
        weight = 2 * (RETIRED if retired else WATCHED if watched else UNWATCHED)
        whose = (*_named(by), *_named(family))
        about = (*names_of(slug), *_tags(tuple(functions)))
        yield Entry(thing, "model", _named(name), whose, about, weight)


def endpoint_entries() -> Iterator[Entry[Thing]]:
    """Every live endpoint, the watched ones first."""
    columns = (
        *("slug", "model__slug", "model__name", "model__family", "model__functions"),
        *("model__creator__slug", "model__creator__name", "provider__slug", "provider__name"),
        *("provider_model_id", "watched", "simulated"),
    )
    live = _shown(Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED))
    for row in live.values_list(*columns):
        slug, model, name, family, functions, maker, maker_name, served_by, provider, *rest = row
        model_id, watched, simulated = rest
        thing = Thing(
            *("endpoint", slug, Words(name), model_url(slug), provider), model=model, simulated=simulated
        )
        whose = (*_named(provider), *_named(maker_name), *_named(family))
        about = (*names_of(slug, model_id), *_tags(tuple(functions)))
        elsewhere = served_by not in own_providers(maker)
        weight = 2 * (WATCHED if watched else UNWATCHED) + elsewhere
        yield Entry(thing, "endpoint", _named(name), whose, about, weight)


def suite_entries() -> Iterator[Entry[Thing]]:
    """Every suite of the benchmarks, also by its full name, its topic and what it asks."""
    columns = ("slug", "name", "full_name", "topic", "summary", "summary_ko")
    for slug, name, full_name, topic, *asks in Suite.objects.values_list(*columns):
        url = reverse("benchmark-suite", args=[slug])
        thing = Thing("benchmark", slug, Words(name), url, full_name if full_name != name else "")
        topics = in_both(Suite.Topic(topic).label)
        about = names_of(slug, full_name, topics.en, topics.ko, *asks, "benchmark", "벤치마크")
        yield Entry(thing, "benchmark", _named(name), about=about)


def incident_entries() -> Iterator[Entry[Thing]]:
    """The newest incidents, those that go on first."""
    rows = list(find_incidents(Wish())[:MOST_INCIDENTS])
    titles = titles_of(rows)
    for number, row in enumerate(rows):
        title, over = titles[row.pk], row.ended_at is not None
        thing = Thing(
            *("incident", str(row.pk), title, f"/incidents/{row.pk}/", row.provider.name),
            simulated=row.simulated,
            at=row.started_at,
            open=not over,
        )
        called = names_of(title.en, title.ko, f"#{row.pk}")
        weight = number + over * MOST_INCIDENTS
        yield Entry(thing, "incident", called, _named(row.provider.name), weight=weight)


def article_entries() -> Iterator[Entry[Thing]]:
    """The newest articles, by their titles in both languages and by what they are tagged with."""
    articles = Article.objects.shown().only("pk", "slug", "title_en", "title_ko", "state", "published_at")
    newest = list(articles.prefetch_related("tags")[:MOST_ARTICLES])
    lines = lines_of_tags(newest)
    for number, article in enumerate(newest):
        title = Words(article.title_en, article.title_ko)
        tags = [lines[tag.pk] for tag in article.tags.all()]
        thing = Thing(
            *("article", article.slug, title, article.public_url()),
            simulated=any(tag.simulated for tag in tags),
            at=article.published_at,
        )
        tagged = chain.from_iterable((*_named(tag.name.en), *names_of(tag.name.ko, tag.slug)) for tag in tags)
        yield Entry(thing, "article", names_of(title.en, title.ko), about=(*tagged,), weight=number)


def _shown(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Invented ones as on the board."""
    return rows if settings.SIMULATION else rows.filter(simulated=False)


@lru_cache(maxsize=1_000)
def _tags(functions: tuple[str, ...]) -> tuple[Text, ...]:
    words = korean().functions
    return names_of(*functions, *(spelling for tag in functions for spelling in words.get(tag, ())))


#: In the order in which equals are shown.
KINDS: Final = (
    Kind("function", _("Functions"), function_entries),
    Kind("provider", _("Providers"), provider_entries),
    Kind("model", _("Models"), model_entries),
    Kind("endpoint", _("Endpoints"), endpoint_entries),
    Kind("benchmark", _("Benchmarks"), suite_entries),
    Kind("incident", _("Incidents"), incident_entries, INCIDENTS),
    Kind("article", _("News"), article_entries, NEWS),
)
