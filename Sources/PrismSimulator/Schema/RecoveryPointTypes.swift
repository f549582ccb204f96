extension Schema {
    /// Types of the namespace `dataprotection`.
    ///
    /// `isInstantRestore` came with v4.3, but newer SDKs send it to v4.2 servers too, as a default of their own.
    static let recoveryPointTypes =
        ObjectType.table(
            "dataprotection.v4.config",
            """
            RecoveryPoint: extId tenantId links:* locationAgnosticId name creationTime expirationTime status
              recoveryPointType ownerExtId locationReferences:[LocationReference] isSecure@1:?
              totalExclusiveUsageBytes@2:# sourceLocation@2:* vmRecoveryPoints:[VmRecoveryPoint]
              volumeGroupRecoveryPoints:[VolumeGroupRecoveryPoint] projectExtId@4
            LocationReference: locationExtId
            VmRecoveryPoint: extId tenantId links:* consistencyGroupExtId locationAgnosticId name creationTime
              expirationTime status recoveryPointType vmExtId vmCategories:[] hypervisorType@1
              applicationConsistentProperties:!dataprotection.v4.common.VssProperties
              diskRecoveryPoints:[dataprotection.v4.common.DiskRecoveryPoint]
            VolumeGroupRecoveryPoint: extId tenantId links:* consistencyGroupExtId locationAgnosticId name
              creationTime expirationTime status recoveryPointType volumeGroupExtId volumeGroupCategories:[]
              diskRecoveryPoints:[dataprotection.v4.common.DiskRecoveryPoint]
            ExpirationTimeSpec: expirationTime
            RecoveryPointReplicationSpec: pcExtId clusterExtId
            RecoveryPointRestorationSpec: clusterExtId isInstantRestore@2:?
              vmRecoveryPointRestoreOverrides:[VmRecoveryPointRestoreOverride]
              volumeGroupRecoveryPointRestoreOverrides:[VolumeGroupRecoveryPointRestoreOverride]
            VmRecoveryPointRestoreOverride: vmRecoveryPointExtId isStrictMode@1:?
              vmOverrideSpec@1:!AhvVmOverrideSpec
            AhvVmOverrideSpec: name description nicSpec:* categories:[*] ownershipInfo:* projectExtId
              guestToolsSpec:* biosSpec@3:*
            VolumeGroupRecoveryPointRestoreOverride: volumeGroupRecoveryPointExtId volumeGroupOverrideSpec:*
            """)
        + ObjectType.table(
            "dataprotection.v4.common",
            """
            VssProperties: backupType shouldIncludeWriters:? writers:[] shouldStoreVssMetadata:?
            DiskRecoveryPoint: diskRecoveryPointExtId diskExtId
            ClusterInfo: clusterIp:common.v1.config.IPAddress jwtToken
            """)
        + ObjectType.table(
            "dataprotection.v4.content",
            """
            ClusterDiscoverSpec: operation
              spec:ComputeChangedRegionsClusterDiscoverSpec|GetVssMetadataClusterDiscoverSpec
            GetVssMetadataClusterDiscoverSpec: vmRecoveryPointExtId
            ComputeChangedRegionsClusterDiscoverSpec:
              diskRecoveryPoint:VmDiskRecoveryPointReference|VolumeGroupDiskRecoveryPointReference
              referenceDiskRecoveryPoint:VmDiskRecoveryPointReference|VolumeGroupDiskRecoveryPointReference
            VmDiskRecoveryPointReference: recoveryPointExtId vmRecoveryPointExtId diskRecoveryPointExtId
            VolumeGroupDiskRecoveryPointReference: recoveryPointExtId volumeGroupRecoveryPointExtId
              diskRecoveryPointExtId
            VmRecoveryPointChangedRegionsComputeSpec: offset:# length:# blockSizeByte:# referenceRecoveryPointExtId
              referenceVmRecoveryPointExtId referenceDiskRecoveryPointExtId
            VolumeGroupRecoveryPointChangedRegionsComputeSpec: offset:# length:# blockSizeByte:#
              referenceRecoveryPointExtId referenceVolumeGroupRecoveryPointExtId referenceDiskRecoveryPointExtId
            ChangedRegion: offset:# length:# regionType
            """)
}
