// The list of staff: a request opens beside it where there is room, steps are taken there, and keys do what the mouse does.
// Without this script every link and form is a page of its own.
OneStop.enhance("[data-inbox]", (inbox) => {
  const OFF = "onestop.inbox.keys-off";
  const TALKS = /\/(messages|notes)$/;
  const wide = window.matchMedia("(min-width: 75rem)");
  const panel = document.getElementById("panel");
  const inside = document.getElementById("panel-inside");
  const live = document.querySelector("[data-live]");
  const status = inbox.querySelector("[data-inbox-status]");
  const dialog = document.querySelector("[data-keys]");
  const selected = new Set();
  let current = ""; // the reference of the row where one is
  let place = 0; // its place in the list, for when it is gone
  let loading = 0;

  const rows = () => [...inbox.querySelectorAll("[data-row]")];
  const rowOf = (reference) => rows().find((row) => row.dataset.row === reference);
  const linkIn = (row) => row?.querySelector("a[data-open]");
  const opened = () => new URL(location.href).searchParams.get("open") ?? "";
  const say = (words) => { status.textContent = words; };

  // --- The request beside the list ---

  function address(reference) {
    const url = new URL(location.href);
    url.hash = "";
    if (reference) url.searchParams.set("open", reference); else url.searchParams.delete("open");
    return url.pathname + url.search;
  }

  function mark(reference) {
    panel.hidden = !reference;
    inbox.classList.toggle("inbox--open", Boolean(reference));
    for (const row of rows()) row.toggleAttribute("aria-current", row.dataset.row === reference);
    for (const row of rows()) if (row.dataset.row === reference) row.setAttribute("aria-current", "true");
    history.replaceState(null, "", address(reference));
    if (live) live.dataset.live = address(reference);
  }

  // What was a page becomes a part of this one: its headline is no longer the page's, and no id stands here twice.
  function fit(part) {
    for (const headline of part.querySelectorAll("h1")) {
      const lower = document.createElement("h2");
      lower.append(...headline.childNodes);
      for (const { name, value } of headline.attributes) lower.setAttribute(name, value);
      lower.tabIndex = -1;
      lower.classList.add("h1");
      headline.replaceWith(lower);
    }
    for (const element of part.querySelectorAll("[id]")) {
      const elsewhere = document.getElementById(element.id);
      if (!elsewhere || panel.contains(elsewhere)) continue;
      const [before, after] = [element.id, `panel-${element.id}`];
      for (const name of ["for", "aria-labelledby", "aria-describedby"]) {
        for (const other of part.querySelectorAll(`[${name}~="${CSS.escape(before)}"]`)) {
          other.setAttribute(name, other.getAttribute(name).split(" ").map((id) => (id === before ? after : id)).join(" "));
        }
      }
      for (const link of part.querySelectorAll(`a[href="#${CSS.escape(before)}"]`)) link.setAttribute("href", `#${after}`);
      element.id = after;
    }
    return part;
  }

  // Passed on to another station, it may stand in this list no longer: the list says so, without it.
  function leave(passed) {
    const url = new URL(address(""), location);
    if (passed) url.searchParams.set("passed", passed);
    location.assign(url);
  }

  async function load(path, { body, focus = true } = {}) {
    const turn = ++loading;
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(path, body ? { method: "POST", body } : {});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.querySelector("[data-panel]") ?? page.querySelector("main");
      if (turn !== loading || !part) return;
      const led = new URL(answer.url);
      if (led.pathname === "/sign-in") { location.assign(answer.url); return; }
      if (body && led.pathname === location.pathname) { leave(led.searchParams.get("passed")); return; }
      await htmx.swap({ sourceElement: inside, target: inside, swap: "innerHTML", text: fit(part).innerHTML });
      const anchor = TALKS.test(path) ? "#messages" : new URL(path, location).hash;
      const target = anchor && inside.querySelector(anchor);
      if (target) target.scrollIntoView(); else panel.scrollTop = 0;
      if (focus && !inside.querySelector("[data-focus]")) inside.querySelector("h2")?.focus({ preventScroll: true });
      if (body) live?.dispatchEvent(new Event("changed"));
    } catch (error) {
      console.warn("inbox:", error.message);
      say(OneStop.words(inbox, "failed"));
    } finally {
      if (turn === loading) panel.removeAttribute("aria-busy");
    }
  }

  async function open(reference, { path, focus } = {}) {
    mark(reference);
    await load(path ?? `/office/requests/${encodeURIComponent(reference)}`, { focus });
    say(OneStop.words(inbox, "opened", { reference }));
  }

  function close() {
    const before = opened();
    loading += 1;
    inside.replaceChildren();
    mark("");
    go(rowOf(before) ?? rows()[place]);
  }

  const plain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const ofRequests = (url) => url.origin === location.origin && /^\/office\/requests\/[^/]+/.test(url.pathname)
    && !/\/(files\/|calendar\.ics)/.test(url.pathname);

  inbox.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !plain(event) || event.defaultPrevented) return;
    if (link.hasAttribute("data-close")) { event.preventDefault(); close(); return; }
    if (!wide.matches || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    const row = link.closest("[data-row]");
    if (row) {
      event.preventDefault();
      stand(row);
      open(row.dataset.row, { path: link.pathname + link.hash });
    } else if (panel.contains(link) && ofRequests(url) && !link.getAttribute("href").startsWith("#")) {
      event.preventDefault();
      load(url.pathname + url.search + url.hash);
    }
  });

  panel.addEventListener("submit", (event) => {
    const form = event.target;
    const url = new URL(event.submitter?.getAttribute("formaction") ?? form.action, location.href);
    if (event.defaultPrevented || !wide.matches || form.method !== "post" || !ofRequests(url)) return;
    event.preventDefault();
    const filled = new FormData(form, event.submitter);
    load(url.pathname, { body: form.enctype === "multipart/form-data" ? filled : new URLSearchParams(filled) });
  });

  // --- Where one is in the list ---

  function stand(row) {
    if (!row) return;
    [current, place] = [row.dataset.row, rows().indexOf(row)];
    for (const link of inbox.querySelectorAll("a[data-open]")) link.tabIndex = 0;
  }

  function go(row) {
    if (!row) return;
    stand(row);
    linkIn(row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(rowOf(current) ?? rowOf(opened()));
    go(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  inbox.addEventListener("focusin", (event) => stand(event.target.closest("[data-row]")));

  // --- What is selected, also when the list is shown anew ---

  function count() {
    const told = inbox.querySelector("[data-chosen]");
    if (told) told.textContent = selected.size ? OneStop.words(inbox, "chosen", { n: selected.size }) : "";
    const every = inbox.querySelector("[data-all]");
    if (every) every.checked = selected.size > 0 && selected.size === rows().length;
  }

  function restore() {
    const shown = new Set(rows().map((row) => row.dataset.row));
    for (const reference of selected) if (!shown.has(reference)) selected.delete(reference);
    for (const box of inbox.querySelectorAll("[name=reference]")) box.checked = selected.has(box.value);
    count();
  }

  inbox.addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) {
      for (const row of rows()) if (target.checked) selected.add(row.dataset.row); else selected.delete(row.dataset.row);
      restore();
    } else if (target.matches("[name=reference]")) {
      if (target.checked) selected.add(target.value); else selected.delete(target.value);
      count();
    }
  });

  document.addEventListener("htmx:after:swap", () => {
    const reference = opened();
    for (const row of rows()) if (row.dataset.row === reference) row.setAttribute("aria-current", "true");
    restore();
    if (document.activeElement === document.body && current && !rowOf(current)) go(rows()[Math.min(place, rows().length - 1)]);
  });
  for (const box of inbox.querySelectorAll("[name=reference]:checked")) selected.add(box.value);
  count();

  // --- Keys ---

  const off = () => localStorage.getItem(OFF) === "1";
  const box = dialog.querySelector("[data-keys-off]");
  box.checked = off();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
  for (const button of document.querySelectorAll("[data-keys-open]")) button.addEventListener("click", () => dialog.showModal());

  // A step of the request where one is: by its button, if it is open and has one, else by its address.
  function take(verb, body) {
    const row = rowOf(current) ?? rowOf(opened());
    if (!row) return;
    const reference = row.dataset.row;
    const path = `/office/requests/${reference}/step/${verb}`;
    if (!wide.matches) { location.assign(`/office/requests/${reference}`); return; }
    mark(reference);
    load(path, { body: body && new URLSearchParams(), focus: !body });
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    o: () => linkIn(rowOf(current)) && (wide.matches ? open(current, { focus: false }) : linkIn(rowOf(current)).click()),
    n: () => { step(opened() || current ? 1 : 0); if (current && wide.matches) open(current, { focus: false }); },
    x: () => rowOf(current)?.querySelector("[name=reference]")?.click(),
    a: () => take("accept", true),
    r: () => take("return", false),
    "/": () => document.getElementById("f-q").focus(),
    "?": () => dialog.showModal(),
  };

  function listens(target) {
    if (target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog")) return false;
    return target === document.body || Boolean(target.closest("#live-part"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (!dialog.open && opened() && !event.target.closest("input, select, textarea")) { event.preventDefault(); close(); }
      return;
    }
    if (off() || !listens(event.target)) return;
    const arrows = event.target.closest("a[data-open]") ? { ArrowDown: KEYS.j, ArrowUp: KEYS.k } : {};
    const key = arrows[event.key] ?? (Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null);
    if (!key) return;
    event.preventDefault();
    key();
  });
});
