mod attributes;
mod batch_get;
mod declarations;
mod search;

use std::sync::OnceLock;

use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, ErrorMetadata};
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::http::StatusCode;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use testing::{TestStore, local_config};
use tokio::runtime::Runtime;

use super::listing::tests::everything;
use super::*;
use crate::Error;
use crate::domain::tests::{ARTICLES, article, json_strategy};
use crate::domain::{
    Caller, Collection, ExpectedVersion, IndexKey, ListRequest, Resource, ResourceId, Role, Scope, Shards,
    Tenant, Timestamp, Values, View, fold,
};
use crate::{aws, telemetry::usage};

/// The resources of a test's tables.
pub(crate) fn resources(store: &TestStore, shards: Shards) -> ResourceRepository {
    let client = aws::dynamodb_from(&store.config());
    ResourceRepository::new(client, store.table("ResourcesTable"), shards)
}

fn values(body: Value) -> Values {
    article(body).unwrap()
}

fn resource(name: &str) -> Resource {
    Resource::new(values(json!({ "name": name })), &Caller::example(Role::User), Timestamp::now())
}

/// All articles of the default tenant.
fn articles() -> Scope {
    Scope::all(Collection { tenant: Tenant::default(), kind: &ARTICLES })
}

/// A page of the newest resources.
fn newest(limit: usize) -> ListRequest {
    ListRequest { limit, ..everything("-created") }
}

