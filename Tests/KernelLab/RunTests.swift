import Foundation
import TestSupport
import Testing

extension KernelLabs {
    /// What scripts/lab promises of a command that it runs.
    @Suite struct Runs {
        /// Tells the folder of its run, which the machine sees too: the kernel's command line has it.
        static let tellFolder = "grep -o 'WEFT_LAB_RUN=[^ ]*' /proc/cmdline"

        /// The run that `tellFolder` told of has left neither its folder nor a process.
        static func expectGone(_ output: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            let told = try #require(output.firstMatch(of: /WEFT_LAB_RUN=(\S+)/), sourceLocation: sourceLocation)
            let folder = String(told.1)
            #expect(!FileManager.default.fileExists(atPath: folder), sourceLocation: sourceLocation)
            for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
                let words = (try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))) ?? Data()
                #expect(
                    words.range(of: Data(folder.utf8)) == nil, "process \(process) is left",
                    sourceLocation: sourceLocation)
            }
        }

        @Test(
            "status, both streams, folder, files and WEFT_ variables pass through, and nothing stays",
            arguments: KernelLab.allCases)
        func passThrough(lab: KernelLab) async throws {
            try await KernelLab.withFolder { folder in
                try "from outside".write(to: folder.appending(path: "given"), atomically: true, encoding: .utf8)
                let program = try lab.start(
                    """
                    \(Self.tellFolder)
                    id -u
                    pwd
                    cat given; echo
                    echo "$WEFT_SAID" in "$WEFT_LAB_KERNEL"
                    echo "from inside" >made
                    head -c 300000 /dev/zero | tr '\\0' x
                    echo; echo complaint >&2
                    python3 -c 'import socket, os; socket.socket(socket.AF_UNIX).bind(os.environ["TMPDIR"] + "/socket")'
                    sleep 1000 &
                    exit 77
                    """, environment: ["WEFT_SAID": "a \"b\" $c\n'd'"], folder: folder)
                #expect(program.wait() == 77)
                let output = try KernelLab.text("output", in: folder)
                let lines = output.split(separator: "\n").map(String.init)
                #expect(
                    Array(lines.dropFirst().prefix(5)) == [
                        "0", folder.path, "from outside", "a \"b\" $c", "'d' in \(lab)",
                    ])
                #expect(lines.last == String(repeating: "x", count: 300_000))
                #expect(try KernelLab.text("errors", in: folder).hasSuffix("complaint\n"))
                #expect(try KernelLab.text("made", in: folder) == "from inside\n")
                try await Self.expectGone(output)
            }
        }

        @Test("a command that does not end is stopped at the time limit with status 124", arguments: KernelLab.allCases)
        func timeLimit(lab: KernelLab) async throws {
            let result = try lab.run("sleep 1000", limit: .seconds(8))
            #expect(result.status == 124)
            #expect(result.errors.contains("still running after 8 s"), "\(result.text)")
        }

        @Test(
            "output comes as it is printed, and a run that is ended from outside leaves nothing",
            arguments: KernelLab.allCases)
        func ended(lab: KernelLab) async throws {
            try await KernelLab.withFolder { folder in
                let program = try lab.start("\(Self.tellFolder)\necho running\nsleep 1000", folder: folder)
                defer { program.kill() }
                try await eventually("the command has printed", within: .seconds(120)) {
                    try KernelLab.text("output", in: folder).contains("running")
                }
                #expect(program.isRunning)
                program.terminate()
                #expect(program.wait() == 143)
                try await Self.expectGone(KernelLab.text("output", in: folder))
            }
        }

        @Test(
            "a kernel that ends before its command is told apart from the command, with its last words",
            arguments: KernelLab.allCases)
        func kernelEnds(lab: KernelLab) async throws {
            let result = try lab.run("\(Self.tellFolder)\necho c >/proc/sysrq-trigger\nsleep 1000")
            #expect(result.status == 125)
            #expect(result.errors.contains("sysrq triggered crash"), "\(result.text)")
            try await Self.expectGone(result.output)
        }
    }
}
