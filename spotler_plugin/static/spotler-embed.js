// @ts-check
/**
 * The CRM's half of the conversation with the Spotler plugin; spotler-embed.css is its look.
 * No dependencies, no eval, no inline styles or scripts: it works under a CSP of
 *   script-src 'self' PLUGIN; style-src 'self' PLUGIN; frame-src PLUGIN; form-action 'self' PLUGIN.
 *
 *   const embed = SpotlerEmbed.create({ pluginUrl, fetchToken, onToast });
 *   embed.mount(element, { widget: "data-block", resource: { type: "contact", id }, title: "Spotler" });
 *
 * `fetchToken` asks the CRM's own server for a launch token; who may see what is decided there.
 *
 * @typedef {"data-block" | "contact-modal" | "admin" | "bulk-step" | "automatic-action"} Widget
 * @typedef {{type: "contact" | "selection" | "automatic-action" | "none", id: string}} Resource
 * @typedef {{widget: Widget, resource: Resource, channel: string, lang: string}} Launch
 * @typedef {{level: "success" | "info" | "error", text: string}} Toast
 * @typedef {{id: string, name: string}} Action
 *
 * @typedef {object} MountOptions
 * @property {Widget} widget
 * @property {Resource} resource
 * @property {string} title            What the frame is called by a screen reader.
 * @property {string} [modalTitle]     Heading of the dialog that a data block opens.
 *
 * @typedef {object} Options
 * @property {string} pluginUrl        Where the plugin is, without a slash at the end.
 * @property {(launch: Launch) => Promise<string>} fetchToken
 * @property {"nl" | "en"} [lang]
 * @property {number} [readyTimeout]   Milliseconds until a silent frame counts as failed.
 * @property {(toast: Toast) => void} [onToast]
 * @property {(contact: {id: string, status: string}) => void} [onSynced]
 * @property {(contact: {id: string}) => void} [onContactOpen]
 * @property {(state: {dirty: boolean}, handle: Handle) => void} [onDirty]
 * @property {(done: {run: string}, handle: Handle) => void} [onWizardDone]
 * @property {(action: Action, handle: Handle) => void} [onActionSaved]
 * @property {(action: Action, handle: Handle) => void} [onActionClosed]
 * @property {(result: "saved" | "cancelled") => void} [onModalClose]
 *
 * @typedef {object} Handle
 * @property {HTMLElement} element     Where the widget was mounted.
 * @property {HTMLIFrameElement} iframe
 * @property {() => void} refresh      Ask the widget to read its state again.
 * @property {() => boolean} isDirty   Whether the widget has changes that were not saved.
 * @property {() => void} destroy      Take the widget away.
 */
