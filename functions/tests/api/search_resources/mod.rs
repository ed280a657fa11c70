//! `GET /api/resources/search`.

mod model;
mod world;

use kinds::RESOURCES;
use resource_api::domain::{Caller, Resource, Role, Shards, Tenant, Timestamp, Values};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;
use crate::logs::Log;

/// The names of a search's results, in order.
async fn names(app: &App, query: &str) -> Vec<String> {
    let response = app.get(&format!("/api/resources/search?{query}")).await;
    assert_eq!(response.body["pagination"]["exhaustive"], true, "{query}");
    response
        .data(200)
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

/// An API with resources of these names, the last the newest, after processing their changes.
async fn app_with(names: &[&str]) -> (App, Vec<Value>) {
    let app = App::followed().await;
    let mut created = Vec::new();
    for name in names {
        created.push(app.created(json!({ "name": name })).await);
    }
    app.follow().await;
    (app, created)
}

#[rstest]
#[case::one_word("field", &["Field notes"])]
#[case::a_beginning("fie", &["Fiend", "Field notes"])]
#[case::several_words_in_any_order("notes+FIELD", &["Field notes"])]
#[case::beginnings_of_several("no+fi", &["Field notes"])]
#[case::accents_in_the_name("cafe", &["Café Ångström"])]
#[case::accents_in_the_query("%C3%A5ngstr%C3%B6m", &["Café Ångström"])]
#[case::strokes("lodz", &["Łódź"])]
#[case::full_case_folding("STRASSE", &["Straße"])]
#[case::greek("%CE%95%CE%BB%CE%BB%CE%B1%CE%B4%CE%B1", &["Ελλάδα"])]
#[case::cyrillic("%D0%BC%D0%BE%D1%81%D0%BA%D0%B2%D0%B0", &["МОСКВА"])]
#[case::han_within_a_name("%E8%AE%B0%E5%BD%95", &["会议记录"])]
#[case::hangul("%ED%9A%8C%EC%9D%98", &["회의록"])]
#[case::arabic_points("%D9%85%D8%B1%D8%AD%D8%A8%D8%A7", &["مَرْحَبًا"])]
#[case::devanagari("%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80", &["हिन्दी"])]
#[case::compatibility_forms("fi", &["ﬁnch", "Fiend", "Field notes"])]
#[case::between_punctuation("2026", &["report_2026.pdf"])]
#[case::only_beginnings("otes", &[])]
#[case::every_word("field+missing", &[])]
#[tokio::test]
async fn words_are_found_in_any_script(#[case] q: &str, #[case] expected: &[&str]) {
    let given = [
        "Field notes",
        "Fiend",
        "Café Ångström",
        "Łódź",
        "Straße",
        "Ελλάδα",
        "МОСКВА",
        "会议记录",
        "회의록",
        "مَرْحَبًا",
        "हिन्दी",
        "report_2026.pdf",
    ];
    let (app, _) = app_with(&given).await;
    let ligature = q == "fi";
    if ligature {
        app.created(json!({ "name": "ﬁnch" })).await;
        app.follow().await;
    }
    assert_eq!(names(&app, &format!("q={q}")).await, expected);
}

#[tokio::test]
async fn whole_words_come_first_and_of_these_the_newest() {
    let (app, _) = app_with(&["cat a", "catalog 1", "cat b", "catalog 2", "concat"]).await;
    assert_eq!(names(&app, "q=cat").await, ["cat b", "cat a", "catalog 2", "catalog 1"]);
    assert_eq!(names(&app, "q=cat&limit=3").await, ["cat b", "cat a", "catalog 2"]);
    assert_eq!(names(&app, "q=cat+b").await, ["cat b"]);
    // The same if many newer resources match only by prefix.
    let (app, _) = app_with(&["cat dog", "cat dogs 1", "cat dogs 2", "cat dogs 3", "cat dogs 4"]).await;
    assert_eq!(names(&app, "q=cat+dog&limit=1").await, ["cat dog"]);
    assert_eq!(names(&app, "q=cat+dog&limit=2").await, ["cat dog", "cat dogs 4"]);
    assert_eq!(names(&app, "q=ca+dog&limit=1").await, ["cat dogs 4"]);
}

#[tokio::test]
async fn a_renamed_or_deleted_resource_is_not_found_by_its_old_name_even_before_anything_followed() {
    let (app, created) = app_with(&["alpha one", "alpha two", "alpha three"]).await;
    let path = |at: usize| format!("/api/resources/{}", created[at]["id"].as_str().unwrap());
    app.patch(&path(0), &json!({ "name": "beta one" })).await.data(200);
    assert_eq!(app.delete(&path(1)).await.status, 204);
    assert_eq!(names(&app, "q=alpha").await, ["alpha three"]);
    app.follow().await;
    assert_eq!(names(&app, "q=alpha").await, ["alpha three"]);
    assert_eq!(names(&app, "q=beta").await, ["beta one"]);
    app.post(&format!("{}/restore", path(1)), &json!({})).await.data(200);
    app.follow().await;
    assert_eq!(names(&app, "q=alpha").await, ["alpha three", "alpha two"]);
    let purge = format!("{}?purge=true", path(1));
    assert_eq!(app.delete(&purge).role(Role::Admin).await.status, 204);
    app.follow().await;
    assert_eq!(names(&app, "q=alpha").await, ["alpha three"]);
}

#[tokio::test]
async fn status_fields_and_limit_apply() {
    let app = App::followed().await;
    for status in ["draft", "active", "archived"] {
        app.created(json!({ "name": "n", "status": status, "description": "d" })).await;
    }
    app.follow().await;
    let response = app.get("/api/resources/search?q=n&status=draft,active&fields=status,description").await;
    let expected =
        json!([{ "status": "active", "description": "d" }, { "status": "draft", "description": "d" }]);
    assert_eq!(*response.data(200), expected);
    let expected = json!({ "limit": 10, "next_cursor": null, "exhaustive": true });
    assert_eq!(response.body["pagination"], expected);
    let response = app.get("/api/resources/search?q=n&limit=1").await;
    let listed = app.get("/api/resources?limit=1").await;
    assert_eq!(response.data(200), listed.data(200), "the summary is said when nothing else is asked");
    assert_eq!(response.body["pagination"]["limit"], 1);
}

#[rstest]
#[case("", &["q required"])]
#[case("q=", &["q invalid_value"])]
#[case("q=%2C+-+!", &["q invalid_value"])]
#[case("q=a&q=b", &["q repeated_parameter"])]
#[case("q=a&limit=51", &["limit invalid_value"])]
#[case("q=a&limit=0&status=deleted", &["limit invalid_value", "status invalid_value"])]
#[case("q=a&offset=1&cursor=x", &["cursor unknown_parameter", "offset unknown_parameter"])]
#[case("q=a&fields=colour", &["fields invalid_value"])]
#[tokio::test]
async fn what_is_wrong_with_a_query_is_named(#[case] query: &str, #[case] faults: &[&str]) {
    let app = App::followed().await;
    let mut found = app.get(&format!("/api/resources/search?{query}")).await.faults(400, "invalid_query");
    found.sort();
    assert_eq!(found, faults);
    let long = format!("/api/resources/search?q={}", "a".repeat(201));
    assert_eq!(app.get(&long).await.faults(400, "invalid_query"), ["q too_long"]);
}

#[tokio::test]
async fn no_tenant_finds_anothers() {
    let (app, _) = app_with(&["alpha"]).await;
    let other = Caller { tenant: Tenant::parse("other").unwrap(), ..Caller::example(Role::Admin) };
    let response = app.get("/api/resources/search?q=alpha").caller(&other).await;
    assert_eq!(*response.data(200), json!([]));
}

#[tokio::test]
async fn names_with_the_longest_words_are_found() {
    // Folded, each character of the first name becomes 18 letters, which together exceed a key.
    let (long, letters) = ("ﷺ".repeat(200), "é".repeat(200));
    let (app, _) = app_with(&[&long, &letters, &"a ".repeat(99)]).await;
    assert_eq!(names(&app, &format!("q={}", "e".repeat(200))).await, [letters.as_str()]);
    assert_eq!(names(&app, &format!("q={}", "%EF%B7%BA".repeat(200))).await, [long.as_str()]);
    assert_eq!(names(&app, "q=a").await, ["a ".repeat(99).trim()]);
}

#[tokio::test]
async fn more_than_an_answer_can_hold_is_refused() {
    let app = App::followed().await;
    for _ in 0..20 {
        app.created(json!({ "name": "large", "attributes": { "text": "x".repeat(380_000) } })).await;
    }
    app.follow().await;
    assert_eq!(names(&app, "q=large&limit=20").await.len(), 20);
    let response = app.get("/api/resources/search?q=large&limit=20&fields=*").await;
    response.problem(413, "content_too_large");
    assert_eq!(names(&app, "q=large&limit=10&fields=*").await.len(), 10);
}

/// Each resource has 45 words with the same prefix, so that 135 rows belong to 3 candidates.
#[tokio::test]
async fn many_words_that_begin_alike_take_few_calls() {
    let app = App::followed().await.with_candidates(3);
    let name: Vec<_> = (10..55).map(|number| format!("x{number}")).collect();
    for _ in 0..3 {
        app.created(json!({ "name": name.join(" ") })).await;
    }
    app.follow().await;
    let log = Log::start();
    assert_eq!(names(&app, "q=x").await.len(), 3);
    assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], "BatchGetItem:1,Query:2");
}

