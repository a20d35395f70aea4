"""The page on SMS says each setting, each word, each phrase."""

import pytest

from plugins.sms.keywords import WORDS
from plugins.sms.settings import KEYS
from tests.house.modules import ROOT

PAGE = (ROOT / "docs" / "sms.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_each_setting_is_documented(key: str) -> None:
    assert f"| `{key}` |" in PAGE


@pytest.mark.parametrize("word", WORDS)
def test_each_word_that_is_obeyed_is_documented(word: str) -> None:
    assert f"`{word.upper()}`" in PAGE
