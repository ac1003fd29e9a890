"""A network that does harm, on loopback: a proxy between clients and the server. What it does to a connection comes from a seed:

    passes    delays    throttles    cuts the request    cuts the reply    keeps the reply    doubles    half-closes either side

Each connection carries one request. `counts` says how many of each there were."""
import random
import socket
import struct
import threading

KINDS = ["passes", "delays", "throttles", "cuts the request", "cuts the reply", "keeps the reply", "doubles", "half-closes", "half-closes back"]
WAIT_S = 10  # for a side that says nothing


def reset(s):
    """Ends it as a network does: no goodbye."""
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    s.close()


def read_request(s):
    """All bytes of one request with a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            return data
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        more = s.recv(65536)
        if not more:
            break
        body += more
        data += more
    return data


class Chaos:
    def __init__(self, port, seed):
        self.port, self.rng, self.lock = port, random.Random(seed), threading.Lock()
        self.counts = {kind: 0 for kind in KINDS}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.own_port = self.listener.getsockname()[1]
        self.threads = []
        self.accepting = threading.Thread(target=self.accept)
        self.accepting.start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                kind, rng = self.rng.choice(KINDS), random.Random(self.rng.random())
                self.counts[kind] += 1
            thread = threading.Thread(target=self.serve, args=(client, kind, rng))
            thread.start()
            self.threads.append(thread)

    def serve(self, client, kind, rng):
        upstream = None
        try:
            client.settimeout(WAIT_S)
            request = read_request(client)
            upstream = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
            upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.carry(client, upstream, request, kind, rng)
        except OSError:
            pass
        for s in (client, upstream):
            if s:
                reset(s)

    def carry(self, client, upstream, request, kind, rng):
        pause = threading.Event()  # never set: a network's own time
        if kind == "cuts the request":
            upstream.sendall(request[:rng.randrange(len(request))])
            return
        pieces = [request]
        if kind in ("delays", "throttles"):
            size = rng.randint(1, 40) if kind == "throttles" else rng.randint(1, len(request))
            pieces = [request[i:i + size] for i in range(0, len(request), size)]
        for piece in pieces:
            upstream.sendall(piece)
            if len(pieces) > 1:
                pause.wait(rng.uniform(0, 0.05) if kind == "delays" else 0.001)
        if kind == "half-closes":
            upstream.shutdown(socket.SHUT_WR)
        second = None
        if kind == "doubles":
            second = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
            second.sendall(request)
        if kind == "keeps the reply" and rng.random() < 0.5:
            return  # gone before the server has answered
        reply = b""
        while True:
            more = upstream.recv(65536)
            if not more:
                break
            reply += more
        if second:
            while second.recv(65536):
                pass
            second.close()
        if kind == "keeps the reply":
            return
        if kind == "cuts the reply":
            reply = reply[:rng.randrange(len(reply) or 1)]
        client.sendall(reply)
        if kind == "half-closes back" or kind != "cuts the reply":
            client.shutdown(socket.SHUT_WR)
            client.recv(1)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join()
        for thread in self.threads:
            thread.join()
