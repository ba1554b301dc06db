//! Each refusal of a configuration, and what a good one means.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;

const GREENFIELD: &str = r#"
[accounts.greenfield]
gateway = "asaanbill"
base_url = "https://hub.example/payment-hub/integration"
username = "greenfield"
password_file = "greenfield.password"
inbox = "watch-dir/greenfield"
"#;

fn read_in(folder: &Path, text: &str) -> Result<Config, Failure> {
    Config::parse(text, &folder.join("ingestd.toml"), None)
}

/// Reads a text as the configuration of an empty folder.
fn read(text: &str) -> Result<Config, Failure> {
    read_in(tempfile::tempdir().unwrap().path(), text)
}

/// The sentence of a refusal, which must be exit 2.
fn refusal(text: &str) -> String {
    let failure = read(text).unwrap_err();
    assert_eq!(failure.exit, crate::exit::Exit::Usage);
    failure.to_string()
}

/// The refusal of the example account with one more line.
fn refusal_with(line: &str) -> String {
    refusal(&format!("{GREENFIELD}{line}\n"))
}

#[track_caller]
fn assert_says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            sentence.contains(part),
            "{part:?} is missing in {sentence:?}"
        );
    }
}

#[test]
fn an_account_needs_five_keys_and_the_rest_has_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let config = read_in(folder.path(), GREENFIELD).unwrap();
    let real = folder.path().canonicalize().unwrap();
    assert_eq!(
        config.database_url,
        format!("sqlite:{}/ingestd.db", real.display())
    );
    assert_eq!(config.listen, "127.0.0.1:8600".parse().unwrap());
    let account = config.account("greenfield").unwrap();
    assert_eq!(account.inbox, real.join("watch-dir/greenfield"));
    assert_eq!(
        account.password,
        PasswordSource::File(real.join("greenfield.password"))
    );
    assert_eq!(
        (
            account.requests_per_minute,
            account.reads_per_minute,
            account.rows_per_request
        ),
        (30, 60, 5000)
    );
    assert_eq!(account.duplicate_identifiers, DuplicateRule::Reject);
    assert_eq!(account.past_due_dates, PastDueRule::Reject);
    assert_eq!(account.changed_bills, ChangedRule::Hold);
    assert_eq!(account.changed_headings, HeadingsRule::Hold);
    assert_eq!(account.approve, ApproveRule::Never);
    assert_eq!(account.time_zone, chrono_tz::Asia::Karachi);
    assert_eq!(account.resend_absent_after, None);
    assert_eq!(
        (account.scan_every, account.quiet_for),
        (Duration::from_secs(5), Duration::from_secs(10))
    );
    assert!(account.columns.is_empty() && account.callback.is_none());
}

#[test]
fn every_key_of_the_contract_is_read() {
    let config = read(&format!(
        r#"
[database]
url = "postgres://ingestd:secret@db.example/ingestd"
[web]
listen = "127.0.0.1:9000"
{GREENFIELD}
requests_per_minute = 12
reads_per_minute = 600
rows_per_request = 100
duplicate_identifiers = "last-wins"
past_due_dates = "warn"
changed_bills = "replace"
changed_headings = "allow"
day_month_order = "reject"
time_zone = "Asia/Dubai"
approve = "over 5,000,000.50"
resend_absent_after = "30m"
scan_every = "200ms"
quiet_for = "0s"
[accounts.greenfield.columns]
title = ["Student Name", "Name of Pupil"]
[accounts.greenfield.callback]
secret_file = "greenfield.callback"
allow_from = ["203.0.113.0/24", "2001:db8::1"]
trusted_proxy = "127.0.0.1"
"#
    ))
    .unwrap();
    assert_eq!(
        config.database_url,
        "postgres://ingestd:secret@db.example/ingestd"
    );
    assert_eq!(
        config.database_shown(),
        "postgres://ingestd@db.example/ingestd"
    );
    assert!(!format!("{config:?}").contains("secret@"));
    let account = &config.accounts["greenfield"];
    assert_eq!(
        (
            account.requests_per_minute,
            account.reads_per_minute,
            account.rows_per_request
        ),
        (12, 600, 100)
    );
    assert_eq!(account.duplicate_identifiers, DuplicateRule::LastWins);
    assert_eq!(account.past_due_dates, PastDueRule::Warn);
    assert_eq!(account.changed_bills, ChangedRule::Replace);
    assert_eq!(account.changed_headings, HeadingsRule::Allow);
    assert_eq!(account.time_zone, chrono_tz::Asia::Dubai);
    assert_eq!(account.approve, ApproveRule::Over(500_000_050));
    assert_eq!(account.resend_absent_after, Some(Duration::from_secs(1800)));
    assert_eq!(
        (account.scan_every, account.quiet_for),
        (Duration::from_millis(200), Duration::ZERO)
    );
    assert_eq!(account.columns["title"], ["Student Name", "Name of Pupil"]);
    let callback = account.callback.as_ref().unwrap();
    assert!(callback.allow_from[0].contains("203.0.113.77".parse().unwrap()));
    assert!(!callback.allow_from[0].contains("203.0.114.1".parse().unwrap()));
    assert!(!callback.allow_from[1].contains("2001:db8::2".parse().unwrap()));
}

