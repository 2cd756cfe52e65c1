//! Ceremonies with an authenticator in software, right ones and each way to go wrong.

#[path = "../../../../tests/live/kit/authenticator.rs"]
mod authenticator;

use authenticator::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, USER_PRESENT, Vouching, decode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::attestation::Attestation;
use super::authenticator_data::AuthenticatorData;
use super::public_key::PublicKey;
use super::*;
use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::passkey::{Passkey, PasskeyUse};

const ORIGIN: &str = "https://app.example.com";

fn site() -> RelyingParty {
    site_with(UserVerification::Preferred)
}

fn site_with(user_verification: UserVerification) -> RelyingParty {
    let origins = [ORIGIN.to_owned(), "https://example.com".to_owned()];
    RelyingParty::new("example.com", "Example", &origins, user_verification).expect("a good site")
}

fn authenticator() -> Authenticator {
    Authenticator::new(ORIGIN, "example.com")
}

fn creation() -> Value {
    json!({"challenge": "Y2hhbGxlbmdl", "user": {"id": to_base64url(b"ada")}})
}

fn registration(credential: &Value) -> RegistrationResponse {
    let response = &credential["response"];
    RegistrationResponse {
        credential_id: decode(&credential["id"]),
        client_data: ClientData::parse(&decode(&response["clientDataJSON"])).expect("client data"),
        attestation_object: decode(&response["attestationObject"]),
    }
}

fn assertion(credential: &Value) -> AssertionResponse {
    let response = &credential["response"];
    AssertionResponse {
        credential_id: decode(&credential["id"]),
        client_data: ClientData::parse(&decode(&response["clientDataJSON"])).expect("client data"),
        authenticator_data: decode(&response["authenticatorData"]),
        signature: decode(&response["signature"]),
        user_handle: response["userHandle"].is_string().then(|| decode(&response["userHandle"])),
    }
}

/// What is registered if all goes well.
fn registered(authenticator: &mut Authenticator) -> Passkey {
    let response = registration(&authenticator.create(&creation()));
    passkey(site().check_registration(&response).expect("registered"))
}

fn passkey(credential: NewCredential) -> Passkey {
    Passkey {
        id: to_base64url(&credential.id),
        user_id: UserId::from("ada"),
        public_key: credential.public_key,
        sign_count: credential.sign_count,
        backup_eligible: Some(credential.backup_eligible),
        aaguid: credential.aaguid,
        name: "Passkey".to_owned(),
        created_at: Timestamp(0),
        last_used_at: None,
    }
}

/// The use of a passkey whose flags were not touched.
const fn used(sign_count: u32) -> PasskeyUse {
    PasskeyUse { sign_count, backup_eligible: false }
}

#[test]
fn every_offered_algorithm_works() {
    let authenticators = [
        authenticator(),
        Authenticator::ed_dsa(ORIGIN, "example.com"),
        Authenticator::rs256(2048, ORIGIN, "example.com"),
    ];
    for mut authenticator in authenticators {
        for (has_extensions, vouching) in
            [(false, Vouching::None), (true, Vouching::Itself), (false, Vouching::Maker)]
        {
            authenticator.has_extensions = has_extensions;
            authenticator.vouching = vouching;
            let passkey = registered(&mut authenticator);
            assert_eq!(passkey.aaguid, "07070707-0707-0707-0707-070707070707");
            let response = assertion(&authenticator.get(&creation()));
            let expected = Ok(used(passkey.sign_count + 1));
            assert_eq!(site().check_assertion(&response, &passkey), expected, "{vouching:?}");
        }
    }
}

/// What goes wrong at the authenticator or in the browser, whatever the ceremony.
type Mistake = (fn(&mut Authenticator), CeremonyError);

const MISTAKES: [Mistake; 8] = [
    (|a| a.client_data = json!({"type": "webauthn.other"}), CeremonyError::Kind),
    (|a| a.origin = "https://example.com.evil.example".to_owned(), CeremonyError::Origin),
    (|a| a.origin = "http://app.example.com".to_owned(), CeremonyError::Origin),
    (|a| a.origin = "https://app.example.com:8443".to_owned(), CeremonyError::Origin),
    (|a| a.client_data = json!({"crossOrigin": true}), CeremonyError::CrossOrigin),
    (|a| a.rp_id = "app.example.com".to_owned(), CeremonyError::RelyingParty),
    (|a| a.flags &= !USER_PRESENT, CeremonyError::UserPresence),
    (|a| a.flags |= BACKED_UP, CeremonyError::BackupFlags),
];

