"""The story, deterministic: nothing in it that input and history do not hold."""
