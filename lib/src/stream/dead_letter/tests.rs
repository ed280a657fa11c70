use rstest::rstest;

use super::*;

/// A dead letter with three records, like the example in the AWS Lambda Developer Guide.
fn document() -> Value {
    let record = |number: &str| {
        json!({ "eventName": "INSERT", "dynamodb": {
        "SequenceNumber": number, "ApproximateCreationDateTime": 1_573_690_399.0, "Keys": {},
    } })
    };
    json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "version": "1.0",
        "timestamp": "2019-11-14T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": "1",
            "endSequenceNumber": "3",
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
            "batchSize": 3,
            "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388",
        },
        "payload": json!({ "Records": [record("1"), record("2"), record("3")] }).to_string(),
    })
}

fn letter() -> DeadLetter {
    DeadLetter::parse(document().to_string().as_bytes()).unwrap()
}

#[test]
fn a_dead_letter_tells_what_was_given_up() {
    let letter = letter();
    assert_eq!(letter.function_arn(), "arn:aws:lambda:us-east-2:123456789012:function:myfunction");
    assert_eq!(letter.condition(), "RetryAttemptsExhausted");
    assert_eq!(letter.shard(), "shardId-00000001573689847184-864758bb");
    assert_eq!(letter.table(), "mytable");
    assert_eq!(letter.given_up_at(), "2019-11-14T00:13:49.717Z");
    assert_eq!(letter.oldest_change_at().unwrap().to_string(), "2019-11-14T00:13:19.000Z");
    assert_eq!(letter.records().len(), 3);
    assert_eq!(letter.to_json(), document());
}

#[test]
fn the_payload_may_also_be_the_event_itself() {
    let mut document = document();
    document["payload"] = letter().event();
    assert_eq!(DeadLetter::parse(document.to_string().as_bytes()), Ok(letter()));
}

#[rstest]
#[case::success(json!({ "batchItemFailures": [] }), &[])]
#[case::nothing(json!({}), &[])]
#[case::null(Value::Null, &[])]
#[case::one(json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }), &["2"])]
#[case::two(json!({ "batchItemFailures": [{ "itemIdentifier": "3" }, { "itemIdentifier": "1" }] }), &["1", "3"])]
#[case::unknown(json!({ "batchItemFailures": [{ "itemIdentifier": "4" }] }), &["1", "2", "3"])]
#[case::empty(json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }), &["1", "2", "3"])]
#[case::missing(json!({ "batchItemFailures": [{}] }), &["1", "2", "3"])]
#[case::unknown_too(json!({ "batchItemFailures": [{ "itemIdentifier": "1" }, { "itemIdentifier": null }] }), &["1", "2", "3"])]
fn what_an_answer_reports_is_left(#[case] answer: Value, #[case] left: &[&str]) {
    let found = letter().left_by(&answer);
    let numbers = found.iter().flat_map(|letter| letter.records().iter().filter_map(sequence_number));
    assert_eq!(numbers.collect::<Vec<_>>(), left);
    let Some(found) = found else { return };
    let json = found.to_json();
    assert_eq!(json["DDBStreamBatchInfo"]["startSequenceNumber"], left[0]);
    assert_eq!(json["DDBStreamBatchInfo"]["endSequenceNumber"], *left.last().unwrap());
    assert_eq!(json["DDBStreamBatchInfo"]["batchSize"], left.len());
    let read = DeadLetter::parse(json.to_string().as_bytes()).unwrap();
    assert_eq!(read.records(), found.records());
}

#[rstest]
#[case::no_json("{", NoDeadLetter::NoObject)]
#[case::no_object("[]", NoDeadLetter::NoObject)]
#[case::another_object("{}", NoDeadLetter::Missing(FUNCTION))]
fn what_is_no_dead_letter_is_refused(#[case] text: &str, #[case] reason: NoDeadLetter) {
    assert_eq!(DeadLetter::parse(text.as_bytes()), Err(reason));
}

#[rstest]
#[case::of_a_queue("/payload", Value::Null, NoDeadLetter::NoRecords)]
#[case::no_event("/payload", json!("x"), NoDeadLetter::NoRecords)]
#[case::no_records("/payload", json!("{\"Records\":[]}"), NoDeadLetter::NoRecords)]
#[case::no_stream("/payload", json!("{\"Records\":[{\"eventSource\":\"aws:sqs\"}]}"), NoDeadLetter::NoRecords)]
#[case::of_another_source("/DDBStreamBatchInfo", Value::Null, NoDeadLetter::Missing(SHARD))]
#[case::without_time("/timestamp", json!(1), NoDeadLetter::Missing(TIME))]
fn what_lacks_a_part_is_refused(#[case] pointer: &str, #[case] value: Value, #[case] reason: NoDeadLetter) {
    let mut document = document();
    *document.pointer_mut(pointer).unwrap() = value;
    assert_eq!(DeadLetter::parse(document.to_string().as_bytes()), Err(reason));
}
