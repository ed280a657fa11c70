//! The connection to the cache server, which is replaced if the server does not respond in time. The client
//! library reconnects when a connection is closed, but not when it is lost silently, for example after the
//! server failed or Lambda froze the function.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError};
use tokio::time::timeout;

use crate::deadline;
use crate::domain::Timestamp;
use crate::error::Cause;

/// The timeout of opening a connection. A call that opens one does not wait longer than its own timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long start-up waits for the first connection.
const WARM_UP_TIMEOUT: Duration = Duration::from_millis(500);
/// The idle time after which a connection is checked before it is used, in microseconds. Lambda freezes a
/// function between requests, and the network may drop the connection meanwhile.
const MAX_IDLE: u64 = 10_000_000;
/// The timeout of the check is that of its call, divided by this.
const CHECK_SHARE: u32 = 2;

/// A connection that is replaced when it is lost.
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
    /// Opens a connection. `longest` is the longest timeout of a call. A server that does not respond is no
    /// error.
    ///
    /// # Errors
    /// When the server's address is invalid.
    pub(super) async fn open(client: Client, longest: Duration) -> Result<Self, Cause> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(longest))
            .set_number_of_retries(1);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
        // If this fails, the first call opens the connection.
        let ping = redis::cmd("PING");
        let _ = timeout(WARM_UP_TIMEOUT, ping.query_async::<()>(&mut manager.clone())).await;
        let used_at = Timestamp::now().as_microseconds();
        let current = Mutex::new(Current { manager, generation: 0, used_at });
        Ok(Self { client, config, current })
    }

    /// The response to a command, within `budget` and the time that the request has left.
    ///
    /// # Errors
    /// When the server returns an error or does not respond. In the second case the next call gets another
    /// connection.
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

    /// Replaces the connection, unless another call has done so.
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

/// Whether an error is one of the connection, and not the server's response.
fn is_lost(error: &RedisError) -> bool {
    error.is_timeout()
        || error.is_io_error()
        || error.is_connection_dropped()
        || error.is_unrecoverable_error()
}
