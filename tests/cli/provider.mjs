// A real OpenID provider (npm: oidc-provider) on a free port, with a service that takes its tokens.
//
// Usage: provider.mjs FOLDER-OF-NODE_MODULES   Prints one line of JSON: {issuer, key}, key being the private key of the client
// that signs. GET /api tells whose token it got.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const { default: Provider } = await import(pathToFileURL(`${process.argv[2]}/oidc-provider/lib/index.js`));
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = (id, more) => ({
  client_id: id, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'read', ...more,
});
const secret = 'a-secret-of-at-least-32-characters-for-hs256';
const provider = new Provider(issuer, {
  scopes: ['read'],
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  clients: [
    client('basic', { client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' }),
    client('post', { client_secret: secret, token_endpoint_auth_method: 'client_secret_post' }),
    client('jwt', { client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt' }),
    client('key', {
      token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), use: 'sig' }] },
    }),
  ],
});

server.on('request', async (request, response) => {
  if (request.url !== '/api') return provider.callback()(request, response);
  const token = await provider.ClientCredentials.find((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  response.writeHead(token ? 200 : 401, { 'Content-Type': 'application/json' });
  return response.end(JSON.stringify({ client: token?.clientId ?? null, scope: token?.scope ?? null }));
});
console.log(JSON.stringify({ issuer, key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) }));
