/// Writes numbers and bytes of built-in types, which need no definitions, straight to where they are wanted. The bytes are
/// those of `GobStreamEncoder`.
public enum GobPlainWriter {
    public static func append(uint value: UInt64, to bytes: inout [UInt8]) {
        begin(BuiltInID.uint, contentBytes: width(value), &bytes)
        bytes.appendGob(unsigned: value)
    }

    public static func append(bytes value: [UInt8], to bytes: inout [UInt8]) {
        begin(BuiltInID.bytes, contentBytes: width(UInt64(value.count)) + value.count, &bytes)
        bytes.appendGob(unsigned: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    public static func append(text value: String, to bytes: inout [UInt8]) {
        let text = value.utf8
        begin(BuiltInID.string, contentBytes: width(UInt64(text.count)) + text.count, &bytes)
        bytes.appendGob(unsigned: UInt64(text.count))
        for byte in text { bytes.append(byte) }
    }

    /// A message's length, the type's id (one byte), and the top level's mark.
    private static func begin(_ type: Int64, contentBytes: Int, _ bytes: inout [UInt8]) {
        bytes.appendGob(unsigned: UInt64(2 + contentBytes))
        bytes.appendGob(signed: type)
        bytes.append(0)
    }

    /// How many bytes an unsigned number takes.
    private static func width(_ value: UInt64) -> Int {
        value < 128 ? 1 : 1 + (71 - value.leadingZeroBitCount) / 8
    }
}
