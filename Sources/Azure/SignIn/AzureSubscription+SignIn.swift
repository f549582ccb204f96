import Engine
import Targets

extension AzureSubscription {
    /// Tokens for one service, by the way that is configured.
    /// - Parameter audience: as Entra ID names the service.
    /// - Throws: `.configuration` for a secret or certificate that cannot be had.
    func tokens(for audience: String) throws(EngineError) -> EntraTokens {
        EntraTokens(try origin(), surroundings, for: audience)
    }

    private func origin() throws(EngineError) -> EntraTokens.Origin {
        guard let signIn = settings.signIn else { throw EngineError(.bug, "nobody to sign in as") }
        let tenant = settings.tenant ?? ""
        switch signIn.way {
        case .clientSecret(let application):
            return .application(
                endpoints.authority, tenant, application.clientId, try context.reveal(application.secret))
        case .certificate(let application):
            let assertion = CertificateAssertion(
                certificate: try ClientCertificate(file: context.resolve(application.file)),
                client: application.clientId)
            return .asserted(endpoints.authority, tenant, application.clientId) {
                endpoint, now throws(EngineError) in try assertion.text(for: endpoint, at: now)
            }
        case .managedIdentity(let identity):
            return .machine(try HTTPAddress(identity.endpoint, key: "endpoint"), identity.clientId)
        }
    }
}
