//! `networks` and `models` of a service: a list of names, or a mapping with settings.

use crate::compose::path::Path;
use crate::compose::print::{Printed, Printer};
use crate::diag::Sink;
use crate::yaml::Node;

use super::key_values::Options;
use super::list::{BY_KEY, Texts};
use super::long::names_to_map;
use super::named::{Named, Nullable};
use super::scalar::{Text, Whole};
use super::shape::{Cast, Form, Merge, NameRule, Shape, Unique};
use super::{Key, keys};

const NUMBER: &[Form] = &[Form::Number];

keys! {
    /// How a service stands on one network.
    struct ServiceNetwork = Shape::of(&[Form::Fields(ServiceNetwork::FIELDS), Form::Null]); {
        /// Further names there.
        aliases: Texts [unique(BY_KEY)],
        /// For the network's driver.
        driver_opts: Options,
        /// Which network gives the default route.
        gw_priority: Whole [forms(NUMBER) cast(Cast::None)],
        /// Name of the interface in the container.
        interface_name: Text,
        /// Fixed IPv4 address.
        ipv4_address: Text,
        /// Fixed IPv6 address.
        ipv6_address: Text,
        /// Link-local addresses.
        link_local_ips: Texts [unique(BY_KEY)],
        /// Hardware address.
        mac_address: Text,
        /// In which order networks are connected.
        priority: Whole [forms(NUMBER) cast(Cast::None)],
    }
}

keys! {
    /// How a service uses one model.
    struct ServiceModel = Shape::of(&[Form::Fields(ServiceModel::FIELDS), Form::Null]); {
        /// Variable that gets the model's address.
        endpoint_var: Text,
        /// Variable that gets the model's name.
        model_var: Text,
    }
}

const NAME: Shape = Text::SHAPE;

macro_rules! memberships {
    ($(#[$meta:meta])* $Name:ident, $Value:ident, $VALUE:ident) => {
        const $VALUE: Shape = <$Value as Key>::SHAPE;

        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub(crate) struct $Name(pub(crate) Named<Nullable<$Value>>);

        impl Key for $Name {
            const SHAPE: Shape = Shape::of(&[Form::List(&NAME), Form::Named(NameRule::Resource, &$VALUE)])
                .merge(Merge::Names)
                .unique(Unique::Distinct)
                .long(names_to_map);

            fn decode(node: Node, at: &Path<'_>, sink: &mut Sink) -> Option<Self> {
                Named::decode(node, at, sink).map(Self)
            }

            fn print(&self, printer: Printer) -> Printed {
                self.0.print(printer)
            }
        }
    };
}

memberships!(
    /// `networks` of a service.
    ServiceNetworks, ServiceNetwork, NETWORK
);
memberships!(
    /// `models` of a service.
    ServiceModels, ServiceModel, MODEL
);
