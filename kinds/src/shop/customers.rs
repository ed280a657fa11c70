//! Customers: whom the shop sells to.

use resource_api::domain::{Field, Kind, Statuses};

/// At `/api/customers`.
pub const CUSTOMERS: Kind = Kind::new("customers", "customer")
    .fields(&[
        Field::text("name").required().trimmed().length(1, 200).searched(),
        Field::text("email").required().email().length(1, 254),
        Field::choice("tier", &["standard", "gold"]).default(r#""standard""#),
        Field::text("notes").multiline().length(0, 10_000).unlisted(),
    ])
    .statuses(Statuses::of(&["active", "archived"]))
    .indexes(&["name", "tier"])
    .unique(&[&["email"]]);