#[test]
fn a_configuration_without_accounts_loads() {
    assert!(read("").unwrap().accounts.is_empty());
}

#[test]
fn the_file_that_init_writes_loads() {
    let config = read(DEFAULT_TOML).unwrap();
    assert_eq!(config.accounts.len(), 1);
}

#[test]
fn every_key_that_the_written_file_explains_exists_and_has_the_default_it_names() {
    let mut text = String::new();
    for line in DEFAULT_TOML.lines() {
        // A note of the form `# key = value` or `# [section]` is a key at its default.
        let key = line.strip_prefix("# ").filter(|rest| {
            rest.starts_with("[accounts")
                || rest
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' '))
        });
        let other_choice = line.starts_with("# url") || line.starts_with("# password_env");
        text.push_str(if other_choice {
            ""
        } else {
            key.unwrap_or(line)
        });
        text.push('\n');
    }
    let folder = tempfile::tempdir().unwrap();
    let (all, plain) = (
        read_in(folder.path(), &text).unwrap(),
        read_in(folder.path(), DEFAULT_TOML).unwrap(),
    );
    let mut explained = (*all.accounts["greenfield"]).clone();
    assert_eq!(explained.columns.len(), 5);
    assert!(explained.callback.is_some());
    explained.columns.clear();
    explained.callback = None;
    assert_eq!(
        format!("{explained:?}"),
        format!("{:?}", plain.accounts["greenfield"])
    );
    assert_eq!(all.listen, plain.listen);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
    assert_says(
        &refusal_with("requests_per_minut = 30"),
        &[
            "ingestd.toml line 8",
            "`requests_per_minut`",
            "did you mean `requests_per_minute`?",
        ],
    );
    assert_says(
        &refusal("[databse]\nurl = \"sqlite:a.db\"\n"),
        &["line 1", "did you mean `database`?"],
    );
    assert_says(
        &refusal("[database]\nurll = \"sqlite:a.db\"\n"),
        &["line 2", "did you mean `url`?"],
    );
    assert_says(
        &refusal_with("[accounts.greenfield.callback]\nsecretfile = \"x\""),
        &["line 9", "`secret_file`"],
    );
}

