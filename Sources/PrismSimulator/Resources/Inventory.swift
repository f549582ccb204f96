/// Clusters, hosts, storage containers, subnets and images: read only.
extension World {
    static let inventoryRoutes: [Route] = [
        Route(
            "listClusters", "GET /clustermgmt/config/clusters",
            "clustermgmt.v4.config.ListClustersApiResponse Cluster"
        ) { world, _ in
            .list(world.all(.cluster).map(world.shownCluster), fields: ["name", "extId", "config/clusterFunction"])
        },
        Route(
            "getCluster", "GET /clustermgmt/config/clusters/{id}",
            "clustermgmt.v4.config.GetClusterApiResponse Cluster"
        ) { world, call in
            let cluster = try world.find(.cluster, call["id"])
            return .entity(world.shownCluster(cluster), etag: cluster.etag)
        },
        Route(
            "listHosts", "GET /clustermgmt/config/hosts", "clustermgmt.v4.config.ListHostsApiResponse Host"
        ) { world, _ in
            .list(world.all(.host).map(\.body), fields: ["hostName", "extId", "cluster/uuid", "cluster/name"])
        },
        Route(
            "listClusterHosts", "GET /clustermgmt/config/clusters/{id}/hosts",
            "clustermgmt.v4.config.ListHostsApiResponse Host"
        ) { world, call in
            let cluster = try world.find(.cluster, call["id"])
            let hosts = world.all(.host).map(\.body).filter { $0.at("cluster.uuid")?.string == cluster.id }
            return .list(hosts, fields: ["hostName", "extId"])
        },
        Route(
            "getHost", "GET /clustermgmt/config/clusters/{cluster}/hosts/{id}",
            "clustermgmt.v4.config.GetHostApiResponse Host"
        ) { world, call in
            let host = try world.find(.host, call["id"])
            return .entity(host.body, etag: host.etag)
        },
        Route(
            "listStorageContainers", "GET /clustermgmt/config/storage-containers",
            "clustermgmt.v4.config.ListStorageContainersApiResponse StorageContainer"
        ) { world, _ in
            .list(world.all(.container).map(\.body), fields: ["name", "containerExtId", "clusterExtId", "clusterName"])
        },
        Route(
            "getStorageContainer", "GET /clustermgmt/config/storage-containers/{id}",
            "clustermgmt.v4.config.GetStorageContainerApiResponse StorageContainer"
        ) { world, call in
            let container = try world.find(.container, call["id"])
            return .entity(container.body, etag: container.etag)
        },
        Route(
            "listSubnets", "GET /networking/config/subnets", "networking.v4.config.ListSubnetsApiResponse Subnet"
        ) { world, call in
            let asksForExternal = call.request.query["$filter"]?.contains("isExternal") ?? false
            let subnets = world.all(.subnet).map(\.body).filter { asksForExternal || $0["isExternal"]?.bool != true }
            let fields = ["name", "extId", "clusterReference", "clusterName", "subnetType", "networkId", "isExternal"]
            return .list(subnets, fields: fields)
        },
        Route(
            "getSubnet", "GET /networking/config/subnets/{id}", "networking.v4.config.GetSubnetApiResponse Subnet"
        ) { world, call in
            let subnet = try world.find(.subnet, call["id"])
            return .entity(subnet.body, etag: subnet.etag)
        },
        Route(
            "listImages", "GET /vmm/content/images", "vmm.v4.content.ListImagesApiResponse Image"
        ) { world, _ in .list(world.all(.image).map(\.body), fields: ["name", "extId", "type"]) },
        Route(
            "getImage", "GET /vmm/content/images/{id}", "vmm.v4.content.GetImageApiResponse Image"
        ) { world, call in
            let image = try world.find(.image, call["id"])
            return .entity(image.body, etag: image.etag)
        },
    ]

    private func shownCluster(_ cluster: Entity) -> JSONValue {
        var body = cluster.body
        if cluster.hidden["isCentral"] == nil {
            body["vmCount"] = .int(all(.vm).count { $0.body.at("cluster.extId")?.string == cluster.id })
        }
        return body
    }
}
