"""Ports: the wanted ones where free, others where not."""

import socket
from dataclasses import astuple

from embedded.cloud.ports import HOST, Ports, free_ports, in_use


def test_a_taken_port_is_named_and_replaced():
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        ports, named = free_ports(Ports(front_door=taken, aws=0, firehose=0, page=0))
    assert named == {"front_door": taken}
    assert ports.front_door != taken


def test_chosen_ports_differ_and_are_free():
    ports, named = free_ports(Ports(0, 0, 0, 0))
    assert named == {}
    assert len(set(astuple(ports))) == 4
    assert not any(in_use(port) for port in astuple(ports))
