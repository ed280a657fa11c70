//! The table of kinds.

/// Declares the module of each kind, and the table of them all.
macro_rules! kinds {
    ($($module:ident::$kind:ident,)*) => {
        $(mod $module; pub use $module::$kind;)*

        /// Every kind that the API serves, checked when it is compiled.
        #[cfg(not(feature = "shop"))]
        pub const KINDS: resource_api::domain::Kinds = resource_api::domain::Kinds::of(&[$(&$kind),*]);

        /// Every kind that the API serves, and those of the example shop.
        #[cfg(feature = "shop")]
        pub const KINDS: resource_api::domain::Kinds =
            resource_api::domain::Kinds::of(&[$(&$kind,)* &$crate::shop::CUSTOMERS, &$crate::shop::ORDERS]);
    };
}

pub(crate) use kinds;
