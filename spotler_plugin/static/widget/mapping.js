// The mapping's editor: search its lines, mark those that were changed, put back what was chosen.
import { changedIn } from "./fields.js";

const bare = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// By the field's name, and by what it feeds.
function matches(line, wanted) {
  const select = line.querySelector("select");
  const feeds = select?.value ? select.selectedOptions[0].textContent : "";
  return bare(`${line.querySelector("[data-label]").textContent} ${feeds}`).includes(wanted);
}

// What was folded away is found too.
function search(filter) {
  const wanted = bare(filter.value.trim());
  for (const line of document.querySelectorAll("[data-line]")) line.hidden = !matches(line, wanted);
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-line]:not([hidden])");
    if (wanted && group.matches("details")) group.open = true;
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

function markChanges() {
  const forms = [...document.querySelectorAll("form:has([data-line])")];
  const changed = new Set(forms.flatMap(changedIn).map((field) => field.closest("[data-line]")));
  for (const line of document.querySelectorAll("[data-line]")) {
    line.classList.toggle("changed", changed.has(line));
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "field-filter") search(target);
});
document.addEventListener("change", markChanges);
document.body.addEventListener("htmx:afterSwap", () => { chooseAgain(); markChanges(); });