#[test]
fn mistakes_at_registration_are_refused() {
    let own: [Mistake; 5] = [
        (|a| a.client_data = json!({"type": "webauthn.get"}), CeremonyError::Kind),
        (|a| a.vouching = Vouching::NoneWithStatement, CeremonyError::AttestationStatement),
        (|a| a.vouching = Vouching::ItselfWrongly, CeremonyError::AttestationStatement),
        (|a| a.claimed_algorithm = Some(-35), CeremonyError::Algorithm),
        (|a| a.claimed_algorithm = Some(-257), CeremonyError::PublicKey),
    ];
    for (index, (mistake, expected)) in MISTAKES.into_iter().chain(own).enumerate() {
        let mut authenticator = authenticator();
        mistake(&mut authenticator);
        let response = registration(&authenticator.create(&creation()));
        assert_eq!(site().check_registration(&response), Err(expected), "{index}");
    }
    let mut response = registration(&authenticator().create(&creation()));
    response.credential_id[0] ^= 1;
    assert_eq!(site().check_registration(&response), Err(CeremonyError::CredentialId));
    response.attestation_object.push(0);
    assert_eq!(site().check_registration(&response), Err(CeremonyError::AttestationObject));
}

#[test]
fn mistakes_at_sign_in_are_refused() {
    let own: [Mistake; 4] = [
        (|a| a.client_data = json!({"type": "webauthn.create"}), CeremonyError::Kind),
        (|a| a.user_handle = Some(b"bob".to_vec()), CeremonyError::UserHandle),
        (|a| a.flags |= BACKUP_ELIGIBLE, CeremonyError::BackupEligibility),
        (|a| a.sign_count = 4, CeremonyError::SignCount),
    ];
    for (index, (mistake, expected)) in MISTAKES.into_iter().chain(own).enumerate() {
        let mut authenticator = authenticator();
        let passkey = Passkey { sign_count: 5, ..registered(&mut authenticator) };
        authenticator.sign_count = 5;
        mistake(&mut authenticator);
        let response = assertion(&authenticator.get(&creation()));
        assert_eq!(site().check_assertion(&response, &passkey), Err(expected), "{index}");
    }
}

#[test]
fn another_key_is_refused() {
    let passkey = registered(&mut authenticator());
    let mut other = authenticator();
    other.user_handle = None;
    let response = assertion(&other.get(&creation()));
    assert_eq!(site().check_assertion(&response, &passkey), Err(CeremonyError::Signature));
}

#[test]
fn users_are_verified_where_that_is_required() {
    let site = site_with(UserVerification::Required);
    let mut authenticator = authenticator();
    let passkey = registered(&mut authenticator);
    authenticator.flags = USER_PRESENT;
    let response = registration(&authenticator.create(&creation()));
    assert_eq!(site.check_registration(&response), Err(CeremonyError::UserVerification));
    let response = assertion(&authenticator.get(&creation()));
    assert_eq!(site.check_assertion(&response, &passkey), Err(CeremonyError::UserVerification));
}

#[test]
fn a_counter_goes_up_or_stays_at_zero() {
    let mut authenticator = authenticator();
    let passkey = registered(&mut authenticator);
    authenticator.counts = false;
    for (known, presented, is_good) in
        [(0, 0, true), (0, 1, true), (7, 8, true), (7, 7, false), (7, 6, false), (7, 0, false)]
    {
        authenticator.sign_count = presented;
        let response = assertion(&authenticator.get(&creation()));
        let passkey = Passkey { sign_count: known, ..passkey.clone() };
        let expected = if is_good { Ok(used(presented)) } else { Err(CeremonyError::SignCount) };
        assert_eq!(site().check_assertion(&response, &passkey), expected, "{known} {presented}");
    }
}

