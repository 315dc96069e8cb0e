import Foundation
import TestSupport
import Testing

extension KernelLabs {
    /// Hosts as namespaces inside a lab kernel, with the programs that users run.
    @Suite(.enabled(if: KernelLab.missingPrograms == nil, Comment(rawValue: KernelLab.missingPrograms ?? "")))
    struct Hosts {
        @Test(
            "the demo passes: two hosts, a daemon and a container each, no packet lost", arguments: KernelLab.allCases)
        func demo(lab: KernelLab) throws {
            let programs = try #require(KernelLab.programs)
            let output = try lab.require(
                "\"$WEFT_REPOSITORY\"/scripts/demo",
                environment: ["WEFT_BIN_DIR": programs, "WEFT_REPOSITORY": Fixture.repository.path],
                limit: .seconds(600))
            #expect(output.contains("box1 -> box2: 3 packets transmitted, 3 received, 0% packet loss"), "\(output)")
            #expect(output.contains("nothing is left behind"), "\(output)")
        }
    }
}
