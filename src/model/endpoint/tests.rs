use super::*;

fn endpoint(vars: &[(&'static str, &str)]) -> Result<Option<Endpoint>, ConfigError> {
    Endpoint::from_vars(|name| {
        vars.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

/// URL, header and model in one line.
fn told(vars: &[(&'static str, &str)]) -> String {
    match endpoint(vars) {
        Ok(None) => "none".to_owned(),
        Ok(Some(endpoint)) => {
            let auth = endpoint
                .auth()
                .map_or("no key".to_owned(), |(name, value)| {
                    assert!(value.is_sensitive());
                    format!("{name}: {}", value.to_str().unwrap())
                });
            format!("{} | {auth} | {}", endpoint.url(), endpoint.model())
        }
        Err(error) => error.to_string(),
    }
}

const AZURE: &str = "https://x.openai.azure.com";
const DEPLOYED: &str =
    "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21";

#[test]
fn openai_compatible_servers_are_asked_at_their_base() {
    let rows: &[(&[(&'static str, &str)], &str)] = &[
        (&[], "none"),
        (&[("OPENAI_MODEL", "gpt-5")], "none"),
        (&[("OPENAI_API_KEY", "  ")], "none"),
        (
            &[("OPENAI_API_KEY", "k")],
            "https://api.openai.com/v1/chat/completions | authorization: Bearer k | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_API_KEY", "k"),
                ("OPENAI_MODEL", "gpt-5"),
                ("AZURE_OPENAI_API_KEY", "a"),
            ],
            "https://api.openai.com/v1/chat/completions | authorization: Bearer k | gpt-5",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://api.openai.com"),
                ("OPENAI_API_KEY", "k"),
            ],
            "https://api.openai.com/v1/chat/completions | authorization: Bearer k | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://api.openai.com/v1"),
                ("OPENAI_API_VERSION", "2024-10-21"),
            ],
            "https://api.openai.com/v1/chat/completions | no key | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "http://localhost:11434/v1/"),
                ("OPENAI_MODEL", "llama3.2"),
            ],
            "http://localhost:11434/v1/chat/completions | no key | llama3.2",
        ),
        (
            &[
                ("OPENAI_API_BASE", "http://127.0.0.1:8080"),
                ("OPENAI_API_KEY", "k"),
            ],
            "http://127.0.0.1:8080/chat/completions | authorization: Bearer k | gpt-4o-mini",
        ),
        (
            &[("OPENAI_API_BASE", "http://[::1]:8080/v1//")],
            "http://[::1]:8080/v1/chat/completions | no key | gpt-4o-mini",
        ),
        (
            &[(
                "OPENAI_BASE_URL",
                "https://llm.example/v1/chat/completions/",
            )],
            "https://llm.example/v1/chat/completions | no key | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://llm.example/v1?tenant=t#top"),
                ("OPENAI_API_KEY", "k"),
            ],
            "https://llm.example/v1/chat/completions?tenant=t | authorization: Bearer k | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://first.example/v1"),
                ("OPENAI_API_BASE", "https://second.example/v1"),
            ],
            "https://first.example/v1/chat/completions | no key | gpt-4o-mini",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://api.groq.example/openai/v1"),
                ("OPENAI_API_KEY", "k"),
            ],
            "https://api.groq.example/openai/v1/chat/completions | authorization: Bearer k | gpt-4o-mini",
        ),
        (
            // What opens Azure is not shown to others.
            &[
                ("OPENAI_BASE_URL", "https://llm.example/v1"),
                ("AZURE_OPENAI_API_KEY", "a"),
            ],
            "https://llm.example/v1/chat/completions | no key | gpt-4o-mini",
        ),
    ];
    for (vars, expected) in rows {
        assert_eq!(told(vars), *expected, "{vars:?}");
    }
}

#[test]
fn azure_without_a_deployment_takes_the_model_s_name_for_it() {
    let seed = [
        ("OPENAI_API_BASE", "https://your-endpoint.openai.azure.com/"),
        ("OPENAI_API_KEY", "k"),
        ("OPENAI_API_VERSION", "2024-10-21"),
    ];
    assert_eq!(
        told(&seed),
        "https://your-endpoint.openai.azure.com/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21 \
         | api-key: k | gpt-4o-mini"
    );
}

