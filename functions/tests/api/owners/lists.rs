//! Lists and searches for callers that see only their own resources: references to others' resources have no
//! target, pages are full of own resources, and neither cursors nor counts nor costs reveal others'
//! resources.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use resource_api::domain::{Caller, Kinds, Resource, ResourceId, Role, Shards, Timestamp, Values};
use serde_json::{Value, json};

use super::{OWNED, PAPERS, PAPERS_WITHOUT_INDEX, caller, create, ids, path};
use crate::app::App;
use crate::logs::Log;

async fn note(app: &App, by: &Caller, body: &Value) -> Value {
    create(app, by, "notes", body).await
}

#[tokio::test]
async fn references_to_others_lead_nowhere() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let (own, others) = (
        note(&app, &ada, &json!({ "title": "own" })).await,
        note(&app, &bob, &json!({ "title": "others" })).await,
    );
    let near = json!({ "title": "n", "near_ids": [others["id"], own["id"]] });
    let note_of_ada = note(&app, &ada, &near).await;
    let at = path("notes", &note_of_ada);
    let expanded = app.get(&format!("{at}?expand=near")).caller(&ada).await;
    assert_eq!(ids(&expanded.data(200)["near"]), [own["id"].as_str().unwrap()]);
    assert_eq!(expanded.data(200)["unresolved_near_ids"], json!([others["id"]]));
    let related = app.get(&format!("{at}/related")).caller(&ada).await;
    assert_eq!(ids(related.data(200)), [own["id"].as_str().unwrap()]);
    assert_eq!(related.body["missing"], json!([others["id"]]));
    let listed = app.get("/api/notes?expand=near,about&title=n").caller(&ada).await;
    assert_eq!(listed.data(200)[0]["unresolved_near_ids"], json!([others["id"]]));
    // A moderator sees both.
    let expanded = app.get(&format!("{at}?expand=near")).role(Role::Moderator).await;
    assert_eq!(expanded.data(200)["unresolved_near_ids"], json!([]));

    // A reference that must exist must be visible, too.
    let refused =
        app.post("/api/notes", &json!({ "title": "a", "about_id": others["id"] })).caller(&ada).await;
    assert_eq!(refused.faults(409, "reference_not_found"), ["/about_id reference_not_found"]);
    let about = note(&app, &ada, &json!({ "title": "a", "about_id": own["id"] })).await;
    let moderator = caller("mo", Role::Moderator);
    app.patch(&path("notes", &about), &json!({ "about_id": others["id"] }))
        .caller(&moderator)
        .await
        .data(200);
    let read = app.get(&format!("{}?expand=about", path("notes", &about))).caller(&ada).await;
    assert_eq!((&read.data(200)["about_id"], &read.data(200)["about"]), (&others["id"], &Value::Null));
}

/// In every order, a page is full of own resources and takes one query, however many others exist.
#[tokio::test]
async fn pages_are_full_of_own_ones() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let mut own = Vec::new();
    for number in 0..60 {
        let by = if number % 20 == 7 { &ada } else { &bob };
        let created = note(&app, by, &json!({ "title": format!("t{:02}", 99 - number) })).await;
        if number % 20 == 7 {
            own.push(created["id"].as_str().unwrap().to_owned());
        }
    }
    let reversed: Vec<_> = own.iter().rev().cloned().collect();
    for (query, expected) in [
        ("sort=created", &own),
        ("sort=-created", &reversed),
        ("sort=updated", &own),
        ("sort=title", &reversed),
        ("sort=-title", &own),
        ("sort=-title&title[gt]=t", &own),
        ("sort=created&title[gt]=t", &own),
    ] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for limit in [2, 1] {
            let log = Log::start();
            let page = app.get(&format!("/api/notes?{query}&limit={limit}{cursor}")).caller(&ada).await;
            found.extend(ids(page.data(200)));
            assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], "Query:1", "{query}");
            let next = &page.body["pagination"]["next_cursor"];
            // The last of her resources is not the last of all.
            assert_eq!(next.is_null(), found.len() == own.len(), "{query}");
            cursor = next.as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!(found, *expected, "{query}");
    }
    for sort in ["created", "title"] {
        let skipped = app.get(&format!("/api/notes?sort=-{sort}&offset=1&limit=1")).caller(&ada).await;
        let second = if sort == "title" { &own[1] } else { &reversed[1] };
        assert_eq!(ids(skipped.data(200)), std::slice::from_ref(second));
    }
}

/// Stores papers of a caller, each of 8 KB. Returns their ids.
async fn store_papers(app: &App, by: &Caller, count: usize) -> Vec<String> {
    let repository = app.repository(Shards::default());
    let values = Values::from_json(&PAPERS, json!({ "text": "😀".repeat(2_000) })).unwrap();
    let mut stored = Vec::new();
    for _ in 0..count {
        let paper = Resource::new(values.clone(), by, Timestamp::now());
        repository.store(&by.tenant, &paper).await.unwrap();
        stored.push(paper.id.to_string());
    }
    stored
}

/// All resources that a caller created are read, in as many queries as that takes. If they exceed the read
/// limit of a page, the request is refused.
#[tokio::test]
async fn more_own_ones_than_can_be_sorted_are_refused() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let mut own = store_papers(&app, &ada, 220).await;
    store_papers(&app, &bob, 10).await;
    let half = own[110].clone();
    let page = async |query: &str| app.get(&format!("/api/papers?limit=100&{query}")).caller(&ada).await;
    let first = page("sort=-updated").await;
    let newest: Vec<_> = own.iter().rev().take(100).cloned().collect();
    assert_eq!(ids(first.data(200)), newest);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let second: Vec<_> = own.iter().rev().skip(100).take(100).cloned().collect();
    assert_eq!(ids(page(&format!("sort=-updated&cursor={cursor}")).await.data(200)), second);

    own.extend(store_papers(&app, &ada, 350).await);
    let refused = page("sort=-updated").await;
    assert_eq!(refused.faults(400, "invalid_query"), ["sort invalid_value"]);
    let message = refused.body["details"][0]["message"].as_str().unwrap();
    assert!(message.contains("Narrow the list with created_at, or use sort=created"), "{message}");
    let made = ResourceId::parse(&half).unwrap().created_at();
    assert!(!ids(page(&format!("sort=updated&created_at[lt]={made}")).await.data(200)).is_empty());
    assert_eq!(ids(page("sort=created").await.data(200)), own[..100]);
}

