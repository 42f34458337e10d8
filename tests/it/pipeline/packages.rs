//! A plan that needs a package: asked about, and fetched by the one command that has a network,
//! from the mirror that the person's own settings name.

use std::process::Command;

use serde_json::json;

use crate::sandbox_ground::say;
use crate::support::mirror::Mirror;
use crate::support::project::Project;
use crate::support::todo::{self, Form, Says};

fn has_npm() -> bool {
    let tried = Command::new("npm").arg("--version").output();
    let is_there = tried.is_ok_and(|output| output.status.success());
    if !is_there {
        say("left out: fetching what a plan needs: there is no npm");
    }
    is_there
}

#[test]
fn what_a_plan_needs_comes_from_the_persons_mirror_after_a_yes() {
    if !has_npm() {
        return;
    }
    for (answer, is_fetched) in [("yes", true), ("no", false)] {
        let server = todo::server(|asked| {
            (asked.form() == Some(Form::Plan)).then(|| {
                let mut plan = todo::document(Form::Plan);
                plan["packages"] = json!(["npm:demo-module"]);
                Says::json(&plan)
            })
        });
        let project = Project::with(&server).answers(&format!(
            "storage: A\nsurface: B\nfetch-packages: {answer}\n"
        ));
        let mirror = Mirror::new(&project.root());
        mirror.add_node_module("demo-module", "module.exports = 7\n");
        let settings = format!("registry={}/\naudit=false\nfund=false\n", mirror.url());
        std::fs::write(project.home().join(".npmrc"), settings).unwrap();
        project.start_unattended(&[]).exits(0);
        let journal = project.journal();
        assert!(journal.says("npm install demo-module"), "{answer}");
        let fetched = journal.of("checked").into_iter().filter(|line| {
            line["gate"] == "packages" && line["passed"] == true && line["exit"] == 0
        });
        assert_eq!(fetched.count(), usize::from(is_fetched), "{answer}");
        assert_eq!(mirror.requests() > 0, is_fetched, "{answer}");
        let there = project.root().join("node_modules/demo-module/index.js");
        assert_eq!(there.exists(), is_fetched, "{answer}");
    }
}
