/// Lab files of the tests.
enum LabText {
    /// Two clusters; `alpha` has every VM, `beta` is a place to restore to.
    static func standard(settings: String, machines: String, hasDataServices: Bool) -> String {
        let indented = settings.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        return """
            users:
              - { name: admin, password: lab-password-9, apiKey: lab-key-1 }
            prismCentral: { name: central, address: 127.0.0.1 }
            clusters:
              - name: alpha
                address: 127.0.0.2
                \(hasDataServices ? "dataServices: 127.0.0.3" : "controllerVM: 127.0.0.3")
                containers: [ { name: fast }, { name: big } ]
              - name: beta
                address: 127.0.0.4
                dataServices: 127.0.0.5
                containers: [ { name: fast }, { name: other } ]
            subnets:
              - { name: lan, cluster: alpha, vlan: 10 }
              - { name: dmz, cluster: alpha, vlan: 20 }
              - { name: lan, cluster: beta, vlan: 11 }
            categories:
              - { key: Env, value: prod }
              - { key: Env, value: test }
            images:
              - { name: tools.iso, cluster: alpha }
            vms:
            \(machines)
            settings:
            \(settings.contains("tasks:") ? "" : "  tasks: { queuedPolls: 0, runningPolls: 0 }")
            \(indented)
            """
    }

    static let machines = """
          - name: web
            cluster: alpha
            sockets: 2
            coresPerSocket: 2
            memory: 2147483648
            categories: [ "Env:prod" ]
            disks:
              - { bus: scsi, index: 0, size: 17825792, container: fast }
              - { bus: sata, index: 1, size: 16779776, container: big }
            cdroms:
              - { bus: ide, index: 0, image: tools.iso }
            nics:
              - { subnet: lan }
          - name: secure
            cluster: alpha
            machineType: q35
            boot: secure
            vtpm: true
            power: false
            guestTools: { installed: true }
            disks:
              - { bus: scsi, index: 0, size: 16777216, container: fast }
            nics:
              - { subnet: dmz, address: 10.1.2.3 }
        """
}
