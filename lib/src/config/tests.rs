use super::*;
use crate::repository::Shards;

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
    assert_eq!(config, ResourcesConfig { table: "t".to_owned(), listing_shards: Shards::default() });
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
