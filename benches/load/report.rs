//! The tables.

use std::time::Duration;

use crate::measure::Measured;
use crate::server::can_pin;

pub fn machine() {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name\t: "));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{}, {} cores, server {}, load before the run {}",
        model.unwrap_or("unknown processor"),
        info.matches("processor\t").count(),
        if can_pin() { "pinned to one" } else { "not pinned" },
        load.split(' ').next().unwrap_or_default()
    );
}

pub fn starts(first: &mut [Duration], warm: &mut [Duration]) {
    println!(
        "\nFirst start {:.0} ms, warm start {:.0} ms (median of {}, from exec to /healthz)",
        ms(median(first)),
        ms(median(warm)),
        warm.len()
    );
}

pub fn memory(idle: f64, after: f64, rested: f64) {
    println!("\nResident: idle {idle:.1} MiB, right after the load {after:.1}, a moment later {rested:.1}");
}

pub fn flows(database: &str, rows: &[Measured], bare: f64) {
    println!("\n{database}");
    println!(
        "| flow                    |  count | per second | p50 ms | p95 ms | p99 ms | server CPU, µs | per core second |"
    );
    println!(
        "|-------------------------|-------:|-----------:|-------:|-------:|-------:|---------------:|----------------:|"
    );
    for row in rows {
        let cpu = row.cpu_each().as_secs_f64();
        println!(
            "| {:<23} | {:>6} | {:>10.0} | {:>6.1} | {:>6.1} | {:>6.1} | {:>14.0} | {:>15.0} |",
            row.name,
            row.count,
            row.rate(),
            ms(row.percentile(50)),
            ms(row.percentile(95)),
            ms(row.percentile(99)),
            cpu * 1e6,
            1.0 / cpu.max(1e-9),
        );
    }
    if let Some(sign_in) = rows.last() {
        println!(
            "Bare Argon2id on the server's core: {bare:.1} per second; sign-in reaches {:.0} % of it",
            sign_in.rate() / bare * 100.0
        );
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median(of: &mut [Duration]) -> Duration {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}
