//! What is cut and when, what real files look like that must not be, and that no split matters.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::rules::rules;
use super::*;

/// What is seen in this text, and after how many bytes.
fn seen(text: &str) -> Option<(Repeated, usize)> {
    let mut repetition = Repetition::new(rules().repeats.text);
    for (place, character) in text.char_indices() {
        let mut bytes = [0; 4];
        if let Some(repeated) = repetition.push(character.encode_utf8(&mut bytes)) {
            return Some((repeated, place + character.len_utf8()));
        }
    }
    None
}

#[test]
fn a_block_that_comes_over_and_over_is_cut_soon_after_the_limit() {
    let paragraph = "The function reads the file, parses each line, and returns a list. ".repeat(3);
    let paragraph =
        format!("{paragraph}Then it writes the result back, which concludes this step.\n\n");
    for block in [
        "again ",
        "x",
        "\n",
        "ab",
        "1. Read the file.\n2. Write the test.\n",
        "        self.assertEqual(add(1, 2), 3)\n",
        "Straße für Straße, ",
        "テスト",
        "{\"a\": [1, 2, 3]}, ",
        &"long ".repeat(30),
        &paragraph,
    ] {
        let before = "Let me write this down first: a plan, with words of its own.\n";
        let text = format!("{before}{}", block.repeat(20_000 / block.len() + 4));
        let (repeated, bytes) = seen(&text).unwrap_or_else(|| panic!("{block:?}"));
        let limit = usize::try_from(rules().repeats.text.bytes).unwrap();
        assert!(
            (limit..=limit + 1_000).contains(&bytes),
            "{block:?} was cut after {bytes} bytes"
        );
        assert!(repeated.times >= 4, "{repeated:?}");
        let round = block.chars().all(|c| repeated.block.contains(c));
        assert!(round, "{repeated:?}");
    }
}

#[test]
fn a_whole_file_written_four_times_is_cut_in_the_fourth() {
    let file = code(60);
    assert!((2_000..8_000).contains(&file.len()), "{}", file.len());
    let (repeated, bytes) = seen(&file.repeat(8)).unwrap();
    assert_eq!(repeated.block.len(), file.len());
    assert!(bytes <= file.len() * 4 + 100, "{bytes} of {}", file.len());
    assert_eq!(seen(&file.repeat(3)), None);
}

/// Functions that differ by a number and are otherwise alike.
fn code(functions: usize) -> String {
    let mut text = String::new();
    for number in 0..functions {
        writeln!(
            text,
            "def test_{number}(self):\n    self.assertEqual(add({number}, 1), {})",
            number + 1
        )
        .unwrap();
    }
    text
}

/// Numbers that look random and are the same every time.
fn noise() -> impl Iterator<Item = u64> {
    let mut state = 7_u64;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}

fn lines(count: usize, line: impl Fn(usize, u64) -> String) -> String {
    noise()
        .take(count)
        .enumerate()
        .map(|(number, random)| line(number, random))
        .collect()
}

#[test]
fn real_files_are_not_cut() {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let card = "<div class=\"card\"><h3>Title</h3><p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.</p><a href=\"#\">More</a></div>\n";
    let files = [
        ("a table of tests", code(900)),
        (
            "one assertion with many values",
            lines(900, |n, _| format!("    assert fib({n}) == FIB[{n}]\n")),
        ),
        (
            "numbers in rows",
            lines(900, |n, r| {
                format!("{n:4}, {:3}, {:3}, 0, 0, 1,\n", r % 7, r % 3)
            }),
        ),
        (
            "a list of JSON",
            lines(500, |n, r| {
                format!(
                    "  {{\"id\": {n}, \"name\": \"item\", \"done\": {}, \"tags\": []}},\n",
                    r % 2 == 0
                )
            }),
        ),
        (
            "SVG",
            lines(800, |_, r| format!("L {} {} ", r % 640, r % 480)),
        ),
        (
            "base64",
            lines(20_000, |_, r| {
                char::from(LETTERS[usize::try_from(r % 64).unwrap()]).to_string()
            }),
        ),
        (
            "base64 of an image with empty parts",
            format!(
                "{}{}",
                "A".repeat(3_000),
                lines(3_000, |_, r| char::from(
                    LETTERS[usize::try_from(r % 64).unwrap()]
                )
                .to_string())
            ),
        ),
        (
            "JavaScript in one line",
            lines(600, |n, r| {
                format!("function a{n}(t,e){{return t+e+{r}}}a{n}(1,2);")
            }),
        ),
        ("twenty equal cards", card.repeat(20)),
        (
            "a map of tiles",
            format!(
                "[{}]",
                "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n".repeat(60)
            ),
        ),
        (
            "a picture of letters",
            format!(
                "{}{}",
                "#".repeat(200),
                format!("\n#{}#", " ".repeat(198)).repeat(30)
            ),
        ),
        (
            "blank lines and rules",
            format!("{}{}{}", "\n".repeat(500), "-".repeat(500), "=".repeat(500)),
        ),
        ("a table of nothing", "| | | | | | | |\n".repeat(300)),
        (
            "a matrix of ones and zeros",
            lines(120, |n, _| {
                (0..60)
                    .map(|m| if m == n % 60 { "1, " } else { "0, " })
                    .collect::<String>()
                    + "\n"
            }),
        ),
        ("closing brackets", "}\n".repeat(400)),
        ("dots of a test run", ".".repeat(4_000)),
    ];
    for (what, text) in files {
        assert!(text.len() > 700, "{what}: {}", text.len());
        assert_eq!(seen(&text), None, "{what}");
    }
}

#[test]
fn the_sources_of_this_program_are_not_cut() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                files += 1;
                // Thinking is the stricter of the two.
                let mut repetition = Repetition::new(rules().repeats.thinking);
                assert_eq!(repetition.push(&text), None, "{}", path.display());
            }
        }
    }
    assert!(files > 100, "{files}");
}

#[test]
fn memory_is_bounded() {
    let mut repetition = Repetition::new(rules().repeats.text);
    let room =
        |repetition: &Repetition| (repetition.memory.capacity(), repetition.places.capacity());
    let before = room(&repetition);
    assert_eq!(
        repetition.push(&lines(50_000, |n, r| format!("{n} {r}\n"))),
        None
    );
    assert_eq!(room(&repetition), before);
}

proptest! {
    #[test]
    fn no_split_changes_what_is_seen(
        before in "\\PC{0,40}",
        block in "\\PC{1,30}",
        times in 0_usize..400,
        after in "\\PC{0,40}",
        sizes in proptest::collection::vec(1_usize..40, 1..20),
    ) {
        let text = format!("{before}{}{after}", block.repeat(times));
        let small = Repeats { times: 4, bytes: 300 };
        let whole = Repetition::new(small).push(&text);
        let mut repetition = Repetition::new(small);
        let mut rest = text.as_str();
        let mut seen = None;
        for size in sizes.iter().cycle() {
            if rest.is_empty() || seen.is_some() {
                break;
            }
            let end = (*size..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (piece, more) = rest.split_at(end);
            seen = repetition.push(piece);
            rest = more;
        }
        prop_assert_eq!(&whole, &seen);
        if block.len() * times > 1_000 && times > 8 {
            prop_assert!(whole.is_some(), "{} times {:?}", times, block);
        }
    }
}
