"""Lists of prices that people hand in: looked at, then applied whole or not at all."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from catalog.adapters.price_csv import read_prices
from catalog.models import Endpoint, Price, PriceImport
from catalog.price_lists import PriceDiff, look
from catalog.services import Refused, apply_price_list
from catalog.tests.factories import make_change, make_endpoint, make_price

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
URL = "https://prices.test/list"
NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HEAD = "endpoint,tier,input,output,valid_from,source_url,correction"


def listed(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def seen(*rows: str, complete: bool = False, now: dt.datetime = NOW) -> PriceDiff:
    reading = read_prices(listed(*rows), source_url=URL)
    return look(reading, source_name="list", source_url=URL, complete=complete, now=now)


def applied(diff: PriceDiff, now: dt.datetime = NOW) -> PriceImport:
    return apply_price_list(diff, origin="list.csv", content_hash="0" * 64, now=now)


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint()


def test_a_list_adds_changes_announces_corrects_and_confirms(endpoint: Endpoint) -> None:
    others = [make_endpoint(name, endpoint.model) for name in ("azure", "groq", "vultr")]
    old, wrong, same = (make_price(one, valid_from=NOW - DAY) for one in (endpoint, *others[:2]))
    rows = (
        "openai--gpt-4.1,standard,1,4,2026-11-21,,",
        "openai--gpt-4.1,batch,0.5,2,,https://own.test/,",
        "azure--gpt-4.1,,2,9,,,output was read from another column",
        "groq--gpt-4.1,,2,8,,,",
        "vultr--gpt-4.1,over_200k,3,9,2026-12-01,,",
    )
    # What is in force has no hash of its amounts in these tests; the one that is to be confirmed gets it.
    Price.objects.filter(pk=same.pk).update(content_hash=_hash_of("2", "8"))
    diff = seen(*rows)
    assert diff.faults == []
    assert [one.kind for one in diff.planned] == ["changed", "new", "corrected", "unchanged", "announced"]
    run = applied(diff)
    assert (run.rows, run.new, run.changed, run.corrected, run.unchanged) == (5, 1, 2, 1, 1)
    for price in (old, wrong, same):
        price.refresh_from_db()
    assert old.valid_to == NOW.replace(hour=0)
    assert wrong.struck_at == NOW
    assert wrong.corrected_by.reason == "output was read from another column"
    assert (same.checked_at, same.last_checked_in) == (NOW, "list")
    batch = Price.objects.get(tier="batch")
    assert (batch.source_name, batch.source_url, batch.read_in) == ("list", "https://own.test/", run)
    assert Price.objects.announced(NOW).get().input_usd_per_mtok == 3
    again = seen(*(row for row in rows if "another column" not in row))
    assert {one.kind for one in again.planned} == {"unchanged"}
    assert not again.changes_anything


def _hash_of(given: str, received: str) -> str:
    from catalog.assembly import price_hash

    return price_hash({"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(received)})


def test_what_a_whole_list_lacks_ends_and_a_part_leaves_it(endpoint: Endpoint) -> None:
    gone = make_price(endpoint, tier="batch", source_name="list", valid_from=NOW - DAY)
    foreign = make_price(endpoint, tier="over_200k", valid_from=NOW - DAY)
    part = seen("openai--gpt-4.1,standard,2,8,,,")
    assert part.gone == [gone]
    applied(part)
    gone.refresh_from_db()
    assert gone.valid_to is None
    applied(seen("openai--gpt-4.1,standard,2,8,,,", complete=True))
    gone.refresh_from_db()
    foreign.refresh_from_db()
    assert [gone.valid_to, foreign.valid_to] == [NOW, None]


def test_an_announced_price_can_be_announced_otherwise(endpoint: Endpoint) -> None:
    make_price(endpoint, valid_from=NOW - DAY)
    applied(seen("openai--gpt-4.1,,3,9,2026-12-01,,"))
    applied(seen("openai--gpt-4.1,,4,9,2026-12-01,,"), NOW + DAY)
    coming = Price.objects.announced(NOW + DAY).get()
    assert (coming.input_usd_per_mtok, coming.valid_from.day) == (4, 1)
    assert Price.objects.in_force(NOW + DAY).get().valid_to == coming.valid_from


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("nobody--gpt-4.1,,1,4,,,", "endpoint", "unknown_endpoint"),
        (",,1,4,,,", "endpoint", "missing"),
        ("openai--gpt-4.1,,,,,,", "input", "no_amount"),
        ("openai--gpt-4.1,,-1,4,,,", "input", "not_a_price"),
        ("openai--gpt-4.1,,NaN,4,,,", "input", "not_a_number"),
        ("openai--gpt-4.1,,1e3,4,,,", "input", "not_a_number"),
        ("openai--gpt-4.1,,99999999,4,,,", "input", "not_a_price"),
        ("openai--gpt-4.1,=cmd(),1,4,,,", "tier", "formula"),
        ("openai--gpt-4.1,Gold Tier,1,4,,,", "tier", "not_a_word"),
        ("openai--gpt-4.1,,1,4,soon,,", "valid_from", "not_a_moment"),
        ("openai--gpt-4.1,,1,4,2026-13-01,,", "valid_from", "not_a_date"),
        ("openai--gpt-4.1,,1,4,2026-12-01T09:00:00,,", "valid_from", "not_a_moment"),
        ("openai--gpt-4.1,,1,4,,ftp://x/,", "source_url", "not_an_address"),
        ("openai--gpt-4.1,,1,4,2026-11-01,,", "valid_from", "before_the_present"),
        ("openai--gpt-4.1,,1,4,2026-12-01,,wrong", "valid_from", "correction_has_no_date"),
        ("openai--gpt-4.1,batch,1,4,,,wrong", "correction", "nothing_to_correct"),
        ("openai--gpt-4.1,,1", "", "torn_row"),
    ],
)
def test_a_fault_names_row_and_column_and_nothing_is_applied(
    endpoint: Endpoint, row: str, column: str, code: str
) -> None:
    make_price(endpoint, valid_from=NOW - DAY)
    diff = seen("openai--gpt-4.1,over_200k,1,4,,,", row)
    assert [(fault.row, fault.column, fault.code) for fault in diff.faults] == [(3, column, code)]
    with pytest.raises(Refused):
        applied(diff)
    assert Price.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "header_changed"),
        (b"endpoint,price\nx,1", "header_changed"),
        (b"endpoint,input,input\n", "header_changed"),
        (listed(), "no_rows"),
        (HEAD.encode() + b"\n\xff", "not_utf8"),
        (listed("openai--gpt-4.1,\x00,1,4,,,"), "control_character"),
        (listed('openai--gpt-4.1,,"1,4,,,'), "not_csv"),
        (listed("a--b,,1,4,,,", "a--b,standard,2,4,,,"), "price_twice"),
    ],
)
def test_a_file_that_is_no_list_is_refused(data: bytes, code: str) -> None:
    (fault,) = read_prices(data, source_url=URL).faults
    assert fault.code == code


def test_a_row_needs_an_address_where_the_list_has_none() -> None:
    (fault,) = read_prices(listed("a--b,,1,4,,,"), source_url="").faults
    assert (fault.column, fault.code) == ("source_url", "missing")


# --- the command -------------------------------------------------------------------------------------


def test_the_command_tells_what_it_would_do_and_does_it(
    endpoint: Endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(listed("openai--gpt-4.1,,2,8,,,"))
    asked = ["--file", str(file), "--source", "list", "--source-url", URL]
    call_command("import_prices", *asked, "--dry-run")
    said = capsys.readouterr().out
    assert "1 prices read, 1 new, 0 changed, 0 corrected, 0 announced, 0 unchanged" in said
    assert "new openai--gpt-4.1 standard: input_usd_per_mtok — → 2" in said
    assert said.endswith("Nothing was written.\n")
    assert not Price.objects.exists()
    call_command("import_prices", *asked)
    assert Price.objects.get().source_url == URL
    file.write_bytes(listed("openai--gpt-4,,2,8,,,"))
    with pytest.raises(
        CommandError, match=r"row 2, endpoint \(openai--gpt-4\): No such endpoint. Near to it: openai"
    ):
        call_command("import_prices", *asked)
    with pytest.raises(CommandError, match="not accepted"):
        call_command("import_prices", *asked[:-1], "prices.test")


# --- the admin ---------------------------------------------------------------------------------------


@pytest.fixture
def publisher(client: Client) -> User:
    user = User.objects.create_superuser("publisher", "p@example.org", "x")
    client.force_login(user)
    return user


def upload(client: Client, data: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("prices.csv", data, "text/csv")
    return client.post(
        "/admin/catalog/priceimport/read/",
        {"file": file, "source_name": "list", "source_url": URL} | more,
    )


def test_an_upload_is_looked_at_then_applied_by_its_uploader(
    client: Client, publisher: User, endpoint: Endpoint
) -> None:
    make_price(endpoint, valid_from=NOW - DAY)
    answer = upload(client, listed("openai--gpt-4.1,,1,4,,,"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<del>$2.00</del> → <ins>$1.00</ins>" in page
    assert Price.objects.count() == 1
    sent = {name: answer.context[key] for name, key in (("token", "token"), ("counts", "counted"))}
    done = client.post("/admin/catalog/priceimport/read/", sent | {"apply": "1"}, follow=True)
    assert "0 new, 1 changed, 0 corrected, 0 ended; 0 confirmed." in done.content.decode()
    assert PriceImport.objects.get().by == publisher
    assert Price.objects.current().get().input_usd_per_mtok == 1
    late = client.post("/admin/catalog/priceimport/read/", sent | {"apply": "1"})
    assert "Something has changed since it was looked at" in late.content.decode()
    assert PriceImport.objects.count() == 1


def test_a_bad_upload_is_refused_with_its_places_and_others_may_not(
    client: Client, publisher: User, endpoint: Endpoint
) -> None:
    answer = upload(client, listed("openai--gpt-4.1,,x,4,,,"))
    assert answer.status_code == 422
    assert "row 2, input (x): Expected a plain decimal number." in answer.content.decode()
    assert upload(client, b"x", source_url="").status_code == 422
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert client.get("/admin/catalog/priceimport/read/").status_code == 403


@pytest.mark.usefixtures("publisher")
def test_changes_that_providers_lists_propose_stand_beside(client: Client, endpoint: Endpoint) -> None:
    new = {"input_usd_per_mtok": "3"}
    make_change(endpoint, kind="price", field="price", old_value=None, new_value=new)
    page = client.get("/admin/catalog/priceimport/read/").content.decode()
    assert "<ins>input 3</ins>" in page
    assert "kind__exact=price&amp;state__exact=proposed" in page
    assert (
        'href="/admin/catalog/priceimport/read/"'
        in client.get("/admin/catalog/priceimport/").content.decode()
    )
