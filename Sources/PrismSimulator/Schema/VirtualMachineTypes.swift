extension Schema {
    /// Types of the namespace `vmm`.
    static let virtualMachineTypes =
        ObjectType.table(
            "vmm.v4.ahv.config",
            """
            Vm: extId name description createTime updateTime tenantId links:* numSockets:# numCoresPerSocket:#
              numThreadsPerCore:# numNumaNodes:# memorySizeBytes:# isVcpuHardPinningEnabled:? isCpuPassthroughEnabled:?
              enabledCpuFeatures:[] isMemoryOvercommitEnabled:? isGpuConsoleEnabled:? isCpuHotplugEnabled:?
              isScsiControllerEnabled:? generationUuid biosUuid categories:[CategoryReference]
              project@1:ProjectReference projectExtId@3 ownershipInfo:OwnershipInfo host:HostReference
              cluster:ClusterReference availabilityZone:* guestCustomization:* guestTools:GuestTools
              hardwareClockTimezone isBrandingEnabled:? bootConfig:LegacyBoot|UefiBoot isVgaConsoleEnabled:?
              machineType powerState vtpmConfig:VtpmConfig isAgentVm:? apcConfig:ApcConfig isLiveMigrateCapable:?
              isCrossClusterMigrationInProgress:? storageConfig:* disks:[Disk] cdRoms:[CdRom] nics:[Nic] gpus:[Gpu]
              serialPorts:[SerialPort] protectionType protectionPolicyState:* pcieDevices:* source:*
              customAttributes@2:[]
            CategoryReference: extId
            ClusterReference: extId
            HostReference: extId
            ProjectReference: extId
            OwnerReference: extId
            OwnershipInfo: owner:OwnerReference
            SubnetReference: extId
            VmReference: extId
            VmDiskContainerReference: extId
            ApcConfig: isApcEnabled:? cpuModel:CpuModelReference
            CpuModelReference: extId name
            VtpmConfig: isVtpmEnabled:? version vtpmDevice@1:*
            VmSourceReference: extId entityType
            LegacyBoot: bootOrder:[] bootDevice:BootDeviceDisk|BootDeviceNic
            UefiBoot: isSecureBootEnabled:? nvramDevice:NvramDevice bootOrder:[] bootDevice:BootDeviceDisk|BootDeviceNic
            NvramDevice: backingStorageInfo:VmDisk
            BootDeviceDisk: diskAddress:DiskAddress
            BootDeviceNic: macAddress
            Disk: extId tenantId links:* diskAddress:DiskAddress backingInfo:VmDisk|ADSFVolumeGroupReference
            DiskAddress: busType index:#
            CdRomAddress: busType index:#
            VmDisk: diskExtId diskSizeBytes:# storageContainer:VmDiskContainerReference storageConfig:VmDiskStorageConfig
              dataSource:DataSource isMigrationInProgress:? vmDiskHydrationInfo@2:DiskHydrationInfo serialId@3
              externalStorageInfo@3:*
            VmDiskStorageConfig: isFlashModeEnabled:?
            DiskHydrationInfo: diskHydrationStatus diskHydrationRemainingBytes:#
            ADSFVolumeGroupReference: volumeGroupExtId
            DataSource: reference:ImageReference|VmDiskReference|VolumeDiskReference@1|VmDiskRecoveryPointReference@1|VolumeDiskRecoveryPointReference@1
            ImageReference: imageExtId storageCluster@2:*
            VmDiskReference: diskExtId diskAddress:DiskAddress vmReference:VmReference
            VolumeDiskReference: diskExtId volumeGroupExtId
            VmDiskRecoveryPointReference: diskRecoveryPointExtId vmRecoveryPointExtId
            VolumeDiskRecoveryPointReference: diskRecoveryPointExtId volumeGroupRecoveryPointExtId
            CdRom: extId tenantId links:* diskAddress:CdRomAddress backingInfo:VmDisk isoType
            Nic: extId tenantId links:* backingInfo:EmulatedNic networkInfo:NicNetworkInfo
              nicBackingInfo@1:VirtualEthernetNic|SriovNic|DpOffloadNic
              nicNetworkInfo@1:VirtualEthernetNicNetworkInfo|SriovNicNetworkInfo|DpOffloadNicNetworkInfo
            EmulatedNic: model macAddress isConnected:? numQueues:#
            VirtualEthernetNic: model macAddress isConnected:? numQueues:#
            NicNetworkInfo: nicType networkFunctionChain:* networkFunctionNicType subnet:SubnetReference vlanMode
              trunkedVlans:[#] shouldAllowUnknownMacs:? ipv4Config:Ipv4Config ipv4Info:Ipv4Info
            VirtualEthernetNicNetworkInfo: nicType networkFunctionChain:* networkFunctionNicType subnet:SubnetReference
              vlanMode trunkedVlans:[#] shouldAllowUnknownMacs:? ipv4Config:Ipv4Config ipv4Info:Ipv4Info ipv6Info:*
            Ipv4Config: shouldAssignIp:? ipAddress:common.v1.config.IPv4Address
              secondaryIpAddressList:[common.v1.config.IPv4Address]
            Ipv4Info: learnedIpAddresses:[common.v1.config.IPv4Address]
            Gpu: extId tenantId links:* mode deviceId:# vendor pciAddress:* guestDriverVersion name
              frameBufferSizeBytes:# numVirtualDisplayHeads:# fraction:# backingInfo@3:*
            SerialPort: extId tenantId links:* isConnected:? index:#
            GuestTools: version isInstalled:? isEnabled:? isIsoInserted:? capabilities:[] availableVersion
              guestOsVersion isReachable:? isVssSnapshotCapable:? isVmMobilityDriversInstalled:? guestInfo:*
              isCommunicationActiveOverSerialPort:?
            AssociateVmCategoriesParams: categories:[CategoryReference]
            DisassociateVmCategoriesParams: categories:[CategoryReference]
            VmRecoveryPoint: extId tenantId links:* name creationTime expirationTime status recoveryPointType
              consistencyGroupExtId locationAgnosticId vmExtId vmCategories:[]
              applicationConsistentProperties:!dataprotection.v4.common.VssProperties
              diskRecoveryPoints:[dataprotection.v4.common.DiskRecoveryPoint] vm:Vm
            """)
        + ObjectType.table(
            "vmm.v4.content",
            """
            Image: extId tenantId links:* name description type source:* checksum:* sizeBytes:# categoryExtIds:[]
              clusterLocationExtIds:[] createTime lastUpdateTime ownerExtId ownerName placementPolicyStatus:*
            """)
}
