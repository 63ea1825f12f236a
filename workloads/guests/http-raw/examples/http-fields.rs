//! `http/fields`: the resource `fields` of `wasi:http/types`, by path.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{
        Fields, HeaderError, IncomingRequest, OutgoingRequest, OutgoingResponse, ResponseOutparam,
    };

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let text = match wire::path(&request).as_str() {
                "/operations" => operations(),
                "/case" => case(),
                "/original-case" => original_case(),
                "/clone" => clone(),
                "/invalid-names" => invalid_names(),
                "/invalid-values" => invalid_values(),
                "/valid-values" => valid_values(),
                "/forbidden" => forbidden(),
                "/delete-forbidden" => delete_forbidden(),
                "/immutable" => immutable(&request),
                other => format!("no behaviour at {other}\n"),
            };
            wire::answer(outparam, 200, &text);
        }
    }

    fn values(fields: &Fields, name: &str) -> String {
        let values: Vec<String> = fields.get(name).iter().map(|v| names::quoted(v)).collect();
        format!(
            "get {name} = [{}], has = {}\n",
            values.join(", "),
            fields.has(name)
        )
    }

    fn operations() -> String {
        let fields = Fields::new();
        let mut text = format!("new: {} entries\n", fields.entries().len());
        text += &values(&fields, "x-a");
        text += &format!("append: {}\n", names::set(&fields.append("x-a", b"1")));
        text += &format!("append: {}\n", names::set(&fields.append("x-a", b"2")));
        text += &values(&fields, "x-a");
        let two = [b"3".to_vec(), b"4".to_vec()];
        text += &format!("set: {}\n", names::set(&fields.set("x-a", &two)));
        text += &values(&fields, "x-a");
        text += &format!("append empty: {}\n", names::set(&fields.append("x-b", b"")));
        text += &values(&fields, "x-b");
        text += &format!("delete: {}\n", names::set(&fields.delete("x-a")));
        text += &values(&fields, "x-a");
        text += &format!("delete again: {}\n", names::set(&fields.delete("x-a")));
        text += &format!("left:\n{}", wire::listing(&fields, |_| true));
        let list = [("x-r", "one"), ("x-s", "two"), ("x-r", "three")];
        text += &format!(
            "from-list:\n{}",
            wire::listing(&wire::fields(&list), |_| true)
        );
        text
    }

    fn case() -> String {
        let fields = wire::fields(&[("X-Mixed-Case", "one")]);
        let mut text = values(&fields, "x-mixed-case") + &values(&fields, "X-MIXED-CASE");
        text += &format!(
            "append: {}\n",
            names::set(&fields.append("x-mIXED-cASE", b"two"))
        );
        text += &values(&fields, "X-Mixed-Case");
        let three = [b"three".to_vec()];
        text += &format!("set: {}\n", names::set(&fields.set("x-MIXED-case", &three)));
        text += &values(&fields, "x-mixed-case");
        text += &format!("delete: {}\n", names::set(&fields.delete("X-mixed-CASE")));
        text + &values(&fields, "X-Mixed-Case")
    }

    fn original_case() -> String {
        let fields = wire::fields(&[("X-Mixed-Case", "one")]);
        let entries = fields.entries();
        entries
            .iter()
            .map(|(name, _)| format!("{name}\n"))
            .collect()
    }

    fn clone() -> String {
        let original = wire::fields(&[("x-a", "1")]);
        let copy = original.clone();
        let mut text = format!(
            "append to copy: {}\n",
            names::set(&copy.append("x-a", b"2"))
        );
        text += &format!(
            "delete in original: {}\n",
            names::set(&original.delete("x-a"))
        );
        text += &format!("original: {}", values(&original, "x-a"));
        text + &format!("copy: {}", values(&copy, "x-a"))
    }

    /// The outcome of every operation that can refuse a field.
    fn attempts(name: &str, value: &[u8]) -> String {
        let fields = Fields::new();
        let list = [(name.to_owned(), value.to_vec())];
        format!(
            "{} {}: from-list {}, append {}, set {}, has = {}, get = {}\n",
            names::quoted(name.as_bytes()),
            names::quoted(value),
            names::set(&Fields::from_list(&list)),
            names::set(&fields.append(name, value)),
            names::set(&fields.set(name, &[value.to_vec()])),
            fields.has(name),
            fields.get(name).len(),
        )
    }

    const NOT_TOKENS: [&str; 8] = ["", "a b", "a:b", "(a)", "a\n", "a\0", "ä", "a/b"];

    fn invalid_names() -> String {
        let refused: String = NOT_TOKENS.iter().map(|name| attempts(name, b"v")).collect();
        let deleted = NOT_TOKENS.iter().map(|name| {
            let outcome = Fields::new().delete(name);
            format!(
                "delete {}: {}\n",
                names::quoted(name.as_bytes()),
                names::set(&outcome)
            )
        });
        refused + &deleted.collect::<String>()
    }

    fn invalid_values() -> String {
        let values: [&[u8]; 6] = [b"a\nb", b"a\r", b"a\r\nx-b: c", b"\0", b"a\x01", b"a\x7f"];
        values.iter().map(|value| attempts("x-a", value)).collect()
    }

    fn valid_values() -> String {
        let values: [&[u8]; 5] = [b"", b"a b", b"a\tb", b"\"(,)\"", b"caf\xe9\xff\x80"];
        let names = "!#$%&'*+-.^_`|~09az";
        let by_value: String = values.iter().map(|value| attempts("x-a", value)).collect();
        by_value + &attempts(names, b"every kind of character")
    }

    const CONNECTION: [&str; 5] = [
        "connection",
        "Keep-Alive",
        "proxy-connection",
        "Transfer-Encoding",
        "upgrade",
    ];

    fn forbidden() -> String {
        CONNECTION.iter().map(|name| attempts(name, b"x")).collect()
    }

    fn delete_forbidden() -> String {
        let outcomes = CONNECTION.iter().map(|name| {
            format!(
                "delete {name}: {}\n",
                names::set(&Fields::new().delete(name))
            )
        });
        outcomes.collect()
    }

    fn immutable(request: &IncomingRequest) -> String {
        let outcomes = |whose: &str, fields: &Fields| {
            let outcomes: [(&str, Result<(), HeaderError>); 3] = [
                ("append", fields.append("x-a", b"new")),
                ("set", fields.set("x-a", &[b"new".to_vec()])),
                ("delete", fields.delete("x-a")),
            ];
            let mut text = String::new();
            for (operation, outcome) in outcomes {
                text += &format!("{whose}: {operation} {}\n", names::set(&outcome));
            }
            text += &values(fields, "x-a");
            let copy = fields.clone();
            text + &format!("copy: append {}\n", names::set(&copy.append("x-a", b"new")))
        };
        let mut text = outcomes("incoming-request", &request.headers());
        let response = OutgoingResponse::new(wire::fields(&[("x-a", "old")]));
        text += &outcomes("outgoing-response", &response.headers());
        let request = OutgoingRequest::new(wire::fields(&[("x-a", "old")]));
        text + &outcomes("outgoing-request", &request.headers())
    }

    wasip2::http::proxy::export!(Component);
}
