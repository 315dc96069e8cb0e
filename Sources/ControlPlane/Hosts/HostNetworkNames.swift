import HostNetwork

// The API and the host's network both have requests and containers; a module and a type that share a name cannot tell
// them apart by qualification.
typealias HostAttachRequest = AttachRequest
typealias HostContainer = AttachedContainer
