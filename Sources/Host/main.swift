import HostKit

await AHVaultProgram.main()
