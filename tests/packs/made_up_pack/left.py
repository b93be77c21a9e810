"""A class that has a twin of the same name in another module."""

from pydantic import BaseModel


class Twin(BaseModel):
    """The twin on the left."""

    left: int
