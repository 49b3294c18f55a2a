import pytest

from catalog.tagging import functions_of


@pytest.mark.parametrize(
    ("ident", "came", "goes", "tags"),
    [
        ("gpt-4.1-nano", ["text"], ["text"], ("chat",)),
        ("gpt-4.1", ["text", "image", "pdf"], ["text"], ("chat", "vision")),
        ("codestral-latest", ["text"], ["text"], ("chat", "code")),
        ("gpt-5.3-codex", ["text", "image"], ["text"], ("chat", "code", "vision")),
        ("text-embedding-3-small", ["text"], ["text"], ("embedding",)),
        ("baai/bge-m3", ["text"], ["text"], ("embedding",)),
        ("whisper-large-v3", ["audio"], ["text"], ("audio",)),
        ("gpt-image-1", ["text", "image"], ["image"], ("image",)),
        ("qwen3-omni-flash", ["text", "image", "audio"], ["text", "audio"], ("chat", "vision", "audio")),
        ("qwen3-reranker-8b", ["text"], ["text"], ()),
        ("veo-3", ["text"], ["video"], ()),
    ],
)
def test_tags_follow_modalities_and_names(
    ident: str, came: list[str], goes: list[str], tags: tuple[str, ...]
) -> None:
    assert functions_of(ident, came, goes) == tags
