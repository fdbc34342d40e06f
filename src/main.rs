//! The program: reads its arguments and hands over to the composition root.

use std::process::ExitCode;

use clap::Parser;
use countersign::app;
use countersign::cli::Args;

fn main() -> ExitCode {
    app::main(Args::parse())
}
