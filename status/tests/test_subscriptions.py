"""Subscriptions by e-mail: only who has confirmed is told, and who wants out is out at once."""

import io
import re
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from probes.tests.factories import make_endpoint
from status import links
from status.models import Notice, Subscription, SubscriptionLetter
from status.outgoing import Outcome
from status.sending.loop import Sending
from status.services import subscriptions
from status.services.subscriptions import Wish, asking
from status.tests.test_bounces import notification
from testing.mail_server import MailServer, mail_server
from testing.patience import PATIENCE_S

pytestmark = pytest.mark.django_db
HOME = "/subscriptions/"
ASKED = {"email": "Reader@Example.org", "min_severity": "major", "language": "ko"}


async def _inline(act):
    return await sync_to_async(act, thread_sensitive=True)()


def send_due() -> None:
    """What the sender does in a round, with this test's database."""

    async def once() -> None:
        sending = Sending(ask=_inline)
        await sending.look()
        await sending.settle(PATIENCE_S)

    async_to_sync(once)()


def link(text: str, purpose: str) -> str:
    """The path of the link for that in a letter."""
    found = re.findall(rf"https?://\S+/subscriptions/{purpose}/\S+/", text)
    assert found, text
    return str(urlsplit(found[0]).path)


def subscribed(email: str = "reader@example.org", wish: Wish | None = None) -> Subscription:
    """Through letter and confirmation."""
    letter = subscriptions.request(email=email, wish=wish or Wish(), now=timezone.now())
    assert letter is not None
    SubscriptionLetter.objects.filter(pk=letter.pk).update(state="sent", sent_at=letter.made_at)
    return subscriptions.confirm(letter_uid=letter.uid, now=timezone.now())


def notify(subscription: Subscription) -> Notice:
    now = timezone.now()
    return Notice.objects.create(
        subscription=subscription, topic="incident", subject="incident:7", kind="opened", severity="major",
        facts={"provider": {"slug": "nimbus", "name": "Nimbus"}, "kind": "provider", "severity": "major",
               "cause": "provider_wide", "scope": "global", "started_at": now.isoformat()},
        made_at=now, due_at=now, next_try_at=now,
    )  # fmt: skip


def use(server: MailServer, settings) -> None:
    for name, value in server.settings().items():
        setattr(settings, name, value)


