"""Does with flowbind what `invokeai_client.py` does with invokeai-py-client.

    python flowbind_client.py URL FOLDER

FOLDER holds the generated package, the values to set in each class, and takes the downloads.
"""

import asyncio
import importlib
import json
import sys
from pathlib import Path

from serving import serve

from flowbind.invokeai import AsyncInvokeAI, Image, InvokeAI
from flowbind.invokeai.runs.preview import preview

PARALLEL = 32


def main(url, folder):
    sys.path.insert(0, str(folder))
    generated = importlib.import_module("generated")
    given = json.loads((folder / "values.json").read_text())
    classes = {name: getattr(generated, name.replace("_", "").title()) for name in given}
    values = {name: dict(zip(classes[name].model_fields, given[name], strict=True)) for name in given}
    small = min(classes, key=lambda name: len(given[name]))
    # The peer does not compare the server with the workflow, and hears nothing from it while it submits.
    client, loop = InvokeAI(url, check="off", events=False), asyncio.new_event_loop()
    several, told = AsyncInvokeAI(url, check="off", events=False), InvokeAI(url, check="off")

    def filled(name):
        return classes[name](**values[name])

    async def submit_at_once():
        await asyncio.gather(*(several.submit(filled(small)) for _ in range(PARALLEL)))

    def download():
        client.images.save(Image("large.png"), folder / "picture.png")

    works = {f"build {name}": lambda name=name: preview(filled(name)) for name in classes}
    works |= {f"submit {name}": lambda name=name: client.submit(filled(name)) for name in classes}
    works["submit at once"] = lambda: loop.run_until_complete(submit_at_once())
    serve(works | {"run": lambda: told.submit(filled(small)).wait(), "download": download})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
