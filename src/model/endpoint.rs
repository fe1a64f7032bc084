//! Where the model is and how it is spoken to, from the environment.
//!
//! Three kinds of address are told apart (openai-python, `lib/azure.py`; Azure `OpenAI`'s "API
//! version lifecycle"): Azure with a deployment and an API version in the URL, Azure's
//! `/openai/v1`, and any other server that speaks `OpenAI`'s chat completions.

use std::fmt;
use std::net::IpAddr;

use http::header::{self, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

use super::secret::Secret;
use crate::config::{ConfigError, given};

#[cfg(test)]
mod tests;

/// What a server is, as far as it makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `OpenAI` itself.
    OpenAi,
    /// Azure with the deployment and the API version in the URL.
    Azure,
    /// Azure's `/openai/v1`, which speaks as `OpenAI` does.
    AzureV1,
    /// Any other server that speaks `OpenAI`'s chat completions.
    Compatible,
}

impl Flavour {
    /// It is Azure, in either way of speaking to it.
    pub fn is_azure(self) -> bool {
        matches!(self, Self::Azure | Self::AzureV1)
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "OpenAI",
            Self::Azure => "Azure OpenAI",
            Self::AzureV1 => "Azure OpenAI v1",
            Self::Compatible => "OpenAI-compatible server",
        })
    }
}

/// A model's address, its name there, and the key to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    auth: Option<(HeaderName, HeaderValue)>,
    flavour: Flavour,
    model: String,
    /// The key, and what the URL's query holds.
    secrets: Vec<Secret>,
}

const AZURE_ENDPOINT: &str = "AZURE_OPENAI_ENDPOINT";
const AZURE_KEY: &str = "AZURE_OPENAI_API_KEY";
const AZURE_DEPLOYMENT: &str = "AZURE_OPENAI_DEPLOYMENT_NAME";
const API_BASE: &str = "OPENAI_API_BASE";
const API_KEY: &str = "OPENAI_API_KEY";
const API_VERSION: &str = "OPENAI_API_VERSION";
const MODEL: &str = "OPENAI_MODEL";

/// First come, first served.
const BASES: [&str; 3] = [AZURE_ENDPOINT, "OPENAI_BASE_URL", API_BASE];
const DEPLOYMENTS: [&str; 3] = [AZURE_DEPLOYMENT, "AZURE_OPENAI_DEPLOYMENT", MODEL];
const MODELS: [&str; 3] = [MODEL, AZURE_DEPLOYMENT, "AZURE_OPENAI_DEPLOYMENT"];

const OPENAI_BASE: &str = "https://api.openai.com/v1";
const OPENAI_HOST: &str = "api.openai.com";
const DEFAULT_MODEL: &str = "gpt-4o-mini";
/// The last dated version that is no preview.
const DEFAULT_API_VERSION: &str = "2024-10-21";
const AZURE_HOSTS: [&str; 5] = [
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".services.ai.azure.com",
    ".openai.azure.us",
    ".openai.azure.cn",
];

