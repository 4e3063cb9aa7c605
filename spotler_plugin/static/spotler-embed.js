// @ts-check
/**
 * The CRM's half of the conversation with the Spotler plugin. No dependencies, no eval, no inline
 * styles or scripts: it works under a CSP of
 *   script-src 'self' PLUGIN; frame-src PLUGIN; form-action 'self' PLUGIN.
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
  const TALLEST = 20_000;
  const SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-downloads";
  const WORDS = {
    nl: {
      waiting: "Spotler wordt geladen…",
      failed: "Spotler kon niet worden geladen.",
      again: "Opnieuw proberen",
      close: "Sluiten",
      leave: "Je wijzigingen zijn nog niet opgeslagen. Toch sluiten?",
    },
    en: {
      waiting: "Spotler is loading…",
      failed: "Spotler could not be loaded.",
      again: "Try again",
      close: "Close",
      leave: "Your changes have not been saved. Close anyway?",
    },
  };

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

  /** One widget in one iframe: launched, listened to, and launched again when it failed. */
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
      /** @type {HTMLElement | undefined} What stands above a frame that is not ready. */
      this.notice = undefined;
      /** @type {number[]} */
      this.timers = [];
      this.channel = "";
      this.iframe = this.makeIframe();
      this.observer = new IntersectionObserver((entries) => {
        this.onScreen = entries[entries.length - 1].isIntersecting;
        this.tellVisibility();
      });
      this.launch();
    }

    /** Every launch gets a new iframe and a new channel: the old one can no longer say anything. */
    makeIframe() {
      const iframe = document.createElement("iframe");
      iframe.name = `spotler-${randomName()}`;
      iframe.title = this.options.title;
      iframe.setAttribute("sandbox", SANDBOX);
      iframe.className = "spotler-embed-frame";
      iframe.style.display = "block";
      iframe.style.width = "100%";
      iframe.style.border = "0";
      return iframe;
    }

    async launch() {
      this.channel = randomName();
      const { channel } = this;
      this.element.replaceChildren(this.iframe);
      this.observer.observe(this.iframe);
      this.timers = [
        window.setTimeout(() => this.say(this.embed.words.waiting), PATIENCE),
        window.setTimeout(() => this.fail(), this.embed.readyTimeout),
      ];
      try {
        const token = await this.fetchToken();
        if (channel === this.channel && this.iframe.isConnected) this.submit(token);
      } catch (error) {
        if (channel === this.channel) this.fail();
        console.error("SpotlerEmbed: no launch token", error);
      }
    }

    fetchToken() {
      const { widget, resource } = this.options;
      const { channel } = this;
      return this.embed.options.fetchToken({ widget, resource, channel, lang: this.embed.lang });
    }

    /** A form, never a link: a token in a URL leaks into logs and Referer headers.
     * @param {string} token */
    submit(token) {
      const form = document.createElement("form");
      form.method = "post";
      form.action = `${this.embed.pluginUrl}/launch`;
      form.target = this.iframe.name;
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

    /** The frame stays in sight: a refused launch says in it what to do. */
    fail() {
      this.stopWaiting();
      const { failed, again } = this.embed.words;
      const button = make("button", "spotler-embed-retry", again);
      button.type = "button";
      button.addEventListener("click", () => this.relaunch());
      this.say(failed).append(button);
    }

    /** @param {string} text */
    say(text) {
      const notice = make("div", "spotler-embed-fallback");
      notice.setAttribute("role", "status");
      notice.append(make("p", "", text));
      this.notice?.remove();
      this.notice = notice;
      this.element.prepend(notice);
      return notice;
    }

    /** No more notices, and none left. */
    stopWaiting() {
      this.timers.forEach((timer) => window.clearTimeout(timer));
      this.notice?.remove();
      this.notice = undefined;
    }

    relaunch() {
      this.stopWaiting();
      this.toldVisible = undefined;
      this.observer.unobserve(this.iframe);
      this.iframe = this.makeIframe();
      this.launch();
      this.iframe.focus();
    }

    becomeReady() {
      // The frame had the focus before its document came; without this no key would reach it.
      if (document.activeElement === this.iframe) {
        this.iframe.blur();
        this.iframe.focus();
      }
      // A frame that was slow rather than dead takes its place after all.
      this.stopWaiting();
      this.ready = true;
      this.tellVisibility();
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

    /** @param {unknown} height */
    resize(height) {
      if (typeof height !== "number" || !Number.isFinite(height)) return;
      this.iframe.style.height = `${Math.min(Math.max(Math.ceil(height), 0), TALLEST)}px`;
    }

    async renewToken() {
      try {
        this.send("token.response", { token: await this.fetchToken() });
      } catch (error) {
        console.error("SpotlerEmbed: no new launch token", error);
      }
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
      this.stopWaiting();
      this.channel = "";
      this.ready = false;
      this.observer.disconnect();
      this.iframe.remove();
      this.embed.forget(this);
    }
  }

  /** The dialog in which a data block shows the contact's modal. */
  class Modal {
    /** @param {Embed} embed @param {Frame} opener */
    constructor(embed, opener) {
      this.embed = embed;
      this.opener = opener;
      /** @type {"saved" | "cancelled"} */
      this.result = "cancelled";
      this.dialog = make("dialog", "spotler-embed-dialog");
      const body = make("div", "spotler-embed-body");
      this.dialog.append(this.makeHeader(), body);
      document.body.append(this.dialog);
      // Escape outside the frame; inside it the widget hears the key and sends modal.close.
      // "cancel" alone would not do: a browser closes at a second Escape whatever it is told.
      this.dialog.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.askToClose(event);
      });
      this.dialog.addEventListener("cancel", (event) => this.askToClose(event));
      this.dialog.addEventListener("close", () => this.cleanUp());
      this.dialog.showModal();
      const { resource } = opener.options;
      const title = opener.options.modalTitle || opener.options.title;
      this.frame = embed.addFrame(body, { widget: "contact-modal", resource, title });
      this.fitIframe();
      this.frame.iframe.focus();
    }

    makeHeader() {
      const header = make("div", "spotler-embed-header");
      const { modalTitle, title } = this.opener.options;
      const heading = make("h2", "", modalTitle || title);
      heading.id = `spotler-${randomName()}`;
      this.dialog.setAttribute("aria-labelledby", heading.id);
      const button = make("button", "spotler-embed-close", this.embed.words.close);
      button.type = "button";
      button.addEventListener("click", (event) => this.askToClose(event));
      header.append(heading, button);
      return header;
    }

    /** The widget scrolls inside its frame, so that its buttons stay at the bottom of the dialog. */
    fitIframe() {
      const { style } = this.frame.iframe;
      style.height = "320px";
      style.maxHeight = "calc(100dvh - 120px)";
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

  /** All widgets of one page that talk to one plugin. */
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
      this.onLeave = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
      window.addEventListener("message", this.onMessage);
      document.addEventListener("visibilitychange", this.onVisibility);
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
    receive(event) {
      if (event.origin !== this.pluginOrigin) return;
      const message = event.data;
      if (typeof message !== "object" || message === null || message.v !== VERSION) return;
      for (const frame of this.frames) {
        const fits = frame.iframe.contentWindow === event.source && frame.channel === message.channel;
        if (fits && frame.channel) {
          this.act(frame, message.type, message.payload ?? {});
          return;
        }
      }
    }

    /** @param {Frame} frame @param {unknown} type @param {any} payload */
    act(frame, type, payload) {
      const { options } = this;
      switch (type) {
        case "ready":
          return frame.becomeReady();
        case "resize":
          return frame.resize(payload.height);
        case "token.request":
          return void frame.renewToken();
        case "dirty":
          return this.setDirty(frame, payload.dirty === true);
        case "toast":
          return options.onToast?.(toastOf(payload));
        case "modal.open":
          return this.openModal(frame, payload);
        case "modal.close":
          return frame === this.modal?.frame ? this.modal.close(payload.result) : undefined;
        case "contact.synced":
          return this.synced(payload);
        case "wizard.done":
          this.setDirty(frame, false);
          return options.onWizardDone?.({ run: String(payload.run) }, frame.handle());
        case "action.saved":
          this.setDirty(frame, false);
          return options.onActionSaved?.(actionOf(payload), frame.handle());
        case "action.closed":
          this.setDirty(frame, false);
          return options.onActionClosed?.(actionOf(payload), frame.handle());
        default:
          return undefined;
      }
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
      this.modal?.dialog.close();
      for (const frame of [...this.frames]) frame.destroy();
    }
  }

  /** @param {any} payload @returns {Toast} */
  function toastOf(payload) {
    const level = ["success", "info", "error"].includes(payload.level) ? payload.level : "info";
    return { level, text: String(payload.text ?? "") };
  }

  /** @param {any} payload @returns {Action} */
  function actionOf(payload) {
    return { id: String(payload.id ?? ""), name: String(payload.name ?? "") };
  }

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
