"""One stage per file, thin; this file lists them all and binds them to the durable world."""
