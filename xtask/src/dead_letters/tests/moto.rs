//! Dead letters in moto's S3 at `MOTO_ENDPOINT`, if it is set.

use testing::local_config;

use super::*;

#[tokio::test]
async fn s3_keeps_dead_letters_as_a_folder_does() {
    let Ok(endpoint) = std::env::var("MOTO_ENDPOINT") else {
        eprintln!("skipped: MOTO_ENDPOINT is not set");
        return;
    };
    choose_tls();
    let config = local_config(&endpoint);
    // moto does not verify the signature, but takes the service from it.
    let signature = "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/s3/aws4_request";
    let made =
        reqwest::Client::new().put(format!("{endpoint}/dead-letters")).header("authorization", signature);
    made.send().await.unwrap().error_for_status().unwrap();
    let bucket = Bucket::s3_at(Some(endpoint.clone()), &config, "dead-letters".to_owned()).await.unwrap();
    live_through(&bucket).await;

    let missing = Bucket::s3_at(Some(endpoint), &config, "no-such-bucket".to_owned()).await.unwrap();
    let error = format!("{:#}", missing.entries().await.unwrap_err());
    assert_eq!(error, "the bucket no-such-bucket in us-east-1 does not exist");
}
