//! `database.url`: which of the two databases, where, and how it is shown to a person.

use std::path::Path;

/// Reads the URL; a relative SQLite path is against the folder of the configuration.
pub(super) fn parse_url(text: &str, folder: &Path) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(text.to_owned());
    }
    let Some(rest) = text.strip_prefix("sqlite:") else {
        return Err(format!(
            "{:?} is not a database; write \"sqlite:ingestd.db\" or \"postgres://user@host/database\"",
            without_password(text)
        ));
    };
    let place = rest.strip_prefix("//").unwrap_or(rest);
    if place.is_empty() {
        return Err("sqlite: needs the name of a file, such as \"sqlite:ingestd.db\"".to_owned());
    }
    if place.starts_with(":memory:") || Path::new(place).is_absolute() {
        return Ok(format!("sqlite:{place}"));
    }
    let folder = folder.to_str().ok_or_else(|| {
        "the folder of the configuration has a name that is not UTF-8: write the whole path"
            .to_owned()
    })?;
    let folder = folder
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    let place = place.strip_prefix("./").unwrap_or(place);
    Ok(format!("sqlite:{}/{place}", folder.trim_end_matches('/')))
}

/// The file of an SQLite URL, if it is one.
pub(super) fn sqlite_file(url: &str) -> Option<&Path> {
    let place = url.strip_prefix("sqlite:")?.split('?').next()?;
    (!place.starts_with(":memory:")).then(|| Path::new(place))
}

/// A database URL without the password it may carry.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let authority_ends = rest.find('/').unwrap_or(rest.len());
    // The last @ before the path ends the user: a password may hold one itself.
    let (authority, path) = rest.split_at(authority_ends);
    let shown = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    let kept: Vec<&str> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !pair.starts_with("password"))
        .collect();
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    format!("{scheme}://{shown}{path}{query}")
}
