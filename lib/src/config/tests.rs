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