#[test]
fn whether_a_passkey_can_be_backed_up_never_changes() {
    for (is_eligible, flags) in [(false, 0), (true, BACKUP_ELIGIBLE), (true, BACKUP_ELIGIBLE | BACKED_UP)] {
        let mut authenticator = authenticator();
        authenticator.flags |= flags;
        let passkey = registered(&mut authenticator);
        assert_eq!(passkey.backup_eligible, Some(is_eligible));
        for (known, is_good) in [(Some(is_eligible), true), (None, true), (Some(!is_eligible), false)] {
            let response = assertion(&authenticator.get(&creation()));
            let passkey = Passkey { backup_eligible: known, ..passkey.clone() };
            let told = site().check_assertion(&response, &passkey).map(|used| used.backup_eligible);
            let expected = if is_good { Ok(is_eligible) } else { Err(CeremonyError::BackupEligibility) };
            assert_eq!(told, expected, "{known:?} {flags}");
        }
    }
}

#[test]
fn keys_are_strong_and_well_formed() {
    let short = Authenticator::rs256(1024, ORIGIN, "example.com").create(&creation());
    assert_eq!(site().check_registration(&registration(&short)), Err(CeremonyError::PublicKey));

    use ciborium::Value as Cbor;
    let key = |members: Vec<(i64, Cbor)>| {
        let members = members.into_iter().map(|(label, value)| (Cbor::from(label), value)).collect();
        PublicKey::from_cose(&authenticator::cbor(&Cbor::Map(members))).map(drop)
    };
    let bytes = |byte: u8, length: usize| Cbor::from(vec![byte; length]);
    let curve = |x: Cbor, y: Cbor| {
        vec![(1, Cbor::from(2)), (3, Cbor::from(-7)), (-1, Cbor::from(1)), (-2, x), (-3, y)]
    };
    let edwards = |x: Cbor| vec![(1, Cbor::from(1)), (3, Cbor::from(-8)), (-1, Cbor::from(6)), (-2, x)];
    // A point off the curve, short ones, and a doubled label.
    assert_eq!(key(curve(bytes(1, 32), bytes(1, 32))), Err(CeremonyError::PublicKey));
    assert_eq!(key(curve(bytes(1, 31), bytes(1, 32))), Err(CeremonyError::PublicKey));
    let mut doubled = curve(bytes(1, 32), bytes(1, 32));
    doubled.push((3, Cbor::from(-7)));
    assert_eq!(key(doubled), Err(CeremonyError::PublicKey));
    assert_eq!(key(edwards(bytes(1, 31))), Err(CeremonyError::PublicKey));
    assert_eq!(key(vec![]), Err(CeremonyError::PublicKey));
    assert_eq!(key(vec![(3, Cbor::from(-47))]), Err(CeremonyError::Algorithm));
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for (head, tail) in [(0x81, 0x00), (0xa1, 0x00), (0xc1, 0x00), (0x9f, 0xff), (0x5f, 0xff)] {
        let mut deep = vec![head; 500_000];
        deep.push(tail);
        assert!(Attestation::parse(&deep).is_err());
        assert!(PublicKey::from_cose(&deep).is_err());
        let mut data = vec![0; 37];
        data[32] = 1 << 7;
        data.extend(deep);
        assert!(AuthenticatorData::parse(&data).is_err());
    }
}

#[test]
fn lengths_are_not_believed() {
    // A byte string, an array and a map of 2^63 - 1 items.
    for head in [0x5b, 0x9b, 0xbb] {
        let mut huge = vec![head, 0x7f];
        huge.extend([0xff; 7]);
        assert!(Attestation::parse(&huge).is_err());
    }
}

#[test]
fn long_ids_have_short_handles() {
    assert_eq!(user_handle(&UserId::from("ada")), b"ada");
    assert_eq!(user_handle(&UserId("x".repeat(64))).len(), 64);
    assert_eq!(user_handle(&UserId("x".repeat(65))).len(), 32);
}

