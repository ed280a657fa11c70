//! The connection to the server. One that no longer answers is replaced: the client library reconnects when a connection is
//! closed, not when it goes silent, as after a server that failed or a function that was frozen.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError};
use tokio::time::timeout;

use crate::deadline;
use crate::domain::Timestamp;
use crate::error::Cause;

/// How long opening a connection may take; calls do not wait for it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long start-up waits for the first connection.
const WARM_UP_TIMEOUT: Duration = Duration::from_millis(500);
/// A connection that was not used for so long is asked whether it is still there: Lambda freezes a function between requests,
/// and the network may forget the connection meanwhile. In microseconds.
const MAX_IDLE: u64 = 10_000_000;
/// The part of a call's time that this question may take.
const CHECK_SHARE: u32 = 2;

/// A connection that is opened again when it no longer answers.
pub(super) struct Connection {
    client: Client,
    config: ConnectionManagerConfig,
    current: Mutex<Current>,
}

struct Current {
    manager: ConnectionManager,
    /// How often it was replaced.
    generation: u64,
    /// When it was last used, in microseconds since the Unix epoch.
    used_at: u64,
}

impl Connection {
    /// A connection to a server that may come and go. `longest` is the longest that a call may take.
    ///
    /// # Errors
    /// When the server's address cannot be used.
    pub(super) async fn open(client: Client, longest: Duration) -> Result<Self, Cause> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(longest))
            .set_number_of_retries(1);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
        // Whether it answers, the first read will see.
        let ping = redis::cmd("PING");
        let _ = timeout(WARM_UP_TIMEOUT, ping.query_async::<()>(&mut manager.clone())).await;
        let used_at = Timestamp::now().as_microseconds();
        let current = Mutex::new(Current { manager, generation: 0, used_at });
        Ok(Self { client, config, current })
    }

    /// The answer to a command, within some time and the request's.
    ///
    /// # Errors
    /// When there is none; then the next call gets another connection.
    pub(super) async fn call<T: FromRedisValue>(&self, command: &Cmd, budget: Duration) -> Result<T, Cause> {
        let budget = budget.min(deadline::time_left());
        let (mut manager, mut generation, idle) = self.current();
        let exchange = async {
            if idle && !responds(manager.clone(), budget / CHECK_SHARE).await {
                self.replace(generation);
                (manager, generation, _) = self.current();
            }
            command.query_async::<T>(&mut manager).await
        };
        let error: Cause = match timeout(budget, exchange).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if !is_lost(&error) => return Err(error.into()),
            Ok(Err(error)) => error.into(),
            Err(elapsed) => elapsed.into(),
        };
        self.replace(generation);
        Err(error)
    }

    fn current(&self) -> (ConnectionManager, u64, bool) {
        let now = Timestamp::now().as_microseconds();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = now.saturating_sub(current.used_at) > MAX_IDLE;
        current.used_at = now;
        (current.manager.clone(), current.generation, idle)
    }

    /// Makes another connection, unless another call has done so.
    fn replace(&self, generation: u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation
            && let Ok(manager) =
                ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
        {
            current.manager = manager;
            current.generation += 1;
        }
    }
}

async fn responds(mut manager: ConnectionManager, budget: Duration) -> bool {
    let ping = redis::cmd("PING");
    timeout(budget, ping.query_async::<()>(&mut manager)).await.is_ok_and(|answer| answer.is_ok())
}

/// Whether an error is one of the connection, and not the server's answer.
fn is_lost(error: &RedisError) -> bool {
    error.is_timeout()
        || error.is_io_error()
        || error.is_connection_dropped()
        || error.is_unrecoverable_error()
}
