"""Real files on a real server: it takes the batches that flowbind makes of them. None of them runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fidelity.acceptance import Server, is_accepted
from tests.fidelity.shared import exports, needs_shared, parameters
from tests.fidelity.tables import Aside, Known

from flowbind_generator.invokeai.catalog import Catalog
from live_tools import Live

pytestmark = needs_shared


@pytest.mark.parametrize("path", parameters(exports()))
def test_the_server_takes_the_batch(path: Path, server: Server, catalog: Catalog) -> None:
    outcome = is_accepted(path, catalog, server)
    # Whether flowbind is right to refuse a file is looked at in tests/fidelity.
    assert outcome is None or isinstance(outcome, Aside | Known), outcome


def test_the_server_refuses_a_batch_that_is_wrong(server: Server) -> None:
    graph = b'{"nodes": {"a": {"id": "a", "type": "add", "a": "many"}}, "edges": []}'
    (error,) = server.errors(b'{"prepend": false, "batch": {"runs": 1, "graph": ' + graph + b"}}")
    assert error["loc"][-2:] == ["add", "a"]


def test_nothing_stays_behind(live: Live) -> None:
    held = Server(live.url)
    with held.holding():
        assert held.errors(b'{"batch": {"runs": 2, "graph": {"nodes": {"a": {"id": "a", "type": "add"}}}}}') == []
    status = live.call("GET", "/api/v1/queue/flowbind-corpus/status")
    assert status["queue"]["total"] == 0
    assert status["processor"]["is_started"]
