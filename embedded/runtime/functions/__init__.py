"""Functions as Lambda runs them: each in processes of its own, with its role, its time-out and its log."""
