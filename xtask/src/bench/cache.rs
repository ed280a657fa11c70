//! What the cache saves in reads by id: calls, read units and time.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use kinds::{KINDS, RESOURCES};
use resource_api::cache::{Cache, Freshness};
use resource_api::config::{CacheConfig, Environment};
use resource_api::domain::{Caller, Fields, Resource, ResourceId, Role, Selection};
use resource_api::repository::ResourceRepository;
use resource_api::service::ReadService;
use resource_api::telemetry::usage::{self, Usage};
use testing::RedisServer;

use crate::seed;

/// The number of resources of a batch read.
const MANY: usize = 100;
/// How often each is read; the time printed is the median.
const SAMPLES: usize = 101;

/// Reads one resource and many, with the cache and without. Prints the calls, units and time of each. Fails
/// if a cache hit calls DynamoDB.
pub(super) async fn run(repository: ResourceRepository) -> Result<()> {
    if !RedisServer::is_installed() {
        return Ok(());
    }
    let server = RedisServer::start(&[])?;
    let url = format!("redis://127.0.0.1:{}", server.port());
    let mut environment = Environment::new(|name| (name == "CACHE_URL").then(|| url.clone()));
    let config = CacheConfig::read(&mut environment);
    let cache =
        Cache::connect(environment.finish(config)?, "bench").await.map_err(|error| anyhow!("{error}"))?;
    let author = Caller::example(Role::User);
    let resources: Vec<Resource> = seed::resources(MANY as u64, &author).collect::<Result<_>>()?;
    for resource in &resources {
        repository.store(&author.tenant, resource).await?;
    }
    let ids: Vec<_> = resources.iter().map(|resource| resource.id).collect();
    let stored = ReadService::over(repository.clone(), Cache::default(), KINDS);
    let cached = ReadService::over(repository, cache, KINDS);
    println!("\nReads by id, with DynamoDB and the cache on this machine:\n");
    println!("{:<40} {:>16} {:>12} {:>10}", "read", "calls", "read units", "median");
    for many in [1, MANY] {
        let ids = ids.get(..many).unwrap_or_default();
        // The first read starts an epoch of the cache, the second fills the cache.
        for _ in 0..2 {
            read(&cached, &author, ids).await?;
        }
        for (what, service) in [("from DynamoDB", &stored), ("from the cache", &cached)] {
            let (usage, time) = measure(service, &author, ids).await?;
            let calls = if usage.calls.is_empty() { "none".to_owned() } else { usage.operations() };
            println!("{:<40} {calls:>16} {:>12} {time:>10.1?}", format!("{many} {what}"), usage.read_units);
            ensure!(what != "from the cache" || usage.calls.is_empty(), "a cache hit called DynamoDB");
        }
    }
    Ok(())
}

async fn read(service: &ReadService, caller: &Caller, ids: &[ResourceId]) -> Result<()> {
    let found = match ids {
        [id] => {
            let selection = Selection { fields: RESOURCES.all_fields(), expand: Fields::NONE };
            service.get(caller, &RESOURCES, *id, selection, Freshness::Cached).await.map(|_| 1)?
        }
        ids => service
            .batch_get(caller, &RESOURCES, ids, RESOURCES.all_fields(), Freshness::Cached)
            .await?
            .found
            .len(),
    };
    ensure!(found == ids.len(), "only {found} of {} resources were found", ids.len());
    Ok(())
}

async fn measure(service: &ReadService, caller: &Caller, ids: &[ResourceId]) -> Result<(Usage, Duration)> {
    let (mut times, mut used) = (Vec::new(), Usage::default());
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let (done, usage) = usage::measured(Box::pin(read(service, caller, ids))).await;
        times.push(started.elapsed());
        done?;
        used = usage;
    }
    times.sort_unstable();
    Ok((used, times[SAMPLES / 2]))
}
