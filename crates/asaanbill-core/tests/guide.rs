//! The guide's own samples, read and written. Several of them are not valid
//! JSON as printed (missing commas, a page break inside an object, line breaks
//! inside a token); those were repaired by hand and say so.
#![allow(clippy::unwrap_used)]

use asaanbill_core::*;
use chrono::NaiveDate;

fn rupees(text: &str) -> Option<Paisa> {
    Some(Paisa::parse(text).unwrap())
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn data_of<T: for<'de> serde::Deserialize<'de>>(json: &str) -> T {
    let envelope: Envelope<T> = serde_json::from_str(json).unwrap();
    assert_eq!(envelope.response_code, Some(200));
    assert!(envelope.response_message.is_some());
    envelope.data.unwrap()
}

/// Section 1. Repaired: the token's line breaks are left out.
#[test]
fn a_login_is_read_and_its_token_does_not_print() {
    let login: LoginData = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": {
                "token": "NOh/caEvov912PrLXRmLmNK92/nAvJJM4dnR2+yXQ==",
                "user": { "firstName": "Sheikh Amaan", "lastName": "Asghar" },
                "channel": { "id": 23, "name": "Evamp & Saanga" }
            }
        }"#,
    );
    assert_eq!(login.channel_id.as_deref(), Some("23"));
    assert_eq!(login.channel_name.as_deref(), Some("Evamp & Saanga"));
    assert_eq!(login.first_name.as_deref(), Some("Sheikh Amaan"));
    assert!(login.token.starts_with("NOh/"));
    assert!(!format!("{login:?}").contains("NOh/"));
}

/// Section 2, as printed.
#[test]
fn an_added_payment_has_numbers_for_amounts() {
    let payment: Payment = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": {
                "id": 25,
                "amount": 50.0,
                "amountAfterDueDate": 55.0,
                "identifier": "FS-BSCS-095",
                "title": "Muhammad Mahd Sheikh",
                "dueDate": "10-01-2025",
                "period": null,
                "identifierDescription": null,
                "billedToName": null,
                "billedToAddress": null,
                "billedToContact": null,
                "psid": "100139100100154854584585",
                "qrString": "00020101021128560012D1560000000001080",
                "status": "APPROVED",
                "createdAt": "10:22 AM 10-Jan-2025",
                "updatedAt": "10:22 AM 10-Jan-2025",
                "paymentDetails": []
            }
        }"#,
    );
    assert_eq!(payment.id, Some(25));
    assert_eq!(payment.amount.value, rupees("50"));
    assert_eq!(payment.amount.text, "50.0");
    assert_eq!(payment.amount_after_due_date.value, rupees("55"));
    assert_eq!(payment.due_date.value, day("2025-01-10"));
    assert_eq!(payment.psid.unwrap().as_str(), "100139100100154854584585");
    assert_eq!(payment.status, PaymentStatus::Approved);
    assert_eq!(
        payment.created_at.unwrap().utc.unwrap().to_rfc3339(),
        "2025-01-10T05:22:00+00:00"
    );
    assert_eq!(payment.paid_at, None);
}

/// Section 3. Repaired: the commas before "status".
#[test]
fn an_echo_tells_accepted_rows_from_refused_ones() {
    let echo: AddBulkEcho = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Processed successfully but one or more payments have errors. Refer to the \"status\" of each payment",
            "data": {
                "bulkPaymentRequestId": 11,
                "payments": [
                    { "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095", "amount": "1400",
                      "dueDate": "2025-01-31", "amountAfterDueDate": "14550", "status": "PROCESSED" },
                    { "title": " Muhammad Aarayz Sheikh", "identifier": " FS-BSME-055", "amount": "1300",
                      "dueDate": "2025-01-31", "amountAfterDueDate": "1350", "status": "PROCESSED" },
                    { "title": " Bareera Sheikh", "identifier": "FS-BSCS-095", "amount": "1000",
                      "dueDate": "2024-01-31", "amountAfterDueDate": "",
                      "status": "amountAfterDueDate cannot be empty or null" }
                ]
            }
        }"#,
    );
    assert_eq!(echo.bulk_payment_request_id, Some(11));
    let rows = echo.payments.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].status, EchoStatus::Accepted);
    assert_eq!(rows[1].identifier.as_deref(), Some(" FS-BSME-055"));
    assert_eq!(
        rows[2].amount_after_due_date,
        Heard {
            text: String::new(),
            value: None
        }
    );
    assert_eq!(
        rows[2].status,
        EchoStatus::Refused("amountAfterDueDate cannot be empty or null".to_owned())
    );
}

