"""The `flowbind` command: it lives in the generator, which is an extra."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what to install."""
    try:
        from flowbind_generator.cli import main as run

        run()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"click", "jinja2", "ruff", "flowbind_generator"}:
            raise
        print("The flowbind command needs its extra: pip install 'flowbind[generator]'", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
