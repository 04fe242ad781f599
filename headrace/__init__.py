"""The commands a person runs against a deployed stack, and where a stack keeps its things on this machine."""
