public import ArgumentParser
import Glibc

/// `--socket`: where the daemon's control API is. Every verb takes it.
public struct ControlSocket: ParsableArguments {
    public static let defaultPath = "/run/weft/weft.sock"
    /// The environment variable that stands in for the option.
    public static let variable = "WEFT_SOCKET"
    /// `sun_path` holds 108 bytes, the last one zero (unix(7)).
    public static let longestPathBytes = 107

    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The daemon's control socket.",
            discussion: "Default: the environment variable \(Self.variable), else \(Self.defaultPath).",
            valueName: "path"))
    public var option: String?

    public init() {}

    public func validate() throws {
        guard path.hasPrefix("/") else {
            throw ValidationError("the socket's path \"\(path)\" must be absolute, such as \(Self.defaultPath)")
        }
        guard path.utf8.count <= Self.longestPathBytes else {
            throw ValidationError(
                "the socket's path has \(path.utf8.count) bytes; the kernel takes \(Self.longestPathBytes)")
        }
    }

    /// The option, else the environment, else the default.
    public var path: String {
        option ?? environmentValue(Self.variable) ?? Self.defaultPath
    }
}

/// nil if the variable is not set or empty.
func environmentValue(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}