#[test]
fn a_site_is_a_domain_and_its_pages() {
    let site = |id: &str, origins: &[&str]| {
        let origins: Vec<String> = origins.iter().map(|&origin| origin.to_owned()).collect();
        RelyingParty::new(id, "Example", &origins, UserVerification::Preferred)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let android = "android:apk-key-hash:8o8w9Xw";
    for (id, origins) in [
        ("example.com", &["https://example.com", "https://a.b.example.com:8443", android][..]),
        ("localhost", &["http://localhost:3000", "https://localhost", "http://app.localhost"]),
        ("xn--bcher-kva.example", &["https://bücher.example/"]),
    ] {
        assert_eq!(site(id, origins), Ok(()), "{id}");
    }
    for (id, origins, expected) in [
        ("Example.com", &["https://example.com"][..], "not a domain"),
        ("https://example.com", &["https://example.com"], "not a domain"),
        ("example.com:443", &["https://example.com"], "not a domain"),
        ("example.com.", &["https://example.com"], "not a domain"),
        ("127.0.0.1", &["https://127.0.0.1"], "not a domain"),
        ("", &["https://example.com"], "not a domain"),
        ("com", &["https://example.com"], "only localhost"),
        ("example.com", &[], "at least one origin"),
        ("example.com", &["example.com"], "is not an origin"),
        ("example.com", &["https://example.com/app"], "is not an origin"),
        ("example.com", &["https://example.com?x"], "is not an origin"),
        ("example.com", &["https://a@example.com"], "is not an origin"),
        ("example.com", &["https://127.0.0.1"], "is not an origin"),
        ("example.com", &["ftp://example.com"], "is not an origin"),
        ("example.com", &["android:apk-key-hash:"], "is not an origin"),
        ("example.com", &["http://example.com"], "only for https"),
        ("example.com", &["https://notexample.com"], "nor a subdomain"),
        ("app.example.com", &["https://example.com"], "nor a subdomain"),
        ("localhost", &["https://example.com"], "nor a subdomain"),
    ] {
        let error = site(id, origins).expect_err(id);
        assert!(error.contains(expected), "{id} {origins:?}: {error}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = AuthenticatorData::parse(&bytes);
        let _ = Attestation::parse(&bytes);
        let _ = PublicKey::from_cose(&bytes);
        let _ = ClientData::parse(&bytes);
    }

    #[test]
    fn no_cut_and_no_changed_byte_of_an_attestation_makes_it_panic(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in any::<prop::sample::Index>(),
    ) {
        let mut authenticator = authenticator();
        authenticator.has_extensions = true;
        authenticator.vouching = Vouching::Itself;
        let mut response = registration(&authenticator.create(&creation()));
        let object = &mut response.attestation_object;
        let index = at.index(object.len());
        object[index] = byte;
        let _ = site().check_registration(&response);
        let end = end.index(response.attestation_object.len());
        response.attestation_object.truncate(end);
        prop_assert!(site().check_registration(&response).is_err(), "a part is never enough");
    }

    #[test]
    fn no_bit_of_an_assertion_can_be_changed(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut authenticator = authenticator();
        let passkey = registered(&mut authenticator);
        let credential = authenticator.get(&creation());
        let response = assertion(&credential);
        prop_assert!(site().check_assertion(&response, &passkey).is_ok());

        let mut changed = response.clone();
        let index = at.index(changed.authenticator_data.len());
        changed.authenticator_data[index] ^= 1 << bit;
        prop_assert!(site().check_assertion(&changed, &passkey).is_err());

        let mut changed = response.clone();
        let index = at.index(changed.signature.len());
        changed.signature[index] ^= 1 << bit;
        prop_assert!(site().check_assertion(&changed, &passkey).is_err());

        let mut client_data = decode(&credential["response"]["clientDataJSON"]);
        let index = at.index(client_data.len());
        client_data[index] ^= 1 << bit;
        if let Some(client_data) = ClientData::parse(&client_data) {
            let changed = AssertionResponse { client_data, ..response };
            prop_assert!(site().check_assertion(&changed, &passkey).is_err());
        }
    }

    /// Whatever is taken for a credential is a part of the bytes, and all of them are accounted for.
    #[test]
    fn what_is_parsed_was_there(id in prop::collection::vec(any::<u8>(), 1..1100), trailing in 0..3_usize) {
        let mut authenticator = authenticator();
        authenticator.credential_id = id.clone();
        let response = registration(&authenticator.create(&creation()));
        let mut bytes = Attestation::parse(&response.attestation_object).expect("good").authenticator_data;
        bytes.extend(vec![0; trailing]);
        match AuthenticatorData::parse(&bytes) {
            Ok(data) => {
                prop_assert!(id.len() <= 1023 && trailing == 0);
                prop_assert_eq!(data.credential.map(|credential| credential.id), Some(&id[..]));
            }
            Err(_) => prop_assert!(id.len() > 1023 || trailing > 0),
        }
    }
}
