"""pycurl as its documentation shows it: CurlMulti's perform() and select() in turns.

`select` takes whole milliseconds, so a wait below one is none; libcurl looks at every connection each time.
"""

import time
from collections import deque

from benches.clients.harness import serve
from benches.clients.pycurl_multi import Client
from benches.jobs import Sighting


class SelectClient(Client):
    """The same handles, the simpler loop."""

    def run(self) -> list[Sighting]:
        todo = deque(enumerate(self._job.starts_s, start=1))
        while (todo or self._running) and time.monotonic() < self._begin + self._job.limit_s:
            while todo and self._is_due(todo[0][1]):
                self._start(todo.popleft()[0])
            self._multi.perform()
            self._collect()
            self._multi.select(self._patience(todo[0][1] if todo else None))
        return self._give_up()


if __name__ == "__main__":
    serve(lambda job, begin: SelectClient(job, begin).run())
