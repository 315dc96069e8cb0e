extension FuzzTarget {
    /// Every target, in the order in which `scripts/fuzz` runs them.
    public static let all: [FuzzTarget] = [
        .gob, .gobRows, .link, .message, .topology, .surrogates, .router, .sleeve, .sleeveLink, .frames, .netlink,
        .openVSwitch, .upcalls, .http, .requests, .templates,
    ]
}
