//! Facts and what is made of them.

use super::*;

fn calls(native: usize, text: usize) -> Vec<Called> {
    let form = |place| match place {
        place if place < native => Some(Protocol::Native),
        place if place < native + text => Some(Protocol::Text),
        _ => None,
    };
    let tools = Tool::ALL.into_iter().enumerate();
    tools
        .map(|(place, tool)| Called {
            tool,
            form: form(place),
        })
        .collect()
}

fn recall(found: [bool; 3]) -> Vec<Recalled> {
    let places = [10, 50, 90].into_iter().zip(found);
    places
        .map(|(percent, found)| Recalled { percent, found })
        .collect()
}

fn load(window: u64, percent: u64) -> Loaded {
    Loaded {
        window: Some(window),
        bytes: 10_000,
        bytes_on_gpu: percent * 100,
    }
}

fn best() -> Measured {
    Measured {
        window: 32_768,
        trained: Some(65_536),
        calls: calls(7, 0),
        turns: TURNS,
        marker: true,
        edit: true,
        whole_file: true,
        document: true,
        recall: recall([true; 3]),
        reads_per_second: 1_000,
        writes_per_second: 40,
        load_ms: 4_200,
        loads: vec![load(8_192, 100), load(32_768, 100), load(65_536, 80)],
    }
}

#[test]
fn everything_right_is_good_and_asks_for_the_largest_window_on_the_card() {
    let judged = best().judge();
    assert_eq!(judged.verdict, Verdict::Good);
    assert_eq!(
        judged.advice,
        Advice {
            tools: Protocol::Native,
            edits: EditForm::Replace,
            window: Some(32_768),
            answer: AnswerPart::Quarter,
            patience: Patience {
                first_byte_seconds: 10 + 65,
                idle_seconds: 409,
            },
        }
    );
    let came = |what: &str| judged.rows.iter().find(|row| row.what == what).unwrap();
    assert_eq!(came("tool calls").detail, "7 of 7 as asked");
    assert_eq!(
        came("recall").detail,
        "yes at 10 %, yes at 50 %, yes at 90 %"
    );
    assert_eq!(came("window 65536").came, Came::Partly);
    assert_eq!(came("window 8192").came, Came::Well);
}

#[test]
fn one_weakness_makes_it_usable_and_is_met_by_a_setting() {
    let check = |measured: Measured, advice: &dyn Fn(&mut Advice)| {
        let judged = measured.judge();
        let mut expected = best().judge().advice;
        advice(&mut expected);
        expected.patience = judged.advice.patience;
        assert_eq!(judged.verdict, Verdict::Usable, "{measured:?}");
        assert_eq!(judged.advice, expected, "{measured:?}");
    };
    check(
        Measured {
            edit: false,
            ..best()
        },
        &|advice| {
            advice.edits = EditForm::WholeFile;
            advice.answer = AnswerPart::Third;
        },
    );
    check(
        Measured {
            calls: calls(1, 5),
            ..best()
        },
        &|advice| advice.tools = Protocol::Text,
    );
    check(
        Measured {
            recall: recall([false, false, true]),
            ..best()
        },
        &|advice| advice.window = Some(16_384),
    );
    let nothing = &|_: &mut Advice| {};
    let no = Measured {
        marker: false,
        ..best()
    };
    check(no, nothing);
    let no = Measured {
        document: false,
        ..best()
    };
    check(no, nothing);
    let slow = Measured {
        writes_per_second: 2,
        ..best()
    };
    check(slow, nothing);
}

#[test]
fn without_calls_edits_or_a_thread_it_is_not_for_this() {
    for measured in [
        Measured::default(),
        Measured {
            calls: calls(2, 2),
            ..best()
        },
        Measured { turns: 1, ..best() },
        Measured {
            edit: false,
            whole_file: false,
            ..best()
        },
    ] {
        assert_eq!(
            measured.judge().verdict,
            Verdict::NotForThis,
            "{measured:?}"
        );
    }
}

#[test]
fn a_slow_machine_needs_more_patience_and_an_unmeasured_one_no_more() {
    let slow = Measured {
        reads_per_second: 10,
        writes_per_second: 2,
        loads: vec![load(8_192, 0)],
        ..best()
    };
    let advice = slow.judge().advice;
    assert_eq!(advice.window, None, "a machine without a graphics card");
    assert_eq!(advice.patience.first_byte_seconds, 10 + 6_553);
    assert_eq!(advice.patience.idle_seconds, 8_192);
    let silent = Measured {
        reads_per_second: 0,
        writes_per_second: 0,
        load_ms: 0,
        ..best()
    };
    assert!(silent.judge().advice.patience.is_empty());
}

#[test]
fn what_was_measured_on_another_machine_is_left_out() {
    let card = Card {
        model: "tiny".to_owned(),
        digest: "abc".to_owned(),
        server: "http://here:11434".to_owned(),
        bytes: 5_200_000_000,
        measured: Measured {
            edit: false,
            ..best()
        },
    };
    let there = card.advice_on("http://there:11434");
    assert_eq!((there.window, there.edits), (None, EditForm::WholeFile));
    assert!(there.patience.is_empty());
    assert_eq!(
        card.advice_on("http://here:11434"),
        card.measured.judge().advice
    );
    assert_eq!(card.title(), "tiny (5.2 GB)");
    let text = serde_json::to_string(&card).unwrap();
    assert_eq!(serde_json::from_str::<Card>(&text).unwrap(), card);
}
