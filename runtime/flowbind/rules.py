"""The rules of drift between a workflow's manifest entry and a server; `flowbind explain` prints their docstrings."""

from __future__ import annotations

from typing import ClassVar, Literal

Severity = Literal["error", "warning", "info"]


class Rule:
    """One kind of finding: its id is the name of the class.

    `severities` are those that it can have, the gravest first. An error is a run that would fail or silently do
    something else, or code that no longer works; a warning is what may become one; info is good to know.
    """

    severities: ClassVar[tuple[Severity, ...]] = ("error",)


class NODE_REMOVED(Rule):
    """The server has no node type of that name.

    It was removed or renamed in another release, its node pack is not installed, or the server's settings leave it out
    (`allow_nodes` and `deny_nodes` in InvokeAI). The server refuses the whole graph.

    Example: `canny_image_processor` and 16 other processors went away in InvokeAI 5.10; `canny_edge_detection` took its
    place.

    A warning for batch nodes and generators, which only the editor knows: runs go on as before.

    What to do: replace the node in the editor and export again, install its pack, or take it off `deny_nodes`.
    """

    severities = ("error", "warning")


class NODE_PACK_MISSING(Rule):
    """The server has no node of a node pack that the workflow uses.

    Example: a workflow uses three nodes of the pack `my-nodes`, and the server was installed anew without it.

    What to do: install the pack on the server.
    """


class NODE_PACK_CHANGED(Rule):
    """A node type comes from another node pack than before.

    A pack can override a node of InvokeAI by registering one of the same name; what it does is up to the pack.

    Example: a pack brings its own `l2i`.

    What to do: look at what the pack's node does. If it is what you want, generate again.
    """

    severities = ("warning",)


class NODE_VERSION_MAJOR(Rule):
    """A node type has another major version: its authors say that workflows must be looked at.

    The server never checks versions and runs whatever fits the schema; the editor asks for the node to be replaced.

    Example: `color_correct` went from 1.2.2 to 2.0.0 between the patch releases 6.8.0 and 6.8.1.

    What to do: open the workflow in the editor, update the node, look at its inputs, and export again.
    """


class NODE_DEPRECATED(Rule):
    """A node type is now marked as deprecated: it runs, but a later release will not have it.

    Example: the `*_image_processor` nodes were deprecated before they were removed in InvokeAI 5.10.

    What to do: replace the node in the editor by its successor.
    """

    severities = ("warning",)


class INPUT_REMOVED(Rule):
    """A node type no longer has an input that the workflow uses.

    The server ignores a value for an input that it does not know, with HTTP 200, and runs with something else. InvokeAI
    refuses an edge to one (HTTP 422); ComfyUI ignores it, too. A warning where the workflow's own value was the
    default, so that the run may be the same.

    Example: `flux_denoise.board` was removed in InvokeAI 6.0, `color_correct.mask_blur_radius` in 6.8.1.

    What to do: find what took the input's place, change the workflow in the editor, and export again.
    """

    severities = ("error", "warning")


class INPUT_KIND_CHANGED(Rule):
    """Whether an input takes a value, an edge or both has changed.

    The server still runs the graph. But the editor drops what no longer fits (a value from the form, an edge) when it
    loads the workflow, and the next export will be without it. Info where the input takes more than before.

    Example: `image_collection.collection` takes only edges since InvokeAI 6.14; values go into its new input `images`.

    What to do: open the workflow in the editor, set the value in its new place, and export again.
    """

    severities = ("warning", "info")


class BECAME_REQUIRED(Rule):
    """An input must be given now, and was not required before, or did not exist.

    An error where the workflow gives no value: the node fails when it runs. Info where it has a value, an edge, or an
    attribute that is set. Of a part of an object, a warning where the workflow's own object has it: your code may give
    one that has not.

    Example: `color_correct.base_image` and `color_reference` are required since InvokeAI 6.8.1.

    What to do: give the input a value or an edge in the editor and export again.
    """

    severities = ("error", "warning", "info")


class TYPE_CHANGED(Rule):
    """An input no longer takes all that it took, because its type is another.

    An error where the workflow's value or edge does not fit the new type. A warning where it does, but other values
    that the class accepts do not.

    Example: `main_model_loader.model` took `{model_name, base_model, model_type}` in InvokeAI 3.6 and takes
    `{key, hash, name, base, type}` since 4.0, under a patch version of the node.

    What to do: generate again from the server's document (`flowbind spec pull`), and see what type checkers say of your
    code.
    """

    severities = ("error", "warning")


class TYPE_WIDENED(Rule):
    """An input takes more types than before; all that worked goes on working.

    Example: `flux2_denoise.positive_text_conditioning` takes a list, too, since InvokeAI 6.14.

    What to do: nothing. Generate again to use it.
    """

    severities = ("info",)


