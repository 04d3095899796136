extension [String] {
  /// The same names, with a number added to those that occur a second time: `a`, `a#2`, `a#3`.
  ///
  /// Damaged and careless files give one name to several images; the names of a ``MultiImageView`` are unique.
  package var unique: [String] {
    var taken = Set(self)
    var seen: Set<String> = []
    return map { name in
      if seen.insert(name).inserted { return name }
      var number = 2
      while !taken.insert("\(name)#\(number)").inserted { number += 1 }
      return "\(name)#\(number)"
    }
  }
}
