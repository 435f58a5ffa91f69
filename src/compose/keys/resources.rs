//! `deploy.resources`, and `blkio_config`.

use super::devices::Reservations;
use super::keys;
use super::list::List;
use super::scalar::{INTEGER_OR_TEXT, NUMBER_OR_TEXT, Number, Size, TEXT, Text, Whole};
use super::shape::{Absent, Cast, Form, Shape};

keys! {
    /// What a service may use and what is kept for it.
    struct Resources; {
        /// What it may use at most.
        limits: Limits,
        /// What is kept for it.
        reservations: Reserved,
    }
}

keys! {
    /// What a container may use at most.
    struct Limits; {
        /// Number of processors.
        cpus: Number [cast(Cast::None)],
        /// Memory.
        memory: Size [forms(TEXT)],
        /// Number of processes.
        pids: Whole [cast(Cast::None)],
    }
}

keys! {
    /// What is kept for a container.
    struct Reserved; {
        /// Number of processors.
        cpus: Number [cast(Cast::None)],
        /// Memory.
        memory: Size [forms(TEXT)],
        /// Devices.
        devices: Reservations,
        /// Resources that a node's administrator has named.
        generic_resources: List<GenericResource>,
    }
}

keys! {
    /// A resource that a node's administrator has named.
    struct GenericResource; {
        /// One that is counted.
        discrete_resource_spec: DiscreteResource,
    }
}

keys! {
    /// A counted resource.
    struct DiscreteResource; {
        /// Its name.
        kind: Text [absent(Absent::Text(""))],
        /// How many.
        value: Whole [forms(NUMBER_OR_TEXT) cast(Cast::None) absent(Absent::Zero)],
    }
}

keys! {
    /// Limits of block devices.
    struct BlockIo = Shape::of(&[Form::Closed(BlockIo::FIELDS)]); {
        /// Weight against other containers.
        weight: Whole [cast(Cast::None)],
        /// Weight by device.
        weight_device: List<DeviceWeight>,
        /// Bytes a second read from a device.
        device_read_bps: List<DeviceRate>,
        /// Reads a second.
        device_read_iops: List<DeviceRate>,
        /// Bytes a second written to a device.
        device_write_bps: List<DeviceRate>,
        /// Writes a second.
        device_write_iops: List<DeviceRate>,
    }
}

keys! {
    /// Weight of one device.
    struct DeviceWeight = Shape::of(&[Form::Closed(DeviceWeight::FIELDS)]); {
        /// The device.
        path: Text [printed_as("Path") absent(Absent::Text(""))],
        /// Its weight.
        weight: Whole [cast(Cast::None) printed_as("Weight") absent(Absent::Zero)],
    }
}

keys! {
    /// Rate of one device.
    struct DeviceRate = Shape::of(&[Form::Closed(DeviceRate::FIELDS)]); {
        /// The device.
        path: Text [printed_as("Path") absent(Absent::Text(""))],
        /// Bytes, or operations, a second.
        rate: Size [forms(INTEGER_OR_TEXT) printed_as("Rate") absent(Absent::Text("0"))],
    }
}
