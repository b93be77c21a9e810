"""Files on their way: pictures that are given to a run, and those that it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fidelity.pictures import grey

from .family import Side, settled


def test_a_picture_is_saved_read_and_opened(any_side: Side, tmp_path: Path) -> None:
    async def script(client: Any) -> Any:
        image = any_side.family.pictures(await client.run(any_side.made(), timeout=60))[0]
        file = await settled(image.save(tmp_path / "mine.png"))
        named = await settled(image.save(tmp_path))
        content = await settled(image.bytes())
        opened = await settled(image.open())
        return image, file, named, content, opened.size

    image, file, named, content, size = any_side.use(script)
    assert file == tmp_path / "mine.png"
    assert named.parent == tmp_path
    assert named.name == Path(image.name.partition(" [")[0]).name
    assert file.read_bytes() == named.read_bytes() == content
    assert content.startswith(b"\x89PNG")
    assert size[0] == size[1] > 0


@pytest.mark.parametrize("form", ["path", "bytes"])
def test_a_picture_of_this_machine_is_uploaded_once(any_side: Side, form: str, tmp_path: Path) -> None:
    content = grey(40, 99)
    file = tmp_path / "my picture ä.png"
    file.write_bytes(content)
    given = file if form == "path" else content

    async def script(client: Any) -> list[Any]:
        jobs = [await client.submit(any_side.made(seed=n, picture=given)) for n in range(2)]
        return [any_side.family.pictures(await job.wait(60))[0] for job in jobs]

    assert len(any_side.use(script)) == 2
    if any_side.served.stand_in is not None:
        assert [*any_side.stand_in.uploads()] == [content]
        (name,) = {run["picture"] for run in any_side.stand_in.given()}
        assert name != any_side.family.here


def test_a_name_is_taken_as_it_is(side: Side) -> None:
    async def script(client: Any) -> None:
        await client.run(side.made(picture="here.png"), timeout=20)

    side.use(script)
    assert side.stand_in.uploads() == []
    assert [run["picture"] for run in side.stand_in.given()] == ["here.png"]


def test_what_a_run_left_goes_into_the_next(any_side: Side) -> None:
    async def script(client: Any) -> Any:
        made = any_side.family.pictures(await client.run(any_side.made(), timeout=60))[0]
        again = await client.run(any_side.family.workflow(**{any_side.family.picture: made}), timeout=60)
        return made, any_side.family.pictures(again)[0]

    made, again = any_side.use(script)
    assert again.name != made.name
    if any_side.served.stand_in is not None:
        assert any_side.stand_in.given()[1]["picture"] == made.name
