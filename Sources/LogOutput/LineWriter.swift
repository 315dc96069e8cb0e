import Glibc

/// Writes whole lines to standard error, one system call each, so that a killed daemon loses none and lines of several
/// threads never mix.
enum LineWriter {
    static func write(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { bytes in
            // A log that nobody can write to must not stop the daemon.
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

/// The wall clock as RFC 3339 in UTC with milliseconds: `2026-11-26T00:03:38.123Z`.
func timestamp() -> String {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    var parts = unsafe tm()
    unsafe gmtime_r(&now.tv_sec, &parts)
    let date = unsafe [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
    let time = unsafe [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
    let milliseconds = padded(now.tv_nsec / 1_000_000, to: 3)
    return date.map { padded($0, to: 2) }.joined(separator: "-") + "T"
        + time.map { padded($0, to: 2) }.joined(separator: ":") + ".\(milliseconds)Z"
}

private func padded(_ number: Int, to width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
