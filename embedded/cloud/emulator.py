"""The process that emulates AWS's APIs: how it is started, and the variables under which it is reached."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.cloud.ports import HOST
from embedded.cloud.processes import Process, start
from headrace.home import PROJECT_FOLDER

PROGRAM = PROJECT_FOLDER / "embedded" / "emulator"
ACCESS_KEY_ID = "AKIAHEADRACELOCAL000"  # MiniStack takes the key in its own environment for the account's root

# What in a person's environment would lead the AWS SDK, or the emulator, elsewhere.
FOREIGN = ("AWS_", "MINISTACK_", "LOCALSTACK_", "HEADRACE_", "S3_", "LAMBDA_", "PERSIST_STATE", "SERVICES", "USE_SSL")


@dataclass(frozen=True)
class Emulator:
    """One emulator. secret: of the root credential. endpoints: services that functions find elsewhere, by the variable
    that says so (`AWS_ENDPOINT_URL_FIREHOSE`). hints: the port (UDP) where it says which stream took records."""

    port: int
    region: str
    secret: str
    endpoints: Mapping[str, str]
    hints: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def variables(self) -> dict[str, str]:
        """The variables under which AWS's SDKs reach it as the account's root."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            **self.endpoints,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def start(self, folder: Path, log: Path) -> Process:
        """Starts it; all it writes goes to `folder`. Functions inherit its environment, and with it `variables`."""
        folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "AUTH": "true",
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",  # would bind port 8883
            "SFTP_ENABLED": "0",
            # A socket that is not there: without it the emulator would look for, and remove, containers of its own.
            "DOCKER_HOST": f"unix://{folder}/none.sock",
            "MINISTACK_REGION": self.region,
            "LOG_LEVEL": "WARNING",
            "HEADRACE_HINTS": str(self.hints),
            "TMPDIR": str(folder),  # its pid file, and the unpacked code of functions
            "S3_DATA_DIR": str(folder / "s3"),
            "STATE_DIR": str(folder / "state"),
        }
        return start([str(PROGRAM)], clean_environment() | settings | self.variables(), log, folder)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would lead elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
