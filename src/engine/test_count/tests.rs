//! Summaries as the runners write them.

use super::{Summary, summed_up, tests_executed};

fn check(output: &str, expected: Option<u64>) {
    assert_eq!(tests_executed("make test", output), expected, "{output}");
}

#[test]
fn python() {
    check("..\n-----\nRan 2 tests in 0.001s\n\nOK\n", Some(2));
    check("Ran 1 test in 0.000s\n\nFAILED (failures=1)\n", Some(1));
    check("Ran 5 tests in 0.001s\n\nOK (skipped=2)\n", Some(3));
    check("Ran 0 tests in 0.000s\n\nOK\n", Some(0));
    check(
        "Ran 5 tests in 0.001s\n\nOK (skipped=2, expected failures=1)\n",
        Some(2),
    );
    check("# tests 3\n# pass 1\n# skipped 1\n# todo 1\n", Some(1));
    check(
        "1 items passed all tests:\n   2 tests in calc.half\n2 tests in 2 items.\n2 passed and 0 failed.\nTest passed.\n",
        Some(2),
    );
    check("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", Some(0));
    check("3 passed in 0.01s\n", Some(3));
    check(
        "==== 1 failed, 3 passed, 2 skipped, 1 warning in 0.12s ====",
        Some(4),
    );
    check("==== 2 xfailed, 1 xpassed in 0.12s ====", Some(1));
    check("==== 1 passed, 1 xfailed in 0.12s ====", Some(1));
    check("======= no tests ran in 0.00s =======", Some(0));
    check("no tests ran in 0.00s", Some(0));
    check("1 skipped in 0.01s", Some(0));
    check("1 error in 0.10s", Some(0));
    check("4 deselected in 0.10s", Some(0));
    check(
        "\x1b[32m\x1b[1m2 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m",
        Some(2),
    );
}

#[test]
fn pytest_without_a_summary() {
    let counts = |command: &str, output: &str| tests_executed(command, output);
    let quiet = "..F.                                             [100%]\n=== FAILURES ===\n";
    assert_eq!(counts("python3 -m pytest -q", quiet), Some(4));
    assert_eq!(counts("pytest -q", "sx.X.E [100%]\n"), Some(3));
    let long = "..... [ 62%]\n...   [100%]\n";
    assert_eq!(counts("cd app && pytest -qq", long), Some(8));
    assert_eq!(
        counts("pytest -q", "\x1b[32m.\x1b[0m\x1b[32m    [100%]\x1b[0m\n"),
        Some(1)
    );
    // What a run printed itself comes before what tests print; of several the smallest counts.
    assert_eq!(counts("pytest -q", ".... [100%]\n. [100%]\n"), Some(1));
    assert_eq!(
        counts("pytest -q", ".... [100%]\n1 passed in 0.01s\n"),
        Some(1)
    );
    assert_eq!(
        counts("pytest -q", "ERROR: file or directory not found\n"),
        None
    );
    for command in ["make test", "python3 -m unittest", "cargo test"] {
        assert_eq!(counts(command, quiet), None, "{command}");
    }
}

#[test]
fn rust() {
    check(
        "running 2 tests\ntest a ... ok\n\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
         running 3 tests\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s\n",
        Some(4),
    );
    check(
        "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        Some(0),
    );
    check(
        "     Summary [   0.012s] 3 tests run: 2 passed, 1 failed, 1 skipped",
        Some(3),
    );
    check("error: no tests to run", Some(0));
    check("error[E0425]: cannot find value `x`", None);
}

#[test]
fn go() {
    check(
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n    --- PASS: TestB/x (0.00s)\nFAIL\nFAIL\tx/y\t0.01s\n",
        Some(2),
    );
    check("ok  \tx/y\t0.002s\nok  \tx/z\t(cached)\n", Some(2));
    check("?   \tx/y\t[no test files]\n", Some(0));
    check("ok  \tx/y\t0.002s [no tests to run]\n", Some(0));
    check(
        "?   \tx\t[no test files]\nok  \tx/y\t0.002s\tcoverage: 5% of statements\n",
        Some(1),
    );
}

#[test]
fn javascript() {
    check(
        "TAP version 13\nok 1 - a\nok 2 - b\n1..2\n# tests 2\n# pass 2\n# skipped 0\n",
        Some(2),
    );
    check(
        "✔ a (1ms)\nℹ tests 3\nℹ suites 0\nℹ pass 2\nℹ fail 0\nℹ skipped 1\n",
        Some(2),
    );
    check("ℹ tests 0\n", Some(0));
    check(
        "Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 failed, 2 skipped, 5 passed, 8 total\n",
        Some(6),
    );
    check(
        " Test Files  1 passed (1)\n      Tests  5 passed | 1 skipped (6)\n",
        Some(5),
    );
    check("No tests found, exiting with code 1", Some(0));
    check("  4 passing (12ms)\n  1 failing\n\n  1) fails\n", Some(5));
    check("  0 passing (1ms)\n", Some(0));
    check("ok | 5 passed | 1 failed (10ms)", Some(6));
    check(
        " 3 pass\n 0 fail\nRan 3 tests across 1 files. [10ms]\n",
        Some(3),
    );
    check("  5 passed (3.2s)\n", Some(5));
}

