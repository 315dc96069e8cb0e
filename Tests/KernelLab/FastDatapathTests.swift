import Foundation
import TestSupport
import Testing

extension KernelLabs {
    /// Hosts whose frames the kernel carries: Open vSwitch and VXLAN, programmed by weftd.
    @Suite(.enabled(if: KernelLab.missingPrograms == nil, Comment(rawValue: KernelLab.missingPrograms ?? "")))
    struct FastDatapath {
        /// Functions for the scripts of these tests; hosts are known to each other by `--no-discovery` and who is told of
        /// whom, so that a line is a line on one underlay.
        private static let functions = """
            . "$WEFT_REPOSITORY/scripts/lib/common.sh"
            . "$WEFT_REPOSITORY/scripts/lib/lab.sh"
            programs=$WEFT_BIN_DIR
            finish() {
                local status=$?
                trap - EXIT
                ((status == 0)) || tail -n 20 "$lab_directory"/host*/state/weftd.log || :
                lab_close
                exit $status
            }
            trap finish EXIT
            lab_open fast
            # launch N OPTION... [PEER...]
            launch() {
                local n=$1
                shift
                lab_weft "$n" launch --state-dir "$lab_directory/host$n/state" --nickname "host$n" --no-discovery "$@" \\
                    </dev/null >/dev/null
            }
            box() { lab_namespace "box$1"; lab_weft "$1" attach "10.32.0.$1/12" "$lab_prefix-box$1" >/dev/null; }
            # line N: hosts 1 to N, each told of the one before.
            line() {
                local n
                for ((n = 1; n <= $1; n++)); do
                    lab_host "$n"
                    if ((n == 1)); then launch 1; else launch "$n" "192.0.2.$((n - 1))"; fi
                    box "$n"
                done
            }
            path_is() { [[ $(lab_weft "$1" status connections | grep -c "^established.* $2 ") == "$3" ]]; }
            ping_box() { lab_in "box$1" ping -n -q -c "${3:-5}" -i "${4:-0.2}" -W 2 "10.32.0.$2"; }
            reaches() { lab_in "box$1" ping -n -q -c 1 -W 1 "10.32.0.$2"; }
            upcalls() { lab_weft "$1" status datapath -o json | grep -o '"misses": *[0-9]*' | grep -o '[0-9]*'; }
            hits() { lab_weft "$1" status datapath -o json | grep -o '"hits": *[0-9]*' | grep -o '[0-9]*'; }
            has_hits() { (($(hits "$1") >= $2)); }
            tunnelled() { lab_in "host$1" cat /sys/class/net/vxlan-6784/statistics/tx_packets; }
            """

        private func run(_ lab: KernelLab, _ script: String) throws -> String {
            let programs = try #require(KernelLab.programs)
            return try lab.require(
                Self.functions + "\n" + script,
                environment: ["WEFT_BIN_DIR": programs, "WEFT_REPOSITORY": Fixture.repository.path],
                limit: .seconds(400))
        }

        @Test(
            "two hosts find 1,450 bytes and talk through the kernel, and nothing is left by reset",
            arguments: KernelLab.allCases)
        func twoHosts(lab: KernelLab) throws {
            let output = try run(
                lab,
                """
                line 2
                wait_until 30 "both use the kernel" path_is 1 fastdp 1
                wait_until 30 "boxes reach each other" reaches 1 2
                before=$(tunnelled 1)
                ping_box 1 2 20 0.1
                ((before + 20 <= $(tunnelled 1))) && echo "the kernel tunnelled them"
                lab_weft 1 status connections
                lab_weft 1 status datapath
                lab_weft 1 reset
                lab_in host1 ip -o link
                """)
            #expect(output.contains("20 packets transmitted, 20 received, 0% packet loss"), "\(output)")
            #expect(output.contains("the kernel tunnelled them"), "\(output)")
            #expect(output.contains("fastdp  no         1450"), "\(output)")
            #expect(output.contains("removed datapath datapath"), "\(output)")
            let links = output.split(separator: "\n").filter { $0.contains("mtu") && $0.contains("qdisc") }
            #expect(links.count == 2, "more than lo and eth0 is left: \(links)")
        }