/// 1,000 candidates are read, and one row more to find out whether there are others.
#[tokio::test]
async fn what_every_resource_has_is_found_for_little() {
    let app = App::followed().await;
    let (author, resources) = (Caller::example(Role::User), app.repository(Shards::default()));
    let store_as = async |name: &str, number: u64| {
        let name = format!("{name} {number}");
        let values = Values::from_json(&RESOURCES, json!({ "name": name })).unwrap();
        let resource = Resource::new(values, &author, Timestamp::from_epoch(1_790_000_000 + number, 0));
        resources.store(&author.tenant, &resource).await.unwrap();
    };
    let store = |number| store_as("common thing", number);
    for number in 0..1000 {
        store(number).await;
    }
    app.follow().await;
    let costs = async |query: &str| {
        let log = Log::start();
        let response = app.get(&format!("/api/resources/search?{query}&fields=name")).await;
        let names: Vec<_> =
            response.data(200).as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
        let line = log.lines().pop().unwrap();
        let operations = line["dynamodb_operations"].as_str().unwrap().to_owned();
        (names, response.body["pagination"]["exhaustive"].as_bool().unwrap(), operations)
    };
    let (found, exhaustive, operations) = costs("q=common&limit=2").await;
    assert_eq!(found, ["common thing 999", "common thing 998"]);
    assert_eq!((exhaustive, &*operations), (true, "BatchGetItem:1,Query:1"));
    store(1000).await;
    app.follow().await;
    let (found, exhaustive, operations) = costs("q=common&limit=2").await;
    assert_eq!(found, ["common thing 1000", "common thing 999"]);
    assert_eq!((exhaustive, &*operations), (false, "BatchGetItem:1,Query:1"));
    let (found, exhaustive, operations) = costs("q=common+777").await;
    assert_eq!(found, ["common thing 777"]);
    assert_eq!((exhaustive, &*operations), (true, "BatchGetItem:1,Query:2"));
    let (found, exhaustive, operations) = costs("q=comm+thi&limit=1").await;
    assert_eq!(found, ["common thing 1000"]);
    assert_eq!((exhaustive, &*operations), (false, "BatchGetItem:1,Query:2"));
    // The entries of one word show that no name has both, so no resource is read.
    for number in 0..1001 {
        store_as("separate", number).await;
    }
    app.follow().await;
    let (found, exhaustive, operations) = costs("q=separate+common").await;
    assert_eq!(found.len(), 0);
    assert_eq!((exhaustive, &*operations), (false, "Query:2"));
}