class ENUM_VALUE_REMOVED(Rule):
    """A choice that an input had is gone.

    An error where it is the workflow's own value or the default of the attribute: the server refuses it (HTTP 422). A
    warning where it is another: your code may set it.

    Example: `segment_anything.model` has four SAM 2 models since InvokeAI 6.8. A workflow drawn there may ask a
    server of 6.5 for one that it does not have.

    What to do: choose another value, and generate again so that type checkers find where your code uses the old one.
    """

    severities = ("error", "warning")


class ENUM_VALUE_ADDED(Rule):
    """An input has a choice more than before.

    Example: `denoise_latents.scheduler` has `er_sde` since InvokeAI 6.13, with no new version of the node.

    What to do: nothing. Generate again to use it; until then the class refuses the new value.
    """

    severities = ("info",)


class RANGE_NARROWED(Rule):
    """The bounds of an input (least, greatest, step, length, pattern) allow less than before.

    An error where the workflow's own value or the default of the attribute is outside: the server refuses it. A warning
    where it is inside: your code may set another that is not.

    Example: `lblend.alpha` must be 0 or more since InvokeAI 5.6; `detect_resolution` of the image processors 1 or more
    since 4.2.

    What to do: set a value within the new bounds, and generate again so that the class refuses others at once.
    """

    severities = ("error", "warning")


class RANGE_WIDENED(Rule):
    """The bounds of an input allow more than before.

    Example: `denoise_latents.cfg_scale` may be less than 1 since InvokeAI 4.2.

    What to do: nothing. Generate again to use it; until then the class keeps to the old bounds.
    """

    severities = ("info",)


class DEFAULT_CHANGED(Rule):
    """An input has another default.

    Of a node type: a warning where the workflow leaves the input out, so that runs silently change. Info where the
    workflow sends the old default as its own value: runs stay as they are, but a node drawn today would differ. Of an
    export: info, for the author has saved another value, which runs now use unless your code sets one.

    Example: `i2l.fp32` went from machine-dependent to false in InvokeAI 5.6; `collect` is no longer cached by default
    since 6.14.

    What to do: set the input explicitly if you depend on the old value.
    """

    severities = ("warning", "info")


class MODEL_FILTER_CHANGED(Rule):
    """An input takes other models than before.

    An error where the workflow's own model is no longer among them, a warning where some are no longer taken, info
    where there are more.

    Example: `main_model_loader.model` took main models of all bases in InvokeAI 6.5, and those of sd-1 and sd-2 since
    6.8.

    What to do: choose a model that the input takes, and generate again.
    """

    severities = ("error", "warning", "info")


class OUTPUT_REMOVED(Rule):
    """An output that the workflow uses is gone: an edge begins there, or the class reads it as a result.

    Example: `anima_model_loader.t5_encoder` was removed in InvokeAI 6.13.5, under a minor version of the node. In an
    export: the node that saved the picture was deleted, or its picture is intermediate now.

    What to do: change the workflow in the editor and export again; then change the code that reads the output.
    """


class OUTPUT_TYPE_CHANGED(Rule):
    """An output has another type, and what uses it cannot take that: an edge, or the class's result.

    Example: a node that gave one image and now gives a list of them.

    What to do: change the workflow in the editor and export again; then change the code that reads the output.
    """


class OUTPUT_MOVED(Rule):
    """An output that the workflow uses has another number, and edges go by numbers, as ComfyUI's do.

    The server takes the edge where the types fit, and silently gives something else; otherwise it refuses the prompt.

    Example: a node pack puts an output for the alpha channel before the mask that a workflow connects.

    What to do: connect the node anew in the editor, save the workflow, and generate again.
    """


class WIDGETS_SHIFTED(Rule):
    """A saved workflow has values for a node by their places, and the server's node class has other inputs there.

    An input was put before others, taken away or moved, or its `control_after_generate` came or went. Runs of the class
    go on as before, because a prompt has its values by name. But the editor of that server silently reads the file
    wrongly, and so does `flowbind generate` with that server's document, which tells of it then: a seed becomes a text,
    say. Only saved workflows of ComfyUI are asked; its API format has names.

    Example: `ClaudeNode` got an input before its seed; the editor puts seeds of older files into `system_prompt`.

    What to do: open the workflow in the editor of that server, set the values of the node right, save, and generate
    again; or have the names that newer files hold besides, where they are right: `values = "names"` in a declaration.
    """

    severities = ("warning",)


class ENDPOINT_REMOVED(Rule):
    """The server lacks a path of the API that flowbind needs to run workflows.

    Example: a server of another program, or a release of InvokeAI that this flowbind does not know.

    What to do: check the address; use a flowbind release that supports the server's.
    """


class APP_VERSION_CHANGED(Rule):
    """The server runs another release than the one whose document the classes were generated from.

    Example: the classes were made for 6.13.8, and the server is 6.14.2.

    What to do: nothing, as long as there is no other finding. To follow: `flowbind spec pull` and `flowbind generate`.
    """

    severities = ("info",)
