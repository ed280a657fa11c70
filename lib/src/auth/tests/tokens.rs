//! The claims of tokens, and forged tokens.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[tokio::test]
async fn a_good_token_names_its_caller() {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let ada = Caller { tenant: Tenant::default(), subject: "ada".to_owned(), role: Role::User };
    assert_eq!(verify(&verifier, &hs256(&claims())).await.unwrap(), ada);
    let other = with("tenant", json!("acme_1-x"));
    assert_eq!(verify(&verifier, &hs256(&other)).await.unwrap().tenant.as_str(), "acme_1-x");
    let unknown = verify(&verifier, &hs256(&with("role", json!("owner")))).await.unwrap();
    assert_eq!(unknown.role, Role::Unknown);
    for (field, good) in [
        ("aud", json!(["other", "api"])),
        ("exp", json!(later(0).since_epoch().0 - 20)),
        ("nbf", json!(later(20).since_epoch().0)),
        ("sub", json!("é".repeat(256))),
        ("tenant", json!("t".repeat(64))),
        ("role", json!(["other", "user"])),
    ] {
        verify(&verifier, &hs256(&with(field, good.clone())))
            .await
            .unwrap_or_else(|error| panic!("{good} {error}"));
    }
    let scheme = format!("bEaReR   {}", hs256(&claims()));
    verifier.verify(Some(scheme.as_bytes()), Timestamp::now()).await.unwrap();
}

#[rstest]
#[case::expired(with("exp", json!(later(0).since_epoch().0 - 31)))]
#[case::not_yet_valid(with("nbf", json!(later(40).since_epoch().0)))]
#[case::other_issuer(with("iss", json!("https://other")))]
#[case::no_issuer(without("iss"))]
#[case::list_of_issuers(with("iss", json!(["https://issuer"])))]
#[case::other_audience(with("aud", json!("other")))]
#[case::other_audiences(with("aud", json!(["other", "more"])))]
#[case::no_audience(without("aud"))]
#[case::no_subject(without("sub"))]
#[case::no_expiry(without("exp"))]
#[case::no_role(without("role"))]
#[case::empty_subject(with("sub", json!("")))]
#[case::long_subject(with("sub", json!("x".repeat(257))))]
#[case::number_subject(with("sub", json!(1)))]
#[case::text_expiry(with("exp", json!("2099-01-01")))]
#[case::null_expiry(with("exp", json!(null)))]
#[case::text_start(with("nbf", json!("soon")))]
#[case::role_in_lists(with("role", json!([["user"]])))]
#[case::number_role(with("role", json!(1)))]
#[case::number_among_roles(with("role", json!(["user", 1])))]
#[case::null_role(with("role", json!(null)))]
#[case::subject_of_a_key(with("sub", json!("key:019a1b2c000070008000000000000000")))]
#[case::number_audience(with("aud", json!(1)))]
#[case::numbers_as_audiences(with("aud", json!([1])))]
#[case::client_beside_another_audience({
    let mut claims = with("client_id", json!("api"));
    claims["aud"] = json!("other");
    claims
})]
#[case::mark_of_the_json_library(with("$serde_json::private::Number", json!("1")))]
#[case::number_tenant(with("tenant", json!(1)))]
#[case::empty_tenant(with("tenant", json!("")))]
#[case::tenant_with_a_separator(with("tenant", json!("a#b")))]
#[case::long_tenant(with("tenant", json!("t".repeat(65))))]
#[case::expiry_in_an_object(with("exp", json!({ "$serde_json::private::Number": "9999999999" })))]
#[case::role_in_an_object(with("role", json!({ "$serde_json::private::RawValue": "\"admin\"" })))]
#[case::list(json!([]))]
#[case::too_long(with("more", json!("x".repeat(100_000))))]
#[tokio::test]
async fn claims_that_are_not_good_are_refused(#[case] claims: Value) {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let refused = verify(&verifier, &hs256(&claims)).await;
    assert!(matches!(refused, Err(Error::InvalidToken(_))), "{refused:?}");
}

#[tokio::test]
async fn a_forged_or_broken_token_is_refused() {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let good = hs256(&claims());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let unsigned =
        |algorithm: &str| format!("{}.{payload}.", part(&json!({ "alg": algorithm, "typ": "JWT" })));
    let other_secret = EncodingKey::from_secret(b"another secret, as long as the first one");
    let by = |algorithm| {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        encode(&Header::new(algorithm), &claims(), &key).unwrap()
    };
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["exp".to_owned()]);
    let forged = [
        unsigned("none"),
        unsigned("None"),
        unsigned("NONE"),
        unsigned("nOnE"),
        unsigned(""),
        unsigned("HS256"),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "none" }))),
        encode(&Header::new(Algorithm::HS256), &claims(), &other_secret).unwrap(),
        by(Algorithm::HS384),
        by(Algorithm::HS512),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "HS384" }))),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "RS256" }))),
        format!("{header}.{}.{signature}", part(&with("role", json!("admin")))),
        good[..good.len() - 1].to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{header}.{payload}"),
        format!("{good}.{signature}"),
        format!("{good},Bearer {good}"),
        "é".to_owned(),
        ".".to_owned(),
        "..".to_owned(),
        encode(&critical, &claims(), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap(),
    ];
    for token in forged {
        let refused = verify(&verifier, &token).await;
        assert!(matches!(refused, Err(Error::InvalidToken(_))), "{token}: {refused:?}");
    }
}

#[rstest]
#[case::nothing(None)]
#[case::empty(Some(""))]
#[case::other_scheme(Some("Basic YTpi"))]
#[case::scheme_alone(Some("Bearer "))]
#[case::no_scheme(Some("eyJhbGciOiJIUzI1NiJ9"))]
#[tokio::test]
async fn without_a_bearer_token_it_is_missing(#[case] field: Option<&str>) {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let refused = verifier.verify(field.map(str::as_bytes), Timestamp::now()).await;
    assert!(matches!(refused, Err(Error::MissingToken)), "{refused:?}");
}

proptest! {
    #[test]
    fn any_header_field_is_judged(field in prop::collection::vec(any::<u8>(), 0..200), scheme in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verifier = runtime.block_on(verifier(KeySource::Secret(SECRET.to_owned())));
        let field = if scheme { [b"Bearer ".to_vec(), field].concat() } else { field };
        prop_assert!(runtime.block_on(verifier.verify(Some(&field), Timestamp::now())).is_err());
    }

    #[test]
    fn any_three_parts_are_judged(header in "\\PC{0,60}", payload in "\\PC{0,60}", signature in "[A-Za-z0-9_=-]{0,50}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verifier = runtime.block_on(verifier(KeySource::Secret(SECRET.to_owned())));
        let parts = [URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload), signature];
        prop_assert!(runtime.block_on(verify(&verifier, &parts.join("."))).is_err());
    }
}
