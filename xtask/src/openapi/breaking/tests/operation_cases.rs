//! The rules for operations, as facts about single changes to the document in `tests.rs`.
//!
//! Each case has the fact, a line with the place of the change and its new value (null: removed), and the
//! expected lines.

/// Changes of paths, operations, security and webhooks.
pub(super) const OPERATIONS: &str = r#"
an unchanged document breaks nothing
    info = {"version": "2"}
a removed path is noticed
    paths/~1orders = null
    > /orders: is removed
a new path is not
    paths/~1owners = {"get": {}}
a removed method is noticed
    post = null
    > POST /orders: is removed
a new method is not
    paths/~1orders/delete = {}
a changed operationId is noticed
    get/operationId = "orders"
    > GET /orders: operationId is now orders, was listOrders
a changed summary is not
    get/summary = "Lists orders."
new security is noticed
    security = [{"bearer": []}]
    > GET /orders security: now requires bearer; no authentication is no longer enough
a new scope is noticed
    post/security/0/bearer = ["write", "admin"]
    > POST /orders security: now requires bearer with ["write","admin"]; bearer with ["write"] is no longer enough
another way to authenticate is not
    post/security/- = {"key": []}
a scope less is not
    post/security/0/bearer = []
a removed webhook is noticed
    webhooks/paid = null
    > webhook paid POST: is removed
a property removed from a webhook is noticed
    webhooks/paid/post/requestBody/content/application~1json/schema/properties/at = null
    > webhook paid POST body: at: is removed
"#;

/// Changes of parameters.
pub(super) const PARAMETERS: &str = r##"
a new required parameter is noticed
    get/parameters/- = {"in": "query", "name": "X-A", "required": true}
    > GET /orders query X-A: is now required
a new required header is noticed
    get/parameters/- = {"in": "header", "name": "X-A", "required": true}
    > GET /orders header X-A: is now required
a new optional parameter is not
    get/parameters/- = {"in": "query", "name": "X-A", "required": false}
a parameter now required is noticed
    components/parameters/Sort/required = true
    > GET /orders query sort: is now required
a removed parameter is noticed
    get/parameters = [{"$ref": "#/components/parameters/Sort"}]
    > GET /orders query limit: is removed
a parameter's removed value is noticed
    components/parameters/Sort/schema/enum = ["up"]
    > GET /orders query sort: no longer accepts "down"
a parameter's new value is not
    components/parameters/Sort/schema/enum/- = "none"
another style is noticed
    components/parameters/Sort/explode = false
    > GET /orders query sort: is now written as form, was form, exploded
the default style written out is not
    components/parameters/Sort/style = "form"
a parameter's first default is not
    components/parameters/Sort/schema/default = "up"
"##;

/// Changes of bodies, statuses, media types and headers.
pub(super) const CONTENTS: &str = r#"
a body now required is noticed
    post/requestBody/required = true
    > POST /orders body: is now required
an optional body is not
    get/requestBody = {"content": {}}
a removed body is noticed
    post/requestBody = null
    > POST /orders body: is removed
a removed media type of a body is noticed
    post/requestBody/content = {"text/csv": {}}
    > POST /orders body: media type application/json is removed
a new media type of a body is not
    post/requestBody/content/text~1csv = {}
a removed status is noticed
    post/responses/400 = null
    > POST /orders 400: is removed
a new success is noticed
    post/responses/202 = {}
    > POST /orders 202: is new
a new failure is not
    post/responses/503 = {}
a removed media type of a response is noticed
    get/responses/200/content = {}
    > GET /orders 200: media type application/json is removed
a new media type of a response is not
    get/responses/200/content/text~1csv = {}
a removed header is noticed
    get/responses/200/headers = {}
    > GET /orders 200 header ETag: is removed
a new header is not
    get/responses/200/headers/Link = {}
a header now optional is noticed
    components/headers/ETag/required = false
    > GET /orders 200 header ETag: is no longer always sent
a header's new type is noticed
    components/headers/ETag/schema/type = "integer"
    > GET /orders 200 header ETag: may now be an integer
"#;
