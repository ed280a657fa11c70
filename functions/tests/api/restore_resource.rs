//! Deleting, restoring and purging, and their effects on every route.

use resource_api::domain::{Caller, Change, ExpectedVersion, Operation, ResourceId, Role, Tenant, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

fn ids(list: &Value) -> Vec<&Value> {
    list.as_array().unwrap().iter().map(|row| &row["id"]).collect()
}

/// Checks that every route that reads returns a resource, or that none does.
async fn check_reads(app: &App, id: &str, there: bool) {
    let path = format!("/api/resources/{id}");
    let referrer =
        app.created(json!({ "name": "referrer", "status": "archived", "related_ids": [id] })).await;
    let referrer = format!("/api/resources/{}", referrer["id"].as_str().unwrap());
    for role in [Role::User, Role::Admin] {
        for read in [path.clone(), format!("{path}?fields=name"), format!("{path}/related")] {
            let response = app.get(&read).role(role).await;
            assert_eq!(response.status, if there { 200 } else { 404 }, "{read}");
        }
        for list in
            ["", "?status=draft&sort=name", "?status=draft&fields=*", "?status=draft,active&sort=-updated"]
        {
            let response = app.get(&format!("/api/resources{list}")).role(role).await;
            assert_eq!(ids(response.data(200)).contains(&&json!(id)), there, "{list}");
        }
        let response = app.post("/api/resources/batch-get", &json!({ "ids": [id] })).role(role).await;
        assert_eq!(response.body["missing"].as_array().unwrap().is_empty(), there);
        let response = app.get(&format!("{referrer}/related")).role(role).await;
        assert_eq!(response.data(200).as_array().unwrap().len(), usize::from(there));
        let response = app.get(&format!("{referrer}?expand=related")).role(role).await;
        assert_eq!(response.data(200)["unresolved_related_ids"].as_array().unwrap().is_empty(), there);
    }
    app.delete(&format!("{referrer}?purge=true")).role(Role::Admin).await;
}

#[tokio::test]
async fn what_is_deleted_is_gone_until_it_is_restored() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "status": "draft", "attributes": { "a": 1 } })).await;
    let id = created["id"].as_str().unwrap();
    let (path, restore) = (format!("/api/resources/{id}"), format!("/api/resources/{id}/restore"));
    check_reads(&app, id, true).await;
    for version in [2, 4] {
        assert_eq!(app.delete(&path).await.status, 204);
        check_reads(&app, id, false).await;
        app.put(&path, &json!({ "name": "m" })).await.problem(404, "not_found");
        app.patch(&path, &json!({ "name": "m" })).await.problem(404, "not_found");
        app.delete(&path).await.problem(404, "not_found");
        app.delete(&path).header("if-match", "\"9\"").await.problem(404, "not_found");

        let response = app.post(&restore, &json!(null)).await;
        let restored = response.data(200);
        let mut expected = created.clone();
        expected["version"] = (version + 1).into();
        expected["updated_at"] = restored["updated_at"].clone();
        assert_eq!(*restored, expected);
        assert_eq!(response.header("etag"), Some(&*format!("\"{}\"", version + 1)));
        check_reads(&app, id, true).await;
    }
}

