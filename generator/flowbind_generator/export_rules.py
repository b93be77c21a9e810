"""The rules about generated files and about new exports of a workflow."""

from __future__ import annotations

from flowbind.rules import Rule


class FILE_MISSING(Rule):
    """A generated file is not there.

    Example: a new export in `workflows/`, or a generated file that was not committed.

    What to do: run `flowbind generate` and commit what it writes.
    """


class FILE_STALE(Rule):
    """A generated file is not what its export, the server's document and this flowbind give.

    Example: the export was replaced by a new one, or flowbind was updated, and nobody generated.

    What to do: run `flowbind generate` and commit what it writes.
    """


class FILE_EDITED(Rule):
    """A generated file was edited by hand: generating again would undo the edit.

    Example: a default that was changed in the generated class and not in the workflow.

    What to do: make the change in the editor and export again, or in your own code; then run `flowbind generate`.
    """


class FILE_LEFTOVER(Rule):
    """A generated file belongs to no export any more.

    Example: `workflows/poster.json` was deleted or renamed, and `generated/poster.py` is still there.

    What to do: run `flowbind generate`, which deletes it; it only ever deletes files that the manifest lists.
    """


class WORKFLOW_MISSING(Rule):
    """The export that a class was generated from is not there.

    Example: `workflows/poster.json` was deleted or renamed.

    What to do: put the file back, or run `flowbind generate` to delete the class.
    """


class CLASS_RENAMED(Rule):
    """The generated class has another name: code that imports it fails.

    Example: an input of the workflow takes an object whose class needs the name.

    What to do: change your imports.
    """


class RUNS_CHANGED(Rule):
    """The workflow now makes a batch of runs, or no longer does: `run` returns a list of results, or one result.

    Example: a batch node was added in the editor.

    What to do: change the code that uses the result.
    """


class INPUT_MISSING(Rule):
    """An input that the class had is gone: code that sets it fails.

    Example: the input was taken out of the form, or its node was deleted.

    What to do: put it back into the form and export again, or change your code.
    """


class INPUT_NEW(Rule):
    """The export has an input that the class did not have.

    An error where it must be set: code that does not know it fails. Otherwise info.

    Example: one more input was put into the form.

    What to do: generate again; set the input if it is required.
    """

    severities = ("error", "info")


class INPUT_MOVED(Rule):
    """An input stands at another place in the form: its index is another, its attribute the same.

    Example: two inputs changed places in the form.

    What to do: nothing, unless you reach inputs by index.
    """

    severities = ("info",)


class INPUT_RELABELLED(Rule):
    """An input has another label; its attribute keeps its name.

    Example: "Steps" was renamed to "Denoising steps".

    What to do: nothing, or `flowbind generate --rename` to name the attribute after the new label.
    """

    severities = ("info",)


class INPUT_RENAMED(Rule):
    """An input that the class had is there under another attribute name: code that sets the old name fails.

    Example: "Steps" was relabelled, and `flowbind generate --rename` was run.

    What to do: change your code to the new name.
    """


class INPUT_RETARGETED(Rule):
    """An input of the same label now belongs to another node: what it does may be another thing.

    Example: the node was deleted and added again, or replaced by one of another type.

    What to do: check that the new node does what your code expects; then generate again.
    """

    severities = ("warning",)


class INPUT_RETYPED(Rule):
    """An input takes other values than before.

    An error where the type is another, a warning where it takes less than before (fewer choices, narrower bounds, no
    RANDOM), info where it takes more, or only what the form offers (its range, its list of suggestions, what its button
    draws) changed.

    Example: the node behind "Steps" was replaced by one that takes a float.

    What to do: generate again, and see what type checkers say of your code.
    """

    severities = ("error", "warning", "info")


class INPUT_CONNECTED(Rule):
    """An input of the form is now fed by another node: a value that code sets has no effect, so the class refuses it.

    Example: a string node was wired into the prompt that was typed before.

    What to do: remove the edge in the editor, or put the input of the node that feeds it into the form.
    """


class INPUT_DISCONNECTED(Rule):
    """An input of the form that another node fed takes a value now.

    Example: the edge into the prompt was removed.

    What to do: generate again to set it.
    """

    severities = ("info",)


class OUTPUT_NEW(Rule):
    """The class has an output more than before.

    Example: a second node saves a picture.

    What to do: nothing. Generate again to use it.
    """

    severities = ("info",)


class OUTPUT_RENAMED(Rule):
    """An output is there under another attribute name: code that reads the old name fails.

    Example: the node that saves the picture got a label.

    What to do: change your code to the new name.
    """


class MODEL_REPICKED(Rule):
    """The author chose another model: runs that do not set it use that one.

    Info where it is the same model (name, base and type) under another key.

    Example: the workflow was saved with another checkpoint.

    What to do: nothing, if you follow the author; else set the attribute.
    """

    severities = ("warning", "info")


class GRAPH_CHANGED(Rule):
    """The graph behind the class is another: nodes, edges, or values that are not among the inputs.

    Example: the author changed the scheduler, which is not in the form.

    What to do: generate again; compare results if they matter to you.
    """

    severities = ("info",)
