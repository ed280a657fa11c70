//! Tokens with the claims that issuers document, under the settings in `docs/auth.md` for each.

use rstest::rstest;

use super::issuer::{IssuerKey, Server};
use super::*;
use crate::config::Environment;

/// An issuer: the variables except the key set, the claims of a token except its times, and the expected
/// tenant and role.
struct Issuer {
    variables: Vec<(&'static str, &'static str)>,
    claims: Value,
    expected: (&'static str, Role),
}

/// The settings and claims that both tokens of Amazon Cognito share, with those of one of them.
fn cognito(setting: (&'static str, &'static str), own: &Value, expected: (&'static str, Role)) -> Issuer {
    let mut claims = json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
    });
    claims.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    Issuer {
        variables: vec![
            ("JWT_ISSUER", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example"),
            ("JWT_AUDIENCE", "1example23456789"),
            ("JWT_ROLE_CLAIM", "cognito:groups"),
            ("JWT_ROLES", "admins=admin,moderators=moderator,*=user"),
            setting,
        ],
        claims,
        expected,
    }
}

fn cognito_access_token() -> Issuer {
    let own = json!({
        "cognito:groups": ["staff", "moderators"], "client_id": "1example23456789", "token_use": "access", "version": 2,
        "origin_jti": "dddddddd-1111-2222-3333-eeeeeeeeeeee", "scope": "openid email", "username": "ada",
        "jti": "11111111-2222-3333-4444-555555555555",
    });
    cognito(("TENANT_REQUIRED", "false"), &own, ("default", Role::Moderator))
}

fn cognito_id_token() -> Issuer {
    let own = json!({
        "cognito:groups": ["admins"], "custom:tenant": "acme", "aud": "1example23456789", "token_use": "id",
        "cognito:username": "ada", "email": "ada@example.com", "email_verified": true,
    });
    cognito(("JWT_TENANT_CLAIM", "custom:tenant"), &own, ("acme", Role::Admin))
}

fn auth0() -> Issuer {
    Issuer {
        variables: vec![
            ("JWT_ISSUER", "https://example.eu.auth0.com/"),
            ("JWT_AUDIENCE", "https://api.example.com"),
            ("JWT_ROLE_CLAIM", "permissions"),
            ("JWT_ROLES", "resources:admin=admin,resources:moderate=moderator,resources:use=user"),
            ("JWT_TENANT_CLAIM", "org_id"),
        ],
        claims: json!({
            "iss": "https://example.eu.auth0.com/", "sub": "auth0|5dbc8ddb33c5e20d81912e99",
            "aud": ["https://api.example.com", "https://example.eu.auth0.com/userinfo"], "azp": "PyNVW4rk2eBKt10tnD3J8APu",
            "scope": "openid profile", "org_id": "org_9ybsU1dN2dKfDkBi",
            "permissions": ["reports:read", "resources:use", "resources:moderate"],
        }),
        expected: ("org_9ybsU1dN2dKfDkBi", Role::Moderator),
    }
}

fn entra_id() -> Issuer {
    Issuer {
        variables: vec![
            ("JWT_ISSUER", "https://login.microsoftonline.com/11112222-bbbb-3333-cccc-4444dddd5555/v2.0"),
            ("JWT_AUDIENCE", "00001111-aaaa-2222-bbbb-3333cccc4444"),
            ("JWT_ROLE_CLAIM", "roles"),
            ("JWT_ROLES", "Resources.Admin=admin,Resources.Moderator=moderator,Resources.User=user"),
            ("JWT_TENANT_CLAIM", "tid"),
        ],
        claims: json!({
            "aud": "00001111-aaaa-2222-bbbb-3333cccc4444",
            "iss": "https://login.microsoftonline.com/11112222-bbbb-3333-cccc-4444dddd5555/v2.0",
            "azp": "22223333-cccc-4444-dddd-5555eeee6666", "azpacr": "1", "name": "Ada", "preferred_username": "ada@example.com",
            "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "roles": ["Resources.User", "Resources.Admin"], "scp": "access", "ver": "2.0",
            "tid": "11112222-bbbb-3333-cccc-4444dddd5555",
        }),
        expected: ("11112222-bbbb-3333-cccc-4444dddd5555", Role::Admin),
    }
}

fn keycloak() -> Issuer {
    Issuer {
        variables: vec![
            ("JWT_ISSUER", "https://sso.example.com/realms/main"),
            ("JWT_AUDIENCE", "resource-api"),
            ("JWT_ROLE_CLAIM", "/realm_access/roles"),
            ("JWT_TENANT_CLAIM", "/organization/0"),
        ],
        claims: json!({
            "iss": "https://sso.example.com/realms/main", "aud": ["resource-api", "account"], "typ": "Bearer", "azp": "web",
            "sub": "f1c4f64e-2c0c-4cda-8c9f-9f3f8f3a2b0e", "organization": ["acme"], "acr": "1",
            "realm_access": { "roles": ["default-roles-main", "offline_access", "uma_authorization", "moderator", "user"] },
            "resource_access": { "account": { "roles": ["manage-account", "view-profile"] } },
            "scope": "openid profile organization", "preferred_username": "ada",
        }),
        expected: ("acme", Role::Moderator),
    }
}

fn clerk() -> Issuer {
    Issuer {
        variables: vec![
            ("JWT_ISSUER", "https://clerk.example.com"),
            ("JWT_AUDIENCE", "resource-api"),
            ("JWT_ROLE_CLAIM", "/o/rol"),
            ("JWT_ROLES", "admin=admin,*=user"),
            ("JWT_TENANT_CLAIM", "/o/id"),
        ],
        claims: json!({
            "aud": "resource-api", "azp": "https://example.com", "fva": [7, -1], "iss": "https://clerk.example.com",
            "jti": "4f1c2b", "sid": "sess_2abc", "sts": "active", "sub": "user_2def", "v": 2,
            "o": { "id": "org_2ghi", "rol": "admin", "slg": "acme", "per": "read,manage", "fpm": "3" },
        }),
        expected: ("org_2ghi", Role::Admin),
    }
}

#[rstest]
#[case::cognito_access_token(cognito_access_token())]
#[case::cognito_id_token(cognito_id_token())]
#[case::auth0(auth0())]
#[case::entra_id(entra_id())]
#[case::keycloak(keycloak())]
#[case::clerk(clerk())]
#[tokio::test]
async fn the_token_of_an_issuer_names_its_caller(#[case] issuer: Issuer) {
    let key = IssuerKey::rsa("k1");
    // Without `alg`, as Entra ID publishes its keys.
    let mut published = key.published();
    published.as_object_mut().unwrap().remove("alg");
    let server = Server::start(Some(json!({ "keys": [published] }).to_string())).await;
    let lookup = |name: &str| match name {
        "JWT_JWKS_URL" => Some(server.url.clone()),
        name => {
            issuer.variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
        }
    };
    let mut environment = Environment::new(lookup);
    let config = AccessConfig::read(&mut environment);
    let verifier = Verifier::connect(environment.finish(config).unwrap(), None).await.unwrap();
    let mut claims = issuer.claims;
    claims["iat"] = json!(later(0).since_epoch().0);
    claims["exp"] = json!(later(300).since_epoch().0);
    let caller = verify(&verifier, &key.sign(&claims)).await.unwrap();
    assert_eq!((caller.tenant.as_str(), caller.role), issuer.expected);
    assert_eq!(json!(caller.subject), claims["sub"]);

    // The same token for another application of the same issuer.
    let audience = if claims.get("aud").is_some() { "aud" } else { "client_id" };
    claims[audience] = json!("another-application");
    let refused = verify(&verifier, &key.sign(&claims)).await.unwrap_err();
    assert_eq!(refused.to_string(), "invalid token: it is for another audience");
}