def test_from_the_form_to_a_notice_and_out_again_through_a_real_mail_server(client, settings):
    make_endpoint("nimbus", "nimbus-1")
    with mail_server() as server:
        use(server, settings)
        answer = client.post(HOME, ASKED | {"providers": ["nimbus"]}, headers={"accept-language": "ko"})
        assert (answer.status_code, answer["Location"]) == (302, "/subscriptions/asked/")
        assert Subscription.objects.told().count() == 0
        send_due()
        (asking,) = server.letters
        assert asking.recipients == ("Reader@example.org",)
        assert asking.message["Subject"] == "AI-GO 구독을 확인해 주세요"
        confirm = link(asking.text(), "confirm")
        assert link(asking.text("html"), "confirm") == confirm

        shown = client.get(confirm)  # as scanners of mail do
        assert "Nimbus" in shown.text
        assert Subscription.objects.told().count() == 0
        stranger = Client(enforce_csrf_checks=True)
        assert stranger.post(confirm).status_code == 200
        (subscription,) = Subscription.objects.told()
        assert subscriptions.present_wish(subscription) == Wish("ko", "major", ("nimbus",))

        notice = notify(subscription)
        send_due()
        letter = server.letters[-1]
        notice.refresh_from_db()
        assert (notice.state, notice.tries) == ("sent", 1)
        assert letter.message["Message-ID"].startswith(f"<{notice.uid}@")
        assert letter.message["Subject"] == "중대: Nimbus: 제공사 전반의 문제"

        one_click = urlsplit(letter.message["List-Unsubscribe"].strip("<>")).path
        assert stranger.get(one_click).status_code == 200
        assert Subscription.objects.told().count() == 1
        answer = stranger.post(one_click, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200  # RFC 8058: no redirect
        assert Subscription.objects.told().count() == 0
        assert stranger.get(link(letter.text(), "manage")).status_code == 410
        assert stranger.get(confirm).status_code == stranger.post(confirm).status_code == 410
    assert Subscription.objects.told().count() == 0


def test_nobody_learns_whether_an_address_is_known(client):
    subscribed("known@example.org")
    answers = [client.post(HOME, ASKED | {"email": f"{who}@example.org"}) for who in ("known", "unknown")]
    assert len({(a.status_code, a["Location"], a.content) for a in answers}) == 1
    assert Subscription.objects.get(email="known@example.org").min_severity == "minor"


def test_a_stranger_who_types_an_address_changes_nothing_until_its_owner_agrees():
    subscription = subscribed(wish=Wish("en", "minor"))
    letter = subscriptions.request(
        email="READER@example.org", wish=Wish("ko", "critical"), now=timezone.now()
    )
    assert Subscription.objects.count() == 1
    send_due()
    (asking,) = outbox.outbox
    assert asking.subject == "AI-GO 구독을 바꾸시겠습니까?"
    assert "경미 이상" in asking.body
    assert "심각만" in asking.body
    assert subscriptions.present_wish(subscription).min_severity == "minor"
    subscriptions.confirm(letter_uid=letter.uid, now=timezone.now())
    subscription.refresh_from_db()
    assert subscriptions.present_wish(subscription) == Wish("ko", "critical")


def test_who_asks_for_what_there_is_gets_links_instead_of_a_question():
    subscribed()
    subscriptions.request(email="reader@example.org", wish=Wish(), now=timezone.now())
    send_due()
    (letter,) = outbox.outbox
    assert letter.subject == "You are subscribed to AI-GO already"
    assert "/confirm/" not in letter.body
    assert "/manage/" in letter.body


def test_a_wish_holds_for_48_hours_from_its_letter():
    now = timezone.now()
    letter = subscriptions.request(email="reader@example.org", wish=Wish(), now=now)
    SubscriptionLetter.objects.update(state="sent", sent_at=now)
    with pytest.raises(links.StaleLink, match="48 hours"):
        subscriptions.confirm(letter_uid=letter.uid, now=now + timedelta(hours=48, seconds=1))
    assert subscriptions.confirm(letter_uid=letter.uid, now=now + timedelta(hours=48)).is_told


def test_an_older_letter_does_not_undo_what_a_newer_one_said():
    now = timezone.now()
    older, newer = (
        subscriptions.request(email="reader@example.org", wish=Wish("en", severity), now=now)
        for severity in ("critical", "major")
    )
    subscriptions.confirm(letter_uid=newer.uid, now=now + timedelta(minutes=1))
    with pytest.raises(links.StaleLink, match="later"):
        subscriptions.confirm(letter_uid=older.uid, now=now + timedelta(minutes=2))
    again = subscriptions.confirm(letter_uid=newer.uid, now=now + timedelta(minutes=3))
    assert again.min_severity == "major"


def test_the_first_of_two_letters_does_not_undo_the_second():
    now = timezone.now()
    first, second = (
        subscriptions.request(email="reader@example.org", wish=Wish("en", severity), now=now)
        for severity in ("critical", "major")
    )
    subscriptions.confirm(letter_uid=first.uid, now=now + timedelta(minutes=1))
    kept = subscriptions.confirm(letter_uid=second.uid, now=now + timedelta(minutes=2))
    assert kept.min_severity == "major"


def test_a_letter_that_was_used_opens_nothing_two_days_later_nor_in_another_life():
    now = timezone.now()
    subscription = subscribed()
    old = subscription.letters.get()
    with pytest.raises(links.StaleLink, match="48 hours"):
        subscriptions.confirm(letter_uid=old.uid, now=now + timedelta(hours=49))
    subscriptions.unsubscribe(uid=subscription.uid, now=now)
    assert subscribed() == subscription
    with pytest.raises(links.StaleLink, match="later"):
        subscriptions.confirm(letter_uid=old.uid, now=now)


def test_domains_that_look_alike_are_two_addresses():
    letters = [
        subscriptions.request(email=email, wish=Wish(), now=timezone.now())
        for email in ("a@mail.org", "A@MAIL.org", "a@ma\N{LATIN SMALL LETTER DOTLESS I}l.org")
    ]
    assert len({letter.subscription_id for letter in letters if letter}) == 2


def test_links_are_signed_for_one_purpose_and_end(client, monkeypatch):
    subscription = subscribed()
    end = urlsplit(links.unsubscribe_link(subscription.uid)).path
    manage = urlsplit(links.manage_link(subscription.uid, subscription.token_version)).path
    token = end.split("/")[-2]
    for wrong in (f"{end[:-2]}x/", f"/subscriptions/confirm/{token}/", f"/subscriptions/manage/{token}/"):
        assert client.get(wrong).status_code == client.post(wrong).status_code == 410
    assert client.get(manage).status_code == 200
    assert client.get(manage)["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    month_later = timezone.now().timestamp() + timedelta(days=30, minutes=1).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: month_later)
    assert client.get(manage).status_code == 410
    assert client.get(end).status_code == 200
    assert str(subscription.pk) not in (end.split("/")[3].split(".")[0], manage.split("/")[3].split(".")[0])


def test_its_owner_changes_a_subscription(client):
    make_endpoint("nimbus", "nimbus-1")
    subscription = subscribed()
    manage = urlsplit(links.manage_link(subscription.uid, 1)).path
    assert "Nimbus-1 (simulated)" in client.get(manage).text
    answer = client.post(manage, {"min_severity": "critical", "language": "ko", "models": ["nimbus-1"]})
    assert "Saved." in answer.text
    subscription.refresh_from_db()
    assert subscriptions.present_wish(subscription) == Wish("ko", "critical", (), ("nimbus-1",))
    refused = client.post(manage, {"min_severity": "worst", "language": "ko"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": ""},
        {"min_severity": "info"},
        {"language": "fr"},
        {"providers": ["nimbus"]},
        {"email": "a@example.org\nBcc: b@example.org"},
        {"email": "a@\N{RIGHT-TO-LEFT OVERRIDE}example.org"},
        {"email": f"a@{'ü' * 63}.org"},
    ],
)
def test_what_cannot_be_meant_is_refused_in_the_form(client, changes):
    answer = client.post(HOME, ASKED | changes)
    assert answer.status_code == 400
    assert "errorlist" in answer.text
    assert SubscriptionLetter.objects.count() == 0


def test_an_address_is_sent_three_letters_a_day_whoever_asks():
    now = timezone.now()
    made = [
        subscriptions.request(email="victim@example.org", wish=Wish(), now=now + timedelta(hours=n))
        for n in range(5)
    ]
    assert [letter is not None for letter in made] == [True, True, True, False, False]
    later = subscriptions.request(
        email="victim@example.org", wish=Wish(), now=now + timedelta(days=1, minutes=1)
    )
    assert later is not None


def test_one_network_asks_ten_times_an_hour_and_all_together_are_bounded(client, monkeypatch):
    codes = [client.post(HOME, ASKED | {"email": f"a{n}@example.org"}).status_code for n in range(11)]
    assert codes == [302] * 10 + [429]
    monkeypatch.setattr(asking, "MOST_PER_HOUR", 10)
    assert subscriptions.request(email="new@example.org", wish=Wish(), now=timezone.now()) is None
    assert not Subscription.objects.filter(email="new@example.org").exists()


def test_a_refused_mailbox_is_sent_nothing_more_until_it_confirms_again(settings):
    subscription = subscribed("gone@example.org")
    notice = notify(subscription)
    with mail_server(gone="550 5.1.1 no such user") as server:
        use(server, settings)
        send_due()
    subscription.refresh_from_db()
    notice.refresh_from_db()
    assert (subscription.is_told, subscription.bounce_reason) == (
        False,
        "the mail server said 550 5.1.1 no such user",
    )
    assert notice.state == "failed"
    assert subscribed("gone@example.org").is_told


def bounce(letter: str, address: str, monkeypatch, capsys) -> str:
    """What the command says of a notification that returns that letter."""
    raw = notification(letter=letter).replace(b"Reader@example.net", address.encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    call_command("record_bounce")
    return str(capsys.readouterr().out)


def test_a_bounce_is_believed_only_with_a_letter_of_ours_to_that_address(monkeypatch, capsys):
    subscription, other = subscribed(), subscribed("other@example.org")
    uid = notify(subscription).uid
    for letter, address in (
        ("msg_forged", "reader@example.org"),
        (uid, "other@example.org"),
        ("", "x@y.org"),
    ):
        assert "ignored" in bounce(letter, address, monkeypatch, capsys)
    assert Subscription.objects.told().count() == 2
    assert "sent nothing more" in bounce(uid, "READER@example.org", monkeypatch, capsys)
    assert "known already" in bounce(uid, "reader@example.org", monkeypatch, capsys)
    asking = f"ltr_{other.letters.get().uid}"
    assert "sent nothing more" in bounce(asking, "other@example.org", monkeypatch, capsys)
    assert Subscription.objects.told().count() == 0
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"Subject: holiday\n\nBye")))
    with pytest.raises(CommandError, match="no delivery status notification"):
        call_command("record_bounce")