#[test]
fn ruby_perl_php_elixir() {
    check("5 examples, 1 failure, 2 pending\n", Some(3));
    check("0 examples, 0 failures\n", Some(0));
    check(
        "6 runs, 10 assertions, 0 failures, 0 errors, 1 skips\n",
        Some(5),
    );
    check(
        "4 tests, 8 assertions, 0 failures, 0 errors, 0 pendings, 1 omissions, 0 notifications\n",
        Some(3),
    );
    check(
        "All tests successful.\nFiles=2, Tests=7,  0 wallclock secs\nResult: PASS\n",
        Some(7),
    );
    check("OK (5 tests, 10 assertions)\n", Some(5));
    check(
        "Tests: 6, Assertions: 9, Failures: 1, Skipped: 2.\n",
        Some(4),
    );
    check("No tests executed!\n", Some(0));
    check("2 doctests, 3 tests, 0 failures\n", Some(5));
    check(
        "1..3\nok 1 adds\nnot ok 2 subtracts\nok 3 later # skip not yet\n",
        Some(2),
    );
}

#[test]
fn java_dotnet_swift_c() {
    check(
        "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.05 s -- in A\n\
         [INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.05 s -- in B\n\
         [INFO] Results:\n[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1\n",
        Some(4),
    );
    check("BUILD SUCCESSFUL in 1s\n", None);
    check("3 tests completed, 1 failed\n", Some(3));
    check(
        "Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total:     6, Duration: 5 ms - x.dll",
        Some(5),
    );
    check(
        "Test Suite 'A' passed\n\t Executed 3 tests, with 0 failures (0 unexpected) in 0.1 (0.1) seconds\n\
         Test Suite 'All tests' passed\n\t Executed 4 tests, with 0 failures (0 unexpected) in 0.1 (0.1) seconds\n",
        Some(4),
    );
    check(
        "✔ Test run with 5 tests passed after 0.001 seconds.",
        Some(5),
    );
    check("100% tests passed, 0 tests failed out of 5\n", Some(5));
    check("No tests were found!!!\n", Some(0));
    check(
        "[==========] 5 tests from 2 test suites ran. (0 ms total)\n[  PASSED  ] 5 tests.\n",
        Some(5),
    );
}

#[test]
fn what_is_no_summary_counts_for_nothing() {
    check("", None);
    check("hello world\n3 files changed\n", None);
    check("passed all checks\n", None);
    check("the 5 tests passed nicely\n", None);
    check("build ok\n", None);
    check(
        "18446744073709551615 passed, 18446744073709551615 failed in 1s\n",
        None,
    );
    assert_eq!(
        tests_executed("echo 'Ran 5 tests in 0.1s'", "Ran 5 tests in 0.1s\n"),
        None
    );
    assert_eq!(
        tests_executed(
            "cargo build && echo 'Ran 5 tests in 0.1s'",
            "Ran 5 tests in 0.1s\n"
        ),
        None
    );
    assert_eq!(
        tests_executed("echo start && pytest", "start\n2 passed in 0.1s\n"),
        Some(2)
    );
}

#[test]
fn each_tool_sums_up_its_own_runs() {
    let output = "Ran 9 tests in 0.1s\n\n3 passed, 1 skipped in 0.01s\n# tests 4\n# skipped 1\nRan 5 tests in 0.001s\n\nOK (skipped=2)\n==== 2 passed in 61.00s (0:01:01) ====\nℹ tests 7\n";
    assert_eq!(summed_up(Summary::Unittest, output), [9, 3]);
    assert_eq!(summed_up(Summary::Pytest, output), [3, 2]);
    assert_eq!(summed_up(Summary::Node, output), [3, 7]);
}

#[test]
fn words_of_others_beside_a_tools_own_count_for_nothing() {
    let output =
        "Ran 90 tests in 0.1s\n..\nRan 2 tests in 0.001s\n\nOK\n50 passed in 0.1s\n# tests 60\n";
    let unittest = "cd app && PYTHONPATH=. python3 -m unittest -q";
    assert_eq!(tests_executed(unittest, output), Some(2));
    assert_eq!(tests_executed("pytest -q; node --test", output), Some(110));
    assert_eq!(
        tests_executed("python3 -m pytest", "Ran 3 tests in 0.1s"),
        None
    );
    let twice = "python3 -m unittest a && python3 -m unittest b";
    assert_eq!(tests_executed(twice, output), Some(92));
}

#[test]
fn several_runs_add_up() {
    check("2 passed in 0.01s\nRan 3 tests in 0.001s\n\nOK\n", Some(5));
}

proptest::proptest! {
    #[test]
    fn no_output_panics(
        output in "((ok|FAIL|Ran|Tests:|Tests|test result:|Summary|# tests|\\(|--- PASS:|OK|skipped=|passed|run:|99999999999999999999|4294967295|1|\\x1b\\[|ä|[ ,.;|=]|\n)){0,30}"
    ) {
        // silent-ok: only that it comes back matters.
        let _ = tests_executed("x", &output);
    }
}
