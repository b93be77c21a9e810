"""The least that generating modules can cost: the document read, as many texts rendered, formatted and compiled.

    python floor.py DOCUMENT FOLDER OUTPUT

FOLDER holds the modules that a generator made; their texts are what is rendered.
"""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import jinja2
from ruff import find_ruff_bin


def main(document, folder, output):
    content = document.read_bytes()
    json.loads(content)
    sha256(content)
    template = jinja2.Environment().from_string("{% for line in lines %}{{ line }}{% endfor %}")
    output.mkdir(exist_ok=True)
    for module in sorted(folder.glob("*.py")):
        text = template.render(lines=module.read_text(encoding="utf-8").splitlines(keepends=True))
        (output / module.name).write_text(text, encoding="utf-8")
    subprocess.run([find_ruff_bin(), "format", "--isolated", "--no-cache", "--quiet", output], check=True)
    for module in output.glob("*.py"):
        compile(module.read_text(encoding="utf-8"), module.name, "exec")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
