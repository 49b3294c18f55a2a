"""What is said of servers: how reading them stands, what failed and what to do, what a kind never tells."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from probes.scraping.problems import Problem
from probes.servers import Condition

CONDITIONS: Final[dict[str, tuple[str, str | Promise]]] = {
    # condition → (the icon and colour of a state, its word)
    Condition.REPORTING: ("operational", _("Reporting")),
    Condition.WAITING: ("unknown", _("Not read yet")),
    Condition.SILENT: ("unknown", _("Not read lately")),
    Condition.FAILING: ("degraded", _("Cannot be read")),
}

#: Problem → what happened, and what to do about it.
PROBLEMS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    Problem.ADDRESS: (
        _("Its address is not one that can be read."),
        _("Enter one like http://gpu-1:8000/metrics."),
    ),
    Problem.REFUSED: (
        _("Its address leads to a link-local or metadata network, which is never read."),
        _("Enter the machine's own address."),
    ),
    Problem.NAME: (
        _("The name of its machine cannot be resolved."),
        _("Check the name, or enter an IP address."),
    ),
    Problem.UNREACHABLE: (
        _("Nothing answers at its address."),
        _("Check that it runs and that its port can be reached from here."),
    ),
    Problem.TLS: (
        _("Its certificate is not trusted."),
        _("Check the certificate's name, date and issuer, or use http inside your own network."),
    ),
    Problem.TIMEOUT: (
        _("It sent no whole answer within 5 seconds."),
        _("Check its load and the network in between."),
    ),
    Problem.REDIRECT: (_("It sends us on to another address."), _("Enter the address that it sends us to.")),
    Problem.STATUS: (
        _("It answers with an error."),
        _("Check the path. llama.cpp shows metrics only when it is started with --metrics."),
    ),
    Problem.TOKEN: (
        _("Its token cannot be sent."),
        _("Set the variable where servers are read, and use https outside private networks."),
    ),
    Problem.TOO_LARGE: (_("Its text is larger than 4 MB."), _("Let it expose fewer metrics.")),
    Problem.NOT_TEXT: (
        _("It does not answer with Prometheus text."),
        _("Enter the address of its metrics; the path is mostly /metrics."),
    ),
    Problem.INVALID: (_("Its text breaks the rules of the format."), _("Update or repair what exposes it.")),
    Problem.TOO_MANY: (_("It exposes more series than a server of its kind has."), _("Let it expose fewer.")),
    Problem.WRONG_KIND: (
        _("Its text holds no metric of its kind."),
        _("Choose the kind that it is, or the address that belongs to this kind."),
    ),
}

#: (kind, figure) → why servers of this kind never tell it.
NEVER_TOLD: Final[dict[tuple[str, str], str | Promise]] = {
    ("llamacpp", "requests"): _("llama.cpp does not count requests."),
    ("llamacpp", "ttft_p50"): _("llama.cpp has no histogram of latencies."),
    ("llamacpp", "ttft_p95"): _("llama.cpp has no histogram of latencies."),
    ("llamacpp", "duration"): _("llama.cpp has no histogram of latencies."),
    ("llamacpp", "cache"): _("llama.cpp does not tell it any more."),
    ("tgi", "ttft_p50"): _("TGI has no histogram of the time to the first token."),
    ("tgi", "ttft_p95"): _("TGI has no histogram of the time to the first token."),
    ("tgi", "cache"): _("TGI does not tell it."),
}
