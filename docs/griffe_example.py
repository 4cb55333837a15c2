"""Our docstrings say "Example:", which griffe takes for a remark unless it says "Examples:"."""

from typing import Any

import griffe


class ExampleSections(griffe.Extension):
    """Makes a section of every "Example:"."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = obj.docstring.value.replace("Example:\n", "Examples:\n")
