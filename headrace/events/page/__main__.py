"""`python -m headrace.events.page STACK --socket FD`: the page of one stack, on a socket that listens already.

It ends with the process that started it: at the end of its standard input.
"""

import argparse
import asyncio
import os
import socket
import sys

from headrace.events.page import serve


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m headrace.events.page", description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--socket", type=int, required=True, help="descriptor of a listening TCP socket")
    arguments = parser.parse_args()
    asyncio.run(_until_left(arguments.stack, socket.socket(fileno=arguments.socket)))


async def _until_left(stack: str, listener: socket.socket) -> None:
    ended = asyncio.Event()

    def heard() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            ended.set()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), heard)
    await serve(stack, listener, ended)


if __name__ == "__main__":
    main()
