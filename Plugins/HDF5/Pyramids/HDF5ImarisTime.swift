import IOLinkCore

/// A moment as Imaris writes it: `2026-01-31 13:45:00.500`.
struct HDF5ImarisTime {
  /// The days since the beginning of March of the year 0.
  private let day: Int
  /// The seconds since midnight.
  private let time: Double
  /// The moment in the form of ISO 8601, without a fraction that is zero.
  let text: String

  init?(_ stated: String) {
    let parts = stated.split(separator: " ")
    guard parts.count == 2 else { return nil }
    let whole = "\(parts[0])T\(parts[1])"
    guard MetadataKey.isDate(whole) else { return nil }
    text = whole.hasSuffix(".000") ? String(whole.dropLast(4)) : whole
    let date = parts[0].split(separator: "-").compactMap { Int($0) }
    let time = parts[1].split(separator: ":").compactMap { Double($0) }
    guard date.count == 3, time.count == 3 else { return nil }
    // Years begin in March, so that a leap day is the last day of one.
    let year = date[1] > 2 ? date[0] : date[0] - 1
    let month = (date[1] + 9) % 12
    day = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date[2] - 1
    self.time = time[0] * 3600 + time[1] * 60 + time[2]
  }

  func seconds(since other: HDF5ImarisTime) -> Double { Double(day - other.day) * 86400 + (time - other.time) }

  /// Returns how moments lie along SEQUENCE: with a spacing or, if they are uneven, with coordinates.
  static func places(of moments: [HDF5ImarisTime]) -> (time: Calibration, coordinates: [Double]?) {
    guard let first = moments.first, moments.count > 1 else { return (.none, nil) }
    let seconds = moments.map { $0.seconds(since: first) }
    if let even = HDF5Axes.spacing(of: seconds), let spacing = even.spacing { return (Calibration(spacing: spacing, unit: "s"), nil) }
    return seconds.contains { $0 != 0 } ? (Calibration(unit: "s"), seconds) : (.none, nil)
  }

  /// The moment this many milliseconds later; `nil` outside the years 1 to 9999.
  func later(by milliseconds: Double) -> HDF5ImarisTime? {
    guard milliseconds.magnitude < 1e15 else { return nil }
    let total = day * 86_400_000 + Int((time * 1000).rounded()) + Int(milliseconds.rounded())
    guard total >= 0 else { return nil }
    let (day, rest) = (total / 86_400_000, total % 86_400_000)
    let (era, dayOfEra) = (day / 146_097, day % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let date = dayOfYear - (153 * month + 2) / 5 + 1
    let year = yearOfEra + 400 * era + (month >= 10 ? 1 : 0)
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { $0.text(digits: 2) }.joined(separator: ":")
    let calendar = [year.text(digits: 4), (month < 10 ? month + 3 : month - 9).text(digits: 2), date.text(digits: 2)].joined(separator: "-")
    return HDF5ImarisTime("\(calendar) \(clock).\((rest % 1000).text(digits: 3))")
  }

  /// The moment as Imaris writes it, with milliseconds.
  var stated: String {
    let spaced = String(text.map { $0 == "T" ? " " : $0 })
    return spaced.utf8.contains(UInt8(ascii: ".")) ? spaced : spaced + ".000"
  }
}

extension Int {
  /// The number, which is not negative, with at least this many digits.
  func text(digits count: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, count - digits.utf8.count)) + digits
  }
}
