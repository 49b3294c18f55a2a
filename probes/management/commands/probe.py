"""`manage.py probe <endpoint>`: probes by hand, made by the engine's own code. Nothing is stored."""

import argparse
import difflib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import CommandError

from aigo.lib.commands import ExplainedCommand
from aigo.lib.regions import LOCAL
from catalog.models import Endpoint
from probes import waterfall
from probes.addresses import resolve_base_url
from probes.attempts import Attempt, ProbeSpec, Tier
from probes.measurement import Prober
from probes.services.targets import spec_for
from probes.warming import warm_up
from probes.wire.loop import Loop
from probes.wire.resolver import Resolver
from probes.wire.tls import make_ssl_context

MAX_COUNT = 1_000
EPILOG = """\
exit status:
  0  every probe was ok
  1  a probe failed and the provider is charged with it (timeout, http_5xx, …)
  2  wrong usage, or an endpoint that nobody knows
  3  a probe says nothing about the provider's service: our key, quota, request or host (auth, lagged, …),
     or the provider throttled us (capacity_throttle, edge_block)

examples:
  manage.py probe openai--gpt-5-nano
  manage.py probe openai--gpt-5-nano --count 20 --json | jq .first_token_ms
"""


class Command(ExplainedCommand):
    help = "Probe one endpoint now and print every phase. Nothing is stored."
    epilog = EPILOG

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("endpoint", help="slug, <provider>--<model>")
        parser.add_argument("--region", default=LOCAL, help="only a label, except to the simulator")
        parser.add_argument(
            "--tier",
            choices=get_args(Tier),
            default="B",
            help="A: model list, B: short answer (default), C: long answer (costs), D: known answer",
        )
        parser.add_argument(
            "--count", type=_count, default=1, help="probes one after the other, then a summary"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object per probe and line, no texts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        endpoint, count = _endpoint(options["endpoint"]), options["count"]
        environ = {"SIMULATOR_URL": settings.SIMULATOR_URL, **os.environ}
        attempts: list[Attempt] = []
        for spec, attempt in _probe(endpoint, count, environ, region=options["region"], tier=options["tier"]):
            attempts.append(attempt)
            if options["json"]:
                self.stdout.write(json.dumps(attempt.to_json()))
            else:
                self._print(spec, attempt, environ, f"{len(attempts)}/{count}  " if count > 1 else "")
        if count > 1:
            (self.stderr if options["json"] else self.stdout).write("\n".join(waterfall.summary(attempts)))
        if status := waterfall.exit_status(attempts):
            sys.exit(status)

    def _print(self, spec: ProbeSpec, attempt: Attempt, environ: dict[str, str], place: str) -> None:
        self.stdout.write(f"{place}{spec.endpoint}  region {spec.region}  tier {spec.tier}  {spec.protocol}")
        found = (resolve_base_url(spec, environ), attempt.remote_ip, attempt.tls_version)
        self.stdout.write("  ".join(filter(None, found)))
        for line in (*waterfall.waterfall(attempt), *waterfall.facts(attempt)):
            self.stdout.write(line)


def _probe(
    endpoint: Endpoint, count: int, environ: dict[str, str], *, region: str, tier: Tier
) -> Iterator[tuple[ProbeSpec, Attempt]]:
    with closing(Loop()) as loop, closing(Resolver(loop)) as resolver:
        prober = Prober("manage.py", environ, make_ssl_context(), loop, resolver)
        warm_up(prober)
        for _ in range(count):
            spec = spec_for(endpoint, region=region, tier=tier, due_at=time.time())
            yield spec, prober.attempt(spec)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and {MAX_COUNT}")
    return number


def _endpoint(slug: str) -> Endpoint:
    found = Endpoint.objects.select_related("model").filter(slug=slug).first()
    if found is not None:
        return found
    slugs = list(Endpoint.objects.values_list("slug", flat=True))
    if not slugs:
        raise CommandError(
            f"no endpoint {slug!r}: the catalogue is empty, run manage.py import_catalog", returncode=2
        )
    close = [known for known in slugs if slug in known][:5] or difflib.get_close_matches(slug, slugs, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"none of {len(slugs)} slugs is like it"
    raise CommandError(f"no endpoint {slug!r}; {hint}", returncode=2)