/// Without an index over `created_by`, own resources are found by a filter. The cursor is the position of the
/// last own row. If a page finds none within the read limit, the request is refused without a cursor.
#[tokio::test]
async fn without_an_index_no_cursor_tells_of_others() {
    let before = App::of(const { Kinds::of(&[&PAPERS_WITHOUT_INDEX]) }).await;
    // DynamoDB Local does not count the rows that a filter excludes, so the budget is never spent there.
    if !before.store.counts_units() {
        return;
    }
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let first = store_papers(&before, &ada, 1).await;
    let others = store_papers(&before, &bob, 600).await;
    let last = store_papers(&before, &ada, 1).await;
    let page =
        async |query: &str| before.get(&format!("/api/papers?sort=created&{query}")).caller(&ada).await;
    let short = page("limit=5").await;
    assert_eq!(ids(short.data(200)), first);
    let cursor = short.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.ends_with(&first[0]) && !others.iter().any(|id| text.contains(id)), "{text}");
    let refused = page(&format!("limit=5&cursor={cursor}")).await;
    assert_eq!(refused.faults(400, "invalid_query"), ["sort invalid_value"]);
    let backwards = before.get("/api/papers?sort=-created&limit=5").caller(&ada).await;
    assert_eq!(ids(backwards.data(200)), last);
}

/// A cursor is valid only for the caller and the role that it was made for.
#[tokio::test]
async fn a_cursor_of_another_is_refused() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    for by in [&ada, &ada, &bob, &bob] {
        note(&app, by, &json!({ "title": "t" })).await;
    }
    for sort in ["created", "title"] {
        let page = app.get(&format!("/api/notes?sort={sort}&limit=1")).caller(&bob).await;
        let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
        let next = format!("/api/notes?sort={sort}&limit=1&cursor={cursor}");
        app.get(&next).caller(&bob).await.data(200);
        app.get(&next).caller(&ada).await.problem(400, "invalid_cursor");
        app.get(&next).caller(&caller("bob", Role::Moderator)).await.problem(400, "invalid_cursor");
    }
}

/// Matches of others do not count as candidates of a search.
#[tokio::test]
async fn search_is_exhaustive_of_own_ones() {
    let app = App::followed_of(OWNED).await.with_candidates(5);
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let own = note(&app, &ada, &json!({ "title": "common word" })).await;
    for _ in 0..10 {
        note(&app, &bob, &json!({ "title": "common word" })).await;
    }
    app.follow().await;
    for query in ["q=common", "q=common+word", "q=com"] {
        let found = app.get(&format!("/api/notes/search?{query}")).caller(&ada).await;
        assert_eq!(ids(found.data(200)), [own["id"].as_str().unwrap()]);
        assert_eq!(found.body["pagination"]["exhaustive"], true);
        let of_all = app.get(&format!("/api/notes/search?{query}")).role(Role::Moderator).await;
        assert_eq!(of_all.body["pagination"]["exhaustive"], false);
    }
    // A change, a deletion and a restore are processed for both partitions.
    let at = path("notes", &own);
    let find = async |word: &str| {
        let mut counts = Vec::new();
        for by in [ada.clone(), caller("root", Role::Admin)] {
            let found = app.get(&format!("/api/notes/search?q={word}")).caller(&by).await;
            counts.push(found.data(200).as_array().unwrap().len());
        }
        counts
    };
    app.patch(&at, &json!({ "title": "rare" })).caller(&ada).await.data(200);
    app.follow().await;
    assert_eq!((find("rare").await, find("common").await[0]), (vec![1, 1], 0));
    assert_eq!(app.delete(&at).caller(&ada).await.status, 204);
    app.follow().await;
    assert_eq!(find("rare").await, [0, 0]);
    app.post(&format!("{at}/restore"), &Value::Null).caller(&ada).await.data(200);
    app.follow().await;
    assert_eq!(find("rare").await, [1, 1]);
    assert_eq!(app.delete(&format!("{at}?purge=true")).role(Role::Admin).await.status, 204);
    app.follow().await;
    assert_eq!(find("rare").await, [0, 0]);
    let left = crate::guarantees::items(&app.store, "SearchTable").await;
    // Each of bob's ten resources has two words, each for all callers and for him.
    assert_eq!(left.len(), 40);
}

/// A unique value of another caller's resource is refused, without revealing the resource.
#[tokio::test]
async fn a_value_that_another_has_is_taken() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    create(&app, &bob, "diaries", &json!({ "title": "t", "code": "c" })).await;
    let taken = app.post("/api/diaries", &json!({ "title": "u", "code": "C" })).caller(&ada).await;
    assert_eq!(taken.faults(409, "already_exists"), ["/code already_exists"]);
    assert_eq!(taken.body["details"][0]["message"], "Another resource has the same code");
    // With `created_by`, the constraint applies to each author separately.
    create(&app, &ada, "diaries", &json!({ "title": "t" })).await;
    let again = app.post("/api/diaries", &json!({ "title": "T" })).caller(&ada).await;
    assert_eq!(again.faults(409, "already_exists"), ["/title already_exists"]);
}
