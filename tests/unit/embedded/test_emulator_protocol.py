import asyncio
import runpy

from embedded.cloud.emulator import PROGRAM

OneWrite = runpy.run_path(str(PROGRAM / "protocol.py"))["OneWrite"]


class Transport:
    """Notes what is written and when it is closed."""

    peer = "somebody"

    def __init__(self) -> None:
        self.noted: list[bytes | str] = []

    def writelines(self, parts: list[bytes]) -> None:
        self.noted.append(b"".join(parts))

    def close(self) -> None:
        self.noted.append("closed")


def noted(*turns: list[bytes], close: bool = False) -> list[bytes | str]:
    """What a transport sees of what is written in some turns of the loop."""

    async def write() -> list[bytes | str]:
        transport = Transport()
        one = OneWrite(transport)
        for turn in turns:
            for data in turn:
                one.write(data)
            if not close:
                await asyncio.sleep(0)
        if close:
            one.close()
            await asyncio.sleep(0)
        assert one.peer == "somebody"
        return transport.noted

    return asyncio.run(write())


def test_a_head_and_its_body_are_one_write():
    assert noted([b"head", b"body"]) == [b"headbody"]


def test_what_comes_later_is_another_one():
    assert noted([b"head"], [b"part", b"of the body"], [], [b"its end"]) == [b"head", b"partof the body", b"its end"]


def test_a_transport_that_is_closed_has_written_all():
    assert noted([b"head", b"body"], close=True) == [b"headbody", "closed"]
