extension Schema {
    /// Types of the namespaces `clustermgmt`, `networking` and `prism`.
    static let inventoryTypes =
        ObjectType.table(
            "clustermgmt.v4.config",
            """
            Cluster: extId tenantId links:* name nodes:NodeReference config:ClusterConfigReference
              network:ClusterNetworkReference upgradeStatus vmCount:# inefficientVmCount:# containerName categories:[]
              clusterProfileExtId backupEligibilityScore:#
            NodeReference: numberOfNodes:# nodeList:[NodeListItemReference]
            NodeListItemReference: nodeUuid controllerVmIp:common.v1.config.IPAddress hostIp:common.v1.config.IPAddress
            ClusterConfigReference: incarnationId:# buildInfo:BuildReference hypervisorTypes:[] clusterFunction:[]
              timezone authorizedPublicKeyList:* redundancyFactor:# clusterSoftwareMap:[SoftwareMapReference]
              clusterArch faultToleranceState:* isRemoteSupportEnabled:? operationMode isLts:? isAvailable:?
              encryptionOption:* encryptionScope:* encryptionInTransitStatus pulseStatus:*
            BuildReference: buildType version fullVersion commitId shortCommitId
            SoftwareMapReference: softwareType version
            ClusterNetworkReference: externalAddress:common.v1.config.IPAddress
              externalDataServiceIp:common.v1.config.IPAddress externalSubnet internalSubnet fqdn
              nameServerIpList:[common.v1.config.IPAddressOrFQDN] ntpServerIpList:[common.v1.config.IPAddressOrFQDN]
              nfsSubnetWhitelist:[] backplane:*
            Host: extId tenantId links:* hostName hostType hypervisor:HypervisorReference cluster:ClusterReference
              controllerVm:ControllerVmReference disk:* isDegraded:? isSecureBooted:? isHardwareVirtualized:?
              numberOfCpuCores:# numberOfCpuSockets:# memorySizeBytes:# nodeStatus maintenanceState
            HypervisorReference: externalAddress:common.v1.config.IPAddress fullName type numberOfVms:# state
              acropolisConnectionState
            ClusterReference: uuid name
            ControllerVmReference: externalAddress:common.v1.config.IPAddress isInMaintenanceMode:?
            StorageContainer: extId tenantId links:* containerExtId name clusterExtId clusterName storagePoolExtId
              ownerExtId maxCapacityBytes:# logicalExplicitReservedCapacityBytes:#
              logicalImplicitReservedCapacityBytes:# logicalAdvertisedCapacityBytes:# replicationFactor:#
              isMarkedForRemoval:? isNfsWhitelistInherited:? nfsWhitelistAddress:* erasureCode isInlineEcEnabled:?
              cacheDeduplication onDiskDedup isCompressionEnabled:? compressionDelaySecs:# isInternal:?
              isSoftwareEncryptionEnabled:? isEncrypted:?
            """)
        + ObjectType.table(
            "networking.v4.config",
            """
            Subnet: extId tenantId links:* name description subnetType networkId:# clusterReference
              clusterReferenceList:[] clusterName virtualSwitchReference vpcReference isExternal:? isNatEnabled:?
              isAdvancedNetworking:? bridgeName hypervisorType ipPrefix ipConfig:* dhcpOptions:* ipUsage:* projectExtId
            """)
        + ObjectType.table(
            "prism.v4.config",
            """
            Category: extId tenantId links:* key value type description ownerUuid associations:* detailedAssociations:*
            TaskReference: extId
            Task: extId tenantId links:* operation operationDescription status progressPercentage:# createdTime
              startedTime completedTime lastUpdatedTime parentTask:* rootTask:* subTasks:[TaskReferenceInternal]
              subSteps:* entitiesAffected:[EntityReference] completionDetails:[common.v1.config.KVPair]
              errorMessages:[prism.v4.error.AppMessage] legacyErrorMessage warnings:[prism.v4.error.AppMessage]
              clusterExtIds:[] ownedBy:OwnerReference isCancelable:? isBackgroundTask:? numberOfSubtasks:#
              numberOfEntitiesAffected:# resourceLinks:*
            EntityReference: extId rel name
            OwnerReference: extId name
            """)
}
