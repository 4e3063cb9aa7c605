// The plugin's half of the conversation with the CRM (crm-developer.md §2 and §3), and what
// htmx leaves to the page: the session's header, keeping what was typed, focus, announcements.
// The attributes it knows are listed in templates/layouts/widget.html.
(() => {
  "use strict";

  const block = document.getElementById("session");
  const { session: first, origin, channel } = JSON.parse(block.textContent);
  // From here on the token lives in this variable alone.
  block.remove();
  let token = first;

  const TOKEN_WAIT = 10000;
  const words = document.getElementById("words");
  const notices = document.getElementById("notices");
  const announcer = document.getElementById("announcer");
  const question = document.getElementById("question");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- Messages ------------------------------------------------------------------------------

  function send(type, payload) {
    if (window.parent === window) return;
    const message = payload == null ? { v: 1, channel, type } : { v: 1, channel, type, payload };
    window.parent.postMessage(message, origin);
  }

  let shown = true;
  let giveToken = null;
  const heard = {
    "token.response": (payload) => giveToken?.(payload.token),
    visibility: (payload) => { shown = payload.visible === true; },
    refresh: () => htmx.trigger(document.body, "crm-refresh"),
  };

  window.addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== window.parent || from !== origin) return;
    if (data?.v !== 1 || data.channel !== channel || !Object.hasOwn(heard, data.type)) return;
    heard[data.type](data.payload ?? {});
  });

  document.body.addEventListener("crm", ({ detail }) => {
    for (const { type, payload } of detail.value) {
      // What closes was saved: the CRM need not ask about changes.
      if (type === "modal.close") tellDirty(false);
      send(type, payload);
    }
  });

  let height = 0;
  function tellHeight() {
    const now = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (now !== height) send("resize", { height: (height = now) });
  }
  new ResizeObserver(tellHeight).observe(document.documentElement);
  // Below the fold of the CRM's page nothing is drawn, and so nothing observed: we would jump to
  // our height under the pointer of who scrolls to us.
  document.body.addEventListener("htmx:afterSettle", tellHeight);

  // ---- Session -------------------------------------------------------------------------------

  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.headers.Authorization = `Bearer ${token}`;
  });

  let renewing = null;
  function renew() {
    renewing ??= askToken().then(exchange).finally(() => { renewing = null; });
    return renewing;
  }

  function askToken() {
    return new Promise((resolve, reject) => {
      giveToken = resolve;
      setTimeout(reject, TOKEN_WAIT, new Error("The CRM gave no token."));
      send("token.request");
    });
  }

  async function exchange(launchToken) {
    const answer = await fetch("/session", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: new URLSearchParams({ token: launchToken }),
    });
    if (!answer.ok) throw new Error(`The new session was refused: ${answer.status}.`);
    token = (await answer.json()).session;
  }

  // The request that came too late is repeated once, with what was sent then; the screen stays.
  function repeat({ elt, target, requestConfig: { verb, path, formData, headers } }) {
    if (headers["HX-Repeated"]) return say("ended");
    return renew().then(
      () => htmx.ajax(verb, path, {
        source: elt, target, values: formData, headers: { "HX-Repeated": "true" },
      }),
      () => say("ended"),
    );
  }

  // ---- Requests ------------------------------------------------------------------------------

  const isOurs = (xhr) => xhr.getResponseHeader("Answered-By") === "spotler-plugin";
  const polls = (element) => element.getAttribute("hx-trigger")?.includes("every");

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    const asked = requestConfig.triggeringEvent?.type === "crm-refresh";
    const resting = polls(elt) && !asked && (!shown || document.hidden || renewing);
    const busy = elt.matches("form") && elt.querySelector("[data-busy]");
    if (resting || busy) event.preventDefault();
  });

  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, target } = detail;
    // An error page of something between us and the browser is not put into the screen.
    if (xhr.status === 401 || !isOurs(xhr)) detail.shouldSwap = false;
    // What a poll finds unchanged stays: a click that is under way would else lose its button.
    if (polls(detail.elt) && told.get(target) === xhr.responseText) detail.shouldSwap = false;
    if (!detail.shouldSwap) return;
    told.set(target, (saying = xhr.responseText));
    keepChanges(target);
  });
  // What each part of the screen was last told; what replaces a part is told what it brought.
  const told = new WeakMap();
  let saying = null;

  document.body.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status === 401) repeat(detail);
    else if (!isOurs(detail.xhr)) say("unreachable");
    endSkeletons();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => { say("unreachable"); endSkeletons(); });
  }
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) notices.replaceChildren();
  });

  function say(word) {
    const source = words.content.querySelector(`[data-word="${word}"]`);
    const text = source.querySelector("[data-announce]").dataset.announce;
    notices.replaceChildren(source.cloneNode(true));
    announce(text);
  }

  const endSkeletons = () => all(".loading").forEach((element) => { element.hidden = true; });

  function announce(text) {
    if (announcer.textContent !== text) announcer.textContent = text;
  }

  // ---- Files ---------------------------------------------------------------------------------

  // A plain link cannot carry the session.
  async function download(button) {
    if (button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    const get = () => fetch(button.dataset.download, {
      headers: { Authorization: `Bearer ${token}` },
    });
    try {
      let answer = await get();
      if (answer.status === 401) {
        await renew();
        answer = await get();
      }
      if (!answer.ok) throw new Error(`No file: ${answer.status}.`);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download =
        /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    } catch {
      say("unreachable");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  // ---- After a swap --------------------------------------------------------------------------

  document.body.addEventListener("htmx:afterSwap", () => { restoreChanges(); settleForms(); });

  document.body.addEventListener("htmx:load", ({ target }) => {
    if (target === document.body) return;
    told.set(target, saying);
    const within = (selector) =>
      target.matches(selector) ? target : target.querySelector(selector);
    const text = within("[data-announce]")?.dataset.announce;
    if (text) announce(text);
    within("[data-focus]")?.focus();
    restoreTabs(target);
  });

  document.body.addEventListener("htmx:afterSettle", () => {
    // htmx gives the focus back by id; what vanished leaves it to the widget as a whole.
    if (hadFocus && document.activeElement === document.body && !question.open) {
      document.getElementById("widget").focus({ preventScroll: true });
    }
  });
  let hadFocus = false;
  document.addEventListener("focusin", () => { hadFocus = true; });

  // ---- Changes -------------------------------------------------------------------------------

  function isChanged(field) {
    if (!field.name || field.disabled || field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.options) {
      const initial = [...field.options].filter((option) => option.defaultSelected);
      const fallback = field.multiple ? [] : [field.options[0]];
      const expected = new Set(initial.length ? initial : fallback);
      return [...field.options].some((option) => option.selected !== expected.has(option));
    }
    return "defaultValue" in field && field.value !== field.defaultValue;
  }

  const changedIn = (form) => [...form.elements].filter(isChanged);

  let kept = null;
  function keepChanges(target) {
    const form = target.matches?.("form") ? target : target.querySelector?.("form[data-dirty]");
    kept = form?.id ? { id: form.id, fields: changedIn(form) } : null;
  }

  function restoreChanges() {
    const form = kept && document.getElementById(kept.id);
    if (!form?.hasAttribute("data-keep")) return;
    for (const { id, checked, value } of kept.fields) {
      const field = document.getElementById(id);
      if (!field || field.disabled) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
      else field.value = value;
    }
    kept = null;
  }

  let dirty = false;
  function tellDirty(now) {
    if (now !== dirty) send("dirty", { dirty: (dirty = now) });
  }

  function settleForms() {
    let any = false;
    for (const form of all("form[data-dirty]")) {
      const busy = form.querySelector("[data-busy]") !== null;
      const number = busy ? 0 : changedIn(form).length;
      const { oneChange, someChanges } = words.dataset;
      for (const place of all("[data-changes]", form)) {
        place.textContent =
          number === 0 ? "" : number === 1 ? oneChange : someChanges.replace("{}", number);
      }
      for (const fieldset of all("fieldset", form)) fieldset.disabled = busy;
      for (const button of all("[type=submit]", form)) {
        button.toggleAttribute("aria-disabled", busy);
        if (busy) button.setAttribute("aria-disabled", "true");
      }
      any ||= number > 0;
    }
    tellDirty(any);
  }
  for (const name of ["input", "change"]) document.addEventListener(name, settleForms);
  document.addEventListener("reset", () => setTimeout(settleForms));

  // ---- Questions and closing -----------------------------------------------------------------

  function ask(text, yes) {
    document.getElementById("question-text").textContent = text;
    question.querySelector("[value=yes]").textContent = yes;
    question.returnValue = "";
    question.showModal();
    return new Promise((resolve) => {
      question.addEventListener("close", () => resolve(question.returnValue === "yes"),
        { once: true });
    });
  }

  document.body.addEventListener("htmx:confirm", (event) => {
    const { question: text, elt, issueRequest } = event.detail;
    if (!text) return;
    // The browser's own confirm() is not available in the CRM's sandbox.
    event.preventDefault();
    ask(text, elt.dataset.confirmYes ?? words.dataset.confirmYes)
      .then((agreed) => { if (agreed) issueRequest(true); });
  });

  async function close() {
    // What is being saved is saved, whether somebody looks on or not.
    if (document.querySelector("[data-busy]")) return send("modal.close", { result: "saved" });
    const { discard, discardYes } = words.dataset;
    if (dirty && !(await ask(discard, discardYes))) return;
    tellDirty(false);
    send("modal.close", { result: "cancelled" });
  }

  document.addEventListener("click", ({ target }) => {
    const sender = target.closest("[data-send]");
    if (sender) send(sender.dataset.send, JSON.parse(sender.dataset.payload ?? "null"));
    if (target.closest("[data-close]")) close();
    const file = target.closest("[data-download]");
    if (file) download(file);
    const tab = target.closest("[role=tab]");
    if (tab) choose(tab);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !question.open && document.querySelector("[data-close]")) {
      // Else this very key closes the question that it opens.
      event.preventDefault();
      close();
    }
    const tab = event.target.closest("[role=tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (tab && step) {
      const tabs = all("[role=tab]", tab.closest("[role=tablist]"));
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    }
  });

  // ---- Tabs ----------------------------------------------------------------------------------

  let chosen = null;
  function choose(tab) {
    chosen = tab.id;
    for (const each of all("[role=tab]", tab.closest("[role=tablist]"))) {
      const on = each === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
    }
  }

  function restoreTabs(root) {
    const tab = chosen && document.getElementById(chosen);
    if (tab && root.contains(tab)) choose(tab);
  }

  document.addEventListener("DOMContentLoaded", () => {
    settleForms();
    send("ready");
    tellHeight();
  });
})();
