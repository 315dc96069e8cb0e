import Foundation

/// Where the programs under test are: `WEFT_BIN_DIR`, else the folder of the running test program.
public enum Programs {
    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["WEFT_BIN_DIR"] { return URL(filePath: path) }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        return URL(filePath: program).deletingLastPathComponent()
    }()
    public static let weft = folder.appending(path: "weft").path

    /// nil, or why no test can run in namespaces here.
    public static let missing: String? = {
        if geteuid() != 0 { return "network namespaces need root" }
        for name in ["weft", "weftd"] where !FileManager.default.isExecutableFile(atPath: "\(folder.path)/\(name)") {
            return "\(name) is not built in \(folder.path)"
        }
        return nil
    }()
}
