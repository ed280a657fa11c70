//! Checks the declarations of the kinds, and compares them with a committed snapshot where stored data
//! depends on them: on the positions of indexes, the names of statuses, and the types of fields.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::domain::{Field, Kind, Kinds, List, Lists, Type, declaration_faults};
use serde::{Deserialize, Serialize};

use crate::generate::read;

/// The snapshot, within the workspace.
const SNAPSHOT: &str = "xtask/kinds.lock.json";

/// Kinds by name. A kind that is not deployed yet is missing.
type Snapshot = BTreeMap<String, Frozen>;

/// The part of a declaration that stored data depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Frozen {
    lists: String,
    statuses: Vec<String>,
    fields: BTreeMap<String, String>,
    indexes: Vec<String>,
    #[serde(default)]
    unique: Vec<String>,
    /// Whether some roles see only what they created.
    #[serde(default)]
    owners: bool,
}

/// Faults in the declarations of `all` kinds, and differences between those that are `served` and the
/// snapshot.
pub(super) fn faults(folder: &Path, served: Kinds, all: Kinds) -> Result<Vec<String>> {
    let frozen: Snapshot = serde_json::from_str(&read(folder, SNAPSHOT)?).context(SNAPSHOT)?;
    let mut differences = Vec::new();
    for (name, frozen) in &frozen {
        match served.find(name) {
            Some(kind) => differences.extend(differences_of(kind, frozen)),
            None => differences.push(Difference::Misread(format!(
                "kinds/src: the kind {name} is missing: its stored resources would not be served"
            ))),
        }
    }
    let advice = format!("run `cargo xtask check --accept-kinds`, which updates {SNAPSHOT}");
    let differences = differences.into_iter().map(|difference| match difference {
        Difference::Misread(fault) => format!("{fault}. If no such data is stored, {advice}"),
        Difference::Reindex(what) => {
            format!(
                "{what}, until `cargo xtask reindex` has run after the deployment. To accept this, {advice}"
            )
        }
    });
    Ok(declaration_faults(all)
        .into_iter()
        .map(|fault| format!("kinds/src: {fault}"))
        .chain(differences)
        .collect())
}

/// A warning for each served kind that is not compared, since it is not in the snapshot.
pub(super) fn not_frozen(folder: &Path, served: Kinds) -> Result<Vec<String>> {
    let frozen: Snapshot = serde_json::from_str(&read(folder, SNAPSHOT)?).context(SNAPSHOT)?;
    let missing = served.iter().filter(|kind| !frozen.contains_key(kind.name));
    let say = |kind: &Kind| {
        format!(
            "{} is not in {SNAPSHOT}: run `cargo xtask check --accept-kinds` before its first deployment",
            kind.name
        )
    };
    Ok(missing.map(say).collect())
}

/// Writes the declarations to the snapshot.
pub(super) fn accept(folder: &Path, kinds: Kinds) -> Result<()> {
    let mut snapshot: Snapshot = kinds.iter().map(|kind| (kind.name.to_owned(), of_kind(kind))).collect();
    // The values of a removed field are still stored.
    let before: Snapshot =
        read(folder, SNAPSHOT).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for (name, before) in before {
        for (field, was) in before.fields {
            snapshot.entry(name.clone()).and_modify(|kind| _ = kind.fields.entry(field).or_insert(was));
        }
    }
    let text = serde_json::to_string_pretty(&snapshot)?;
    fs::write(folder.join(SNAPSHOT), format!("{text}\n")).with_context(|| format!("cannot write {SNAPSHOT}"))
}

/// A difference between a declaration and stored data.
#[derive(Debug)]
enum Difference {
    /// Stored data would be misread.
    Misread(String),
    /// Stored data is incomplete or obsolete until `reindex` has run.
    Reindex(String),
}

fn differences_of(kind: &'static Kind, frozen: &Frozen) -> Vec<Difference> {
    let found = of_kind(kind);
    let file = format!("kinds/src/{}.rs", kind.name.replace('-', "_"));
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(Difference::Misread(format!("{file}: {what}")));
    if found.lists != frozen.lists {
        fault(format!(
            "lists are kept {}, and were {}: they would not show existing resources",
            found.lists, frozen.lists
        ));
    }
    for status in frozen.statuses.iter().filter(|status| !found.statuses.contains(status)) {
        fault(format!("the status `{status}` is missing: resources that have it could not be read"));
    }
    for (field, was) in &frozen.fields {
        match found.fields.get(field) {
            Some(is) if is != was && (was.as_str(), is.as_str()) != ("integer", "number") => {
                fault(format!("the field `{field}` is {is}, and was {was}: stored values would be misread"));
            }
            _ => {}
        }
    }
    for (position, index) in found.indexes.iter().enumerate() {
        match frozen.indexes.get(position) {
            Some(was) if was != index => {
                fault(format!("the index `{index}` has the position of `{was}`: append new indexes"));
            }
            None if !kind.filling.contains(&index.as_str()) => {
                fault(format!(
                    "the index `{index}` is new: declare it as `filling` until `cargo xtask reindex` has filled it"
                ));
            }
            _ => {}
        }
    }
    for index in frozen.indexes.iter().skip(found.indexes.len()) {
        fault(format!(
            "the index `{index}` is missing: lists could not use it, and a new index in its position would misread it"
        ));
    }
    let mut reindex = |what: String| faults.push(Difference::Reindex(format!("{file}: {what}")));
    for unique in found.unique.iter().filter(|unique| !frozen.unique.contains(unique)) {
        reindex(format!(
            "`{unique}` is a new unique constraint, which does not cover the values of existing resources"
        ));
    }
    for unique in frozen.unique.iter().filter(|unique| !found.unique.contains(unique)) {
        reindex(format!("`{unique}` is no longer a unique constraint, and its stored values remain"));
    }
    if found.owners && !frozen.owners {
        reindex(
            "some roles are `owners_only` now, and their searches do not find existing resources".to_owned(),
        );
    }
    if frozen.owners && !found.owners {
        reindex("no role is `owners_only` any longer, and the words stored for owners remain".to_owned());
    }
    faults
}

