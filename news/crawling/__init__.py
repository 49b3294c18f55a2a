"""Reading listings and pages of the web: formats, rules of robots.txt, dates, encodings, text. Pure.

entries     what a listing says of its items
kinds       which parser reads which kind of source
trees       pages as trees, without what their readers do not see
extracting  the text of a page, and what it says of itself
robots      what a host allows; pacing: when something is asked again
"""
