// swift-tools-version: 6.2
import PackageDescription

// The fuzzing program, for `scripts/fuzz`. A package of its own (docs/fuzzing.md says why): the targets below are those
// of the main package, by the link `Sources`, with coverage counters in them.

/// What parses: compiled with counters, so that libFuzzer sees which branch an input has reached.
let counted: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]
/// What only drives it.
let plain: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func parser(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: counted)
}

let package = Package(
    name: "weft-fuzzing",
    targets: [
        parser("Wire"),
        parser("Gob", "Wire"),
        parser("Mesh", "Wire", "Gob"),
        parser("Overlay", "Wire"),
        parser("Sleeve", "Wire", "Overlay"),
        parser("NetlinkMessages", "Wire"),
        parser("FastDatapath", "Wire", "Overlay"),
        parser("OpenVSwitch", "Wire", "FastDatapath", "NetlinkMessages"),
        parser("ControlTypes", "Wire"),
        parser("LocalHTTP"),
        parser("ContainerEngines", "Wire", "LocalHTTP", "ControlTypes"),
        .systemLibrary(name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium"),
        .systemLibrary(name: "CNetlink", path: "Sources/CNetlink", pkgConfig: "libnl-genl-3.0"),
        .systemLibrary(name: "CMnl", path: "Sources/CMnl", pkgConfig: "libmnl"),
        .target(name: "CLinux", path: "Sources/CLinux"),
        .target(
            name: "Netlink", dependencies: ["Wire", "NetlinkMessages", "CNetlink", "CMnl", "CLinux"],
            path: "Sources/Netlink", swiftSettings: plain),
        .target(
            name: "Sealing", dependencies: ["Wire", "Mesh", "CSodium"], path: "Sources/Sealing", swiftSettings: plain),
        parser("PacketIO", "Wire", "CLinux"),
        parser(
            "DataPlane", "Wire", "Overlay", "Sleeve", "FastDatapath", "OpenVSwitch", "NetlinkMessages", "Netlink",
            "Sealing", "PacketIO", "CLinux"),
        .target(
            name: "FuzzEntries",
            dependencies: [
                "Wire", "Gob", "Mesh", "Sleeve", "NetlinkMessages", "ControlTypes", "LocalHTTP", "ContainerEngines",
                "PacketIO", "DataPlane",
            ],
            path: "Entries", swiftSettings: plain),
        .executableTarget(name: "weft-fuzz", dependencies: ["FuzzEntries"], path: "Program", swiftSettings: plain),
    ]
)
