//! Endpoints 4 and 5: the bulk requests of a user, and one of them with all
//! its payments.

use super::{Call, Refused, page, parameter, refused};
use crate::answers::{Data, Reply, bulk_status as status_of};
use crate::books::FIRST_BULK_ID;
use crate::config::User;
use crate::hub::Hub;
use crate::times;
use crate::writing::{array, object};

/// Newest first. `data` is the page itself, as in the sample. What came over
/// this API is JSON, so the list of CSV requests is empty.
pub(super) fn bulk_list(hub: &Hub, user: &User, call: &Call) -> Result<Reply, Refused> {
    let content = parameter(call, "contentType")?;
    if !matches!(content, "JSON" | "CSV") {
        return Err(refused(400, format!("contentType {content} is not valid")));
    }
    let page = page(hub, call)?;
    let journal = hub.journal();
    let books = &journal.books;
    let bulks = match books.user(&user.username) {
        Some(user) if content == "JSON" => books.bulks_of(user),
        _ => &[],
    };
    let pen = hub.pen(user);
    let mut data = Vec::new();
    object(&mut data, |o| {
        page.write(o, bulks.len());
        let shown = bulks.iter().rev().skip(page.skip()).take(page.size);
        array(
            o.key("content"),
            shown.enumerate(),
            |out, (place, number)| {
                pen.bulk(books.bulk(*number), *number, place, out);
            },
        );
    });
    Ok(Reply::ok(Data::Json(data)))
}

/// All payments on one page of 2147483647, `totalNoOfElements`, and `isFirst`
/// null, as in the sample.
pub(super) fn bulk_status(hub: &Hub, user: &User, call: &Call) -> Result<Reply, Refused> {
    let journal = hub.journal();
    let books = &journal.books;
    let id = call.path.parse().ok();
    let number = id
        .and_then(|id| books.bulk_number(id))
        .filter(|number| books.user(&user.username) == Some(books.bulk(*number).user))
        .ok_or_else(|| {
            refused(
                404,
                "Record against provided bulkPaymentRequestId NOT found",
            )
        })?;
    let request = books.bulk(number);
    let pen = hub.pen(user);
    let blank_in_time = pen.quirks && pen.turn >> 2 & 1 == 1;
    let mut data = Vec::new();
    object(&mut data, |o| {
        o.plain("bulkPaymentRequestId", FIRST_BULK_ID + u64::from(number));
        o.text("uploadedAt", &times::day(request.created_ms));
        o.text(
            "updatedAt",
            &times::stamp(request.updated_ms, blank_in_time),
        );
        o.text("status", status_of(request));
        object(o.key("payments"), |o| {
            o.plain("pageNo", 0);
            o.plain("pageSize", i32::MAX);
            o.plain("totalNoOfElements", request.count);
            o.plain("totalPages", 1);
            o.null("isFirst");
            o.plain("isLast", true);
            let payments = request.first..request.first + request.count;
            array(
                o.key("content"),
                payments.enumerate(),
                |out, (place, number)| {
                    pen.in_bulk(books, number, place, out);
                },
            );
        });
    });
    Ok(Reply::ok(Data::Json(data)))
}
