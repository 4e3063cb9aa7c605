// The mapping's editor: search its lines, put back what was chosen. Of each form with `data-leave`:
// ask before leaving changes.
import { isUnsaved } from "./fields.js";

const bare = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// By the field's name, and by what it feeds.
function matches(line, wanted) {
  const select = line.querySelector("select");
  const feeds = select?.value ? select.selectedOptions[0].textContent : "";
  return bare(`${line.querySelector("[data-label]").textContent} ${feeds}`).includes(wanted);
}

function search(filter) {
  const wanted = bare(filter.value.trim());
  for (const line of document.querySelectorAll("[data-line]")) line.hidden = !matches(line, wanted);
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-line]:not([hidden])");
  }
  const found = document.querySelectorAll("[data-line]:not([hidden])").length;
  document.getElementById("field-found").textContent = wanted ? inWords(found, filter.dataset) : "";
}

function inWords(found, { none, one, some }) {
  if (found === 0) return none;
  return found === 1 ? one : some.replace("{}", found);
}

// What is saved is the fields' initial state, so that what differs from it counts as changed.
function chooseAgain() {
  const chosen = document.querySelectorAll("[data-chosen]");
  for (const field of chosen) {
    if (field.type === "checkbox") field.checked = field.dataset.chosen !== "";
    else field.value = field.dataset.chosen;
    field.removeAttribute("data-chosen");
  }
  chosen[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

function guardLeaving() {
  const form = document.querySelector("form[data-leave]");
  const changed = form !== null && isUnsaved(form);
  for (const button of document.querySelectorAll("#screen > nav button, [data-leaves]")) {
    button.toggleAttribute("hx-confirm", changed);
    if (!changed) continue;
    button.setAttribute("hx-confirm", form.dataset.leave);
    button.dataset.confirmYes = form.dataset.leaveYes;
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "field-filter") search(target);
});
document.addEventListener("change", guardLeaving);
document.body.addEventListener("htmx:afterSwap", () => { chooseAgain(); guardLeaving(); });
