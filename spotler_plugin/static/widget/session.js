// The session: every request carries its token, and it is renewed through the CRM.
import { connect, hear, send } from "./messages.js";

const TOKEN_WAIT = 10000;

// The token lives in this variable alone.
let token = takeFrom(document.getElementById("session"));
let renewing = null;
let giveToken = null;

function takeFrom(block) {
  const { session, origin, channel } = JSON.parse(block.textContent);
  block.remove();
  connect(origin, channel);
  return session;
}

const authorization = () => ({ Authorization: `Bearer ${token}` });

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  Object.assign(detail.headers, authorization());
});

/** Get a URL of ours as htmx would; a session whose time is over is renewed first. */
export async function get(url) {
  const ask = () => fetch(url, { headers: authorization() });
  const answer = await ask();
  if (answer.status !== 401) return answer;
  await renew();
  return ask();
}

export const isRenewing = () => renewing !== null;

/** Get a new token; rejects when the CRM gives none, or the server does not take what it gives. */
export function renew() {
  renewing ??= askToken().then(exchange).finally(() => { renewing = null; });
  return renewing;
}

hear("token.response", (payload) => giveToken?.(payload.token));

function askToken() {
  return new Promise((resolve, reject) => {
    giveToken = resolve;
    setTimeout(reject, TOKEN_WAIT, new Error("The CRM gave no token."));
    send("token.request");
  });
}

async function exchange(launchToken) {
  const body = new URLSearchParams({ token: launchToken });
  const answer = await fetch("/session", { method: "POST", headers: authorization(), body });
  if (!answer.ok) throw new Error(`The new session was refused: ${answer.status}.`);
  token = (await answer.json()).session;
}
