//! The developer's commands: `cargo xtask --help`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "commands at a terminal, not functions"
)]

mod api_key;
mod bench;
mod cargo_lambda;
mod check;
mod complete_restore;
mod dead_letters;
mod dev;
mod e2e;
mod export;
mod generate;
mod import;
mod kind;
mod local;
mod local_functions;
mod openapi;
mod processes;
mod reindex;
mod seed;
mod shell_blocks;
mod store;
mod stream;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The developer's commands of Resource API
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the API on this machine, over an embedded DynamoDB
    Dev(dev::Options),
    /// Prints a token, signed with the development secret or with `JWT_SECRET`
    Token(token::Options),
    /// Creates, lists and revokes API keys, which machines send instead of a token
    ApiKey(api_key::Options),
    /// Fills a running API's tables with varied resources
    Seed(seed::Options),
    /// Writes the first declaration of a new kind of resources
    Kind(kind::Options),
    /// Rebuilds the index keys, the unique values and the search table for all resources, while the API
    /// serves requests; resumes an interrupted run
    Reindex(reindex::Options),
    /// Writes the records of a file into the tables, each once, while the API serves requests; resumes an
    /// interrupted import
    Import(import::Options),
    /// Prints the records of a kind as lines of JSON, in the order of creation
    Export(export::Options),
    /// Prepares tables that were restored to a point in time for a stack: their settings, unique values,
    /// search and history. Prints the parameters of the stack
    ///
    /// `RESOURCES_TABLE` and `HISTORY_TABLE` name the restored tables. `UNIQUE_VALUES_TABLE`, `SEARCH_TABLE`
    /// and `IDEMPOTENCY_TABLE` name tables that are created if they are missing. They must not be those of a
    /// stack that serves other resources. docs/backup.md has the required IAM actions
    CompleteRestore(complete_restore::Options),
    /// Lists, shows and redrives dead letters: the stream records that functions failed to process
    DeadLetters(dead_letters::Options),
    /// Writes the functions of the template, the binaries, the router and missing events from the tables of functions, and
    /// docs/openapi.json
    Generate,
    /// Checks that the tables of functions, the template, its IAM policies, the router, the events and docs/openapi.json
    /// agree
    Check(check::Options),
    /// Prints the `OpenAPI` document
    Openapi(openapi::Options),
    /// Measures the figures of the documentation, and prints them
    Bench(bench::Options),
    /// Runs `dev` twice and tests it from outside: over HTTP, and that no process is left. With --url and
    /// --token, tests a deployment over HTTP instead, and purges the resources that it creates
    E2e(e2e::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    // The TLS provider that the functions use. Every HTTP client needs one. An error means that one is
    // installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let result = match Arguments::parse().command {
        Command::Dev(options) => dev::run(options).await,
        Command::Token(options) => token::run(&options),
        Command::ApiKey(options) => api_key::run(options).await,
        Command::Kind(options) => kind::run(options),
        Command::Seed(options) => seed::run(options).await,
        Command::Reindex(options) => reindex::run(options).await,
        Command::Import(options) => import::run(options).await,
        Command::Export(options) => export::run(&options).await,
        Command::CompleteRestore(options) => complete_restore::run(options).await,
        Command::DeadLetters(options) => dead_letters::run(options).await,
        Command::Generate => generate::run(),
        Command::Check(options) => check::run(&options),
        Command::Openapi(options) => openapi::run(&options),
        Command::Bench(options) => bench::run(options).await,
        Command::E2e(options) => e2e::run(&options).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
