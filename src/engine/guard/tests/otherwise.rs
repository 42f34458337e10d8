//! A test that expects something else than before, under the ticket that the program writes for a
//! simple task: fine only where the task asks for other behaviour of what the test is about.

use crate::engine::artifact::{plan_for_single, single_ticket};
use crate::engine::guard::changed::{Changed, Content};
use crate::engine::guard::judge::judge;
use crate::engine::guard::scene::Scene;
use crate::engine::guard::words::announced::Announcement;

const JAVASCRIPT: (&str, &str) = (
    "calc.test.js",
    "const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { NAME } = require('./calc');\n\ntest('NAME', () => { assert.equal(NAME(5, 2), 3); });\n",
);
const MODULES: (&str, &str) = (
    "calc.test.mjs",
    "import { expect, it } from 'vitest';\nimport { NAME } from './calc.mjs';\n\nit('NAME', () => { expect(NAME(5, 2)).toBe(3); });\n",
);
const PYTHON: (&str, &str) = (
    "test_calc.py",
    "import pytest\nfrom calc import NAME\n\n\ndef test_NAME():\n    assert NAME(5, 2) == 3\n",
);

fn is_fine((path, text): (&str, &str), name: &str, task: &str) -> bool {
    let before = text.replace("NAME", name);
    let now = before.replace('3', "10");
    assert_ne!(now, before);
    let changed = [Changed {
        path: path.to_owned(),
        before: Some(Content::Text(before)),
        now: Some(Content::Text(now)),
    }];
    let (tickets, plan) = (single_ticket(task), plan_for_single(task, Vec::new()));
    let announced = Announcement::of(tickets.tickets.first(), plan.tickets.first());
    let judgement = judge(&Scene {
        changed: &changed,
        announced: &announced.and_in_the_task(task),
        commands: &[],
        read: &|_| None,
    });
    judgement.refused.is_empty()
}

#[test]
fn what_a_test_expects_changes_only_where_the_task_asks_for_it() {
    for file in [JAVASCRIPT, MODULES, PYTHON] {
        for (name, task, expected) in [
            ("sub", "add a half function with tests", false),
            ("sub", "Add half. Change the tests to use it.", false),
            ("change", "add a half function with tests", false),
            ("shows", "add a half function", false),
            ("sub", "sub must give 10 for 5 and 2", true),
            ("change", "change must give 10 for 5 and 2", true),
            ("sub", "change what sub gives", true),
        ] {
            assert_eq!(
                is_fine(file, name, task),
                expected,
                "{file:?} {name}: {task}"
            );
        }
    }
}
