import Foundation

/// A condition that did not come true in time.
public struct DeadlinePassed: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until `condition` holds, looking every few milliseconds; throws when `limit` has passed.
///
/// The only waiting in the tests: it ends as soon as the condition holds, and never hides that it did not.
public func eventually(
    _ what: String, within limit: Duration = .seconds(10), every pause: Duration = .milliseconds(10),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try await condition() { return }
        guard clock.now < deadline else { throw DeadlinePassed(description: "not within \(limit): \(what)") }
        // The pause between two looks: conditions are about other processes and the kernel, which tell nobody.
        try await clock.sleep(for: pause)
    }
}
