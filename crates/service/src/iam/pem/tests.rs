use super::*;

fn check(text: &str, max: usize, expect: Option<&[&[u8]]>) {
    let expect = expect.map(|blocks| blocks.iter().map(|block| block.to_vec()).collect::<Vec<_>>());
    assert_eq!(blocks(text, "THING", max), expect, "{text:?}");
}

#[test]
fn blocks_with_nothing_around_them() {
    let (one, two) = (text("THING", b"one"), text("THING", &[7; 100]));
    check(&one, 1, Some(&[b"one"]));
    check(&format!("\n \t{one}\r\n"), 1, Some(&[b"one"]));
    check(&format!("{one}\n{two}"), 2, Some(&[b"one", &[7; 100]]));
    check(&format!("{one}\n\n{two}\n").replace('\n', "\r\n"), 2, Some(&[b"one", &[7; 100]]));
    assert!(two.lines().all(|line| line.len() <= 64));
    assert_eq!(block(&one, "THING").as_deref(), Some(b"one".as_slice()));
}

#[test]
fn everything_else_is_refused() {
    let one = text("THING", b"one");
    for wrong in [
        String::new(),
        "one".to_owned(),
        format!("text\n{one}"),
        format!("{one}\ntext"),
        format!("{one} text"),
        format!("{one}\n{one}"),
        one.replace("BEGIN THING", "BEGIN OTHER"),
        one.replace("END THING", "END OTHER"),
        one.replace("-----END THING-----", ""),
        one.replace("BEGIN THING-----", "BEGIN THING-----x"),
        one.replace("THING-----\n", "THING-----\nName: value\n\n"),
        one.replace("b25l", "b25"),
        one.replace("b25l", "b2=l"),
        one.replace("-----BEGIN THING-----\n", "-----BEGIN THING-----"),
    ] {
        check(&wrong, 1, None);
    }
    check(&format!("{one}\n{one}\n{one}"), 2, None);
    assert_eq!(block(&format!("{one}\n{one}"), "THING"), None);
}
