"""Dates and values of other nodes in texts, worked out by hand from the rules of the editor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from flowbind.comfyui.replaced_text import replaced
from flowbind.workflow import UNSET

NOW = datetime(2026, 3, 4, 15, 6, 7)
VALUES: dict[tuple[str, str], Any] = {
    ("KSampler", "seed"): 2**64 - 1,
    ("KSampler", "cfg"): 7.5,
    ("KSampler", "denoise"): 1.0,
    ("KSampler", "tiled"): True,
    ("My node", "text"): 'a/b\\c:d*e?f"g<h>i|j\x00\x1f\x7f~ü',
    ("My node", "empty"): None,
    ("My node", "list"): ["a", 1, None],
    ("My node", "object"): {"a": 1},
    ("My node", "tiny"): 1e-7,
    ("My node", "small"): 0.00001,
    ("My node", "large"): 1.5e20,
    ("My node", "huge"): 1e21,
    ("My node", "zero"): -0.0,
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%date:yyyy-MM-dd%", "2026-03-04"),
        ("%date:yy_M_d h%", "26_3_4 15"),
        ("%date:h.%", "%date:h.%"),
        ("%date:hh:mm:ss%", "15:06:07"),
        ("%date:hmsdM%", "156743"),
        ("%date:yyy%", "yyy"),
        ("%date:yyyyy%", "2026y"),
        ("%date:y%", "y"),
        ("%date:ddd%", "044"),
        ("%date:day%", "4ay"),
        ("%date:%", ""),
        ("a %date:dd% %date:MM% b", "a 04 03 b"),
        # With one dot it is a node of that name, with more the rest does not count.
        ("%date:yyyy.MM%", "%date:yyyy.MM%"),
        ("%date:yyyy.MM.dd%", "2026"),
        ("%width% %height% %x%", "%width% %height% %x%"),
        ("100% or 50%.", "100% or 50%."),
        ("%%date:dd%", "%04"),
        ("%date:dd", "%date:dd"),
        ("%KSampler.seed%", "18446744073709551615"),
        ("%KSampler.cfg%/%KSampler.denoise%/%KSampler.tiled%", "7.5/1/true"),
        ("%My node.text%", "a_b_c_d_e_f_g_h_i_j___~ü"),
        ("%My node.empty%%My node.list%", "a,1,"),
        ("%My node.object%", "[object Object]"),
        ("%My node.tiny% %My node.small%", "1e-7 0.00001"),
        ("%My node.large% %My node.huge% %My node.zero%", "150000000000000000000 1e+21 0"),
        ("%KSampler.other% %Other.seed%", "%KSampler.other% %Other.seed%"),
        ("%KSampler.seed.x%", "%KSampler.seed.x%"),
    ],
)
def test_the_rules(text: str, wanted: str) -> None:
    assert replaced(text, lambda node, widget: VALUES.get((node, widget), UNSET), NOW) == wanted
