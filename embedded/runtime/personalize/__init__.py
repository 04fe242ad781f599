"""An endpoint of Amazon Personalize's PutEvents: validates as the service does, and records what it took.

PutUsers, PutItems and the actions are not built: no program of ours uses them.
"""
