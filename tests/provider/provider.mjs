// A certified OpenID Connect provider for the tests: node provider.mjs '{"port": ..., "clients": [...]}'
// Its people and their levels of assurance are below. POST /control/<act>/<person> changes them.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { port, clients, modules } = JSON.parse(process.argv[2]);
const { default: Provider } = await import(
  pathToFileURL(createRequire(modules).resolve('oidc-provider')).href);

const LOA2 = 'http://id.sambi.se/loa/loa2';
const LOA3 = 'http://id.sambi.se/loa/loa3';
const people = {
  karin: { hsa: 'SE2321000016-K1', acr: LOA3 },
  amina: { hsa: 'SE2321000016-A1', acr: LOA3 },
  weak: { hsa: 'SE2321000016-K1', acr: LOA2 },
  stranger: { hsa: 'SE2321000016-X1', acr: LOA3 },
};
const closed = new Set();
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients,
  acrValues: [LOA2, LOA3],
  claims: { openid: ['sub'], acr: null, amr: null, auth_time: null, employeeHsaId: ['employeeHsaId'] },
  scopes: ['openid'],
  cookies: { keys: ['for the tests alone'] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = `<!doctype html>${form}`; },
    },
  },
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
  pkce: { required: () => true },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, Interaction: 600, Session: 3600, Grant: 3600,
    RefreshToken: 36000 },
  issueRefreshToken: async () => true,
  // Without its guard against private addresses: the endpoint under test is on this machine.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => (closed.has(id) || !people[id] ? undefined : {
    accountId: id,
    claims: () => ({ sub: id, employeeHsaId: people[id].hsa }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid offline_access');
    grant.addOIDCClaims(['employeeHsaId', 'acr', 'amr', 'auth_time']);
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => { ctx.body = JSON.stringify(out); },
});
const answer = provider.callback();

async function interact(request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(`<form method="post"><input name="login" data-prompt="${prompt.name}"></form>`);
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const login = new URLSearchParams(body).get('login');
  const result = people[login]
    ? { login: { accountId: login, acr: people[login].acr, amr: ['pop'] } }
    : { error: 'access_denied', error_description: 'turned back' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

createServer(async (request, response) => {
  try {
    const [, place, act, who] = request.url.split('/');
    if (place === 'control') {
      if (act === 'close') closed.add(who); else closed.delete(who);
      response.end('done');
    } else if (place === 'interaction') await interact(request, response);
    else answer(request, response);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
