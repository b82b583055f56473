"""The story, deterministic: time only from the context, no I/O, nothing that history does not hold."""
