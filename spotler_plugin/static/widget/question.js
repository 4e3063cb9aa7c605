// Our own question: the browser's confirm() is not available in the CRM's sandbox.

const dialog = document.getElementById("question");
const { confirmYes } = document.getElementById("words").dataset;

export const isAsking = () => dialog.open;

/** Ask for a yes, which the button names; resolves to whether it was given. */
export function ask(text, yes) {
  document.getElementById("question-text").textContent = text;
  dialog.querySelector("[value=yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

document.body.addEventListener("htmx:confirm", (event) => {
  const { question, elt, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  // What changes by itself says what the question is at this moment.
  const newer = document.getElementById(elt.dataset.questionOf)?.dataset.question;
  ask(newer ?? question, elt.dataset.confirmYes ?? confirmYes)
    .then((agreed) => { if (agreed) issueRequest(true); });
});
