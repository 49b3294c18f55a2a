"""What the tests stand on: servers on free ports, the project's own processes, a browser.

Test support only; nothing outside conftest.py and the tests imports it.
"""
