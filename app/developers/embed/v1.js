// A button that leads to a booking at the portal: <onestop-book service="MET-MEC-015" station="WH-JJ-01" lang="zh-CN">
// with a plain link inside, which stays where this script doesn't run. Documented at /embed of the portal.
//
// It asks nobody and stores nothing: until the button is pressed the portal learns only that this file was fetched.
// No inline style, no markup from strings: it works under style-src 'self' and with Trusted Types.
(() => {
  if (!window.customElements || customElements.get("onestop-book")) return;
  if (!("adoptedStyleSheets" in Document.prototype)) return; // the plain link stays

  const home = document.currentScript ? new URL(document.currentScript.src).origin : "";
  const WORDS = {
    zh: { book: "在线预约", tab: "（在新窗口打开）" },
    en: { book: "Book online", tab: " (opens in a new tab)" },
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: inline-block; max-width: 100%; }
    :host([hidden]) { display: none; }
    a {
      --ground: #0b5a6f; --ground-2: #073e4d; --ink: #ffffff;
      display: inline-flex; align-items: center; gap: 8px; box-sizing: border-box; min-height: 44px; max-width: 100%;
      padding: 8px 20px; border: 2px solid transparent; border-radius: 6px;
      background: var(--ground); color: var(--ink); text-decoration: none; overflow-wrap: anywhere;
      font: 600 17px/1.4 system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
    }
    a:hover { background: var(--ground-2); text-decoration: underline; }
    a:focus-visible { outline: 3px solid #ffc53d; outline-offset: 1px; box-shadow: 0 0 0 6px #16212b; }
    svg { flex: none; width: 20px; height: 20px; fill: none; stroke: currentcolor; stroke-width: 2; }
    .tab { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    :host([theme="dark"]) a { --ground: #e3f0f3; --ground-2: #ffffff; --ink: #073e4d; }
    @media (prefers-color-scheme: dark) {
      :host([theme="auto"]) a { --ground: #e3f0f3; --ground-2: #ffffff; --ink: #073e4d; }
    }
  `);

  function made(name, attributes) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    return part;
  }

  function sign() {
    const svg = made("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" });
    svg.append(made("path", { d: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M9 15l2 2 4-4" }));
    return svg;
  }

  class OneStopBook extends HTMLElement {
    static observedAttributes = ["service", "station", "lang", "label"];

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      this.anchor = document.createElement("a");
      this.caption = document.createElement("span");
      this.tab = document.createElement("span");
      this.tab.className = "tab";
      this.anchor.target = "_blank";
      this.anchor.rel = "noopener noreferrer";
      this.anchor.append(sign(), this.caption, this.tab);
      root.append(this.anchor);
    }

    connectedCallback() {
      this.show();
    }

    attributeChangedCallback() {
      this.show();
    }

    // The link inside says where the portal is: this file may be served from elsewhere.
    show() {
      const plain = this.querySelector("a[href]");
      const tag = this.getAttribute("lang") || this.closest("[lang]")?.getAttribute("lang") || "zh-CN";
      const lang = tag.toLowerCase().startsWith("en") ? "en" : "zh";
      const there = plain && /^https?:$/.test(plain.protocol) ? plain.origin : home;
      const to = new URL("/book", there || window.location.origin);
      for (const name of ["service", "station"]) {
        for (const code of (this.getAttribute(name) || "").split(/[\s,]+/).filter(Boolean)) to.searchParams.append(name, code);
      }
      to.searchParams.set("lang", lang === "en" ? "en" : "zh-CN");
      this.anchor.href = to.href;
      this.anchor.lang = tag;
      this.caption.textContent = this.getAttribute("label") || plain?.textContent.trim() || WORDS[lang].book;
      this.tab.textContent = WORDS[lang].tab;
    }
  }

  customElements.define("onestop-book", OneStopBook);
})();
