"""A store in one JSON file, and a channel that prints to a text file, by somebody who has read docs/howto only."""

from tests.plugin_example.crm_plugins.notepad import Notepad
from tests.plugin_example.crm_plugins.one_file import OneFile

__all__ = ["Notepad", "OneFile"]
