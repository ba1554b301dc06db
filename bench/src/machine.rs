//! The machine that was measured on, as far as it tells: a figure without it says nothing.

use std::fmt;
use std::fs;

use serde_json::{Value, json};

use crate::database;
use crate::ground::Ground;

/// What stands above the tables.
pub(crate) struct Machine {
    processor: String,
    processors: usize,
    memory_mb: Option<u64>,
    /// How many wanted a processor in the minute before, as the system writes it.
    load: Option<String>,
    /// As `150018`.
    postgres: Option<i64>,
}

impl Machine {
    pub(crate) fn seen(ground: &Ground) -> Machine {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let model = behind(&text("/proc/cpuinfo"), "model name");
        let memory = behind(&text("/proc/meminfo"), "MemTotal");
        let memory = memory.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        let load = text("/proc/loadavg");
        let version = "select cast(current_setting('server_version_num') as bigint)";
        Machine {
            processor: model.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mb: memory.map(|kb| kb / 1024),
            load: load.split(' ').next().map(str::to_owned),
            postgres: ground
                .postgres()
                .and_then(|server| database::number(server, version))
                .ok(),
        }
    }

    pub(crate) fn as_json(&self) -> Value {
        json!({
            "processor": self.processor, "processors": self.processors, "memory_mb": self.memory_mb,
            "load": self.load, "postgres": self.postgres,
        })
    }
}

/// The value of the first line that begins so: `name : value`.
fn behind(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.processors, self.processor)?;
        if let Some(mb) = self.memory_mb {
            write!(f, ", {} GB", mb.div_ceil(1024))?;
        }
        if let Some(version) = self.postgres {
            write!(f, ", PostgreSQL {}.{}", version / 10_000, version % 10_000)?;
        }
        if let Some(load) = self.load.as_deref().filter(|load| !load.is_empty()) {
            write!(f, ", load {load} before the first run")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_one_line() {
        let machine = Machine {
            processor: "AMD EPYC".to_owned(),
            processors: 2,
            memory_mb: Some(23_800),
            load: Some("0.10".to_owned()),
            postgres: Some(150_018),
        };
        assert_eq!(
            machine.to_string(),
            "2 × AMD EPYC, 24 GB, PostgreSQL 15.18, load 0.10 before the first run"
        );
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC\n";
        assert_eq!(behind(cpuinfo, "model name").as_deref(), Some("AMD EPYC"));
    }
}
