// A kiosk's pages: gives out a ticket from its own numbers when there is no network, hands in what it gave out, says how it
// stands, and goes back to the start when nobody is there any more.
(() => {
  const body = document.body;
  const store = window.KioskStore;
  const { kiosk: base, at } = body.dataset;
  const TALK_MS = 20000;
  const KEEP_MS = 10 * 60000;
  const IDLE_MS = at === "ticket" || at === "paper" ? 45000 : 90000;
  const STILL_MS = 20000;
  const FIRST = "zh-CN";
  const find = (name, root = document) => root.querySelector(`[data-${name}]`);
  const lang = document.documentElement.lang;
  const page = (name, tag = lang) => `${base}${name}?lang=${tag}`;
  const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });

  // --- How it stands ---------------------------------------------------------------------------------------------

  async function show() {
    const now = await store.state();
    const waiting = (await store.toHandIn()).length;
    const left = store.free(now).length;
    const state = find("kiosk-state");
    const words = [];
    if (now.revoked) words.push(OneStop.words(body, "revoked"));
    else if (now.cutSince) words.push(OneStop.words(body, left ? "offline" : "offlineNone", { time: clock(now.cutSince) }));
    else words.push(OneStop.words(body, "online"));
    if (waiting) words.push(OneStop.words(body, "waiting", { n: waiting }));
    else if (now.handedIn && !now.revoked) words.push(OneStop.words(body, "handedIn", { n: now.handedIn }));
    const said = words.join(" · ");
    if (state.textContent !== said) state.textContent = said;
    state.dataset.tone = now.cutSince || now.revoked ? "cut" : "";
    const notes = find("kiosk-notes");
    notes.replaceChildren(...now.notes.map(({ before, after }) => {
      const line = document.createElement("li");
      line.textContent = OneStop.words(body, after ? "changed" : "refused", { before, after });
      return line;
    }));
    notes.hidden = !now.notes.length;
    const cut = find("kiosk-cut");
    if (cut) cut.hidden = !now.cutSince;
    for (const code of now.exhausted) {
      const box = document.querySelector(`[name=service_codes][value="${CSS.escape(code)}"]`);
      if (!box) continue;
      box.disabled = true;
      box.checked = false;
      find("gone", box.closest("label")).hidden = false;
    }
    Object.assign(body.dataset, { cut: now.cutSince ? "yes" : "", left, waiting });
  }

  // The hall has opened or closed since this page was made: nobody is here who would load it again.
  async function talk() {
    const heard = await store.talk();
    await show();
    const { open, revoked } = await store.state();
    if (heard && at === "start" && !revoked && open === Boolean(body.dataset.closed)) location.reload();
  }
  setInterval(talk, TALK_MS);
  window.addEventListener("online", talk);
  window.addEventListener("offline", talk);
  talk();

  // --- Kept for the time without a network -------------------------------------------------------------------------

  function addresses() {
    const pages = ["zh-CN", "en"].flatMap((tag) => ["", "/new", "/arrive", "/paper"].map((name) => page(name, tag)));
    const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], use")].map((each) => (each.href?.baseVal ?? each.href ?? each.src).split("#")[0]);
    return [...pages, ...new Set(files)];
  }

  async function keep() {
    if (!("serviceWorker" in navigator) || at !== "start") return;
    await navigator.serviceWorker.register("/kiosk/worker.js", { scope: "/kiosk/" });
    const { active } = await navigator.serviceWorker.ready;
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => { body.dataset.kept = data ? "yes" : ""; };
    active.postMessage({ keep: addresses() }, [channel.port2]);
    navigator.storage?.persist?.();
  }
  keep();
  if (at === "start") setInterval(keep, KEEP_MS);

  // --- A ticket ----------------------------------------------------------------------------------------------------

  function chosen(form) {
    const boxes = [...form.querySelectorAll("[name=service_codes]:checked")];
    return {
      service_codes: boxes.map((each) => each.value),
      services: boxes.map(({ dataset }) => ({ zh: dataset.zh, en: dataset.en })),
      letter: boxes[0]?.dataset.letter ?? "",
      priority: form.querySelector("[name=priority]:checked")?.value ?? "none",
      language: lang,
    };
  }

  // Asks for the ticket with the number that it has for it. Where the answer stays away nobody knows whether it was taken: the
  // same ticket is handed in later, and is then known.
  async function take(form) {
    const ticket = await store.reserve(chosen(form)).catch(() => null);
    if (!ticket) { form.submit(); return; }
    ticket.shown = `${ticket.letter}${String(ticket.number).padStart(3, "0")}`;
    const typed = new URLSearchParams(new FormData(form));
    typed.set("ticket_id", ticket.ticket_id);
    typed.set("number", ticket.number);
    let answer = null;
    try {
      answer = await fetch(form.action, { method: "POST", body: typed, signal: AbortSignal.timeout(store.PATIENCE_MS) });
    } catch {
      // no network: below
    }
    if (answer?.ok && answer.redirected) {
      await store.known(ticket);
      location.assign(answer.url);
    } else if (answer && answer.status < 500) {
      await store.release(ticket);
      form.submit();  // the page says what is wrong
    } else {
      await store.giveOut(ticket);
      location.assign(`${page("/paper")}#${ticket.ticket_id}`);
    }
  }

  OneStop.enhance("[data-kiosk-form]", (form) => {
    const none = find("kiosk-none");
    form.addEventListener("change", () => { none.textContent = ""; });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (form.querySelector("[name=service_codes]:checked")) { take(form); return; }
      none.textContent = OneStop.words(form, "none");
      delete form.dataset.sent;
      event.submitter?.removeAttribute("aria-busy");
    });
  });

  async function fill() {
    const ticket = await store.ticket(location.hash.slice(1));
    if (!ticket) { location.replace(page("", FIRST)); return; }
    const given = new Date(ticket.given_at);
    for (const each of document.querySelectorAll("[data-paper]")) {
      if (each.dataset.paper === "shown") each.textContent = ticket.shown;
      if (each.dataset.paper === "time") each.textContent = given.toLocaleString(lang, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });
      if (each.dataset.paper === "services") each.replaceChildren(...ticket.services.map(service));
    }
    body.dataset.filled = "yes";
  }
  function service({ zh, en }) {
    const line = document.createElement("li");
    for (const [tag, name] of [["zh-CN", zh], ["en", en]]) {
      const words = document.createElement("span");
      words.lang = tag;
      words.textContent = name;
      line.append(words);
    }
    return line;
  }
  if (at === "paper") fill();

  // --- The reference: a scanner types it and presses Enter; by touch there are keys -----------------------------------

  const reference = find("kiosk-reference");
  reference?.focus({ preventScroll: true });
  for (const key of document.querySelectorAll("[data-kiosk-key]")) {
    key.addEventListener("click", () => {
      const { kioskKey } = key.dataset;
      reference.value = kioskKey === "back" ? reference.value.slice(0, -1) : reference.value + kioskKey;
    });
  }

  // --- Nobody there --------------------------------------------------------------------------------------------------

  const still = find("kiosk-still");
  let timer = 0;
  function wait() {
    clearTimeout(timer);
    if (still.open) still.close();
    timer = setTimeout(() => {
      still.showModal();
      timer = setTimeout(() => location.assign(page("", FIRST)), STILL_MS);
    }, IDLE_MS);
  }
  if (at !== "start" || lang !== FIRST) {
    for (const name of ["pointerdown", "keydown", "scroll"]) document.addEventListener(name, wait, { passive: true });
    find("kiosk-here").addEventListener("click", wait);
    wait();
  }
})();
