"""Visitors are the same whenever and wherever they are asked for."""

import subprocess
import sys

from pumper.visitors import KNOWN_SHARE, RETURNING_SHARE, Visitors, pool_size, quoted

SESSIONS = [f"{number:064x}" for number in range(20_000)]


def test_a_session_has_the_same_visitor_in_every_process():
    code = "from pumper.visitors import Visitors; print(Visitors(pool=64, seed=7).of('session'))"
    other = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert other == {str(Visitors(pool=64, seed=7).of("session"))}


def test_another_seed_makes_other_visitors():
    assert Visitors(pool=64, seed=1).of("session").client_id != Visitors(pool=64, seed=2).of("session").client_id


def test_some_clients_come_back_and_keep_their_browser():
    visitors = Visitors(pool=2_048, seed=1)
    seen: dict = {}
    for session in SESSIONS:
        visitor = visitors.of(session)
        seen.setdefault(visitor.client_id, []).append(visitor)
    again = [met for met in seen.values() if len(met) > 1]
    returning = sum(map(len, again)) / len(SESSIONS)
    assert RETURNING_SHARE - 0.06 < returning < RETURNING_SHARE + 0.02  # a few of the pool are met once only
    for met in again:
        assert len({(v.user_agent, v.language, v.screen, v.tenant, v.user_id) for v in met}) == 1


def test_the_share_of_known_users():
    visitors = Visitors(pool=2_048, seed=1)
    clients = {visitor.client_id: visitor.user_id for visitor in map(visitors.of, SESSIONS)}
    assert abs(sum(map(bool, clients.values())) / len(clients) - KNOWN_SHARE) < 0.02


def test_a_few_more_rows_change_nobody():
    assert pool_size(6_000_000_000) == pool_size(6_000_100_000) == 262_144
    assert pool_size(0) == 1


def test_quoting_leaves_hashes_alone_and_all_else_safe():
    assert quoted("0a1b") == "0a1b"
    assert quoted("a&b=ü") == "a%26b%3D%C3%BC"
