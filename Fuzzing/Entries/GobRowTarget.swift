import Gob

extension FuzzTarget {
    /// The reader of rows, against the reader of values: both accept and refuse the same bytes.
    static let gobRows = FuzzTarget("gob-rows", maximumBytes: 8_192) { bytes throws(BrokenPromise) in
        let rows = Result { () throws(GobError) in try Row.readAsRows(bytes) }
        let values = Result { () throws(GobError) in try Row.readAsValues(bytes) }
        switch (rows, values) {
        case (.success(let rows), .success(let values)):
            try promise(rows == values, "rows are what values are")
        case (.failure, .failure): break
        case (.success, .failure(let error)): throw BrokenPromise("rows are refused as values are: \(error)")
        case (.failure(let error), .success): throw BrokenPromise("rows are read as values are: \(error)")
        }
    }
}

/// A structure, or an element of the slice behind it.
private struct Row: Equatable {
    let name: [UInt8]
    let text: String
    let number: UInt64
    let flag: Bool

    private static let type = GobStructureType(
        "peerSummary",
        [.init("NameByte", .bytes), .init("NickName", .string), .init("UID", .uint), .init("HasShortID", .bool)])
    private static let expected: [GobType] = [.structure(type), .slice(of: .structure(type))]

    static func readAsRows(_ bytes: [UInt8]) throws(GobError) -> [[Row]] {
        var decoder = GobRowDecoder(bytes, expecting: expected)
        var all: [[Row]] = []
        var row = GobRow()
        while try decoder.next(0, into: &row) {
            var rows = [Row(row, decoder)]
            guard let count = try decoder.nextCount(1) else { break }
            for _ in 0..<count {
                try decoder.nextElement(into: &row)
                rows.append(Row(row, decoder))
            }
            all.append(rows)
        }
        return all
    }

    static func readAsValues(_ bytes: [UInt8]) throws(GobError) -> [[Row]] {
        var decoder = GobDecoder(bytes)
        var all: [[Row]] = []
        while let head = try decoder.next(expected[0])?.structure, let list = try decoder.next(expected[1])?.list {
            var rows = [try Row(head)]
            for element in list.compactMap(\.structure) { rows.append(try Row(element)) }
            all.append(rows)
        }
        return all
    }

    private init(_ row: GobRow, _ decoder: GobRowDecoder) {
        name = Array(decoder.bytes(0, of: row))
        text = decoder.text(1, of: row)
        number = row.number(2)
        flag = row.bool(3)
    }

    private init(_ fields: GobStructure) throws(GobError) {
        name = fields.bytes("NameByte")
        text = fields.text("NickName")
        number = try fields.uint("UID")
        flag = fields.bool("HasShortID")
    }
}
