use rstest::rstest;
use serde_json::json;
use testing::TestStore;

use super::{all_of, everything};
use crate::deadline;
use crate::domain::tests::{ARTICLES, article};
use crate::domain::{Caller, Condition, Resource, ResourceId, Role, Shards, Timestamp};
use crate::repository::ResourceRepository;
use crate::repository::tests::resources;

/// 600 resources, every twentieth created by Ada, and the ids of hers, the oldest first.
async fn store(shards: u8) -> (ResourceRepository, Vec<ResourceId>) {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::new(shards).unwrap());
    let (user, ada) =
        (Caller::example(Role::User), Caller { subject: "ada".to_owned(), ..Caller::example(Role::User) });
    let mut hers = Vec::new();
    for number in 0..600 {
        let author = if number % 20 == 13 { &ada } else { &user };
        let values = article(json!({ "name": format!("{number:03}") })).unwrap();
        let created = Resource::new(values, author, Timestamp::now());
        hers.extend((number % 20 == 13).then_some(created.id));
        repository.store(&author.tenant, &created).await.unwrap();
    }
    (repository, hers)
}

/// A page without time for a second round of queries is cut short. The next one continues exactly there, with
/// the rest of the offset.
#[rstest]
#[case::one_shard(1, 0)]
#[case::with_an_offset(1, 17)]
#[case::beyond_the_end(1, 40)]
#[case::three_shards(3, 0)]
#[case::three_shards_with_an_offset(3, 17)]
#[tokio::test]
async fn a_page_cut_short_goes_on_from_there(#[case] shards: u8, #[case] offset: usize) {
    let (repository, hers) = store(shards).await;
    let mut request = everything("name");
    request.filter.conditions.push(Condition::CreatedBy("ada".to_owned()));
    let (scope, mut seen, mut short) = (all_of(&ARTICLES), Vec::new(), 0);
    let (mut position, mut skip) = (None, offset);
    loop {
        let soon = Timestamp::now().as_microseconds() / 1000 + 2000;
        let page = repository.list(&scope, &request, position.as_deref(), skip, Timestamp::now());
        let listed = deadline::within(soon, Box::pin(page)).await.unwrap();
        short += usize::from(listed.rows.len() < request.limit);
        seen.extend(listed.rows.iter().map(|(_, view)| view.id()));
        let Some(next) = listed.next else { break };
        (position, skip) = (Some(next.position), next.skip);
    }
    assert_eq!(seen, hers.get(offset..).unwrap_or_default());
    assert!(short > 1, "no page was cut short");
}

#[tokio::test]
async fn with_time_a_filtered_page_is_full() {
    let (repository, hers) = store(1).await;
    let mut request = everything("-created");
    request.filter.conditions.push(Condition::CreatedBy("ada".to_owned()));
    let listed = repository.list(&all_of(&ARTICLES), &request, None, 0, Timestamp::now()).await.unwrap();
    let newest: Vec<_> = hers.into_iter().rev().take(20).collect();
    assert_eq!(listed.rows.iter().map(|(_, view)| view.id()).collect::<Vec<_>>(), newest);
    assert!(listed.next.is_some());
}