/// Section 4, as printed.
#[test]
fn the_list_of_requests_counts_in_two_spellings() {
    let page: Page<BulkRequest> = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": {
                "pageNo": 0, "pageSize": 100, "totalElements": 2, "totalPages": 1, "isFirst": true, "isLast": true,
                "content": [
                    { "id": 126, "createdAt": "05:31AM 12-Feb-2025", "updatedAt": "11:06AM 06-Aug-2025",
                      "fileName": null, "contentType": "JSON", "vouchersCount": 4526, "status": "PROCESSED", "message": null },
                    { "id": 127, "createdAt": "05:31AM 12-Feb-2025", "updatedAt": "11:06AM 06-Aug-2025",
                      "fileName": null, "contentType": "JSON", "paymentCount": 5827, "status": "PROCESSED", "message": null }
                ]
            }
        }"#,
    );
    assert_eq!(
        page.content
            .iter()
            .map(|r| (r.id, r.count))
            .collect::<Vec<_>>(),
        [(Some(126), Some(4526)), (Some(127), Some(5827)),]
    );
    assert_eq!(page.content[0].status, RequestStatus::Processed);
    assert_eq!(page.content[0].content_type.as_deref(), Some("JSON"));
    assert_eq!(page.content[0].message, None);
    assert!(!page.promises_more(2));
    assert!(page.promises_more(1));
}

/// Section 5. Repaired: the second payment has two statuses across a page
/// break; the first of them, PENDING, is kept, and it has no PSID.
#[test]
fn a_requests_payments_are_read_with_their_odd_page() {
    let detail: BulkRequestDetail = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": {
                "bulkPaymentRequestId": 19,
                "uploadedAt": "27-01-2025",
                "updatedAt": "03:24PM 27-Jan-2025",
                "status": "PROCESSED",
                "payments": {
                    "pageNo": 0, "pageSize": 2147483647, "totalNoOfElements": 2, "totalPages": 1,
                    "isFirst": null, "isLast": true,
                    "content": [
                        { "id": 33, "amount": 15000.0, "amountAfterDueDate": 15500.0, "identifier": "Amaan Asghar",
                          "dueDate": "28-03-2025", "period": null, "identifierDescription": null,
                          "psid": "100139001001548545848857", "status": "APPROVED",
                          "createdAt": "03:25PM 27-Jan-2025", "updatedAt": "03:25PM 27-Jan-2025" },
                        { "id": 34, "amount": 512.0, "amountAfterDueDate": 1024.0, "identifier": "Hamza Asghar",
                          "dueDate": "28-03-2025", "period": null, "identifierDescription": null,
                          "status": "PENDING",
                          "createdAt": "03:25PM 27-Jan-2025", "updatedAt": "03:25PM 27-Jan-2025" }
                    ]
                }
            }
        }"#,
    );
    assert_eq!(detail.id, Some(19));
    assert_eq!(
        detail.uploaded_at,
        Some(HubTime {
            text: "27-01-2025".to_owned(),
            utc: None
        })
    );
    assert!(detail.status.is_processed());
    let payments = &detail.payments;
    assert_eq!(
        (payments.total, payments.page_size, payments.is_first),
        (Some(2), Some(2_147_483_647), None)
    );
    assert!(!payments.promises_more(2));
    assert_eq!(payments.content[0].amount.value, rupees("15000"));
    assert_eq!(payments.content[0].due_date.value, day("2025-03-28"));
    assert_eq!(payments.content[0].title, None);
    assert_eq!(payments.content[1].status, PaymentStatus::Pending);
    assert_eq!(payments.content[1].psid, None);
}

