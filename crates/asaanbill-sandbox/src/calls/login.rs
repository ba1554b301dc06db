//! Endpoint 1: `POST /login`, the password for a token and the channel.

use serde::Deserialize;

use super::{Call, Refused, header, invalid_body, json_content, refused};
use crate::answers::{Data, Reply};
use crate::hub::Hub;
use crate::writing::object;

#[derive(Deserialize)]
struct LoginBody {
    password: String,
}

/// 200 with the user's one token; 404 for a wrong user *or* password.
pub(super) fn login(hub: &Hub, call: &Call) -> Result<Reply, Refused> {
    let username = header(call, "username")?;
    json_content(call)?;
    let body: LoginBody = serde_json::from_slice(&call.body).map_err(|_| invalid_body())?;
    let unknown = || refused(404, "User not found or incorrect password");
    let (place, user) = hub.user(username).ok_or_else(unknown)?;
    let mut desk = hub.desk();
    if !desk.password_fits(place, &body.password) {
        return Err(unknown());
    }
    let token = desk.token(place);
    let mut data = Vec::new();
    object(&mut data, |o| {
        o.text("token", &token);
        object(o.key("user"), |o| {
            o.text("firstName", &user.first_name);
            o.text("lastName", &user.last_name);
        });
        object(o.key("channel"), |o| {
            o.plain("id", user.channel_id);
            o.text("name", &user.channel_name);
        });
    });
    Ok(Reply::ok(Data::Json(data)))
}
