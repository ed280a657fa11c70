//! Reading of files: line ends, long lines, chunks, pipes, and files that change.

use std::io::BufReader;

use rstest::rstest;

use super::super::chunks::chunks;
use super::super::lines::{Lines, Place};
use super::*;

fn lines(text: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let lines = Lines::new(BufReader::with_capacity(3, text), Place::START);
    lines.map(|line| line.unwrap()).map(|line| (line.place.number, line.bytes)).collect()
}

#[rstest]
#[case(b"", &[])]
#[case(b"a\nb", &[(1, "a"), (2, "b")])]
#[case(b"a\r\n\n \r\nb\r\n", &[(1, "a"), (4, "b")])]
#[case(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", &[(1, "a"), (2, "\u{feff}b")])]
fn lines_are_those_of_any_system(#[case] text: &[u8], #[case] expected: &[(u64, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(number, line)| (*number, line.as_bytes().to_vec())).collect();
    assert_eq!(lines(text), expected);
}

#[test]
fn a_line_begins_where_the_one_before_says() {
    let text = b"first\r\n\nthird\nfourth";
    for line in Lines::new(&text[..], Place::START) {
        let line = line.unwrap();
        let again = Lines::new(&text[usize::try_from(line.place.offset).unwrap()..], line.place).next();
        assert_eq!(again.unwrap().unwrap(), line);
    }
}

#[test]
fn of_a_line_that_no_record_has_not_all_is_kept() {
    let text = [vec![b'x'; (16 << 20) + 10], b"\nnext\n".to_vec()].concat();
    let read = lines(&text);
    assert_eq!(
        read.iter().map(|(number, bytes)| (*number, bytes.len())).collect::<Vec<_>>(),
        [(1, 16 << 20), (2, 4)]
    );
}

#[test]
fn chunks_have_all_lines_in_their_order() {
    let text = (0..250).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
    let chunks: Vec<_> =
        chunks(Lines::new(text.as_bytes(), Place::START)).map(|chunk| chunk.unwrap()).collect();
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    let large = "x".repeat(3 << 20);
    let text = format!("{large}\n{large}\na\n");
    let chunks: Vec<_> = super::super::chunks::chunks(Lines::new(text.as_bytes(), Place::START)).collect();
    assert_eq!(chunks.into_iter().map(|chunk| chunk.unwrap().len()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_pipe_is_as_good_as_a_file() {
    let text = file(&[customer(1), customer(2)]);
    let input = Input::spool(&mut text.as_bytes()).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records");
    std::fs::write(&path, &text).unwrap();
    let of_file = Input::open(path.to_str().unwrap()).unwrap();
    assert_eq!((&input.digest, input.lines), (&of_file.digest, 2));
    for _ in 0..2 {
        let lines: Vec<_> = input.lines(Place::START).unwrap().map(|line| line.unwrap().bytes).collect();
        assert_eq!(lines.concat(), text.replace('\n', "").into_bytes());
    }
}

#[test]
fn a_folder_is_no_file() {
    assert!(Input::open("/").is_err());
    assert!(Input::open("/there/is/none").is_err());
}

#[test]
fn refused_lines_are_not_written_over_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records");
    let same = folder.path().join(".").join("records");
    assert!(!super::super::is_same_file(path.to_str().unwrap(), &same), "there is none yet");
    std::fs::write(&path, "").unwrap();
    assert!(super::super::is_same_file(path.to_str().unwrap(), &same));
    let link = folder.path().join("link");
    std::fs::hard_link(&path, &link).unwrap();
    assert!(super::super::is_same_file(path.to_str().unwrap(), &link), "another name of the same file");
    assert!(!super::super::is_same_file("-", &same));
}

/// The lines that are missing were not imported.
#[test]
fn a_file_that_becomes_shorter_is_no_success() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records");
    std::fs::write(&path, "first\nsecond\n").unwrap();
    let input = Input::open(path.to_str().unwrap()).unwrap();
    assert_eq!(input.lines(Place::START).unwrap().filter_map(Result::ok).count(), 2);
    std::fs::write(&path, "first\n").unwrap();
    let lines: Vec<_> = input.lines(Place::START).unwrap().take(2).collect();
    let error = lines.into_iter().find_map(Result::err).unwrap();
    assert!(error.to_string().contains("became shorter"), "{error}");
}

/// A position does not count for new tables.
#[tokio::test]
async fn a_position_in_another_database_is_none() {
    let mut world = World::start(SHOP).await;
    let text = file(&(0..250).map(customer).collect::<Vec<_>>());
    let settings = Settings::skipping(&CUSTOMERS);
    assert!(world.killed(&text, settings.clone(), 230, false).await.is_none());
    world.store = TestStore::start().await.unwrap();
    assert_eq!(world.import(&text, settings).await.unwrap().stored, 250);
    assert_eq!(world.exported("default", &CUSTOMERS).await.len(), 250);
}

#[tokio::test]
async fn a_file_of_another_system_is_imported() {
    let world = World::start(SHOP).await;
    let text = format!("\u{feff}{}\r\n\r\n{}", customer(1), customer(2));
    let tally = world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap();
    assert_eq!((tally.stored, tally.refused), (2, 0));
    assert_eq!(world.exported("default", &CUSTOMERS).await.len(), 2);
}