        @Test(
            "a host between two passes their frames on in the kernel, without being asked for each",
            arguments: KernelLab.allCases)
        func relay(lab: KernelLab) throws {
            let output = try run(
                lab,
                """
                line 3
                wait_until 30 "the one between uses the kernel" path_is 2 fastdp 2
                wait_until 30 "the ends reach each other" reaches 1 3
                ping_box 1 3 5 0.1 >/dev/null
                before=$(upcalls 2)
                passed=$(hits 2)
                ping_box 1 3 100 0.02
                wait_until 10 "the kernel has counted what it passed on" has_hits 2 $((passed + 200))
                echo "asked $(($(upcalls 2) - before)) times"
                """)
            #expect(output.contains("100 packets transmitted, 100 received, 0% packet loss"), "\(output)")
            let asked = try #require(output.firstMatch(of: /asked ([0-9]+) times/).flatMap { Int($0.1) })
            // Heartbeats are upcalls: two neighbours, twice a second, for some seconds.
            #expect(asked < 60, "\(output)")
        }

        @Test(
            "where UDP 6784 is dropped sleeve takes over, and the kernel again when it is let through",
            arguments: [KernelLab.uml])
        func fallback(lab: KernelLab) throws {
            let output = try run(
                lab,
                """
                line 2
                wait_until 30 "both use the kernel" path_is 1 fastdp 1
                wait_until 30 "boxes reach each other" reaches 1 2
                ping_box 1 2 100 0.1 > "$lab_directory/pings" &
                pings=$!
                lab_in host2 iptables-legacy -A INPUT -p udp --dport 6784 -j DROP
                begin=$(date +%s%N)
                wait_until 10 "sleeve carries" path_is 1 sleeve 1
                wait_until 10 "sleeve carries" path_is 2 sleeve 1
                echo "left after $((($(date +%s%N) - begin) / 1000000)) ms"
                lab_weft 1 status connections
                lab_in host2 iptables-legacy -D INPUT -p udp --dport 6784 -j DROP
                wait_until 10 "the kernel carries again" path_is 1 fastdp 1
                wait_until 10 "the kernel carries again" path_is 2 fastdp 1
                wait "$pings" || :
                cat "$lab_directory/pings"
                """)
            #expect(output.contains("not by fast datapath: no heartbeat came back over UDP port 6784"), "\(output)")
            let received = try #require(output.firstMatch(of: /([0-9]+) received/).flatMap { Int($0.1) })
            // Ten a second: what three seconds cost.
            #expect(received >= 70, "\(output)")
        }

        @Test(
            "a daemon that is stopped or killed and started again loses no packet, at either end",
            arguments: KernelLab.allCases)
        func restart(lab: KernelLab) throws {
            let output = try run(
                lab,
                """
                line 2
                wait_until 30 "both use the kernel" path_is 1 fastdp 1
                wait_until 30 "boxes reach each other" reaches 1 2
                ping_box 1 2 5 0.2 >/dev/null
                for host in 1 2; do
                    for how in stop kill; do
                        ping_box 1 2 500 0.01 > "$lab_directory/pings" &
                        pings=$!
                        if [[ $how == stop ]]; then
                            lab_weft "$host" stop >/dev/null
                        else
                            pkill -9 -f "weftd .*$lab_directory/host$host/state"
                        fi
                        if ((host == 1)); then launch 1; else launch 2 192.0.2.1; fi
                        wait "$pings" || :
                        echo "$host $how: $(grep received "$lab_directory/pings")"
                        wait_until 30 "the kernel carries again" path_is 1 fastdp 1
                    done
                done
                """)
            for what in ["1 stop", "1 kill", "2 stop", "2 kill"] {
                #expect(output.contains("\(what): 500 packets transmitted, 500 received, 0% packet loss"), "\(output)")
            }
        }

        @Test("--no-fastdp turns it off, also after a run with it, and the status says so", arguments: [KernelLab.uml])
        func turnedOff(lab: KernelLab) throws {
            let output = try run(
                lab,
                """
                line 2
                wait_until 30 "both use the kernel" path_is 1 fastdp 1
                lab_weft 2 stop
                launch 2 --no-fastdp 192.0.2.1
                wait_until 30 "sleeve carries" path_is 1 sleeve 1
                wait_until 30 "boxes reach each other" reaches 1 2
                ping_box 1 2 5 0.2
                lab_weft 2 status datapath
                lab_in host2 ip -o link
                """)
            #expect(output.contains("5 packets transmitted, 5 received, 0% packet loss"), "\(output)")
            #expect(output.contains("not used: it is turned off (--no-fastdp, WEFT_NO_FASTDP)"), "\(output)")
            #expect(!output.contains("vethwe-datapath"), "\(output)")
        }
    }
}
