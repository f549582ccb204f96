/// What every format of disk images promises, tried with images in memory.
public enum ImageContract {
    public typealias Case = ContractCase<ImageSubject>

    public static let cases: [Case] = writingCases + destinationCases + readingCases + damageCases
}
