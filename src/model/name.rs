//! One type per kind of name, so that a network's name cannot stand where a volume's is meant.

macro_rules! names {
    ($($(#[$meta:meta])* $Name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(String);

        impl $Name {
            /// Takes a name that loading has checked.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $Name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+ };
}

names! {
    /// A project's name: `[a-z0-9][a-z0-9_-]*` (L7).
    ProjectName,
    /// A service's key: `[a-zA-Z0-9._-]+`.
    ServiceName,
    /// A top-level network's key: any text.
    NetworkName,
    /// A top-level volume's key: `[a-zA-Z0-9._-]+`.
    VolumeName,
    /// A top-level config's key: `[a-zA-Z0-9._-]+`.
    ConfigName,
    /// A top-level secret's key: `[a-zA-Z0-9._-]+`.
    SecretName,
    /// A top-level model's key: any text.
    ModelName,
}
