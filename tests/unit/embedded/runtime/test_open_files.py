import resource

from embedded.runtime.__main__ import MOST_FILES, allow_many_files


def test_the_runtime_may_open_as_many_files_as_this_machine_allows():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        allow_many_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == (MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
