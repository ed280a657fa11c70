//! Orders: what a customer has bought.

use resource_api::domain::{Access, Decimal, Field, Kind, Proposed, Role, RuleFaults, Statuses};
use serde::Deserialize;

/// At `/api/orders`.
pub const ORDERS: Kind = Kind::new("orders", "order")
    .fields(&[
        Field::text("number")
            .required()
            .length(1, 20)
            .pattern("[A-Z0-9-]+")
            .immutable()
            .searched()
            .example(r#""A-1001""#),
        Field::reference("customer_id", "customers").required().must_exist(),
        Field::number("total").required().at_least("0").example("39.80"),
        Field::choice("currency", &["EUR", "USD"]).default(r#""EUR""#),
        Field::date("placed_on"),
        Field::list("lines", &LINE)
            .length(0, 200)
            .default("[]")
            .unlisted()
            .example(r#"[{ "sku": "T-7", "quantity": 2, "price": 19.90 }]"#),
        Field::object("address", ADDRESS).unlisted(),
    ])
    .statuses(
        Statuses::of(&["open", "paid", "shipped", "cancelled"])
            .transitions(&[("open", &["paid", "cancelled"]), ("paid", &["shipped", "cancelled"])]),
    )
    .indexes(&["customer_id", "total", "placed_on", "created_by"])
    .unique(&[&["number"]])
    .access(Access::DEFAULT.owners_only(&[Role::User]))
    .rules(&[lines_add_up])
    .rule_codes(&[("total_mismatch", "`total` is not the sum of `quantity` × `price` over all lines")]);

const LINE: Field = Field::each_object(&[
    Field::text("sku").required().length(1, 40),
    Field::integer("quantity").required().between(1, 1000),
    Field::number("price").required().at_least("0"),
]);

const ADDRESS: &[Field] = &[
    Field::text("street").required().length(1, 200),
    Field::text("city").required().length(1, 200),
    Field::text("postcode").required().length(1, 12),
    Field::text("country").required().pattern("[A-Z]{2}").example(r#""DE""#),
];

/// What the rule reads of an order.
#[derive(Deserialize)]
struct Order {
    total: Decimal,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    quantity: Decimal,
    price: Decimal,
}

/// Where there are lines, the total is the sum of their quantities × prices.
fn lines_add_up(proposed: &Proposed<'_>, faults: &mut RuleFaults) {
    let Some(Order { total, lines }) = faults.typed(proposed.after) else { return };
    if lines.is_empty() {
        return;
    }
    let sum: Decimal = lines.into_iter().map(|line| line.quantity * line.price).sum();
    if sum != total {
        faults.add("/total", "total_mismatch", format!("The lines add up to {sum}"));
    }
}
