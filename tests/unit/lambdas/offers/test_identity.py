"""Who a client is at which time."""

import pytest
from offers.identity import MAX_USERS, Client, Since


def named(*names: tuple[int, str]) -> Client:
    client = Client()
    for at, user_id in names:
        client = client.named(at, user_id)
    return client


def test_a_client_that_was_never_named_is_nobody():
    assert Client().user_at(10) is None


def test_before_it_was_first_named_it_was_the_same_user():
    assert named((10, "ann")).user_at(0) == "ann"


def test_being_named_again_is_no_news():
    client = named((10, "ann"))
    assert client.named(20, "ann") is client
    assert client.named(5, "ann") is client


@pytest.mark.parametrize(("moment", "user_id"), [(0, "ann"), (19, "ann"), (20, "bob"), (29, "bob"), (30, "ann")])
def test_each_user_has_their_time(moment: int, user_id: str):
    assert named((10, "ann"), (20, "bob"), (30, "ann")).user_at(moment) == user_id


def test_a_late_name_takes_its_place_in_time():
    assert named((10, "ann"), (30, "cid"), (20, "bob")).users == (Since(10, "ann"), Since(20, "bob"), Since(30, "cid"))


def test_a_library_computer_stays_small():
    assert len(named(*((at, f"user-{at}") for at in range(100))).users) == MAX_USERS
