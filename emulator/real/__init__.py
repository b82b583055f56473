"""The real programs that the stand-ins are held against; never needed for a plain test run."""
