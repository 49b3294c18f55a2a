"""What news asks of apps that it does not import."""

from django.dispatch import Signal

#: Asked for what texts are tagged with, besides the catalogue. A receiver answers a list of
#: news.tagging.Word: the project's wiring tells the suites.
words_wanted = Signal()
