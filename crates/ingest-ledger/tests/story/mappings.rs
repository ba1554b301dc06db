//! How an account's sheets are read is remembered, and a sheet that departs from it waits.

use crate::both;
use crate::world::*;
use ingest_ledger::*;
use std::collections::BTreeMap;

/// A table of which these headings served these fields.
fn table(headings: &[(&str, &str)]) -> Vec<TableMapping> {
    let column = |heading: &str| MappedColumn {
        heading: heading.to_owned(),
        known_as: heading.to_lowercase(),
        configured: false,
    };
    let columns = headings
        .iter()
        .map(|(field, heading)| ((*field).to_owned(), column(heading)));
    vec![TableMapping {
        sheet: "Fees".to_owned(),
        columns: columns.collect::<BTreeMap<_, _>>(),
    }]
}

const USUAL: &[(&str, &str)] = &[
    ("title", "Name"),
    ("amount", "Fee"),
    ("late", "After Due Date"),
];
const OTHER: &[(&str, &str)] = &[
    ("title", "Name"),
    ("amount", "Total Fee"),
    ("late", "After Due Date"),
];

impl World {
    /// Claims and stores a sheet that was read so.
    async fn read_as(
        &self,
        name: &str,
        mappings: Vec<TableMapping>,
        hold: Option<(HoldKind, String)>,
        bills: &[Bill],
    ) -> FileLine {
        let new = new_file(name, 5_000);
        let claim = self.ledger.file_claim(&self.lease, &new).await;
        let Claim::New { file_id } = claim.unwrap() else {
            panic!("{name} is not new")
        };
        self.store_rows(file_id, bills).await;
        let stored = Stored {
            rows: bills.len() as u64,
            valid: bills.iter().filter(|bill| bill.valid).count() as u64,
            sheets_json: "[]".into(),
            hold,
            mappings,
            ..Stored::default()
        };
        self.ledger
            .file_stored(&self.lease, file_id, &stored)
            .await
            .unwrap();
        self.plan(file_id).await;
        self.file(file_id).await
    }
}

fn of(payer: &str) -> Vec<Bill> {
    vec![bill(payer, 1500, "2035-03-10")]
}

both!(
    a_sheet_that_departs_from_earlier_ones_waits_and_is_remembered_once_approved,
    departing
);

async fn departing(world: World) {
    let first = world.read_as("1.csv", table(USUAL), None, &of("A")).await;
    assert_eq!(first.hold_kind, None);
    // In capital letters it is the same heading.
    let same = table(&[
        ("title", "NAME"),
        ("amount", "FEE"),
        ("late", "AFTER DUE DATE"),
    ]);
    assert_eq!(
        world.read_as("2.csv", same, None, &of("B")).await.hold_kind,
        None
    );

    let foreseen = world
        .ledger
        .mapping_departs(ACCOUNT, &table(OTHER))
        .await
        .unwrap();
    let other = world.read_as("3.csv", table(OTHER), None, &of("C")).await;
    assert_eq!(other.hold_kind, Some(HoldKind::File));
    assert_eq!(
        other.hold_reason,
        foreseen.map(|departs| departs.to_string())
    );
    let why = other.hold_reason.unwrap();
    assert!(
        why.contains("the sheet `Fees` is not read as file 1, 1.csv was")
            && why.contains("the amount was “Fee” and is “Total Fee” now"),
        "{why}"
    );
    assert_eq!(world.states(other.file_id).await, [RowState::Held]);

    // Not known as yet: another one waits as well.
    let again = world.read_as("4.csv", table(OTHER), None, &of("D")).await;
    assert_eq!(again.hold_kind, Some(HoldKind::File));
    world
        .approve(other.file_id, &HeldFilter::default())
        .await
        .unwrap();
    assert_eq!(world.states(other.file_id).await, [RowState::Ready]);
    for (name, mapping) in [("5.csv", OTHER), ("6.csv", USUAL)] {
        let read = world.read_as(name, table(mapping), None, &of(name)).await;
        assert_eq!(read.hold_kind, None, "{name}");
    }
    assert_eq!(world.states(again.file_id).await, [RowState::Held]);
    world.verified().await;
}

both!(
    a_field_that_goes_or_comes_departs_and_one_that_is_configured_does_not,
    coming_and_going
);

async fn coming_and_going(world: World) {
    world.read_as("1.csv", table(USUAL), None, &of("A")).await;
    let gone = table(&[("title", "Name"), ("amount", "Fee")]);
    let why = world
        .read_as("2.csv", gone, None, &of("B"))
        .await
        .hold_reason
        .unwrap();
    assert!(
        why.contains("the late was “After Due Date”, and no column is it now"),
        "{why}"
    );
    let mut configured = table(OTHER);
    for column in configured[0].columns.values_mut() {
        column.configured = true;
    }
    assert_eq!(
        world
            .read_as("3.csv", configured, None, &of("C"))
            .await
            .hold_kind,
        None
    );
    world.verified().await;
}

both!(
    nothing_is_remembered_of_a_sheet_that_nobody_let_go,
    not_remembered
);

async fn not_remembered(world: World) {
    let hold = Some((HoldKind::File, "row 9 is hidden".to_owned()));
    let held = world
        .read_as("1.csv", table(OTHER), hold.clone(), &of("A"))
        .await;
    assert_eq!(held.hold_reason.as_deref(), Some("row 9 is hidden"));
    let bad = world
        .read_as("2.csv", table(OTHER), None, &[invalid("B")])
        .await;
    assert_eq!(bad.hold_kind, None);
    // So the first good one is what later ones are compared with.
    assert_eq!(
        world
            .read_as("3.csv", table(USUAL), None, &of("C"))
            .await
            .hold_kind,
        None
    );
    let both = world.read_as("4.csv", table(OTHER), hold, &of("D")).await;
    let why = both.hold_reason.unwrap();
    assert!(
        why.starts_with("row 9 is hidden; ") && why.contains("“Total Fee”"),
        "{why}"
    );
    // A part of it let go says nothing about the whole.
    let rows = HeldFilter {
        sheet: None,
        row_numbers: Some(vec![2]),
    };
    world.approve(both.file_id, &rows).await.unwrap();
    let next = world.read_as("5.csv", table(OTHER), None, &of("E")).await;
    assert_eq!(next.hold_kind, Some(HoldKind::File));
    world.verified().await;
}