/// Section 6. Repaired: the commas after "amountAfterDueDate".
#[test]
fn a_list_of_payments_may_lie_in_an_array() {
    let page: Page<Payment> = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": [ {
                "pageNo": 0, "pageSize": 100, "totalElements": 861, "totalPages": 9, "isFirst": true, "isLast": false,
                "content": [
                    { "id": 264654, "title": "Muhammad Mahd Sheikh", "identifier": "FS-BSCS-095", "amount": "1400",
                      "dueDate": "2025-08-31", "amountAfterDueDate": "14550",
                      "billedToName": "Sheikh Amaan Asghar", "billedToAddress": "Evamp & Saanga",
                      "billedToContact": "03005372672", "psid": "100139100100154854584585",
                      "qrString": "00020101021128560012D1560000000001080", "status": "APPROVED",
                      "createdAt": "08:49AM 31-Jul-2025", "paidAt": "N/A", "paymentDetails": [] }
                ]
            } ]
        }"#,
    );
    assert_eq!(page.total, Some(861));
    assert!(page.promises_more(1));
    let payment = &page.content[0];
    assert_eq!(payment.amount.value, rupees("1400"));
    assert_eq!(
        payment.paid_at,
        Some(HubTime {
            text: "N/A".to_owned(),
            utc: None
        })
    );
    assert_eq!(payment.billed_to_contact.as_deref(), Some("03005372672"));
    assert!(!payment.status.is_paid());
}

/// Section 8, as printed, shortened to the payment whose day does not exist.
#[test]
fn a_day_that_does_not_exist_keeps_its_text() {
    let page: Page<Payment> = data_of(
        r#"{
            "responseCode": 200,
            "responseMessage": "Request processed successfully",
            "data": [ {
                "pageNo": 0, "pageSize": 100, "totalElements": 1, "totalPages": 1, "isFirst": true, "isLast": true,
                "content": [
                    { "id": 264235, "title": "Muhammad Aarayz Sheikh", "identifier": "FS-BSME-095", "amount": "1400",
                      "dueDate": "2025-07-31", "amountAfterDueDate": "14550", "psid": "100139100100144754584584",
                      "status": "PROCESSED", "createdAt": "08:49AM 31-Jun-2025", "paidAt": "08:49AM 31-Jul-2025" }
                ]
            } ]
        }"#,
    );
    let payment = &page.content[0];
    assert!(payment.status.is_paid());
    assert_eq!(
        payment.created_at,
        Some(HubTime {
            text: "08:49AM 31-Jun-2025".to_owned(),
            utc: None
        })
    );
    assert_eq!(
        payment.paid_at.as_ref().unwrap().utc.unwrap().to_rfc3339(),
        "2025-07-31T03:49:00+00:00"
    );
}

/// "Call-back APIs". Repaired: the brace in the middle of the first body.
#[test]
fn callbacks_are_read_and_answered() {
    let paid: ProcessedCallback = serde_json::from_str(
        r#"{ "title": "Sheikh Amaan Asghar", "identifier": "amaanx5a", "dueDate": "2025-06-13",
             "amount": "5000", "amountAfterDueDate": "5500", "psid": "100139100100144754584584" }"#,
    )
    .unwrap();
    assert_eq!(paid.amount.value, rupees("5000"));
    assert_eq!(paid.psid.unwrap().as_str(), "100139100100144754584584");
    let approved: BulkApprovedCallback =
        serde_json::from_str(r#"{ "bulkPaymentRequestId": 29 }"#).unwrap();
    assert_eq!(approved.bulk_payment_request_id, Some(29));
    assert_eq!(
        serde_json::to_string(&CallbackAnswer::received()).unwrap(),
        r#"{"responseCode":200,"responseMessage":"Request processed successfully"}"#
    );
}

