// What a kiosk, or a counter, knows by itself, in the browser's IndexedDB: the numbers that it has ahead, the tickets that it has
// given out and the steps that were taken without a network, until they are handed in. A number is taken in one transaction, so two pages never take the same.
// Times are the server's: how far the device's own clock is off is remembered from the last answer.
(() => {
  const { device, key, api = "kiosks", header = "X-Kiosk-Key" } = document.body.dataset;
  const PATIENCE_MS = 8000;
  const AT_ONCE = 100;
  let opened = null;

  function open() {
    opened ??= new Promise((done, fail) => {
      const asked = indexedDB.open("onestop-kiosk", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("state");
        asked.result.createObjectStore("tickets", { keyPath: "ticket_id" }).createIndex("device", "device");
        asked.result.createObjectStore("steps", { keyPath: "event_id" }).createIndex("device", "device");
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    return opened;
  }

  const result = (asked) => new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });

  function fresh() {
    return { holder: crypto.randomUUID(), offset: 0, day: "", ranges: [], used: [], exhausted: [], notes: [], handedIn: 0, cutSince: 0, revoked: false, open: true, known: [], own: null };
  }

  // `work` changes the state, and tickets, in one transaction.
  async function change(work) {
    const transaction = (await open()).transaction(["state", "tickets", "steps"], "readwrite", { durability: "strict" });
    const states = transaction.objectStore("state");
    const state = await result(states.get(device)) ?? fresh();
    const found = work(state, transaction.objectStore("tickets"), transaction.objectStore("steps"));
    states.put(state, device);
    await new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onerror = transaction.onabort = () => fail(transaction.error);
    });
    return found;
  }

  async function state() {
    return change((now) => now);
  }

  const moment = (now) => Date.now() + now.offset;
  const dayOf = (at) => new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

  function free(now) {
    if (now.revoked || now.day !== dayOf(moment(now))) return [];
    const used = new Set(now.used);
    return now.ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_each, n) => first + n)).filter((each) => !used.has(each));
  }

  // RFC 9562, 5.7: 48 bits of milliseconds, then random ones.
  function newId(at) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let n = 0; n < 6; n += 1) bytes[n] = Math.floor(at / 2 ** (8 * (5 - n))) % 256;
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // A ticket with the next number, not yet given out; null when there is none.
  function reserve(wanted) {
    return change((now, tickets) => {
      const [number] = free(now);
      if (!number) return null;
      const at = moment(now);
      const ticket = { ...wanted, ticket_id: newId(at), device, number, given_at: new Date(at).toISOString(), standing: "asked" };
      now.used.push(number);
      tickets.put(ticket);
      return ticket;
    });
  }

  // It was refused: the number is for the next one.
  const release = (ticket) => change((now, tickets) => {
    now.used = now.used.filter((each) => each !== ticket.number);
    tickets.delete(ticket.ticket_id);
  });
  const known = (ticket) => change((_now, tickets) => { tickets.delete(ticket.ticket_id); });
  const giveOut = (ticket) => change((now, tickets) => {
    now.cutSince ||= moment(now);
    tickets.put({ ...ticket, standing: "given" });
  });

  async function all(name) {
    return result((await open()).transaction(name).objectStore(name).index("device").getAll(device));
  }
  const tickets = () => all("tickets");
  const steps = async () => (await all("steps")).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));

  // A step of a ticket at a desk, taken now: kept until it is handed in.
  const step = (taken) => change((now, _tickets, kept) => {
    const at = moment(now);
    now.cutSince ||= at;
    kept.put({ ...taken, event_id: newId(at), device, at: new Date(at).toISOString() });
  });

  const toHandIn = async () => (await tickets()).filter((each) => each.standing === "given");
  const ticket = async (id) => (await tickets()).find((each) => each.ticket_id === id);

  async function call(name, body) {
    const answer = await fetch(`/api/v1/${api}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", [header]: key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 404) return { revoked: true };
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    return { body: await answer.json() };
  }

  function sent({ ticket_id, number, given_at, service_codes, priority, language }) {
    return { ticket_id, number, given_at, service_codes, priority, language };
  }

  const sentStep = ({ event_id, ticket_id, action, desk, at }) => ({ event_id, ticket_id, action, desk, at });

  // What was handed in stays until the day is over, so that its page can still be printed. Tickets go before the steps that were
  // taken with them.
  async function handIn() {
    for (;;) {
      const given = await toHandIn();
      const some = given.slice(0, AT_ONCE);
      const taken = given.length > AT_ONCE ? [] : (await steps()).slice(0, AT_ONCE);
      if (!some.length && !taken.length) return;
      const { body, revoked } = await call("hand-ins", { tickets: some.map(sent), ...(api === "counters" ? { steps: taken.map(sentStep) } : {}) });
      if (revoked) return;
      const items = new Map(body.items.map((each) => [each.ticket_id, each]));
      const settled = new Map((body.steps ?? []).map((each) => [each.event_id, each]));
      await change((now, store, kept) => {
        for (const each of some) {
          const { outcome, number } = items.get(each.ticket_id);
          store.put({ ...each, standing: "handed in" });
          now.handedIn += 1;
          if (outcome === "renumbered") now.notes.push({ before: each.shown, after: number });
          if (outcome === "refused") now.notes.push({ before: each.shown, after: "" });
        }
        for (const each of taken) {
          kept.delete(each.event_id);
          now.handedIn += 1;
          if (settled.get(each.event_id).outcome === "overtaken") now.notes.push({ before: each.shown, action: each.action });
        }
      });
    }
  }

  async function renew() {
    const { holder } = await state();
    const asked = Date.now();
    const { body, revoked } = await call("leases", { holder });
    const old = (await tickets()).filter((each) => each.standing !== "given");
    await change((now, store) => {
      now.revoked = Boolean(revoked);
      now.cutSince = 0;
      if (revoked) return;
      now.offset = Date.parse(body.at) - (asked + Date.now()) / 2;
      if (now.day !== body.day) {
        Object.assign(now, { used: [], notes: [], handedIn: 0 });
        for (const each of old) store.delete(each.ticket_id);
      }
      Object.assign(now, { day: body.day, ranges: body.ranges, exhausted: body.exhausted, open: body.open, known: body.tickets ?? [], own: body.own ?? null });
    });
  }

  // Hands in what there is, then gets more numbers. Whether there is a network.
  async function talk() {
    try {
      await handIn();
      await renew();
      return true;
    } catch {
      await change((now) => { now.cutSince ||= moment(now); });
      return false;
    }
  }

  window.KioskStore = { state, free, moment, reserve, release, known, giveOut, toHandIn, ticket, tickets, steps, step, talk, PATIENCE_MS };
})();
