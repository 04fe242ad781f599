"""Components: typed, frozen Args with safe defaults; one subject a file."""
