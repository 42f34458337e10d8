//! The window for machines and models of many sizes.

use super::*;

const GIB: u64 = 1 << 30;

/// qwen3:8b as its server describes it, on a machine with that much memory.
fn eight(memory: u64) -> Facts {
    Facts {
        trained: Some(40_960),
        weights: 5_225_388_164,
        cache_per_token: Some(147_456),
        memory: Some(memory * GIB),
        ..Facts::default()
    }
}

#[track_caller]
fn check(facts: Facts, tokens: u64, why: &str) {
    let window = facts.choose();
    assert_eq!(window.tokens, tokens, "{}", window.why);
    assert!(window.why.contains(why), "{}", window.why);
    assert!(window.why.starts_with(&tokens.to_string()) && window.why.ends_with('.'));
}

#[test]
fn the_largest_that_fits_into_three_quarters_of_the_memory() {
    check(eight(6), 8_192, "expect it to be slow");
    check(eight(10), 8_192, "the largest of 8192, 16384, 32768, 65536");
    check(eight(12), 16_384, "about 8.2 of 9.7 GB");
    check(eight(14), 32_768, "the largest");
    check(eight(64), 40_960, "all that the model was trained for");
    let long = Facts {
        trained: Some(262_144),
        ..eight(64)
    };
    check(long, 65_536, "the largest");
    let short = Facts {
        trained: Some(4_096),
        ..eight(64)
    };
    check(short, 4_096, "trained for");
}

#[test]
fn a_window_that_is_loaded_is_not_used_beyond_what_the_model_was_trained_for() {
    let facts = Facts {
        trained: Some(512),
        loaded: Some(4_096),
        ..eight(64)
    };
    check(facts, 512, "trained for");
}

#[test]
fn a_shape_that_is_not_told_is_taken_for_a_large_one() {
    let told = eight(14);
    let silent = Facts {
        cache_per_token: None,
        ..told
    };
    assert!(silent.bytes(32_768) > told.bytes(32_768));
    check(silent, 32_768, "the largest");
}

#[test]
fn nothing_known_of_the_memory_is_answered_with_care() {
    let remote = Facts {
        memory: None,
        ..eight(0)
    };
    check(remote, 16_384, "not known");
    assert_eq!(remote.fits(), None);
    assert_eq!(eight(4).fits(), Some(false));
    assert_eq!(eight(16).fits(), Some(true));
}

#[test]
fn what_a_person_says_holds_up_to_what_the_model_was_trained_for() {
    let wanted = |tokens| Facts {
        wanted: Some(tokens),
        loaded: Some(16_384),
        advised: Some(8_192),
        ..eight(16)
    };
    check(wanted(4_096), 4_096, "as you asked for");
    check(wanted(100_000), 40_960, "you asked for more");
}

#[test]
fn the_card_goes_before_the_memory() {
    let advised = Facts {
        advised: Some(8_192),
        ..eight(64)
    };
    check(advised, 8_192, "card");
}

#[test]
fn a_window_that_is_loaded_is_kept_if_it_is_large_enough() {
    let loaded = |tokens, memory| Facts {
        loaded: Some(tokens),
        ..eight(memory)
    };
    check(
        loaded(16_384, 64),
        16_384,
        "loaded with this window already",
    );
    check(loaded(40_960, 64), 40_960, "all that");
    check(loaded(4_096, 64), 40_960, "loads it anew");
    // Where no more than that fits, less is large enough too.
    check(loaded(8_192, 10), 8_192, "the largest");
    check(
        loaded(12_000, 10),
        12_000,
        "loaded with this window already",
    );
    check(loaded(4_096, 10), 8_192, "loads it anew");
}

#[test]
fn where_a_loaded_model_stands_and_what_helps() {
    let loaded = |bytes_on_gpu| Loaded {
        window: Some(32_768),
        bytes: 10_000_000_000,
        bytes_on_gpu,
    };
    let (all, part, none) = (loaded(10_000_000_000), loaded(6_500_000_000), loaded(0));
    assert_eq!(all.place(), "10.0 GB, 100 % of it on the graphics card");
    assert_eq!(none.place(), "10.0 GB, on the CPU");
    assert_eq!((all.advice(), none.advice()), (None, None));
    assert!(all.is_on_gpu() && !part.is_on_gpu() && !none.is_on_gpu());
    let advice = part.advice().unwrap();
    for text in [
        "65 %",
        "--num-ctx 16384",
        "quantisation",
        "OLLAMA_FLASH_ATTENTION=1",
        "OLLAMA_KV_CACHE_TYPE=q8_0",
    ] {
        assert!(advice.contains(text), "{advice}");
    }
    assert_eq!(Loaded::default().place(), "where it stands is not known");
}
