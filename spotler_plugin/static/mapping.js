// The mapping's editor: search its lines, put back what was chosen, ask before leaving changes.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const bare = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // ---- Searching: by the field's name, and by what it feeds ------------------------------------

  function matches(line, wanted) {
    const select = line.querySelector("select");
    const feeds = select?.value ? select.selectedOptions[0].textContent : "";
    return bare(`${line.querySelector("[data-label]").textContent} ${feeds}`).includes(wanted);
  }

  function search(filter) {
    const wanted = bare(filter.value.trim());
    for (const line of all("[data-line]")) line.hidden = !matches(line, wanted);
    for (const group of all("[data-group]")) {
      group.hidden = !group.querySelector("[data-line]:not([hidden])");
    }
    const found = all("[data-line]:not([hidden])").length;
    const { none, one, some } = filter.dataset;
    document.getElementById("field-found").textContent = !wanted
      ? "" : found === 0 ? none : found === 1 ? one : some.replace("{}", found);
  }

  // ---- Changes ---------------------------------------------------------------------------------

  // What is saved is the selects' initial state, so that widget.js counts what differs from it.
  function putBack() {
    const chosen = all("select[data-chosen]");
    for (const select of chosen) {
      select.value = select.dataset.chosen;
      select.removeAttribute("data-chosen");
    }
    chosen[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // widget.js has counted by now: it listens first.
  function guardLeaving() {
    const form = document.getElementById("mapping-form");
    const changed = Boolean(form?.querySelector("[data-changes]")?.textContent);
    for (const button of all("#screen > nav button")) {
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
  document.body.addEventListener("htmx:afterSwap", () => { putBack(); guardLeaving(); });
})();
