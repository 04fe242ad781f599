"""The collector: one HTTP request in, one envelope an event out; whatever can not be used becomes a bad row."""
