//! Which of our crates may know which. What is not allowed here is refused, so
//! that a new arrow is a decision someone makes in this file.

use serde_json::Value;

/// From, to: of what runs.
const ALLOWED: &[(&str, &str)] = &[
    ("asaanbill-http", "asaanbill-core"),
    ("ingestd", "asaanbill-core"),
    ("ingestd", "asaanbill-http"),
    ("ingestd", "asaanbill-sandbox"),
    ("ingestd", "fee-sheet"),
    ("ingestd", "ingest-ledger"),
];

/// From, to: of tests alone. The client is tried against the sandbox.
const ALLOWED_IN_TESTS: &[(&str, &str)] = &[("asaanbill-http", "asaanbill-sandbox")];

/// The tests from outside, the simulator and the bench may use whatever helps them.
const KNOW_ALL: &[&str] = &["ingest-bench", "ingestd-tests", "ingestd-simulate"];

/// Every arrow that is not allowed, from what `cargo metadata --no-deps` says.
pub(super) fn forbidden(metadata: &Value) -> Vec<String> {
    let packages = list(&metadata["packages"]);
    let ours: Vec<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let mut complaints = Vec::new();
    for package in packages {
        let from = package["name"].as_str().unwrap_or_default();
        for dependency in list(&package["dependencies"]) {
            let to = dependency["name"].as_str().unwrap_or_default();
            let in_tests = dependency["kind"] == "dev";
            let allowed = !ours.contains(&to)
                || KNOW_ALL.contains(&from)
                || ALLOWED.contains(&(from, to))
                || (in_tests && ALLOWED_IN_TESTS.contains(&(from, to)));
            if !allowed {
                let tests = if in_tests { "the tests of " } else { "" };
                complaints.push(format!(
                    "{tests}{from} must not know {to}; the arrows are in xtask/src/tidy/arrows.rs"
                ));
            }
        }
    }
    complaints
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace where one crate depends on another, and both on serde.
    fn workspace(from: &str, to: &str, kind: Value) -> Value {
        json!({"packages": [
            {"name": from, "dependencies": [{"name": "serde", "kind": null}, {"name": to, "kind": kind}]},
            {"name": to, "dependencies": [{"name": "serde", "kind": null}]},
        ]})
    }

    #[test]
    fn the_reader_of_sheets_must_not_know_the_hub() {
        let complaints = forbidden(&workspace("fee-sheet", "asaanbill-core", Value::Null));
        assert_eq!(complaints.len(), 1);
        assert!(
            complaints[0].starts_with("fee-sheet must not know asaanbill-core;"),
            "{complaints:?}"
        );
    }

    #[test]
    fn the_client_meets_the_sandbox_in_tests_alone() {
        let met = |kind| forbidden(&workspace("asaanbill-http", "asaanbill-sandbox", kind)).len();
        assert_eq!(met(json!("dev")), 0);
        assert_eq!(met(Value::Null), 1);
        assert_eq!(met(json!("build")), 1);
    }

    #[test]
    fn the_sandbox_knows_none_of_ours_not_even_in_tests() {
        for to in ["asaanbill-core", "asaanbill-http", "ingestd"] {
            assert_eq!(
                forbidden(&workspace("asaanbill-sandbox", to, json!("dev"))).len(),
                1
            );
        }
    }

    #[test]
    fn the_service_knows_its_five_rooms() {
        for to in [
            "asaanbill-core",
            "asaanbill-http",
            "asaanbill-sandbox",
            "fee-sheet",
            "ingest-ledger",
        ] {
            assert_eq!(
                forbidden(&workspace("ingestd", to, Value::Null)),
                Vec::<String>::new()
            );
        }
    }

    #[test]
    fn the_tests_from_outside_may_know_all() {
        assert_eq!(
            forbidden(&workspace("ingestd-tests", "ingest-ledger", Value::Null)),
            Vec::<String>::new()
        );
    }
}
