//! The sections and keys of `ingestd.toml`, each with its default: this page is the list of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fee_sheet::DayMonthOrder;
use toml::de::DeTable;

use super::account::{
    Account, ApproveRule, Callback, ChangedRule, DuplicateRule, GatewayKind, HeadingsRule,
    PasswordSource, PastDueRule,
};
use super::reading::{Findings, Section};
use super::values::{
    AddressRange, nearest, parse_approve, parse_base_url, parse_duration, parse_never_or_duration,
    parse_time_zone,
};
use super::{Config, database};
use crate::language::Language;

/// The fields a sheet's headings can be mapped to.
const COLUMN_FIELDS: [&str; 5] = [
    "title",
    "identifier",
    "amount",
    "due_date",
    "amount_after_due_date",
];

/// Reads the whole text; `None` only if it is no TOML at all (and then that is among the findings).
///
/// Beside the configuration come the lines of the accounts' headings, for what is found wrong later.
pub(super) fn read(
    findings: &Findings<'_>,
    path: &Path,
    folder: &Path,
    database_url: Option<&str>,
) -> Option<(Config, BTreeMap<String, usize>)> {
    let (table, errors) = DeTable::parse_recoverable(findings.text());
    if !errors.is_empty() {
        for error in errors {
            findings.add(
                error.span().map(|span| span.start),
                error.message().replace('\n', ", "),
            );
        }
        return None;
    }
    let file = Section::whole(findings, table.get_ref());
    let language = file.choice("language", Language::default(), &Language::ALL);

    let section = file.section("database");
    let written = section.parsed("url", String::new(), |text| {
        database::parse_url(text, folder)
    });
    section.finish(&[]);
    let url = match database_url {
        Some(over) => database::parse_url(over, folder).unwrap_or_else(|why| {
            findings.add(None, format!("{}: {why}", super::DATABASE_URL_VARIABLE));
            String::new()
        }),
        None if written.is_empty() => database::parse_url("sqlite:ingestd.db", folder)
            .unwrap_or_else(|why| {
                findings.add(None, format!("database.url: {why}"));
                String::new()
            }),
        None => written,
    };

    let section = file.section("web");
    let listen = section.parsed(
        "listen",
        std::net::SocketAddr::from(([127, 0, 0, 1], 8600)),
        |text| {
            text.parse().map_err(|_| {
                format!("{text:?} is not an address with a port; write it like \"127.0.0.1:8600\"")
            })
        },
    );
    section.finish(&[]);

    let mut accounts = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for (name, section) in file.section("accounts").sections() {
        lines.insert(name.clone(), section.line());
        if let Some(account) = read_account(findings, &name, &section, folder, language) {
            accounts.insert(name, Arc::new(account));
        }
    }
    file.finish(&[("account", "an account's section is called [accounts.NAME]")]);
    let config = Config {
        path: path.to_owned(),
        folder: folder.to_owned(),
        language,
        database_url: url,
        listen,
        accounts,
    };
    Some((config, lines))
}