/// One store shared by all cases of a property.
fn shared() -> &'static (Runtime, ResourceRepository) {
    static SHARED: OnceLock<(Runtime, ResourceRepository)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let store = runtime.block_on(TestStore::start()).unwrap();
        (runtime, resources(&store, Shards::default()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn attributes_are_kept_exactly(attributes in prop::collection::btree_map(".{0,6}", json_strategy(), 0..4)) {
        let body = json!({ "name": "n", "attributes": attributes });
        // A member's name may be reserved, and a number out of range.
        let Ok(values) = article(body) else { return Ok(()) };
        let (runtime, repository) = shared();
        let created = Resource::new(values, &Caller::example(Role::User), Timestamp::now());
        runtime.block_on(async {
            let tenant = Tenant::default();
            repository.store(&tenant, &created).await.unwrap();
            prop_assert_eq!(&repository.find(&articles(), created.id).await.unwrap(), &created);
            // The condition that compares values in DynamoDB also finds no difference.
            let (user, any) = (Caller::example(Role::User), ExpectedVersion::Any);
            let values = created.values.clone();
            let again = repository.replace(&user, &articles(), created.id, values, &any, Timestamp::now()).await;
            prop_assert_eq!(&again.unwrap(), &created);
            Ok(())
        })?;
    }

    #[test]
    fn names_of_any_form_can_be_keys(name in "\\PC{1,200}") {
        let key = keys::sort_key(&IndexKey::of_folded(&fold(&name)), ResourceId::generate(Timestamp::now()));
        prop_assert!(key.len() <= 1024);
    }
}

#[tokio::test]
async fn a_tenant_sees_nothing_of_another() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let created = resource("n");
    repository.store(&Tenant::default(), &created).await.unwrap();
    let foreign = Caller { tenant: Tenant::parse("other").unwrap(), ..Caller::example(Role::User) };
    let theirs = foreign.scope(&ARTICLES).unwrap();
    let (any, now) = (ExpectedVersion::Any, Timestamp::now());
    let not_found = |error| matches!(error, Error::NotFound);
    assert!(repository.find(&theirs, created.id).await.is_err_and(not_found));
    assert!(
        repository.delete(&foreign, &theirs, created.id, &any, now, now.next()).await.is_err_and(not_found)
    );
    assert!(repository.purge(&theirs, created.id, &any, now).await.is_err_and(not_found));
    let replaced = repository.replace(&foreign, &theirs, created.id, created.values.clone(), &any, now).await;
    assert!(replaced.is_err_and(not_found));
    assert!(repository.list(&theirs, &newest(10), None, 0, Timestamp::now()).await.unwrap().rows.is_empty());
    assert!(repository.views(&theirs, [created.id], ARTICLES.all_fields()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_id_is_given_once() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let created = resource("n");
    repository.store(&Tenant::default(), &created).await.unwrap();
    let mut other = resource("m");
    other.id = created.id;
    assert!(repository.store(&Tenant::default(), &other).await.is_err());
    assert_eq!(repository.find(&articles(), created.id).await.unwrap(), created);
}

#[tokio::test]
async fn more_shards_find_what_fewer_wrote() {
    let store = TestStore::start().await.unwrap();
    let tenant = Tenant::default();
    let mut ids = Vec::new();
    for shards in [1, 3, 16] {
        let repository = resources(&store, Shards::new(shards).unwrap());
        for _ in 0..10 {
            let resource = resource("n");
            ids.insert(0, resource.id);
            repository.store(&tenant, &resource).await.unwrap();
        }
        let listed =
            repository.list(&articles(), &newest(ids.len()), None, 0, Timestamp::now()).await.unwrap();
        assert_eq!(listed.rows.iter().map(|(_, view)| view.id()).collect::<Vec<_>>(), ids);
        assert_eq!(listed.next, None);
    }
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_change() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let created = resource("n");
    repository.store(&Tenant::default(), &created).await.unwrap();
    let other = Caller { subject: "other".to_owned(), ..Caller::example(Role::User) };
    let now = Timestamp::from_epoch(1_900_000_000, 0);
    let new = values(json!({ "name": "m", "status": "draft" }));
    let expected = ExpectedVersion::OneOf(vec![7, 1]);
    let replaced =
        repository.replace(&other, &articles(), created.id, new.clone(), &expected, now).await.unwrap();
    let expected =
        Resource { values: new, version: 2, updated_at: now, updated_by: "other".to_owned(), ..created };
    assert_eq!(replaced, expected);
}

#[rstest]
#[case::throttled("ProvisionedThroughputExceededException")]
#[case::throttled("ThrottlingException")]
#[case::failing("InternalServerError")]
#[tokio::test]
async fn a_store_that_asks_for_patience_is_unavailable(#[case] code: &'static str) {
    let error = move || ErrorMetadata::builder().code(code).build();
    let get = mock!(sdk::Client::get_item).then_error(move || GetItemError::generic(error()));
    let query = mock!(sdk::Client::query).then_error(move || QueryError::generic(error()));
    let client = mock_client!(sdk, RuleMode::MatchAny, [&get, &query]);
    let repository = ResourceRepository::new(client, "t", Shards::default());
    let found = repository.find(&articles(), ResourceId::generate(Timestamp::now())).await;
    assert!(matches!(found, Err(Error::Unavailable(_))), "{found:?}");
    let listed = repository.list(&articles(), &newest(10), None, 0, Timestamp::now()).await;
    assert!(matches!(listed, Err(Error::Unavailable(_))), "{listed:?}");
}

#[tokio::test]
async fn a_store_that_is_not_there_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let repository =
        ResourceRepository::new(aws::dynamodb_from(&local_config(&endpoint)), "t", Shards::default());
    let found = repository.find(&articles(), ResourceId::generate(Timestamp::now())).await;
    assert!(matches!(found, Err(Error::Unavailable(_))), "{found:?}");
}

/// A store that loses the response of the first call of each write operation.
async fn forgetful_store() -> ResourceRepository {
    let store = TestStore::start().await.unwrap();
    let config = aws::dynamodb_from(&store.config())
        .config()
        .to_builder()
        .interceptor(LostResponse::default())
        .build();
    ResourceRepository::new(sdk::Client::from_conf(config), store.table("ResourcesTable"), Shards::default())
}

/// Fails an attempt after DynamoDB has applied it, as a broken connection does.
#[derive(Debug, Default)]
struct LostResponse(std::sync::Mutex<std::collections::HashSet<String>>);

impl Intercept for LostResponse {
    fn name(&self) -> &'static str {
        "LostResponse"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().unwrap().name().to_owned();
        let write = ["PutItem", "UpdateItem"].contains(&operation.as_str());
        if write && self.0.lock().unwrap().insert(operation) {
            let body = context.response_mut().take_body();
            *context.response_mut() = HttpResponse::new(StatusCode::try_from(503).unwrap(), body);
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_made_once() {
    let repository = forgetful_store().await;
    let user = Caller::example(Role::User);
    let created = resource("n");
    let (answer, usage) = usage::measured(Box::pin(repository.store(&user.tenant, &created))).await;
    answer.unwrap();
    assert_eq!(usage.operations(), "PutItem:2");
    assert_eq!(repository.find(&articles(), created.id).await.unwrap(), created);

    let (new, expected) = (values(json!({ "name": "m" })), ExpectedVersion::OneOf(vec![1]));
    let scope = articles();
    let replace = repository.replace(&user, &scope, created.id, new.clone(), &expected, Timestamp::now());
    let (answer, usage) = usage::measured(Box::pin(replace)).await;
    let replaced = answer.unwrap();
    assert_eq!(usage.operations(), "UpdateItem:2");
    assert_eq!((&replaced.values, replaced.version), (&new, 2));
    assert_eq!(repository.find(&articles(), created.id).await.unwrap(), replaced);
}
