// Files: a plain link cannot carry the session.
import { say } from "./notices.js";
import { get } from "./session.js";

const KEEP = 60000;

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-download]");
  if (button && !button.hasAttribute("aria-disabled")) download(button);
});

async function download(button) {
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await get(button.dataset.download);
    if (!answer.ok) throw new Error(`No file: ${answer.status}.`);
    save(await answer.blob(), answer.headers.get("Content-Disposition"));
  } catch {
    say("unreachable");
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// What is too large to hold is sent to the browser itself, by a link that works once.
document.body.addEventListener("file-ready", ({ detail }) => {
  const link = document.createElement("a");
  link.href = detail.address;
  link.download = "";
  link.click();
});

function save(file, disposition) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = /filename="([^"]+)"/.exec(disposition)?.[1] ?? "";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP);
}
