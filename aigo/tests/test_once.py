"""One object per process, whoever comes first."""

import threading

from aigo.lib.once import once


def test_threads_that_come_first_together_get_the_same_object():
    made = []
    together = threading.Barrier(8)

    @once
    def thing() -> object:
        made.append(threading.Event().wait(0.05))
        return object()

    found = []

    def ask():
        together.wait()
        found.append(thing())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_what_was_taken_is_made_anew():
    thing = once(object)
    assert thing.take() is None
    first = thing()
    assert thing.take() is first
    assert thing() is not first
