"""The rules about a live server: what a workflow names, and whether the server has it."""

from __future__ import annotations

from flowbind.rules import Rule


class LOGIN_REQUIRED(Rule):
    """The server wants a login, or refuses the one it got: without one it shows no models and takes no runs.

    Example: `multiuser: true` in the server's settings, since InvokeAI 6.12.

    What to do: set INVOKEAI_EMAIL and INVOKEAI_PASSWORD to an account of the server, or give its host an entry in the
    netrc file. Where INVOKEAI_URL is set, it must be this server's address: the account is for that one alone.
    """


class MODEL_MISSING(Rule):
    """A model that the workflow names is not on the server.

    InvokeAI knows it neither by its key, nor its hash, nor its name, base and type. In ComfyUI the node's list of files
    does not have it; such lists differ from server to server, so only what a workflow names is looked for.

    Example: a LoRA that was deleted, or a server on which it was never installed.

    What to do: install the model, or set the attribute to one that the server has.
    """


class MODEL_AMBIGUOUS(Rule):
    """Several models on the server answer to what the workflow says of one.

    Example: the model was installed anew, and two others have its name, base and type.

    What to do: set the attribute to a `ModelRef` with the key of the one that you mean.
    """


class MODEL_REKEYED(Rule):
    """The server has the model under another key than the workflow; flowbind finds it by hash or by name at submit.

    Example: every server gives its models keys of its own.

    What to do: nothing.
    """

    severities = ("info",)


class IMAGE_MISSING(Rule):
    """A picture that the workflow names is not on the server.

    Example: an input picture that the author uploaded to another server, or deleted since.

    What to do: set the attribute to a local file, which flowbind uploads, or to a picture that the server has.
    """


class VIDEO_MISSING(Rule):
    """A video that the workflow names is not on the server.

    Example: an input video that the author deleted since.

    What to do: upload it to the server and set the attribute to its name.
    """


class UPLOAD_MISSING(Rule):
    """A file that the workflow names (a sound, a 3D model, any other) is not in the server's folders.

    Example: a sound that the author put into the input folder of another ComfyUI.

    What to do: set the attribute to a local file, which flowbind uploads, or to one that the server has.
    """


class LIBRARY_COPY_MISSING(Rule):
    """The server's library has no copy of the workflow, neither of its id nor of its name, or several of the name.

    Asked by `flowbind workflow check` alone.

    Example: the workflow was deleted or renamed on the server, or is private to another account.

    What to do: save the workflow on the server, or say with `--copy` which one is meant.
    """


class BOARD_MISSING(Rule):
    """A board that the workflow names is not on the server.

    An error where the board is the default of an attribute: a run that does not set it fails. A warning where it is not
    among the inputs: pictures go to no board.

    Example: the board was deleted, or belongs to the author's server.

    What to do: create the board, or set the attribute to one that the server has.
    """

    severities = ("error", "warning")
