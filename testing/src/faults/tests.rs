use rstest::rstest;

use super::*;

#[test]
fn faults_come_as_often_as_they_are_said_to() {
    let faults: Faults = "throttle=0.25,lose-response=0.5,latency=20".parse().unwrap();
    let fates: Vec<_> = (0..10_000).map(|_| faults.next()).collect();
    let share = |fate: fn(&Fault) -> bool| fates.iter().filter(|it| fate(it)).count() / 100;
    assert!((20..30).contains(&share(|fate| *fate == Fault::Throttle)));
    assert!((45..55).contains(&share(|fate| *fate == Fault::LoseResponse)));
    assert!((20..30).contains(&share(|fate| matches!(fate, Fault::Delay(time) if time.as_millis() <= 20))));
    assert_eq!("hang=1".parse::<Faults>().unwrap().next(), Fault::Hang);
}

#[rstest]
#[case("")]
#[case("throttle")]
#[case("throttle=x")]
#[case("throttle=1.1")]
#[case("throttle=-0.1")]
#[case("throttle=0.6,error=0.6")]
#[case("latency=-1")]
#[case("flood=0.1")]
fn what_is_no_fault_is_refused(#[case] text: &str) {
    assert!(text.parse::<Faults>().is_err(), "{text}");
}
