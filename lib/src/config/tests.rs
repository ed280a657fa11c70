use super::*;
use crate::domain::Shards;

fn read(variables: &[(&str, &str)]) -> Result<ResourcesConfig, ConfigError> {
    let lookup =
        |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
    let mut environment = Environment::new(lookup);
    LoggingConfig::read(&mut environment);
    let config = ResourcesConfig::read(&mut environment);
    environment.finish(config)
}

#[test]
fn what_is_missing_gets_its_default() {
    let config = read(&[("RESOURCES_TABLE", "t")]).unwrap();
    assert_eq!((&*config.table, config.listing_shards), ("t", Shards::default()));
    assert_eq!((config.cache.url, config.cache.ttl.as_secs()), (None, 300));
}

#[test]
fn one_message_names_every_fault() {
    let error =
        read(&[("RESOURCES_TABLE", ""), ("LISTING_SHARDS", "65"), ("RUST_LOG", "a=b=c")]).unwrap_err();
    let expected = "the configuration is wrong: RUST_LOG must be a level or target=level pairs, by comma, not \
                    \"a=b=c\"; RESOURCES_TABLE is missing; LISTING_SHARDS must be a whole number from 1 to 64, not \"65\"";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_cache_is_a_redis_url_that_is_never_shown() {
    let read = |url: &str, ttl: &str| {
        let config = read(&[("RESOURCES_TABLE", "t"), ("CACHE_URL", url), ("CACHE_TTL_SECONDS", ttl)]);
        config.map_err(|error| error.to_string())
    };
    for good in
        ["redis://localhost", "rediss://:s3cret@cache.example.com:6380/2", "redis://user:s3cret@[::1]"]
    {
        let config = read(good, "60").unwrap();
        assert_eq!((config.cache.url.as_deref(), config.cache.ttl.as_secs()), (Some(good), 60));
        assert!(!format!("{config:?}").contains("s3cret"));
    }
    for bad in [
        "localhost:6379",
        "http://s3cret@localhost",
        "redis://",
        "unix:///s3cret",
        "redis://s3cret@localhost:x",
    ] {
        let error = read(bad, "").unwrap_err();
        assert!(error.contains("CACHE_URL must be") && !error.contains("s3cret"), "{error}");
    }
    for ttl in ["0", "-1", "86401", "x"] {
        assert!(read("redis://localhost", ttl).unwrap_err().contains("CACHE_TTL_SECONDS"), "{ttl}");
    }
}

#[test]
fn shards_are_1_to_64() {
    for (text, valid) in [("0", false), ("1", true), ("64", true), ("-1", false), ("x", false)] {
        assert_eq!(read(&[("RESOURCES_TABLE", "t"), ("LISTING_SHARDS", text)]).is_ok(), valid, "{text}");
    }
}

#[test]
fn an_endpoint_is_a_url_and_an_empty_one_is_none() {
    let read = |url: &str| {
        let mut environment = Environment::new(|_| Some(url.to_owned()));
        let config = DynamoDbConfig::read(&mut environment);
        environment.finish(config.endpoint)
    };
    assert_eq!(read(""), Ok(None));
    assert_eq!(read("http://127.0.0.1:8000"), Ok(Some("http://127.0.0.1:8000".to_owned())));
    for wrong in ["127.0.0.1:8000", "ftp://a", "http://", "a b"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

fn access(variables: &[(&str, &str)]) -> Result<AccessConfig, String> {
    let lookup =
        |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
    let mut environment = Environment::new(lookup);
    let config = AccessConfig::read(&mut environment);
    environment.finish(config).map_err(|error| error.to_string())
}

#[test]
fn there_is_exactly_one_source_of_keys() {
    let (secret, arn, url) = (
        ("JWT_SECRET", "a secret of tests, long enough for HS256"),
        ("JWT_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt"),
        ("JWT_JWKS_URL", "https://issuer.example.com/jwks.json"),
    );
    assert_eq!(access(&[secret]).unwrap().keys, KeySource::Secret(secret.1.to_owned()));
    assert_eq!(access(&[arn, ("JWT_SECRET", "")]).unwrap().keys, KeySource::SecretArn(arn.1.to_owned()));
    let of_set = [url, ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    assert_eq!(access(&of_set).unwrap().keys, KeySource::Jwks(url.1.to_owned()));
    for wrong in [&[][..], &[secret, arn], &[secret, url], &[arn, url], &[secret, arn, url]] {
        assert!(access(wrong).unwrap_err().contains("exactly one of"), "{wrong:?}");
    }
}

#[test]
fn a_secret_is_long_enough_and_on_a_deployed_stage_nobody_elses() {
    let error = access(&[("JWT_SECRET", "31 bytes are not enough for it.")]).unwrap_err();
    assert!(
        error.contains("JWT_SECRET must have at least 32 bytes") && !error.contains("31 bytes"),
        "{error}"
    );
    let development = ("JWT_SECRET", DEVELOPMENT_SECRET);
    assert!(access(&[development]).unwrap_err().contains("development secret"));
    assert!(access(&[development, ("STAGE", "local")]).is_ok());
    for stage in ["", "dev", "prod", "Local"] {
        assert!(
            access(&[development, ("STAGE", stage)]).unwrap_err().contains("development secret"),
            "{stage}"
        );
    }
    let config = access(&[("JWT_SECRET", "a secret of tests, long enough for HS256")]).unwrap();
    assert!(!format!("{config:?}").contains("a secret of"));
}

#[test]
fn a_key_set_needs_an_issuer_and_an_audience_but_locally() {
    let url = ("JWT_JWKS_URL", "https://issuer.example.com/jwks.json");
    let (issuer, audience) = (("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a"));
    for given in [&[url][..], &[url, issuer], &[url, audience], &[url, ("STAGE", "prod")]] {
        let error = access(given).unwrap_err();
        assert!(error.contains("JWT_ISSUER and JWT_AUDIENCE must be set with JWT_JWKS_URL"), "{error}");
    }
    assert!(access(&[url, issuer, audience]).is_ok());
    assert!(access(&[url, ("STAGE", "local")]).is_ok());
}

#[test]
fn a_tenant_is_required_but_locally() {
    let required = |variables: &[(&str, &str)]| {
        let secret = ("JWT_SECRET", "a secret of tests, long enough for HS256");
        access(&[&[secret], variables].concat()).map(|config| config.claims.tenant_required)
    };
    assert_eq!(required(&[]), Ok(true));
    assert_eq!(required(&[("STAGE", "prod")]), Ok(true));
    assert_eq!(required(&[("STAGE", "local")]), Ok(false));
    assert_eq!(required(&[("STAGE", "local"), ("TENANT_REQUIRED", "true")]), Ok(true));
    assert_eq!(required(&[("TENANT_REQUIRED", "false")]), Ok(false));
    let error = required(&[("TENANT_REQUIRED", "no")]).unwrap_err();
    assert!(error.contains("TENANT_REQUIRED must be true or false"), "{error}");
}

#[test]
fn a_copy_of_a_secret_grows_an_hour_old_at_most() {
    let age = |age: &str| {
        let arn = ("JWT_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt");
        access(&[arn, ("JWT_SECRET_MAX_AGE_SECONDS", age)]).map(|config| config.secret_max_age.as_secs())
    };
    assert_eq!((age(""), age("60"), age("3600")), (Ok(900), Ok(60), Ok(3600)));
    for wrong in ["59", "3601", "x", "-1"] {
        assert!(age(wrong).unwrap_err().contains("a whole number from 60 to 3600"), "{wrong}");
    }
}

#[test]
fn a_key_set_comes_safely() {
    for (url, good) in [
        ("https://issuer.example.com/jwks.json", true),
        ("http://127.0.0.1:8080/jwks.json", true),
        ("http://localhost/jwks.json", true),
        ("http://issuer.example.com/jwks.json", false),
        ("http://localhost.example.com/", false),
        ("ftp://issuer.example.com/", false),
        ("issuer.example.com", false),
    ] {
        let given = [("JWT_JWKS_URL", url), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
        assert_eq!(access(&given).is_ok(), good, "{url}");
    }
}
