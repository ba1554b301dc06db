//! Each of the eight calls, its answers and its checks.

use asaanbill_sandbox::{Pay, SandboxConfig, User};
use serde_json::{Value, json};

use crate::world::{Answer, World, quiet, row};

#[tokio::test]
async fn login_answers_token_user_and_channel_and_keeps_the_token() {
    let world = World::new().await;
    let data = world.login("demo", "demo").await.ok().data();
    assert_eq!(data["token"], world.token);
    assert_eq!(data["channel"], json!({"id": 23, "name": "Sandbox School"}));
    assert_eq!(
        data["user"],
        json!({"firstName": "Sana", "lastName": "Boxwala"})
    );
}

#[tokio::test]
async fn a_wrong_user_or_password_is_404_and_a_missing_header_or_body_400() {
    let world = World::new().await;
    for (user, password) in [("demo", "wrong"), ("nobody", "demo")] {
        let answer = world.login(user, password).await;
        assert_eq!(
            (answer.status, &answer.json()["responseCode"]),
            (404, &json!(404))
        );
    }
    let post = || world.client.post(world.url("/login"));
    let no_header = post()
        .json(&json!({"password": "demo"}))
        .send()
        .await
        .unwrap();
    let no_body = post()
        .header("username", "demo")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    let no_type = post()
        .header("username", "demo")
        .body("{\"password\":\"demo\"}")
        .send()
        .await
        .unwrap();
    for response in [no_header, no_body, no_type] {
        assert_eq!(response.status(), 400);
    }
}

#[tokio::test]
async fn the_three_headers_are_checked() {
    let world = World::new().await;
    let get = |token: &str, channel: &str, user: &str| {
        let mut request = world.client.get(world.url("/payment"));
        for (name, value) in [
            ("x-auth-ph-key", token),
            ("channel-id", channel),
            ("username", user),
        ] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        request.send()
    };
    let good = world.token.as_str();
    for (token, channel, user, status) in [
        (good, "23", "demo", 200),
        ("", "23", "demo", 400),
        (good, "", "demo", 400),
        (good, "23", "", 400),
        ("other", "23", "demo", 401),
        (good, "24", "demo", 401),
        (good, "23", "other", 401),
    ] {
        assert_eq!(
            get(token, channel, user).await.unwrap().status(),
            status,
            "{channel} {user}"
        );
    }
}

#[tokio::test]
async fn both_prefixes_are_served_and_integration_counts_once() {
    let world = World::new().await;
    let origin = format!("http://{}", world.sandbox.address());
    for (path, status) in [
        ("/payment-hub/integration/payment", 200),
        ("/integration/payment", 200),
        ("/payment-hub/integration/integration/payment", 404),
        ("/payment", 404),
    ] {
        let request = world.signed(world.client.get(format!("{origin}{path}")));
        assert_eq!(request.send().await.unwrap().status(), status, "{path}");
    }
    let wrong_method = world
        .signed(world.client.get(world.url("/add-bulk")))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong_method.status(), 405);
}

#[tokio::test]
async fn add_answers_as_the_guides_sample_does() {
    let world = World::new().await;
    let sent = json!({
        "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095", "dueDate": "2035-03-28",
        "amount": "50", "amountAfterDueDate": "55.5",
    });
    let answer = world.add(sent).await.ok();
    let data = answer.data();
    assert!(
        answer
            .text
            .contains("\"amount\":50.0,\"amountAfterDueDate\":55.5,"),
        "{}",
        answer.text
    );
    assert_eq!(data["dueDate"], "28-03-2035");
    assert_eq!(data["identifier"], "FS-BSCS-095");
    assert_eq!(data["title"], "Muhammad Mahd Sheikh");
    assert_eq!(data["status"], "APPROVED");
    assert_eq!(data["psid"].as_str().unwrap().len(), 24);
    assert_eq!(data["paymentDetails"], json!([]));
    let keys: Vec<&String> = data.as_object().unwrap().keys().collect();
    for key in [
        "billedToAddress",
        "billedToContact",
        "billedToName",
        "createdAt",
        "id",
        "identifierDescription",
        "period",
        "qrString",
        "updatedAt",
    ] {
        assert!(keys.contains(&&key.to_owned()), "{key}");
    }
}

