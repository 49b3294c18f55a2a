"""Pages as a browser shows them, for sources that need JavaScript. No Django but its settings' networks.

program    which browser, and what is missing where there is none
browser    one browser for some pages, in limits; process: the process that has it, as its owner holds it
answering  what a page asks for, and what it gets: all of it through the guard of every fetch
tree       a process and all that it began
child      that process (`python -m news.rendering.child`); visible.js: what it reads of a page

The browser has no network. What it asks for comes to `browser` as a line of JSON, and goes back as one.
"""
