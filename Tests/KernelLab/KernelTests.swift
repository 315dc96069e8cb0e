import Foundation
import TestSupport
import Testing

extension KernelLabs {
    /// What the kernels are, and what is in them.
    @Suite struct Kernels {
        @Test(
            "each kernel is another than the machine's, and has what the fast datapath needs",
            arguments: KernelLab.allCases)
        func facilities(lab: KernelLab) throws {
            let output = try lab.require(
                """
                uname -r
                nproc
                ls -1 /sys/module
                for kind in dummy nlmon vxlan bridge veth; do
                    extra=()
                    [[ $kind != vxlan ]] || extra=(dstport 6784 external)
                    ip link add "made-$kind" type "$kind" "${extra[@]}"
                    ip link show "made-$kind" | head -n 1
                done
                ip tuntap add dev made-tap mode tap && ip link show made-tap | head -n 1
                ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 mode transport \\
                    aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128
                ip xfrm state | head -n 1
                """)
            let lines = output.split(separator: "\n").map(String.init)
            let series = ["uml": "6.1.", "qemu": "6.12."][lab.rawValue] ?? ""
            #expect(lines.first?.hasPrefix(series) == true, "\(output)")
            #expect(lines.dropFirst().first == (lab == .uml ? "1" : "2"))
            for module in ["openvswitch", "vport_vxlan", "vxlan", "esp4", "sch_netem", "dummy", "nlmon", "cls_bpf"] {
                #expect(lines.contains(module), "no module \(module)")
            }
            for device in ["dummy", "nlmon", "vxlan", "bridge", "veth", "tap"] {
                #expect(lines.contains { $0.contains("made-\(device)") }, "no device made-\(device)")
            }
            #expect(lines.last?.hasPrefix("src 192.0.2.1") == true)
        }

        @Test("a datapath can be made: its own port appears as a device", arguments: KernelLab.allCases)
        func datapath(lab: KernelLab) throws {
            let output = try lab.require(
                """
                python3 - <<'PYTHON'
                \(Self.makeDatapath)
                PYTHON
                ls -1 /sys/class/net
                """)
            #expect(output.split(separator: "\n").contains("made-here"), "\(output)")
        }

        @Test("netem delays what passes by what it is told", arguments: KernelLab.allCases)
        func delay(lab: KernelLab) throws {
            let output = try lab.require(
                """
                ip netns add there
                ip link add here type veth peer name there netns there
                ip addr add 192.0.2.1/24 dev here
                ip link set here up
                ip -n there addr add 192.0.2.2/24 dev there
                ip -n there link set there up
                ping -q -n -c 1 -w 20 192.0.2.2 >/dev/null
                tc qdisc add dev here root netem delay 300ms
                ping -n -c 3 -i 0.2 192.0.2.2
                """)
            let times = output.matches(of: /time=([0-9.]+) ms/).compactMap { Double($0.1) }
            #expect(times.count == 3 && times.allSatisfy { $0 >= 300 }, "\(output)")
        }

        /// Asks the family `ovs_datapath` of generic netlink for a new datapath (linux/openvswitch.h, OVS_DP_CMD_NEW).
        static let makeDatapath = """
            import socket, struct
            link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)  # NETLINK_GENERIC
            link.bind((0, 0))
            def attribute(kind, value):
                return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
            def ask(family, flags, command, version, body):
                link.send(struct.pack("IHHIIBBH", 20 + len(body), family, flags, 1, 0, command, version, 0) + body)
                answer = link.recv(65536)
                if struct.unpack_from("H", answer, 4)[0] == 2:  # NLMSG_ERROR, which is also what an acknowledgement is
                    code = struct.unpack_from("i", answer, 16)[0]
                    assert code == 0, code
                return answer
            # CTRL_CMD_GETFAMILY by CTRL_ATTR_FAMILY_NAME; the answer's CTRL_ATTR_FAMILY_ID is wanted.
            answer, place, family = ask(16, 1, 3, 1, attribute(2, b"ovs_datapath" + bytes(1))), 20, None
            while place < len(answer):
                length, kind = struct.unpack_from("HH", answer, place)
                if kind == 1:
                    family = struct.unpack_from("H", answer, place + 4)[0]
                place += (length + 3) & ~3
            # struct ovs_header, OVS_DP_ATTR_NAME, OVS_DP_ATTR_UPCALL_PID; requested with an acknowledgement.
            ask(family, 5, 1, 2, struct.pack("i", 0) + attribute(1, b"made-here" + bytes(1)) + attribute(2, bytes(4)))
            """
    }
}
