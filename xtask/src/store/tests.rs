use std::time::Duration;

use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn writes_keep_to_their_rate() {
    let started = Instant::now();
    let pace = Pace::new(500.0);
    for _ in 0..10 {
        pace.spend(100.0).await;
    }
    assert_eq!(started.elapsed().as_millis() / 10, 200);
    // Time without writes is not made up for.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let later = Instant::now();
    pace.spend(1000.0).await;
    assert_eq!(later.elapsed().as_millis() / 10, 200);
}

#[tokio::test(start_paused = true)]
async fn turns_keep_to_the_rate_whatever_each_takes() {
    let (started, pace) = (Instant::now(), Pace::new(100.0));
    for units in [10.0, 2.0, 30.0, 8.0].repeat(10) {
        let expected = pace.turn().await;
        pace.took(units, expected);
    }
    pace.turn().await;
    // 500 units.
    assert_eq!(started.elapsed().as_millis() / 10, 500);
}
