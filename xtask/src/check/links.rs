//! The links of the documentation: each must lead to a file that is there, and to a heading of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// How a link begins, and what ends it.
const LINKS: [(&str, char); 3] = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];

/// Every link within the workspace that leads nowhere.
pub(super) fn faults(workspace: &Path) -> Result<Vec<String>> {
    let mut pages = pages(workspace, false)?;
    pages.extend(self::pages(&workspace.join("docs"), true)?);
    let mut faults = Vec::new();
    for page in pages {
        let name = page.strip_prefix(workspace).unwrap_or(&page).display().to_string();
        for link in links(&prose(&fs::read_to_string(&page)?)) {
            if let Some(fault) = fault(&page, &link)? {
                faults.push(format!("{name}: the link {link} leads {fault}"));
            }
        }
    }
    Ok(faults)
}

fn pages(folder: &Path, deep: bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        } else if deep && path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            found.extend(pages(&path, true)?);
        }
    }
    Ok(found)
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
        return Ok(Some("to no file"));
    }
    if heading.is_empty() || target.extension().is_none_or(|extension| extension != "md") {
        return Ok(None);
    }
    let found = headings(&prose(&fs::read_to_string(target)?)).contains(heading);
    Ok((!found).then_some("to no heading"))
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
                "page.md: the link docs/other.md#none leads to no heading",
                "page.md: the link none.md leads to no file",
                "page.md: the link none.svg leads to no file",
            ]
        );
    }
}
