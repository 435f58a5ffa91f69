//! Paths of a stack file: relative to the directory it lies in, written with `/`.
//!
//! Arithmetic on texts; no link is followed, as the docker CLI follows none.

/// Returns the path from one directory to another, both absolute, written with `/` and cleaned; `None` where none leads
/// there, as between two drives.
pub fn between(from: &str, to: &str) -> Option<String> {
    let (from, to): (Vec<&str>, Vec<&str>) = (parts(from), parts(to));
    if from.first().is_some_and(|drive| drive.ends_with(':')) && from.first() != to.first() {
        return None;
    }
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - same);
    let path: Vec<&str> = up.chain(to[same..].iter().copied()).collect();
    Some(if path.is_empty() { ".".to_owned() } else { path.join("/") })
}

/// Writes a path of the project as the stack file must spell it, given the way from the file's directory to the project.
pub(crate) fn in_stack(to_project: &str, path: &str) -> String {
    let mut result: Vec<&str> = Vec::new();
    for part in parts(to_project).into_iter().chain(parts(path)) {
        match part {
            ".." if result.last().is_some_and(|last| *last != "..") => {
                result.pop();
            }
            _ => result.push(part),
        }
    }
    match result.first() {
        None => ".".to_owned(),
        Some(&"..") => result.join("/"),
        Some(_) => format!("./{}", result.join("/")),
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_reached_inside_beside_and_above() {
        assert_eq!(between("/p/stack", "/p").as_deref(), Some(".."));
        assert_eq!(between("/out", "/p").as_deref(), Some("../p"));
        assert_eq!(between("/", "/p").as_deref(), Some("p"));
        assert_eq!(between("/p", "/p").as_deref(), Some("."));
        assert_eq!(between("D:/out", "C:/p"), None);
    }

    #[test]
    fn paths_are_spelled_from_the_file() {
        assert_eq!(in_stack("..", "conf/a"), "../conf/a");
        assert_eq!(in_stack("../p", "../shared"), "../shared");
        assert_eq!(in_stack(".", "data"), "./data");
        assert_eq!(in_stack("p", "data"), "./p/data");
        assert_eq!(in_stack("p", "../x"), "./x");
        assert_eq!(in_stack(".", "."), ".");
        assert_eq!(in_stack("..", "../x"), "../../x");
    }
}
