import ArgumentParser
import ControlAPI
import ControlPlane
import ControlTypes
import Glibc
import LaunchOptions
import LogOutput
import Logging
import ServiceLifecycle
import UnixSignals
import Wire

/// The daemon's entry: options in, configuration and wiring out.
@main
struct Weftd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weftd",
        abstract: "The router of weft: one a host. People start it with `weft launch`.",
        version: WeftVersion.text)

    @OptionGroup var options: LaunchOptions

    func run() async throws {
        let logger = logger()
        let password = try readPassword(logger)
        let claim = try claimSocket(logger)
        let stop = StopSignal()
        let control: ControlPlane
        do throws(ControlPlaneError) {
            control = try await ControlPlane(
                configuration(password: password), logger: logger, onStop: { stop.request() })
        } catch {
            claim.release()
            logger.critical("weft cannot start", metadata: ["reason": "\(error)"])
            throw ExitCode(1)
        }
        let server = ControlServer(claim: claim, operations: control, logger: logger) {
            Readiness.announce(logger)
        }
        let services = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: ControlPlaneService(control: control)),
                    .init(service: server),
                    .init(service: StopService(stop: stop), successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        do {
            try await services.run()
        } catch {
            logger.critical("weft has failed", metadata: ["reason": "\(error)"])
            await control.shutDown()
            throw ExitCode(1)
        }
    }

    /// Before anything else: a second daemon must not touch what the first one uses.
    private func claimSocket(_ logger: Logger) throws -> SocketClaim {
        do throws(ControlSocketError) {
            return try SocketClaim(path: options.socket.path)
        } catch {
            logger.critical("weft cannot start", metadata: ["reason": "\(error)"])
            // 3: another daemon serves on this socket, as `weft launch` says it too.
            if case .inUse = error { throw ExitCode(3) }
            throw ExitCode(1)
        }
    }

    private func logger() -> Logger {
        let format: LineFormat = options.logFormat == .json ? .json : .text
        let level = Logger.Level(rawValue: options.logLevel.rawValue) ?? .info
        return Logger(label: "weft") { _ in LineLogHandler(format: format, level: level) }
    }

    private func readPassword(_ logger: Logger) throws -> [UInt8]? {
        guard let file = options.passwordFile else { return nil }
        let password: Password
        do throws(PasswordError) {
            password = try Password(file: file)
        } catch {
            logger.critical("weft cannot start", metadata: ["reason": "\(error)"])
            throw ExitCode(1)
        }
        if password.isReadableByOthers {
            logger.warning(
                "others can read the password file", metadata: ["object": "\(file)", "advice": "chmod 600 \(file)"])
        }
        return password.bytes
    }

    private func configuration(password: [UInt8]?) -> ControlPlaneConfiguration {
        ControlPlaneConfiguration(
            name: options.name, nickname: options.nickname ?? hostName(), host: options.host ?? .any,
            port: options.port, password: password, minimumVersion: UInt8(options.minimumProtocol),
            maximumVersion: UInt8(options.maximumProtocol), discovery: !options.noDiscovery,
            connectionLimit: options.connectionLimit, trustedSubnets: options.trustedSubnets.networks, mtu: options.mtu,
            stateDirectory: options.stateDirectory,
            hasOwnStateDirectory: options.hasOwnStateDirectory, socketPath: options.socket.path, peers: options.peers,
            recordingDirectory: environment("WEFT_RECORD"), isForRemoval: options.forRemoval,
            fastDatapath: !options.noFastDatapath && environment("WEFT_NO_FASTDP").map { $0 == "0" } ?? true,
            without: (environment("WEFT_WITHOUT") ?? "").split(separator: ",").map(String.init))
    }
}

/// A variable of the environment; nil if it is not set or empty.
func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}

/// The host's name, as nickname; empty if the kernel has none.
private func hostName() -> String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
