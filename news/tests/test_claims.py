"""Claims, as articles keep them."""

import pytest

from news.claims import BadClaim, Claim, read_claims, write_claims

TEXT = "모델은 128,000 tokens 를 읽습니다."
CLAIM = Claim("en", "It reads 128,000 tokens.", 7, "128,000 tokens", 4, 18)


def test_a_claim_comes_back_as_it_was_kept():
    assert read_claims(write_claims([CLAIM])) == [CLAIM]
    assert CLAIM.is_quoted_from(TEXT)


def test_a_quote_that_stands_elsewhere_is_not_quoted():
    assert not Claim("en", "x", 7, "128,000 tokens", 5, 19).is_quoted_from(TEXT)
    assert not Claim("en", "x", 7, "", 0, 0).is_quoted_from(TEXT)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"source": "7"}, "claim.source='7' is no int"),
        ({"source": True}, "claim.source=True is no int"),
        ({"start": 3}, "claim.start=3, claim.end=18"),
        ({"start": -1, "end": 13}, "claim.start=-1"),
        ({"extra": 1}, "exactly the keys"),
    ],
)
def test_what_is_no_claim_is_refused_with_the_key(change: dict, named: str):
    with pytest.raises(BadClaim, match=named):
        Claim.from_dict({**CLAIM.to_dict(), **change})
