"""The scripts that the installer's Jobs run inside the cluster; data, not Python."""
