// @ts-check
/**
 * The boxes in the list of contacts, and in step 1 of a bulk mutation. After each change the server gets all boxes of this page as
 * they stand, so that ticks survive paging, searching and opening a contact.
 */
(() => {
  "use strict";

  const form = /** @type {HTMLFormElement} */ (document.getElementById("ticks"));
  const bar = /** @type {HTMLElement} */ (form.querySelector("[data-found]"));
  const find = (/** @type {string} */ selector) => /** @type {any} */ (form.querySelector(selector));
  const all = /** @type {HTMLInputElement | null} */ (find("[data-tick-all]"));
  const status = /** @type {HTMLElement} */ (find("[role=status]"));
  /** @type {HTMLButtonElement | null} */ const everybody = find("[data-tick=all]");
  /** @type {HTMLButtonElement | null} */ const nobody = find("[data-tick=none]");
  /** @type {HTMLButtonElement} */ const begin = find("[data-begin]");
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name=id]")]);
  const found = Number(bar.dataset.found);
  /** @type {HTMLInputElement | null} */ const total = find("[name=total]");
  const saveUrl = form.dataset.save ?? "";
  /** Ticked on other pages: of everything, and of what the search finds. */
  const elsewhere = { ticked: 0, found: 0 };
  /** @type {HTMLInputElement | undefined} The box where a range begins. */
  let last;
  /** Boxes that changed and were not sent yet. */
  let unsent = false;
  let waiting = 0;
  let queue = Promise.resolve();

  const here = () => boxes.filter((box) => box.checked).length;

  /** @param {number} ticked @param {number} ofFound @param {number} onPage */
  function count(ticked, ofFound, onPage) {
    elsewhere.ticked = ticked - onPage;
    elsewhere.found = ofFound - onPage;
  }

  function show() {
    const ticked = elsewhere.ticked + here();
    const { none = "", one = "", many = "" } = status.dataset;
    const number = document.createElement("strong");
    number.textContent = ticked.toLocaleString("nl-NL");
    status.replaceChildren(...(ticked ? [number, ` ${ticked === 1 ? one : many}`] : [none]));
    if (total) total.value = String(ticked);
    if (everybody) everybody.hidden = elsewhere.found + here() >= found;
    if (nobody) nobody.hidden = ticked === 0;
    begin.disabled = ticked === 0;
    if (!all) return;
    all.checked = here() === boxes.length;
    all.indeterminate = here() > 0 && here() < boxes.length;
  }

  /** @param {string} url @returns {Promise<{ticked: number, found: number}>} */
  async function post(url) {
    const headers = { Accept: "application/json" };
    // It arrives also when the page is left meanwhile.
    const request = { method: "POST", headers, body: new FormData(form), keepalive: true };
    const answer = await fetch(url, request);
    if (!answer.ok) throw new Error(`Ticks were not saved: HTTP ${answer.status}`);
    return answer.json();
  }

  /** One at a time, so that the newest boxes are the last to arrive.
   * @param {() => Promise<void>} work */
  function enqueue(work) {
    waiting += 1;
    queue = queue.then(work).then(
      () => tellUnsaved(false),
      (error) => {
        tellUnsaved(true);
        console.error(error);
      },
    ).finally(() => {
      waiting -= 1;
      show();
    });
  }

  /** @param {boolean} unsaved */
  function tellUnsaved(unsaved) {
    find("[data-unsaved]").hidden = !unsaved;
  }

  function save() {
    show();
    if (unsent) return;
    unsent = true;
    enqueue(async () => {
      unsent = false;
      const onPage = here();
      const { ticked, found } = await post(saveUrl);
      count(ticked, found, onPage);
    });
  }

  /** Tick everything that was found, or nothing; the boxes of this page follow.
   * @param {HTMLButtonElement} button @param {boolean} checked @param {HTMLElement | null} next */
  function tickEverywhere(button, checked, next) {
    enqueue(async () => {
      const { ticked, found } = await post(button.formAction);
      for (const box of boxes) box.checked = checked;
      count(ticked, found, here());
      show();
      // The button goes, as there is nothing left for it to do.
      if (button.hidden) next?.focus({ preventScroll: true });
    });
  }

  /** With Shift, the boxes between the last one and this one follow it.
   * @param {HTMLInputElement} box */
  function tickRange(box) {
    const [from, to] = [boxes.indexOf(last ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
  }

  /** @param {Event} event @param {() => void} leave */
  async function holdUntilSaved(event, leave) {
    event.preventDefault();
    while (waiting) await queue;
    leave();
  }

  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey) tickRange(box);
      last = box;
    });
    box.addEventListener("change", save);
  }
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = /** @type {HTMLInputElement} */ (all).checked;
    save();
  });
  everybody?.addEventListener("click", (event) => {
    event.preventDefault();
    tickEverywhere(everybody, true, begin);
  });
  nobody?.addEventListener("click", (event) => {
    event.preventDefault();
    tickEverywhere(nobody, false, everybody);
  });
  // Whoever ticks and goes on at once finds the tick on the next page.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a");
    const inNewTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!waiting || !link || inNewTab || link.hash) return;
    holdUntilSaved(event, () => location.assign(link.href));
  });
  document.addEventListener("submit", (event) => {
    if (!waiting || !(event.target instanceof HTMLFormElement)) return;
    const { target, submitter } = event;
    holdUntilSaved(event, () => target.requestSubmit(submitter));
  });
  // The browser's own Back does not wait.
  window.addEventListener("pagehide", () => {
    if (unsent) navigator.sendBeacon(saveUrl, new FormData(form));
  });
  // A page that the browser kept shows boxes that may be old.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (all) all.hidden = false;
  count(Number(bar.dataset.ticked), Number(bar.dataset.tickedFound), here());
  show();
})();