(() => {
  "use strict";

  const VERSION = 1;
  const PATIENCE = 3_000;
  const READY_TIMEOUT = 10_000;
  const SILENCE = 500;
  const TALLEST = 20_000;
  const TELL_EVERY = 100;
  const SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-downloads";

  // ---- Words ---------------------------------------------------------------------------------

  const WORDS = {
    nl: {
      waiting: "Spotler wordt geladen…",
      failed: "Spotler kon niet worden geladen.",
      noToken: "Het CRM geeft nu geen toegang tot Spotler.",
      again: "Opnieuw proberen",
      close: "Sluiten",
      leave: "Je wijzigingen zijn nog niet opgeslagen. Toch sluiten?",
    },
    en: {
      waiting: "Spotler is loading…",
      failed: "Spotler could not be loaded.",
      noToken: "The CRM gives no access to Spotler now.",
      again: "Try again",
      close: "Close",
      leave: "Your changes have not been saved. Close anyway?",
    },
  };

  // ---- Elements ------------------------------------------------------------------------------

  /** 128 random bits, as 32 hexadecimal signs. */
  function randomName() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag @param {string} className @param {string} [text] */
  function make(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  /** @param {string} className @param {string} text @param {(event: Event) => void} onClick */
  function makeButton(className, text, onClick) {
    const button = make("button", className, text);
    button.type = "button";
    button.addEventListener("click", onClick);
    return button;
  }

  /** @param {MountOptions} options */
  function makeIframe({ widget, title }) {
    const iframe = make("iframe", `spotler-embed-frame spotler-embed-${widget}`);
    iframe.name = `spotler-${randomName()}`;
    iframe.title = title;
    iframe.setAttribute("sandbox", SANDBOX);
    return iframe;
  }

  /** A form, never a link: a token in a URL leaks into logs and Referer headers.
   * @param {string} url @param {HTMLIFrameElement} iframe @param {string} token */
  function postLaunch(url, iframe, token) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    form.target = iframe.name;
    form.hidden = true;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "token";
    field.value = token;
    form.append(field);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  // ---- Sight: which part of a frame the page shows ---------------------------------------------

  /** What of the page's window a part of the page can be seen in: what scrolls or clips around it
   * counts, and what the page says it covers by itself, in its scroll-padding.
   * @param {HTMLElement} part */
  function windowOf(part) {
    const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
    let upper = parseFloat(scrollPaddingTop) || 0;
    let lower = window.innerHeight - (parseFloat(scrollPaddingBottom) || 0);
    for (let around = part.parentElement; around; around = around.parentElement) {
      if (around === document.body) break;
      if (getComputedStyle(around).overflowY === "visible") continue;
      const { top, bottom } = around.getBoundingClientRect();
      upper = Math.max(upper, top);
      lower = Math.min(lower, bottom);
    }
    return { upper, lower };
  }

  /** In pixels of the frame: it is seen from `top`, over `height`.
   * @param {HTMLIFrameElement} iframe */
  function seenOf(iframe) {
    const box = iframe.getBoundingClientRect();
    const { upper, lower } = windowOf(iframe);
    const top = Math.min(Math.max(upper - box.top, 0), box.height);
    const height = Math.max(Math.min(lower, box.bottom) - Math.max(upper, box.top), 0);
    return { top: Math.round(top), height: Math.round(height) };
  }

  // ---- Wait: while a frame is not ready --------------------------------------------------------

  /** The notice above a frame: in time a word of patience, then a way to try again. */
  class Wait {
    /** @param {Frame} frame */
    constructor(frame) {
      this.frame = frame;
      /** @type {HTMLElement | undefined} */
      this.notice = undefined;
      /** @type {number[]} */
      this.timers = [];
    }

    begin() {
      const { words, readyTimeout } = this.frame.embed;
      this.timers = [
        window.setTimeout(() => this.say(words.waiting, "spotler-embed-waiting"), PATIENCE),
        window.setTimeout(() => this.fail(), readyTimeout),
      ];
    }

    /** The frame stays in sight: a refused launch says in it what to do.
     * @param {string} [text] */
    fail(text = this.frame.embed.words.failed) {
      this.end();
      this.offer(text, () => this.frame.relaunch());
      this.frame.iframe.classList.add("spotler-embed-failed");
    }

    /** @param {string} text @param {() => void} again */
    offer(text, again) {
      this.say(text).append(makeButton("spotler-embed-retry", this.frame.embed.words.again, again));
    }

    /** @param {string} text @param {string} [how] */
    say(text, how = "") {
      this.notice?.remove();
      this.notice = make("div", `spotler-embed-fallback ${how}`);
      this.notice.setAttribute("role", "status");
      this.notice.append(make("p", "", text));
      this.frame.element.prepend(this.notice);
      return this.notice;
    }

    /** No more notices, and none left. */
    end() {
      this.timers.forEach((timer) => window.clearTimeout(timer));
      this.notice?.remove();
      this.frame.iframe.classList.remove("spotler-embed-failed");
    }
  }

  // ---- Frame: one widget in one iframe -------------------------------------------------------

  /** Launched, listened to, and launched again when it failed. */
  class Frame {
    /** @param {Embed} embed @param {HTMLElement} element @param {MountOptions} options */
    constructor(embed, element, options) {
      this.embed = embed;
      this.element = element;
      this.options = options;
      this.dirty = false;
      this.ready = false;
      this.onScreen = true;
      /** @type {boolean | undefined} What the widget was last told. */
      this.toldVisible = undefined;
      /** @type {{top: number, height: number} | undefined} The same, of what can be seen of it. */
      this.toldSeen = undefined;
      this.channel = "";
      this.iframe = makeIframe(options);
      this.wait = new Wait(this);
      this.observer = new IntersectionObserver((entries) => {
        this.onScreen = entries[entries.length - 1].isIntersecting;
        this.tellVisibility();
      });
      this.launch();
    }

    /** Every launch gets a new iframe and a new channel: the old one can no longer say anything. */
    async launch() {
      const channel = (this.channel = randomName());
      const { iframe } = this;
      this.element.replaceChildren(iframe);
      this.observer.observe(iframe);
      this.wait.begin();
      try {
        const token = await this.fetchToken();
        if (channel !== this.channel || !iframe.isConnected) return;
        iframe.addEventListener("load", () => this.expectReady(channel), { once: true });
        postLaunch(`${this.embed.pluginUrl}/launch`, iframe, token);
      } catch (error) {
        if (channel === this.channel) this.wait.fail(this.embed.words.noToken);
        // Nothing was asked of the plugin, so there is nothing in it to read.
        iframe.hidden = true;
        console.error("SpotlerEmbed: no launch token", error);
      }
    }

    /** A widget is usable before its document has loaded. What has loaded and says nothing is a refusal, or
     * the browser's own page: that is told at once. @param {string} channel */
    expectReady(channel) {
      window.setTimeout(() => {
        if (channel === this.channel && !this.ready) this.wait.fail();
      }, SILENCE);
    }

    relaunch() {
      this.wait.end();
      this.ready = false;
      this.toldVisible = undefined;
      this.toldSeen = undefined;
      this.observer.unobserve(this.iframe);
      this.iframe = makeIframe(this.options);
      this.launch();
      this.iframe.focus();
    }

    fetchToken() {
      const { widget, resource } = this.options;
      const { channel } = this;
      return this.embed.options.fetchToken({ widget, resource, channel, lang: this.embed.lang });
    }

    async renewToken() {
      try {
        const token = await this.fetchToken();
        this.wait.end();
        this.send("token.response", { token });
      } catch (error) {
        this.wait.offer(this.embed.words.noToken, () => this.renewToken());
        console.error("SpotlerEmbed: no new launch token", error);
      }
    }

    becomeReady() {
      // The frame had the focus before its document came; without this no key would reach it.
      if (document.activeElement === this.iframe) {
        this.iframe.blur();
        this.iframe.focus();
      }
      // A frame that was slow rather than dead takes its place after all.
      this.wait.end();
      this.ready = true;
      this.tellVisibility();
      this.tellSeen();
    }

    /** @param {string} type @param {object} [payload] */
    send(type, payload = {}) {
      if (!this.ready) return;
      const envelope = { v: VERSION, channel: this.channel, type, payload };
      this.iframe.contentWindow?.postMessage(envelope, this.embed.pluginOrigin);
    }

    tellVisibility() {
      const visible = this.onScreen && document.visibilityState === "visible";
      if (!this.ready || visible === this.toldVisible) return;
      this.toldVisible = visible;
      this.send("visibility", { visible });
    }

    /** So that what the widget keeps in reach is where the person looks. */
    tellSeen() {
      if (!this.ready) return;
      const seen = seenOf(this.iframe);
      const { top, height } = this.toldSeen ?? {};
      if (seen.top === top && seen.height === height) return;
      this.toldSeen = seen;
      this.send("viewport", seen);
    }

    /** @param {unknown} height */
    resize(height) {
      if (typeof height !== "number" || !Number.isFinite(height)) return;
      this.iframe.style.height = `${Math.min(Math.max(Math.ceil(height), 0), TALLEST)}px`;
      this.embed.look();
    }

    /** @returns {Handle} */
    handle() {
      const frame = this;
      return Object.freeze({
        element: this.element,
        get iframe() {
          return frame.iframe;
        },
        refresh: () => frame.send("refresh"),
        isDirty: () => frame.dirty,
        destroy: () => frame.destroy(),
      });
    }

    destroy() {
      this.wait.end();
      this.channel = "";
      this.ready = false;
      this.observer.disconnect();
      this.iframe.remove();
      this.embed.forget(this);
    }
  }

  // ---- Modal: the dialog that a data block opens ---------------------------------------------

  class Modal {
    /** @param {Embed} embed @param {Frame} opener */
    constructor(embed, opener) {
      this.embed = embed;
      this.opener = opener;
      /** @type {"saved" | "cancelled"} */
      this.result = "cancelled";
      const { resource, title: name, modalTitle } = opener.options;
      const title = modalTitle || name;
      const body = make("div", "spotler-embed-body");
      this.dialog = make("dialog", "spotler-embed-dialog");
      this.dialog.append(this.makeHeader(title), body);
      document.body.append(this.dialog);
      this.listen();
      this.dialog.showModal();
      this.frame = embed.addFrame(body, { widget: "contact-modal", resource, title });
      this.frame.iframe.focus();
    }

    /** @param {string} title */
    makeHeader(title) {
      const header = make("div", "spotler-embed-header");
      const heading = make("h2", "spotler-embed-title", title);
      heading.id = `spotler-${randomName()}`;
      this.dialog.setAttribute("aria-labelledby", heading.id);
      const close = (/** @type {Event} */ event) => this.askToClose(event);
      const button = makeButton("spotler-embed-close", "✕", close);
      button.setAttribute("aria-label", this.embed.words.close);
      header.append(heading, button);
      return header;
    }

    listen() {
      // Escape outside the frame; inside it the widget hears the key and sends modal.close.
      // "cancel" alone would not do: a browser closes at a second Escape whatever it is told.
      this.dialog.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.askToClose(event);
      });
      this.dialog.addEventListener("cancel", (event) => this.askToClose(event));
      this.dialog.addEventListener("close", () => this.cleanUp());
    }

    /** @param {Event} event */
    askToClose(event) {
      event.preventDefault();
      if (this.frame.dirty && !window.confirm(this.embed.words.leave)) return;
      this.dialog.close();
    }

    /** @param {unknown} result */
    close(result) {
      this.result = result === "saved" ? "saved" : "cancelled";
      this.dialog.close();
    }

    cleanUp() {
      // Before the frame goes: one that vanishes with the focus in it may take the focus along.
      this.opener.iframe.focus();
      this.frame.destroy();
      this.dialog.remove();
      this.embed.modal = undefined;
      if (this.result === "saved") this.opener.send("refresh");
      this.embed.options.onModalClose?.(this.result);
    }
  }

  // ---- Messages: what a widget may say, and what happens then --------------------------------

  /** Anything else is ignored. Nothing that is heard is ever an authorisation.
   * @type {Record<string, (embed: Embed, frame: Frame, payload: any) => void>} */
  const HEARD = {
    ready: (_embed, frame) => frame.becomeReady(),
    resize: (_embed, frame, { height }) => frame.resize(height),
    "token.request": (_embed, frame) => frame.renewToken(),
    dirty: (embed, frame, { dirty }) => embed.setDirty(frame, dirty === true),
    toast: (embed, _frame, payload) => embed.options.onToast?.(toastOf(payload)),
    "modal.open": (embed, frame, payload) => embed.openModal(frame, payload),
    "modal.close": (embed, frame, { result }) => {
      if (frame === embed.modal?.frame) embed.modal.close(result);
    },
    "contact.open": (embed, _frame, { id }) => embed.options.onContactOpen?.({ id: String(id) }),
    "contact.synced": (embed, _frame, payload) => embed.synced(payload),
    "wizard.done": (embed, frame, { run }) => {
      embed.setDirty(frame, false);
      embed.options.onWizardDone?.({ run: String(run) }, frame.handle());
    },
    "action.saved": (embed, frame, payload) => {
      embed.setDirty(frame, false);
      embed.options.onActionSaved?.(actionOf(payload), frame.handle());
    },
    "action.closed": (embed, frame, payload) => {
      embed.setDirty(frame, false);
      embed.options.onActionClosed?.(actionOf(payload), frame.handle());
    },
  };

  /** @param {any} payload @returns {Toast} */
  function toastOf(payload) {
    const level = ["success", "info", "error"].includes(payload.level) ? payload.level : "info";
    return { level, text: String(payload.text ?? "") };
  }

  /** @param {any} payload @returns {Action} */
  function actionOf(payload) {
    return { id: String(payload.id ?? ""), name: String(payload.name ?? "") };
  }

  // ---- Embed: all widgets of one page that talk to one plugin --------------------------------

  class Embed {
    /** @param {Options} options */
    constructor(options) {
      const url = new URL(options.pluginUrl, location.href);
      if (typeof options.fetchToken !== "function") throw new TypeError("fetchToken is missing");
      this.options = options;
      this.pluginUrl = url.href.replace(/\/+$/, "");
      this.pluginOrigin = url.origin;
      /** @type {"nl" | "en"} */
      this.lang = options.lang === "en" ? "en" : "nl";
      this.words = WORDS[this.lang];
      this.readyTimeout = options.readyTimeout ?? READY_TIMEOUT;
      /** @type {Set<Frame>} */
      this.frames = new Set();
      /** @type {Modal | undefined} */
      this.modal = undefined;
      this.onMessage = (/** @type {MessageEvent} */ event) => this.receive(event);
      this.onVisibility = () => this.frames.forEach((frame) => frame.tellVisibility());
      this.onMove = () => this.look();
      /** @type {number | undefined} The next look, while one is to come. */
      this.looking = undefined;
      this.lookedAt = 0;
      this.moves = new ResizeObserver(this.onMove);
      this.onLeave = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
      window.addEventListener("message", this.onMessage);
      document.addEventListener("visibilitychange", this.onVisibility);
      // Whatever scrolls, or changes its size, may move a frame.
      document.addEventListener("scroll", this.onMove, { capture: true, passive: true });
      window.addEventListener("resize", this.onMove);
      this.moves.observe(document.documentElement);
    }

    /** Tell the widgets what can be seen of them: ten times a second at most, and when it rests. */
    look() {
      const wait = Math.max(this.lookedAt + TELL_EVERY - performance.now(), 0);
      this.looking ??= window.setTimeout(() => {
        this.looking = undefined;
        this.lookedAt = performance.now();
        this.frames.forEach((frame) => frame.tellSeen());
      }, wait);
    }

    /** @param {HTMLElement} element @param {MountOptions} options */
    addFrame(element, options) {
      const frame = new Frame(this, element, options);
      this.frames.add(frame);
      return frame;
    }

    /** @param {Frame} frame */
    forget(frame) {
      this.frames.delete(frame);
      this.warnOnLeave();
    }

    /** A message counts when origin, window, version and channel are right; else it is ignored.
     * @param {MessageEvent} event */
    receive({ origin, source, data }) {
      if (origin !== this.pluginOrigin) return;
      if (typeof data !== "object" || data === null || data.v !== VERSION) return;
      const frame = [...this.frames].find(({ channel, iframe }) =>
        channel && channel === data.channel && iframe.contentWindow === source);
      if (!frame || !Object.hasOwn(HEARD, data.type)) return;
      HEARD[data.type](this, frame, data.payload ?? {});
    }

    /** @param {Frame} frame @param {boolean} dirty */
    setDirty(frame, dirty) {
      if (frame.dirty === dirty) return;
      frame.dirty = dirty;
      this.warnOnLeave();
      this.options.onDirty?.({ dirty }, frame.handle());
    }

    /** While something is unsaved, the browser asks before it leaves the page. */
    warnOnLeave() {
      const dirty = [...this.frames].some((frame) => frame.dirty);
      if (dirty) window.addEventListener("beforeunload", this.onLeave);
      else window.removeEventListener("beforeunload", this.onLeave);
    }

    /** Only a data block opens a modal, and only for the contact it was launched with.
     * @param {Frame} frame @param {any} payload */
    openModal(frame, payload) {
      const { widget, resource } = frame.options;
      if (this.modal || widget !== "data-block" || payload.widget !== "contact-modal") return;
      if (payload.resource?.type !== "contact" || payload.resource.id !== resource.id) return;
      this.modal = new Modal(this, frame);
    }

    /** @param {any} payload */
    synced(payload) {
      const id = String(payload.id);
      this.refresh(id);
      this.options.onSynced?.({ id, status: String(payload.status) });
    }

    /** Let the data blocks (of one contact, or all) read their state again.
     * @param {string} [contactId] */
    refresh(contactId) {
      for (const frame of this.frames) {
        const { widget, resource } = frame.options;
        const meant = contactId === undefined || resource.id === contactId;
        if (widget === "data-block" && meant) frame.send("refresh");
      }
    }

    destroy() {
      window.removeEventListener("message", this.onMessage);
      document.removeEventListener("visibilitychange", this.onVisibility);
      document.removeEventListener("scroll", this.onMove, { capture: true });
      window.removeEventListener("resize", this.onMove);
      window.clearTimeout(this.looking);
      this.moves.disconnect();
      this.modal?.dialog.close();
      for (const frame of [...this.frames]) frame.destroy();
    }
  }

  // ---- What the page gets --------------------------------------------------------------------

  /** @param {Options} options */
  function create(options) {
    const embed = new Embed(options);
    return Object.freeze({
      /** @param {HTMLElement} element @param {MountOptions} mount @returns {Handle} */
      mount: (element, mount) => embed.addFrame(element, mount).handle(),
      refresh: (/** @type {string | undefined} */ contactId) => embed.refresh(contactId),
      destroy: () => embed.destroy(),
    });
  }

  Object.defineProperty(window, "SpotlerEmbed", { value: Object.freeze({ create }) });
})();
