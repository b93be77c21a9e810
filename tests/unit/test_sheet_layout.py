"""Where the cells of a contact sheet stand: within the sheet and its bounds, and none over another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.pictures.layout import (
    LONGEST_SIDE,
    MOST_CELLS,
    MOST_LINES,
    MOST_PIXELS,
    NARROWEST,
    SMALLEST,
    Box,
    Layout,
    arranged,
    room,
)

LAYOUTS = st.builds(
    arranged,
    st.integers(1, 60),
    st.none() | st.integers(1, 70),
    st.tuples(st.integers(NARROWEST, 512), st.integers(1, 512)),
    st.integers(0, MOST_LINES),
    st.integers(0, MOST_LINES),
)


def overlap(one: Box, other: Box) -> bool:
    """Tell whether two rectangles have a pixel in common."""
    return (
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )


@given(LAYOUTS)
def test_nothing_overlaps_and_nothing_is_outside(layout: Layout) -> None:
    boxes = [box for place in range(layout.count) for box in (layout.box(place), layout.caption(place))]
    boxes += [layout.title()] if layout.title_lines else []
    width, height = layout.size
    for number, box in enumerate(boxes):
        assert 0 <= box.left <= box.left + box.width <= width
        assert 0 <= box.top <= box.top + box.height <= height
        assert not any(overlap(box, other) for other in boxes[number + 1 :])
    assert len({(box.width, box.height) for box in boxes[: 2 * layout.count : 2]}) == 1


@given(st.integers(1, MOST_CELLS), st.integers(1, 512), st.data())
def test_as_many_as_are_promised_fit(count: int, wanted: int, data: st.DataObject) -> None:
    side = room(count, None, wanted)
    assert min(wanted, SMALLEST) <= side <= wanted
    picture = max(NARROWEST, data.draw(st.integers(1, side))), data.draw(st.integers(1, side))
    made = arranged(count, None, picture, data.draw(st.integers(0, MOST_LINES)), data.draw(st.integers(0, MOST_LINES)))
    width, height = made.size
    assert max(width, height) <= LONGEST_SIDE
    assert width * height <= MOST_PIXELS


def test_few_stand_in_a_row_and_more_make_a_square() -> None:
    assert [arranged(n, None, (512, 512), 2, 1).columns for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    for picture in ((512, 512), (512, 288), (288, 512)):
        for count in (9, 20, 48):
            width, height = arranged(count, None, picture, 2, 1).size
            assert 0.6 < width / height < 1.7


def test_large_pictures_are_shown_large_where_they_are_few() -> None:
    assert room(12, None, 512) == 512
    assert room(12, 3, 1024) == 1024
    assert room(1000, None, 512) < 200


@pytest.mark.parametrize(("count", "columns"), [(MOST_CELLS * 2, None), (1000, 1), (500, 500)])
def test_what_does_not_fit_is_refused(count: int, columns: int | None) -> None:
    with pytest.raises(ValueError, match=f"{count} pictures do not fit on a sheet"):
        room(count, columns, 512)
