"""Results for long texts are cached up to a size; the least recently read one is dropped first."""

from reviewers.text_cache import text_cache


def test_the_latest_results_are_cached_up_to_the_size() -> None:
    calls: list[str] = []

    @text_cache(3_010, len)
    def shout(text: str) -> str:
        calls.append(text)
        return text.upper()

    assert [shout(text) for text in ("aaaa", "bbbb", "aaaa", "cc")] == ["AAAA", "BBBB", "AAAA", "CC"]
    assert calls == ["aaaa", "bbbb", "cc"]
    # The least recently read text makes room.
    assert shout("dd") == "DD" and shout("aaaa") == "AAAA" and calls[-1] == "dd"
    assert shout("bbbb") == "BBBB" and calls[-1] == "bbbb"


def test_a_text_larger_than_the_cache_is_not_kept() -> None:
    calls: list[str] = []

    @text_cache(3_010, len)
    def shout(text: str) -> str:
        calls.append(text)
        return text.upper()

    for text in ("aaaa", "x" * 2_011, "x" * 2_011, "aaaa"):
        shout(text)
    assert calls == ["aaaa", "x" * 2_011, "x" * 2_011]
