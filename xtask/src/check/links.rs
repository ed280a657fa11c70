//! Checks the links of the documentation: their files and headings must exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::shell_blocks::pages;

/// The beginnings of a link, each with the character that ends it.
const LINKS: [(&str, char); 3] = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];

/// The broken links within the workspace.
pub(super) fn faults(workspace: &Path) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for page in pages(workspace)? {
        let name = page.strip_prefix(workspace).unwrap_or(&page).display().to_string();
        for link in links(&prose(&fs::read_to_string(&page)?)) {
            if let Some(fault) = fault(&page, &link)? {
                faults.push(format!("{name}: the link {link} points to {fault}"));
            }
        }
    }
    Ok(faults)
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    let mut parts = page.split("```").step_by(2);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part)
}

fn links(prose: &str) -> Vec<String> {
    let of = |(begin, end): &(&str, char)| {
        let rest: Vec<_> = prose.split(begin).skip(1).collect();
        rest.into_iter().filter_map(|rest| rest.split(*end).next()).map(str::to_owned).collect::<Vec<_>>()
    };
    LINKS.iter().flat_map(of).filter(|link| !link.contains("://")).collect()
}

fn fault(page: &Path, link: &str) -> Result<Option<&'static str>> {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { page.with_file_name("").join(file) };
    if !target.exists() {
        return Ok(Some("no file"));
    }
    if heading.is_empty() || target.extension().is_none_or(|extension| extension != "md") {
        return Ok(None);
    }
    let found = headings(&prose(&fs::read_to_string(target)?)).contains(heading);
    Ok((!found).then_some("no heading"))
}

/// The anchors that GitHub gives the headings of a page.
fn headings(prose: &str) -> BTreeSet<String> {
    let titles = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |title: &str| {
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|character| character.is_alphanumeric() || [' ', '-', '_'].contains(character));
        kept.map(|character| if character == ' ' { '-' } else { character }).collect()
    };
    titles.map(anchor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        let page = "# A page\n[one](docs/other.md#two-words) [two](docs/other.md#none) [three](none.md) [four](#a-page)\n\
                    ```\n[code](is-none.md)\n```\n[out](https://example.com/none)\n<img src=\"none.svg\">\n";
        fs::write(folder.path().join("page.md"), page).unwrap();
        fs::write(folder.path().join("docs/other.md"), "## Two `words`\n[back](../page.md)\n").unwrap();
        assert_eq!(
            faults(folder.path()).unwrap(),
            [
                "page.md: the link docs/other.md#none points to no heading",
                "page.md: the link none.md points to no file",
                "page.md: the link none.svg points to no file",
            ]
        );
    }
}
