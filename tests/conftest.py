"""What all tests share: random inputs that are the same at every run, and no judgement by the clock."""

from hypothesis import settings

settings.register_profile("headrace", derandomize=True, deadline=None, database=None)
settings.load_profile("headrace")
