/// Categories: made, changed and deleted at once, without a task.
extension World {
    static let categoryRoutes: [Route] = [
        Route(
            "listCategories", "GET /prism/config/categories", "prism.v4.config.ListCategoriesApiResponse Category"
        ) { world, _ in .list(world.all(.category).map(\.body), fields: ["key", "value", "extId", "type"]) },
        Route(
            "getCategory", "GET /prism/config/categories/{id}", "prism.v4.config.GetCategoryApiResponse Category"
        ) { world, call in
            let category = try world.find(.category, call["id"])
            return .entity(category.body, etag: category.etag)
        },
        Route(
            "createCategory", "POST /prism/config/categories", "prism.v4.config.CreateCategoryApiResponse Category",
            body: "prism.v4.config.Category"
        ) { world, call in
            let (key, value) = try World.keyAndValue(call.body)
            if world.all(.category).contains(where: { $0.body["key"] == key && $0.body["value"] == value }) {
                throw APIError.conflict("A category with this key and value exists.")
            }
            var body: JSONValue = ["extId": .string(Identity.random()), "key": key, "value": value, "type": "USER"]
            body["description"] = call.body["description"]
            world.insert(.category, Entity(id: body["extId"]?.string ?? "", body: body))
            return .created(body)
        },
        Route(
            "updateCategory", "PUT /prism/config/categories/{id}",
            "prism.v4.config.UpdateCategoryApiResponse Category", body: "prism.v4.config.Category"
        ) { world, call in
            let category = try world.find(.category, call["id"])
            let (key, value) = try World.keyAndValue(call.body)
            world.update(.category, category.id) {
                $0.body["key"] = key
                $0.body["value"] = value
                $0.body["description"] = call.body["description"]
            }
            return .entity(try world.find(.category, category.id).body, etag: nil)
        },
        Route(
            "deleteCategory", "DELETE /prism/config/categories/{id}",
            "prism.v4.config.DeleteCategoryApiResponse Category"
        ) { world, call in
            let category = try world.find(.category, call["id"])
            if world.all(.vm).contains(where: {
                $0.body["categories"]?.elements.contains(["extId": .string(category.id)]) ?? false
            }) {
                throw APIError.conflict("The category is in use.")
            }
            world.remove(.category, category.id)
            return .nothing
        },
    ]

    private static func keyAndValue(_ body: JSONValue) throws(APIError) -> (JSONValue, JSONValue) {
        for name in ["key", "value"] {
            guard let text = body[name]?.string, (1...64).contains(text.count) else {
                throw .body("/\(name)", "1 to 64 characters are needed")
            }
        }
        return (body["key"] ?? .null, body["value"] ?? .null)
    }

    /// `key/value` of the categories an entity carries, as recovery points name them.
    func categoryNames(_ body: JSONValue) -> [JSONValue] {
        (body["categories"]?.elements ?? []).compactMap { reference in
            guard let category = entity(.category, reference["extId"]?.string) else { return nil }
            return .string("\(category.body["key"]?.string ?? "")/\(category.body["value"]?.string ?? "")")
        }
    }
}
