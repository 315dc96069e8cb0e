/// Values by key that are looked at and changed where they lie. A dictionary copies a value to read one field of it, and
/// again to change one; where values are large and hold many references, that is most of what a look-up costs.
///
/// In no order, as a dictionary. Memory stays at the most values there ever were.
public struct SlotTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline var places: [Key: Int] = [:]
    @usableFromInline var slots: [Value?] = []
    @usableFromInline var freePlaces: [Int] = []

    @inlinable public init() {}

    @inlinable public var count: Int { places.count }

    @inlinable public var keys: [Key: Int].Keys { places.keys }

    @inlinable
    public func contains(_ key: Key) -> Bool {
        places.index(forKey: key) != nil
    }

    /// The value, in place; nil: none. `removeValue` takes one out; setting it to nil instead is a mistake.
    @inlinable
    public subscript(key: Key) -> Value? {
        _read {
            if let place = places[key] { yield slots[place] } else { yield nil }
        }
        _modify {
            if let place = places[key] {
                yield &slots[place]
                // In debug builds only: the question copies the value.
                assert({ if case nil = slots[place] { false } else { true } }(), "values are taken out by removeValue")
            } else {
                var new: Value?
                yield &new
                if let new { insert(new, key) }
            }
        }
    }

    /// The value, taken out.
    @inlinable
    public mutating func removeValue(forKey key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        freePlaces.append(place)
        return slots[place].take()
    }

    @inlinable
    mutating func insert(_ value: Value, _ key: Key) {
        let place = freePlaces.popLast() ?? slots.count
        places[key] = place
        if place == slots.count { slots.append(value) } else { slots[place] = value }
    }
}
