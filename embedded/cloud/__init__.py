"""The embedded cloud as a whole: its processes, ports and files; how it is started, looked at and removed."""
