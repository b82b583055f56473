"""How a command of the kots CLI fails."""


class Failed(Exception):
    """The command failed; the text is what stands behind ``Error:``."""