def test_a_letter_that_does_not_arrive_is_tried_again_until_it_is_of_no_use():
    now = timezone.now()
    subscriptions.request(email="reader@example.org", wish=Wish(), now=now)
    tried = []
    while claimed := subscriptions.claim_letters(now=now, limit=5):
        assert subscriptions.claim_letters(now=now, limit=5) == []
        subscriptions.note_letter(claimed[0], Outcome(ok=False, error="away"), now=now)
        tried.append(now)
        row = SubscriptionLetter.objects.get()
        now = row.next_try_at
    assert [round((b - a).total_seconds()) for a, b in pairwise(tried)][:5] == [
        30, 120, 600, 1800, 7200,
    ]  # fmt: skip
    assert (row.state, row.error) == ("failed", "away")
    assert tried[-1] - tried[0] < timedelta(hours=48)


def test_a_sender_that_dies_leaves_its_letter_to_another():
    now = timezone.now()
    subscriptions.request(email="reader@example.org", wish=Wish(), now=now)
    (held,) = subscriptions.claim_letters(now=now, limit=5)
    assert subscriptions.claim_letters(now=now + timedelta(minutes=2), limit=5) == []
    (again,) = subscriptions.claim_letters(now=now + timedelta(minutes=3), limit=5)
    assert again.uid == held.uid


