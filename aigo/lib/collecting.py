"""The collector of cycles, out of the way while many objects are made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection inside. For work that makes tens of thousands of objects which all stay.

    The collector would go through them again and again, and find nothing: half of the time that it took to
    load 5,000 endpoints was that.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
