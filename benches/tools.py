"""The tools under test by name, as the report lists them."""

from dataclasses import dataclass
from typing import Final, Protocol

from benches.engine import EngineTool
from benches.jobs import Job, Outcome
from benches.peers import BlackboxTool, PeerTool

OURS: Final = "AI-GO engine"
PYCURL: Final = "pycurl multi (epoll)"
BLACKBOX: Final = "blackbox_exporter"


class Tool(Protocol):
    """Runs one job in fresh processes. Raises RuntimeError, TimeoutError or OSError when it cannot."""

    def run(self, job: Job) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A tool and what its error is about: "token" or, where it sees none, "end" of the answer."""

    tool: Tool
    sees: str = "token"


TOOLS: Final[dict[str, Entry]] = {
    OURS: Entry(EngineTool()),
    PYCURL: Entry(PeerTool("pycurl_multi")),
    "pycurl multi (select)": Entry(PeerTool("pycurl_select")),
    "aiohttp": Entry(PeerTool("aiohttp_session")),
    "httpx": Entry(PeerTool("httpx_client")),
    "curl command": Entry(PeerTool("curl_command"), sees="end"),
    BLACKBOX: Entry(BlackboxTool(), sees="end"),
}
