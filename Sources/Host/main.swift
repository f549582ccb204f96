import HostKit

await Program.main()
