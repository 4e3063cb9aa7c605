// Closing: by a button or by Escape, never over changes without asking. `data-close` may name the
// message that the CRM gets, with its `data-payload`; else it is that of the modal.
import { isDirty, tellDirty } from "./changes.js";
import { send } from "./messages.js";
import { ask, isAsking } from "./question.js";

const { discard, discardYes } = document.getElementById("words").dataset;

async function close() {
  // What is being saved is saved, whether somebody looks on or not.
  if (document.querySelector("[data-busy]")) return send("modal.close", { result: "saved" });
  if (isDirty() && !(await ask(discard, discardYes))) return;
  tellDirty(false);
  const { close: type, payload } = document.querySelector("[data-close]").dataset;
  if (payload) send(type, JSON.parse(payload));
  else send("modal.close", { result: "cancelled" });
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]")) close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isAsking() || !document.querySelector("[data-close]")) return;
  // Else this very key closes the question that it opens.
  event.preventDefault();
  close();
});
