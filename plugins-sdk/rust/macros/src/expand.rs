//! From an `impl EventHooks` block to the block and its exports, or to errors that say what to write.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Attribute, Error, ImplItem, ImplItemFn, Item, ItemImpl, Result};

/// The hooks, and the check of settings that is exported like one.
const HOOKS: [&str; 21] = [
    "allow_signin",
    "modify_jwt",
    "modify_session",
    "on_signup",
    "on_signin",
    "on_signout",
    "on_token_refresh",
    "on_email_verify",
    "on_password_reset",
    "on_oauth_link",
    "on_magic_link_sent",
    "on_passkey_registered",
    "on_passkey_deleted",
    "on_signin_failed",
    "on_lockout",
    "on_password_change",
    "on_email_change",
    "on_account_delete",
    "on_session_revoke",
    "on_refresh_reuse",
    "validate_config",
];

pub(crate) fn plugin(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new_spanned(attribute, "`#[plugin]` takes no arguments"));
    }
    let Item::Impl(item) = syn::parse2(item)? else {
        return Err(Error::new(Span::call_site(), "`#[plugin]` belongs on `impl EventHooks for …`"));
    };
    check(&item)?;

    let plugin = &item.self_ty;
    let trait_path = item.trait_.as_ref().map(|(path, _)| path);
    let exports = methods(&item).map(|method| {
        let hook = &method.sig.ident;
        let export = format_ident!("export_{hook}");
        let conditions = conditions(method);
        quote! {
            #(#conditions)*
            ::hookgate_plugin::__private::#hook::#export!(
                Exported with_types_in ::hookgate_plugin::__private::#hook
            );
        }
    });
    let uses = methods(&item).map(|method| {
        let hook = &method.sig.ident;
        let conditions = conditions(method);
        quote! { #(#conditions)* let _ = <#plugin as #trait_path>::#hook; }
    });

    Ok(quote! {
        // `-> bool` where the trait says `-> impl IntoDecision` is what the trait is made for.
        #[allow(refining_impl_trait, reason = "hooks name what they return")]
        #item

        // On the author's machine nothing is exported, and yet nothing is dead code.
        const _: () = { #(#uses)* };

        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = ::hookgate_plugin::__private::Exported<#plugin>;
            #(#exports)*
        };
    })
}

/// The `#[cfg(…)]` of a method, which its export has to share.
fn conditions(method: &ImplItemFn) -> impl Iterator<Item = &Attribute> {
    method.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

fn methods(item: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// Finds all that is wrong, so that the author sees it at once.
fn check(item: &ItemImpl) -> Result<()> {
    let mut errors: Vec<Error> = Vec::new();

    let is_hooks = item
        .trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last())
        .is_some_and(|segment| segment.ident == "EventHooks");
    if !is_hooks {
        return Err(Error::new(item.impl_token.span, "`#[plugin]` belongs on `impl EventHooks for …`"));
    }
    if !item.generics.params.is_empty() {
        errors.push(Error::new_spanned(
            &item.generics,
            "a plugin cannot be generic: the server names no types",
        ));
    }
    if methods(item).next().is_none() {
        errors.push(Error::new_spanned(
            &item.self_ty,
            "this plugin implements no hook, so nothing would call it",
        ));
    }
    for method in methods(item) {
        let name = method.sig.ident.to_string();
        if !HOOKS.contains(&name.as_str()) {
            errors.push(Error::new(method.sig.ident.span(), unknown(&name)));
        }
        if let Some(receiver) = method.sig.receiver() {
            errors
                .push(Error::new(receiver.span(), "hooks have no `self`: every call gets a fresh instance"));
        }
        if let Some(asyncness) = method.sig.asyncness {
            errors.push(Error::new(asyncness.span, "hooks are not `async`: the server waits for the answer"));
        }
    }

    errors
        .into_iter()
        .reduce(|mut all, error| {
            all.combine(error);
            all
        })
        .map_or(Ok(()), Err)
}

/// The nearest hook by spelling; all of them when none is near.
fn unknown(name: &str) -> String {
    // What others call the same thing.
    let ours = name
        .replace("sign_", "sign")
        .replace("log_", "log")
        .replace("login", "signin")
        .replace("logout", "signout");
    let nearest = HOOKS
        .iter()
        .map(|hook| (strsim::jaro_winkler(hook, &ours), hook))
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match nearest {
        Some((likeness, hook)) if likeness > 0.8 => {
            format!("`{name}` is not a hook; did you mean `{hook}`?")
        }
        _ => format!("`{name}` is not a hook; the hooks are {}", HOOKS.join(", ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn error(item: TokenStream) -> String {
        let error = plugin(TokenStream::new(), item).unwrap_err();
        error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn exports_what_is_written_and_nothing_else() {
        let tokens = plugin(
            TokenStream::new(),
            quote! {
                impl EventHooks for Gate {
                    fn allow_signin(user: &User, provider: &str) -> bool { true }
                    #[cfg(feature = "audit")]
                    fn on_signup(user: &User) {}
                }
            },
        )
        .unwrap()
        .to_string();

        assert!(tokens.contains("export_allow_signin !"), "{tokens}");
        assert!(
            tokens.contains("# [cfg (feature = \"audit\")] :: hookgate_plugin :: __private :: on_signup"),
            "{tokens}"
        );
        assert_eq!(tokens.matches("export_").count(), 2, "{tokens}");
    }

    #[test]
    fn a_misspelt_hook_is_told_its_neighbour() {
        for (wrong, right) in [
            ("allow_sign_in", "allow_signin"),
            ("on_sign_up", "on_signup"),
            ("modify_claims", "modify_jwt"),
            ("on_login", "on_signin"),
            ("on_log_out", "on_signout"),
            ("on_passkey_register", "on_passkey_registered"),
            ("on_passkey_delete", "on_passkey_deleted"),
            ("modify_jtw", "modify_jwt"),
        ] {
            assert!(unknown(wrong).ends_with(&format!("did you mean `{right}`?")), "{}", unknown(wrong));
        }
        assert!(
            unknown("frobnicate").contains("the hooks are allow_signin, modify_jwt"),
            "{}",
            unknown("frobnicate")
        );
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let text = error(quote! {
            impl EventHooks for Gate {
                fn allow_signin(&self, user: &User, provider: &str) -> bool { true }
                async fn on_sigin(user: &User, provider: &str) {}
            }
        });

        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "hooks have no `self`: every call gets a fresh instance",
                "`on_sigin` is not a hook; did you mean `on_signin`?",
                "hooks are not `async`: the server waits for the answer",
            ]
        );
    }

    #[test]
    fn it_belongs_on_an_impl_of_event_hooks_with_hooks() {
        let belongs = "`#[plugin]` belongs on `impl EventHooks for …`";

        assert_eq!(error(quote! { struct Gate; }), belongs);
        assert_eq!(error(quote! { impl Gate { fn on_signup(user: &User) {} } }), belongs);
        assert_eq!(error(quote! { impl Clone for Gate {} }), belongs);
        assert!(error(quote! { impl EventHooks for Gate {} }).contains("implements no hook"));
        assert!(
            error(quote! { impl<T> EventHooks for Gate<T> { fn on_signup(user: &User) {} } })
                .contains("generic")
        );
    }
}
