//! The function that `cargo xtask bench runtime` compares with: it only reads one item, with the SDK's defaults.

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, RequestExt as _, Response, run, service_fn};
use serde::{Deserialize, Serialize};

/// The attributes of an item that the response contains.
#[derive(Serialize, Deserialize)]
struct Resource {
    pk: String,
    version: u64,
    updated_at: String,
    created_by: String,
    summary: Summary,
    rest: Rest,
}

#[derive(Serialize, Deserialize)]
struct Summary {
    name: String,
    status: String,
}

#[derive(Serialize, Deserialize)]
struct Rest {
    attributes: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let table = env::var("RESOURCES_TABLE")?;
    run(service_fn(|request: Request| read(&client, &table, request))).await
}

async fn read(client: &Client, table: &str, request: Request) -> Result<Response<Body>, Error> {
    let parameters = request.path_parameters();
    let (kind, id) = (parameters.first("kind").unwrap_or_default(), parameters.first("id").unwrap_or_default());
    let key = AttributeValue::S(format!("default#{kind}#{id}"));
    let output = client.get_item().table_name(table).key("pk", key).consistent_read(true).send().await?;
    let Some(item) = output.item else {
        return Ok(Response::builder().status(404).body(Body::Empty)?);
    };
    let resource: Resource = serde_dynamo::from_item(item)?;
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(Body::Text(serde_json::to_string(&resource)?))?)
}