#[tokio::test]
async fn those_who_may_delete_see_what_is_deleted() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "status": "draft" })).await;
    let other = app.created(json!({ "name": "o" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    app.delete(&path).await;
    for list in ["status=deleted", "status=active,deleted"] {
        let response = app.get(&format!("/api/resources?{list}")).role(Role::User).await;
        assert_eq!(*response.problem(403, "forbidden"), Value::Null);
    }
    let lists = ["", "&sort=name", "&sort=-updated", "&fields=*", "&created_by=moderator"];
    for (role, list) in
        [Role::Moderator, Role::Admin].into_iter().flat_map(|role| lists.map(|list| (role, list)))
    {
        let response = app.get(&format!("/api/resources?status=deleted{list}")).role(role).await;
        assert_eq!(ids(response.data(200)), [&created["id"]], "{list}");
        let row = &response.data(200)[0];
        assert_eq!(
            (&row["status"], &row["version"], &row["name"]),
            (&json!("deleted"), &json!(2), &json!("n"))
        );
    }
    let both = app.get("/api/resources?status=deleted,active").role(Role::Admin).await;
    assert_eq!(ids(both.data(200)), [&other["id"], &created["id"]]);
    let stranger = Caller { tenant: Tenant::parse("foreign").unwrap(), ..Caller::example(Role::Admin) };
    let foreign = app.get("/api/resources?status=deleted").caller(&stranger).await;
    assert_eq!(*foreign.data(200), json!([]));
    app.post(&format!("{path}/restore"), &json!(null)).caller(&stranger).await.problem(404, "not_found");
    app.delete(&format!("{path}?purge=true")).caller(&stranger).await.problem(404, "not_found");
}

#[rstest]
#[case::of_what_is_there(false)]
#[case::of_what_is_deleted(true)]
#[tokio::test]
async fn a_purge_is_for_good_and_for_admins(#[case] deleted: bool) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let (purge, mut tag) = (format!("{path}?purge=true"), "\"1\"");
    if deleted {
        app.delete(&path).await;
        tag = "\"2\"";
    }
    for role in [Role::User, Role::Moderator] {
        app.delete(&purge).role(role).await.problem(403, "forbidden");
    }
    let stale = app.delete(&purge).role(Role::Admin).header("if-match", "\"9\"").await;
    stale.problem(412, "precondition_failed");
    assert_eq!(stale.header("etag"), Some(tag));
    assert_eq!(app.delete(&purge).role(Role::Admin).header("if-match", tag).await.status, 204);
    app.delete(&purge).role(Role::Admin).await.problem(404, "not_found");
    app.post(&format!("{path}/restore"), &json!(null)).await.problem(404, "not_found");
    let list = app.get("/api/resources?status=deleted,active").role(Role::Admin).await;
    assert_eq!(*list.data(200), json!([]));
}

#[rstest]
#[case::empty("purge=")]
#[case::other("purge=yes")]
#[case::twice("purge=true&purge=true")]
#[tokio::test]
async fn a_purge_is_asked_for_clearly(#[case] parameters: &str) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.delete(&format!("{path}?{parameters}")).role(Role::Admin).await;
    assert_eq!(response.problem(400, "invalid_query")[0]["parameter"], "purge");
    app.get(&path).await.data(200);
    assert_eq!(app.delete(&format!("{path}?purge=false")).await.status, 204);
    app.post(&format!("{path}/restore"), &json!(null)).await.data(200);
}

#[tokio::test]
async fn what_is_not_deleted_cannot_be_restored() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let restore = |id: &str| format!("/api/resources/{id}/restore");
    let id = created["id"].as_str().unwrap();
    assert_eq!(app.post(&restore(id), &json!(null)).await.faults(409, "conflict"), [" conflict"]);
    // The precondition is checked first.
    let stale = app.post(&restore(id), &json!(null)).header("if-match", "\"2\"").await;
    stale.problem(412, "precondition_failed");
    app.post(&restore(NOWHERE), &json!(null)).await.problem(404, "not_found");
    app.post(&restore("x"), &json!(null)).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_stale_if_match_restores_nothing() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let restore = format!("{path}/restore");
    app.delete(&path).await;
    let stale = app.post(&restore, &json!(null)).header("if-match", "\"1\"").await;
    stale.problem(412, "precondition_failed");
    assert_eq!(stale.header("etag"), Some("\"2\""));
    app.get(&path).await.problem(404, "not_found");
    app.post(&restore, &json!(null)).header("if-match", "\"2\"").await.data(200);
}

/// After its retention a deleted resource does not exist on any route, even before DynamoDB has removed it.
#[rstest]
#[case::by_default(None, 30)]
#[case::as_configured(Some("2"), 2)]
#[tokio::test]
async fn what_was_deleted_is_gone_when_its_time_is_over(#[case] configured: Option<&str>, #[case] days: u64) {
    let variables: Vec<_> = configured.map(|days| ("RETENTION_DAYS", days)).into_iter().collect();
    let app = App::with(&variables).await;
    let admin = Caller::example(Role::Admin);
    let ids = [app.created(json!({ "name": "n" })).await, app.created(json!({ "name": "m" })).await]
        .map(|created| created["id"].as_str().and_then(ResourceId::parse).unwrap());
    let (now, _) = Timestamp::now().since_epoch();
    let change = async |id, change, at: Timestamp| {
        let operation = Operation::Change { id, expected: ExpectedVersion::Any, change };
        app.changes().execute(&admin, &kinds::RESOURCES, &operation, at).await
    };
    // Of one, a minute of the retention is left; of the other, none.
    let [left, over] = [60, 0].map(|left| Timestamp::from_epoch(now - days * 24 * 60 * 60 + left, 0));
    change(ids[0], Change::Delete, left).await.unwrap();
    change(ids[1], Change::Delete, over).await.unwrap();

    for list in ["", "&sort=name", "&fields=*"] {
        let response = app.get(&format!("/api/resources?status=deleted{list}")).role(Role::Admin).await;
        assert_eq!(self::ids(response.data(200)), [&json!(ids[0])], "{list}");
    }
    let over = format!("/api/resources/{}", ids[1]);
    app.post(&format!("{over}/restore"), &json!(null)).await.problem(404, "not_found");
    app.delete(&format!("{over}?purge=true")).role(Role::Admin).await.problem(404, "not_found");
    app.post(&format!("/api/resources/{}/restore", ids[0]), &json!(null)).await.data(200);
}
