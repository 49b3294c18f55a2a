"""The list of models beside the table: what an address asks for, what it leaves, what its menus count."""

from datetime import date
from decimal import Decimal
from itertools import product
from urllib.parse import parse_qs

import pytest

from compare.choosing import FILTERS, ListWish, Model, Offer, Shelf, listed

pytestmark = pytest.mark.only_on("sqlite")

OPENAI = Offer("openai--gpt", "openai", "OpenAI", Decimal(2), Decimal(8))
AZURE = Offer("azure--gpt", "azure", "Azure", Decimal("2.5"), Decimal(10))
GROQ = Offer("groq--llama", "groq", "Groq", Decimal("0.1"), Decimal("0.2"))
GPT = Model(
    "gpt", "GPT-4.1", "openai", "OpenAI", "gpt", ("chat", "code"), date(2025, 4, 14),
    open_weights=False, context_window=1_000_000, measured=True, offers=(OPENAI, AZURE),
    spellings=("지피티 4.1",),
)  # fmt: skip
LLAMA = Model(
    "llama", "Llama 3.3 70B", "meta", "Meta", "llama", ("chat",), date(2024, 12, 6),
    open_weights=True, context_window=128_000, offers=(GROQ,), spellings=("라마 3.3 70B",),
)  # fmt: skip
OLD = Model("old", "Ada", "openai", "OpenAI", retired=True)
SHELF = Shelf((OLD, GPT, LLAMA))


def left(query: str) -> list[str]:
    return [model.slug for model in SHELF.found(listed(parse_qs(query), SHELF.known).wish).models]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["gpt", "llama", "old"]),  # measured, then the newest, the retired last
        ("q=gpt4.1", ["gpt"]),
        ("q=라마", ["llama"]),
        ("q=ㄹㅁ", ["llama"]),
        ("q=groq", ["llama"]),
        ("q=nothing", []),
        ("provider=azure", ["gpt"]),
        ("provider=azure&provider=groq", ["gpt", "llama"]),
        ("function=code", ["gpt"]),
        ("creator=openai", ["gpt", "old"]),
        ("year=2024", ["llama"]),
        ("year=unstated", ["old"]),
        ("open=yes", ["llama"]),
        ("open=unstated", ["old"]),
        ("measured=no", ["llama", "old"]),
        ("price=2-10", ["gpt"]),
        ("price=under-0.5", ["llama"]),
        ("price=unknown", ["old"]),
        ("sort=price", ["llama", "gpt", "old"]),
        ("sort=context", ["gpt", "llama", "old"]),
        ("sort=name", ["old", "gpt", "llama"]),
        ("family=llama&creator=openai", []),
    ],
)
def test_a_wish_leaves(query: str, slugs: list[str]):
    assert left(query) == slugs


def test_what_nobody_knows_is_left_out_and_named():
    found = listed({"provider": ["nimbus"], "sort": ["luck"], "price": ["free", "9"]}, SHELF.known)
    assert found.wish == ListWish(price=("free",))
    assert set(found.refused) == {("provider", "nimbus"), ("sort", "luck"), ("price", "9")}


def test_what_was_typed_is_bounded_and_plain():
    assert listed({"q": ["\0 a  b "]}, SHELF.known).wish.q == "a b"
    assert len(listed({"q": ["x" * 10_000]}, SHELF.known).wish.q) == 100


CHOICES = list(
    product(((), ("openai",), ("azure", "groq")), ((), ("no",)), ((), ("under-0.5",), ("2-10", "unknown")))
)


@pytest.mark.parametrize(("provider", "weights", "price"), CHOICES)
def test_each_count_is_what_choosing_it_leaves(
    provider: tuple[str, ...], weights: tuple[str, ...], price: tuple[str, ...]
):
    wish = ListWish(provider=provider, open=weights, price=price)
    facets = SHELF.found(wish).facets
    for name in FILTERS:
        if name == "provider":  # another provider's price is another price
            continue
        for value in SHELF.known[name]:
            left = SHELF.found(wish.only(name, value)).models
            assert facets[name].get(value, 0) == len(left), (name, value)


def test_a_wish_is_its_address():
    wish = ListWish(q="라마", provider=("azure", "groq"), price=("free",), sort="name")
    assert listed(parse_qs(wish.query), SHELF.known).wish == wish


def test_a_blended_price_needs_both_rates():
    assert OPENAI.blended_usd == Decimal("3.5")
    assert Offer("a--b", "a", "A", Decimal(1)).blended_usd is None


def test_a_model_stands_for_the_provider_that_was_chosen():
    assert GPT.choice() == "gpt"
    assert GPT.choice(("openai",)) == "gpt"
    assert GPT.choice(("azure",)) == "azure--gpt"
    assert OLD.choice(("azure",)) == "old"
