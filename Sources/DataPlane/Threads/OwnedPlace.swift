/// A value at a fixed address, so that a thread can change it without the checks that a class's variable has.
/// Whoever calls `value` has it for himself: a packet thread, by the protocol of `PacketLoop`.
@safe
struct OwnedPlace<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable: one thread at a time uses the value; handing it over goes through an atomic word.
    private let place: UnsafeMutablePointer<Value>

    init(_ value: consuming Value) {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: value)
    }

    @inline(__always)
    func with<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe body(&place.pointee)
    }

    deinit {
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }
}
