//! Resources: something with a name, a description, free-form attributes and relations to others of its kind.

use resource_api::domain::{Field, Kind, Lists, Statuses};

/// At `/api/resources`.
pub const RESOURCES: Kind = Kind::new("resources", "resource")
    .fields(&[
        Field::text("name").required().trimmed().length(1, 200).searched(),
        Field::text("description").anything().length(0, 10_000).unlisted(),
        Field::json("attributes").default("{}").unlisted(),
        Field::references("related_ids", &Field::each_reference("resources"))
            .length(0, 100)
            .default("[]")
            .unlisted(),
    ])
    .statuses(Statuses::of(&["draft", "active", "archived"]).initial("active"))
    .lists(Lists::ByStatus)
    .indexes(&["name"]);
