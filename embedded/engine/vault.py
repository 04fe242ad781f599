"""Keeps secret values in the state file unreadable without the key file beside it."""

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from headrace.console import Problem

MARK = "encrypted"
OWNER_ONLY = 0o600


class Vault:
    """Encrypts with the key in a file, made with the first secret and readable by its owner only."""

    def __init__(self, key: Path) -> None:
        self.key = key
        self._cipher: Fernet | None = None

    def lock(self, value: Any) -> dict[str, str]:
        return {MARK: self._opened(create=True).encrypt(json.dumps(value).encode()).decode()}

    def unlock(self, locked: dict[str, str]) -> Any:
        """Raises Problem where the key is missing or another one."""
        try:
            return json.loads(self._opened(create=False).decrypt(locked[MARK].encode()))
        except InvalidToken:
            raise Problem(
                f"the secrets in the stack's state were not encrypted with {self.key}",
                "put the right key file back, or remove the stack's folder to start anew",
            ) from None

    def _opened(self, *, create: bool) -> Fernet:
        if self._cipher is None:
            if not self.key.exists():
                if not create:
                    raise Problem(
                        f"the key to the secrets in the stack's state, {self.key}, is missing",
                        "put it back, or remove the stack's folder to start anew",
                    )
                self.key.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(self.key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY), "wb") as file:
                    file.write(Fernet.generate_key())
            try:
                self._cipher = Fernet(self.key.read_bytes())
            except ValueError:
                raise Problem(
                    f"{self.key} holds no key",
                    "put the right key file back, or remove the stack's folder to start anew",
                ) from None
        return self._cipher
