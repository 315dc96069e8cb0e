/// How texts of others are shown to people.
public enum PrintableText {
    /// The text with a question mark for each control character: a peer's nickname must not move a terminal's cursor, nor
    /// begin a line of its own in a table that scripts read.
    public static func cleaned(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars { shown.unicodeScalars.append(isControl(scalar) ? "?" : scalar) }
        return shown
    }

    /// C0, DEL and C1; also the two separators that some programs break lines at.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
