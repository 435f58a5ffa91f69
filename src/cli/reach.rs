//! Flags that say which cluster, as whom, and for how long: kubectl's words, kubectl's meaning (C2).

use std::time::Duration;

use clap::Args;

use crate::compose::grammar::duration::GoDuration;

/// Heading of these flags in the help.
pub(crate) const CLUSTER: &str = "Cluster";

/// Flags of every live command; they too stand before or after it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME", help_heading = CLUSTER)]
    pub(crate) context: Option<String>,

    /// Instead of KUBECONFIG and ~/.kube/config
    #[arg(long, value_name = "FILE", help_heading = CLUSTER, value_hint = clap::ValueHint::FilePath)]
    pub(crate) kubeconfig: Option<String>,

    /// Act as this user
    #[arg(long = "as", value_name = "USER", help_heading = CLUSTER)]
    pub(crate) as_user: Option<String>,

    /// Act as this group, repeatable
    #[arg(long, value_name = "GROUP", help_heading = CLUSTER)]
    pub(crate) as_group: Vec<String>,

    /// Longest time for one request (30s)
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = CLUSTER)]
    pub(crate) request_timeout: Option<Duration>,
}

impl Reach {
    /// Puts flags from before and after the command together.
    pub(crate) fn with(mut self, after: Self) -> Self {
        let Self { context, kubeconfig, as_user, as_group, request_timeout } = after;
        self.context = context.or(self.context);
        self.kubeconfig = kubeconfig.or(self.kubeconfig);
        self.as_user = as_user.or(self.as_user);
        self.as_group.extend(as_group);
        self.request_timeout = request_timeout.or(self.request_timeout);
        self
    }

    /// Returns one of these flags that was given, for commands that know no cluster.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self { context, kubeconfig, as_user, as_group, request_timeout } = self;
        [
            ("context", context.is_some()),
            ("kubeconfig", kubeconfig.is_some()),
            ("as", as_user.is_some()),
            ("as-group", !as_group.is_empty()),
            ("request-timeout", request_timeout.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// Reads `90s`, `5m`, `1h30m`; a bare number is seconds, as kubectl has it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let legal = || "a time is meant, such as 90s or 5m".to_owned();
    let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
    let written = || GoDuration::parse(text).ok().and_then(|found| u64::try_from(found.0).ok());
    let found = seconds.or_else(|| written().map(Duration::from_nanos)).ok_or_else(legal)?;
    if found.is_zero() { Err(legal()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_kubectl_and_compose_have_them() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert!(duration("0s").is_err() && duration("-1s").is_err() && duration("soon").is_err());
    }

    #[test]
    fn flags_behind_the_command_count_more() {
        let reach = |context: &str, group: &str| Reach {
            context: Some(context.into()),
            as_group: vec![group.into()],
            ..Reach::default()
        };
        let both = reach("a", "1").with(reach("b", "2"));
        assert_eq!((both.context.as_deref(), both.as_group.len()), (Some("b"), 2));
        assert_eq!((both.given(), Reach::default().given()), (Some("context"), None));
    }
}
