"""How many events are at each hop of their way, from the pumper's own account to the modelled tables."""
