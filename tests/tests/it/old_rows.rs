//! `ingestd archive`: old rows leave the database, nothing of them is billed again, and they come back.

use ingestd_tests::{Bill, World, csv, on_each_engine, xlsx};

use asaanbill_sandbox::Pay;

/// Four payers billed in January 2026, of whom two have paid, and a row that was no bill.
async fn january(world: &World) -> Vec<Bill> {
    world.set("past_due_dates", "\"allow\"");
    let mut rows: Vec<Bill> = (1..=4)
        .map(|n| Bill::new(&format!("J-{n}"), "1500", "2026-01-15"))
        .collect();
    rows.push(Bill::new("J-5", "no amount", "2026-01-15"));
    world.drop_sheet("january.csv", &csv(&rows));
    world.run_once().await.ended_with(1);
    for payer in ["J-1", "J-2"] {
        world.hub().pay(&Pay::identifier(payer)).unwrap();
    }
    world
        .wait_until("both payments and their times are known", async || {
            world.command(&["reconcile", "--account", "school"]).await;
            world.run_once().await;
            let rows = world.rows_of("january.csv").await;
            rows.iter().filter(|row| row.paid_at.is_some()).count() == 2
        })
        .await;
    world
        .wait_until("the sheet shows the file as it is", async || {
            world.run_once().await;
            world.file("january.csv").await["results_written_at"].is_string()
        })
        .await;
    world.came_to_rest_long_ago().await;
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_archived_leaves_the_database_bills_nobody_again_and_comes_back() {
    on_each_engine(async |world| {
        let rows = january(&world).await;
        let was = world.rows_of("january.csv").await;
        let calls = world.bulk_calls().len();
        let made = world.json(&["archive", "--before", "2026-06-01"]).await;
        assert_eq!(made[0]["rows"], 3, "{made}");
        assert_eq!(world.json(&["archive"]).await, made);
        world.verified().await;
        let left: Vec<String> = world
            .rows_of("january.csv")
            .await
            .into_iter()
            .map(|r| r.identifier)
            .collect();
        assert_eq!(left, ["J-3", "J-4"], "those may still be paid");
        let listed = world.command(&["rows", "--file", "1"]).await.ended_with(0);
        listed
            .says("3 rows of file 1 are archived; `ingestd archive --restore 1` brings them back");
        let refused = world.command(&["export", "1"]).await.ended_with(2);
        refused
            .in_one_sentence()
            .says("3 rows of file 1 are archived");
        world
            .command(&["archive", "--before", "2026-06-01"])
            .await
            .ended_with(0)
            .says("nothing came to rest");

        // The same file, and the same rows saved again.
        world.drop_sheet("january again.csv", &csv(&rows));
        world.drop_sheet("january.xlsx", &xlsx(&rows[..4]));
        world.run_once().await.ended_with(1);
        assert_eq!(world.bulk_calls().len(), calls, "nobody is billed again");
        assert_eq!(world.file("january again.csv").await["state"], "duplicate");
        world.nobody_is_billed_twice("school");
        world.verified().await;

        // The packed file lies elsewhere by now, and is not what it was.
        let path = made[0]["path"].as_str().unwrap();
        let name = std::path::Path::new(path).file_name().unwrap();
        let tapes = world.folder().join("tapes");
        std::fs::create_dir(&tapes).unwrap();
        let whole = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        let gone = world
            .command(&["archive", "--restore", "1"])
            .await
            .ended_with(3);
        gone.in_one_sentence()
            .says("--folder says where the packed files lie now");
        std::fs::write(tapes.join(name), &whole[..whole.len() / 2]).unwrap();
        let tapes_at = tapes.to_str().unwrap();
        let restore = ["archive", "--restore", "1", "--folder", tapes_at];
        world
            .command(&restore)
            .await
            .ended_with(3)
            .in_one_sentence()
            .says("is damaged");
        std::fs::write(tapes.join(name), &whole).unwrap();
        world
            .command(&restore)
            .await
            .ended_with(0)
            .says("every row is back");
        assert_eq!(world.rows_of("january.csv").await, was);
        world.verified().await;
        world.hub_and_views_agree("school").await;
        world
            .command(&restore)
            .await
            .ended_with(2)
            .in_one_sentence()
            .says("is archived");
        assert_eq!(world.json(&["archive"]).await, serde_json::json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_past_can_be_archived() {
    on_each_engine(async |world| {
        world
            .command(&["archive"])
            .await
            .ended_with(0)
            .says("nothing is archived");
        let ahead = world
            .command(&["archive", "--before", "2199-01-01"])
            .await
            .ended_with(2);
        ahead
            .in_one_sentence()
            .says("--before 2199-01-01 is not past");
        world
            .command(&["archive", "--before", "soon"])
            .await
            .ended_with(2)
            .in_one_sentence();
        world
            .command(&["archive", "--before", "2026-01-01", "--account", "nobody"])
            .await
            .ended_with(2)
            .in_one_sentence();
        world
            .command(&["archive", "--restore", "7"])
            .await
            .ended_with(2)
            .in_one_sentence()
            .says("there is no file 7");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_whose_packed_file_could_not_be_written_stay() {
    on_each_engine(async |world| {
        january(&world).await;
        let was = world.rows_of("january.csv").await;
        std::fs::write(world.inbox().join(".archive"), "no folder").unwrap();
        let failed = world
            .command(&["archive", "--before", "2026-06-01"])
            .await
            .ended_with(3);
        failed.in_one_sentence();
        let nowhere = world.folder().join("nowhere");
        let into = [
            "archive",
            "--before",
            "2026-06-01",
            "--folder",
            nowhere.to_str().unwrap(),
        ];
        world.command(&into).await.ended_with(3).in_one_sentence();
        assert_eq!(world.rows_of("january.csv").await, was);
        assert_eq!(world.json(&["archive"]).await, serde_json::json!([]));
        world.verified().await;
    })
    .await;
}
