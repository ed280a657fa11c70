use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::types::{ConsumedCapacity, KeysAndAttributes};

use super::*;
use crate::deadline;
use crate::repository::item::Item;

/// A DynamoDB with these resources that processes only the first `processed` keys of a call, in the order of
/// the ids, and the number of calls.
fn reluctant(resources: &[Resource], processed: usize) -> (ResourceRepository, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let tenant = Tenant::default();
    let item = |resource: &Resource| item::from_resource(&tenant, resource, Shards::default()).unwrap();
    let items: Vec<Item> = resources.iter().map(item).collect();
    let counted = Arc::clone(&calls);
    let answer = move |input: &BatchGetItemInput| {
        counted.fetch_add(1, Ordering::Relaxed);
        let mut keys = input.request_items().unwrap()["t"].keys().to_vec();
        keys.sort_by_key(|key| key["pk"].as_s().unwrap().clone());
        let left = keys.split_off(processed.min(keys.len()));
        let found = items.iter().filter(|item| keys.iter().any(|key| key["pk"] == item["pk"]));
        let units =
            ConsumedCapacity::builder().table_name("t").capacity_units(found.clone().map(|_| 1.0).sum());
        let mut output = BatchGetItemOutput::builder()
            .responses("t", found.cloned().collect())
            .consumed_capacity(units.build());
        if !left.is_empty() {
            let left = KeysAndAttributes::builder().set_keys(Some(left)).build().unwrap();
            output = output.unprocessed_keys("t", left);
        }
        output.build()
    };
    let rule = mock!(sdk::Client::batch_get_item).then_compute_output(answer);
    (ResourceRepository::new(mock_client!(sdk, RuleMode::MatchAny, [&rule]), "t", Shards::default()), calls)
}

fn resources(count: usize) -> Vec<Resource> {
    (0..count).map(|number| resource(&number.to_string())).collect()
}

#[rstest]
#[case::none_left(7, 100, 1)]
#[case::some_left(7, 4, 2)]
#[case::all_but_one_left(4, 1, 4)]
#[case::of_many(100, 30, 4)]
#[tokio::test]
async fn keys_that_are_left_are_asked_for_again(
    #[case] count: usize,
    #[case] processed: usize,
    #[case] expected_calls: usize,
) {
    let resources = resources(count);
    let (repository, calls) = reluctant(&resources, processed);
    let ids = resources.iter().map(|resource| resource.id);
    let found = repository.views(&articles(), ids, ARTICLES.all_fields()).await.unwrap();
    assert_eq!(found.len(), count);
    for resource in resources {
        assert_eq!(found[&resource.id], View::from(resource));
    }
    assert_eq!(calls.load(Ordering::Relaxed), expected_calls);
}

#[tokio::test]
async fn a_store_that_leaves_keys_until_the_deadline_is_unavailable() {
    let resources = resources(3);
    let (repository, calls) = reluctant(&resources, 0);
    let soon = Timestamp::now().as_microseconds() / 1000 + 1000;
    let ids = resources.iter().map(|resource| resource.id);
    let articles = articles();
    let found = repository.views(&articles, ids, ARTICLES.all_fields());
    let found = deadline::within(soon, Box::pin(found)).await;
    assert!(matches!(found, Err(Error::Unavailable(_))), "{found:?}");
    // The retries back off.
    assert!((2..40).contains(&calls.load(Ordering::Relaxed)), "{calls:?}");
}

#[tokio::test]
async fn an_id_is_asked_for_once_and_100_at_a_time() {
    let resources = resources(150);
    let (repository, calls) = reluctant(&resources, 100);
    let ids: Vec<_> = resources.iter().chain(&resources).map(|resource| resource.id).collect();
    let found = repository.views(&articles(), ids, ARTICLES.summary()).await.unwrap();
    assert_eq!((found.len(), calls.load(Ordering::Relaxed)), (150, 2));
}

#[tokio::test]
async fn nothing_is_asked_for_nothing() {
    let (repository, calls) = reluctant(&[], 100);
    assert!(repository.views(&articles(), [], ARTICLES.all_fields()).await.unwrap().is_empty());
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

/// Once enough is read, unprocessed keys are not requested again, unless the first is among them.
#[rstest]
#[case::enough_at_once(4096.0 * 2.0, 2, 1)]
#[case::enough_later(4096.0 * 3.0, 3, 2)]
#[case::never_enough(f64::INFINITY, 6, 3)]
#[tokio::test]
async fn when_enough_is_read_the_rest_is_left(
    #[case] bytes: f64,
    #[case] expected_found: usize,
    #[case] expected_calls: usize,
) {
    let resources = resources(6);
    let (repository, calls) = reluctant(&resources, 2);
    let ids: Vec<_> = resources.iter().map(|resource| resource.id).collect();
    let views = repository.views_up_to(&articles(), ids.clone(), ARTICLES.all_fields(), bytes).await.unwrap();
    assert_eq!((views.found.len(), views.unprocessed.len()), (expected_found, 6 - expected_found));
    assert_eq!(calls.load(Ordering::Relaxed), expected_calls);
    let last_first = ids.into_iter().rev();
    let views = repository.views_up_to(&articles(), last_first, ARTICLES.all_fields(), 1.0).await.unwrap();
    assert!(views.found.contains_key(&resources[5].id));
    assert_eq!(views.unprocessed.len(), 3);
}

/// DynamoDB reads up to 16 MB of any keys. Only the first of the unprocessed ones are requested again.
#[tokio::test]
async fn what_is_left_is_read_in_the_order_asked_for() {
    let resources = resources(100);
    let (repository, calls) = reluctant(&resources, 40);
    let last_first: Vec<_> = resources.iter().rev().map(|resource| resource.id).collect();
    let articles = articles();
    let asked = last_first.iter().copied();
    let views = repository.views_up_to(&articles, asked, ARTICLES.all_fields(), 4096.0 * 12.0).await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(last_first[..12].iter().all(|id| views.found.contains_key(id)));
    assert_eq!(views.unprocessed.len(), 100 - 40 - 12);
}
