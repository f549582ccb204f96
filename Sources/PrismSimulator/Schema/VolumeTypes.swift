extension Schema {
    /// Types of the namespace `volumes`.
    static let volumeTypes = ObjectType.table(
        "volumes.v4.config",
        """
        VolumeGroup: extId tenantId links:* name description shouldLoadBalanceVmAttachments:? sharingStatus targetPrefix
          targetName enabledAuthentications iscsiFeatures:IscsiFeatures createdBy clusterReference
          storageFeatures:StorageFeatures usageType attachmentType protocol isHidden:? disks:[VolumeDisk]
          attachments@1:[VGAttachment] hydrationStatus@2 projectExtId@3
        IscsiFeatures: targetSecret enabledAuthentications
        StorageFeatures: flashMode:FlashMode
        FlashMode: isEnabled:?
        VolumeDisk: extId tenantId links:* index:# diskSizeBytes:# storageContainerId description
          diskDataSourceReference:common.v1.config.EntityReference diskStorageFeatures:*
        VGAttachment: attachment:IscsiClientAttachment|VmAttachment|NvmfClientAttachment
        IscsiClientAttachment: extId clusterReference
        VmAttachment: extId index:#
        NvmfClientAttachment: extId clusterReference
        IscsiClient: extId tenantId links:* iscsiInitiatorName iscsiInitiatorNetworkId:common.v1.config.IPAddressOrFQDN
          enabledAuthentications clientSecret attachedTargets:[TargetParam] numVirtualTargets:# attachmentSite
          clusterReference projectExtId@3
        TargetParam: iscsiTargetName numVirtualTargets:#
        CategoryEntityReferences: categories:[common.v1.config.EntityReference]
        """)
}
