// What the screen and the server want the CRM to hear: passed on as it is.
import { tellDirty } from "./changes.js";
import { send } from "./messages.js";

const CLOSING = new Set(["modal.close", "action.saved", "action.closed"]);

// What opened the CRM's dialog, which took the focus out of our frame.
let opener = null;

// The server's, in HX-Trigger (embedding/messages.py).
document.body.addEventListener("crm", ({ detail }) => {
  for (const { type, payload } of detail.value) {
    // What closes was saved: the CRM need not ask about changes.
    if (CLOSING.has(type)) tellDirty(false);
    send(type, payload);
  }
});

document.addEventListener("click", ({ target }) => {
  const sender = target.closest("[data-send]");
  if (!sender) return;
  if (sender.dataset.send === "modal.open") opener = sender.id;
  send(sender.dataset.send, JSON.parse(sender.dataset.payload ?? "null"));
});

window.addEventListener("focus", () => {
  const back = opener && document.getElementById(opener);
  if (back && document.activeElement === document.body) back.focus();
});
