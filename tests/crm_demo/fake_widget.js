"use strict";
/* A widget for the tests: says it is ready, shows what it hears, and lets a test say anything. */
const { parent: origin, channel, widget, resource } = document.body.dataset;
const heard = [];
window.heard = heard;
window.say = (type, payload = {}, extra = {}) =>
  window.parent.postMessage({ v: 1, channel, type, payload, ...extra }, origin);
window.addEventListener("message", (event) => {
  if (event.origin !== origin || event.source !== window.parent) return;
  heard.push(event.data);
});
// A button that is in sight does something when it is pressed: it comes with its listener.
const button = document.createElement("button");
button.textContent = "Openen";
button.addEventListener("click", () =>
  window.say("modal.open", { widget: "contact-modal", resource: { type: "contact", id: resource } }),
);
document.querySelector("h1").after(button);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.say("modal.close", { result: "cancelled" });
});
window.say("ready");
window.say("resize", { height: widget === "data-block" ? 90 : 400 });
