import TestSupport
import Testing

/// Commands inside kernels with Open vSwitch. One test at a time: each starts a kernel, and they share two processors.
@Suite(.serialized, .enabled(if: KernelLab.missing == nil, Comment(rawValue: KernelLab.missing ?? "")))
struct KernelLabs {}
