// The screen's requests: when they are not made, and what happens when they fail.
import { isHidden } from "./frame.js";
import { clearNotices, endSkeletons, say } from "./notices.js";
import { isAsking } from "./question.js";
import { isRenewing, renew } from "./session.js";

/** Whether an answer is the plugin's own, and not of something between it and the browser. */
export const isOurs = (xhr) => xhr.getResponseHeader("Answered-By") === "spotler-plugin";

/** Whether an element asks again and again by itself. */
export const polls = (element) => element.getAttribute("hx-trigger")?.includes("every");

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const asked = requestConfig.triggeringEvent?.type === "crm-refresh";
  const resting = polls(elt) && !asked && (isHidden() || isRenewing() || isAsking());
  const busy = elt.matches("form") && elt.querySelector("[data-busy]");
  if (resting || busy) event.preventDefault();
});

document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) repeat(detail);
  else if (!isOurs(detail.xhr)) say("unreachable");
  endSkeletons();
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, () => { say("unreachable"); endSkeletons(); });
}

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) clearNotices();
});

// The request that came too late is repeated once, with what was sent then; the screen stays.
function repeat({ elt, target, requestConfig: { verb, path, formData, headers } }) {
  if (headers["HX-Repeated"]) return say("ended");
  return renew().then(
    () => htmx.ajax(verb, path, {
      source: elt, target, values: formData, headers: { "HX-Repeated": "true" },
    }),
    () => say("ended"),
  );
}
