//! Compares `GET /api/resources` with a model in memory: all combinations of parameters, over random
//! resources.

mod asked;
mod world;

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::select;
use resource_api::domain::{ResourceId, Timestamp};
use tokio::runtime::Runtime;

use self::asked::asked;
use self::world::{World, operation};
use crate::app::App;

/// The times at which resources are created and changed, in milliseconds after a fixed time. Many are equal.
const TIMES: [u32; 5] = [0, 1, 2, 500, 60_000];
const NAMES: [&str; 12] = ["a", "A", "ab", "ab c", "ab-c", "ä", "Ä", "ß", "SS", "ﬁ", "四半期", "🚀"];
const AUTHORS: [&str; 2] = ["ada@example.com", "bob & co"];
const STATUSES: [&str; 3] = ["draft", "active", "archived"];
const SORTS: [&str; 6] = ["created", "-created", "updated", "-updated", "name", "-name"];
const FIELDS: [&str; 5] = ["*", "id", "name,version", "related_ids,status", "attributes,id"];

fn moment(at: u32) -> Timestamp {
    Timestamp::from_epoch(1_790_000_000 + u64::from(at / 1000), at % 1000 * 1_000_000)
}

/// An API for each number of shards, and their runtime.
fn shared() -> &'static (Runtime, Vec<App>) {
    static SHARED: OnceLock<(Runtime, Vec<App>)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let apps = runtime.block_on(async {
            let mut apps = Vec::new();
            for shards in ["1", "3", "16"] {
                apps.push(App::with(&[("LISTING_SHARDS", shards)]).await);
            }
            apps
        });
        (runtime, apps)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn each_page_is_the_models(
        shards in select(&[0_usize, 0, 0, 1, 1, 1, 2][..]),
        operations in prop::collection::vec(operation(), 0..50),
        asked in asked(),
    ) {
        let (runtime, apps) = shared();
        runtime.block_on(async {
            let mut world = World::new(&apps[shards]);
            for operation in &operations {
                world.apply(operation).await;
            }
            let list: Vec<_> =
                asked.of(&world.model).into_iter().map(|resource| asked.row(resource, &world.model)).collect();
            let rest = list.get(asked.offset.unwrap_or(0)..).unwrap_or_default();
            let mut pages = rest.chunks(asked.limit()).collect::<Vec<_>>();
            if pages.is_empty() {
                pages.push(&[]);
            }
            let query = asked.query();
            let mut at = asked.offset.map(|offset| format!("&offset={offset}")).unwrap_or_default();
            for (number, page) in pages.iter().enumerate() {
                let (rows, cursor) = world.page(&format!("{query}{at}")).await;
                prop_assert_eq!(&rows, page, "page {} of {}", number, &query);
                prop_assert_eq!(cursor.is_none(), number + 1 == pages.len(), "page {} of {}", number, &query);
                at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_does_not_change_during_a_walk_is_given_once(
        shards in select(&[0_usize, 0, 0, 1, 1, 1, 2][..]),
        before in prop::collection::vec(operation(), 0..40),
        during in prop::collection::vec(prop::collection::vec(operation(), 0..4), 1..20),
        mut asked in asked(),
        limit in 1..8_usize,
    ) {
        let (runtime, apps) = shared();
        runtime.block_on(async {
            (asked.limit, asked.fields) = (Some(limit), Some("id"));
            let mut world = World::new(&apps[shards]);
            for operation in &before {
                world.apply(operation).await;
            }
            let mut unchanged = world.model.clone();
            let (query, mut at, mut seen) = (asked.query(), String::new(), Vec::new());
            let mut during = during.into_iter();
            loop {
                let (rows, cursor) = world.page(&format!("{query}{at}")).await;
                seen.extend(rows.into_iter().map(|row| row["id"].as_str().and_then(ResourceId::parse).unwrap()));
                let Some(cursor) = cursor else { break };
                at = format!("&cursor={cursor}");
                for operation in during.next().unwrap_or_default() {
                    if let Some(id) = world.apply(&operation).await {
                        unchanged.remove(&id);
                    }
                }
            }
            let expected: Vec<_> = asked.of(&unchanged).into_iter().map(|resource| resource.id).collect();
            seen.retain(|id| unchanged.contains_key(id));
            prop_assert_eq!(seen, expected);
            Ok(())
        })?;
    }
}
