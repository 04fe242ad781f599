"""Codes that a customer types at the checkout."""

import secrets

# Without what is read for another: 0 and O, 1, I and L. U is left out, so that no code is a rude word.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # of 30 letters each: 58 bits, so that nobody guesses one


def new_code() -> str:
    """A random code. Nothing that an event could say leads to it: events are what anybody may send."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
