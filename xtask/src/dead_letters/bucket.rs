//! The store of dead letters: the bucket of a deployment, or the folder of `dev`, with the same keys.

use std::{env, fmt, fs};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _};
use resource_api::aws::SdkConfig;
use resource_api::stream::{DeadLetter, NoDeadLetter};

use super::lambda::{credentials, region};
use crate::local::target;

/// The prefix of the key of every dead letter.
const PREFIX: &str = "aws/lambda";
/// The length of the time in the name of an object, with the hyphen after it: `2026-11-26T10:00:00-`.
const TIME_LENGTH: usize = 20;

/// Dead letters, each an object.
#[derive(Debug)]
pub(crate) struct Bucket {
    store: Box<dyn ObjectStore>,
    /// The name in messages.
    name: String,
}

/// A dead letter by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The random part of its key.
    pub(super) id: String,
    pub(super) key: Path,
}

impl Bucket {
    /// The folder in which `dev` stores dead letters.
    pub(crate) fn of_dev() -> Result<Self> {
        Self::folder(&target().join("dev").join("dead-letters"))
    }

    /// A folder, which is created if it is missing.
    pub(super) fn folder(path: &std::path::Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_automatic_cleanup(true);
        Ok(Self { store: Box::new(store), name: path.display().to_string() })
    }

    /// An S3 bucket, at `AWS_ENDPOINT_URL_S3` if it is set.
    pub(super) async fn s3(config: &SdkConfig, name: String) -> Result<Self> {
        Self::s3_at(env::var("AWS_ENDPOINT_URL_S3").ok(), config, name).await
    }

    /// An S3 bucket, at another endpoint if one is given.
    pub(super) async fn s3_at(endpoint: Option<String>, config: &SdkConfig, name: String) -> Result<Self> {
        let (credentials, region) = (credentials(config).await?, region(config)?);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&name)
            .with_region(&region)
            .with_access_key_id(credentials.access_key_id())
            .with_secret_access_key(credentials.secret_access_key());
        if let Some(token) = credentials.session_token() {
            builder = builder.with_token(token);
        }
        if region.starts_with("cn-") {
            builder = builder.with_endpoint(format!("https://s3.{region}.amazonaws.com.cn"));
        }
        if let Some(endpoint) = endpoint {
            builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
        }
        Ok(Self { store: Box::new(builder.build()?), name: format!("the bucket {name} in {region}") })
    }

    /// The id in the key of a dead letter.
    pub(crate) fn id(key: &Path) -> String {
        let name = key.filename().unwrap_or_default();
        name.get(TIME_LENGTH..).filter(|id| !id.is_empty()).unwrap_or(name).to_owned()
    }

    /// All dead letters, the oldest first.
    pub(super) async fn entries(&self) -> Result<Vec<Entry>> {
        let listed: Vec<_> = self
            .store
            .list(Some(&Path::from(PREFIX)))
            .try_collect()
            .await
            .map_err(|error| self.explain(&error, "s3:ListBucket"))?;
        let mut keys: Vec<_> = listed.into_iter().map(|object| object.location).collect();
        // The name of an object begins with its time.
        keys.sort_by(|one, other| one.filename().cmp(&other.filename()));
        Ok(keys.into_iter().map(|key| Entry { id: Self::id(&key), key }).collect())
    }

    /// The only dead letter whose id begins with this text.
    pub(super) async fn entry(&self, id: &str) -> Result<Entry> {
        ensure!(!id.is_empty(), "the id of a dead letter, or its beginning, must not be empty");
        let found: Vec<_> = self.entries().await?.into_iter().filter(|it| it.id.starts_with(id)).collect();
        match &found[..] {
            [one] => Ok(one.clone()),
            [] => bail!("no dead letter in {self} has an id that begins with {id}"),
            several => {
                let ids: Vec<_> = several.iter().map(|entry| &*entry.id).collect();
                bail!("{} dead letters have ids that begin with {id}: {}", ids.len(), ids.join(", "))
            }
        }
    }

    /// A dead letter, or why the object is not one; `None` if it has been removed since it was listed.
    pub(super) async fn get(&self, entry: &Entry) -> Result<Option<Result<DeadLetter, NoDeadLetter>>> {
        let bytes = match self.store.get(&entry.key).await {
            Ok(object) => object.bytes().await,
            Err(error) => Err(error),
        };
        match bytes {
            Ok(bytes) => Ok(Some(DeadLetter::parse(&bytes))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.explain(&error, "s3:GetObject")),
        }
    }

    /// Stores a dead letter of an event source on this machine.
    pub(crate) async fn take(&self, letter: &testing::DeadLetter) -> Result<()> {
        letter.put(&*self.store).await.with_context(|| format!("cannot write to {self}"))
    }

    /// Replaces a dead letter by one with the records that are left.
    pub(super) async fn put(&self, entry: &Entry, letter: &DeadLetter) -> Result<()> {
        let written = self.store.put(&entry.key, letter.to_json().to_string().into()).await;
        written.map(drop).map_err(|error| self.explain(&error, "s3:PutObject"))
    }

    /// Removes a dead letter, unless it is removed already.
    pub(super) async fn remove(&self, entry: &Entry) -> Result<()> {
        match self.store.delete(&entry.key).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.explain(&error, "s3:DeleteObject")),
        }
    }

    /// An error of S3 in terms of the bucket and the permission.
    fn explain(&self, error: &Error, action: &str) -> anyhow::Error {
        let text = error.to_string();
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0)
        };
        // The library returns the error response of S3 as text.
        match (element("Code"), element("Message").unwrap_or_default()) {
            (Some("NoSuchBucket"), _) => anyhow!("{self} does not exist"),
            (Some("AccessDenied"), message) => {
                anyhow!("the credentials do not permit {action} on {self}: {message}")
            }
            (Some(code), message) => anyhow!("{action} on {self} failed: {code}: {message}"),
            (None, _) => anyhow!("{action} on {self} failed: {text}"),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
