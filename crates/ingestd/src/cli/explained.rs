//! What `--help` adds to the commands by which a person decides something: what the command leaves
//! alone, and an example to copy. A paragraph is one line here; the help breaks it for the screen.

pub(super) const MAP: &str = "\
Each field with its column, its heading, on what grounds it was taken (configured, a known synonym, or \
a guess: which of two, by its spelling, or by what stands in it), and the first values. Then the table \
that says so for good; what stands above it is a comment, so all of it can go into the configuration.

Examples:
  ingestd map fees.xlsx --account greenfield
  ingestd map fees.xlsx --account greenfield >> ingestd.toml";

pub(super) const PLAN: &str = "\
The sheet is read as `check` reads it, and every valid row is held against what its payer was billed \
before, the hub asked first. A row is new, or it discards an unpaid bill; it is skipped as the same_bill, \
because a later_row_wins, or with a duplicate file; it is held (changed, changed_paid, later, waits, \
unseen, elsewhere, token; approval or file: all of them), or invalid. FILE_ID in a message is the number that the \
file gets when it is taken. Exit code 1: a row is invalid or would be held.

Examples:
  ingestd plan fees.xlsx --account greenfield
  ingestd plan fees.xlsx --format csv       every row, new ones too";

pub(super) const RETRY: &str = "\
Only rows that are rejected or errored go again. A row that the hub took, that is unknown or was \
corrected, or whose identifier has a newer row that was sent, is left alone, and so is one that a \
request at the hub may hold which this database does not know; those that --rows names are listed with \
the reason. Where several files or sheets have a row of that number, --file and --sheet say which is meant.

Examples:
  ingestd retry --dry-run                   lists what would go again
  ingestd retry --file 12 --rows 5,9-12     these rows of file 12
  ingestd retry --account greenfield --state errored";

pub(super) const APPROVE: &str = "\
It lists what it released, and what had held it. Every other rule is judged again, the hub asked. A \
row that waits for another row, that a newer one overtook, or whose earlier bill is paid, goes only if \
--rows names it; where several sheets have a row of that number, --sheet says which is meant. What was \
held only after you asked stays held.

Examples:
  ingestd rows --file 12 --state held       lists what is held, and why
  ingestd approve 12 --reason \"checked with the office\"
  ingestd approve 12 --rows 5,9-12          these rows alone
  ingestd approve 12 --sheet \"Grade 1\" --rows 5";

pub(super) const TEMPLATE: &str = "\
The headings are those that the account names under `columns`, else those of the school's own sheets \
that were taken last, in their order, else common ones. The cells refuse what \
would be invalid by the account's rules. The example stands on the second sheet and is never billed; a \
template that nobody filled in is refused for having no rows. Without --output it is written into the \
current folder, as ACCOUNT.template.xlsx, and over no file that is there.

Examples:
  ingestd template --account greenfield
  ingestd template --account greenfield --language ur --output fees.xlsx";

pub(super) const ARCHIVE: &str = "\
Only rows move that nothing can happen to any more: paid, discarded or failed, due before DATE, in files \
that settled before it. Files with their hashes and counts stay, and so does every bill that may still be \
paid; a sheet that was archived and is dropped again sends nothing. Rows that are moved out are in no \
table and no view, and their files' result sheets are not written any more, until they are put back. The \
packed files are the only copy: keep them with the backups of the database.

Examples:
  ingestd archive --before 2025-07-01
  ingestd archive
  ingestd archive --restore 12
  zcat .archive/file-12-archive-3.jsonl.gz";

pub(super) const EXPORT: &str = "\
Without --out it is written into the current folder, as NAME.results.xlsx; if that is there, as \
NAME-FILE_ID.results.xlsx: no file is written over but the one that --out names.

Examples:
  ingestd export 12
  ingestd export 12 --out march.csv";

pub(super) const CANCEL: &str = "\
Rows in flight or unknown are cancelled too, if it turns out that the hub has not taken them. Rows at \
the hub stay as they are: the hub has no call that takes a bill back.

Example:
  ingestd cancel 12";

pub(super) const RECONCILE: &str = "\
The service asks by itself, soon about what is fresh and daily about old unpaid bills; this asks at \
once, within reads_per_minute, and says what changed. Calls whose answers were lost are looked for, too.

Examples:
  ingestd reconcile
  ingestd reconcile --file 12";

pub(super) const RESOLVE: &str = "\
A call whose answer was lost may have made bills, so it is not repeated by itself, unless the account \
says so (resend_absent_after). The hub is asked once more first, and what it shows is not overruled: --not-sent is refused while a bulk request at \
the hub may hold these rows, --sent for a request that holds others. With --rows (and --sheet, where \
several sheets have a row of that number) it is about these rows alone.

Examples:
  ingestd chunks --state unknown            lists the chunks in doubt
  ingestd resolve 7 --sent 29               the hub has it as bulk request 29
  ingestd resolve 7 --not-sent              the hub never got it
  ingestd resolve 7 --rows 5,9-12 --not-sent
  ingestd resolve 7 --sheet \"Grade 1\" --rows 5 --sent 29";

pub(super) const DECISIONS: &str = "\
Whatever a person asked for by a command that changes something is recorded: who and from where, the \
command as it was typed, when it was asked and carried out and by which process, what the hub showed \
when it was decided, and what came of it. `--format json` has all of it.

Examples:
  ingestd decisions --last 20
  ingestd decisions --file 12";

pub(super) const PAUSE: &str = "\
A call under way ends, no other begins. Sheets are still taken, and what became of bills is still \
asked.

Example:
  ingestd pause greenfield --reason \"the fees of March are being corrected\"";

pub(super) const FOREIGN: &str = "\
There are none before `ingestd resume ACCOUNT --restored` was carried out.

Examples:
  ingestd foreign --account greenfield
  ingestd foreign --identifier FS-BSCS-095 --format json";
pub(super) const RESUME: &str = "\
It ends any pause but that of a database that is behind: `ingestd status` has the reason.

Once rows of an account were billed, another base_url or username is refused: at another hub nothing \
of it is billed. `--moved` says that it is the same hub; the hub is asked first, and one that lists \
none of the requests that were made, or shows payments of others in one of them, is another one.

A database that came back from a backup has forgotten calls, and the marker beside the spool knows: the \
account sends nothing. `--restored` reads every request of the hub that this database does not know, and \
counts their bills as billed before (`ingestd foreign` lists them); takes the sheets in done/ again that \
it does not know; and only then lets the account send. Where the hub can't be read whole nothing changes.

Examples:
  ingestd resume greenfield
  ingestd resume greenfield --restored
  ingestd resume greenfield --moved";
