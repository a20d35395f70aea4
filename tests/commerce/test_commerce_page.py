"""What the page on commerce shows a site to post is accepted as it is written."""

import json
import re
from pathlib import Path

from dsl.project import check
from tests.commerce.shop import PATH, TOKEN
from tests.http.conftest import Site, all_plugins

PAGE = (Path(__file__).parents[2] / "docs" / "commerce.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


async def test_the_documents_of_the_page_are_accepted(site: Site) -> None:
    posted = [json.loads(text) for language, text in BLOCKS if language == "json"]
    for data in posted:
        shop = isinstance(data, list) or "articles" in data
        path = PATH if shop else "/webhooks/events"
        answer = await site.client.post(path, json=data, headers=TOKEN)
        assert answer.status_code == 202, answer.text
    kept = {row[0] for row in await site.rows("SELECT type FROM events")}
    assert {"purchase", "refund", "purchase_corrected", "item_purchased"} < kept
    assert {"cart_paid", "attendance_updated", "contact_made"} < kept
    assert "custom" not in kept


def test_every_type_of_its_tables_is_one_a_site_may_tell() -> None:
    public = {one.label for one in all_plugins().event_types() if one.public}
    for name in re.findall(r'"type": "([^"]+)"', PAGE):
        assert name in public | {"remboursement", "correction"}, name


def test_the_script_of_the_page_passes_the_check() -> None:
    (script,) = [text for language, text in BLOCKS if language == "relance"]
    checked = check({"essai.relance": script}, all_plugins().catalogue, {})
    assert checked.diagnostics["essai.relance"] == ()
