/// The estate of a lab file as entities.
extension World {
    /// Makes everything the lab describes.
    ///
    /// - Throws: when an image cannot be copied.
    func seed() async throws {
        seedInventory()
        for machine in lab.machines { try await seed(machine) }
    }

    /// Brings addresses in line with the lab file, which may have moved since the state was kept.
    func followLab() {
        for cluster in lab.clusters {
            note(.cluster, cluster.extId) {
                $0.body["network"]?["externalAddress"] = Self.ip(cluster.address)
                $0.body["network"]?["externalDataServiceIp"] = cluster.dataServices.map(Self.ip)
                $0.body["nodes"] = Self.nodes(cluster)
            }
        }
    }

    static func ip(_ address: String) -> JSONValue { ["ipv4": ["value": .string(address), "prefixLength": 32]] }

    private func seedInventory() {
        insert(.cluster, central())
        for cluster in lab.clusters {
            insert(.cluster, Self.entity(cluster))
            insert(.host, Self.host(of: cluster))
            for container in cluster.containers {
                insert(.container, Self.entity(container, of: cluster))
            }
        }
        for subnet in lab.subnets {
            let cluster = lab.clusters.first { $0.name == subnet.cluster }
            insert(
                .subnet,
                Entity(
                    id: subnet.extId,
                    body: [
                        "extId": .string(subnet.extId), "name": .string(subnet.name), "subnetType": "VLAN",
                        "networkId": .int(subnet.vlan), "clusterReference": .optional(cluster?.extId),
                        "clusterName": .string(subnet.cluster), "isExternal": .bool(subnet.isExternal),
                        "isNatEnabled": false, "isAdvancedNetworking": false, "bridgeName": "br0",
                    ]))
        }
        for category in lab.categories {
            insert(
                .category,
                Entity(
                    id: category.extId,
                    body: [
                        "extId": .string(category.extId), "key": .string(category.key),
                        "value": .string(category.value), "type": "USER",
                    ]))
        }
        for image in lab.images {
            let cluster = lab.clusters.first { $0.name == image.cluster }
            insert(
                .image,
                Entity(
                    id: image.extId,
                    body: [
                        "extId": .string(image.extId), "name": .string(image.name), "type": .string(image.type),
                        "sizeBytes": .int(image.size), "clusterLocationExtIds": [.optional(cluster?.extId)],
                        "createTime": .string(Timestamp.now().text),
                    ]))
        }
    }

    private func central() -> Entity {
        Entity(
            id: lab.central.extId,
            body: [
                "extId": .string(lab.central.extId), "name": .string(lab.central.name), "vmCount": 0,
                "upgradeStatus": "SUCCEEDED",
                "config": [
                    "hypervisorTypes": ["$UNKNOWN"], "clusterFunction": ["PRISM_CENTRAL"], "timezone": "UTC",
                    "buildInfo": ["buildType": "release", "version": .string(lab.central.version)],
                    "clusterSoftwareMap": [
                        ["softwareType": "PRISM_CENTRAL", "version": .string("pc.\(lab.central.version)")]
                    ],
                    "isLts": false, "isAvailable": true, "redundancyFactor": 1, "clusterArch": "X86_64",
                    "operationMode": "NORMAL",
                ],
            ], hidden: ["isCentral": true])
    }

    private static func nodes(_ cluster: LabDescription.Cluster) -> JSONValue {
        [
            "numberOfNodes": 1,
            "nodeList": [
                [
                    "nodeUuid": .string(Identity.named("host/\(cluster.name)")),
                    "controllerVmIp": ip(cluster.controllerVM), "hostIp": ip(cluster.address),
                ]
            ],
        ]
    }

    private static func entity(_ cluster: LabDescription.Cluster) -> Entity {
        var network: JSONValue = [
            "externalAddress": ip(cluster.address), "externalSubnet": "127.0.0.0/255.0.0.0",
            "internalSubnet": "192.168.5.0/255.255.255.128", "backplane": ["isSegmentationEnabled": false],
            "nameServerIpList": [ip("127.0.0.53")],
        ]
        network["externalDataServiceIp"] = cluster.dataServices.map(ip)
        let full = "el8.5-release-ganges-\(cluster.version)-stable-0000000000000000000000000000000000000000"
        return Entity(
            id: cluster.extId,
            body: [
                "extId": .string(cluster.extId), "name": .string(cluster.name), "upgradeStatus": "SUCCEEDED",
                "backupEligibilityScore": 1, "nodes": nodes(cluster), "network": network,
                "config": [
                    "incarnationId": 1_745_845_778_609_296, "hypervisorTypes": ["AHV"], "clusterFunction": ["AOS"],
                    "timezone": "UTC",
                    "clusterSoftwareMap": [
                        ["softwareType": "NOS", "version": .string(full)], ["softwareType": "NCC", "version": "5.1.1"],
                    ],
                    "buildInfo": [
                        "buildType": "release", "version": .string(cluster.version), "fullVersion": .string(full),
                        "commitId": "0000000000000000000000000000000000000000", "shortCommitId": "000000",
                    ],
                    "isLts": false, "isAvailable": true, "redundancyFactor": 2, "clusterArch": "X86_64",
                    "operationMode": "NORMAL",
                ],
            ])
    }

    private static func host(of cluster: LabDescription.Cluster) -> Entity {
        let id = Identity.named("host/\(cluster.name)")
        return Entity(
            id: id,
            body: [
                "extId": .string(id), "hostName": .string("\(cluster.name)-1"), "hostType": "HYPER_CONVERGED",
                "hypervisor": [
                    "externalAddress": ip(cluster.address), "fullName": "Nutanix 20230302.102005", "type": "AHV",
                    "numberOfVms": 0, "state": "ACROPOLIS_NORMAL", "acropolisConnectionState": "CONNECTED",
                ],
                "cluster": ["uuid": .string(cluster.extId), "name": .string(cluster.name)],
                "controllerVm": ["externalAddress": ip(cluster.controllerVM), "isInMaintenanceMode": false],
                "numberOfCpuCores": 16, "memorySizeBytes": 137_438_953_472, "nodeStatus": "NORMAL",
            ])
    }

    private static func entity(
        _ container: LabDescription.Container, of cluster: LabDescription.Cluster
    ) -> Entity {
        Entity(
            id: container.extId,
            body: [
                "containerExtId": .string(container.extId), "name": .string(container.name),
                "clusterExtId": .string(cluster.extId), "clusterName": .string(cluster.name),
                "storagePoolExtId": .string(Identity.named("pool/\(cluster.name)")),
                "ownerExtId": .string(Identity.named("user/owner")), "maxCapacityBytes": 1_099_511_627_776,
                "replicationFactor": 2, "isMarkedForRemoval": false, "isNfsWhitelistInherited": true,
                "erasureCode": "OFF", "isInlineEcEnabled": false, "cacheDeduplication": "OFF", "onDiskDedup": "OFF",
                "isCompressionEnabled": true, "compressionDelaySecs": 0, "isInternal": .bool(container.isInternal),
                "isSoftwareEncryptionEnabled": false, "isEncrypted": false,
            ])
    }
}
