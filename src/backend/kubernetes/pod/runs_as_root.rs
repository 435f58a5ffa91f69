//! Whether a service starts as root, which the strictest level refuses (K, section 14).

use super::user;
use crate::backend::kubernetes::codes::KubernetesCode;
use crate::backend::kubernetes::image_name::ImageName;
use crate::backend::kubernetes::plan::Facts;
use crate::backend::kubernetes::problem::Report;
use crate::diag::{Outcome, Span};

/// Official images that start as root and step down by themselves, or stay.
const ROOT: [&str; 10] =
    ["postgres", "mysql", "mariadb", "mongo", "redis", "rabbitmq", "nginx", "httpd", "traefik", "caddy"];

/// Reports what speaks against running a service as somebody else than root.
pub(crate) fn report(facts: &Facts<'_>, report: &mut Report<'_>) {
    let image = &facts.service.image;
    let own = facts.service.security.user.as_ref();
    match user::known(facts) {
        Some(known) if known.uid != 0 => return,
        Some(known) => {
            // The author's own `user: root` is told with the other controls.
            if own.is_none() {
                runs_as_root(known.span.unwrap_or(facts.service.span), report);
            }
            return;
        }
        None => {}
    }
    let dockerfile = image.facts.user.as_ref();
    if let Some((name, span)) = own
        .map(|user| (user.text.as_str(), user.span))
        .or(dockerfile.map(|user| (user.value.as_str(), user.span)))
    {
        let fact =
            format!("is a name, `{name}`: the node cannot tell whether it is root, and starts nothing");
        let help = "write its number: `user: \"1000\"`";
        report.refused(KubernetesCode::RestrictedUserNotNumeric, "user", span, &fact, help);
        return;
    }
    let place = image.reference.as_ref().map(|reference| reference.span);
    let is_known_root = image.reference.as_ref().is_some_and(|reference| {
        let name = ImageName::parse(&reference.value);
        name.path == name.last && ROOT.contains(&name.last)
    });
    if image.facts.known || is_known_root {
        let place = image.build.as_ref().map(|build| build.span).or(place).unwrap_or(facts.service.span);
        runs_as_root(place, report);
        return;
    }
    let finding = report
        .finding(
            KubernetesCode::RestrictedUserUnknown,
            "image",
            place.unwrap_or(facts.service.span),
            "does not tell whom it starts as: the node refuses it if that is root",
            "write `user:` with a number",
        )
        .outcome(Outcome::Approximated);
    report.push(finding);
}

fn runs_as_root(span: Span, report: &mut Report<'_>) {
    let fact = "starts as root, which the level `restricted` refuses";
    let help =
        "set `user:` to a number, and where it does not start then, another image or a port above 1023";
    report.refused(KubernetesCode::RestrictedImageRunsAsRoot, "image", span, fact, help);
}

#[cfg(test)]
mod tests {
    use crate::backend::kubernetes::options::{Options, PodSecurity};
    use crate::backend::kubernetes::pod::user::parse;
    use crate::backend::kubernetes::sample::{at, project, render_with, service};

    fn codes(image: &str, user: Option<&str>, dockerfile: Option<&str>) -> Vec<&'static str> {
        let mut web = service();
        web.image.reference = Some(at(image.to_owned()));
        web.security.user = user.map(|user| at(parse(user)));
        web.image.facts.known = dockerfile.is_some();
        web.image.facts.user = dockerfile.filter(|user| !user.is_empty()).map(|user| at(user.to_owned()));
        let options = Options { pod_security: Some(PodSecurity::Restricted), ..Options::default() };
        render_with(&project([("web", web)]), options).codes()
    }

    #[test]
    fn numbers_other_than_root_pass() {
        assert_eq!(codes("nginx", Some("101"), None), Vec::<&str>::new());
        assert_eq!(codes("x", None, Some("1000:1000")), Vec::<&str>::new());
        assert_eq!(codes("grafana/grafana", None, None), Vec::<&str>::new());
    }

    #[test]
    fn images_that_start_as_root_do_not() {
        assert_eq!(codes("docker.io/library/postgres:16", None, None), ["restricted-image-runs-as-root"]);
        assert_eq!(codes("x", None, Some("")), ["restricted-image-runs-as-root"]);
        assert_eq!(codes("x", None, Some("root")), ["restricted-image-runs-as-root"]);
        assert_eq!(codes("x", Some("0"), None), ["pod-security-violation"]);
    }

    #[test]
    fn names_and_silence_are_told() {
        assert!(codes("x", Some("app"), None).contains(&"restricted-user-not-numeric"));
        assert_eq!(codes("x", None, Some("app")), ["restricted-user-not-numeric"]);
        assert_eq!(codes("someone/redis", None, None), ["restricted-user-unknown"]);
    }
}