#[tokio::test]
async fn add_knows_four_generation_types() {
    let world = World::new().await;
    let add = async |types: &str, payment: Value| -> Answer {
        world
            .post(
                &format!("/add?generationTypes={types}"),
                &json!({"payment": payment}),
            )
            .await
    };
    let data = add("SQRC_WITH_AMOUNT", row("A", "10")).await.ok().data();
    assert!(data["psid"].is_string() && data["qrString"].is_string());
    let shop = json!({"title": "Ali Tuck Shop", "identifier": "shop", "description": "static"});
    let data = add("SQRC_WITHOUT_AMOUNT", shop).await.ok().data();
    assert!(data["psid"].is_null() && data["qrString"].is_string() && data["amount"].is_null());
    assert_eq!(data["identifierDescription"], "static");
    let ticket = json!({"amount": "1500", "longitude": "72.996636", "latitude": "33.646342"});
    let data = add("DQRC", ticket).await.ok().data();
    assert_eq!(
        data["identifier"],
        data["id"].to_string(),
        "the record id is the default"
    );
    assert!(data["qrString"].is_string() && data["dueDate"].is_null());
    for (types, payment) in [
        (
            "DQRC",
            json!({"amount": "1000000", "longitude": "1", "latitude": "1"}),
        ),
        ("SQRC_WITHOUT_AMOUNT", json!({"identifier": "x"})),
        ("SQRC_WITH_AMOUNT", json!({"title": "x"})),
        ("OTHER", row("A", "1")),
    ] {
        assert_eq!(add(types, payment).await.status, 400, "{types}");
    }
    let without_type = world.post("/add", &json!({"payment": row("A", "1")})).await;
    assert_eq!(without_type.status, 400);
}

#[tokio::test]
async fn add_bulk_echoes_every_row_as_sent_with_its_own_status() {
    let world = World::new().await;
    let mut refused = row("FS-3", "1000");
    refused["amountAfterDueDate"] = json!("");
    let rows = [row(" FS-1", "1400"), row("FS-2", "1300.50"), refused];
    let answer = world.bulk(&rows).await.ok();
    assert!(
        answer.json()["responseMessage"]
            .as_str()
            .unwrap()
            .contains("have errors")
    );
    let data = answer.data();
    assert_eq!(data["bulkPaymentRequestId"], 11);
    let said = [
        "PROCESSED",
        "PROCESSED",
        "amountAfterDueDate cannot be empty or null",
    ];
    let expected: Vec<Value> = rows
        .iter()
        .zip(said)
        .map(|(row, status)| {
            let mut row = row.clone();
            row["status"] = json!(status);
            row
        })
        .collect();
    assert_eq!(data["payments"], json!(expected));
    assert_eq!(world.sandbox.state().payments, 2);
    assert_eq!(world.sandbox.state().rows_refused, 1);
}

#[tokio::test]
async fn add_bulk_with_no_row_accepted_is_400_with_the_echo_and_without_an_id() {
    let world = World::new().await;
    let mut wrong = row("FS-1", "1000");
    wrong["dueDate"] = json!("31-08-2035");
    let answer = world.bulk(&[wrong]).await;
    assert_eq!(
        (answer.status, &answer.json()["responseCode"]),
        (400, &json!(400))
    );
    assert_eq!(
        answer.data()["payments"][0]["status"],
        "dueDate must be in yyyy-MM-dd format"
    );
    assert!(answer.data().get("bulkPaymentRequestId").is_none());
    let list = world
        .get("/bulk-payment-request?contentType=JSON")
        .await
        .ok()
        .data();
    assert_eq!(list["totalElements"], 0);
}

#[tokio::test]
async fn add_bulk_refuses_whole_what_is_no_request() {
    let world = World::new().await;
    let rows: Vec<Value> = (0..5001).map(|n| row(&format!("A-{n}"), "1")).collect();
    assert_eq!(
        world.bulk(&rows[..5000]).await.ok().data()["payments"]
            .as_array()
            .unwrap()
            .len(),
        5000
    );
    for (path, body) in [
        ("/add-bulk?contentType=JSON", json!({"payments": rows})),
        ("/add-bulk?contentType=JSON", json!({"payments": []})),
        ("/add-bulk?contentType=JSON", json!({})),
        (
            "/add-bulk?contentType=JSON",
            json!({"payments": [{"title": "A", "amount": 5}]}),
        ),
        (
            "/add-bulk?contentType=CSV",
            json!({"payments": [row("A", "1")]}),
        ),
        ("/add-bulk", json!({"payments": [row("A", "1")]})),
    ] {
        let answer = world.post(path, &body).await;
        assert_eq!((answer.status, answer.data()), (400, Value::Null), "{path}");
    }
    assert_eq!(world.sandbox.state().payments, 5000);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let world = World::with(SandboxConfig {
        body_bytes_max: 300,
        ..quiet()
    })
    .await;
    assert_eq!(world.bulk(&[row("A", "1")]).await.status, 200);
    let rows: Vec<Value> = (0..5).map(|n| row(&format!("A-{n}"), "1")).collect();
    assert_eq!(world.bulk(&rows).await.status, 413);
    assert_eq!(world.sandbox.state().payments, 1);
}

