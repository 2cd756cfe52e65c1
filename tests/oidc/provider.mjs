// A certified OpenID Connect provider on a free port of the loopback, for the tests: any login is an
// account, and the first line of standard output is the issuer.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

// The tests read one line and close their end of the pipe.
console.info = console.error;

const REDIRECT_URI = 'https://app.example.com/oauth/callback';

const jwk = (type, options, use) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  kid: use,
});

const client = (client_id, metadata) => ({
  client_id,
  client_secret: 'a secret: +/%&',
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  ...metadata,
});

const configuration = {
  clients: [
    client('RS256', {}),
    client('ES256', { id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_post' }),
    client('EdDSA', { id_token_signed_response_alg: 'EdDSA' }),
    client('PS256', { id_token_signed_response_alg: 'PS256' }),
    client('public', { client_secret: undefined, token_endpoint_auth_method: 'none' }),
  ],
  jwks: {
    keys: [
      jwk('rsa', { modulusLength: 2048 }, 'rsa'),
      jwk('ec', { namedCurve: 'P-256' }, 'ec'),
      jwk('ed25519', {}, 'ed'),
    ],
  },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA', 'PS256'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
  scopes: ['openid'],
  pkce: { required: () => true },
  cookies: { keys: ['a key for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} of the provider`,
      email: `${id}@example.com`,
      email_verified: !id.startsWith('unproven'),
    }),
  }),
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(issuer, configuration).callback());
  console.log(issuer);
});
// The tests end it by closing its input.
process.stdin.resume().on('end', () => process.exit());
