// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target that weft ships: no implicit existential, no leaked imports, every unsafe use marked.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
/// Tests may look into unsafe memory without saying so; everything else is as strict.
let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A core: values and state machines, no I/O (`docs/architecture.md`, "Cores do no I/O").
func core(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}
/// The edge: system calls, threads, sockets, libraries.
func edge(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: testing)
}
func library(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

extension Target.Dependency {
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let logging = product(name: "Logging", package: "swift-log")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
}

let package = Package(
    name: "weft",
    products: [
        .executable(name: "weftd", targets: ["weftd"]),
        .executable(name: "weft", targets: ["weft"]),
        .executable(name: "weft-sim", targets: ["weft-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // System libraries and what Swift cannot import.
        library("CSodium", pkgConfig: "libsodium", debian: "libsodium-dev"),
        // libnl-genl brings libnl itself.
        library("CNetlink", pkgConfig: "libnl-genl-3.0", debian: "libnl-genl-3-dev"),
        library("CMnl", pkgConfig: "libmnl", debian: "libmnl-dev"),
        library("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
        .target(name: "CLinux"),

        // Cores.
        core("Wire"),
        core("Gob", "Wire"),
        core("Mesh", "Wire", "Gob"),
        core("Overlay", "Wire"),
        core("Sleeve", "Wire", "Overlay"),
        core("NetlinkMessages", "Wire"),
        core("FastDatapath", "Wire", "Overlay"),
        core("OpenVSwitch", "Wire", "FastDatapath", "NetlinkMessages"),
        core("Simulation", "Wire", "Mesh", "Overlay", "Sleeve"),

        // Edge.
        edge("Sealing", "Wire", "Mesh", "CSodium"),
        edge("Netlink", "Wire", "NetlinkMessages", "CNetlink", "CMnl", "CLinux"),
        edge("HostNetwork", "Wire", "NetlinkMessages", "Netlink", "CLinux"),
        edge("PacketIO", "Wire", "CLinux"),
        edge(
            "DataPlane", "Wire", "Overlay", "Sleeve", "FastDatapath", "OpenVSwitch", "NetlinkMessages", "Netlink",
            "Sealing", "PacketIO", "CLinux"),
        edge("Transport", "Wire", "Mesh", .nioCore, .nioPosix, .logging),
        edge("Store", "Wire", "CSQLite"),
        edge("LogOutput", .logging),
        edge("ControlTypes", "Wire"),
        edge("LocalHTTP"),
        edge("ContainerEngines", "Wire", "LocalHTTP", "ControlTypes"),
        edge("LaunchOptions", "Wire", .arguments),
        edge(
            "ControlAPI", "Wire", "ControlTypes", .hummingbird, .hummingbirdCore, .nioCore, .nioPosix, .logging,
            .lifecycle),
        edge(
            "ControlPlane", "Wire", "Mesh", "Overlay", "Sleeve", "FastDatapath", "Sealing", "PacketIO", "DataPlane",
            "HostNetwork", "Transport", "Store", "ControlTypes", "ContainerEngines", .nioCore, .nioPosix, .logging),

        // Programs.
        .executableTarget(
            name: "weftd",
            dependencies: [
                "Wire", "ControlPlane", "ControlAPI", "ControlTypes", "LaunchOptions", "LogOutput", "Store", .arguments,
                .logging, .lifecycle, .unixSignals,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "weft",
            dependencies: ["Wire", "ControlTypes", "LaunchOptions", "LocalHTTP", "CLinux", .arguments],
            swiftSettings: strict),

        .executableTarget(
            name: "weft-sim", dependencies: ["Wire", "Simulation", .arguments], swiftSettings: strict),

        // Tests mirror the targets; the last ones need namespaces.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: testing),
        tests("WireTests", "Wire"),
        tests("GobTests", "Gob", "Wire"),
        tests("MeshTests", "Mesh", "Gob", "Wire", "Sealing"),
        tests("OverlayTests", "Overlay", "Wire"),
        tests("FastDatapathTests", "FastDatapath", "Overlay", "Wire"),
        tests("OpenVSwitchTests", "OpenVSwitch", "FastDatapath", "NetlinkMessages", "Overlay", "Wire"),
        tests("SleeveTests", "Sleeve", "Overlay", "Wire", "Sealing"),
        tests("SimulationTests", "Simulation", "Mesh", "Overlay", "Wire"),
        tests("NetlinkMessagesTests", "NetlinkMessages", "Wire", "CNetlink", "CMnl", "AllocationCounter"),
        tests("SealingTests", "Sealing", "Mesh", "Wire", "CSodium"),
        tests("NetlinkTests", "Netlink", "NetlinkMessages", "Wire", "CNetlink", "CLinux", "AllocationCounter"),
        tests("HostNetworkTests", "HostNetwork", "Netlink", "NetlinkMessages", "Wire"),
        tests("PacketIOTests", "PacketIO", "Wire"),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        tests(
            "DataPlaneTests", "DataPlane", "Mesh", "Sleeve", "Overlay", "Sealing", "PacketIO", "Wire",
            "AllocationCounter"),
        tests("TransportTests", "Transport", "Mesh", "Wire", .nioCore, .nioPosix),
        tests("StoreTests", "Store", "Wire"),
        tests("LogOutputTests", "LogOutput", .logging),
        tests("ControlTypesTests", "ControlTypes", "Wire"),
        tests("LocalHTTPTests", "LocalHTTP"),
        tests("ContainerEnginesTests", "ContainerEngines", "LocalHTTP", "ControlTypes", "Wire"),
        .target(
            name: "ControlFakes", dependencies: ["ControlTypes", "Wire"], path: "Tests/ControlFakes",
            swiftSettings: testing),
        tests(
            "ControlAPITests", "ControlAPI", "ControlFakes", "ControlTypes", "LocalHTTP", "Wire", .logging, .lifecycle),
        tests("ControlPlaneTests", "ControlPlane", "ControlTypes", "Mesh", "Wire"),
        tests(
            "CommandTests", "weft", "ControlAPI", "ControlFakes", "ControlTypes", "LaunchOptions", "Wire", .arguments,
            .logging, .lifecycle),
        tests("StyleTests"),
        // What scripts/fuzz runs (Fuzzing/Package.swift), and the same inputs as tests.
        .target(
            name: "FuzzEntries",
            dependencies: [
                "Wire", "Gob", "Mesh", "Sleeve", "NetlinkMessages", "ControlTypes", "LocalHTTP", "ContainerEngines",
                "PacketIO", "DataPlane",
            ],
            path: "Fuzzing/Entries", swiftSettings: testing),
        tests("FuzzingTests", "FuzzEntries"),
        .testTarget(
            name: "NamespaceTests", dependencies: ["TestSupport"], path: "Tests/Namespaces", swiftSettings: testing),
        .testTarget(
            name: "KernelLabTests", dependencies: ["TestSupport"], path: "Tests/KernelLab", swiftSettings: testing),
        .testTarget(
            name: "InteropTests", dependencies: ["TestSupport", "Mesh", "Sealing", "Wire"], path: "Tests/Interop",
            swiftSettings: testing),
    ]
)
