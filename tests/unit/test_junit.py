"""The report as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given

from flowbind.findings import at_least
from flowbind_generator.checked import Checked
from flowbind_generator.reports.junit import as_junit

from .findings import POSTER, SAMPLE, TEXT_TO_IMAGE, checks


def cases(text: str) -> dict[str | None, ElementTree.Element]:
    """Return the tests by their names."""
    return {case.get("name"): case for case in ElementTree.fromstring(text).iter("testcase")}


def test_a_test_for_each_workflow_and_each_other_source() -> None:
    root = ElementTree.fromstring(as_junit(SAMPLE, "error"))
    suite = root[0]
    assert (root.tag, suite.tag, suite.get("name")) == ("testsuites", "testsuite", "flowbind check")
    assert (suite.get("tests"), suite.get("failures")) == ("5", "3")
    found = cases(as_junit(SAMPLE, "error"))
    assert list(found) == [TEXT_TO_IMAGE, POSTER, "workflows/quiet.json", "the server", "generated/poster.py"]
    assert {case.get("classname") for case in found.values()} == {"flowbind.files-server"}
    assert len(found["workflows/quiet.json"]) == 0


def test_what_is_grave_enough_fails() -> None:
    strict, lenient = (cases(as_junit(SAMPLE, s))[TEXT_TO_IMAGE] for s in ("info", "error"))
    assert [element.tag for element in strict] == ["failure"]
    assert [element.tag for element in lenient] == ["failure", "system-out"]
    assert (lenient[0].get("type"), lenient[0].get("message")) == ("NODE_REMOVED", "It is gone.")
    assert strict[0].get("message") == "It is gone. (and 3 more)"
    assert lenient[0].text == "error NODE_REMOVED: TextToImage: It is gone.\n    Replace it."
    assert (lenient[1].text or "").startswith("warning RANGE_NARROWED: TextToImage.cfg: Less.\n    Look.\ninfo ENUM")


@given(checks)
def test_anything_is_xml(one: Checked) -> None:
    text = as_junit(one, "warning")
    assert text.isascii()
    root = ElementTree.fromstring(text)
    failing = {f.source for f in at_least(one.findings, "warning")}
    assert len(list(root.iter("failure"))) == len(failing)
    assert root[0].get("failures") == str(len(failing))
    assert len(list(root.iter("testcase"))) == len({*one.workflows, *(f.source for f in one.findings)})
    told = "".join(element.text or "" for tag in ("failure", "system-out") for element in root.iter(tag))
    assert all(found.rule in told for found in one.findings)