const OPERATION: &str = "/chat/completions";
const VERSION_PARAMETER: &str = "api-version";
/// What RFC 3986 leaves as it is in a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Endpoint {
    /// The endpoint that the variables describe; `None` where they describe none.
    ///
    /// # Errors
    /// The first variable whose value cannot be used, or that is missing beside another.
    pub fn from_vars(
        var: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let get = |name| given(&var, name);
        let Some((variable, base)) = first(get, BASES) else {
            return Self::without_base(get);
        };
        let base = Base::parse(variable, &base)?;
        let version = api_version(get)?;
        let endpoint = if base.is_azure(variable, version.is_some()) {
            Self::azure(get, base, version)
        } else {
            Self::compatible(get, base)
        };
        endpoint.map(Some)
    }

    /// A key alone is one of `OpenAI`'s own. Anything that speaks of Azure is not sent there.
    fn without_base(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let missing = |beside| ConfigError {
            variable: AZURE_ENDPOINT,
            problem: format!("is needed beside {beside}: the address of the Azure resource"),
        };
        if get(API_KEY).is_none() {
            return match get(AZURE_KEY) {
                Some(_) => Err(missing(AZURE_KEY)),
                None => Ok(None),
            };
        }
        if get(API_VERSION).is_some() {
            return Err(missing(API_VERSION));
        }
        let base = Base::parse(API_BASE, OPENAI_BASE)?;
        Self::compatible(get, base).map(Some)
    }

    fn compatible(
        get: impl Fn(&'static str) -> Option<String>,
        base: Base,
    ) -> Result<Self, ConfigError> {
        let flavour = if base.is_openai() {
            Flavour::OpenAi
        } else {
            Flavour::Compatible
        };
        // A key of Azure's is no business of another server.
        let key = first(&get, [API_KEY]);
        let model = first(get, MODELS).map_or(DEFAULT_MODEL.to_owned(), |(_, model)| model);
        let url = base.compatible_url();
        Self::assemble(url, key, header::AUTHORIZATION, flavour, model)
    }

    fn azure(
        get: impl Fn(&'static str) -> Option<String>,
        base: Base,
        version: Option<String>,
    ) -> Result<Self, ConfigError> {
        let key = first(&get, [AZURE_KEY, API_KEY]);
        let named = first(get, DEPLOYMENTS).map(|(_, name)| name);
        if base.path.ends_with("/openai/v1") {
            let model = named.unwrap_or_else(|| DEFAULT_MODEL.to_owned());
            let url = base.azure_v1_url(None);
            return Self::assemble(url, key, header::AUTHORIZATION, Flavour::AzureV1, model);
        }
        // Deployments are often called as their model; if this one is not, the server says so
        // and the log what to set.
        let model = named
            .or_else(|| base.deployment())
            .unwrap_or_else(|| DEFAULT_MODEL.to_owned());
        if [".", ".."].contains(&model.as_str()) {
            return Err(ConfigError {
                variable: AZURE_DEPLOYMENT,
                problem: format!("\"{model}\" is not the name of a deployment"),
            });
        }
        let version = version.unwrap_or_else(|| DEFAULT_API_VERSION.to_owned());
        if ["preview", "latest"].contains(&version.as_str()) && !base.names_its_operation() {
            let url = base.azure_v1_url(Some(&version));
            return Self::assemble(url, key, header::AUTHORIZATION, Flavour::AzureV1, model);
        }
        let url = base.azure_url(&model, &version);
        let api_key = HeaderName::from_static("api-key");
        Self::assemble(url, key, api_key, Flavour::Azure, model)
    }

    fn assemble(
        url: Url,
        key: Option<(&'static str, String)>,
        name: HeaderName,
        flavour: Flavour,
        model: String,
    ) -> Result<Self, ConfigError> {
        let mut secrets: Vec<Secret> = url
            .query_pairs()
            .filter(|(name, _)| name != VERSION_PARAMETER)
            .map(|(_, value)| Secret::new(value.into_owned()))
            .collect();
        let auth = key
            .map(|(variable, key)| {
                let secret = Secret::new(key);
                let prefix = if name == header::AUTHORIZATION {
                    "Bearer "
                } else {
                    ""
                };
                let value = secret.header(prefix).ok_or_else(|| ConfigError {
                    variable,
                    problem: "holds characters that no key has; was it copied whole?".to_owned(),
                })?;
                secrets.push(secret);
                Ok((name, value))
            })
            .transpose()?;
        Ok(Self {
            url,
            auth,
            flavour,
            model,
            secrets,
        })
    }

    /// Where completions are asked for.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The header that proves who asks, where a key is set; its value is marked sensitive.
    pub fn auth(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.auth.as_ref()
    }

    /// What the server is.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The name of the model, on Azure of its deployment.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The server is on this machine.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.url)
    }

    /// A text of the server without the secrets of this endpoint.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.secrets
            .iter()
            .fold(text.to_owned(), |text, secret| secret.redact(&text))
    }
}

