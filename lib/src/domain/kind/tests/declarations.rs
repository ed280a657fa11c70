//! Declarations that contradict themselves fail the compilation. At run time they panic with the same
//! message.

use rstest::rstest;

use crate::domain::{Access, Field, Kind, Kinds, Role, Statuses, declaration_faults, declaration_warnings};

const TEXT: Field = Field::text("a");
const REFERENCES: &[Field] = &[Field::references("bad_ids", &Field::each_reference("bad"))];
const MUST_EXIST: &[Field] = &[Field::object("o", &[Field::reference("bad_id", "bad").must_exist()])];
const KEYED: Kind = Kind::new("bad", "bads").fields(&[TEXT.unlisted(), Field::json("o").unlisted()]);
const NESTED: &[Field] = &[Field::object("o", &[Field::text("a").searched()])];
const LISTS: &[Field] = &[Field::list("l", &Field::list("", &TEXT))];

const UNRESOLVED: &[Field] = &[
    Field::references("bad_ids", &Field::each_reference("bad")).length(0, 9),
    Field::text("unresolved_bad_ids"),
];
const LISTED: &[Field] = &[Field::list("l", &Field::each_text())];

#[rstest]
#[case::reserved(const { &[Field::text("id")] }, "bad.rs: the field `id` has a name that is reserved")]
#[case::of_a_parameter(const { &[Field::text("limit")] }, "bad.rs: the field `limit` has a name that is reserved")]
#[case::twice(const { &[TEXT, TEXT] }, "bad.rs: the field `a` is declared twice")]
#[case::spelled(const { &[Field::text("camelCase")] }, "bad.rs: the field `camelCase` is not made of a-z")]
#[case::nowhere(const { &[Field::reference("x_id", "xs")] }, "bad.rs: a reference leads to `xs` which is no kind")]
#[case::suffix(const { &[Field::reference("x", "bad")] }, "bad.rs: the reference `x` does not end with _id")]
#[case::expansion(
    const { &[Field::reference("a_id", "bad"), TEXT] },
    "bad.rs: the field `a` has the name of a member that expand adds"
)]
#[case::required_default(
    const { &[Field::text("a").required().default("\"x\"")] },
    "bad.rs: the field `a` is required, and has a default"
)]
#[case::nested(NESTED, "bad.rs: the field `a` is within an object")]
#[case::nested_must_exist(MUST_EXIST, "bad.rs: the field `bad_id` is within an object")]
#[case::no_first(
    const { &[Field::reference("bad_id", "bad").required().must_exist()] },
    "bad.rs: the reference `bad_id` refers to its own kind and is required"
)]
#[case::lists_of_lists(LISTS, "bad.rs: the items of `l` are lists")]
#[case::no_words(const { &[Field::choice("a", &[])] }, "bad.rs: the choice `a` has no words")]
#[case::of_the_server(
    const { &[Field::reference("version_id", "bad")] },
    "bad.rs: expand would give a reserved name for `version_id`"
)]
#[case::unresolved(
    UNRESOLVED,
    "bad.rs: the field `unresolved_bad_ids` has the name of a member that expand adds"
)]
#[case::many_references(REFERENCES, "bad.rs: the references `bad_ids` have no bound")]
#[case::long_text(const { &[TEXT] }, "bad.rs: the text `a` is listed and has no bound")]
#[case::long_list(LISTED, "bad.rs: the list `l` is listed and has no bound")]
#[case::json(const { &[Field::json("o")] }, "bad.rs: the free-form object `o` is listed")]
fn a_field_that_contradicts_itself_is_named(#[case] fields: &'static [Field], #[case] message: &str) {
    refused(Kind::new("bad", "bads").fields(fields), message);
}

#[rstest]
#[case::unknown(&["b"], "bad.rs: an index names `b` which is no field")]
#[case::twice(&["a", "a"], "bad.rs: the index `a` is declared twice")]
#[case::object(&["o"], "bad.rs: the indexed field `o` is an object or a list")]
#[case::unlisted(&["u"], "bad.rs: the indexed field `u` is unlisted")]
#[case::anything(&["t"], "bad.rs: the indexed field `t` may hold any characters")]
#[case::many(
    &["a", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"],
    "bad.rs: the index `b8` is one too many: the table has 8"
)]
fn an_index_that_cannot_be_is_named(#[case] indexes: &'static [&'static str], #[case] message: &str) {
    const FIELDS: &[Field] =
        &[TEXT, Field::json("o"), Field::text("u").unlisted(), Field::text("t").anything()];
    refused(Kind::new("bad", "bads").fields(FIELDS).indexes(indexes), message);
}

#[rstest]
#[case::deleted(Statuses::of(&["deleted"]), "bad.rs: the status `deleted` is the server's own")]
#[case::initial(Statuses::of(&["a"]).initial("b"), "bad.rs: the initial status `b` is none of its statuses")]
#[case::twice(Statuses::of(&["a", "a"]), "bad.rs: the status `a` is declared twice")]
#[case::unreachable(
    Statuses::of(&["a", "b", "c"]).transitions(&[("a", &["b"]), ("c", &["a"])]),
    "bad.rs: no transition leads to the status `c`"
)]
#[case::to_nothing(
    Statuses::of(&["a"]).transitions(&[("a", &["b"])]),
    "bad.rs: a transition leads to `b` which is no status"
)]
fn statuses_that_cannot_be_are_named(#[case] statuses: Statuses, #[case] message: &str) {
    refused(Kind::new("bad", "bads").statuses(statuses), message);
}