#[test]
fn azure_is_asked_by_deployment_and_version() {
    let key = ("OPENAI_API_KEY", "k");
    let deployment = ("OPENAI_MODEL", "d");
    let deployed = format!("{DEPLOYED} | api-key: k | d");
    for base in [
        AZURE,
        "https://x.openai.azure.com/",
        "https://x.openai.azure.com/openai",
        "https://x.openai.azure.com/openai/",
        "https://x.openai.azure.com/openai/deployments",
        "https://x.openai.azure.com/openai/deployments/d",
        "https://x.openai.azure.com/openai/deployments/d/chat/completions",
        "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
    ] {
        for variable in BASES {
            assert_eq!(
                told(&[(variable, base), key, deployment]),
                deployed,
                "{base}"
            );
        }
    }
}

#[test]
fn azure_is_known_by_variable_host_version_or_path() {
    let (key, deployment) = (("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "d"));
    let rows: &[(&[(&'static str, &str)], &str)] = &[
        (
            // As the seed sets it, with a host that does not tell.
            &[
                ("OPENAI_API_BASE", "https://apim.example/"),
                ("OPENAI_API_VERSION", "2025-01-01-preview"),
                key,
                deployment,
            ],
            "https://apim.example/openai/deployments/d/chat/completions?api-version=2025-01-01-preview | api-key: k | d",
        ),
        (
            &[
                (AZURE_ENDPOINT, "https://apim.example/llm"),
                key,
                deployment,
            ],
            "https://apim.example/llm/openai/deployments/d/chat/completions?api-version=2024-10-21 | api-key: k | d",
        ),
        (
            &[
                ("OPENAI_API_BASE", "https://x.cognitiveservices.azure.com"),
                key,
                deployment,
            ],
            "https://x.cognitiveservices.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21 | api-key: k | d",
        ),
        (
            &[
                (AZURE_ENDPOINT, AZURE),
                key,
                (AZURE_DEPLOYMENT, "gpt-4.1 (eu)/x"),
            ],
            "https://x.openai.azure.com/openai/deployments/gpt-4.1%20%28eu%29%2Fx/chat/completions?api-version=2024-10-21 | api-key: k | gpt-4.1 (eu)/x",
        ),
        (
            &[
                (
                    AZURE_ENDPOINT,
                    "https://x.openai.azure.com/openai/deployments/a%20b",
                ),
                key,
            ],
            "https://x.openai.azure.com/openai/deployments/a%20b/chat/completions?api-version=2024-10-21 | api-key: k | a b",
        ),
        (
            &[
                (
                    "OPENAI_BASE_URL",
                    "https://apim.example/openai/deployments/d/chat/completions",
                ),
                key,
            ],
            "https://apim.example/openai/deployments/d/chat/completions?api-version=2024-10-21 | api-key: k | d",
        ),
        (
            &[
                (AZURE_ENDPOINT, AZURE),
                ("OPENAI_BASE_URL", "https://other.example/v1"),
                (AZURE_KEY, "a"),
                key,
                (AZURE_DEPLOYMENT, "d"),
                ("AZURE_OPENAI_DEPLOYMENT", "e"),
                ("OPENAI_MODEL", "f"),
            ],
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21 | api-key: a | d",
        ),
        (
            &[
                (AZURE_ENDPOINT, AZURE),
                ("AZURE_OPENAI_DEPLOYMENT", "e"),
                ("OPENAI_MODEL", "f"),
            ],
            "https://x.openai.azure.com/openai/deployments/e/chat/completions?api-version=2024-10-21 | no key | e",
        ),
        (
            &[
                ("OPENAI_API_BASE", "http://127.0.0.1:9000"),
                ("OPENAI_API_VERSION", "2024-10-21"),
                key,
                deployment,
            ],
            "http://127.0.0.1:9000/openai/deployments/d/chat/completions?api-version=2024-10-21 | api-key: k | d",
        ),
    ];
    for (vars, expected) in rows {
        assert_eq!(told(vars), *expected, "{vars:?}");
    }
}

#[test]
fn azure_v1_is_asked_as_openai_is() {
    let (key, deployment) = (("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "d"));
    let rows: &[(&[(&'static str, &str)], &str)] = &[
        (
            &[
                (AZURE_ENDPOINT, AZURE),
                ("OPENAI_API_VERSION", "preview"),
                key,
                deployment,
            ],
            "https://x.openai.azure.com/openai/v1/chat/completions?api-version=preview | authorization: Bearer k | d",
        ),
        (
            &[
                (AZURE_ENDPOINT, "https://x.openai.azure.com/openai"),
                ("OPENAI_API_VERSION", "latest"),
                key,
                deployment,
            ],
            "https://x.openai.azure.com/openai/v1/chat/completions?api-version=latest | authorization: Bearer k | d",
        ),
        (
            &[
                ("OPENAI_BASE_URL", "https://x.openai.azure.com/openai/v1/"),
                ("OPENAI_API_VERSION", "2024-10-21"),
                key,
                deployment,
            ],
            "https://x.openai.azure.com/openai/v1/chat/completions | authorization: Bearer k | d",
        ),
        (
            &[
                (
                    AZURE_ENDPOINT,
                    "https://x.openai.azure.com/openai/v1/chat/completions?api-version=2024-10-21&t=1",
                ),
                key,
            ],
            "https://x.openai.azure.com/openai/v1/chat/completions?t=1 | authorization: Bearer k | gpt-4o-mini",
        ),
    ];
    for (vars, expected) in rows {
        assert_eq!(told(vars), *expected, "{vars:?}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let rows: &[(&[(&'static str, &str)], &str)] = &[
        (
            &[("OPENAI_BASE_URL", "api.example/v1")],
            "OPENAI_BASE_URL: is not an address such as https://api.openai.com/v1",
        ),
        (
            &[("OPENAI_API_BASE", "file:///etc/passwd")],
            "OPENAI_API_BASE: is not an address such as https://api.openai.com/v1",
        ),
        (
            &[("OPENAI_BASE_URL", "http://llm.example/v1")],
            "OPENAI_BASE_URL: must begin with https://; http:// is for a server on this machine (localhost) only",
        ),
        (
            &[("OPENAI_BASE_URL", "http://localhost.evil.example/v1")],
            "OPENAI_BASE_URL: must begin with https://; http:// is for a server on this machine (localhost) only",
        ),
        (
            &[(AZURE_ENDPOINT, "https://me:sk-canary@x.openai.azure.com")],
            "AZURE_OPENAI_ENDPOINT: must not hold a user name or a password; the key has a variable of its own",
        ),
        (
            &[(AZURE_ENDPOINT, AZURE), ("OPENAI_MODEL", "..")],
            "AZURE_OPENAI_DEPLOYMENT_NAME: \"..\" is not the name of a deployment",
        ),
        (
            &[
                (AZURE_ENDPOINT, AZURE),
                ("OPENAI_MODEL", "d"),
                ("OPENAI_API_VERSION", "v 1"),
            ],
            "OPENAI_API_VERSION: \"v 1\" is not an API version such as 2024-10-21",
        ),
        (
            &[("AZURE_OPENAI_API_KEY", "sk-canary")],
            "AZURE_OPENAI_ENDPOINT: is needed beside AZURE_OPENAI_API_KEY: the address of the Azure resource",
        ),
        (
            &[
                ("OPENAI_API_KEY", "sk-canary"),
                ("OPENAI_API_VERSION", "2024-10-21"),
            ],
            "AZURE_OPENAI_ENDPOINT: is needed beside OPENAI_API_VERSION: the address of the Azure resource",
        ),
        (
            &[("OPENAI_API_KEY", "sk-canary\u{e9}\n2")],
            "OPENAI_API_KEY: holds characters that no key has; was it copied whole?",
        ),
    ];
    for (vars, expected) in rows {
        assert_eq!(told(vars), *expected, "{vars:?}");
    }
}

#[test]
fn the_log_sees_neither_key_nor_query() {
    let endpoint = endpoint(&[
        (
            "OPENAI_BASE_URL",
            "https://llm.example:8443/v1?code=canary-query",
        ),
        ("OPENAI_API_KEY", "canary-key"),
    ])
    .unwrap()
    .unwrap();
    assert_eq!(
        endpoint.to_string(),
        "OpenAI-compatible server at llm.example:8443, model gpt-4o-mini"
    );
    assert!(!format!("{endpoint:?}").contains("canary"));
    assert_eq!(
        endpoint.redact("no canary-key, no canary-query"),
        "no [secret], no [secret]"
    );
}
