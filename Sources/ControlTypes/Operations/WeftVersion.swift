/// The version of weft, for both programs and every text that shows one.
public enum WeftVersion {
    public static let text = "0.1.0"
}
