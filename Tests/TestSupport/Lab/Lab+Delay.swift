import Foundation

extension Lab {
    /// Packets from one host to another take this much longer from now on: they are led through a tunnel device, whose
    /// program hands each back to the kernel when its time has come. Kernels need nothing for it, such as netem.
    public func delay(from host: LabHost, to other: LabHost, milliseconds: Int) async throws {
        let device = "slow\(other.number)"
        let program = """
            import collections, fcntl, os, select, struct, sys, time
            tunnel = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(tunnel, 0x400454ca, struct.pack("16sH22x", sys.argv[1].encode(), 0x1001))  # TUNSETIFF: TUN, NO_PI
            delay, waiting = int(sys.argv[2]) / 1000, collections.deque()
            print("ready", flush=True)
            while True:
                patience = max(0, waiting[0][0] - time.monotonic()) if waiting else None
                if select.select([tunnel], [], [], patience)[0]:
                    waiting.append((time.monotonic() + delay, os.read(tunnel, 65536)))
                while waiting and waiting[0][0] <= time.monotonic():
                    os.write(tunnel, waiting.popleft()[1])
            """
        let folder = host.folder.appending(path: device)
        _ = try start(
            ["ip", "netns", "exec", host.namespace, "python3", "-c", program, device, "\(milliseconds)"], folder: folder
        )
        try await eventually("the tunnel is there") {
            try String(contentsOf: folder.appending(path: "output"), encoding: .utf8).contains("ready")
        }
        // What comes back has the host's own address, and goes on over the underlay.
        for (name, value) in [("ip_forward", 1), ("conf/\(device)/accept_local", 1), ("conf/\(device)/rp_filter", 0)] {
            try host.run(["sh", "-c", "echo \(value) > /proc/sys/net/ipv4/\(name)"])
        }
        for words in [
            ["link", "set", device, "up"],
            ["route", "add", "default", "dev", "eth0", "table", "100"],
            ["rule", "add", "iif", device, "lookup", "100"],
            ["route", "add", other.address, "dev", device, "src", host.address],
        ] {
            try Command.require(["ip", "-n", host.namespace] + words)
        }
    }
}
