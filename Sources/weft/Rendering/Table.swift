/// Columns as wide as their widest cell, two blanks apart; notes go on lines of their own below a row.
struct Table {
    struct Row {
        var cells: [String]
        var notes: [String] = []
    }
    let heading: [String]
    var rows: [Row] = []

    init(_ heading: String...) {
        self.heading = heading
    }

    func text(indent: Int = 0) -> String {
        let all = [heading] + rows.map(\.cells)
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let margin = String(repeating: " ", count: indent)
        func line(_ cells: [String]) -> String {
            var text = margin
            for (column, cell) in cells.enumerated() {
                text += cell
                // No blanks at the end of a line.
                if cells[(column + 1)...].contains(where: { !$0.isEmpty }) {
                    text += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return text + "\n"
        }
        return line(heading)
            + rows.map { row in line(row.cells) + row.notes.map { "\(margin)    \($0)\n" }.joined() }.joined()
    }
}
