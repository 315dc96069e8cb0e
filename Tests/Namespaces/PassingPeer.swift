/// Peers that connect and leave, eight at a time, in Python: each shakes hands in clear, says that it is there over UDP until
/// the overlay is established, and ends the connection, by turns with a reset and in order. Each has another name.
///
/// Arguments: the router's address and how many peers. After each ten it writes how many have passed.
let passingPeer = """
    import os, socket, struct, sys
    from concurrent.futures import ThreadPoolExecutor
    address, times = sys.argv[1], int(sys.argv[2])

    def unsigned(n):
        if n < 128: return bytes([n])
        size = (n.bit_length() + 7) // 8
        return bytes([256 - size]) + n.to_bytes(size, "big")
    def text(s): return unsigned(len(s)) + s.encode()
    def frame(body): return struct.pack(">I", len(body)) + body
    def features(values):
        value = unsigned(len(values)) + b"".join(text(k) + text(v) for k, v in values.items())
        value = bytes.fromhex("ff8200") + value
        return bytes.fromhex("0eff81040102ff8200010c010c0000") + unsigned(len(value)) + value

    def exactly(tcp, count):
        data = b""
        while len(data) < count:
            more = tcp.recv(count - len(data))
            if not more: raise EOFError("the router closed the connection")
            data += more
        return data
    def texts(data):
        # The definition, then the value: its length, its type, a zero, how many pairs, and their texts.
        at = 1 + data[0]
        at += 1 if data[at] < 128 else 1 + 256 - data[at]
        at += 3
        count, at, found = data[at] * 2, at + 1, []
        for _ in range(count):
            found.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        return dict(zip(found[::2], found[1::2]))

    def passes(number):
        mac = struct.pack(">HI", 0x0200, number + 1)
        half = int.from_bytes(os.urandom(7), "big")
        tcp = socket.create_connection((address, 6783), 10)
        tcp.sendall(b"weave\\x02\\x02\\x00" + frame(features({
            "PeerNameFlavour": "mac", "Name": mac.hex(":"), "NickName": "passing-%d" % number, "UID": str(number + 1),
            "ConnID": str(half), "Overlays": "sleeve"})))
        assert exactly(tcp, 8) == b"weave\\x02\\x02\\x00"
        theirs = texts(exactly(tcp, struct.unpack(">I", exactly(tcp, 4))[0]))
        router = bytes.fromhex(theirs["Name"].replace(":", ""))
        heartbeat = mac + mac + router + struct.pack(">H", 22) + bytes(14) \\
            + (half ^ int(theirs["ConnID"])).to_bytes(8, "big")
        # Established in both directions: tells so, and waits for a test of the path, which comes only then.
        tcp.sendall(frame(b"\\x07\\x00\\x01"))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("", 0))
        udp.settimeout(0.02)
        for _ in range(1000):
            udp.sendto(heartbeat, (address, 6783))
            try:
                datagram = udp.recv(65536)
                if datagram[:6] == router and datagram[12:18] == mac and len(datagram) > 60: break
                tcp.sendall(frame(b"\\x07\\x00\\x01"))
            except socket.timeout: pass
        else: raise EOFError("no test of the path came")
        if number % 2: tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tcp.close()
        udp.close()

    with ThreadPoolExecutor(8) as threads:
        for passed, _ in enumerate(threads.map(passes, range(times)), 1):
            if passed % 10 == 0: print(passed, flush=True)
    """
