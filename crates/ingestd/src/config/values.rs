//! The texts of a configuration that mean something: durations, amounts, zones, addresses, the hub's URL.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::account::ApproveRule;

/// Reads `"500ms"`, `"5s"`, `"10m"`, `"1h30m"`, `"2d"`.
///
/// # Errors
/// What is wrong, with an example of how it is written.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("{text:?} is not a length of time; write it like \"5s\", \"10m\" or \"1h\"");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    if rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "{rest} needs its unit: \"{rest}s\" for seconds, \"{rest}m\" for minutes"
        ));
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let unit_ms: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        let part = number
            .checked_mul(unit_ms)
            .map(Duration::from_millis)
            .ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = after.trim_start();
    }
    if total > Duration::from_hours(24 * 366) {
        Err(format!("{text:?} is longer than a year"))
    } else {
        Ok(total)
    }
}

/// A length of time as a person says it: `45 s`, `10 min`, `2 h 5 min`, `3 d`.
#[must_use]
pub fn duration_shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.is_zero() => "0 s".to_owned(),
        0 => format!("{} ms", duration.as_millis()),
        1..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 if (seconds / 60).is_multiple_of(60) => format!("{} h", seconds / 3600),
        7200..=172_799 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `"never"`, or a length of time.
pub(super) fn parse_never_or_duration(text: &str) -> Result<Option<Duration>, String> {
    if text == "never" {
        return Ok(None);
    }
    parse_duration(text)
        .map(Some)
        .map_err(|why| format!("{why}, or \"never\""))
}

/// `"never"`, `"always"`, or `"over 5000000"` rupees.
pub(super) fn parse_approve(text: &str) -> Result<ApproveRule, String> {
    let wrong = || {
        format!(
            "{text:?} is not known here; write \"never\", \"always\", or \"over 5000000\" (rupees)"
        )
    };
    match text.trim() {
        "never" => Ok(ApproveRule::Never),
        "always" => Ok(ApproveRule::Always),
        other => {
            let amount = other
                .strip_prefix("over")
                .filter(|rest| rest.starts_with(' '))
                .ok_or_else(wrong)?;
            rupees_to_paisa(amount.trim())
                .map(ApproveRule::Over)
                .ok_or_else(wrong)
        }
    }
}

/// `5000000`, `5,000,000` or `1500.50` rupees in paisa; exact, never through a float.
fn rupees_to_paisa(text: &str) -> Option<i64> {
    let plain: String = text.chars().filter(|c| *c != ',' && *c != '_').collect();
    let (whole, part) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}

/// A time zone by its name in the IANA list.
pub(super) fn parse_time_zone(text: &str) -> Result<chrono_tz::Tz, String> {
    if let Ok(zone) = text.parse::<chrono_tz::Tz>() {
        return Ok(zone);
    }
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let folded = text.to_lowercase();
    let near = names.clone().find(|name| {
        let name = name.to_lowercase();
        name == folded || name.rsplit('/').next() == Some(folded.as_str())
    });
    Err(match near.or_else(|| nearest(text, names)) {
        Some(near) => format!("{text:?} is not a time zone; did you mean \"{near}\"?"),
        None => format!("{text:?} is not a time zone; write it like \"Asia/Karachi\""),
    })
}

/// The hub's address: https, or http to this machine alone.
pub(super) fn parse_base_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let url = reqwest::Url::parse(text)
        .map_err(|_| format!("{text:?} is not an address; write it like \"https://hub.example/payment-hub/integration\""))?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        _ if host.is_empty() => return Err(format!("{text:?} names no host")),
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => {
            return Err(format!(
                "plain http is for this machine only, and {host} is another: write https://"
            ));
        }
        other => return Err(format!("an address begins with https://, not {other}://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("user and password do not go into the address: username and password_file are their keys".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address ends with its path: no ? and no # belong in it".to_owned());
    }
    let path = url.path().trim_end_matches('/');
    let call = CALLS
        .iter()
        .find_map(|call| path.strip_suffix(call).map(|root| (*call, root)))
        .filter(|(call, root)| {
            root.ends_with("/integration") || !["/payment", "/search"].contains(call)
        });
    if let Some((call, root)) = call {
        let root = root.strip_suffix("/integration").unwrap_or(root);
        let mut right = url.clone();
        right.set_path(&format!("{root}/integration"));
        return Err(format!(
            "{call} is one of the hub's calls, and the address all of them begin with is meant: write \"{right}\""
        ));
    }
    Ok(text.to_owned())
}

/// What the integration guide's calls end in: an address copied from it with one of these is not
/// the one that all calls begin with. A hub may well lie at `/payment`, though.
const CALLS: [&str; 6] = [
    "/login",
    "/add",
    "/add-bulk",
    "/bulk-payment-request",
    "/payment",
    "/search",
];

/// A login as it is compared with another account's: this machine has two names.
pub(super) fn login_compared(base_url: &str, username: &str) -> String {
    let base_url = base_url_normalised(base_url);
    let base_url = match base_url.split_once("://localhost") {
        Some((scheme, rest)) if rest.is_empty() || rest.starts_with([':', '/']) => {
            format!("{scheme}://127.0.0.1{rest}")
        }
        _ => base_url,
    };
    format!("{base_url} {username}")
}

/// The same text for every spelling of one hub: host in lower case, default port left out, without
/// a last `/` and a last `/integration`.
pub(super) fn base_url_normalised(text: &str) -> String {
    let Ok(url) = reqwest::Url::parse(text.trim()) else {
        return text.trim().to_owned();
    };
    let path = url.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/integration")
        .unwrap_or(path)
        .trim_end_matches('/');
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!(
        "{}://{}{port}{path}",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )
}

/// Whether a host of a URL is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A network address with the number of its leading bits that count: `203.0.113.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    address: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// Reads `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address or a range like \"203.0.113.0/24\"");
        let (address, bits) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most {
            Err(wrong())
        } else {
            Ok(AddressRange { address, bits })
        }
    }

    /// Whether an address lies in the range.
    #[must_use]
    pub fn contains(&self, other: IpAddr) -> bool {
        let shared = match (self.address, other.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        shared >= self.bits
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// The nearest of some names, if one is near enough to be meant.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let folded = name.to_lowercase().replace('-', "_");
    names
        .map(|known| {
            (
                strsim::jaro_winkler(&folded, &known.to_lowercase().replace('-', "_")),
                known,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.83)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
