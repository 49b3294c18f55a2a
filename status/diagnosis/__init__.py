"""Is it me or them? From an error that somebody got, and what we measured then, to an answer. Pure.

kinds      what an error is, and whom it points to
symptoms   how it is recognised in a pasted text
reading    a pasted text → a complaint
sight      what our probes saw around that moment, and the signs in it
table      the rules: signs → them, you or unclear
deciding   a complaint and what was seen → a decision
page       docs/is-it-me.md, printed from these tables
"""
