extension Collection {
  /// Returns the elements of a short list in ascending order, equal ones in the order that they have.
  ///
  /// The standard library's sort is compiled for every type of element, which takes 2 to 5 KB of code each. Here positions are sorted, so
  /// that one copy serves all types. Each comparison costs a call.
  package func ordered(by precedes: (Element, Element) -> Bool) -> [Element] {
    let elements = Array(self)
    return orderedPositions(elements.count) { precedes(elements[$0], elements[$1]) }.map { elements[$0] }
  }
}

@inline(never)
private func orderedPositions(_ count: Int, _ precedes: (Int, Int) -> Bool) -> [Int] { (0..<count).sorted(by: precedes) }