#[test]
fn a_password_in_the_configuration_is_refused_without_repeating_it() {
    let sentence = refusal_with("password = \"hunter2\"");
    assert_says(&sentence, &["line 8", "password_file"]);
    assert!(!sentence.contains("hunter2"));
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_their_lines() {
    let sentence = refusal_with(
        "rows_per_request = 5001\ntime_zone = \"Asia/Karachy\"\napprove = \"sometimes\"",
    );
    assert_says(
        &sentence,
        &["has 3 problems", "line 8: ", "line 9: ", "line 10: "],
    );
    assert!(sentence.find("line 8").unwrap() < sentence.find("line 10").unwrap());
}

#[test]
fn a_missing_required_key_is_named_with_an_example() {
    for key in ["gateway", "base_url", "username", "inbox"] {
        let text: String = GREENFIELD
            .lines()
            .filter(|line| !line.starts_with(key))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_says(
            &refusal(&text),
            &[
                "line 2",
                &format!("[accounts.greenfield] needs a {key}"),
                "such as",
            ],
        );
    }
}

#[test]
fn both_or_neither_place_of_the_password_is_refused() {
    assert_says(
        &refusal_with("password_env = \"HUB\""),
        &["line 8", "keep one"],
    );
    let text = GREENFIELD.replace("password_file = \"greenfield.password\"\n", "");
    assert_says(&refusal(&text), &["needs a password_file"]);
}

#[test]
fn an_unknown_gateway_is_refused() {
    let text = GREENFIELD.replace("\"asaanbill\"", "\"asanbill\"");
    assert_says(&refusal(&text), &["line 3", "did you mean \"asaanbill\"?"]);
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let with = |url: &str| GREENFIELD.replace("https://hub.example/payment-hub/integration", url);
    assert_says(
        &refusal(&with("http://hub.example/integration")),
        &["line 4", "plain http"],
    );
    assert_says(
        &refusal(&with("http://127.0.0.1.hub.example")),
        &["plain http"],
    );
    assert_says(
        &refusal(&with("http://127.0.0.1@hub.example/")),
        &["plain http"],
    );
    assert_says(&refusal(&with("ftp://hub.example/")), &["https://"]);
    assert_says(&refusal(&with("hub.example")), &["not an address"]);
    assert_says(
        &refusal(&with("https://user:pw@hub.example")),
        &["user and password"],
    );
    assert_says(&refusal(&with("https://hub.example/?a=b")), &["no ?"]);
    for good in [
        "http://127.0.0.1:8700",
        "http://localhost:8700/integration",
        "http://[::1]:8700/",
        "https://hub.example",
    ] {
        assert_eq!(
            read(&with(good)).unwrap().accounts["greenfield"].base_url,
            good
        );
    }
}

#[test]
fn the_address_of_one_call_is_refused_with_the_one_that_is_meant() {
    let with = |url: &str| GREENFIELD.replace("https://hub.example/payment-hub/integration", url);
    for (wrong, right) in [
        (
            "https://hub.example/payment-hub/integration/login",
            "https://hub.example/payment-hub/integration\"",
        ),
        (
            "https://hub.example/payment-hub/login/",
            "https://hub.example/payment-hub/integration\"",
        ),
        (
            "https://hub.example/integration/add-bulk",
            "https://hub.example/integration\"",
        ),
        (
            "https://hub.example/login",
            "https://hub.example/integration\"",
        ),
    ] {
        assert_says(&refusal(&with(wrong)), &["line 4", "base_url", right]);
    }
    // A hub may have any name and any path of its own.
    for good in [
        "https://login.example/login-hub/integration",
        "https://hub.example/login/v2",
        "https://hub.example/payment",
    ] {
        assert!(read(&with(good)).is_ok(), "{good}");
    }
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    for line in [
        "rows_per_request = 0",
        "rows_per_request = 5001",
        "requests_per_minute = 0",
        "reads_per_minute = -1",
    ] {
        assert_says(&refusal_with(line), &["line 8", "a whole number from 1 to"]);
    }
    assert_says(
        &refusal_with("rows_per_request = \"many\""),
        &["a whole number"],
    );
    assert_says(
        &refusal_with("requests_per_minute = 1.5"),
        &["a whole number"],
    );
}

#[test]
fn an_unknown_choice_is_refused_with_the_nearest_name() {
    assert_says(
        &refusal_with("duplicate_identifiers = \"last_wins\""),
        &["did you mean \"last-wins\"?"],
    );
    assert_says(
        &refusal_with("past_due_dates = \"warning\""),
        &["did you mean \"warn\"?"],
    );
    assert_says(
        &refusal_with("changed_bills = \"always\""),
        &["\"hold\", \"replace\""],
    );
    assert_says(&refusal_with("day_month_order = \"ymd\""), &["\"dmy\""]);
}

#[test]
fn an_unknown_time_zone_is_refused_with_the_nearest_name() {
    assert_says(
        &refusal_with("time_zone = \"Asia/Karachy\""),
        &["did you mean \"Asia/Karachi\"?"],
    );
    assert_says(
        &refusal_with("time_zone = \"karachi\""),
        &["did you mean \"Asia/Karachi\"?"],
    );
}

#[test]
fn lengths_of_time_and_amounts_that_make_no_sense_are_refused() {
    assert_says(
        &refusal_with("scan_every = 5"),
        &["needs its unit", "\"5s\""],
    );
    assert_says(&refusal_with("scan_every = \"0s\""), &["at least"]);
    assert_says(
        &refusal_with("quiet_for = \"soon\""),
        &["not a length of time"],
    );
    assert_says(
        &refusal_with("resend_absent_after = \"sometime\""),
        &["\"never\""],
    );
    assert_says(
        &refusal_with("approve = \"over -5\""),
        &["\"over 5000000\""],
    );
    assert_says(
        &refusal_with("approve = \"over 1.005\""),
        &["\"over 5000000\""],
    );
    assert_says(&refusal_with("approve = true"), &["a text in quotes"]);
}

#[test]
fn columns_are_refused_for_unknown_fields_and_shared_headings() {
    assert_says(
        &refusal_with("[accounts.greenfield.columns]\nduedate = [\"Due\"]"),
        &["line 9", "did you mean `due_date`?"],
    );
    assert_says(
        &refusal_with("[accounts.greenfield.columns]\namount = [\"Fee\"]\ntitle = [\"fee \"]"),
        &["written for both"],
    );
    assert_says(
        &refusal_with("[accounts.greenfield.columns]\namount = [1]"),
        &["a list of texts"],
    );
}

#[test]
fn a_name_of_an_account_has_letters_digits_hyphens_and_underscores() {
    let text = GREENFIELD.replace("[accounts.greenfield]", "[accounts.\"green field\"]");
    assert_says(&refusal(&text), &["line 2", "\"green field\""]);
    assert!(read(&GREENFIELD.replace("[accounts.greenfield]", "[accounts.Green-field_2]")).is_ok());
}

/// A second account with its own inbox and login.
fn second(inbox: &str, base_url: &str, username: &str) -> String {
    format!(
        "{GREENFIELD}[accounts.hilltop]\ngateway = \"asaanbill\"\nbase_url = \"{base_url}\"\n\
         username = \"{username}\"\npassword_env = \"HILLTOP\"\ninbox = \"{inbox}\"\n"
    )
}

#[test]
fn inboxes_that_overlap_are_refused() {
    let with = |inbox: &str| refusal(&second(inbox, "https://hub.example", "hilltop"));
    assert_says(&with("watch-dir/greenfield"), &["line 8", "the same inbox"]);
    assert_says(&with("watch-dir/other/../greenfield/"), &["the same inbox"]);
    assert_says(
        &with("watch-dir/greenfield/hilltop"),
        &["inbox of account hilltop lies inside that of account greenfield"],
    );
    assert_says(
        &with("watch-dir"),
        &["inbox of account greenfield lies inside that of account hilltop"],
    );
    assert!(
        read(&second(
            "watch-dir/greenfield-2",
            "https://hub.example",
            "hilltop"
        ))
        .is_ok()
    );
}

#[cfg(unix)]
#[test]
fn an_inbox_behind_a_link_is_the_same_inbox() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("watch-dir/greenfield")).unwrap();
    std::os::unix::fs::symlink("watch-dir", folder.path().join("sheets")).unwrap();
    let failure = read_in(
        folder.path(),
        &second("sheets/greenfield", "https://hub.example", "hilltop"),
    )
    .unwrap_err();
    assert_says(&failure.sentence, &["the same inbox"]);
}

