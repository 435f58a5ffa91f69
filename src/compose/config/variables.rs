//! `--variables`: every variable that the files name, and `--environment`: every variable that they see.

use std::collections::BTreeMap;

use crate::compose::grammar::interpolation::{self, Variable};
use crate::compose::print::{Printed, PrintedValue};

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, Variable>;

/// Finds the variables in all texts of a project that was printed without interpolation; of one name the last counts.
pub(crate) fn variables(printed: &Printed) -> Variables {
    let mut found = Variables::new();
    walk(printed, &mut found);
    found
}

fn walk(printed: &Printed, found: &mut Variables) {
    match &printed.value {
        PrintedValue::Text(text) => {
            for variable in interpolation::variables(text) {
                found.insert(variable.name.clone(), variable);
            }
        }
        PrintedValue::List(items) => items.iter().for_each(|item| walk(item, found)),
        PrintedValue::Named(entries) | PrintedValue::Fixed(entries) => {
            for (_, entry) in entries {
                walk(entry, found);
            }
        }
        PrintedValue::Null | PrintedValue::Bool(_) | PrintedValue::Int(_) | PrintedValue::Float(_) => {}
    }
}
