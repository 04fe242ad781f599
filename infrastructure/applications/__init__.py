"""The real-time applications: one file each, with its functions and tables."""
