//! A root certificate that only the binaries of this benchmark trust.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_rustls::TlsAcceptor;

/// The paths of the system's root certificates on common distributions.
const SYSTEM: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// A root certificate and its key, stored in a folder.
pub(super) struct Root {
    folder: PathBuf,
    certificate: String,
    key: String,
}

impl Root {
    /// Reads the root certificate of a folder, or creates it.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let (certificate, key) = (folder.join("root.pem"), folder.join("root-key.pem"));
        if !key.exists() {
            let pair = KeyPair::generate()?;
            fs::create_dir_all(folder)?;
            fs::write(&certificate, parameters()?.self_signed(&pair)?.pem())?;
            fs::write(&key, pair.serialize_pem())?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            certificate: fs::read_to_string(certificate)?,
            key: fs::read_to_string(key)?,
        })
    }

    /// The certificate in PEM.
    pub(super) fn pem(&self) -> &str {
        &self.certificate
    }

    /// Accepts TLS connections as `localhost`, with a certificate issued by this root.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor> {
        let issuer = Issuer::new(parameters()?, KeyPair::from_pem(&self.key)?);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let private_key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes())?;
        // Several cryptography providers may be linked. An error means that one is selected already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ServerConfig::builder().with_no_client_auth();
        let mut config = config.with_single_cert(vec![certificate.der().clone()], private_key)?;
        config.send_tls13_tickets = 2;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Writes a bundle of the system's root certificates and this one, for clients that read it. Returns its path.
    pub(super) fn with_system(&self) -> Result<PathBuf> {
        let system = SYSTEM.iter().map(Path::new).find(|path| path.exists());
        let system = fs::read_to_string(
            system.with_context(|| format!("no root certificates in {}", SYSTEM.join(" or ")))?,
        )?;
        let bundle = self.folder.join("bundle.pem");
        fs::write(&bundle, format!("{system}\n{}", self.certificate))?;
        Ok(env::current_dir()?.join(bundle))
    }
}

fn parameters() -> Result<CertificateParams> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(parameters)
}
