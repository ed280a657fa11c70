//! The template's `Rules`, evaluated as CloudFormation does before it creates resources.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_yaml_ng::{Mapping, Value};

use super::*;
use crate::generate::read;

const SECRET_ARN: (&str, &str) = ("JwtSecretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt");
const KEY_SET: (&str, &str) = ("JwtJwksUrl", "https://issuer.example.com/jwks.json");
const ISSUER: (&str, &str) = ("JwtIssuer", "https://issuer.example.com");
const AUDIENCE: (&str, &str) = ("JwtAudience", "resource-api");

/// The value of `!Ref`, of a condition function, or of a literal.
fn value(expression: &Value, parameters: &BTreeMap<String, String>) -> String {
    match expression {
        Value::Tagged(tagged) if tagged.tag == "Ref" => parameters[tagged.value.as_str().unwrap()].clone(),
        Value::Tagged(_) => holds(expression, parameters).to_string(),
        literal => literal.as_str().unwrap().to_owned(),
    }
}

fn holds(expression: &Value, parameters: &BTreeMap<String, String>) -> bool {
    let Value::Tagged(tagged) = expression else { panic!("{expression:?} is not a condition") };
    let operands = tagged.value.as_sequence().unwrap();
    match tagged.tag.to_string().as_str() {
        "!And" => operands.iter().all(|it| holds(it, parameters)),
        "!Or" => operands.iter().any(|it| holds(it, parameters)),
        "!Not" => !holds(&operands[0], parameters),
        "!Equals" => value(&operands[0], parameters) == value(&operands[1], parameters),
        other => panic!("{other} is not evaluated here"),
    }
}

/// The rules that these parameters break. Other parameters have the template's defaults.
fn broken(given: &[(&str, &str)]) -> Vec<String> {
    let template: Mapping = serde_yaml_ng::from_str(&read(&workspace(), "template.yaml").unwrap()).unwrap();
    let mut parameters = BTreeMap::new();
    for (name, parameter) in template["Parameters"].as_mapping().unwrap() {
        let default = parameter["Default"].as_str().unwrap_or_default();
        parameters.insert(name.as_str().unwrap().to_owned(), default.to_owned());
    }
    for (name, value) in given {
        assert!(parameters.insert((*name).to_owned(), (*value).to_owned()).is_some(), "{name}");
    }
    let rules = template["Rules"].as_mapping().unwrap().iter().filter(|(_, rule)| {
        let applies = rule.get("RuleCondition").is_none_or(|condition| holds(condition, &parameters));
        let assertions = rule["Assertions"].as_sequence().unwrap();
        applies && !assertions.iter().all(|it| holds(&it["Assert"], &parameters))
    });
    rules.map(|(name, _)| name.as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::no_keys(&[], &["ExactlyOneSourceOfKeys"])]
#[case::two_sources(&[SECRET_ARN, KEY_SET, ISSUER, AUDIENCE], &["ExactlyOneSourceOfKeys"])]
#[case::secret_and_arn(&[SECRET_ARN, ("JwtSecret", "s")], &["ExactlyOneSourceOfKeys"])]
#[case::key_set_alone(&[KEY_SET], &["IssuerAndAudienceOfKeySet"])]
#[case::key_set_and_issuer(&[KEY_SET, ISSUER], &["IssuerAndAudienceOfKeySet"])]
#[case::key_set(&[KEY_SET, ISSUER, AUDIENCE], &[])]
#[case::secret_arn(&[SECRET_ARN], &[])]
#[case::secret(&[("JwtSecret", "s")], &[])]
#[case::local(&[SECRET_ARN, ("Stage", "local")], &["StageIsNotLocal"])]
#[case::table_without_stream(&[SECRET_ARN, ("ResourcesTableName", "restored")], &["StreamOfExistingTable"])]
#[case::alarms_without_metrics(&[SECRET_ARN, ("Alarms", "true")], &["MetricsOfAlarmsAndDashboard"])]
#[case::dashboard_without_metrics(&[SECRET_ARN, ("Dashboard", "true")], &["MetricsOfAlarmsAndDashboard"])]
#[case::alarms(&[SECRET_ARN, ("Alarms", "true"), ("Metrics", "true")], &[])]
#[case::domain_without_certificate(&[SECRET_ARN, ("DomainName", "api.example.com")], &["CertificateOfDomain"])]
#[case::domain(&[SECRET_ARN, ("DomainName", "api.example.com"), ("CertificateArn", "arn")], &[])]
#[case::table(&[SECRET_ARN, ("ResourcesTableName", "restored"), ("ResourcesTableStreamArn", "arn")], &[])]
fn a_stack_that_would_not_start_is_refused(#[case] given: &[(&str, &str)], #[case] rules: &[&str]) {
    assert_eq!(broken(given), rules);
}
