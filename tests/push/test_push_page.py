"""The page on notifications says each setting and each phrase."""

import pytest

from plugins.push.settings import KEYS
from tests.house.modules import ROOT

PAGE = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_each_setting_is_documented(key: str) -> None:
    assert f"| `{key}` |" in PAGE