/// What the log may show: neither the key nor the query.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{} at {host}", self.flavour)?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        write!(f, ", model {}", self.model)?;
        if self.auth.is_none() {
            f.write_str(", no key")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

fn first<const N: usize>(
    get: impl Fn(&'static str) -> Option<String>,
    names: [&'static str; N],
) -> Option<(&'static str, String)> {
    names
        .into_iter()
        .find_map(|name| get(name).map(|value| (name, value)))
}

fn api_version(
    get: impl Fn(&'static str) -> Option<String>,
) -> Result<Option<String>, ConfigError> {
    let version = get(API_VERSION);
    let is_version = |text: &String| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match version {
        Some(text) if !is_version(&text) => Err(ConfigError {
            variable: API_VERSION,
            problem: format!("\"{text}\" is not an API version such as {DEFAULT_API_VERSION}"),
        }),
        version => Ok(version),
    }
}

/// An address as it was set.
struct Base {
    url: Url,
    /// Its path without slashes at the end and without the operation.
    path: String,
    /// It was set whole, with the operation.
    whole: bool,
}

impl Base {
    /// No error shows the text: it may hold a password.
    fn parse(variable: &'static str, text: &str) -> Result<Self, ConfigError> {
        let refuse = |problem: &str| ConfigError {
            variable,
            problem: problem.to_owned(),
        };
        let mut url = Url::parse(text)
            .ok()
            .filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
            .ok_or_else(|| refuse("is not an address such as https://api.openai.com/v1"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "must not hold a user name or a password; the key has a variable of its own",
            ));
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(refuse(
                "must begin with https://; http:// is for a server on this machine (localhost) only",
            ));
        }
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let (path, whole) = match path.strip_suffix(OPERATION) {
            Some(path) => (path.to_owned(), true),
            None => (path.to_owned(), false),
        };
        Ok(Self { url, path, whole })
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    fn is_openai(&self) -> bool {
        let host = self.host();
        host == OPENAI_HOST || host.ends_with(&format!(".{OPENAI_HOST}"))
    }

    fn is_azure(&self, variable: &str, versioned: bool) -> bool {
        let named = variable == AZURE_ENDPOINT || self.path.contains("/openai/deployments/");
        let hosted = AZURE_HOSTS.iter().any(|host| self.host().ends_with(host));
        // `OpenAI` knows no versions: one that is set was left over from Azure.
        !self.is_openai() && (named || hosted || versioned)
    }

    /// Nothing may be put between its path and the operation.
    fn names_its_operation(&self) -> bool {
        self.whole || self.path.contains("/deployments/")
    }

    /// The deployment that its path names.
    fn deployment(&self) -> Option<String> {
        let (_, name) = self.path.rsplit_once("/deployments/")?;
        let name = name.split('/').next().filter(|name| !name.is_empty())?;
        Some(percent_decode_str(name).decode_utf8_lossy().into_owned())
    }

    fn compatible_url(mut self) -> Url {
        let root = if self.is_openai() && self.path.is_empty() {
            "/v1"
        } else {
            &self.path
        };
        let path = format!("{root}{OPERATION}");
        self.url.set_path(&path);
        self.url
    }

    fn azure_url(mut self, deployment: &str, version: &str) -> Url {
        let path = if self.names_its_operation() {
            format!("{}{OPERATION}", self.path)
        } else {
            let deployment = utf8_percent_encode(deployment, SEGMENT);
            let resource = self.azure_resource();
            format!("{resource}/openai/deployments/{deployment}{OPERATION}")
        };
        self.url.set_path(&path);
        let has_version = self
            .url
            .query_pairs()
            .any(|(name, _)| name == VERSION_PARAMETER);
        if !has_version {
            self.url
                .query_pairs_mut()
                .append_pair(VERSION_PARAMETER, version);
        }
        self.url
    }

    /// `/openai/v1` refuses dated versions, so one in the query does not stay there.
    fn azure_v1_url(mut self, version: Option<&str>) -> Url {
        let resource = self.path.strip_suffix("/v1").unwrap_or(&self.path);
        let resource = resource.strip_suffix("/openai").unwrap_or(resource);
        let path = format!("{resource}/openai/v1{OPERATION}");
        let kept: Vec<(String, String)> = self
            .url
            .query_pairs()
            .filter(|(name, _)| name != VERSION_PARAMETER)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .chain(version.map(|version| (VERSION_PARAMETER.to_owned(), version.to_owned())))
            .collect();
        self.url.set_path(&path);
        self.url.set_query(None);
        if !kept.is_empty() {
            self.url.query_pairs_mut().extend_pairs(kept);
        }
        self.url
    }

    /// The path up to `/openai`.
    fn azure_resource(&self) -> &str {
        let path = self.path.strip_suffix("/deployments").unwrap_or(&self.path);
        path.strip_suffix("/openai").unwrap_or(path)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