fn of_kind(kind: &Kind) -> Frozen {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let lists = match kind.lists {
        Lists::ByStatus => "by status",
        Lists::Together => "together",
    };
    Frozen {
        lists: lists.to_owned(),
        statuses: words(kind.statuses.words),
        fields: types(kind.fields, ""),
        indexes: words(kind.indexes),
        unique: kind.unique.iter().map(|fields| fields.join(",")).collect(),
        owners: kind.has_owners(),
    }
}

/// The type of each field, also of those within objects and lists: `lines[].price`.
fn types(fields: &[Field], outer: &str) -> BTreeMap<String, String> {
    let mut types = BTreeMap::new();
    for field in fields {
        let name = format!("{outer}{}", field.name);
        types.insert(name.clone(), type_name(&field.field_type));
        match &field.field_type {
            Type::Object(inner) => types.extend(self::types(inner, &format!("{name}."))),
            Type::List(List { item: Field { field_type: Type::Object(inner), .. }, .. }) => {
                types.extend(self::types(inner, &format!("{name}[].")));
            }
            _ => {}
        }
    }
    types
}

fn type_name(field_type: &Type) -> String {
    match field_type {
        Type::Text(_) => "text".to_owned(),
        Type::Integer { .. } => "integer".to_owned(),
        Type::Number { .. } => "number".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Choice(_) => "choice".to_owned(),
        Type::Reference(kind) => format!("reference to {kind}"),
        Type::Json => "json".to_owned(),
        Type::Object(_) => "object".to_owned(),
        Type::List(list) => format!("list of {}", type_name(&list.item.field_type)),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use kinds::KINDS;
    use resource_api::domain::{Access, Role, Statuses};
    use rstest::rstest;

    use super::*;
    use crate::local::{ALL_KINDS, workspace};

    const WAS: Kind = Kind::new("things", "thing")
        .fields(&[Field::text("a"), Field::integer("b"), Field::text("c")])
        .statuses(Statuses::of(&["one", "two"]))
        .indexes(&["a", "b"]);

    const MORE: Kind = Kind::new("things", "thing")
        .fields(&[Field::text("a"), Field::number("b"), Field::date("d")])
        .statuses(Statuses::of(&["three", "one", "two"]))
        .indexes(&["a", "b", "d"])
        .filling(&["d"]);
    const FILLED: Kind = MORE.filling(&[]);
    const SWAPPED: Kind = WAS.indexes(&["b", "a"]);
    const FEWER: Kind = WAS.indexes(&["a"]);
    const RETYPED: Kind = WAS.fields(&[Field::date("a"), Field::integer("b"), Field::text("c")]);
    const OWNED: Kind = WAS.access(Access::DEFAULT.owners_only(&[Role::User]));
    const UNIQUE: Kind = WAS.unique(&[&["a", "b"]]);
    const NO_STATUS: Kind = WAS.statuses(Statuses::of(&["one"]));
    const BY_STATUS: Kind = WAS.lists(Lists::ByStatus);

    #[rstest]
    #[case::same(&WAS, &[])]
    #[case::added_and_widened(&MORE, &[])]
    #[case::not_filled(&FILLED, &["the index `d` is new"])]
    #[case::swapped(
        &SWAPPED,
        &["the index `b` has the position of `a`", "the index `a` has the position of `b`"]
    )]
    #[case::fewer(&FEWER, &["the index `b` is missing"])]
    #[case::retyped(&RETYPED, &["the field `a` is date, and was text"])]
    #[case::unique(&UNIQUE, &["`a,b` is a new unique constraint"])]
    #[case::owners(&OWNED, &["some roles are `owners_only` now"])]
    #[case::no_status(&NO_STATUS, &["the status `two` is missing"])]
    #[case::by_status(&BY_STATUS, &["lists are kept by status, and were together"])]
    fn what_would_misread_data_is_named(#[case] kind: &'static Kind, #[case] expected: &[&str]) {
        let found = differences_of(kind, &of_kind(&WAS));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (fault, expected) in found.iter().zip(expected) {
            let (Difference::Misread(fault) | Difference::Reindex(fault)) = fault;
            assert!(fault.starts_with(&format!("kinds/src/things.rs: {expected}")), "{fault}");
        }
    }

    #[test]
    fn what_is_no_longer_unique_is_named() {
        let found = differences_of(&WAS, &of_kind(&UNIQUE));
        let [Difference::Reindex(what)] = &found[..] else { panic!("{found:?}") };
        assert!(what.starts_with("kinds/src/things.rs: `a,b` is no longer a unique constraint"), "{what}");
    }

    #[test]
    fn the_declarations_of_this_workspace_are_in_line() {
        assert_eq!(faults(&workspace(), KINDS, *ALL_KINDS).unwrap(), Vec::<String>::new());
    }
}
