"""A database that cannot grow any more: said at every door, lost nowhere, over by itself."""

from sqlalchemy import text

from tests.http.conftest import Site


async def _may_hold(site: Site, pages: int) -> None:
    async with site.runtime.store.write() as conn:
        await conn.execute(text(f"PRAGMA max_page_count = {pages}"))


async def test_a_full_disk_is_answered_503_shown_and_forgotten_once_there_is_room(
    site: Site,
) -> None:
    assert (await site.client.get("/sante")).json()["base_inscriptible"] is True
    pages = (await site.rows("PRAGMA page_count"))[0][0]
    await _may_hold(site, pages + 10)
    codes: list[int] = []
    while 503 not in codes:
        assert len(codes) < 200
        data = {"courriel": f"a{len(codes)}@exemple.ca", "message": "x" * 4_000}
        codes.append((await site.post(data=data)).status_code)
    assert set(codes) <= {201, 503}
    assert await site.count("leads") == codes.count(201)

    health = await site.client.get("/sante")
    assert (health.status_code, health.json()["base_inscriptible"]) == (503, False)
    assert "le disque est plein" in (await site.client.get("/etat")).text

    await _may_hold(site, pages + 10_000)
    health = await site.client.get("/sante")
    assert (health.status_code, health.json()["base_inscriptible"]) == (200, True)
    assert "le disque est plein" not in (await site.client.get("/etat")).text
    assert (await site.post(data={"courriel": "fin@exemple.ca"})).status_code == 201