#[test]
fn one_login_in_two_accounts_is_refused_however_it_is_spelt() {
    for url in [
        "https://hub.example/payment-hub/integration",
        "https://hub.example/payment-hub/",
        "https://HUB.example:443/payment-hub/integration/",
    ] {
        let sentence = refusal(&second("watch-dir/hilltop", url, "greenfield"));
        assert_says(&sentence, &["line 8", "the same base_url and username"]);
    }
    let here = |text: String| {
        let (hub, this) = ("https://hub.example/payment-hub", "http://localhost:8700");
        text.replace(hub, this)
    };
    for (url, same) in [
        ("http://127.0.0.1:8700", true),
        ("http://localhost:8700/integration", true),
        ("http://127.0.0.1:8701", false),
        ("https://localhost.example:8700", false),
    ] {
        let read = read(&here(second("watch-dir/hilltop", url, "greenfield")));
        assert_eq!(read.is_err(), same, "{url}");
    }
    assert!(
        read(&second(
            "watch-dir/hilltop",
            "https://hub.example/other",
            "greenfield"
        ))
        .is_ok()
    );
}

#[test]
fn an_inbox_that_holds_our_own_files_is_refused() {
    let text = GREENFIELD.replace("\"watch-dir/greenfield\"", "\".\"");
    assert_says(
        &refusal(&text),
        &[
            "has 3 problems",
            "the configuration",
            "the database",
            "the password file",
        ],
    );
}

