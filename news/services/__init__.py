"""News: what is written, each by one function.

hosts      what a host allows, and its turns
asking     one address, politely; showing: through a browser, where its source needs one
keeping    what was read, as rows that never change
crawling   one run of one source: listing (what it names), reading (its pages), running (clock, report)
seeding    the sources that ship
grouping   items into stories (turns: one at a time); regrouping: what people decide about them
"""

from news.services.crawling import ask_now, crawl, due_sources, waits_for_browser
from news.services.grouping import Grouped, group_new
from news.services.regrouping import Refused, merge_stories, split_story
from news.services.running import Crawled
from news.services.seeding import seed_sources

__all__ = [
    "Crawled",
    "Grouped",
    "Refused",
    "ask_now",
    "crawl",
    "due_sources",
    "group_new",
    "merge_stories",
    "seed_sources",
    "split_story",
    "waits_for_browser",
]
