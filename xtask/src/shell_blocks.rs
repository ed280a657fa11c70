//! The shell commands that the documentation shows, and how each block of them is tested.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A fenced block of shell commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The path of the page in the workspace.
    pub(crate) page: String,
    /// The heading above the block, as it is written.
    pub(crate) heading: String,
    pub(crate) commands: String,
}

/// How a block is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    /// `cargo xtask e2e` runs its commands.
    EndToEnd,
    /// This file runs them, perhaps with other options.
    File(&'static str),
    /// It needs an AWS account, Docker or a quiet machine.
    ByHand,
}

/// How the blocks under a heading of a page are tested, unless they are run by hand.
const TESTS: [(&str, &str, Test); 16] = [
    ("README.md", "## Two commands", Test::File(".ci/run")),
    ("README.md", "## A first minute", Test::EndToEnd),
    ("README.md", "## A kind of your own", Test::File("xtask/src/e2e/kinds.rs")),
    ("docs/api.md", "## Lists", Test::EndToEnd),
    ("docs/auth.md", "## Settings for issuers", Test::EndToEnd),
    ("docs/auth.md", "## API keys", Test::EndToEnd),
    ("docs/clients.md", "## TypeScript", Test::File(".ci/clients")),
    ("docs/clients.md", "## Python", Test::File(".ci/clients")),
    ("docs/data.md", "# Data in and out", Test::EndToEnd),
    ("docs/data.md", "### Faults", Test::EndToEnd),
    ("docs/deploying.md", "## A first deployment", Test::File(".ci/run")),
    ("docs/kinds.md", "## A kind in five minutes", Test::EndToEnd),
    ("docs/operations.md", "## When an alarm fires", Test::EndToEnd),
    ("docs/operations.md", "### Dead letters", Test::EndToEnd),
    ("docs/search.md", "# Search and history", Test::EndToEnd),
    ("docs/semantics.md", "## Examples", Test::EndToEnd),
];

/// Parts of commands that need an AWS account, Docker or a quiet machine, besides the word `aws`.
const BY_HAND: [&str; 5] = ["sam deploy", "sam delete", "sam local", "--deployed", "bench runtime"];
/// The languages of blocks of shell commands.
const SHELL: [&str; 5] = ["sh", "bash", "shell", "console", "zsh"];
/// The programs by which a block without a language is recognized as commands.
const PROGRAMS: [&str; 6] = ["cargo ", "curl ", "aws ", "sam ", "pip ", "npm "];

impl Block {
    /// How it is tested; `None` if that is not declared.
    pub(crate) fn test(&self) -> Option<Test> {
        let mut words = self.commands.split(|c: char| c.is_whitespace() || c == '(');
        if words.any(|word| word == "aws") || BY_HAND.iter().any(|part| self.commands.contains(part)) {
            return Some(Test::ByHand);
        }
        let test = TESTS.iter().find(|(page, heading, _)| *page == self.page && *heading == self.heading)?;
        Some(test.2)
    }
}

/// All blocks of a workspace's pages.
pub(crate) fn blocks(workspace: &Path) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for page in pages(workspace)? {
        let name = page.strip_prefix(workspace).unwrap_or(&page).display().to_string();
        blocks.extend(in_page(&name, &fs::read_to_string(&page)?));
    }
    Ok(blocks)
}

/// The pages: those at the top, and all in `docs`.
pub(crate) fn pages(workspace: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = in_folder(workspace, false)?;
    pages.extend(in_folder(&workspace.join("docs"), true)?);
    pages.sort();
    Ok(pages)
}

fn in_folder(folder: &Path, deep: bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        } else if deep && path.is_dir() && !is_installed(&path) {
            found.extend(in_folder(&path, true)?);
        }
    }
    Ok(found)
}

/// Whether a folder has what a package manager has installed: `node_modules`, and hidden ones like `.venv`.
fn is_installed(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "node_modules" || name.starts_with('.')
}

fn in_page(page: &str, text: &str) -> Vec<Block> {
    let (mut blocks, mut heading, mut lines) = (Vec::new(), String::new(), text.lines());
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            line.clone_into(&mut heading);
        }
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let content: Vec<_> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        let language = language.split_whitespace().next().unwrap_or_default();
        let begins = |line: &&str| PROGRAMS.iter().any(|program| line.trim_start().starts_with(program));
        if SHELL.contains(&language) || language.is_empty() && content.iter().any(begins) {
            let commands = content.join("\n");
            blocks.push(Block { page: page.to_owned(), heading: heading.clone(), commands });
        }
    }
    blocks
}

/// Blocks whose test is not declared, declarations without a block, and files of declarations that do not exist.
pub(crate) fn faults(workspace: &Path) -> Result<Vec<String>> {
    let blocks = blocks(workspace)?;
    let mut faults: Vec<_> = blocks
        .iter()
        .filter(|block| block.test().is_none())
        .map(|Block { page, heading, .. }| {
            format!("{page}: nothing tests the commands under \"{heading}\": add them to xtask/src/shell_blocks.rs")
        })
        .collect();
    for (page, heading, test) in TESTS {
        let of_this =
            |block: &Block| block.page == page && block.heading == heading && block.test() == Some(test);
        if !blocks.iter().any(of_this) {
            faults.push(format!(
                "xtask/src/shell_blocks.rs: {page} has no commands under \"{heading}\" to be tested"
            ));
        }
        if let Test::File(file) = test
            && !workspace.join(file).is_file()
        {
            faults.push(format!("xtask/src/shell_blocks.rs: there is no file {file}"));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_headings() {
        let page = "# Page\n```json\n# not a heading\n{}\n```\n## One\n1. Step:\n   ```sh\n   # comment\n   echo 1\n   ```\n```bash title\necho 2\n```\n```\ncargo test\n```\n```\noutput\n```\n";
        let found = in_page("docs/page.md", page);
        let commands: Vec<_> =
            found.iter().map(|block| (block.heading.as_str(), block.commands.as_str())).collect();
        assert_eq!(
            commands,
            [("## One", "   # comment\n   echo 1"), ("## One", "echo 2"), ("## One", "cargo test")]
        );
    }

    #[test]
    fn commands_of_aws_and_docker_are_run_by_hand() {
        let test = |commands: &str| {
            Block {
                page: "docs/page.md".to_owned(),
                heading: "# Page".to_owned(),
                commands: commands.to_owned(),
            }
            .test()
        };
        for commands in
            ["aws s3 ls", "ID=$(aws s3 ls)", "cargo xtask reindex --deployed", "sam local invoke F"]
        {
            assert_eq!(test(commands), Some(Test::ByHand), "{commands}");
        }
        assert_eq!(test("cargo xtask laws"), None);
    }
}
