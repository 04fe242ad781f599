"""Live counts: how many players are at which level now, and who moved from where to where."""
