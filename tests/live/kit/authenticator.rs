//! An authenticator in software, with the browser in front of it. It does what it is told, wrong things
//! included. Shared by the tests of several crates, so it knows none of ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value as Cbor;
use ed25519_dalek::Signer as _;
use rsa::pkcs1v15;
use rsa::signature::SignatureEncoding as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const USER_PRESENT: u8 = 1;
pub(crate) const USER_VERIFIED: u8 = 1 << 2;
pub(crate) const BACKUP_ELIGIBLE: u8 = 1 << 3;
pub(crate) const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// Who vouches for a new credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vouching {
    /// Nobody.
    None,
    /// Nobody, but with something in the statement.
    NoneWithStatement,
    /// The credential itself.
    Itself,
    /// The credential itself, with a signature of something else.
    ItselfWrongly,
    /// A maker, with a statement that nobody can check.
    Maker,
}

enum Key {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
    Rs256(Box<pkcs1v15::SigningKey<rsa::sha2::Sha256>>),
}

/// One credential of one authenticator, and the page that it is used on.
pub(crate) struct Authenticator {
    key: Key,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    /// The counter of the last use. An authenticator that does not count stays at 0.
    pub(crate) sign_count: u32,
    pub(crate) counts: bool,
    pub(crate) vouching: Vouching,
    pub(crate) user_handle: Option<Vec<u8>>,
    /// Members of the client data that replace the right ones.
    pub(crate) client_data: Value,
    /// The algorithm that the public key claims to be of, instead of its own.
    pub(crate) claimed_algorithm: Option<i64>,
    /// Whether authenticator data has extensions.
    pub(crate) has_extensions: bool,
}

impl Authenticator {
    /// One with a key of P-256, as most have.
    pub(crate) fn new(origin: &str, rp_id: &str) -> Self {
        let key = loop {
            // Almost every number is a key.
            if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                break key;
            }
        };
        Self::with(Key::Es256(key), origin, rp_id)
    }

    /// One with a key of Ed25519.
    pub(crate) fn ed_dsa(origin: &str, rp_id: &str) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&rand::random());
        Self::with(Key::EdDsa(key), origin, rp_id)
    }

    /// One with an RSA key of that many bits.
    pub(crate) fn rs256(bits: usize, origin: &str, rp_id: &str) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut p256::elliptic_curve::rand_core::OsRng, bits).expect("a key");
        Self::with(Key::Rs256(Box::new(pkcs1v15::SigningKey::new(key))), origin, rp_id)
    }

    fn with(key: Key, origin: &str, rp_id: &str) -> Self {
        Self {
            key,
            credential_id: rand::random::<[u8; 32]>().to_vec(),
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            flags: USER_PRESENT | USER_VERIFIED,
            sign_count: 0,
            counts: true,
            vouching: Vouching::None,
            user_handle: None,
            client_data: json!({}),
            claimed_algorithm: None,
            has_extensions: false,
        }
    }

    /// `navigator.credentials.create`, as JSON.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = Some(decode(&options["user"]["id"]));
        let client_data = self.client_data("webauthn.create", options);
        let data = self.authenticator_data(true);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let statement = |signed: &[u8]| {
            vec![(text("alg"), Cbor::from(self.algorithm())), (text("sig"), Cbor::from(self.sign(signed)))]
        };
        let (format, statement) = match self.vouching {
            Vouching::None => ("none", vec![]),
            Vouching::NoneWithStatement => ("none", statement(&signed)),
            Vouching::Itself => ("packed", statement(&signed)),
            Vouching::ItselfWrongly => ("packed", statement(b"something else")),
            Vouching::Maker => ("packed", vec![(text("x5c"), Cbor::Array(vec![Cbor::from(vec![1, 2, 3])]))]),
        };
        let object = Cbor::Map(vec![
            (text("fmt"), text(format)),
            (text("attStmt"), Cbor::Map(statement)),
            (text("authData"), Cbor::from(data)),
        ]);
        self.credential(&json!({
            "clientDataJSON": encode(&client_data),
            "attestationObject": encode(&cbor(&object)),
            "transports": ["internal"],
        }))
    }

    /// `navigator.credentials.get`, as JSON.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        if self.counts {
            self.sign_count += 1;
        }
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(false);
        let signature = self.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        self.credential(&json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(&signature),
            "userHandle": self.user_handle.as_deref().map(encode),
        }))
    }

    fn credential(&self, response: &Value) -> Value {
        let id = encode(&self.credential_id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let mut members = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        for (name, value) in self.client_data.as_object().expect("members") {
            members[name] = value.clone();
        }
        members.to_string().into_bytes()
    }

    fn authenticator_data(&self, is_new: bool) -> Vec<u8> {
        let mut flags = self.flags;
        if is_new {
            flags |= HAS_CREDENTIAL;
        }
        if self.has_extensions {
            flags |= HAS_EXTENSIONS;
        }
        let mut data = Sha256::digest(&self.rp_id).to_vec();
        data.push(flags);
        data.extend(self.sign_count.to_be_bytes());
        if is_new {
            data.extend([7; 16]);
            data.extend(u16::try_from(self.credential_id.len()).expect("short").to_be_bytes());
            data.extend(&self.credential_id);
            data.extend(cbor(&self.public_key()));
        }
        if self.has_extensions {
            data.extend(cbor(&Cbor::Map(vec![(text("credProtect"), Cbor::from(2))])));
        }
        data
    }

    fn algorithm(&self) -> i64 {
        self.claimed_algorithm.unwrap_or(match self.key {
            Key::Es256(_) => -7,
            Key::EdDsa(_) => -8,
            Key::Rs256(_) => -257,
        })
    }

    /// The COSE key.
    fn public_key(&self) -> Cbor {
        let rest = match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let number = |bytes: &[u8]| Cbor::from(bytes.to_vec());
                let (x, y) = (number(point.x().expect("affine")), number(point.y().expect("affine")));
                vec![(1, Cbor::from(2)), (-1, Cbor::from(1)), (-2, x), (-3, y)]
            }
            Key::EdDsa(key) => {
                let x = Cbor::from(key.verifying_key().to_bytes().to_vec());
                vec![(1, Cbor::from(1)), (-1, Cbor::from(6)), (-2, x)]
            }
            Key::Rs256(key) => {
                let public: &rsa::RsaPrivateKey = (**key).as_ref();
                let number = |number: &rsa::BigUint| Cbor::from(number.to_bytes_be());
                vec![(1, Cbor::from(3)), (-1, number(public.n())), (-2, number(public.e()))]
            }
        };
        let members = rest.into_iter().chain([(3, Cbor::from(self.algorithm()))]);
        Cbor::Map(members.map(|(label, value)| (Cbor::from(label), value)).collect())
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
            Key::Rs256(key) => key.sign(message).to_vec(),
        }
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url")
}

pub(crate) fn cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes everything");
    bytes
}

fn text(text: &str) -> Cbor {
    Cbor::from(text)
}
