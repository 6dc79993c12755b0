// The counter without a network: who waits, by the same order as the server's (app/hall/rules/calling.py), and what is done at
// one's desk. Everything is kept by kiosk-store.js and handed in when the network is back; with a network one works on the board.
(() => {
  const body = document.body;
  const store = window.KioskStore;
  const TALK_MS = 20000;
  const ageing = Number(body.dataset.ageing);
  const find = (name, root = document) => root.querySelector(`[data-${name}]`);
  const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
  const AFTER = { call: "called", start: "serving", finish: "done", no_show: "no_show" };
  const names = new Map([...document.querySelectorAll("[data-service]")].map((each) => [each.value, each]));
  const desks = find("desk");

  function given({ ticket_id, number, shown, given_at, service_codes }) {
    const came = Date.parse(given_at);
    const wants = service_codes.reduce((all, code) => all | Number(names.get(code)?.dataset.skill ?? 0), 0);
    return { ticket_id, number: shown, nth: number, state: "waiting", first_from: came + ageing, rank_at: came, wants, desk: null, for_desk: null, service_codes };
  }

  // The tickets as this browser knows them: as they were last heard of, those given out here, and what was done since.
  async function tickets(now) {
    const known = now.known.map((each) => ({ ...each, first_from: Date.parse(each.first_from), rank_at: Date.parse(each.rank_at) }));
    const found = new Map(known.map((each) => [each.ticket_id, each]));
    for (const each of await store.toHandIn()) if (!found.has(each.ticket_id)) found.set(each.ticket_id, given(each));
    for (const { ticket_id, action, desk } of await store.steps()) {
      const each = found.get(ticket_id);
      if (each) Object.assign(each, { state: AFTER[action], desk: action === "call" ? desk : each.desk });
    }
    return [...found.values()];
  }

  function order(waiting, moment) {
    const late = (each) => Number(moment < each.first_from);
    return waiting.sort((one, other) => late(one) - late(other) || one.rank_at - other.rank_at || one.nth - other.nth);
  }

  const at = () => {
    const chosen = desks.selectedOptions[0];
    return { desk: chosen.value, skills: Number(chosen.dataset.skills) };
  };

  async function picture() {
    const now = await store.state();
    const { desk, skills } = at();
    const all = await tickets(now);
    const mine = now.own?.desk === desk ? now.own.skills : skills;
    const waiting = order(all.filter((each) => each.state === "waiting"), store.moment(now));
    return {
      now,
      waiting,
      mine: all.find((each) => each.desk === desk && ["called", "serving"].includes(each.state)),
      next: waiting.find((each) => each.wants & mine && [null, desk].includes(each.for_desk)),
    };
  }

  // --- What is seen --------------------------------------------------------------------------------------------------

  function row(ticket, busy) {
    const line = document.createElement("li");
    line.className = "hall-ticket";
    const number = document.createElement("strong");
    number.className = "hall-ticket__number";
    number.textContent = ticket.number;
    const what = document.createElement("p");
    what.textContent = ticket.service_codes.map((code) => names.get(code)?.textContent.trim() ?? code).join(" · ");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = OneStop.words(body, "callOne", { number: ticket.number });
    button.hidden = busy;
    button.addEventListener("click", () => take("call", ticket));
    line.append(number, what, button);
    return line;
  }

  function standing({ now, toHandIn, left }) {
    const words = [];
    if (now.revoked) words.push(OneStop.words(body, "revoked"));
    else if (now.cutSince) words.push(OneStop.words(body, left ? "offline" : "offlineNone", { time: clock(now.cutSince) }));
    else words.push(OneStop.words(body, "online"));
    if (toHandIn) words.push(OneStop.words(body, "waiting", { n: toHandIn }));
    else if (now.handedIn) words.push(OneStop.words(body, "handedIn", { n: now.handedIn }));
    return words.join(" · ");
  }

  function note({ before, after, action }) {
    const line = document.createElement("li");
    line.textContent = action ? OneStop.words(body, "overtaken", { before, what: OneStop.words(body, action) }) : OneStop.words(body, after ? "changed" : "refused", { before, after });
    return line;
  }

  async function show() {
    const { now, waiting, mine, next } = await picture();
    const toHandIn = (await store.toHandIn()).length + (await store.steps()).length;
    const left = store.free(now).length;
    const said = standing({ now, toHandIn, left });
    const state = find("state");
    if (state.textContent !== said) state.textContent = said;
    state.dataset.tone = now.cutSince || now.revoked ? "cut" : "";
    find("notes").replaceChildren(...now.notes.map(note));
    find("connected").hidden = Boolean(now.cutSince);
    find("work").hidden = !now.cutSince;
    find("mine").textContent = mine ? mine.number : "–";
    find("mine-state").textContent = mine ? OneStop.words(body, mine.state) : OneStop.words(body, "free");
    find("do-call").disabled = Boolean(mine) || !next;
    find("do-start").disabled = mine?.state !== "called";
    find("do-no-show").disabled = mine?.state !== "called";
    find("do-finish").disabled = mine?.state !== "serving";
    find("give").disabled = !left;
    find("waiting").replaceChildren(...waiting.map((each) => row(each, Boolean(mine))));
    find("nobody").hidden = waiting.length > 0;
    Object.assign(body.dataset, { cut: now.cutSince ? "yes" : "", left, toHandIn });
  }

  // --- What is done --------------------------------------------------------------------------------------------------

  async function take(action, ticket) {
    if (!ticket) return;
    await store.step({ action, ticket_id: ticket.ticket_id, shown: ticket.number, desk: at().desk });
    await show();
  }

  const DO = {
    call: async () => take("call", (await picture()).next),
    start: async () => take("start", (await picture()).mine),
    finish: async () => take("finish", (await picture()).mine),
    "no-show": async () => take("no_show", (await picture()).mine),
  };
  for (const [name, work] of Object.entries(DO)) find(`do-${name}`).addEventListener("click", work);
  const KEYS = { n: "call", s: "start", f: "finish", x: "no-show" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("select, input")) return;
    const button = KEYS[event.key] && find(`do-${KEYS[event.key]}`);
    if (button && !button.disabled && !find("work").hidden) button.click();
  });

  find("give-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = find("services").selectedOptions[0];
    const wanted = { service_codes: [chosen.value], letter: chosen.dataset.letter, priority: "none", language: "zh-CN" };
    const ticket = await store.reserve({ ...wanted, services: [] });
    if (ticket) {
      ticket.shown = `${ticket.letter}${String(ticket.number).padStart(3, "0")}`;
      await store.giveOut(ticket);
      find("given").textContent = OneStop.words(body, "given", { number: ticket.shown });
    }
    await show();
  });

  desks.addEventListener("change", show);

  // --- The network ---------------------------------------------------------------------------------------------------

  async function talk() {
    await store.talk();
    const { own } = await store.state();
    if (own && !body.dataset.seated) {
      desks.value = own.desk;
      body.dataset.seated = own.desk;
    }
    await show();
  }
  setInterval(talk, TALK_MS);
  window.addEventListener("online", talk);
  window.addEventListener("offline", talk);
  talk();

  async function keep() {
    if (!("serviceWorker" in navigator)) return;
    const scope = location.pathname;
    const registration = await navigator.serviceWorker.register(`${scope.replace(/offline$/, "")}worker.js`, { scope });
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    if (worker.state !== "activated") {
      await new Promise((done) => { worker.addEventListener("statechange", () => worker.state === "activated" && done()); });
    }
    const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], use")].map((each) => (each.href?.baseVal ?? each.href ?? each.src).split("#")[0]);
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => { body.dataset.kept = data ? "yes" : ""; };
    worker.postMessage({ keep: [scope, ...new Set(files)] }, [channel.port2]);
    navigator.storage?.persist?.();
  }
  keep();
})();
