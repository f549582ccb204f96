import Testing

@testable import Targets

@Suite("Parts of uploads grow")
struct PartSizesTests {
    @Test(
        "all parts together reach as far as they must, none is smaller than the one before, and few are large",
        arguments: [5, 8, 16, 32, 100, 512, 1000, 1024])
    func reach(first: Int) {
        for (most, reach) in [(10_000, 5 << 40), (50_000, 16 << 40)] {
            let sizes = PartSizes(first: first << 20, most: most, reach: reach)
            var sum = 0
            var last = 0
            for number in 1...most {
                let size = sizes.size(of: number)
                #expect(size >= last)
                last = size
                sum += size
            }
            #expect(sizes.size(of: 1) == first << 20)
            #expect(last == 1 << 30)
            #expect(sum >= reach)
        }
    }

    @Test("an object of a hundred GiB in parts of the usual size needs none above 128 MiB")
    func usual() {
        let sizes = PartSizes(first: 32 << 20, most: 10_000, reach: 5 << 40)
        var sum = 0
        var number = 0
        while sum < 100 << 30 {
            number += 1
            sum += sizes.size(of: number)
        }
        #expect(sizes.size(of: number) <= 128 << 20)
    }

    @Test("parts of one size stay so")
    func fixed() {
        let sizes = PartSizes(all: 8 << 20)
        for number in [1, 10_000, 1 << 40] { #expect(sizes.size(of: number) == 8 << 20) }
    }
}
