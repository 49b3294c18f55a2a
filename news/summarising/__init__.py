"""Three lines of a story, each with the words of a source that carry it.

    asking      the request to an OpenAI-compatible endpoint: the sources go as data
    answering   what comes back, by its schema; every quote stands in its source
    sentences   a text as sentences with their places, in English and Korean
    addressed   sentences that speak to a machine or praise
    extracting  without an endpoint: the sentences most like all others (LexRank), each its own quote

Nothing here is believed: news.checking reads each sentence, then a person.
"""
