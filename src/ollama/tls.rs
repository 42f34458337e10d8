//! What TLS trusts. Certificates are read only for an address that needs them: reading the
//! system's takes longer than all the rest of a start.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Result};

/// The TLS settings for that address: a file's certificates, else the system's, else none.
pub(super) fn settings(url: &str, ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if url.starts_with("https://") {
        match ca_file {
            Some(file) => add_file(&mut roots, file)?,
            None => add_system(&mut roots)?,
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::usage(format!("cannot set up TLS: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<()> {
    let failed = |why: String| {
        Error::usage(format!(
            "cannot read certificates from {}: {why}",
            file.display()
        ))
        .hint("ca_file must name a PEM file with the certificate authority's certificates")
    };
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| failed(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| failed(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(failed("there are none in it".to_owned()));
    }
    Ok(())
}

fn add_system(roots: &mut RootCertStore) -> Result<()> {
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found
            .errors
            .first()
            .map_or_else(|| "none found".to_owned(), ToString::to_string);
        return Err(
            Error::usage(format!("cannot read the system's certificates: {why}"))
                .hint("name the certificate authority's file as ca_file"),
        );
    }
    Ok(())
}