#[rstest]
#[case::unknown(KEYED.unique(&[&["b"]]), "bad.rs: a unique constraint names `b` which is no field")]
#[case::object(KEYED.unique(&[&["a"], &["a", "o"]]), "bad.rs: the unique field `o` is an object or a list")]
#[case::nothing(KEYED.unique(&[&[]]), "bad.rs: a unique constraint, over `` does not name 1 to 8 fields")]
#[case::twice(KEYED.unique(&[&["a", "a"]]), "bad.rs: a unique constraint repeats the field `a`")]
#[case::the_same(
    KEYED.unique(&[&["a", "created_by"], &["created_by", "a"]]),
    "bad.rs: a unique constraint is declared twice, over `created_by`"
)]
fn unique_values_that_cannot_be_are_named(#[case] kind: Kind, #[case] message: &str) {
    refused(kind, message);
}

#[rstest]
#[case::unknown(
    Access::DEFAULT.read(&[Role::Unknown]),
    "bad.rs: access names the role `unknown` which may do nothing"
)]
#[case::write_only(
    Access::DEFAULT.read(&[Role::Admin]).write(&[Role::User]),
    "bad.rs: the role `user` may write but not read"
)]
#[case::owner_of_nothing_new(
    Access::DEFAULT.write(&[Role::Admin]).owners_only(&[Role::User]),
    "bad.rs: the role `user` sees only its own and may not create any"
)]
#[case::delete_only(
    Access::DEFAULT.read(&[Role::Admin]).write(&[]).delete(&[Role::Moderator]),
    "bad.rs: the role `moderator` may delete but not read"
)]
#[case::owner_of_nothing(
    Access::DEFAULT.read(&[Role::Admin]).write(&[]).delete(&[]).owners_only(&[Role::User]),
    "bad.rs: the role `user` sees only its own and may not read"
)]
fn access_that_contradicts_itself_is_named(#[case] access: Access, #[case] message: &str) {
    refused(Kind::new("bad", "bads").access(access), message);
}

/// Declarations that are allowed, but seldom intended.
#[test]
fn what_is_seldom_meant_is_warned_of() {
    const ACCESS: Access = Access::DEFAULT.owners_only(&[Role::User]);
    const WITHOUT: Kind = Kind::new("own-things", "thing").access(ACCESS);
    const FILLING: Kind =
        Kind::new("fillings", "filling").access(ACCESS).indexes(&["created_by"]).filling(&["created_by"]);
    const WITH: Kind = Kind::new("others", "other").access(ACCESS).indexes(&["created_by"]);
    const HIDDEN: Kind =
        Kind::new("hiddens", "hidden").access(Access::DEFAULT.read(&[Role::Admin]).write(&[]).delete(&[]));
    const REFERS: Kind = Kind::new("referring", "refers").unique(&[&["code"]]).fields(&[
        Field::reference("hidden_id", "hiddens").required().must_exist(),
        Field::references("other_ids", &Field::each_reference("others")).length(0, 97).must_exist(),
        Field::text("code").length(0, 9).default("\"x\""),
    ]);
    let warnings = declaration_warnings(const { Kinds::of(&[&WITHOUT, &FILLING, &WITH, &HIDDEN, &REFERS]) });
    let begin = [
        "own_things.rs: it has `owners_only` roles and no filled index",
        "fillings.rs: it has `owners_only` roles and no filled index",
        "referring.rs: `hidden_id` requires existing hiddens, which the role `moderator` may not read",
        "referring.rs: `hidden_id` requires existing hiddens, which the role `user` may not read",
        "referring.rs: a resource with full lists of must_exist references needs 101 actions",
        "referring.rs: `code` is unique and has a default",
    ];
    assert_eq!(warnings.len(), begin.len(), "{warnings:#?}");
    for (warning, begin) in warnings.iter().zip(begin) {
        assert!(warning.starts_with(begin), "{warning}");
    }
}

#[test]
fn filling_names_indexes() {
    refused(
        Kind::new("line-items", "line-item").fields(&[TEXT]).filling(&["a"]),
        "line_items.rs: filling() names `a` which is no index",
    );
}

fn refused(kind: Kind, message: &str) {
    let kinds: &'static [&'static Kind] = Box::leak(Box::new([&*Box::leak(Box::new(kind))]));
    let panic = std::panic::catch_unwind(|| Kinds::of(kinds)).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.starts_with(message), "{said}");
}

#[test]
fn defaults_patterns_and_bounds_are_checked_besides() {
    const BAD: Kind = Kind::new("bad-ones", "bad").fields(&[
        Field::text("a").length(0, 2).default("\"abc\""),
        Field::text("b").length(0, 9).pattern("["),
        Field::number("c").at_least("ten").at_most("1e200"),
        Field::number("g").at_least("10").at_most("5"),
        Field::integer("d").default("{"),
        Field::object("e", &[Field::integer("f").between(1, 2).default("3")]),
    ]);
    let faults = declaration_faults(const { Kinds::of(&[&BAD]) });
    let begin = [
        "bad_ones.rs: the default \"abc\" of `a` breaks its own rules: At most 2 characters",
        "bad_ones.rs: the pattern of `b` is no regular expression",
        "bad_ones.rs: the bound \"ten\" of `c` is no number that can be stored",
        "bad_ones.rs: the bound \"1e200\" of `c` is no number that can be stored",
        "bad_ones.rs: the least of `g` is above the most",
        "bad_ones.rs: the default of `d` is not JSON",
        "bad_ones.rs: the default 3 of `e.f` breaks its own rules: At most 2",
    ];
    assert_eq!(faults.len(), begin.len(), "{faults:#?}");
    for (fault, begin) in faults.iter().zip(begin) {
        assert!(fault.starts_with(begin), "{fault}");
    }
    assert!(declaration_faults(super::KINDS).is_empty());
}