#[tokio::test]
async fn bulk_requests_are_listed_newest_first_in_pages() {
    let world = World::new().await;
    for n in 0..5 {
        world.bulk(&[row(&format!("A-{n}"), "1")]).await.ok();
    }
    let page = async |query: &str| {
        world
            .get(&format!("/bulk-payment-request?{query}"))
            .await
            .ok()
            .data()
    };
    let ids = |page: &Value| -> Vec<u64> {
        page["content"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["id"].as_u64().unwrap())
            .collect()
    };
    let first = page("contentType=JSON&pageNo=0&pageSize=2").await;
    assert_eq!(ids(&first), [15, 14]);
    assert_eq!(
        (
            &first["totalElements"],
            &first["totalPages"],
            &first["isFirst"],
            &first["isLast"]
        ),
        (&json!(5), &json!(3), &json!(true), &json!(false))
    );
    let last = page("contentType=JSON&pageNo=2&pageSize=2").await;
    assert_eq!(
        (ids(&last), &last["isFirst"], &last["isLast"]),
        (vec![11], &json!(false), &json!(true))
    );
    assert_eq!(ids(&page("contentType=JSON").await).len(), 5);
    assert!(ids(&page("contentType=CSV").await).is_empty());
    assert!(ids(&page("contentType=JSON&pageNo=9").await).is_empty());
    for wrong in [
        "",
        "contentType=XML",
        "contentType=JSON&pageNo=x",
        "contentType=JSON&pageSize=0",
    ] {
        assert_eq!(
            world
                .get(&format!("/bulk-payment-request?{wrong}"))
                .await
                .status,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_bulk_request_shows_all_its_payments_on_one_page() {
    let world = World::new().await;
    let rows: Vec<Value> = (0..250).map(|n| row(&format!("A-{n}"), "15000")).collect();
    world.bulk(&rows).await.ok();
    let before = world.get("/bulk-payment-request/11").await.ok().data();
    assert_eq!(
        (&before["bulkPaymentRequestId"], &before["status"]),
        (&json!(11), &json!("IN_PROCESS"))
    );
    assert_eq!(before["payments"]["content"][0]["status"], "DRAFT");
    world.sandbox.assign().unwrap();
    let answer = world.get("/bulk-payment-request/11").await.ok();
    let data = answer.data();
    assert_eq!(data["status"], "PROCESSED");
    let page = &data["payments"];
    assert_eq!(page["pageSize"], 2_147_483_647);
    assert_eq!(page["totalNoOfElements"], 250);
    assert!(page["isFirst"].is_null() && page["isLast"] == true);
    for (n, payment) in page["content"].as_array().unwrap().iter().enumerate() {
        assert_eq!(payment["identifier"], format!("A-{n}"));
        assert_eq!(payment["status"], "APPROVED");
        assert_eq!(payment["psid"].as_str().unwrap().len(), 24);
        assert_eq!(payment["amount"].to_string(), "15000.0");
    }
    for unknown in ["12", "0", "x", "18446744073709551616"] {
        assert_eq!(
            world
                .get(&format!("/bulk-payment-request/{unknown}"))
                .await
                .status,
            404
        );
    }
}

#[tokio::test]
async fn payments_are_listed_by_update_and_only_once_they_have_a_psid() {
    let world = World::new().await;
    world
        .bulk(&[row("A", "1"), row("B", "2"), row("C", "3")])
        .await
        .ok();
    let list = async |query: &str| world.get(&format!("/payment{query}")).await.ok().data();
    assert_eq!(list("").await[0]["totalElements"], 0);
    world.sandbox.assign().unwrap();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    let data = list("?pageNo=0&pageSize=2").await;
    assert_eq!(
        data.as_array().unwrap().len(),
        1,
        "an array around the page"
    );
    let page = &data[0];
    assert_eq!(
        (&page["totalElements"], &page["totalPages"]),
        (&json!(3), &json!(2))
    );
    let first = &page["content"][0];
    assert_eq!(
        (&first["identifier"], &first["status"]),
        (&json!("A"), &json!("PROCESSED"))
    );
    assert_ne!(first["paidAt"], "N/A");
    let second = &page["content"][1];
    assert_eq!(
        (&second["identifier"], &second["paidAt"]),
        (&json!("C"), &json!("N/A"))
    );
    assert_eq!(
        (&second["amount"], &second["dueDate"]),
        (&json!("3"), &json!("2035-08-31"))
    );
    assert_eq!(
        list("?pageNo=1&pageSize=2").await[0]["content"][0]["identifier"],
        "B"
    );
}

#[tokio::test]
async fn a_page_larger_than_the_limit_is_cut_down_and_says_so() {
    let world = World::with(SandboxConfig {
        page_limit: 3,
        ..quiet()
    })
    .await;
    for n in 0..7 {
        world.add(row(&format!("A-{n}"), "1")).await.ok();
    }
    let page = world.get("/payment?pageSize=500").await.ok().data()[0].clone();
    assert_eq!(
        (&page["pageSize"], &page["totalPages"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(page["content"].as_array().unwrap().len(), 3);
    assert_eq!(page["isLast"], false);
}

#[tokio::test]
async fn a_payment_is_found_by_id_or_psid_and_a_psid_by_search() {
    let world = World::new().await;
    let first = world.add(row("A", "1")).await.ok().data();
    world.sandbox.pay(&Pay::identifier("A")).unwrap();
    let second = world.add(row("A", "2")).await.ok().data();
    let psid = first["psid"].as_str().unwrap();
    assert_eq!(second["psid"], psid);
    let by_id = world
        .get(&format!("/payment/{}", first["id"]))
        .await
        .ok()
        .data();
    assert_eq!(
        (&by_id["status"], &by_id["amount"]),
        (&json!("PROCESSED"), &json!("1"))
    );
    assert_eq!(by_id["billedToName"], "Sana Boxwala");
    let by_psid = world.get(&format!("/payment/{psid}")).await.ok().data();
    assert_eq!(by_psid["id"], second["id"]);
    let found = world.get(&format!("/search/{psid}")).await.ok().data();
    let page = &found[0];
    assert_eq!(page["totalElements"], 2);
    assert_eq!(page["content"][0]["id"], second["id"]);
    assert_eq!(page["content"][1]["id"], first["id"]);
    let later = world
        .get(&format!("/search/{psid}?pageNo=1&pageSize=1"))
        .await
        .ok()
        .data();
    assert_eq!(later[0]["content"][0]["id"], first["id"]);
    assert_eq!(world.get("/payment/1").await.status, 404);
    let nobody = world
        .get("/search/100139100100154854584585")
        .await
        .ok()
        .data();
    assert_eq!(nobody[0]["totalElements"], 0);
}

#[tokio::test]
async fn one_login_sees_nothing_of_another() {
    let config = SandboxConfig {
        users: vec![User::new("a", "1"), User::new("b", "2")],
        ..quiet()
    };
    let mut world = World::with(config).await;
    let first = world.add(row("X", "1")).await.ok().data();
    world.bulk(&[row("Y", "1")]).await.ok();
    world.sandbox.assign().unwrap();
    world.user = "b".to_owned();
    assert_eq!(
        world.get("/payment").await.status,
        401,
        "a's token is not b's"
    );
    world.sign_in("2").await;
    assert_eq!(
        world.get("/payment").await.ok().data()[0]["totalElements"],
        0
    );
    let list = world
        .get("/bulk-payment-request?contentType=JSON")
        .await
        .ok()
        .data();
    assert_eq!(list["totalElements"], 0);
    assert_eq!(world.get("/bulk-payment-request/11").await.status, 404);
    assert_eq!(
        world.get(&format!("/payment/{}", first["id"])).await.status,
        404
    );
    let psid = first["psid"].as_str().unwrap();
    let found = world.get(&format!("/search/{psid}")).await.ok().data();
    assert_eq!(found[0]["totalElements"], 0);
    let own = world.add(row("X", "9")).await.ok().data();
    assert_ne!(
        own["psid"], psid,
        "the same identifier of another user has another PSID"
    );
    assert_eq!(world.statuses("X"), ["APPROVED", "APPROVED"]);
}

#[tokio::test]
async fn a_user_without_the_role_may_only_log_in() {
    let user = User {
        role_denied: true,
        ..User::new("demo", "demo")
    };
    let world = World::with(SandboxConfig {
        users: vec![user],
        ..quiet()
    })
    .await;
    assert_eq!(world.get("/payment").await.status, 403);
    assert_eq!(world.bulk(&[row("A", "1")]).await.status, 403);
    assert_eq!(world.sandbox.state().payments, 0);
}
