//! Rows of settings: the keys of `rcompose.yaml` and of top-level `x-rcompose` that are no hints (C12). What
//! they do is the command line's.

use super::value::{Form, Row};

const VALUE: Form = Form::Either(&[Form::Scalar, Form::List(&Form::Scalar)]);
const TEXTS: Form = Form::List(&Form::Text);

/// Settings of a project.
pub(crate) const SETTINGS: &[Row] = &[
    Row::new(
        "defaults",
        Form::Named(&Form::Either(&[Form::Scalar, Form::List(&Form::Scalar), Form::Named(&VALUE)])),
        "Flags of `convert` without dashes, for all targets or below the name of one.",
    ),
    Row::new(
        "diagnostics",
        Form::Rows(&[
            Row::new("deny", TEXTS, "Codes and groups that are errors."),
            Row::new("warn", TEXTS, "Codes and groups that are warnings."),
            Row::new(
                "allow",
                Form::List(&Form::Rows(&[
                    Row::new("code", Form::Text, "The code.").required(),
                    Row::new("services", TEXTS, "Services that it is let through for; all if left out."),
                    Row::new("reason", Form::Text, "Why.").required(),
                ])),
                "Codes that are let through, each with a reason.",
            ),
        ]),
        "What weighs how much.",
    ),
    Row::new(
        "contexts",
        Form::Named(&Form::Rows(&[
            Row::new("context", Form::Text, "Context of the kubeconfig."),
            Row::new("namespace", Form::Text, "Namespace there."),
            Row::new("cluster-id", Form::Text, "The cluster that it must be."),
        ])),
        "Clusters by a name of ours.",
    ),
    Row::new("protected", TEXTS, "Contexts and namespaces, as patterns, whose name must be typed."),
];

/// Settings of a user, for all projects: none of them changes output (C5).
pub(crate) const USER_SETTINGS: &[Row] = &[
    Row::new("color", Form::Word(&["auto", "always", "never"]), "Colour, where no flag says otherwise."),
    Row::new(
        "progress",
        Form::Word(&["auto", "tty", "plain", "json", "quiet"]),
        "How live commands show progress.",
    ),
    Row::new("protected", TEXTS, "Contexts and namespaces, as patterns, whose name must be typed."),
    Row::new(
        "confirm",
        Form::Word(&["typed", "yes"]),
        "Whether `--yes` is enough where a context is protected (`yes`), or not (`typed`).",
    ),
];
