"""`manage.py probe <endpoint>`: one probe now, its phases printed. Nothing is stored."""

import argparse
import difflib
import os
import time
from contextlib import closing
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from aigo.lib.regions import LOCAL
from catalog.models import Endpoint
from probes.addresses import resolve_base_url
from probes.attempts import Attempt, Tier
from probes.measurement import Prober
from probes.outcomes import OUTCOMES
from probes.services.targets import spec_for
from probes.wire.loop import Loop
from probes.wire.resolver import Resolver
from probes.wire.tls import make_ssl_context

_PHASES = (
    ("DNS", "dns_ms", "took"),
    ("TCP connect", "connect_ms", "took"),
    ("TLS handshake", "tls_ms", "took"),
    ("first byte", "first_byte_ms", "after the start"),
    ("first token", "first_token_ms", "after the start, reasoning included"),
    ("first answer token", "first_answer_ms", "after the start"),
    ("total", "total_ms", "after the start"),
    ("between tokens", "inter_token_p50_ms", "median"),
)


class Command(BaseCommand):
    help = "Probe one endpoint now and print the phases. Nothing is stored."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("endpoint", help="slug, <provider>--<model>")
        parser.add_argument("--region", default=LOCAL, help="only a label, except to the simulator")
        parser.add_argument("--tier", choices=get_args(Tier), default="B")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = spec_for(
            _endpoint(options["endpoint"]),
            region=options["region"],
            tier=options["tier"],
            due_at=time.time(),
            expect_ok=True,
        )
        environ = {"SIMULATOR_URL": settings.SIMULATOR_URL, **os.environ}
        with closing(Loop()) as loop, closing(Resolver(loop)) as resolver:
            attempt = Prober("manage.py", environ, make_ssl_context(), loop, resolver).attempt(spec)
        self.stdout.write(f"{spec.endpoint}  region {spec.region}  tier {spec.tier}  {spec.protocol}")
        self.stdout.write(f"{resolve_base_url(spec, environ)}  {attempt.remote_ip}".rstrip())
        for line in phase_lines(attempt):
            self.stdout.write(line)


def _endpoint(slug: str) -> Endpoint:
    found = Endpoint.objects.select_related("model").filter(slug=slug).first()
    if found is not None:
        return found
    slugs = list(Endpoint.objects.values_list("slug", flat=True))
    if not slugs:
        raise CommandError(f"no endpoint {slug!r}: the catalogue is empty, run manage.py import_catalog")
    close = [known for known in slugs if slug in known][:5] or difflib.get_close_matches(slug, slugs, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"none of {len(slugs)} slugs is like it"
    raise CommandError(f"no endpoint {slug!r}; {hint}")


def phase_lines(attempt: Attempt) -> list[str]:
    """The attempt in aligned columns; a phase that did not happen shows a dash."""
    lines = []
    for title, name, note in _PHASES:
        value = getattr(attempt, name)
        lines.append(f"  {title:<20}{'—' if value is None else f'{value:.1f} ms':>12}  {note}")
    tokens = f"{_known(attempt.input_tokens)} in, {_known(attempt.output_tokens)} out"
    lines.append(f"  {'tokens':<20}{tokens:>12}  as reported, in {attempt.chunks} chunks")
    answered = " ".join(filter(None, (attempt.answered_model, attempt.fingerprint, attempt.request_id)))
    lines.append(f"  {'answered by':<20}  {answered or '—'}")
    outcome = OUTCOMES[attempt.outcome]
    status = f"HTTP {attempt.http_status}, " if attempt.http_status else ""
    lines.append(
        f"  {'outcome':<20}  {outcome.name} ({status}charged to: {outcome.charge}): {outcome.meaning}"
    )
    if attempt.error_detail:
        lines.append(f"  {'detail':<20}  {attempt.error_detail}")
    return lines


def _known(count: int | None) -> str:
    return "—" if count is None else str(count)
