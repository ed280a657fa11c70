//! Configured claims for role, tenant and audience, and unusual values in them.

use rstest::rstest;

use super::*;
use crate::config::Environment;

/// The result of verifying a token with these claims under these variables.
pub(super) async fn judged(variables: &[(&str, &str)], claims: &Value) -> Result<Caller, String> {
    let secret = ("JWT_SECRET", SECRET);
    let given = [&[secret, ("STAGE", "local")], variables].concat();
    let lookup =
        |name: &str| given.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
    let mut environment = Environment::new(lookup);
    let config = AccessConfig::read(&mut environment);
    let config = environment.finish(config).map_err(|error| error.to_string())?;
    let verifier = Verifier::connect(config, None).await.unwrap();
    verify(&verifier, &hs256(claims)).await.map_err(|error| error.to_string())
}

async fn role(variables: &[(&str, &str)], claims: &Value) -> Option<Role> {
    judged(variables, claims).await.ok().map(|caller| caller.role)
}

#[rstest]
#[case::name("roles", json!({ "roles": "admin" }))]
#[case::name_with_colons("cognito:groups", json!({ "cognito:groups": ["admin"] }))]
#[case::url("https://example.com/role", json!({ "https://example.com/role": "admin" }))]
#[case::pointer("/realm_access/roles", json!({ "realm_access": { "roles": ["x", "admin"] } }))]
#[case::pointer_into_a_list("/groups/1", json!({ "groups": ["user", "admin"] }))]
#[case::pointer_with_escapes("/a~1b/~0c", json!({ "a/b": { "~c": "admin" } }))]
#[tokio::test]
async fn a_role_is_where_the_configuration_says(#[case] path: &str, #[case] members: Value) {
    let mut claims = with("role", json!("user"));
    claims.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    assert_eq!(role(&[("JWT_ROLE_CLAIM", path)], &claims).await, Some(Role::Admin));
    // Without that claim the token is refused, even if it has `role`.
    let refused = judged(&[("JWT_ROLE_CLAIM", path)], &with("role", json!("admin"))).await;
    assert_eq!(refused, Err(format!("invalid token: it has no claim {path}")));
}

#[rstest]
#[case::strongest(json!(["staff", "ops", "else"]), Some(Role::Admin))]
#[case::in_any_order(json!(["else", "staff"]), Some(Role::Moderator))]
#[case::any_other(json!("else"), Some(Role::User))]
#[case::the_name_of_a_role(json!("admin"), Some(Role::User))]
#[case::the_wildcard_itself(json!("*"), Some(Role::User))]
#[case::another_case(json!("OPS"), Some(Role::User))]
#[case::empty_text(json!(""), Some(Role::Unknown))]
#[case::empty_text_in_a_list(json!([""]), Some(Role::Unknown))]
#[case::no_value_at_all(json!([]), Some(Role::Unknown))]
#[case::hundreds((0..300).map(|n| format!("g{n}")).chain(["ops".to_owned()]).collect::<Value>(), Some(Role::Admin))]
#[case::null(json!(null), None)]
#[case::object(json!({ "ops": true }), None)]
#[case::nested(json!([["ops"]]), None)]
#[case::mixed(json!(["ops", null]), None)]
#[case::number(json!(1), None)]
#[tokio::test]
async fn values_stand_for_roles(#[case] value: Value, #[case] expected: Option<Role>) {
    let map = [("JWT_ROLES", "ops=admin, staff = moderator,*=user")];
    assert_eq!(role(&map, &with("role", value)).await, expected);
}

#[tokio::test]
async fn without_a_wildcard_only_the_values_of_the_map_count() {
    let map = [("JWT_ROLES", "https://example.com/?a=b=admin")];
    assert_eq!(role(&map, &with("role", json!("https://example.com/?a=b"))).await, Some(Role::Admin));
    assert_eq!(role(&map, &with("role", json!("admin"))).await, Some(Role::Unknown));
    assert_eq!(
        role(&[("JWT_ROLES", "*=admin")], &without("role")).await,
        None,
        "a missing claim has no value"
    );
}

#[rstest]
#[case::no_pair("ops")]
#[case::no_value("=admin")]
#[case::no_role("ops=")]
#[case::no_such_role("ops=root")]
#[case::unknown("ops=unknown")]
#[case::twice("ops=admin,ops=user")]
#[case::two_wildcards("*=admin,*=user")]
#[case::empty_pair("ops=admin,")]
#[tokio::test]
async fn a_map_that_cannot_be_read_stops_the_function(#[case] map: &str) {
    let error = judged(&[("JWT_ROLES", map)], &claims()).await.unwrap_err();
    assert!(error.contains("JWT_ROLES must be pairs VALUE=ROLE"), "{error}");
}

#[tokio::test]
async fn a_tenant_is_where_the_configuration_says() {
    let variables = [("JWT_TENANT_CLAIM", "/organization/0"), ("TENANT_REQUIRED", "true")];
    let caller = judged(&variables, &with("organization", json!(["acme"]))).await.unwrap();
    assert_eq!(caller.tenant.as_str(), "acme");
    for (odd, reason) in [
        (json!([]), "it has no claim /organization/0"),
        (json!(null), "it has no claim /organization/0"),
        (json!("acme"), "it has no claim /organization/0"),
        (json!([["acme"]]), "its claim /organization/0 is not the name of a tenant (1 to 64 of A-Za-z0-9_-)"),
        (json!(["a#b"]), "its claim /organization/0 is not the name of a tenant (1 to 64 of A-Za-z0-9_-)"),
    ] {
        let refused = judged(&variables, &with("organization", odd.clone())).await;
        assert_eq!(refused, Err(format!("invalid token: {reason}")), "{odd}");
    }
    for wrong in ["/a~2", "/~", " ", " tenant"] {
        let error = judged(&[("JWT_TENANT_CLAIM", wrong)], &claims()).await.unwrap_err();
        assert!(error.contains("JWT_TENANT_CLAIM must be the name of a claim, or a JSON Pointer"), "{error}");
    }
}

#[rstest]
#[case::one_of_several(with("aud", json!("other")), true)]
#[case::one_of_its_own(with("aud", json!(["more", "api"])), true)]
#[case::none_of_them(with("aud", json!(["more", "apis"])), false)]
#[case::a_client_instead({
    let mut claims = without("aud");
    claims["client_id"] = json!("api");
    claims
}, true)]
#[case::another_client({
    let mut claims = without("aud");
    claims["client_id"] = json!("more");
    claims
}, false)]
#[case::a_list_of_clients({
    let mut claims = without("aud");
    claims["client_id"] = json!(["api"]);
    claims
}, false)]
#[case::neither(without("aud"), false)]
#[case::an_empty_list(with("aud", json!([])), false)]
#[tokio::test]
async fn a_token_is_for_one_of_the_audiences(#[case] claims: Value, #[case] accepted: bool) {
    assert_eq!(judged(&[("JWT_AUDIENCE", "other, api")], &claims).await.is_ok(), accepted);
}

#[tokio::test]
async fn an_empty_audience_stops_the_function() {
    let error = judged(&[("JWT_AUDIENCE", "api,,other")], &claims()).await.unwrap_err();
    assert!(error.contains("JWT_AUDIENCE must be one audience, or several"), "{error}");
}