#[test]
fn a_database_that_is_neither_is_refused_and_one_from_outside_goes_first() {
    assert_says(
        &refusal("[database]\nurl = \"mysql://root:secret@db/x\"\n"),
        &["line 2", "postgres://"],
    );
    assert!(!refusal("[database]\nurl = \"mysql://root:secret@db/x\"\n").contains("secret"));
    assert_says(
        &refusal("[database]\nurl = \"sqlite:\"\n"),
        &["needs the name of a file"],
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ingestd.toml");
    let over = Config::parse("", &path, Some("postgres://db/other")).unwrap();
    assert_eq!(over.database_url, "postgres://db/other");
    let failure = Config::parse("", &path, Some("nonsense")).unwrap_err();
    assert_says(&failure.sentence, &["INGESTD_DATABASE_URL"]);
    let absolute = Config::parse(
        "[database]\nurl = \"sqlite:///var/lib/i.db?mode=rwc\"\n",
        &path,
        None,
    )
    .unwrap();
    assert_eq!(absolute.database_url, "sqlite:/var/lib/i.db?mode=rwc");
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    assert_says(
        &refusal("[database]\nurl = sqlite:x\n"),
        &["ingestd.toml", "line 2"],
    );
    assert_says(
        &refusal(&format!("{GREENFIELD}inbox = \"again\"\n")),
        &["line 8"],
    );
}

#[test]
fn a_file_that_is_missing_or_a_folder_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(&folder.path().join("ingestd.toml")).unwrap_err();
    assert_says(
        &missing.to_string(),
        &["there is no configuration", "ingestd init"],
    );
    let directory = Config::load(folder.path()).unwrap_err();
    assert_says(&directory.to_string(), &["is a folder"]);
}

#[test]
fn a_password_file_gives_its_one_line_and_a_bad_one_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = read_in(folder.path(), GREENFIELD).unwrap();
    let account = &config.accounts["greenfield"];
    let file = folder.path().join("greenfield.password");
    assert_says(
        &account.read_password().unwrap_err().to_string(),
        &["greenfield.password", "does not exist", "write"],
    );
    for (content, password) in [
        ("pass word\n", "pass word"),
        ("abc\r\n", "abc"),
        ("\u{feff}abc", "abc"),
        (" a ", " a "),
    ] {
        std::fs::write(&file, content).unwrap();
        assert_eq!(account.read_password().unwrap().expose_secret(), password);
    }
    for (content, why) in [("\n", "is empty"), ("a\nb\n", "more than one line")] {
        std::fs::write(&file, content).unwrap();
        assert_says(&account.read_password().unwrap_err().sentence, &[why]);
    }
}

