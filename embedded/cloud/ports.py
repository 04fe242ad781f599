"""Which ports the embedded cloud listens on: the well-known ones where free, any other where not."""

import socket
from dataclasses import asdict, dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """front_door: where events go in. aws: the AWS APIs. firehose: the delivery API. page: where events are shown."""

    front_door: int = 8080
    aws: int = 4566
    firehose: int = 4573
    page: int = 8081


def free_ports(wanted: Ports) -> tuple[Ports, dict[str, int]]:
    """The wanted ports, each replaced by a free one where it is taken; and which were taken, by name.

    A wanted port of 0 means any.
    """
    taken: dict[str, int] = {}
    chosen: dict[str, int] = {}
    held: list[socket.socket] = []
    try:
        for name, port in asdict(wanted).items():
            listener = _listen(port)
            if listener is None:
                taken[name] = port
                listener = _listen(0)
            if listener is None:
                raise OSError(f"no free port on {HOST}")
            held.append(listener)  # kept until all are chosen, so that no two get the same one
            chosen[name] = listener.getsockname()[1]
    finally:
        for listener in held:
            listener.close()
    return Ports(**chosen), taken


def in_use(port: int) -> bool:
    """Whether anything accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def taken(port: int) -> bool:
    """Whether anything listens on the port; found out without connecting, which may set off what listens."""
    listener = _listen(port)
    if listener:
        listener.close()
    return listener is None


def _listen(port: int) -> socket.socket | None:
    listener = socket.socket()
    # As servers do: a port whose last connections are still fading away is free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        return None
    return listener
