"""Watches the daemons of a lab by their own API. Standard library only.

mesh.py converge START SECONDS SOCKET...   waits until every daemon's view is a full mesh of established connections;
                                           prints the seconds since START (seconds since 1970)
mesh.py counts SOCKET...                   the counters of all daemons, summed, as JSON
"""

import http.client
import json
import socket
import sys
import time


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(path, what):
    connection = UnixConnection(path)
    try:
        connection.request("GET", what)
        answer = connection.getresponse()
        return json.loads(answer.read())
    finally:
        connection.close()


def is_full(path, count):
    """Whether this daemon knows all peers, and every one of them lists all others as established."""
    try:
        peers = get(path, "/v1/status")["peers"]
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return peers["known"] == count and peers["establishedConnections"] == count * (count - 1)


def converge(start, seconds, sockets):
    # One that is complete stays so while nothing fails: each is asked until it is.
    for path in sockets:
        while not is_full(path, len(sockets)):
            if time.time() - start > seconds:
                peers = get(path, "/v1/peers")
                links = sum(connection["established"] for peer in peers for connection in peer["connections"])
                sys.exit(f"not within {seconds:g} s: {path} knows {len(peers)} peers, {links} connection ends")
            time.sleep(0.02)
    return time.time() - start


def main():
    if sys.argv[1] == "converge":
        print(f"{converge(float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]):.2f}")
    elif sys.argv[1] == "counts":
        total = {}
        for path in sys.argv[2:]:
            for counter in get(path, "/v1/status")["counters"]:
                total[counter["name"]] = total.get(counter["name"], 0) + counter["value"]
        print(json.dumps(total, indent=2, sort_keys=True))


main()
