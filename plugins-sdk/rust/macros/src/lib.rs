//! The attribute behind `hookgate-plugin`. Use it through that crate.

mod expand;

use proc_macro::TokenStream;

/// Exports the hooks of an `impl EventHooks for …`: those that are written there, and no others.
#[proc_macro_attribute]
pub fn plugin(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::plugin(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
