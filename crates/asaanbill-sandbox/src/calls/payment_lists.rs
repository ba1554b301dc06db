//! Endpoints 6 to 8: a user's payments as a list, one by its id, and all that
//! ever had a PSID. `data` of the two lists is an array around the page.

use super::{Call, Refused, page, refused};
use crate::answers::{Data, Page, Pen, Reply};
use crate::books::Books;
use crate::config::User;
use crate::hub::Hub;
use crate::writing::{array, object};

/// APPROVED, PROCESSED and DISCARD only, the last updated first.
pub(super) fn payment_list(hub: &Hub, user: &User, call: &Call) -> Result<Reply, Refused> {
    let page = page(hub, call)?;
    let journal = hub.journal();
    let books = &journal.books;
    let (total, shown) = match books.user(&user.username) {
        Some(user) => {
            let newest = books.newest(user);
            (newest.count(), newest.page(page.skip(), page.size))
        }
        None => (0, Vec::new()),
    };
    Ok(one_page(hub.pen(user), books, page, total, &shown))
}

/// By payment id, as the path says, or by PSID, as the description says: of
/// a PSID the newest payment that has it.
pub(super) fn payment(hub: &Hub, user: &User, call: &Call) -> Result<Reply, Refused> {
    let journal = hub.journal();
    let books = &journal.books;
    let by_id = call
        .path
        .parse()
        .ok()
        .and_then(|id| books.payment_number(id));
    let number = by_id
        .filter(|number| {
            books.user(&user.username) == Some(books.payer_of(books.payment(*number)).user)
        })
        .or_else(|| with_psid(books, user, &call.path).first().copied())
        .ok_or_else(not_found)?;
    let mut data = Vec::new();
    hub.pen(user).listed(books, number, 0, &mut data);
    Ok(Reply::ok(Data::Json(data)))
}

/// The guide promises both "200: empty list if no payments is found" and
/// "404: payment with the provided PSID not found". With quirks they take
/// turns; without, the list is empty.
pub(super) fn search(hub: &Hub, user: &User, call: &Call) -> Result<Reply, Refused> {
    let page = page(hub, call)?;
    let journal = hub.journal();
    let books = &journal.books;
    let found = with_psid(books, user, &call.path);
    let pen = hub.pen(user);
    if found.is_empty() && pen.quirks && pen.turn & 1 == 1 {
        return Err(not_found());
    }
    let shown: Vec<u32> = found
        .iter()
        .copied()
        .skip(page.skip())
        .take(page.size)
        .collect();
    Ok(one_page(pen, books, page, found.len(), &shown))
}

fn not_found() -> Refused {
    refused(404, "Payment with the provided PSID not found")
}

/// The payments of this user that have or had this PSID, newest first. One
/// that never got it (still waiting, errored, discarded before) is not among
/// them.
fn with_psid(books: &Books, user: &User, psid: &str) -> Vec<u32> {
    match books.payer_by_psid(psid) {
        Some((payer, owner)) if books.user(&user.username) == Some(owner) => books
            .payments_of(payer)
            .filter(|number| books.payment(*number).psid().is_some())
            .collect(),
        _ => Vec::new(),
    }
}

fn one_page(pen: Pen<'_>, books: &Books, page: Page, total: usize, shown: &[u32]) -> Reply {
    let mut data = Vec::new();
    array(&mut data, [()], |out, ()| {
        object(out, |o| {
            page.write(o, total);
            array(
                o.key("content"),
                shown.iter().enumerate(),
                |out, (place, number)| {
                    pen.listed(books, *number, place, out);
                },
            );
        });
    });
    Reply::ok(Data::Json(data))
}
