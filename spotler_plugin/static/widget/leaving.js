// Leaving changes: whatever takes a form with `data-dirty` off the screen asks first, unless the form sends it.
import { isUnsaved } from "./fields.js";
import { ask } from "./question.js";

const { leave, leaveYes } = document.getElementById("words").dataset;

// What stands in a form belongs to it: it saves, or says by its own word that it lets go.
const isOwn = (form, elt) => form.contains(elt) && !elt.hasAttribute("data-leaves");

const leaves = (elt, target) => [...document.querySelectorAll("form[data-dirty]")]
  .some((form) => target.contains(form) && !isOwn(form, elt) && isUnsaved(form));

document.body.addEventListener("htmx:confirm", (event) => {
  const { elt, target, question, issueRequest } = event.detail;
  if (question || !elt.matches("button, form") || !leaves(elt, target)) return;
  event.preventDefault();
  ask(leave, leaveYes).then((agreed) => { if (agreed) issueRequest(true); });
});