#[test]
fn lists_come_empty_in_several_forms() {
    for empty in [
        "[]",
        r#"{"content": []}"#,
        r#"[{"content": []}]"#,
        r#"{"totalElements": 0}"#,
    ] {
        let page: Page<Payment> = serde_json::from_str(empty).unwrap();
        assert_eq!(page.content, [], "{empty}");
        assert!(!page.promises_more(0), "{empty}");
    }
    for no_list in [
        "{}",
        "null",
        "3",
        r#"{"content": null}"#,
        r#"{"content": 3}"#,
        r#"{"content": [3]}"#,
    ] {
        assert!(
            serde_json::from_str::<Page<Payment>>(no_list).is_err(),
            "{no_list}"
        );
    }
    let bare: Page<Payment> = serde_json::from_str(r#"[{"id": 1}, {"id": "2"}]"#).unwrap();
    assert_eq!(
        bare.content.iter().map(|p| p.id).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
}

#[test]
fn a_full_page_of_a_hub_that_says_nothing_of_the_rest_promises_more() {
    let page = |json: &str| serde_json::from_str::<Page<Payment>>(json).unwrap();
    for (json, promises) in [
        (
            r#"{"pageSize": 2, "content": [{"id": 1}, {"id": 2}]}"#,
            true,
        ),
        (
            r#"{"pageSize": 2, "isLast": null, "content": [{"id": 1}, {"id": 2}, {"id": 3}]}"#,
            true,
        ),
        (r#"{"pageSize": 2, "content": [{"id": 1}]}"#, false),
        (r#"{"pageSize": 2, "content": []}"#, false),
        (r#"{"pageSize": 0, "content": []}"#, false),
        (
            r#"{"pageSize": 2147483647, "content": [{"id": 1}, {"id": 2}]}"#,
            false,
        ),
        (
            r#"{"pageSize": 2, "isLast": true, "content": [{"id": 1}, {"id": 2}]}"#,
            false,
        ),
        (
            r#"{"pageSize": 2, "totalPages": 1, "content": [{"id": 1}, {"id": 2}]}"#,
            false,
        ),
        (
            r#"{"pageSize": 2, "totalElements": 2, "content": [{"id": 1}, {"id": 2}]}"#,
            false,
        ),
    ] {
        let page = page(json);
        assert_eq!(
            page.promises_more(page.content.len() as u64),
            promises,
            "{json}"
        );
    }
    let mut bare = page(r#"[{"id": 1}, {"id": 2}]"#);
    assert!(
        !bare.promises_more(2),
        "nobody knows how many were asked for"
    );
    bare.page_size = Some(2);
    assert!(bare.promises_more(2));
}

#[test]
fn a_missing_bulk_id_is_none_but_a_broken_one_is_an_error() {
    let read = |json: &str| {
        serde_json::from_str::<AddBulkEcho>(json)
            .map(|echo| echo.bulk_payment_request_id)
            .ok()
    };
    assert_eq!(read("{}"), Some(None));
    assert_eq!(read(r#"{"bulkPaymentRequestId": null}"#), Some(None));
    assert_eq!(read(r#"{"bulkPaymentRequestId": "29"}"#), Some(Some(29)));
    assert_eq!(read(r#"[{"bulkPaymentRequestId": 29}]"#), Some(Some(29)));
    assert_eq!(read(r#"{"bulkPaymentRequestId": "twenty"}"#), None);
}

#[test]
fn an_echo_may_be_a_bare_array_of_rows() {
    let read = |json: &str| {
        serde_json::from_str::<AddBulkEcho>(json).map(|echo| echo.payments.map(|p| p.len()))
    };
    assert_eq!(read("[]").ok(), Some(Some(0)));
    assert_eq!(
        read(r#"[{"identifier": "A", "status": "PROCESSED"}]"#).ok(),
        Some(Some(1))
    );
    assert_eq!(read(r#"[{"payments": []}]"#).ok(), Some(Some(0)));
    assert!(read("[1]").is_err());
}

#[test]
fn odd_fields_never_cost_the_others() {
    let payment: Payment = serde_json::from_str(
        r#"{"id": "77", "id": 78, "amount": {"rupees": 5}, "amountAfterDueDate": "1,400", "dueDate": 20250831,
            "status": 7, "psid": 100139100100154854584585, "title": ["x"], "createdAt": 12, "isNew": true}"#,
    )
    .unwrap();
    assert_eq!(payment.id, Some(78));
    assert_eq!(payment.amount.value, None);
    assert_eq!(payment.amount.text, r#"{"rupees":5}"#);
    assert_eq!(
        payment.amount_after_due_date,
        Heard {
            text: "1,400".to_owned(),
            value: None
        }
    );
    assert_eq!(payment.status, PaymentStatus::Other("7".to_owned()));
    assert_eq!(payment.psid.unwrap().as_str(), "100139100100154854584585");
    assert_eq!(payment.title, None);
}
