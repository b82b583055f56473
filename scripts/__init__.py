"""What the commands of the Makefile run; nothing of it is deployed."""
