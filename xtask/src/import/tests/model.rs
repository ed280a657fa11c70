//! Compares the import of a file with faulty lines with a model.

use std::env;

use super::*;

/// The expected result of an import.
#[derive(Default)]
struct Expected {
    /// The refused lines, with the code of each.
    refused: Vec<(u64, Vec<String>)>,
    /// The lines of the stored customers, by name.
    customers: BTreeMap<String, Value>,
}

/// The number of records in the file, and of faulty ones. `IMPORT_RECORDS` sets another number.
fn sizes() -> (usize, usize) {
    let records = env::var("IMPORT_RECORDS").ok().map_or(1000, |records| records.parse().unwrap());
    (records, records / 100)
}

/// A file of customers with some faulty lines, and the expected result.
fn world_of_lines(random: &mut fastrand::Rng) -> (String, Expected) {
    let (records, faulty) = sizes();
    let faulty = {
        let mut places: Vec<usize> = (1..records).collect();
        random.shuffle(&mut places);
        places.truncate(faulty);
        places
    };
    let (mut lines, mut expected) = (Vec::new(), Expected::default());
    let mut good: Vec<Value> = Vec::new();
    for number in 0..records {
        let mut line = customer(number);
        line["tier"] = (*random.choice(&["standard", "gold"]).unwrap()).into();
        line["version"] = random.u32(1..50).into();
        line["created_by"] = format!("ada {}", random.u8(..5)).into();
        match random.u8(..3) {
            0 => line["id"] = id(number as u64).into(),
            1 => {
                let second = 1_600_000_000 + number as u64 / 7;
                line["created_at"] = Timestamp::from_epoch(second, 0).to_string().into();
            }
            _ => {}
        }
        let mut text = line.to_string();
        let code =
            if faulty.contains(&number) { Some(spoil(&mut line, &mut text, &good, random)) } else { None };
        if let Some(code) = code {
            expected.refused.push((number as u64 + 1, vec![code]));
        } else {
            expected.customers.insert(line["name"].as_str().unwrap().to_owned(), line.clone());
            good.push(line);
        }
        lines.push(text + "\n");
    }
    (lines.concat(), expected)
}

/// Makes a line faulty. Returns the expected code.
fn spoil(line: &mut Value, text: &mut String, good: &[Value], random: &mut fastrand::Rng) -> String {
    let with_id: Vec<_> = good.iter().filter(|line| line["id"].is_string()).collect();
    let code = match random.u8(..9) {
        0 => {
            text.pop();
            return " malformed_json".to_owned();
        }
        1 => {
            line["email"] = "nobody".into();
            "/email invalid_format"
        }
        2 => {
            line["name"] = Value::Null;
            "/name required"
        }
        3 => {
            line["colour"] = "red".into();
            "/colour unknown_field"
        }
        4 => {
            line["version"] = 0.into();
            "/version too_small"
        }
        5 => {
            line["created_by"] = "x".repeat(300).into();
            "/created_by too_long"
        }
        6 => {
            line["id"] = "019a1b2c-3d4e-4f60-8a1b-2c3d4e5f6071".into();
            line.as_object_mut().unwrap().remove("created_at");
            "/id invalid_id"
        }
        7 if !with_id.is_empty() => {
            line["id"] = random.choice(&with_id).unwrap()["id"].clone();
            line.as_object_mut().unwrap().remove("created_at");
            "/id repeated"
        }
        _ => {
            line["email"] = random.choice(good).unwrap()["email"].clone();
            "/email already_exists"
        }
    };
    *text = line.to_string();
    code.to_owned()
}

/// An import that is killed and resumed several times, and then repeated from the start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_becomes_what_the_model_says_however_often_it_is_killed() {
    let world = World::start(SHOP).await;
    let mut random = fastrand::Rng::with_seed(17);
    let (text, expected) = world_of_lines(&mut random);
    let settings = Settings::skipping(&CUSTOMERS);
    let (mut kills, mut tally) = (0, None);
    while tally.is_none() {
        let calls = random.usize(20..sizes().0 / 4);
        tally = world.killed(&text, settings.clone(), calls, random.bool()).await.transpose().unwrap();
        kills += usize::from(tally.is_none());
    }
    let (good, refused) = (expected.customers.len() as u64, expected.refused.len() as u64);
    assert!(kills >= 3, "it was killed {kills} times");
    assert_eq!(tally.map(|tally| (tally.stored + tally.there, tally.refused)), Some((good, refused)));
    assert_is(&world, &expected).await;
    let again = world.import(&text, settings).await.unwrap();
    assert_eq!((again.stored, again.there, again.refused), (0, good, refused));
    assert_is(&world, &expected).await;
}

async fn assert_is(world: &World, expected: &Expected) {
    assert_eq!(world.codes(), expected.refused);
    let records = world.exported("default", &CUSTOMERS).await;
    assert_eq!(records.len(), expected.customers.len());
    assert_eq!(world.count("UniqueValuesTable", "default").await, expected.customers.len());
    for record in records {
        let record: Value = serde_json::from_str(&record).unwrap();
        for (name, value) in expected.customers[record["name"].as_str().unwrap()].as_object().unwrap() {
            assert_eq!(&record[name], value, "{name} of {record}");
        }
    }
}

/// The same file with `OnFault::Stop`: every faulty line is reported, and nothing is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_faulty_line_is_named_before_anything_is_written() {
    let world = World::start(SHOP).await;
    let (text, expected) = world_of_lines(&mut fastrand::Rng::with_seed(17));
    world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap_err();
    assert_eq!(world.codes(), expected.refused);
    for table in ["ResourcesTable", "UniqueValuesTable", "IdempotencyTable"] {
        assert_eq!(world.count(table, "default").await, 0, "{table}");
    }
}
