//! What a login answers (guide, section 1).

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::fields::Fields;

/// The token and whose it is. The token is a secret: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginData {
    /// Goes into `x-auth-ph-key` of every further call.
    pub token: String,
    /// Goes into `channel-id` of every further call.
    pub channel_id: Option<String>,
    /// Whose login it is: the school.
    pub channel_name: Option<String>,
    /// The user's first name.
    pub first_name: Option<String>,
    /// The user's last name.
    pub last_name: Option<String>,
}

impl fmt::Debug for LoginData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginData")
            .field("token", &"(secret)")
            .field("channel_id", &self.channel_id)
            .field("channel_name", &self.channel_name)
            .field("first_name", &self.first_name)
            .field("last_name", &self.last_name)
            .finish()
    }
}

/// A login without a token is an error.
impl<'de> Deserialize<'de> for LoginData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LoginData, D::Error> {
        let mut fields =
            Fields::unwrapped(Value::deserialize(deserializer)?).map_err(Error::custom)?;
        let mut part = |name: &str| {
            fields
                .take(name)
                .and_then(|value| Fields::unwrapped(value).ok())
        };
        let mut channel = part("channel");
        let mut user = part("user");
        let token = fields
            .text("token")
            .filter(|token| !token.trim().is_empty());
        Ok(LoginData {
            token: token.ok_or_else(|| Error::missing_field("token"))?,
            channel_id: channel.as_mut().and_then(|channel| channel.text("id")),
            channel_name: channel.as_mut().and_then(|channel| channel.text("name")),
            first_name: user.as_mut().and_then(|user| user.text("firstName")),
            last_name: user.as_mut().and_then(|user| user.text("lastName")),
        })
    }
}
