//! Kinds for the library's own tests, so that they do not depend on the kinds that an API serves.

mod declarations;
mod keys;
mod values;

use crate::domain::{Decimal, Field, Kind, Kinds, Lists, Proposed, RuleFaults, Statuses};

/// A kind with a name, free-form attributes and references to its own kind.
pub(crate) const ARTICLES: Kind = Kind::new("articles", "article")
    .fields(&[
        Field::text("name").required().trimmed().length(1, 200).searched(),
        Field::text("description").anything().length(0, 10_000).unlisted(),
        Field::json("attributes").default("{}").unlisted(),
        Field::references("link_ids", &Field::each_reference("articles"))
            .length(0, 100)
            .default("[]")
            .unlisted(),
    ])
    .statuses(Statuses::of(&["draft", "active", "archived"]).initial("active"))
    .lists(Lists::ByStatus)
    .indexes(&["name"]);

/// One field of every type, an index over each that has an order, and a rule.
pub(crate) const THINGS: Kind = Kind::new("things", "thing")
    .fields(&[
        Field::text("code").required().length(1, 20).pattern("[A-Z0-9-]+").immutable().searched(),
        Field::number("price").at_least("-10").at_most("1e30"),
        Field::integer("count").between(-5, 1000).default("0"),
        Field::boolean("open").default("false"),
        Field::timestamp("at"),
        Field::date("day"),
        Field::choice("size", &["small", "large"]).default(r#""small""#),
        Field::reference("article_id", "articles"),
        Field::text("site").uri().length(0, 2000),
        Field::text("email").email().length(0, 254),
        Field::text("notes").multiline().length(0, 50).searched(),
        Field::list("parts", &PART).length(0, 5).default("[]").unlisted(),
        Field::list("tags", &Field::each_text().length(1, 10)).length(0, 3).unique_items().unlisted(),
        Field::object("place", PLACE).unlisted(),
    ])
    .statuses(
        Statuses::of(&["open", "closed", "gone"])
            .transitions(&[("open", &["closed"]), ("closed", &["gone"])]),
    )
    .indexes(&["price", "open", "at", "day", "size", "article_id", "notes", "created_by"])
    .rules(&[counts_are_not_seven]);

const PART: Field = Field::each_object(&[
    Field::text("name").required().length(1, 40),
    Field::integer("quantity").required().between(1, 1000),
    Field::number("weight"),
]);

const PLACE: &[Field] =
    &[Field::text("city").required().length(1, 20), Field::text("country").pattern("[A-Z]{2}")];

fn counts_are_not_seven(proposed: &Proposed<'_>, faults: &mut RuleFaults) {
    let count = proposed.after.named("count").and_then(|value| serde_json::to_value(value).ok());
    if count == Some(7.into()) {
        faults.add("/count", "unlucky", "Not 7");
    }
}

/// Both kinds.
pub(crate) const KINDS: Kinds = Kinds::of(&[&ARTICLES, &THINGS]);

#[test]
fn sums_and_products_are_exact() {
    let decimal = |text| Decimal::parse(text).unwrap();
    let product = decimal("0.1") * decimal("3");
    assert_eq!(product, decimal("0.3"));
    assert_eq!(product.to_string(), "0.3");
    let digits = "12345678901234567890123456789012345678";
    let sum: Decimal = [decimal(digits), decimal("0.5")].into_iter().sum();
    assert_eq!((sum.clone() - decimal("0.5")).to_string(), digits);
    assert!(sum > decimal(digits));
    assert!(Decimal::parse("x").is_none());
}
