//! The json-api server.

use serde_json::Value;

use crate::{Answer, Request};

/// Answers one request.
#[must_use]
pub fn answer(request: Request<'_>) -> Answer {
    let path = request.path.split('?').next().unwrap_or_default();
    let (allowed, respond): (_, fn(&str, &[u8]) -> Answer) = match path {
        "/health" => ("GET", |_, _| Answer::new(200, r#"{"status":"ok"}"#)),
        "/sum" => ("POST", |_, body| sum(body)),
        _ => match path.strip_prefix("/items/") {
            Some(id) if !id.contains('/') => ("GET", |path, _| item(&path["/items/".len()..])),
            _ => return error(404, "not found"),
        },
    };
    if request.method == allowed {
        respond(path, request.body)
    } else {
        error(405, "the method is not allowed").with("allow", allowed)
    }
}

fn error(status: u16, what: &str) -> Answer {
    Answer::new(status, format!(r#"{{"error":"{what}"}}"#))
}

fn item(id: &str) -> Answer {
    let digits = (1..=9).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    match id.parse::<u32>() {
        Ok(id) if digits && (1..=1000).contains(&id) => {
            let odd = id % 2 == 1;
            Answer::new(
                200,
                format!(r#"{{"id":{id},"name":"item {id}","odd":{odd}}}"#),
            )
        }
        Ok(id) if digits => error(404, &format!("no item {id}")),
        _ => error(400, "an item id has 1 to 9 digits"),
    }
}

fn sum(body: &[u8]) -> Answer {
    let Ok(document) = serde_json::from_slice::<Value>(body) else {
        return error(400, "the body is not JSON");
    };
    let numbers: Option<Vec<i64>> = document
        .get("numbers")
        .and_then(Value::as_array)
        .and_then(|numbers| numbers.iter().map(integer).collect());
    match numbers {
        Some(numbers) => {
            let (count, sum) = (numbers.len(), numbers.iter().sum::<i64>());
            Answer::new(200, format!(r#"{{"count":{count},"sum":{sum}}}"#))
        }
        None => error(400, "numbers must be a list of integers"),
    }
}

/// The value of a JSON number that is an integer of at most 10^9 either way.
fn integer(value: &Value) -> Option<i64> {
    let number = value.as_f64()?;
    let whole = number.trunc() == number && number.abs() <= 1e9;
    // Whole and small: exact in both types.
    whole.then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request {
            method,
            path,
            authorization: &[],
            body: body.as_bytes(),
        };
        let answer = answer(request);
        (answer.status, answer.body)
    }

    #[test]
    fn the_path_is_judged_before_the_method() {
        assert_eq!(ask("PUT", "/nowhere", "").0, 404);
        assert_eq!(ask("PUT", "/items/x", "").0, 405);
        assert_eq!(ask("GET", "/items/1/2", "").0, 404);
        assert_eq!(ask("GET", "/items/", "").0, 400);
        assert_eq!(ask("GET", "/items/+1", "").0, 400);
    }

    #[test]
    fn an_item_is_found_by_its_number() {
        let found = ask("GET", "/items/0007?x=/", "");
        assert_eq!(
            found,
            (200, r#"{"id":7,"name":"item 7","odd":true}"#.to_owned())
        );
    }

    #[test]
    fn integers_are_taken_however_they_are_written() {
        let found = ask("POST", "/sum", r#"{"numbers":[3.0,0.3e1,-1e9]}"#);
        assert_eq!(found, (200, r#"{"count":3,"sum":-999999994}"#.to_owned()));
        assert_eq!(ask("POST", "/sum", r#"{"numbers":[1000000001]}"#).0, 400);
        assert_eq!(ask("POST", "/sum", r#"{"numbers":[true]}"#).0, 400);
    }
}
