"""The process that reads and packs, so that the other one only sends: `python -m pumper.worker`, run by `feeds`.

It is given a Job, pickled, on its standard input and writes frames to its standard output: four bytes of length, then
a pickled Portion; a Refusal when a Problem ends it; None when all is said. It ends when nobody reads any more.
"""

import gc
import os
import pickle
import sys

from headrace.console import Problem
from pumper.packing import Refusal, open_packer

LENGTH_BYTES = 4


def main() -> None:
    # Nothing here makes cycles, so looking for them among the visitors and products that are kept only costs time.
    gc.disable()
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    try:
        with open_packer(job) as packer:
            _say(packer.portion())  # empty: everything could be opened
            for portion in packer.portions(job.batches_a_portion):
                _say(portion)
        _say(None)
    except Problem as problem:
        _say(Refusal(problem.cause, problem.cure))


def _say(told: object) -> None:
    content = pickle.dumps(told, pickle.HIGHEST_PROTOCOL)
    left = memoryview(len(content).to_bytes(LENGTH_BYTES, "big") + content)
    try:
        while left:
            left = left[os.write(1, left) :]
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
