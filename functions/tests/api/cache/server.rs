//! The cache server: its password, its certificate, and failures.

use std::time::Duration;

use serde_json::json;
use testing::RedisServer;

use super::{body, check, path_of, start};
use crate::app::App;
use crate::logs::Log;

#[tokio::test]
async fn a_password_is_asked_for() {
    if !RedisServer::is_installed() {
        return;
    }
    let server = RedisServer::start(&["--requirepass", "s3cret"]).unwrap();
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", server.port());
    let app = App::with(&[("CACHE_URL", &url("s3cret"))]).await;
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    // With a wrong password, the cache is bypassed.
    let log = Log::start();
    let stranger = app.instance_with(&[("CACHE_URL", &url("wr0ng"))]).await;
    stranger.get(&path_of(&created)).await.data(200);
    assert_eq!(stranger.get(&path_of(&created)).await.header("x-cache"), Some("bypass"));
    assert!(
        log.text().contains("the cache does not respond") && !log.text().contains("wr0ng"),
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn a_cache_may_speak_tls() {
    if !RedisServer::is_installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let authority =
        rcgen::CertifiedIssuer::self_signed(authority(), rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let authority = file("authority.pem", authority.pem());
    let (certificate, key) =
        (file("certificate.pem", certificate.pem()), file("key.pem", key.serialize_pem()));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let arguments = [
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
    ];
    let _server = RedisServer::start_on(0, &arguments).unwrap();
    let url = format!("rediss://localhost:{port}");
    let app = App::with(&[("CACHE_URL", &url), ("CACHE_CA_FILE", &authority)]).await;
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    // With a certificate of an untrusted authority, the cache is bypassed.
    let distrustful = app.instance_with(&[("CACHE_CA_FILE", "")]).await;
    assert_eq!(distrustful.get(&path_of(&created)).await.header("x-cache"), Some("bypass"));
}

fn authority() -> rcgen::CertificateParams {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority
}

/// A stopped server causes no failed response, and is used again after a restart.
#[tokio::test]
async fn the_server_may_go_and_come_back() {
    let Some((app, server)) = start(&[]).await else { return };
    let port = server.port();
    let created = app.created(body()).await;
    let path = path_of(&created);
    check(app.get(&path), 200, "hit", "").await;
    drop(server);
    for _ in 0..3 {
        check(app.get(&path), 200, "bypass", "GetItem:1").await;
    }
    check(app.patch(&path, &json!({ "name": "m" })), 200, "none", "GetItem:1,PutItem:1").await;
    let _server = RedisServer::start_on(port, &[]).unwrap();
    for _ in 0..200 {
        if app.get(&path).await.header("x-cache") == Some("hit") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the cache is not used again");
}

/// A server that does not respond delays each request by its time limit, and no more.
#[tokio::test]
async fn a_cache_that_hangs_takes_its_budget_and_no_more() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let app = App::with(&[("CACHE_URL", &url)]).await.with_cache_budget(Duration::from_millis(50)).await;
    let created = app.created(body()).await;
    let started = std::time::Instant::now();
    check(app.get(&path_of(&created)), 200, "bypass", "GetItem:1").await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

/// A server that fails, or a network that drops the connection while a function is frozen, loses requests
/// without an error. A writer still reaches the server, over another connection.
#[tokio::test]
async fn a_connection_that_is_no_longer_answered_is_replaced() {
    let Some((app, server)) = start(&[]).await else { return };
    let proxy = SilencedConnections::before(server.port()).await;
    let url = format!("redis://127.0.0.1:{}", proxy.port);
    let writer = app.instance_with(&[("CACHE_URL", &url)]).await;
    let writer = writer.with_cache_budget(Duration::from_millis(50)).await;
    let created = writer.created(body()).await;
    let path = path_of(&created);
    assert_eq!(app.get(&path).await.header("x-cache"), Some("hit"));
    for name in ["first", "second", "third"] {
        proxy.silence();
        writer.patch(&path, &json!({ "name": name })).await.data(200);
        let read = app.get(&path).await;
        assert_eq!((read.header("x-cache"), &read.data(200)["name"]), (Some("hit"), &json!(name)));
    }
    // A reader's own call finds that its connection is broken, and the next one has another.
    proxy.silence();
    assert_eq!(writer.get(&path).await.header("x-cache"), Some("bypass"));
    for _ in 0..200 {
        if writer.get(&path).await.header("x-cache") == Some("hit") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the cache is not used again");
}

/// A proxy in front of the server, whose open connections can be silenced: they then pass no more data.
struct SilencedConnections {
    port: u16,
    silenced: tokio::sync::watch::Sender<()>,
}

impl SilencedConnections {
    async fn before(server: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (silenced, _) = tokio::sync::watch::channel(());
        let connections = silenced.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut silence = connections.subscribe();
                tokio::spawn(async move {
                    let mut server = tokio::net::TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = silence.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { port, silenced }
    }

    fn silence(&self) {
        self.silenced.send(()).unwrap();
    }
}