#[test]
fn a_callbacks_secret_is_the_one_line_of_its_file_and_is_never_said() {
    let folder = tempfile::tempdir().unwrap();
    let with = format!("{GREENFIELD}[accounts.greenfield.callback]\n");
    let config = read_in(folder.path(), &with).unwrap();
    let account = &config.accounts["greenfield"];
    let file = folder.path().join("greenfield.callback");
    assert_says(
        &account.read_callback_secret().unwrap_err().to_string(),
        &[
            "callback secret",
            "greenfield.callback",
            "does not exist",
            "openssl rand",
        ],
    );
    std::fs::write(&file, " 8d6a1b0c\n").unwrap();
    let secret = account.read_callback_secret().unwrap().unwrap();
    assert_eq!(secret.expose_secret(), "8d6a1b0c");
    std::fs::write(&file, "8d6a1b0c\n9\n").unwrap();
    let refused = account.read_callback_secret().unwrap_err();
    assert!(!refused.to_string().contains("8d6a1b0c"), "{refused}");
    let none = read_in(folder.path(), GREENFIELD).unwrap();
    assert!(
        none.accounts["greenfield"]
            .read_callback_secret()
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_caller_is_judged_by_its_own_address_unless_it_is_the_trusted_proxy() {
    let callback = |rules: &str| {
        let config = read(&format!(
            "{GREENFIELD}[accounts.greenfield.callback]\n{rules}"
        ));
        config.unwrap().accounts["greenfield"]
            .callback
            .clone()
            .unwrap()
    };
    let at = |text: &str| text.parse().unwrap();
    let anyone = callback("");
    assert!(anyone.lets(at("198.51.100.1"), None));
    let some = callback("allow_from = [\"203.0.113.0/24\"]");
    assert!(some.lets(at("203.0.113.9"), Some(at("198.51.100.1"))));
    assert!(some.lets(at("::ffff:203.0.113.9"), None));
    assert!(
        !some.lets(at("198.51.100.1"), Some(at("203.0.113.9"))),
        "a forged header"
    );
    let proxied = callback("allow_from = [\"203.0.113.0/24\"]\ntrusted_proxy = \"203.0.113.1\"");
    assert!(proxied.lets(at("203.0.113.1"), Some(at("203.0.113.9"))));
    assert!(!proxied.lets(at("203.0.113.1"), Some(at("198.51.100.1"))));
    assert!(
        !proxied.lets(at("203.0.113.1"), None),
        "a proxy that does not say for whom"
    );
}

#[test]
fn an_account_that_does_not_exist_is_answered_with_the_nearest() {
    let config = read(GREENFIELD).unwrap();
    assert_says(
        &config.account("greenfeld").unwrap_err().to_string(),
        &["did you mean greenfield?"],
    );
    assert_says(
        &config.account("x").unwrap_err().to_string(),
        &["its accounts are: greenfield"],
    );
}

#[test]
fn the_language_is_the_file_s_and_an_account_may_have_its_own() {
    use crate::language::Language;
    let of = |text: &str| {
        let config = read(text).unwrap();
        (config.language, config.accounts["greenfield"].language)
    };
    assert_eq!(of(GREENFIELD), (Language::En, Language::En));
    let whole = format!("language = \"ur\"\n{GREENFIELD}");
    assert_eq!(of(&whole), (Language::Ur, Language::Ur));
    assert_eq!(
        of(&format!("{whole}language = \"en\"\n")),
        (Language::Ur, Language::En)
    );
    assert_eq!(
        of(&format!("{GREENFIELD}language = \"ur\"\n")),
        (Language::En, Language::Ur)
    );
    assert_says(
        &refusal_with("language = \"urdu\""),
        &["line 8", "language", "\"en\"", "\"ur\""],
    );
}
