"""Does with invokeai-py-client what `flowbind_client.py` does with flowbind; run by the interpreter of its environment.

    python invokeai_client.py URL FOLDER

FOLDER holds the exports, the values to set in each, and takes the downloads.
"""

import asyncio
import json
import sys
from pathlib import Path

from invokeai_py_client import InvokeAIClient
from invokeai_py_client.board.board_handle import BoardHandle
from invokeai_py_client.board.board_model import Board
from invokeai_py_client.workflow import WorkflowDefinition
from serving import serve

PARALLEL = 32


def main(url, folder):
    client, loop = InvokeAIClient.from_url(url), asyncio.new_event_loop()

    def handle_of(name):
        path = folder / "workflows" / f"{name}.json"
        return client.workflow_repo.create_workflow(WorkflowDefinition.from_file(str(path)))

    values = json.loads((folder / "values.json").read_text())
    handles = {name: handle_of(name) for name in values}
    # A handle remembers its last run alone, so runs at once need one each.
    small = min(handles, key=lambda name: len(values[name]))
    several = [handle_of(small) for _ in range(PARALLEL)]

    def filled(name, handle=None):
        handle = handle or handles[name]
        for index, value in enumerate(values[name]):
            handle.get_input_value(index).value = value
        return handle

    def build(name):
        # What its submit_sync does before it sends.
        handle = filled(name)
        assert not handle.validate_inputs()
        return json.dumps({"prepend": False, "batch": {"graph": handle._convert_to_api_format(), "runs": 1}}).encode()

    async def submit_at_once():
        await asyncio.gather(*(filled(small, handle).submit() for handle in several))

    def run():
        filled(small).submit_sync()
        handles[small].wait_for_completion_sync()

    def download():
        board = BoardHandle(client, Board(board_id="none", board_name="Uncategorized"))
        (folder / "picture.png").write_bytes(board.download_image("large.png"))

    works = {f"build {name}": lambda name=name: build(name) for name in values}
    works |= {f"submit {name}": lambda name=name: filled(name).submit_sync() for name in values}
    works["submit at once"] = lambda: loop.run_until_complete(submit_at_once())
    serve(works | {"run": run, "download": download})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
