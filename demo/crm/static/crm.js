// @ts-check
/**
 * How a CRM uses spotler-embed.js: say where the plugin is, fetch launch tokens from the CRM's
 * own server, show the toasts, and mount a widget wherever the page has a place for one.
 */
(() => {
  "use strict";

  const { pluginUrl = "", lang = "nl" } = document.body.dataset;
  const messages = /** @type {HTMLElement} */ (document.getElementById("messages"));
  const TOAST_MS = 8000;

  /** Show a message above the page; the live region reads it out.
   * @param {{level: string, text: string}} toast */
  function showToast({ level, text }) {
    const line = document.createElement("p");
    line.className = `message ${level}`;
    line.textContent = text;
    messages.append(line);
    setTimeout(() => line.remove(), TOAST_MS);
  }

  /** @param {object} launch @returns {Promise<string>} */
  async function fetchToken(launch) {
    const answer = await fetch("/widget-token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(launch),
    });
    if (!answer.ok) throw new Error(`No launch token: HTTP ${answer.status}`);
    return (await answer.json()).token;
  }

  /** The places in this page where a widget goes. */
  function mountWidgets() {
    const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-widget]"));
    if (!window.SpotlerEmbed) {
      for (const place of places) place.textContent = "Spotler is nu niet bereikbaar.";
      return;
    }
    /** The server forgets the ticks, and the list says where to follow the mutation. */
    const finishBulk = () => {
      const done = /** @type {HTMLFormElement | null} */ (document.getElementById("bulk-done"));
      done?.requestSubmit();
      done?.remove();
    };
    /** @param {HTMLElement | undefined} place */
    const goBack = (place) => place?.dataset.returnTo && location.assign(place.dataset.returnTo);
    const embed = window.SpotlerEmbed.create({
      pluginUrl,
      lang,
      fetchToken,
      onToast: showToast,
      // What the widget has unsaved is asked about by the browser.
      onContactOpen: ({ id }) => location.assign(`/contacts/${encodeURIComponent(id)}`),
      onWizardDone: finishBulk,
      onActionSaved: (_action, frame) => goBack(frame.element),
      onActionClosed: (_action, frame) => goBack(frame.element),
    });
    for (const place of places) {
      const { widget, resourceType, resourceId, title } = place.dataset;
      embed.mount(place, {
        widget,
        resource: { type: resourceType, id: resourceId },
        title,
      });
    }
  }

  /** A sale that is dropped on another phase moves there, as its own form does. */
  function dragSales() {
    const board = document.querySelector("[data-board]");
    if (!board) return;
    for (const sale of /** @type {NodeListOf<HTMLElement>} */ (board.querySelectorAll(".sale"))) {
      sale.draggable = true;
      sale.addEventListener("dragstart", (event) => {
        event.dataTransfer?.setData("text/plain", sale.id);
      });
    }
    for (const phase of /** @type {NodeListOf<HTMLElement>} */ (board.querySelectorAll("[data-phase]"))) {
      phase.addEventListener("dragover", (event) => {
        event.preventDefault();
        phase.classList.add("over");
      });
      phase.addEventListener("dragleave", () => phase.classList.remove("over"));
      phase.addEventListener("drop", (event) => {
        event.preventDefault();
        phase.classList.remove("over");
        const sale = document.getElementById(event.dataTransfer?.getData("text/plain") ?? "");
        const form = sale?.querySelector("form");
        const choice = form?.querySelector("select");
        if (!form || !choice || choice.value === phase.dataset.phase) return;
        choice.value = phase.dataset.phase ?? choice.value;
        form.requestSubmit();
      });
    }
  }

  mountWidgets();
  dragSales();
})();
