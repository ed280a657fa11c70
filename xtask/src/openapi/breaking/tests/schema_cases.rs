//! The rules for schemas, as facts, written like those in `operation_cases.rs`.

/// Changes of schemas in requests, which may not be narrowed.
pub(super) const REQUESTS: &str = r#"
a new required property is noticed
    New/required/- = "color"
    > POST /orders body: color: is now required
a property no longer required is not
    New/required = []
a new optional property is not
    New/properties/note = {"type": "string"}
a removed property is noticed
    New/properties/color = null
    > POST /orders body: color: is removed
a removed value is noticed
    New/properties/color/enum = ["red"]
    > POST /orders body: color: no longer accepts "blue"
a new value is not
    New/properties/color/enum/- = "pink"
a narrowed bound is noticed
    New/properties/number/maxLength = 5
    > POST /orders body: number: maxLength is now 5, was 9
a widened bound is not
    New/properties/number/maxLength = 10
a new bound is noticed
    New/properties/tags/minItems = 1
    > POST /orders body: tags: minItems is now 1, was none
a new bound that bounds nothing is not
    New/properties/tags/minItems = 0
an exclusive bound outside the old bound is not
    New/properties/amount = {"exclusiveMinimum": -1, "type": ["number", "null"]}
an exclusive bound on the old bound is noticed
    New/properties/amount/exclusiveMinimum = 0
    > POST /orders body: amount: exclusiveMinimum is now 0, was none
a new pattern is noticed
    New/properties/number/pattern = "^A"
    > POST /orders body: number: pattern is now "^A", was none
a new format is noticed
    New/properties/number/format = "uuid"
    > POST /orders body: number: format is now "uuid", was none
a new example is not
    New/properties/number/examples = ["A1"]
null no longer taken is noticed
    New/properties/amount/type = "number"
    > POST /orders body: amount: no longer accepts null
null now taken is not
    New/properties/number/type = ["string", "null"]
an alternative less is noticed
    New/properties/target = {"const": 1}
    > POST /orders body: target: no longer accepts a string
an alternative more is not
    New/properties/target/anyOf/- = {"type": "boolean"}
the same number written otherwise is not
    New/properties/target/anyOf/0 = {"enum": [1.0]}
a closed object is noticed
    New/additionalProperties = false
    > POST /orders body: no longer accepts additional properties
an object left open is not
    New/additionalProperties = true
a schema that takes anything is not
    New = {}
a part that demands the same is not
    New/allOf = [{"required": ["number"]}]
a part that demands more is noticed
    New/allOf = [{"required": ["tags"]}]
    > POST /orders body: tags: is now required
"#;

/// Changes of schemas in responses, which may not be widened.
pub(super) const RESPONSES: &str = r##"
a removed property is noticed
    Order/properties/total = null
    > GET /orders 200: data[].total: is removed
a new format is noticed
    Owner/properties/name/format = "uri"
    > GET /orders 200: data[].buyer.name: format is now "uri", was none
a new property is not
    Order/properties/note = {"type": "string"}
a property no longer required is noticed
    Order/required = []
    > GET /orders 200: data[].state: is no longer always sent
a property now required is not
    Order/required/- = "total"
a value that may be null is noticed
    Order/properties/total/type = ["number", "null"]
    > GET /orders 200: data[].total: may now be null
null written as a type is not
    Order/properties/payer = {"type": ["null", "object"], "properties": {"name": {"type": "string"}}}
another type is noticed
    Order/properties/total/type = "string"
    > GET /orders 200: data[].total: may now be a string
a narrower type is not
    Order/properties/total/type = "integer"
another order of alternatives is not
    Order/properties/payer = {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Owner"}]}
a new value is noticed
    Order/properties/state/enum/- = "lost"
    > GET /orders 200: data[].state: may now be "lost"
a removed value is not
    Order/properties/state/enum = ["open"]
an enum opened is noticed
    Order/properties/state/enum = null
    > GET /orders 200: data[].state: may now be values other than "open", "done"
a changed bound is not
    Owner/properties/name/maxLength = 20
a map's new type is noticed
    Order/properties/labels/additionalProperties/type = "string"
    > GET /orders 200: data[].labels.*: may now be a string
a new problem code is not
    problem/properties/code/enum/- = "new"
a problem code of another type is noticed
    problem/properties/code = {"type": "integer"}
    > GET /orders 400: code: may now be an integer
    > POST /orders 400: code: may now be an integer
another new value of a problem is noticed
    problem/properties/hint/enum/- = "run"
    > GET /orders 400: hint: may now be "run"
    > POST /orders 400: hint: may now be "run"
"##;

/// Changes of components that are used in several places.
pub(super) const COMPONENTS: &str = r##"
one schema used by two properties
    Owner/properties/name = null
    > GET /orders 200: data[].buyer.name: is removed
one response used by two statuses
    problem/properties/hint = null
    > GET /orders 400: hint: is removed
    > POST /orders 400: hint: is removed
a schema moved to another name
    Order/properties/buyer = {"$ref": "#/components/schemas/Owner", "description": "Moved."}
a reference without a target
    Owner = null
    > GET /orders 200: data[].buyer: has a reference without a target
    > GET /orders 200: data[].payer: has a reference without a target
"##;