fn read_account(
    findings: &Findings<'_>,
    name: &str,
    section: &Section<'_>,
    folder: &Path,
    language: Language,
) -> Option<Account> {
    let in_folder = |text: &str| -> Result<PathBuf, String> {
        if text.trim().is_empty() {
            Err("a path belongs here".to_owned())
        } else {
            Ok(folder.join(text))
        }
    };
    if name.is_empty()
        || name.len() > 64
        || !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    {
        findings.add_on_line(
            section.line(),
            format!("the account name {name:?} may have letters (a to z), digits, - and _ only, at most 64 of them"),
        );
    }

    let gateway = section.required("gateway", "\"asaanbill\"", |text| {
        super::reading::choose(text, &[("asaanbill", GatewayKind::Asaanbill)])
    });
    let base_url = section.required(
        "base_url",
        "\"https://…/payment-hub/integration\"",
        parse_base_url,
    );
    let username = section.required("username", "\"greenfield\"", |text| match text.trim() {
        "" => Err("the user's name at the hub belongs here".to_owned()),
        _ if text.chars().any(char::is_control) => {
            Err("a line break or control character is in it".to_owned())
        }
        name => Ok(name.to_owned()),
    });
    let password = read_password_source(section, in_folder);
    let inbox = section.required("inbox", "\"watch-dir/greenfield\"", in_folder);

    let account = Account {
        name: name.to_owned(),
        gateway: gateway.unwrap_or(GatewayKind::Asaanbill),
        base_url: base_url.unwrap_or_default(),
        username: username.unwrap_or_default(),
        password: password.unwrap_or(PasswordSource::Env(String::new())),
        inbox: inbox.unwrap_or_default(),
        requests_per_minute: section.number("requests_per_minute", 30, 1..=60_000),
        reads_per_minute: section.number("reads_per_minute", 60, 1..=60_000),
        rows_per_request: section
            .number("rows_per_request", 5000, 1..=5000)
            .try_into()
            .unwrap_or(5000),
        duplicate_identifiers: section.choice(
            "duplicate_identifiers",
            DuplicateRule::Reject,
            &[
                ("reject", DuplicateRule::Reject),
                ("last-wins", DuplicateRule::LastWins),
            ],
        ),
        past_due_dates: section.choice(
            "past_due_dates",
            PastDueRule::Reject,
            &[
                ("reject", PastDueRule::Reject),
                ("warn", PastDueRule::Warn),
                ("allow", PastDueRule::Allow),
            ],
        ),
        changed_bills: section.choice(
            "changed_bills",
            ChangedRule::Hold,
            &[
                ("hold", ChangedRule::Hold),
                ("replace", ChangedRule::Replace),
            ],
        ),
        changed_headings: section.choice(
            "changed_headings",
            HeadingsRule::Hold,
            &[("hold", HeadingsRule::Hold), ("allow", HeadingsRule::Allow)],
        ),
        day_month_order: section.choice(
            "day_month_order",
            DayMonthOrder::Dmy,
            &[
                ("dmy", DayMonthOrder::Dmy),
                ("mdy", DayMonthOrder::Mdy),
                ("reject", DayMonthOrder::Reject),
            ],
        ),
        language: section.choice("language", language, &Language::ALL),
        time_zone: section.parsed("time_zone", chrono_tz::Asia::Karachi, parse_time_zone),
        approve: section.parsed("approve", ApproveRule::Never, parse_approve),
        resend_absent_after: section.parsed("resend_absent_after", None, parse_never_or_duration),
        scan_every: section.parsed("scan_every", Duration::from_secs(5), |text| {
            match parse_duration(text)? {
                every if every < Duration::from_millis(100) => {
                    Err("at least \"100ms\" belongs here".to_owned())
                }
                every => Ok(every),
            }
        }),
        quiet_for: section.parsed("quiet_for", Duration::from_secs(10), parse_duration),
        columns: section
            .written_section("columns")
            .map(|columns| read_columns(findings, &columns))
            .unwrap_or_default(),
        callback: section
            .written_section("callback")
            .map(|callback| read_callback(name, &callback, folder)),
    };
    section.finish(&[
        ("password", "a password is kept out of this file: write password_file = \"…\" or password_env = \"…\""),
        ("url", "did you mean `base_url`?"),
    ]);
    // Of an account with problems only those problems matter, not what its made-up values contradict.
    (!section.is_spoilt()).then_some(account)
}

fn read_password_source(
    section: &Section<'_>,
    in_folder: impl Fn(&str) -> Result<PathBuf, String>,
) -> Option<PasswordSource> {
    let file = section
        .optional("password_file", in_folder)
        .map(PasswordSource::File);
    let env = section.optional("password_env", |text| match text.trim() {
        name if name.is_empty() || name.contains(['=', '\0']) => {
            Err("the name of an environment variable belongs here".to_owned())
        }
        name => Ok(PasswordSource::Env(name.to_owned())),
    });
    match (section.has("password_file"), section.has("password_env")) {
        (true, true) => section.problem(
            "password_env",
            "password_file and password_env are both written: keep one",
        ),
        (false, false) => {
            section.problem("gateway", "the account needs a password_file, such as password_file = \"greenfield.password\", or a password_env");
        }
        _ => {}
    }
    file.or(env)
}

fn read_columns(findings: &Findings<'_>, section: &Section<'_>) -> BTreeMap<String, Vec<String>> {
    let mut columns = BTreeMap::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for (field, line, headings) in section.all_texts() {
        if !COLUMN_FIELDS.contains(&field.as_str()) {
            let advice = match nearest(&field, COLUMN_FIELDS.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are {}", COLUMN_FIELDS.join(", ")),
            };
            findings.add_on_line(
                line,
                format!("`{field}` is not a field of a sheet; {advice}"),
            );
            continue;
        }
        for heading in &headings {
            let folded = heading.trim().to_lowercase();
            if folded.is_empty() {
                findings.add_on_line(line, format!("columns.{field}: a heading is blank"));
            } else if let Some(other) = taken
                .insert(folded, field.clone())
                .filter(|other| *other != field)
            {
                findings.add_on_line(
                    line,
                    format!("the heading {heading:?} is written for both {other} and {field}"),
                );
            }
        }
        columns.insert(field, headings);
    }
    columns
}

fn read_callback(account: &str, section: &Section<'_>, folder: &Path) -> Callback {
    let secret_file = section.parsed(
        "secret_file",
        folder.join(format!("{account}.callback")),
        |text| {
            if text.trim().is_empty() {
                Err("a path belongs here".to_owned())
            } else {
                Ok(folder.join(text))
            }
        },
    );
    let mut allow_from = Vec::new();
    for text in section.texts("allow_from") {
        match AddressRange::parse(&text) {
            Ok(range) => allow_from.push(range),
            Err(why) => section.problem("allow_from", why),
        }
    }
    let trusted_proxy = section.optional("trusted_proxy", |text| {
        text.trim()
            .parse()
            .map_err(|_| format!("{text:?} is not an address like \"127.0.0.1\""))
    });
    section.finish(&[]);
    Callback {
        secret_file,
        allow_from,
        trusted_proxy,
    }
}
