public import Wire

/// A date and time of day in UTC, Gregorian calendar, taken apart.
private struct CalendarDate {
    var year: Int
    var month: Int
    var day: Int
    var secondOfDay: Int

    /// Howard Hinnant's "days and civil" arithmetic: years begin in March, so that a leap day ends one.
    init(secondsSince1970: Int64) {
        let days = secondsSince1970.quotient(floor: 86_400)
        secondOfDay = Int(secondsSince1970 - days * 86_400)
        let shifted = days + 719_468
        let era = shifted.quotient(floor: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
        month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
        year = Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
    }

    var dateText: String { "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))" }
    var timeText: String {
        "\(digits(secondOfDay / 3_600, 2)):\(digits(secondOfDay / 60 % 60, 2)):\(digits(secondOfDay % 60, 2))"
    }
}

extension Int64 {
    fileprivate func quotient(floor divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

private func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension WallClockInstant: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many decimals as needed: `2026-11-25T04:03:46.369861853Z`.
    public var description: String {
        let date = CalendarDate(secondsSince1970: wholeSeconds)
        return "\(date.dateText)T\(date.timeText)\(fractionText)Z"
    }

    /// The form in which Go prints a time that has a monotonic part, as the reference router's texts do:
    /// `2026-11-25 03:59:55.001299426 +0000 UTC m=+3.864680133`.
    ///
    /// - Parameter sinceStart: the instant's distance from the start of the process.
    public func longText(sinceStart: Duration) -> String {
        let date = CalendarDate(secondsSince1970: wholeSeconds)
        let nanoseconds = sinceStart.wholeNanoseconds
        let size = nanoseconds.magnitude
        let seconds = "\(size / 1_000_000_000).\(digits(Int(size % 1_000_000_000), 9))"
        return "\(date.dateText) \(date.timeText)\(fractionText) +0000 UTC m=\(nanoseconds < 0 ? "-" : "+")\(seconds)"
    }

    /// Parses RFC 3339 with `Z` or an offset such as `+01:00`; years 1678 to 2261.
    public init?(text: String) {
        var reader = TimestampReader(bytes: Array(text.utf8))
        guard let nanoseconds = reader.timestamp() else { return nil }
        self.init(nanosecondsSince1970: nanoseconds)
    }

    private var wholeSeconds: Int64 { nanosecondsSince1970.quotient(floor: 1_000_000_000) }

    private var fractionText: String {
        let fraction = nanosecondsSince1970 &- wholeSeconds &* 1_000_000_000
        guard fraction != 0 else { return "" }
        var text = digits(Int(fraction), 9)
        while text.hasSuffix("0") { text.removeLast() }
        return "." + text
    }
}

/// Reads `2026-11-25T04:03:46.369861853Z`.
private struct TimestampReader {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func timestamp() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            take("T") || take("t"), let hour = number(2), take(":"), let minute = number(2), take(":"),
            let second = number(2), (1678...2261).contains(year), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if take(".") {
            var unit: Int64 = 100_000_000
            let start = offset
            while let digit = number(1) {
                nanoseconds += Int64(digit) * unit
                unit /= 10
            }
            guard offset > start else { return nil }
        }
        guard let offsetMinutes = zone(), offset == bytes.count else { return nil }
        let days = daysSince1970(year: Int64(year), month: Int64(month), day: Int64(day))
        let seconds = days * 86_400 + Int64(hour * 3_600 + (minute - offsetMinutes) * 60 + second)
        return seconds * 1_000_000_000 + nanoseconds
    }

    private mutating func zone() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func number(_ width: Int) -> Int? {
        guard bytes.count - offset >= width else { return nil }
        var value = 0
        for byte in bytes[offset..<(offset + width)] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        offset += width
        return value
    }
}