def test_addresses_are_forgotten_in_time():
    now = timezone.now()
    for name, kept_days in (("unconfirmed", 7), ("left", 30), ("bounced", 30)):
        letter = subscriptions.request(email=f"{name}@example.org", wish=Wish(), now=now)
        if name != "unconfirmed":
            row = subscriptions.confirm(letter_uid=letter.uid, now=now)
        if name == "left":
            notify(row)
            subscriptions.unsubscribe(uid=row.uid, now=now)
        if name == "bounced":
            subscriptions.note_bounce(subscription_uid=row.uid, reason="gone", now=now)
        assert subscriptions.tidy(now=now + timedelta(days=kept_days, seconds=-1)) == 0
        assert subscriptions.tidy(now=now + timedelta(days=kept_days)) == 1
    stays = subscribed("stays@example.org")
    subscriptions.request(email="unconfirmed@example.org", wish=Wish(), now=now + timedelta(days=6))
    Subscription.objects.filter(email="unconfirmed@example.org").update(created_at=now)
    assert subscriptions.tidy(now=now + timedelta(days=7)) == 0
    assert subscriptions.tidy(now=now + timedelta(days=400)) == 1
    assert list(Subscription.objects.all()) == [stays]
    assert Notice.objects.count() == 0


def test_the_database_holds_one_subscription_per_address_and_a_reason_per_bounce():
    subscription = subscribed()
    for change in (
        lambda: Subscription.objects.create(email="READER@EXAMPLE.ORG", created_at=timezone.now()),
        lambda: Subscription.objects.filter(pk=subscription.pk).update(bounced_at=timezone.now()),
        lambda: Subscription.objects.filter(pk=subscription.pk).update(min_severity="worst"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_operators_end_subscriptions_and_others_do_not_even_see_them(client):
    subscription = subscribed()
    operator = get_user_model().objects.create_superuser("operator", "operator@example.org", "x")
    client.force_login(operator)
    page = "/admin/status/subscription/"
    assert "reader@example.org" in client.get(page).text
    client.post(page, {"action": "unsubscribe", "_selected_action": [subscription.pk]})
    subscription.refresh_from_db()
    assert subscription.unsubscribed_at
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (operator, "unsubscribed")
    assert "reader" not in entry.object_repr
    publisher = get_user_model().objects.create_user("publisher", is_staff=True)
    publisher.groups.add(Group.objects.get(name="Publisher"))
    client.force_login(publisher)
    assert client.get(page).status_code == 403


def test_the_form_asks_few_questions_of_the_database(client, django_assert_num_queries):
    make_endpoint("nimbus", "nimbus-1")
    with django_assert_num_queries(2):
        one = client.get(f"{HOME}?provider=nimbus")
    assert re.search(r'value="nimbus"[^>]*checked', one.text)
    for n in range(2, 6):
        make_endpoint(f"provider-{n}", f"model-{n}")
    with django_assert_num_queries(2):
        assert client.get(HOME).status_code == 200
