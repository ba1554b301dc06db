//! What keeps a child apart, put up by the child itself before it opens the file, and never taken
//! down: limits of the system, and calls of the system that it may not make. On Linux; elsewhere a
//! child has its deadline and its pipe, and says what it lacks.

use super::limits::Allowed;

/// Puts the walls up; tells what could not be, in a word for the log.
pub(super) fn raise(allowed: Allowed) -> Vec<&'static str> {
    #[cfg(target_os = "linux")]
    {
        let mut lacking = linux::limits(allowed);
        lacking.extend(calls::bar());
        lacking
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = allowed;
        vec![
            "limits of memory and processor time",
            "a wall to the network",
        ]
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use crate::contained::limits::{Allowed, FILES_MAX};

    const MB: u64 = 1 << 20;
    /// Mapped, and no memory of the parser's: the program itself, and stacks that are not touched.
    const MAPPED_MB: u64 = 512;

    /// Limits that hold for whatever the process does from here on.
    pub(super) fn limits(allowed: Allowed) -> Vec<&'static str> {
        let memory = allowed.memory_mb * MB;
        let wanted = [
            (Resource::Data, memory, "a limit of memory"),
            (
                Resource::As,
                memory + MAPPED_MB * MB,
                "a limit of addresses",
            ),
            (
                Resource::Cpu,
                allowed.cpu_seconds,
                "a limit of processor time",
            ),
            (Resource::Nofile, FILES_MAX, "a limit of open files"),
            (Resource::Fsize, 0, "a ban on writing files"),
            // What was in the sheet is not left behind in a core dump.
            (Resource::Core, 0, "a ban on core dumps"),
        ];
        let mut lacking = Vec::new();
        for (resource, most, what) in wanted {
            let most = getrlimit(resource)
                .maximum
                .map_or(most, |now| now.min(most));
            let limit = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            if setrlimit(resource, limit).is_err() {
                lacking.push(what);
            }
        }
        lacking
    }
}

/// Where no filter is made for this processor.
#[cfg(all(
    target_os = "linux",
    not(all(target_endian = "little", target_pointer_width = "64"))
))]
mod calls {
    pub(super) fn bar() -> Option<&'static str> {
        Some("a wall to the network")
    }
}

#[cfg(all(
    target_os = "linux",
    target_endian = "little",
    target_pointer_width = "64"
))]
mod calls {
    use std::collections::BTreeMap;
    use std::error::Error;

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    /// Calls that reading a file needs none of: connections, programs, other processes, and changes
    /// to any file. They fail as if they were not permitted.
    const BARRED: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_io_uring_setup,
        libc::SYS_openat2,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_prlimit64,
        libc::SYS_setns,
        libc::SYS_unshare,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_chroot,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_ftruncate,
        libc::SYS_fallocate,
        libc::SYS_utimensat,
        libc::SYS_setxattr,
        libc::SYS_fsetxattr,
    ];

    /// Older names for the same, which not every processor's Linux has.
    #[cfg(target_arch = "x86_64")]
    const BARRED_TOO: &[libc::c_long] = &[
        libc::SYS_setrlimit,
        libc::SYS_renameat,
        libc::SYS_fork,
        libc::SYS_vfork,
        libc::SYS_unlink,
        libc::SYS_rmdir,
        libc::SYS_rename,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mkdir,
        libc::SYS_mknod,
        libc::SYS_creat,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_lchown,
        libc::SYS_utime,
        libc::SYS_utimes,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const BARRED_TOO: &[libc::c_long] = &[];

    /// What opens a file otherwise than to read it; `flags` counts the call's arguments.
    fn writing(flags: u8) -> Result<Vec<SeccompRule>, Box<dyn Error>> {
        let ways = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC];
        let rule = |way: i32| {
            let way = u64::from(way.unsigned_abs());
            let is = SeccompCmpOp::MaskedEq(way);
            let condition = SeccompCondition::new(flags, SeccompCmpArgLen::Dword, is, way)?;
            Ok(SeccompRule::new(vec![condition])?)
        };
        ways.into_iter().map(rule).collect()
    }

    /// Bars them, for every thread that is started later.
    pub(super) fn bar() -> Option<&'static str> {
        let apply = || -> Result<(), Box<dyn Error>> {
            let barred = BARRED.iter().chain(BARRED_TOO);
            let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
                barred.map(|call| (*call, Vec::new())).collect();
            rules.insert(libc::SYS_openat, writing(2)?);
            #[cfg(target_arch = "x86_64")]
            rules.insert(libc::SYS_open, writing(1)?);
            let filter = SeccompFilter::new(
                rules,
                SeccompAction::Allow,
                SeccompAction::Errno(libc::EPERM.unsigned_abs()),
                std::env::consts::ARCH.try_into()?,
            )?;
            let program: BpfProgram = filter.try_into()?;
            Ok(apply_filter(&program)?)
        };
        apply().is_err().then_some("a wall to the network")
    }
}
