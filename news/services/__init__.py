"""News: what is written, each by one function.

hosts      what a host allows, and its turns
asking     one address, politely
keeping    what was read, as rows that never change
crawling   one run of one source: listing (what it names), reading (its pages), running (clock, report)
seeding    the sources that ship
"""

from news.services.crawling import ask_now, crawl, due_sources
from news.services.running import Crawled
from news.services.seeding import seed_sources

__all__ = ["Crawled", "ask_now", "crawl", "due_sources", "seed_sources"]
