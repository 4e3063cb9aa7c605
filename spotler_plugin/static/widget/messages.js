// Messages to and from the CRM, the page around us (docs/crm-developer.md §3).

let crm = null;
const listeners = new Map();

/** Name the only page that we speak with, and the conversation; the session knows both. */
export function connect(origin, channel) {
  crm = { origin, channel };
}

/** Tell the CRM something; nobody is told when there is no page around us. */
export function send(type, payload) {
  if (window.parent === window) return;
  const { origin, channel } = crm;
  const message = payload == null ? { v: 1, channel, type } : { v: 1, channel, type, payload };
  window.parent.postMessage(message, origin);
}

/** Call `listener` with the payload of each message of this type; a type has one listener. */
export function hear(type, listener) {
  listeners.set(type, listener);
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== crm.origin) return;
  if (data?.v !== 1 || data.channel !== crm.channel) return;
  listeners.get(data.type)?.(data.payload ?? {});
});
