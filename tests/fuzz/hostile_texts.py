"""Texts that try to become code, to hide what a file says, or to leave the place where they are written."""

from __future__ import annotations

import builtins
import json

from hypothesis import strategies as st

SENTINEL = "flowbind_pwned"
"""What a text sets on `builtins` when it is run."""
CANARY = "flowbind_canary"
"""A module that a text imports when it is run; there is none."""
RUN = f"__import__('builtins').__dict__.__setitem__('{SENTINEL}', 1)"
IMPORT = f"import {CANARY}"
LONG = 100_000

QUOTES = (
    f'"""\n{RUN}\n"""',
    f'"""\n    {RUN}\n    """',
    f"'''\n{RUN}\n'''",
    f'"); {RUN} #',
    f"'); {RUN} #",
    f"\\'); {RUN} #",
    f'\\"""\n{RUN}\n#',
    f'"""; {IMPORT}; """',
    f"]\n{IMPORT}\n[",
    f"', {RUN}, '",
    'x"""',
    '"',
    '""',
    '"""',
    "'",
    "it's",
    "\\",
    "\\\\\\",
    "\\N{BULLET}\\x41\\u0041",
    "\\N{",
    "\\u12",
)
LINES = (
    f"\n{RUN}\n",
    f"\r{RUN}\r",
    f"\r\n{IMPORT}\r\n",
    f"\u2028{RUN}\u2029",
    f"\x85{IMPORT}",
    f"\x0c{RUN}\x0b",
    f"\x1c{IMPORT}\x1d\x1e\x1f",
    "a\\\nb",
    "\n\n\n",
    "\t",
)
HIDDEN = (
    "\x00",
    "a\x00b",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m\x7f\x08\x08",
    "\u202e\u2066gnp.exe",
    "a\u202eb\u202c",
    "\u2067\u2069\u061c\u200e\u200f",
    "ad\u200bmin\u200c\u200d\ufeff",
    "\U000e0041\U000e0042\U000e007f",
    "\u00ad\u034f\u115f\u3164\uffa0",
    "\ufff9\ufffa\ufffb",
    "\ufdd0\uffff\U0010ffff",
    "\ue000",
)
MARKUP = (
    f"{{{{ {RUN} }}}}",
    "{{ 7 * 7 }}",
    f"{{% set x = {RUN} %}}",
    "{% endraw %}{# z #}",
    "{{ ''.__class__.__mro__ }}",
    f"{{{RUN}}}",
    f"f'{{{RUN}}}'",
    "{0}{name}{0.__class__}",
    "{",
    "}",
    "%s%n%(x)s%",
    "${PATH} `id` $(id)",
    "<script>alert(1)</script><!--",
    "]]>&amp;&#0;",
    "[x](javascript:alert(1))",
    "::error file=a::b%0A",
    "%0D%0A::warning::x",
    '"]\n[tool.flowbind]\noutput = "/tmp"\n#',
    '{"a": 1e999}',
    "\\u0022, \\u0000",
    "null",
    "NaN",
)
COMMENTS = (
    "# type: ignore",
    "# noqa",
    "# ruff: noqa",
    "# fmt: off",
    "# fmt: skip",
    "# pyright: basic",
    "# type: int",
    "-*- coding: utf-7 -*-",
    "coding=latin-1",
    f"coding: utf-7 +AAo-{IMPORT}",
    "coding:ascii x",
    "vim: set fileencoding=rot13 :",
    "#!/bin/sh",
    "#",
)
NAMES = (
    "class", "None", "match", "type", "print", "str", "list", "self", "cls", "lambda", "async", "__init__",
    "__class__", "__flowbind__", "__annotations__", "__getattr__", "__all__", "_MODULES", "__slots__", "_",
    "__", "model_config", "model_fields", "model_rebuild", "copy", "json", "schema", "construct", "mro", "register",
    "Field", "Binding", "Slot", "Outputs", "Literal", "Annotated", "JsonValue", "FieldType", "TYPE_CHECKING",
    "annotations", "typing", "builtins", "manifest", "field_types", "Literal['a']", "node_class", "randomize",
)  # fmt: skip
ALIKE = (
    "ｃｌａｓｓ",
    "ﬁeld",
    "ﬀ",
    "ſelf",
    "𝐩𝐫𝐢𝐧𝐭",
    "__ｉｎｉｔ__",
    "раssword",
    "ªº²",
    "ŉ ǰ ΐ ﷺ",
    "é e\u0301",
    "\u0301",
    "İıẞß",
    "1️⃣",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "提示词",
    "מִלָּה",
    "٣ ३ Ⅷ",
    "",
    " ",
    "\u3000",
    "0",
    "-1",
)
PATHS = (
    "../../x",
    "../../../../etc/passwd",
    "C:\\x",
    "\\\\server\\share",
    "CON",
    "nul.json",
    "a/b",
    "~",
    "~root/x",
    ".",
    "..",
    "/",
    "/etc/passwd",
    "file:///etc/passwd",
    "#/components/schemas/x",
    "~1~0",
    "a.b.c",
    "$.nodes[?(@.x)]",
    "a'] | $['b",
)
ATTACKS = (*QUOTES, *LINES, *HIDDEN, *MARKUP, *COMMENTS, *NAMES, *ALIKE, *PATHS)
HALVES = ("\ud800", "a\udfffb", "\udc80", "\ud83d")
"""Half characters: Python's texts may hold them, UTF-8 does not."""


def very_long(piece: str) -> str:
    """Return a piece repeated until it is very long, as JSON has it: larger documents than that nobody reads."""
    return piece * (LONG // len(json.dumps(piece)))


WHOLE = st.one_of(
    st.sampled_from(ATTACKS),
    st.sampled_from(ATTACKS),
    st.builds(str.__add__, st.sampled_from(ATTACKS), st.sampled_from(ATTACKS)),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text("\"'\\\n\r #{}%():=[]", max_size=6),
)
"""Texts that UTF-8 can hold."""
PIECES = st.sampled_from(("a", "a ", '"', '"""', "\\", "{{", "\n", "# ", "é", "_", "0", "👩"))
"""What very long texts are made of."""
HALF = st.builds(str.__add__, st.sampled_from(HALVES), st.sampled_from(("", "x", '"""', "\\")))


def has_run() -> bool:
    """Tell whether a text was run."""
    return hasattr(builtins, SENTINEL)
