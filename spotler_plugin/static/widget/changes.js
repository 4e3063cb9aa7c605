// Changes that were not saved: counted, kept through a swap, told to the CRM.
import { changedIn, isUnsaved, putBack } from "./fields.js";
import { send } from "./messages.js";

const { oneChange, someChanges } = document.getElementById("words").dataset;

let dirty = false;
let kept = null;

export const isDirty = () => dirty;

/** Tell the CRM whether there are changes, unless it knows. */
export function tellDirty(now) {
  if (now !== dirty) send("dirty", { dirty: (dirty = now) });
}

/** Remember what was changed in the form that a swap into `target` takes away. */
export function keepChanges(target) {
  const form = target.matches?.("form") ? target : target.querySelector?.("form[data-dirty]");
  kept = form?.id ? { id: form.id, fields: changedIn(form) } : null;
}

/** Put it into the form that came instead, if that wants it. */
export function restoreChanges() {
  const form = kept && document.getElementById(kept.id);
  if (!form?.hasAttribute("data-keep")) return;
  kept.fields.forEach(putBack);
  kept = null;
}

/** Count the changes of all forms; close those that are being saved. */
export function settleForms() {
  let any = false;
  for (const form of document.querySelectorAll("form[data-dirty]")) {
    const busy = form.querySelector("[data-busy]") !== null;
    const number = busy ? 0 : changedIn(form).length;
    for (const place of form.querySelectorAll("[data-changes]")) place.textContent = inWords(number);
    setBusy(form, busy);
    any ||= !busy && isUnsaved(form);
  }
  tellDirty(any);
}

function inWords(number) {
  if (number === 0) return "";
  return number === 1 ? oneChange : someChanges.replace("{}", number);
}

function setBusy(form, busy) {
  for (const fieldset of form.querySelectorAll("fieldset")) fieldset.disabled = busy;
  for (const button of form.querySelectorAll("[type=submit]")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

for (const name of ["input", "change"]) document.addEventListener(name, settleForms);
document.addEventListener("reset", () => setTimeout(settleForms));
